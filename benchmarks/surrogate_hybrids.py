"""What hybrids and transfer are worth, as figures for ``surrogates.py``.

The plant is the fed-batch reactor whose growth ammonia slows down, and whose productivity follows glucose: two laws
that the model of it does not know. It is measured daily, with 3 % of noise, over eight batches to fit. Twelve others
are predicted, without noise: four like them, four with twice the feed and 1.5 times the cells at the beginning,
for which all models have to leave their experience, and four halfway.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from cosim.clock import Ticks
from cosim.errors import raise_all
from cosim.fmu import FmuFile
from cosim.instance.contract import AbstractInstance
from cosim.scenario.reading import Problems
from cosim.substitution.hybrid.teaching import train_hybrid
from cosim.substitution.hybrid.trials import Trial, Trials, bind_trials
from cosim.substitution.source import open_source
from cosim.substitution.teaching import train
from cosim.surrogate.hybrid.instance import HybridInstance
from cosim.surrogate.hybrid.package import read_hybrid_package
from cosim.surrogate.hybrid.parse import read_hybrid
from cosim.surrogate.model import Array
from cosim.surrogate.parse import read_training

HERE = Path(__file__).parent
SCENARIOS = HERE.parents[0] / "scenarios" / "surrogates"
HOUR = 3600 * 10**9
DAYS = 14
FED = {
    "feed.c_glucose": "176 mmol/L", "feed.c_glutamine": "83.6 mmol/L", "feed.c_asparagine": "30 mmol/L",
    "feed.c_amino_acids": "150 mmol/L", "feed.c_carbonate": "49.3 mmol/L", "feed.c_sodium": "155 mmol/L",
    "feed.c_chloride": "107 mmol/L", "feed.c_phosphate": "3 mmol/L",
}  # fmt: skip
OUTPUTS = ("viable_cells", "glucose", "titre")
UNITS = {"viable_cells": "1/m3", "glucose": "mol/m3", "titre": "kg/m3"}
GROUPS = {"inside": (4, 1.0), "halfway": (4, 1.25), "outside": (4, 1.5)}
"""Batches to predict: how many, and how many times the feeds and cells of those to fit."""
REACTOR = "modelica:BioProcess.Fmus.FedBatchReactor"
CONSTANT = "inputs: {" + ", ".join(f"{name}: {value}" for name, value in FED.items()) + "}\n"
KINDS = {
    "parameters": f"""\
source: {REACTOR}
step: 12 h
measured: reactor.csv
sees: [ammonia, glucose]
gives:
  mu_max: {{from: 0.005 1/h, to: 0.05 1/h}}
  kinetics.q_mab_max: {{from: 1e-19 kg/s, to: 14e-19 kg/s}}
network: {{width: 4, members: 2}}
{CONSTANT}""",
    "sub-model": """\
source: modelica:OpenReactor
step: 12 h
measured: open.csv
sees: [time, viable_cells, glucose]
gives:
  growth: {from: -0.02 1/h, to: 0.05 1/h}
  q_glucose: {from: 0 mol/s, to: 2e-17 mol/s}
  q_mab: {from: 0 kg/s, to: 1e-18 kg/s}
network: {width: 5, members: 2}
""",
    "residual": f"""\
source: {REACTOR}
step: 12 h
measured: reactor.csv
sees: [time, viable_cells, ammonia, glucose, titre]
corrects: [viable_cells, glucose, titre]
network: {{width: 5, members: 2}}
{CONSTANT}""",
    "black box": """\
source: modelica:BlackBox
step: 12 h
measured: open.csv
sees: [time, fed, inoculum]
corrects: [viable_cells, glucose, titre]
network: {width: 8, members: 2}
""",
}
CLONE = """\
parameters:
  kinetics.q_mab_max: 6.6e-19 kg/s
  kinetics.Y_lactate: 1.6
  kinetics.m_glucose: 6e-19 mol/s
