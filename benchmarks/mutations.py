"""Does ``cosim regress`` catch faults, and leave harmless changes alone? Measured by planting both.

    python benchmarks/mutations.py [--json FILE] [--only GROUP] [--limit N] [--jobs N] [--work DIR]

Faults are seeded in Modelica text of the library (values, signs, operators, dropped terms, exchanged species), in
scenarios (values, units, connections, streams, comparisons, the algorithm) and in a copy of the engine; harmless
changes reorder, rename and rewrite. Each is run as a suite of regression runs it, and once more at a fine tolerance. A
fault is *relevant* when that second run tells another key figure than the fine run of the original, by more than 1e-3;
one whose model cannot be built, or whose run breaks off, is counted apart. It is *caught* when the comparison with the
baseline does not hold, key figures included; what the curves alone would have told is counted beside it. fmpy's
``validate_result`` (by its own limit of 10 % outliers) and pyfunnel judge the same runs.

``--work`` keeps the runs, so that an interrupted study goes on where it was, and another comparison judges them anew.
The whole takes a quarter of an hour on a core of its own.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from threading import Timer
from time import perf_counter
from types import FrameType
from typing import Any

import numpy as np
from mutants import (
    CODE_FAULTS,
    CODE_REWRITES,
    MODEL_FAULTS,
    MODEL_REWRITES,
    SCENARIO_FAULTS,
    SCENARIO_REWRITES,
    Mutant,
    masked,
    plant,
)

from cosim.errors import CosimError
from cosim.regression.comparison import compare
from cosim.regression.parse import parse_suite
from cosim.regression.record import Record
from cosim.regression.storage import decode_record

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "modelica" / "BioProcess"
ENGINE = ROOT / "cosim"
KEY_TOLERANCE = 1e-3
FINE = "1e-9"
LONGEST = 60.0
"""Seconds that a case may take."""
SCENARIOS = {
    "culture": """\
scenario: culture
components:
  reactor: {source: modelica:BioProcess.Fmus.FedBatchReactor}
  feeder: {source: modelica:BioProcess.Fmus.GlucoseFeeder}
streams:
  - feeder.outlet => reactor.feed
  - reactor.harvest => product
connections:
  - reactor.glucose -> feeder.measured
parameters:
  reactor: {mu_max: 0.037 1/h, cells_start: 1 1e6/mL, volume_start: 1500 L}
  feeder: {target: 30 mmol/L}
phases:
  batch: {active: [reactor, feeder], duration: 5 d, step: 30 min}
  harvest:
    active: [reactor, feeder]
    until: reactor.volume < 1000 L
    at_most: 8 h
    step: 5 min
    set: {reactor.harvest_flow: 600 L/h}
algorithm: gauss_seidel
tolerance: 1e-6
""",
    "clarification": """\
scenario: clarification
components:
  supply: {source: modelica:BioProcess.Fmus.HarvestSupply}
  centrifuge: {source: modelica:BioProcess.Fmus.DiskStack}
  filter: {source: modelica:BioProcess.Fmus.DepthFilter}
  tank: {source: modelica:BioProcess.Fmus.HoldTank}
streams:
  - supply.outlet => centrifuge.feed
  - centrifuge.centrate => filter.feed
  - centrifuge.solids => waste
  - filter.permeate => tank.inlet
  - tank.outlet => product
parameters:
  filter: {area: 15 m2}
  tank: {volume_start: 20 L}
phases:
  filtration:
    active: [supply, centrifuge, filter, tank]
    until: tank.volume > 800 L
    at_most: 6 h
    step: 1 min
    set: {supply.demand: 500 L/h}
  pause: {active: [supply, centrifuge, filter, tank], duration: 30 min, step: 1 min}
  transfer:
    active: [supply, centrifuge, filter, tank]
    duration: 1 h
    step: 1 min
    set: {tank.demand: 400 L/h, supply.demand: 100 L/h}
