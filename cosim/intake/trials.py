"""What is tried with an FMU, each in a process of its own: the functions here run in that process.

Every trial returns plain values for JSON. An FMU that raises, crashes or hangs ends its process; whoever waits for it
tells which. Before each call that may not return, a trial says what it is about to do.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, Final

import numpy as np

from cosim.clock import Ticks, format_ticks
from cosim.errors import CosimError
from cosim.instance.abilities import AbstractDifferentiable
from cosim.instance.contract import AbstractInstance, VariableGroup
from cosim.intake.subject import (
    Reader,
    Subject,
    Values,
    change_of,
    digest,
    disturb,
    handles,
    real_inputs,
    resident,
    start_of,
    threads,
)
from cosim.system.variable import Causality

Found = dict[str, Any]

LEAK_STEPS: Final = 1000
CYCLES: Final = 200
SHORT: Final = 50
"""Steps of trials that compare results."""
CROWD: Final = 8
"""Instances held at once to measure what one needs."""
BUDGET: Final = 20.0
"""Time [s] after which a trial that repeats something stops repeating."""
TINY: Final = 1e-6
"""A tiny step, relative to the usual one."""


def start(subject: Subject) -> Found:
    """Instantiate and initialise once; time both."""
    folder, environment = os.getcwd(), dict(os.environ)
    began = perf_counter()
    with subject.instance() as instance:
        instantiated = perf_counter()
        subject.initialise(instance)
        initialised = perf_counter()
        subject.tell("reading its outputs")
        reader = Reader(subject, instance)
        values = reader.read()
        subject.step(instance, Ticks(0), subject.size)
    rounds = bool(np.float64(1.0) + np.float64(2.0**-53) == 1.0)
    keeps_small = bool(np.float64(1e-310) * np.float64(0.5) != 0.0)
    return {
        "instantiate": instantiated - began,
        "initialise": initialised - instantiated,
        "not_finite": [name for name, value in zip(reader.names, values, strict=True) if not np.isfinite(value)],
        "moved_to": os.getcwd() if os.getcwd() != folder else "",
        "changed_environment": sorted(k for k, v in os.environ.items() if environment.get(k) != v),
        "changed_arithmetic": not (rounds and keeps_small),
    }


def run(subject: Subject) -> Found:
    """Take many steps with inputs at their start; return a fingerprint of outputs after each."""
    folder = os.getcwd()
    with subject.instance() as instance:
        subject.initialise(instance)
        reader = Reader(subject, instance)
        first = values = reader.read()
        digests, not_finite, moved = [digest(values)], "", np.zeros(len(values), dtype=bool)
        began, quarter, memory, seconds = perf_counter(), LEAK_STEPS // 4, resident(), 0.0
        for i in range(LEAK_STEPS):
            if i == quarter:
                memory = resident()
            if perf_counter() - began > BUDGET:
                break
            subject.tell(f"stepping it from {format_ticks(Ticks(i * subject.size))} by {format_ticks(subject.size)}")
            before = perf_counter()
            instance.step(Ticks(i * subject.size), subject.size)
            seconds += perf_counter() - before
            values = reader.read()
            digests.append(digest(values))
            moved |= values != first
            if not np.isfinite(values).all():
                which = reader.names[int(np.argmin(np.isfinite(values)))]
                not_finite = f"{which} at {format_ticks(Ticks((i + 1) * subject.size))}"
                break
        n, grown = len(digests) - 1, resident() - memory
        constant = [name for name, is_moved in zip(reader.names, moved, strict=True) if not is_moved]
        return {
            "steps": n,
            "seconds": seconds,
            "digests": digests,
            "not_finite": not_finite,
            "moved_to": os.getcwd() if os.getcwd() != folder else "",
            "constant": constant,
            "outputs": len(reader.names),
            "grown": grown if n > quarter else 0,
            "steps_of_growth": max(n - quarter, 0),
        }


def _trace(subject: Subject, instance: AbstractInstance, begin: int, n: int, reader: Reader) -> list[str]:
    digests = []
    for i in range(begin, begin + n):
        subject.step(instance, Ticks(i * subject.size), subject.size)
        digests.append(digest(reader.read()))
    return digests


def together(subject: Subject) -> Found:
    """Step two instances in turn, the second with other inputs; fingerprints of the first."""
    with subject.instance("first") as one, subject.instance("second") as other:
        subject.initialise(one)
        subject.initialise(other)
        disturb(subject, other)
        reader = Reader(subject, one)
        digests = [digest(reader.read())]
        began = perf_counter()
        for i in range(SHORT):
            if perf_counter() - began > BUDGET:
                break
            subject.step(other, Ticks(i * subject.size), subject.size)
            digests += _trace(subject, one, i, 1, reader)
        return {"digests": digests}


def state(subject: Subject) -> Found:
    """Go back to a saved state, in the same instance; compare what it shows and the steps that follow."""
    with subject.instance() as instance:
        subject.initialise(instance)
        disturb(subject, instance)
        reader = Reader(subject, instance, Causality.OUTPUT, Causality.LOCAL, are_real=True)
        _trace(subject, instance, 0, 3, reader)
        subject.tell("saving its state")
        saved = instance.get_state()
        before = reader.read()
        first = _values(subject, instance, 3, 3, reader)
        subject.tell("restoring its state")
        instance.set_state(saved)
        back = reader.read()
        second = _values(subject, instance, 3, 3, reader)
        subject.tell("freeing a saved state")
        instance.free_state(saved)
    return {"back": _difference(reader.names, before, back), "again": _difference(reader.names, first, second)}


def _values(subject: Subject, instance: AbstractInstance, begin: int, n: int, reader: Reader) -> Values:
    _trace(subject, instance, begin, n, reader)
    return reader.read()


def _difference(names: Sequence[str], one: Values, other: Values) -> Found:
    """Return the variable that differs most, relatively, and by how much."""
    if not len(one):
        return {"name": "", "relative": 0.0, "one": 0.0, "other": 0.0}
    scale = np.maximum(np.maximum(np.abs(one), np.abs(other)), 1e-300)
    with np.errstate(invalid="ignore", over="ignore"):
        relative = np.nan_to_num(np.abs(one - other) / scale, nan=0.0, posinf=1.0)
    relative[np.isnan(one) != np.isnan(other)] = 1.0
    which = int(np.argmax(relative))
    size = float(relative[which])
    return {"name": names[which], "relative": size, "one": float(one[which]), "other": float(other[which])}


def vary(subject: Subject) -> Found:
    """Cover the same time in equal steps, in unequal ones, and in one long step; compare the ends."""
    size = subject.size
    patterns = {
        "equal": [size] * 12,
        "unequal": [Ticks(size // 3), Ticks(size - size // 3), Ticks(2 * size), Ticks(size // 2)] * 3,
        "long": [Ticks(12 * size)],
    }
    patterns["unequal"].append(Ticks(12 * size - sum(patterns["unequal"])))
    ends: dict[str, Values] = {}
    refused: dict[str, str] = {}
    for name, steps in patterns.items():
        try:
            ends[name], names = _cover(subject, [step for step in steps if step > 0])
        except CosimError as error:
            refused[name] = error.message
    reference = ends.get("equal")
    compared = {name: _difference(names, reference, end) for name, end in ends.items() if reference is not None}
    return {"refused": refused, "compared": compared}


def _cover(subject: Subject, steps: Sequence[Ticks]) -> tuple[Values, list[str]]:
    with subject.instance() as instance:
        subject.initialise(instance)
        reader = Reader(subject, instance, are_real=True)
        time = Ticks(0)
        for step in steps:
            subject.step(instance, time, step)
            time = Ticks(time + step)
        return reader.read(), reader.names


def zero(subject: Subject) -> Found:
    """Take a step of length zero, then one of the usual length."""
    with subject.instance() as instance:
        subject.initialise(instance)
        subject.step(instance, Ticks(0), subject.size)
        reader = Reader(subject, instance, are_real=True)
        before = reader.read()
        subject.step(instance, subject.size, Ticks(0))
        difference = _difference(reader.names, before, reader.read())
        subject.step(instance, subject.size, subject.size)
    return {"difference": difference}


def tiny(subject: Subject) -> Found:
    """Take some very short steps, then one of the usual length."""
    size = Ticks(max(round(subject.size * TINY), 1))
    with subject.instance() as instance:
        subject.initialise(instance)
        for i in range(3):
            subject.step(instance, Ticks(i * size), size)
        subject.step(instance, Ticks(3 * size), subject.size)
        values = Reader(subject, instance).read()
    return {"size": size, "is_finite": bool(np.isfinite(values).all())}


def reset(subject: Subject) -> Found:
    """Step, reset, and step again; fingerprints of the second time."""
    with subject.instance() as instance:
        subject.initialise(instance)
        reader = Reader(subject, instance)
        _trace(subject, instance, 0, 5, reader)
        subject.tell("resetting it")
        instance.reset()
        subject.initialise(instance)
        reader = Reader(subject, instance)
        return {"digests": [digest(reader.read()), *_trace(subject, instance, 0, 5, reader)]}


def crowd(subject: Subject) -> Found:
    """Hold several instances at once; what each adds to the memory of the process."""
    subject.tell("instantiating it")
    with subject.instance("zero") as first:
        subject.initialise(first)
        gc.collect()
        before, made = resident(), []
        try:
            for i in range(CROWD):
                made.append(subject.file.instantiate(f"one {i}"))
                subject.initialise(made[-1])
            per_instance = max(resident() - before, 0) / CROWD
        finally:
            for instance in made:
                instance.free()
    return {"bytes": per_instance}


def cycles(subject: Subject) -> Found:
    """Make, initialise, step and free it over and over; what stays behind."""
    marks: list[tuple[int, int, int]] = []
    began, n = perf_counter(), 0
    for n in range(1, CYCLES + 1):
        with subject.instance() as instance:
            subject.initialise(instance)
            subject.step(instance, Ticks(0), subject.size)
        if n in (CYCLES // 4, CYCLES):
            gc.collect()
            marks.append((resident(), handles(), threads()))
        if perf_counter() - began > 2 * BUDGET:
            break
    if len(marks) < 2:
        return {"cycles": n}
    (memory, files, tasks), (memory_then, files_then, tasks_then) = marks
    return {
        "cycles": n,
        "grown": memory_then - memory,
        "cycles_of_growth": CYCLES - CYCLES // 4,
        "files": files_then - files,
        "threads": tasks_then - tasks,
    }


def feedthrough(subject: Subject) -> Found:
    """Change one input after the other while initialising; which outputs change at once."""
    with subject.instance() as instance:
        subject.tell("setting start values")
        instance.set_start(subject.starts)
        subject.tell("initialising it")
        instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
        reader = Reader(subject, instance, are_real=True)
        found: dict[str, list[str]] = {}
        for item in real_inputs(subject):
            group = instance.group([item.name])
            before = _with(instance, group, start_of(item), reader)
            after = _with(instance, group, start_of(item) + change_of(item), reader)
            _with(instance, group, start_of(item), reader)
            for name, one, other in zip(reader.names, before, after, strict=True):
                if one != other and name != item.name:
                    found.setdefault(name, []).append(item.name)
        instance.exit_initialization()
    return {"depends": found, "inputs": len(real_inputs(subject))}


def _with(instance: AbstractInstance, group: VariableGroup, value: float, reader: Reader) -> Values:
    instance.write(group, np.array([value]))
    return reader.read()


def derivatives(subject: Subject) -> Found:
    """Compare the directional derivatives it states with differences."""
    with subject.instance() as instance:
        subject.tell("setting start values")
        instance.set_start(subject.starts)
        subject.tell("initialising it")
        instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
        assert isinstance(instance, AbstractDifferentiable)
        reader = Reader(subject, instance, are_real=True)
        outputs, worst = instance.group(reader.names), {"name": "", "stated": 0.0, "found": 0.0, "relative": 0.0}
        for item in real_inputs(subject):
            group = instance.group([item.name])
            change = change_of(item)
            high = _with(instance, group, start_of(item) + change, reader)
            low = _with(instance, group, start_of(item) - change, reader)
            _with(instance, group, start_of(item), reader)
            stated = np.zeros(len(reader.names))
            subject.tell(f"asking for its derivatives by {item.name}")
            instance.directional_derivative(outputs, group, np.ones(1), stated)
            difference = (high - low) / (2.0 * change)
            scale = np.maximum(np.abs(stated), np.abs(difference)) + 1e-9 * np.abs(high) / abs(change)
            relative = np.abs(stated - difference) / np.maximum(scale, 1e-300)
            which = int(np.argmax(relative)) if len(relative) else 0
            if len(relative) and relative[which] > worst["relative"]:
                worst = {
                    "name": f"d {reader.names[which]} / d {item.name}",
                    "stated": float(stated[which]),
                    "found": float(difference[which]),
                    "relative": float(relative[which]),
                }
    return worst


TRIALS: Final[Mapping[str, Callable[[Subject], Found]]] = {
    "start": start,
    "run": run,
    "again": run,
    "together": together,
    "state": state,
    "vary": vary,
    "zero": zero,
    "tiny": tiny,
    "reset": reset,
    "crowd": crowd,
    "cycles": cycles,
    "feedthrough": feedthrough,
    "derivatives": derivatives,
}
"""By name, in the order in which they are done."""