"""
"""40 % more product per cell, a quarter more lactate per glucose, a third more glucose for maintenance."""


def law(glucose: float, ammonia: float) -> tuple[float, float]:
    """Return growth [1/s] and productivity [kg/s] of the plant."""
    growth = 0.037 / 3600 / (1 + (ammonia / 4.5) ** 4)
    return growth, 4.708e-19 * (0.5 + 1.3 * np.exp(-((glucose / 10 - 1) ** 2)))


def feeds(random: np.random.Generator, times: float) -> tuple[float, Array]:
    """Return viable cells at inoculation [1/m3] and the daily feeds from the second day on [L/h]."""
    begin = times * random.uniform(0.4e12, 0.6e12)
    return begin, times**1.7 * random.uniform(18, 32) * (1 + 0.15 * random.standard_normal(DAYS))


def batch(instance: AbstractInstance, start: float, levels: Array) -> Iterator[tuple[int, float, Array]]:
    """Run a batch of the plant; yield hour, feed [L/h] and outputs, daily and when the feed changes."""
    instance.reset()
    numbers = {name: float(value.split()[0]) for name, value in FED.items()}  # mmol/L is mol/m3
    instance.set_start({**numbers, "cells_start": start})
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    instance.exit_initialization()
    told, fed = instance.group([*OUTPUTS, "ammonia"]), instance.group(["feed.V_flow"])
    given, y = instance.group(["mu_max", "kinetics.q_mab_max"]), np.empty(4)
    for hour in range(24 * DAYS + 1):
        instance.read(told, y)
        day, of_day = divmod(hour, 24)
        flow = float(levels[day]) if 2 <= day < DAYS and of_day == 0 else 0.0
        if of_day == 0 or (of_day == 1 and 2 <= day):
            yield hour, flow, y[:3].copy()
        instance.write(fed, np.array([flow / 3.6e6]))
        instance.write(given, np.array(law(y[1], y[3])))
        instance.step(Ticks(hour * HOUR), Ticks(HOUR))


def write_tables(folder: Path, source: FmuFile) -> None:
    """Write the batches for the reactor and, without what it takes for granted, for the others."""
    random = np.random.default_rng(7)
    plans = [("fit", f"fit{i}", 1.0) for i in range(8)]
    plans += [("check", f"{group}{i}", times) for group, (n, times) in GROUPS.items() for i in range(n)]
    tables = {name: [_head(prefix)] for name, prefix in (("reactor", "feed."), ("open", ""))}
    with source.instantiate("plant") as instance:
        for use, name, times in plans:
            start, levels = feeds(random, times)
            for hour, flow, y in batch(instance, start, levels):
                noise = 0.03 * random.standard_normal(3) if use == "fit" else np.zeros(3)
                cells = [f"{value:.6g}" for value in y * (1 + noise)] if hour % 24 == 0 else [""] * 3
                row = f"{name},{use},{hour},{start:.6g},{flow:.6g},{','.join(cells)}"
                for table in tables.values():
                    table.append(row)
    for name, table in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(table) + "\n", encoding="utf-8")


def _head(prefix: str) -> str:
    measured = ",".join(f"reactor.{name} [{UNITS[name]}]" for name in OUTPUTS)
    return f"experiment,use,time [h],set reactor.cells_start [1/m3],reactor.{prefix}V_flow [L/h],{measured}"


def predicted(instance: AbstractInstance, trials: Trials, trial: Trial) -> Array:
    """Return what ``instance`` has where samples of ``trial`` were taken."""
    instance.reset()
    instance.set_start(trial.starts)
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    inputs, told = instance.group(trials.input_names), instance.group(trials.measured)
    instance.write(inputs, np.ascontiguousarray(trial.inputs[0]))
    instance.exit_initialization()
    found = []
    for k, knot in enumerate(trial.knots):
        y = np.empty(len(trials.measured))
        instance.read(told, y)
        found.append(y)
        if k + 1 < len(trial.knots):
            instance.write(inputs, np.ascontiguousarray(trial.inputs[k]))
            instance.step(knot, Ticks(trial.knots[k + 1] - knot))
    return np.stack(found)[trial.at, trial.what]


def errors(instance: AbstractInstance, trials: Trials) -> dict[str, float]:
    """Return the NRMSE by group: the mean over outputs, each over its range inside."""
    inside = [trial for trial in trials.unseen if trial.name.startswith("inside")]
    values, what = (np.concatenate([getattr(trial, name) for trial in inside]) for name in ("values", "what"))
    spans = np.array([np.ptp(values[what == i]) for i in range(len(trials.measured))])
    found = {}
    for group in GROUPS:
        parts = [
            (((predicted(instance, trials, trial) - trial.values) / spans[trial.what]) ** 2, trial.what)
            for trial in trials.unseen
            if trial.name.startswith(group)
        ]
        squares, of = (np.concatenate(column) for column in zip(*parts, strict=True))
        found[group] = float(np.mean([np.sqrt(squares[of == i].mean()) for i in range(len(trials.measured))]))
    return found


def judged(folder: Path, kind: str) -> dict[str, dict[str, float]]:
    """Train a kind and return its errors, and those of its mechanism alone."""
    name = kind.replace(" ", "_")
    path = folder / f"{name}.yaml"
    path.write_text(f"hybrid: {name}\n{KINDS[kind]}deviation: 3 %\nbudget: 5 min\nseed: 1\n", encoding="utf-8")
    train_hybrid(path, out=folder / "surrogates" / name)
    package = read_hybrid_package(folder / "surrogates" / name)
    file, problems = read_hybrid(path)
    raise_all(problems)
    assert file is not None
    with open_source(file) as source:
        trials = bind_trials(file, source.description, Problems())
        assert trials is not None
        with HybridInstance(kind, package, source.instantiate(kind), "warn") as instance:
            found = {kind: errors(instance, trials)}
        if kind == "parameters":
            with source.instantiate("alone") as instance:
                found["mechanism alone"] = errors(instance, trials)
        return found


def hybrids(folder: Path) -> list[dict[str, object]]:
    """Return the figures of all kinds."""
    folder.mkdir(parents=True, exist_ok=True)
    for model in ("OpenReactor.mo", "BlackBox.mo"):
        shutil.copy(HERE / model, folder / model)
    path = folder / "plant.yaml"
    path.write_text(f"hybrid: plant\n{KINDS['parameters']}", encoding="utf-8")
    file, _ = read_hybrid(path)
    assert file is not None
    with open_source(file) as source:
        write_tables(folder, source)
    found: dict[str, dict[str, float]] = {}
    for kind in KINDS:
        found |= judged(folder, kind)
    return list(_figures(found))


def _figures(found: dict[str, dict[str, float]]) -> Iterator[dict[str, object]]:
    for kind in ("mechanism alone", *KINDS):
        for group, value in found[kind].items():
            bound = _bound(kind, group, found)
            target = "" if bound is None else f"<= {bound:.2g}"
            holds = bound is None or value <= bound
            yield {
                "name": f"hybrids: {kind}: NRMSE {group}",
                "value": value,
                "unit": "1",
                "target": target,
                "holds": holds,
            }


def _bound(kind: str, group: str, found: dict[str, dict[str, float]]) -> float | None:
    """Return what a hybrid has to be better than: the mechanism alone inside, the black box outside."""
    if kind in ("mechanism alone", "black box"):
        return None
    return found["mechanism alone" if group == "inside" else "black box"][group]


def transfer(packages: Path, folder: Path) -> list[dict[str, object]]:
    """Return the errors of a clone learned from two runs: begun with the package of the reactor, and from scratch."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (SCENARIOS / "fed_batch_reactor.yaml").read_text(encoding="utf-8")
    text = _changed(text, ("train: 48", "train: 2"), ("parameters:\n", CLONE), ("budget: 2 min", "budget: 1 min"))
    shutil.copytree(packages / "fed_batch_reactor", folder / "fed_batch_reactor", dirs_exist_ok=True)
    architecture = next(line for line in text.splitlines() if line.startswith("architecture:"))
    layers = "architecture: lumped_unit\ntransfer: {from: fed_batch_reactor, layers: [rates.2, readouts.2]}"
    found = []
    for name, changes in (("transferred", [(architecture, layers)]), ("scratch", [])):
        path = folder / f"{name}.yaml"
        path.write_text(_changed(text, ("surrogate: fed_batch_reactor", f"surrogate: {name}"), *changes), "utf-8")
        file, problems = read_training(path)
        raise_all(problems)
        assert file is not None
        found.append(train(path, out=folder / "out" / name).metrics["NRMSE, median"])
    ours, scratch = found
    figures = [
        ("NRMSE", ours, "<= 0.02", ours <= 0.02),
        ("NRMSE from scratch", scratch, "", True),
        ("better by", scratch / ours, ">= 2", scratch >= 2 * ours),
    ]
    return [
        {
            "name": f"transfer: clone from two runs: {name}",
            "value": value,
            "unit": "1",
            "target": target,
            "holds": holds,
        }
        for name, value, target, holds in figures
    ]


def _changed(text: str, *changes: Sequence[str]) -> str:
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return text