algorithm: gauss_seidel
tolerance: 1e-6
""",
}  # fmt: skip
KEY_SIGNALS = {
    "culture": ["reactor.titre", "reactor.viable_cells", "reactor.glucose", "reactor.lactate", "reactor.ammonia",
                "reactor.volume", "reactor.viability", "reactor.hcp", "feeder.outlet.V_total"],
    "clarification": ["tank.volume", "tank.titre", "tank.outlet.m_hcp_total", "tank.outlet.m_dna_total",
                      "filter.pressure_drop", "filter.relative_flux", "filter.held_hcp", "centrifuge.solids.V_total"],
}  # fmt: skip
MODEL_FILES = {
    "culture": ["Kinetics/MabCulture", "Kinetics/inhibition", "Kinetics/saturation", "Reactors/PartialFedBatch",
                "Reactors/FedBatch", "Fmus/FedBatchReactor", "Feeds/BolusFeeder", "Fmus/GlucoseFeeder",
                "Data/CultureMedium", "Data/CultureFeed", "Data/KorneckiStrube2018", "Data/AntibodyStability"],
    "clarification": ["Filtration/PartialFilter", "Filtration/DepthMedium", "Filtration/relativeFlux",
                      "Separation/Centrifuge", "Separation/carryOver", "Separation/settlingArea", "Vessels/Tank",
                      "Vessels/availability", "Feeds/Supply", "Formulation/AgeingTank", "Data/ClarifiedHarvest"],
}  # fmt: skip
ENGINE_FILES = [
    "algorithm/kernel.c", "algorithm/transfer.py", "algorithm/participant.py", "algorithm/outlet.py",
    "algorithm/exchange.py", "algorithm/gauss_seidel.py", "execution/phase_run.py", "execution/arrival.py",
    "execution/stretch.py", "execution/watch.py", "execution/schedule.py", "execution/amounts.py", "units.py",
]  # fmt: skip
OFTEN = 300
"""How often the two runs of a case pass through a line of every communication step, at least: they have more steps."""
ONCE = ("units.py",)
"""What is passed through once, and counts for a whole run."""
NUMBERS = {("model", "culture"): 40, ("model", "clarification"): 90, ("scenario", "culture"): 26,
           ("scenario", "clarification"): 34, ("engine", "culture"): 15, ("engine", "clarification"): 35}  # fmt: skip
HARMLESS = {("model", "culture"): 12, ("model", "clarification"): 18, ("scenario", "culture"): 9,
            ("scenario", "clarification"): 9, ("engine", "culture"): 4, ("engine", "clarification"): 6}  # fmt: skip


def all_mutants(lines: Mapping[str, Mapping[str, Sequence[int]]]) -> list[Mutant]:
    """Choose every change, the same ones every time; of the engine, only in ``lines``, by case and file."""
    found: list[Mutant] = []
    for numbers, is_harmless in ((NUMBERS, False), (HARMLESS, True)):
        for (group, case), n in numbers.items():
            if group == "model":
                files = {f"BioProcess/{name}.mo": (LIBRARY / f"{name}.mo").read_text() for name in MODEL_FILES[case]}
                operators = MODEL_REWRITES if is_harmless else MODEL_FAULTS
            elif group == "scenario":
                files = {f"{case}.yaml": SCENARIOS[case]}
                operators = SCENARIO_REWRITES if is_harmless else SCENARIO_FAULTS
            else:
                files = {name: (ENGINE / name).read_text() for name in ENGINE_FILES}
                operators = CODE_REWRITES if is_harmless else CODE_FAULTS
            known = lines[case] if group == "engine" else {}
            found += plant(group, case, files, operators, n, lines=known, is_harmless=is_harmless)
    return found


def suite_text() -> str:
    """Return the suite: every case beside itself at the fine tolerance, so that one order runs both."""
    lines = ["suite: mutations", "tolerance: {relative: 1e-3, time: 2 s}", "cases:"]
    for case in SCENARIOS:
        lines += [
            f"  {case}:",
            f"    scenario: scenarios/{case}.yaml",
            f"    against: {{scenario: scenarios/{case}_fine.yaml}}",
        ]
        lines += ["    ledger: 1e-8", "    kpis:"]
        for i, name in enumerate(KEY_SIGNALS[case]):
            lines += [f"      {measure}_{i}: {measure}({name})" for measure in ("final", "min", "max", "mean")]
    return "\n".join(lines) + "\n"


CLASS = re.compile(r"source: modelica:([\w.]+)")


def write_project(folder: Path, fmus: Mapping[str, Path], mutant: Mutant | None = None) -> Path:
    """Write suite and scenarios, with ``fmus`` in place of their classes; return the path of the suite."""
    (folder / "scenarios").mkdir(parents=True, exist_ok=True)
    for name, text in SCENARIOS.items():
        if mutant is not None and mutant.group == "scenario" and mutant.case == name:
            text = mutant.text
        text = CLASS.sub(lambda match: f"source: {fmus[match[1]]}", text)
        (folder / "scenarios" / f"{name}.yaml").write_text(text)
        fine = text.replace("tolerance: 1e-6", f"tolerance: {FINE}")
        (folder / "scenarios" / f"{name}_fine.yaml").write_text(fine)
    (folder / "suite.yaml").write_text(suite_text())
    return folder / "suite.yaml"


def build_fmus(folder: Path, mutant: Mutant | None = None) -> dict[str, Path]:
    """Build what ``mutant`` can have changed, without one all classes; return the FMU of each."""
    from cosim.build.builder import build

    classes = CLASS.findall(SCENARIOS[mutant.case] if mutant else "".join(SCENARIOS.values()))
    if mutant is not None:
        shutil.copytree(LIBRARY, folder / "modelica" / "BioProcess")
        (folder / "modelica" / mutant.file).write_text(mutant.text)
        stem = Path(mutant.file).stem
        classes = [name for name in classes if stem in used_by(name.rpartition(".")[2])]
    path = [folder / "modelica"] if mutant else [LIBRARY.parent]
    return {
        fmu.class_name: fmu.path
        for fmu in build(classes, search_path=path, output=folder / "fmus", fmi_versions=["2.0"], jobs=1)
    }


def write_compiler(folder: Path, options: str) -> Path:
    """Write a C compiler that takes ``options``, the last of which count."""
    path = folder / "cc"
    path.write_text(f'#!/bin/sh\nexec cc "$@" {options}\n')
    path.chmod(0o755)
    return path


def components_with(mutant: Mutant) -> list[str]:
    """Return the components of the mutant's case whose model it can have changed."""
    pairs = re.findall(rf"(\w+): +\{{{CLASS.pattern}", SCENARIOS[mutant.case])
    stem = Path(mutant.file).stem
    return [name for name, kind in pairs if mutant.group == "model" and stem in used_by(kind.rpartition(".")[2])]


