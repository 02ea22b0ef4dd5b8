"""What a study costs beside its runs: overhead per run, two processes against one, memory over 10,000 runs.

python benchmarks/study.py [--json] [--out FILE] [--repeats N] [--runs N]

The model evaluates a formula and takes one step, so that a run costs next to nothing by itself; the one for two
processes takes about 50 ms. Overhead is the wall time of a run with warm instances less that of the same calls of the
FMU: set, initialise, step, read, reset.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

import cosim
from cosim.clock import Ticks
from cosim.study.executor import Task
from cosim.study.running import Listeners
from cosim.studying.in_process import InProcess
from cosim.studying.plan import make_plan

MODEL = """\
model Formula
  parameter Real a = 0;
  parameter Real b = 0;
  output Real y(start = 0, fixed = true);
equation
  der(y) = 3*a + 2*b + a*b;
end Formula;
"""
SCENARIO = """\
scenario: formula
components:
  f: {source: modelica:Formula}
phases:
  run: {active: [f], duration: DURATION s, step: 1 s}
"""
STUDY = """\
study: formula
scenario: formula.yaml
factors:
  f.a: {from: 0, to: 1}
  f.b: {from: 0, to: 1}
responses:
  y: final(f.y)
method: {name: latin_hypercube, runs: RUNS}
"""


def write(folder: Path, duration: int, runs: int) -> Path:
    """Write model, scenario and study; return the path of the study."""
    (folder / "Formula.mo").write_text(MODEL, encoding="utf-8")
    (folder / "formula.yaml").write_text(SCENARIO.replace("DURATION", str(duration)), encoding="utf-8")
    (folder / "formula_study.yaml").write_text(STUDY.replace("RUNS", str(runs)), encoding="utf-8")
    return folder / "formula_study.yaml"


def resident() -> float:
    """Return the memory that this process holds [MB]."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure_runs(folder: Path, runs: int) -> dict[str, float]:
    """Return the median wall time of a run and of the bare calls [ms], and the memory after a tenth and all runs."""
    plan = make_plan(write(folder, 1, 2), {})
    points = np.random.default_rng(0).random((runs, 2)).tolist()
    with InProcess(plan) as executor:
        times, memory = [], []
        for number, done in enumerate(executor.run([Task(i, tuple(point)) for i, point in enumerate(points)])):
            times.append(done.seconds)
            if number in (runs // 10, runs - 1):
                memory.append(resident())
        bare = measure_bare(plan.prepared.components["f"].instantiate, points[:1000])
    run = statistics.median(times)
    return {
        "run_ms": 1e3 * run,
        "bare_ms": 1e3 * bare,
        "overhead_ms": 1e3 * (run - bare),
        "memory_after_a_tenth_MB": memory[0],
        "memory_at_the_end_MB": memory[1],
    }


def measure_bare(instantiate, points) -> float:  # noqa: ANN001
    """Return the median wall time [s] of the calls that a run makes into the FMU."""
    times = []
    with instantiate() as instance:
        value = np.zeros(1)
        for a, b in points:
            began = perf_counter()
            instance.set_start({"a": a, "b": b})
            instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
            instance.exit_initialization()
            instance.step(Ticks(0), Ticks(1_000_000_000))
            instance.read(instance.group(["y"]), value)
            instance.terminate()
            instance.reset()
            times.append(perf_counter() - began)
    return statistics.median(times)


def measure_processes(folder: Path, repeats: int) -> float:
    """Return how many times faster two processes are than one, over the runs alone."""
    path = write(folder, 100_000, 200)
    ratios = []
    for number in range(repeats):
        seconds = []
        for workers in (1, 2):
            out = folder / f"out-{number}-{workers}"
            began = [0.0]
            listeners = Listeners(progress=lambda standing, began=began: note(standing, began))
            cosim.study(path, out=out, workers=workers, listeners=listeners)
            seconds.append(perf_counter() - began[0])
        ratios.append(seconds[0] / seconds[1])
    return statistics.median(ratios)


def note(standing, began: list[float]) -> None:  # noqa: ANN001
    """Keep when the fourth run ended: then all processes have begun."""
    if standing.made == 4:
        began[0] = perf_counter()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--runs", type=int, default=10_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = measure_runs(Path(name), arguments.runs)
        found["two_processes"] = measure_processes(Path(name), arguments.repeats)
    found = {key: round(value, 3) for key, value in found.items()}
    text = json.dumps(found, indent=2) + "\n"
    if arguments.out is not None:
        arguments.out.write_text(text, encoding="utf-8")
    print(text if arguments.json else "\n".join(f"{key:26} {value:10.3f}" for key, value in found.items()))


if __name__ == "__main__":
    main()
