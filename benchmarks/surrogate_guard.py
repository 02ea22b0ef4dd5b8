"""What guards surrogates, tried on runs not seen: audits, hand-overs, steps that are done again, excursions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from cosim.clock import Ticks
from cosim.instance.contract import AbstractInstance
from cosim.surrogate.guarded import AuditPlan, GuardedInstance
from cosim.surrogate.instance import SurrogateInstance
from cosim.surrogate.judging import judge, ranges
from cosim.surrogate.model import Array, Plan, Runs, TrainingFile
from cosim.surrogate.original import Original
from cosim.surrogate.package import Package

AUDIT_EVERY = 100
"""Steps from the beginning of an audit to that of the next."""
Make = Callable[[], AbstractInstance]


@dataclass(frozen=True, slots=True)
class Case:
    """A package with the runs it is judged by, and how its FMU is instantiated."""

    file: TrainingFile
    package: Package
    plan: Plan
    unseen: Runs
    make: Make


def audit_plan(case: Case, n_between: int = AUDIT_EVERY) -> AuditPlan:
    audit = case.package.document["audit"]
    return AuditPlan(Ticks(n_between * case.plan.step), int(audit["steps"]), audit["limits"])


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
    plan = audit_plan(case)

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
            surrogate.take_along(original.read(inputs[k]), Ticks(time + case.plan.step), original.state())
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


def excursion_errors(case: Case, name: str, value: float, n_steps: int, n_runs: int) -> tuple[float, float]:
    """Return the NRMSE of guarded runs inside, and of those whose input ``name`` is ``value`` for ``n_steps``.

    Both are medians over the first unseen runs, over the same ranges, against an FMU given the same inputs.
    """
    package, n = case.package, case.plan.n_steps
    place, n_runs = package.input_names.index(name), min(n_runs, len(case.unseen))
    alone = judge(package.model, package.tensors, case.unseen.part(0, n_runs))
    chosen = alone.is_judged & alone.is_varying
    span = ranges(case.unseen)[chosen]
    found = []
    for run in range(n_runs):
        pair = []
        for is_outside in (False, True):
            inputs = case.unseen.inputs[run].copy()
            if is_outside:
                inputs[n // 3 : n // 3 + n_steps, place] = value
            surrogate = SurrogateInstance("unit", package)
            with GuardedInstance("unit", surrogate, case.make, "fall_back", None) as guarded:
                own = course(case, guarded, run, inputs)
                assert bool(guarded.take_news()) >= is_outside, "the excursion was not noticed"
            if is_outside:
                with case.make() as fmu:
                    right = course(case, fmu, run, inputs)
            else:
                right = case.unseen.outputs[run]
            pair.append(np.sqrt((((own - right)[:, chosen] / span) ** 2).mean(0)).mean())
        found.append(pair)
    inside, outside = np.median(np.array(found), axis=0).tolist()
    return inside, outside


def course(case: Case, instance: AbstractInstance, run: int, inputs: Array) -> Array:
    """Return the outputs (n_steps + 1, n_outputs) of an unseen run with other ``inputs``."""
    package = case.package
    begin(case, instance, run)
    written, told = instance.group(package.input_names), instance.group(package.output_names)
    outputs = np.empty((len(inputs) + 1, len(package.output_names)))
    instance.read(told, outputs[0])
    for k, given in enumerate(inputs):
        instance.write(written, np.ascontiguousarray(given))
        instance.step(Ticks(k * case.plan.step), case.plan.step)
        instance.read(told, outputs[k + 1])
    return outputs