@cache
def used_by(name: str) -> frozenset[str]:
    """Return the names of all files of the library that the class ``name`` can use: whatever it mentions, and so on."""
    words: dict[str, set[str]] = {}
    for path in LIBRARY.rglob("*.mo"):
        stem = path.stem if path.stem != "package" else path.parent.name
        words.setdefault(stem, set()).update(re.findall(r"\w+", masked(path.read_text(), "//")))
    found: set[str] = set()
    waiting = {name}
    while waiting:
        found |= waiting
        waiting = {word for one in waiting for word in words[one] if word in words} - found
    return frozenset(found)


def write_engine(folder: Path, mutant: Mutant) -> Path:
    """Make a package in ``folder`` that is cosim but for one file."""
    package = folder / "cosim"
    package.mkdir(parents=True)
    changed = Path(mutant.file)
    for path in ENGINE.iterdir():
        if path.name == "__pycache__":
            continue
        if path.name == changed.parts[0] and path.is_dir():
            shutil.copytree(path, package / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif path.name != changed.parts[0]:
            (package / path.name).symlink_to(path)
    (package / changed).write_text(mutant.text)
    return folder


def order_of(suite: Path, case: str, records: Path) -> dict[str, Any]:
    """Return the order to run a case and its fine twin."""
    records.mkdir(parents=True, exist_ok=True)
    outputs = {side: str(records / f"{side}.npz") for side in ("subject", "against")}
    return {"text": suite.read_text(), "suite": str(suite), "case": case, "outputs": outputs, "repeats": 1}


def lines_run(work: Path, case: str) -> dict[str, list[int]]:
    """Return the lines of each file of the engine that ``case`` passes through in every step, in Python and in C."""
    path = work / "original" / f"lines_{case}.json"
    if not path.exists():
        order = order_of(work / "original" / "suite.yaml", case, work / "records" / case)
        with ProcessPoolExecutor(1) as pool:
            lines = pool.submit(_traced, order).result()
        if shutil.which("gcov") is not None:
            lines["algorithm/kernel.c"] = _counted(order, work / f"counted_{case}")
        path.write_text(json.dumps(lines))
    return json.loads(path.read_text())  # type: ignore[no-any-return]


def _traced(order: Mapping[str, Any]) -> dict[str, list[int]]:
    from cosim.regressing.worker import answer

    seen: dict[str, Counter[int]] = {str(ENGINE / name): Counter() for name in ENGINE_FILES if name.endswith(".py")}

    def trace(frame: FrameType, event: str, _: object) -> Callable[..., Any] | None:
        lines = seen.get(frame.f_code.co_filename)
        if lines is None:
            return None
        if event == "line":
            lines[frame.f_lineno] += 1
        return trace

    sys.settrace(trace)
    try:
        wrong = answer(order)
    finally:
        sys.settrace(None)
    if wrong:
        raise SystemExit(f"The original of '{order['case']}' cannot be run: {wrong}")
    by_name = {str(Path(path).relative_to(ENGINE)): counts for path, counts in seen.items()}
    return {name: _often(counts, 1 if name in ONCE else OFTEN) for name, counts in by_name.items()}


def _often(counts: Mapping[int, int], least: int) -> list[int]:
    return sorted(line for line, count in counts.items() if count >= least)


COMPILE = "from cosim.native import load; from cosim.algorithm.compiled import KERNEL; load(KERNEL)"
"""What makes a short run use the kernel in C: that it is there."""
ANSWER = "import json, sys; from cosim.regressing.worker import answer; sys.exit(len(answer(json.loads(sys.argv[1]))))"


def _counted(order: Mapping[str, Any], folder: Path) -> list[int]:
    """Return the lines of the kernel that carrying out ``order`` passes through, as gcc counts them."""
    shutil.rmtree(folder, ignore_errors=True)  # of a study that was stopped here
    folder.mkdir()
    compiler = write_compiler(folder, f"-O0 --coverage -dumpdir {folder}/ -dumpbase kernel.c")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CC": str(compiler), "COSIM_CACHE": str(folder)}
    command = [sys.executable, "-P", "-c", f"{COMPILE}; {ANSWER}", json.dumps(order)]
    subprocess.run(command, env=environment, check=True)
    told = subprocess.run(["gcov", "-t", "kernel.c.gcda"], cwd=folder, capture_output=True, text=True, check=True)
    counts = {int(line): int(count) for count, line in re.findall(r"^ +(\d+)\*?: +(\d+):", told.stdout, re.M)}
    return _often(counts, OFTEN)


class Runner:
    """A process that runs cases, with the package ``cosim`` that lies in ``where``."""

    def __init__(self, where: Path) -> None:
        self._where = where
        self._process: subprocess.Popen[str] | None = None

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self._where)}

    def ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Return the worker's answer, or that it gave none."""
        if self._process is None:
            command = [sys.executable, "-P", "-m", "cosim.regressing.worker"]
            self._process = subprocess.Popen(
                command, env=self._environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
        process = self._process
        watch = Timer(LONGEST, process.kill)
        watch.start()
        try:
            process.stdin.write(json.dumps(order) + "\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return json.loads(process.stdout.readline())  # type: ignore[union-attr, no-any-return]
        except (OSError, ValueError):
            self.close()
            return {"crashed": "it gave no answer"}
        finally:
            watch.cancel()

    def call(self, code: str) -> None:
        """Run Python ``code`` with the same package."""
        subprocess.run([sys.executable, "-P", "-c", code], env=self._environment(), check=True, timeout=LONGEST)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


_RUNNER = Runner(ROOT)


def run_mutant(mutant: Mutant, work: Path) -> dict[str, Any]:
    """Build and run a mutant; return what was answered and what the peers say."""
    began = perf_counter()
    fmus = {path.name.rpartition(".fmi2")[0]: path for path in (work / "original" / "fmus").glob("*.fmu")}
    records = work / "records" / mutant.key
    with tempfile.TemporaryDirectory(prefix="mutant-", dir=work, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        try:
            fmus |= build_fmus(folder, mutant) if mutant.group == "model" else {}
        except CosimError as error:
            return {"key": mutant.key, "answer": {"not built": str(error)[:200]}, "seconds": perf_counter() - began}
        order = order_of(write_project(folder, fmus, mutant), mutant.case, records)
        runner = _RUNNER if mutant.group != "engine" else Runner(write_engine(folder / "engine", mutant))
        if mutant.file.endswith(".c"):
            runner.call(COMPILE)
        answer = runner.ask(order)
        if runner is not _RUNNER:
            runner.close()
        peers = ask_peers(_record(work / "records" / mutant.case, "subject"), records, folder)
    return {"key": mutant.key, "answer": answer, "seconds": round(perf_counter() - began, 2), **peers}


def key_figures(record: Record, case: str) -> dict[str, tuple[float, float]]:
    """Return final, smallest, largest and mean value of every key signal, each with its size."""
    found = {}
    for name in KEY_SIGNALS[case]:
        curve = record.curves[name]
        times, values = curve.ticks / 1e9, curve.values
        mean = float(np.sum(np.diff(times) * (values[1:] + values[:-1]) / 2) / (times[-1] - times[0]))
        size = float(np.max(np.abs(values)))
        figures = {"final": float(values[-1]), "min": float(values.min()), "max": float(values.max()), "mean": mean}
        found |= {f"{key} {name}": (value, size) for key, value in figures.items()}
    return found


def is_relevant(before: Record, after: Record, case: str) -> bool:
    """Tell whether a key figure has changed by more than 1e-3 of itself, or of a thousandth of its signal."""
    if any(name not in after.curves for name in KEY_SIGNALS[case]):
        return True
    old, new = key_figures(before, case), key_figures(after, case)
    return any(
        not abs(new[key][0] - value) <= KEY_TOLERANCE * max(abs(value), 1e-3 * size)
        for key, (value, size) in old.items()
    )


def fmpy_catches(before: Record, after: Record) -> bool:
    """Let fmpy's validate_result judge, component by component, for a table has one time."""
    from fmpy.util import validate_result

    for component in {curve.component for curve in before.curves.values()}:
        names = [name for name in before.curves if name.startswith(component + ".") and name in after.curves]
        tables = [_table([record.curves[name] for name in names]) for record in (before, after)]
        if names and not validate_result(tables[1], tables[0]) <= 0.1:
            return True
    return False


def _table(curves: Sequence[Any]) -> np.ndarray[Any, Any]:
    times = np.unique(np.concatenate([curve.ticks for curve in curves])) / 1e9
    table = np.zeros(len(times), dtype=[("time", float), *((curve.name, float) for curve in curves)])
    table["time"] = times
    for curve in curves:
        table[curve.name] = np.interp(times, curve.ticks / 1e9, curve.values)
    return table


def funnel_catches(before: Record, after: Record, folder: Path) -> bool:
    """Let pyfunnel judge every signal, with the tolerances of the suite."""
    import pyfunnel

    for name, old in before.curves.items():
        new = after.curves.get(name)
        if new is None or (np.array_equal(old.ticks, new.ticks) and np.array_equal(old.values, new.values)):
            continue
        out = folder / "funnel"
        shutil.rmtree(out, ignore_errors=True)
        pyfunnel.compareAndReport(
            (old.ticks / 1e9).tolist(), old.values.tolist(), (new.ticks / 1e9).tolist(), new.values.tolist(),
            outputDirectory=str(out), atolx=2.0, rtoly=1e-3,
        )  # fmt: skip
        if not (out / "errors.csv").exists():  # it refuses curves of different lengths
            return True
        with (out / "errors.csv").open() as file:
            if any(float(row["y"]) > 0 for row in csv.DictReader(file)):
                return True
    return False


def judge(
    mutant: Mutant, answer: Mapping[str, Any], records: Path, originals: Mapping[str, tuple[Record, Record]]
) -> dict[str, Any]:
    """Return what has become of a mutant whose runs left ``records``."""
    about = {"key": mutant.key, **{name: value for name, value in asdict(mutant).items() if name != "text"}}
    if "not built" in answer:
        return {**about, "outcome": "not built", "reason": answer["not built"]}
    if answer:
        return {**about, "outcome": "broken", "is_caught": True, "reason": str(next(iter(answer.values())))[:200]}
    subject, fine = (_record(records, side) for side in ("subject", "against"))
    before, fine_before = originals[mutant.case]
    rules = parse_suite(suite_text(), records / "suite.yaml").cases[mutant.case].rules
    comparison = compare(before, subject, rules)
    about |= {
        "is_caught": not comparison.holds,
        "findings": dict(Counter(finding.kind for finding in comparison.failures)),
        "is_culprit": comparison.culprit is not None and comparison.culprit.component in components_with(mutant),
        "curves_alone": not compare(replace(before, numbers={}), replace(subject, numbers={}), rules).holds,
    }
    if subject.status != "completed" or fine.status != "completed":
        return {**about, "outcome": "broken", "reason": subject.reason[:200] or fine.reason[:200]}
    return {**about, "outcome": "relevant" if is_relevant(fine_before, fine, mutant.case) else "irrelevant"}


def _record(folder: Path, side: str) -> Record:
    return decode_record((folder / f"{side}.npz").read_bytes(), side)


def ask_peers(before: Record, records: Path, folder: Path) -> dict[str, bool]:
    """Return what the peers say of the run that left ``records``."""
    if not (records / "subject.npz").exists() or (after := _record(records, "subject")).status != "completed":
        return {}
    return {"fmpy": fmpy_catches(before, after), "pyfunnel": funnel_catches(before, after, folder)}


def measure(work: Path, mutants: Sequence[Mutant], jobs: int) -> Iterator[dict[str, Any]]:
    """Run what is not in the log yet; yield what everything is judged to be."""
    log = work / "log.jsonl"
    known = {row["key"]: row for row in map(json.loads, log.read_text().splitlines())} if log.exists() else {}
    originals = {case: _original(work, case) for case in SCENARIOS}

    waiting = [mutant for mutant in mutants if mutant.key not in known]
    # Not forked: this process has threads from its builds, and a worker that belongs to it alone.
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool, log.open("a") as file:
        for row in pool.map(run_mutant, waiting, [work] * len(waiting)):
            file.write(json.dumps(row) + "\n")
            file.flush()
            known[row["key"]] = row
            print(f"{len(known)}/{len(mutants)} {row}"[:150], file=sys.stderr, flush=True)
    for mutant in mutants:
        row = known[mutant.key]
        yield {**row, **judge(mutant, row["answer"], work / "records" / mutant.key, originals)}


def _original(work: Path, case: str) -> tuple[Record, Record]:
    """Run a case as it is, unless it was; return its record and that of its fine twin."""
    records = work / "records" / case
    if not (records / "against.npz").exists():
        answer = _RUNNER.ask(order_of(work / "original" / "suite.yaml", case, records))
        if answer:
            raise SystemExit(f"The original of '{case}' cannot be run: {answer}")
    sides = _record(records, "subject"), _record(records, "against")
    if any(record.status != "completed" for record in sides):
        raise SystemExit(f"The original of '{case}' fails: {sides[0].reason}")
    return sides


def summary(rows: Sequence[Mapping[str, Any]], seconds: float) -> dict[str, Any]:
    """Return the figures of the whole."""
    faults, harmless = ([row for row in rows if row["is_harmless"] is kind] for kind in (False, True))
    relevant = [row for row in faults if row["outcome"] == "relevant"]
    rewritten = [row for row in harmless if row["outcome"] in ("relevant", "irrelevant", "broken")]
    judged = [row for row in rewritten if row["outcome"] != "broken"]
    in_models = [row for row in relevant if row["group"] == "model"]
    return {
        "relevant": len(relevant),
        "caught": sum(row["is_caught"] for row in relevant),
        "harmless": len(rewritten),
        "flagged": sum(row["is_caught"] for row in rewritten),
        "seeded": sum(row["outcome"] != "not built" for row in faults),
        "irrelevant": sum(row["outcome"] == "irrelevant" for row in faults),
        "irrelevant_flagged": sum(row["outcome"] == "irrelevant" and row["is_caught"] for row in faults),
        "caught_by_curves_alone": sum(row["curves_alone"] for row in relevant),
        "flagged_by_curves_alone": sum(row["curves_alone"] for row in judged),
        "broken": sum(row["outcome"] == "broken" for row in faults),
        "broken_caught": sum(row["outcome"] == "broken" and row["is_caught"] for row in faults),
        "not_built": sum(row["outcome"] == "not built" for row in rows),
        "peers": {
            peer: {"caught": sum(row[peer] for row in relevant), "flagged": sum(row[peer] for row in judged)}
            for peer in ("fmpy", "pyfunnel")
        },
        "relevant_in_models": len(in_models),
        "component_named": sum(row["is_culprit"] for row in in_models),
        "relevant_by_group": dict(Counter(f"{row['group']} {row['kind']}" for row in relevant)),
        "missed": [row["place"] for row in relevant if not row["is_caught"]],
        "flagged_places": [row["place"] for row in rewritten if row["is_caught"]],
        "seconds": round(seconds, 1),
        "seconds_of_runs": round(sum(row["seconds"] for row in rows), 1),
    }


def main() -> None:
    """Measure, print, and write what ``--json`` names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--only", choices=("model", "scenario", "engine"), help="one group of changes")
    parser.add_argument("--limit", type=int, help="so many changes at most")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--work", type=Path, help="folder that keeps what was measured")
    chosen = parser.parse_args()
    work = chosen.work or Path(tempfile.mkdtemp(prefix="mutations-"))
    work.mkdir(parents=True, exist_ok=True)
    os.environ["COSIM_CACHE"] = str(work / "cache")  # broken models are nobody's to find
    os.environ["CC"] = str(write_compiler(work, "-O0"))  # models run twice: optimising takes longer than it saves
    if not (work / "original" / "suite.yaml").exists():
        write_project(work / "original", build_fmus(work / "original"))
    lines = {case: lines_run(work, case) for case in SCENARIOS}
    mutants = [mutant for mutant in all_mutants(lines) if chosen.only in (None, mutant.group)]
    random.Random(1).shuffle(mutants)  # so that a part is like the whole
    mutants = mutants[: chosen.limit]
    began = perf_counter()
    rows = []
    for row in measure(work, mutants, chosen.jobs):
        rows.append(row)
        told = {True: "caught", False: "passed", None: ""}[row.get("is_caught")]
        print(f"{row['outcome']:<10} {told:<6} {row['place']}", file=sys.stderr, flush=True)
    found = summary(rows, perf_counter() - began)
    print(json.dumps(found, indent=1, ensure_ascii=False))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if chosen.work is None:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
