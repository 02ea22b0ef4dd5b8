"""What steps of surrogates cost: in numpy and in C, many at once, under guard with audits and without."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import process_time

import numpy as np
from surrogate_guard import Case, audit_plan, course

from cosim.surrogate.batch import BatchStepper
from cosim.surrogate.guarded import GuardedInstance
from cosim.surrogate.instance import SurrogateInstance
from cosim.surrogate.stepping import AbstractStepper, NumpyStepper, make_stepper

N_ROUNDS = 7
N_UNITS = 256


def side_by_side(*uses: Callable[[], object]) -> list[float]:
    """Return the CPU time [s] of each, the median of rounds in which they take turns."""
    times = []
    for _ in range(N_ROUNDS):
        row = []
        for use in uses:
            began = process_time()
            use()
            row.append(process_time() - began)
        times.append(row)
    return [median(column) for column in zip(*times, strict=True)]


def in_c_and_numpy(case: Case) -> tuple[float, float]:
    """Return what a step takes in C and in numpy [s]."""
    programs, runs, n = case.package.programs, case.unseen, min(case.plan.n_steps, 100)
    begun = programs.model.encode(runs.outputs[:1, 0], np.zeros(1))[0]

    def walk(stepper: AbstractStepper) -> None:
        state = begun
        for k in range(n):
            state = stepper.step(state, runs.inputs[0, k], runs.parameters[0], case.package.step).state

    steppers = [make_stepper(programs), NumpyStepper(programs)]
    in_c, in_numpy = side_by_side(*(lambda one=one: walk(one) for one in steppers))
    return in_c / n, in_numpy / n


def in_batches(case: Case) -> tuple[float, float]:
    """Return what a step of one of many units takes by onnxruntime and by numpy [s]."""
    model, tensors, runs = case.package.model, case.package.tensors, case.unseen
    many = np.arange(N_UNITS) % len(runs)
    state = model.encode(runs.outputs[many, 0], np.zeros(N_UNITS))
    inputs, parameters = np.ascontiguousarray(runs.inputs[many, 0]), runs.parameters[many]
    batch = BatchStepper(case.package)

    def by_numpy() -> None:
        after = model.advance(tensors, state, inputs, parameters, case.package.step).state
        model.outputs(tensors, after, inputs, parameters)

    by_onnx, numpy = side_by_side(lambda: batch.step(state, inputs, parameters), by_numpy)
    return by_onnx / N_UNITS, numpy / N_UNITS


def under_guard(case: Case) -> tuple[float, float | None]:
    """Return what a step takes under guard [s], without audits and with some in 4 % of the steps, where there are."""
    duty = None
    if case.package.handover is not None:
        duty = audit_plan(case, round(int(case.package.document["audit"]["steps"]) / 0.04))

    def walk(has_audits: bool) -> None:
        surrogate = SurrogateInstance("unit", case.package)
        with GuardedInstance("unit", surrogate, case.make, "warn", duty if has_audits else None) as guarded:
            course(case, guarded, 0, case.unseen.inputs[0])

    plain, audited = side_by_side(lambda: walk(False), lambda: walk(True))
    n = case.plan.n_steps
    return plain / n, None if duty is None else audited / n
