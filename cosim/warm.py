"""A scenario that is run many times: prepared once, its instances reset between runs rather than made again."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.compiled import KERNEL
from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.errors import CosimError, ScenarioError, StepError, raise_all
from cosim.execution import Execution, carry_out
from cosim.execution.observer import AbstractBlockObserver, AbstractObserver, Progress, SampleBlock
from cosim.execution.outcome import Happening, Outcome
from cosim.instance.contract import AbstractInstance
from cosim.loading import Factory, OnBuilt
from cosim.native import load
from cosim.preparation import Prepared, prepare, probe_of
from cosim.run import ALGORITHMS
from cosim.scenario.bind import Bound, bind
from cosim.scenario.document import Scalar
from cosim.scenario.expressions import parse_measure
from cosim.scenario.measures import value_of
from cosim.scenario.model import MeasureEntry, Scenario
from cosim.study.executor import Done, Order, Task, too_long
from cosim.study.faults.entries import LABELS
from cosim.study.faults.fault import Fault, with_fault
from cosim.study.targets import apply, find_target
from cosim.system.variable import VariableName

Array = NDArray[np.float64]


def prepare_measured(
    path: str | Path,
    parameters: Mapping[str, str | float | int | bool],
    measures: Sequence[MeasureEntry],
    *,
    components: Mapping[str, Factory] | None = None,
    on_built: OnBuilt | None = None,
    relocate: Callable[[Scenario], Scenario] = lambda scenario: scenario,
    record: Sequence[Scalar] = (),
) -> Prepared:
    """Prepare a scenario of which nothing but ``measures`` and ``record`` is wanted.

    ``relocate`` says where its files are.

    Raises
    ------
    CosimError
        As ``prepare``.
    """

    def adapt(scenario: Scenario) -> Scenario:
        return replace(relocate(scenario), measures=tuple(measures), record=tuple(record), expectations=())

    return prepare(path, parameters, ALGORITHMS, supplied=components, on_built=on_built, adapt=adapt)


class WarmScenario:
    """Makes runs of one order one after the other, with the same results as if each were the first.

    Instances whose reset is known to be one are reset; the others are made anew from what is open already. Use it in a
    ``with`` block, or ``close`` it.
    """

    def __init__(self, prepared: Prepared, order: Order) -> None:
        self._prepared = prepared
        self._kernel = load(KERNEL)  # over many runs compiling it always pays
        bound = prepared.bound
        self._targets = [
            find_target(text, bound.experiment, tuple(bound.structure.components)) for text in order.targets
        ]
        found = [measure for measure in bound.measures if measure is not None]
        self._measures = [
            replace(measure, unit=unit, factor=factor, offset=offset)
            for measure, (_, unit, factor, offset) in zip(found, order.measures, strict=True)
        ]
        starts = [str(target.variable) for target in self._targets if target.kind == "start"]
        self._moves_units = _moves_units(prepared, starts)
        self._order = order
        self._faults = [Fault.read(document) for document in order.faults]
        self._instances: dict[str, AbstractInstance] = {}
        self._stack = ExitStack()

    @classmethod
    def open(cls, order: Order, relocate: Callable[[Scenario], Scenario] = lambda scenario: scenario) -> Self:
        """Prepare the scenario of ``order``; ``relocate`` says where its files are.

        Raises
        ------
        CosimError
            When it cannot be used, or is not the same any more.
        """
        measures = [parse_measure(text, None) for text, *_ in order.measures]
        record = [Scalar(name, True, None) for name in order.signals]
        prepared = prepare_measured(order.scenario, order.parameters, measures, relocate=relocate, record=record)
        if hashlib.sha256(prepared.scenario.text.encode()).hexdigest() != order.sha256:
            prepared.close()
            raise ScenarioError(f"'{order.scenario}' has changed since the study began. Restore it, or begin anew.")
        return cls(prepared, order)

    def run(self, task: Task) -> Done:
        """Make the run of ``task``; what fails in it is told, not raised."""
        began = perf_counter()
        samples = Samples()
        try:
            outcome = self._execute(task, samples)
        except CosimError as error:
            self._discard()
            return self._without_values(task, str(error), began)
        if outcome.status != "completed":
            self._discard()
            reason = too_long(self._order.time_limit) if outcome.status == "stopped" else outcome.reason
            return self._without_values(task, reason, began)
        last = outcome.time / TICKS_PER_SECOND
        onset = self._labels(task)[1] if self._faults else 0.0
        if onset >= last > 0.0:
            self._renew()
            text = f"It ended after {last / 3600.0:g} h, before its fault began at {onset / 3600.0:g} h."
            return self._without_values(task, text, began)
        values: list[float | None] = []
        missing: dict[int, str] = {}
        for i, measure in enumerate(self._measures):
            value, reason = value_of(measure, samples.read, outcome)
            values.append(None if value is None else measure.shown(value))
            if value is None:
                missing[i] = reason
        signals = self._signals(samples, last)
        self._renew()
        return Done(task.run, "completed", tuple(values), "", missing, perf_counter() - began, signals)

    def _labels(self, task: Task) -> Sequence[float]:
        return task.values[-len(LABELS) :]

    def _signals(self, samples: Samples, last: float) -> Array | None:
        """Return times and signals at equal distances, linear between samples, NaN where there are none."""
        if not self._order.signals:
            return None
        times = np.arange(int(last / self._order.every + 1e-9) + 1) * self._order.every
        columns = [times]
        for name in self._order.signals:
            at, values = samples.read(VariableName.parse(name))
            empty = np.full(len(times), np.nan)
            columns.append(np.interp(times, at, values, left=np.nan, right=np.nan) if len(at) else empty)
        return np.column_stack(columns)

    def _execute(self, task: Task, samples: Samples) -> Outcome:
        self._complete()
        bound = self._bound(task)
        experiment = apply(bound.experiment, self._targets, task.values)
        if self._faults:
            experiment = with_fault(experiment, bound.structure, self._faults, self._labels(task), self._order.latest)
        execution = Execution(
            bound.structure, experiment, self._instances, self._prepared.algorithm, (samples,), kernel=self._kernel
        )
        deadline = perf_counter() + (self._order.time_limit or math.inf)
        return carry_out(execution, execution.start, lambda: perf_counter() > deadline)

    def _without_values(self, task: Task, reason: str, began: float) -> Done:
        return Done(task.run, "failed", (None,) * len(self._measures), reason, {}, perf_counter() - began)

    def _bound(self, task: Task) -> Bound:
        """Return what the scenario says; read it anew where a factor changes what its units are worth."""
        if not self._moves_units:
            return self._prepared.bound
        prepared = self._prepared
        starts = zip(self._targets, task.values, strict=True)
        given = {str(target.variable): value for target, value in starts if target.kind == "start"}
        descriptions = {name: component.description for name, component in prepared.components.items()}
        overrides = {**prepared.parameters, **given}
        bound, problems = bind(
            prepared.scenario, descriptions, overrides=overrides, probe=probe_of(prepared.components)
        )
        raise_all(problems)
        return replace(bound, structure=prepared.bound.structure)

    def _complete(self) -> None:
        """Make the instances that are not there."""
        for name, component in self._prepared.components.items():
            if name not in self._instances:
                self._instances[name] = component.instantiate()

    def _renew(self) -> None:
        """Bring every instance back to its beginning, or free it."""
        for name, component in self._prepared.components.items():
            instance = self._instances[name]
            if not component.resets or not _is_reset(instance):
                instance.free()
                del self._instances[name]

    def _discard(self) -> None:
        """Free all instances: after a failure nobody knows what they are."""
        for instance in self._instances.values():
            instance.free()
        self._instances.clear()

    def close(self) -> None:
        """Free everything; legal any number of times."""
        self._discard()
        self._prepared.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _is_reset(instance: AbstractInstance) -> bool:
    """Reset ``instance``; return False where it refuses."""
    try:
        instance.reset()
    except StepError:
        return False
    return True


def _moves_units(prepared: Prepared, targets: Sequence[str]) -> bool:
    """Tell whether one of ``targets`` belongs to a component from which a unit of the scenario comes."""
    named = {written.text.partition(".")[0] for written in prepared.scenario.units.values()}
    return any(target.partition(".")[0] in named for target in targets)


class Samples(AbstractObserver, AbstractBlockObserver):
    """Keeps what is recorded, by variable, until the end of the run."""

    def __init__(self) -> None:
        self._columns: dict[VariableName, tuple[str, int]] = {}
        self._times: dict[str, list[NDArray[np.int64]]] = {}
        self._values: dict[str, list[Array]] = {}

    def started(self, time: Ticks, recorded: Mapping[str, tuple[str, ...]]) -> None:  # noqa: D102
        for component, names in recorded.items():
            self._columns |= {VariableName(component, name): (component, i) for i, name in enumerate(names)}
            self._times[component], self._values[component] = [], []

    def sampled(self, component: str, time: Ticks, values: Array) -> None:  # noqa: D102
        if len(values):
            self._times[component].append(np.array([time], dtype=np.int64))
            self._values[component].append(values[None, :].copy())

    def sampled_block(self, block: SampleBlock) -> None:  # noqa: D102
        for component, columns in block.columns.items():
            if columns.stop > columns.start:
                self._times[component].append(block.times.copy())
                self._values[component].append(block.values[:, columns].copy())

    @property
    def names(self) -> Iterable[VariableName]:
        """What is recorded."""
        return self._columns

    def read(self, name: VariableName) -> tuple[Array, Array]:
        """Return times [s] and values of ``name``."""
        ticks, values = self.at_ticks(name)
        return ticks / TICKS_PER_SECOND, values

    def at_ticks(self, name: VariableName) -> tuple[NDArray[np.int64], Array]:
        """Return times [ns] and values of ``name``."""
        component, column = self._columns[name]
        if not self._times[component]:
            return np.empty(0, dtype=np.int64), np.empty(0)
        if len(self._times[component]) > 1:  # joined once: a calibration reads hundreds of moments
            self._times[component] = [np.concatenate(self._times[component])]
            self._values[component] = [np.concatenate(self._values[component])]
        return self._times[component][0], self._values[component][0][:, column]

    def happened(self, happening: Happening) -> None:  # noqa: D102
        pass

    def progressed(self, progress: Progress) -> None:  # noqa: D102
        pass

    def finished(self, outcome: Outcome) -> None:  # noqa: D102
        pass
