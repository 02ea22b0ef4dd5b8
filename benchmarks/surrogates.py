"""What trained networks are worth: errors on runs not seen, cost, bands, hand-overs, and changes that audits find.

python benchmarks/surrogates.py [--json] [--packages DIR] [--only NAME…]

Trains what ``scenarios/surrogates`` describes, unless DIR holds a package of the same file, and judges it by its test
runs. Rates are compared with the 99 % binomial interval of the sample. The hidden change is of a parameter of the FMU
that the surrogate knows nothing of; an audit lets the FMU go along for 6 of every 100 steps.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import binom

from cosim.clock import Ticks
from cosim.instance.contract import AbstractInstance
from cosim.native import cache_folder
from cosim.scenario.reading import Problems
from cosim.substitution.source import open_source
from cosim.substitution.teaching import store_of, train
from cosim.surrogate.bind import bind_plan
from cosim.surrogate.guarded import AuditPlan, GuardedInstance
from cosim.surrogate.instance import SurrogateInstance
from cosim.surrogate.judging import judge, ranges
from cosim.surrogate.model import Array, Plan, Runs, TrainingFile
from cosim.surrogate.original import Original
from cosim.surrogate.package import Package, read_package
from cosim.surrogate.parse import read_training

FILES = Path(__file__).parents[1] / "scenarios" / "surrogates"
HIDDEN = {"fed_batch_reactor": {"kinetics.q_mab_max": 1.15 * 4.708e-19, "kinetics.Y_lactate": 1.15 * 1.3}}
"""Parameters that change behind the back of a surrogate: 15 % more product and lactate per cell and glucose."""
LEVEL = 0.9
Make = Callable[[], AbstractInstance]


@dataclass(frozen=True, slots=True)
class Case:
    """A package with the runs it is judged by, and how its FMU is instantiated."""

    file: TrainingFile
    package: Package
    plan: Plan
    unseen: Runs
    make: Make


def figure(name: str, value: float, unit: str, target: str, holds: bool) -> dict[str, object]:
    return {"name": name, "value": value, "unit": unit, "target": target, "holds": bool(holds)}


def at_most(name: str, value: float, most: float, unit: str = "1") -> dict[str, object]:
    return figure(name, value, unit, f"<= {most:g}", value <= most)


def rate(name: str, found: int, n: int, target: float, *, is_least: bool) -> dict[str, object]:
    """Judge a rate against the 99 % interval of a sample of ``n`` whose true rate is ``target``."""
    low, high = binom.interval(0.99, n, target)
    holds = found >= low if is_least else found <= high
    return figure(name, found / n, "1", f"{'>=' if is_least else '<='} {target:g} ({n} runs)", holds)


def errors(case: Case) -> list[dict[str, object]]:
    """Return errors on unseen runs, coverage and cost."""
    package = case.package
    judgement = judge(package.model, package.tensors, case.unseen)
    names = list(package.output_names)
    found = [
        at_most("NRMSE, median", float(np.median(judgement.by_run)), 0.01),
        at_most("CPU time of the training", float(package.document["training"]["seconds"]), 600.0, "s"),
    ]
    if "titre" in names:
        final = judgement.final[:, names.index("titre")]
        found.append(at_most("titre at the end, 95th percentile", float(np.quantile(final, 0.95)), 0.05))
    if "held_volume" in names:
        found.append(at_most("mass closure, largest", closure(case), 1e-4))
    widths = package.document["calibration"]["half_widths"]
    focus = [item.text for item in case.file.focus if item.text in widths]
    span = ranges(case.unseen)
    for name in focus:
        i = names.index(name)
        inside = int((judgement.worst[:, i] * span[i] <= widths[name]).sum())
        found.append(rate(f"{name}: runs inside their band", inside, len(case.unseen), LEVEL, is_least=True))
    cost = package.document["cost"]
    gain = cost["fmu"] / cost["surrogate"]
    pays = cost["fmu"] >= 0.5e-3
    found.append(figure("FMU, a step", 1e6 * cost["fmu"], "µs", "", True))
    found.append(figure("surrogate, a step", 1e6 * cost["surrogate"], "µs", "", True))
    target = ">= 10" if pays else "none: the FMU takes less than 500 µs, and check refuses"
    found.append(figure("faster than the FMU", gain, "1", target, gain >= 10 or not pays))
    return found


def closure(case: Case) -> float:
    """Return the largest closure of any species over a run of the surrogate, without outflow."""
    from cosim.surrogate.architectures.contract import roll_out

    package, runs = case.package, case.unseen
    outputs = roll_out(package.model, package.tensors, runs)[0]
    place = {name: i for i, name in enumerate(package.output_names)}
    inputs = {name: i for i, name in enumerate(package.input_names)}
    worst = 0.0
    for held in (name for name in place if name.startswith("held_") and name != "held_volume"):
        species = held.removeprefix("held_")
        entered = (runs.inputs[..., inputs["feed.V_flow"]] * runs.inputs[..., inputs[f"feed.c_{species}"]]).sum(1)
        sources = outputs[:, 0, place[held]] + package.step * entered
        balance = sources - outputs[:, -1, place[held]] - outputs[:, -1, place[f"harvest.m_{species}_total"]]
        for kind, sign in (("made", 1), ("supplied", 1), ("consumed", -1), ("vented", -1)):
            name = f"{kind}_{species}_total"
            if name in place:
                balance = balance + sign * outputs[:, -1, place[name]]
                sources = sources + (outputs[:, -1, place[name]] if sign > 0 else 0.0)
        worst = max(worst, float((np.abs(balance) / np.maximum(sources, 1e-12)).max()))
    return worst


def begin(case: Case, instance: AbstractInstance, run: int) -> Array:
    """Initialise ``instance`` for an unseen run; return its inputs."""
    starts = dict(zip(case.package.parameter_names, case.unseen.parameters[run].tolist(), strict=True))
    instance.set_start(starts)
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    inputs = case.unseen.inputs[run]
    instance.write(instance.group(case.package.input_names), np.ascontiguousarray(inputs[0]))
    instance.exit_initialization()
    return inputs


def audited(case: Case, hidden: Mapping[str, float]) -> int:
    """Return in how many unseen runs an audit against an FMU with ``hidden`` parameters fails."""
    audit = case.package.document["audit"]
    every = Ticks(100 * case.plan.step)
    plan = AuditPlan(every, int(audit["steps"]), audit["limits"])

    def make() -> AbstractInstance:
        instance = case.make()
        instance.set_start(hidden)
        return instance

    n_found = 0
    for run in range(len(case.unseen)):
        surrogate = SurrogateInstance("unit", case.package)
        with GuardedInstance("unit", surrogate, make, "warn", plan) as guarded:
            inputs = begin(case, guarded, run)
            written = guarded.group(case.package.input_names)
            for k in range(case.plan.n_steps):
                guarded.write(written, np.ascontiguousarray(inputs[k]))
                guarded.step(Ticks(k * case.plan.step), case.plan.step)
            n_found += any("an audit" in text for _, text in guarded.take_news())
    return n_found


def handed_over(case: Case, n_runs: int) -> float:
    """Return by how much four hand-overs change the NRMSE of the judged outputs, the mean over runs."""
    package, n = case.package, case.plan.n_steps
    switches = [n * i // 5 for i in range(1, 5)]
    part = case.unseen.part(0, n_runs)
    alone = judge(package.model, package.tensors, part)
    chosen = alone.is_judged & alone.is_varying
    span = ranges(part)
    added = []
    for run in range(n_runs):
        outputs = switching(case, run, switches)
        error = (outputs - part.outputs[run])[:, chosen] / span[chosen]
        added.append(np.sqrt((error**2).mean(0)).mean() - alone.by_run[run])
    return float(np.mean(added))


def switching(case: Case, run: int, switches: list[int]) -> Array:
    """Return the outputs of a run that changes between surrogate and FMU at ``switches``."""
    surrogate = SurrogateInstance("unit", case.package)
    original = Original("unit", case.package, case.make)
    parameters = dict(zip(case.package.parameter_names, case.unseen.parameters[run].tolist(), strict=True))
    original.set_start(parameters)
    original.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    surrogate.follow(original.read)
    inputs = begin(case, surrogate, run)
    original.exit_initialization(inputs[0])
    written = surrogate.group(case.package.input_names)
    told, is_original = [surrogate.told()], False
    for k in range(case.plan.n_steps):
        time = Ticks(k * case.plan.step)
        surrogate.write(written, np.ascontiguousarray(inputs[k]))
        if k in switches:
            is_original = not is_original
            if is_original:
                original.take_over(surrogate.state, time)
        if is_original:
            original.step(time, case.plan.step, inputs[k])
            surrogate.take_along(original.read(inputs[k]), Ticks(time + case.plan.step))
        else:
            original.note(time, case.plan.step, inputs[k])
            surrogate.step(time, case.plan.step)
        told.append(surrogate.told())
    original.free()
    return np.stack(told)


def replayed(case: Case) -> float:
    """Return the largest difference between an FMU that did its steps again and one that always did them."""
    package = case.package
    original = Original("unit", package, case.make)
    original.forget_handover()
    original.set_start(dict(zip(package.parameter_names, case.unseen.parameters[0].tolist(), strict=True)))
    original.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    inputs, n = case.unseen.inputs[0], case.plan.n_steps
    original.exit_initialization(inputs[0])
    for k in range(n):
        original.note(Ticks(k * case.plan.step), case.plan.step, inputs[k])
    original.take_over(np.empty(0), Ticks(n * case.plan.step))
    difference = np.abs(original.read(inputs[-1]) - case.unseen.outputs[0, -1]).max()
    original.free()
    return float(difference)


def is_of(package: Package, file: TrainingFile, sha256: str) -> bool:
    """Tell whether a package was made from this file and this FMU."""
    return package.document["training"]["file"] == file.text and package.fmu_sha256 == sha256


def measure(name: str, packages: Path) -> list[dict[str, object]]:
    """Return the figures of the training file ``name``."""
    path = FILES / f"{name}.yaml"
    file, _ = read_training(path)
    assert file is not None
    folder = packages / name
    with open_source(file) as source:
        if not folder.is_dir() or not is_of(read_package(folder), file, source.sha256):
            train(path, out=folder)
        plan = bind_plan(file, source.description, Problems())
        store = store_of(plan, source.sha256, cache_folder())
        runs = store.load([run for run in range(file.runs.total) if store.has(run)], plan)
        unseen = runs.part(len(runs) - file.runs.test, file.runs.test)
        case = Case(file, read_package(folder), plan, unseen, lambda: source.instantiate("unit"))
        found = errors(case)
        if case.package.handover is not None:
            n = len(unseen)
            found.append(at_most("four hand-overs add", handed_over(case, min(n, 8)), 0.002))
            found.append(rate("false alarms of audits", audited(case, {}), n, 0.10, is_least=False))
            hidden = audited(case, HIDDEN[name])
            found.append(rate("hidden change found by audits", hidden, n, 0.95, is_least=True))
            found.append(at_most("an FMU that did its steps again differs by", replayed(case), 0.0))
        return [{**item, "name": f"{name}: {item['name']}"} for item in found]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--packages", type=Path, default=Path("surrogates"))
    parser.add_argument("--only", nargs="+", default=sorted(path.stem for path in FILES.glob("*.yaml")))
    options = parser.parse_args()
    figures = [item for name in options.only for item in measure(name, options.packages)]
    if options.json:
        print(json.dumps(figures, indent=2, ensure_ascii=False))
        return
    for item in figures:
        mark = "✓" if item["holds"] else "✗"
        print(f"{mark} {item['name']:<60} {item['value']:>12.4g} {item['unit']:<3} {item['target']}")


if __name__ == "__main__":
    main()
