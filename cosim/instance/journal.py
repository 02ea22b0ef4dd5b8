"""An instance that keeps what was done to it, so that another can be brought to its state by doing it again."""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks
from cosim.errors import CheckpointError, StepDiscarded
from cosim.instance.abilities import (
    AbstractDifferentiable,
    AbstractExtrapolable,
    AbstractInterpolating,
    AbstractSerialising,
)
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue

_START, _ENTER, _EXIT, _WRITE, _STEP, _DERIVATIVES, _RESET, _RESTORE = range(8)
_N_TICKS: Final = {_WRITE: 1, _STEP: 2, _DERIVATIVES: 2, _RESTORE: 1}
"""Whole numbers that go with a code: group, time, size, order, or the place in the journal that was gone back to."""
_MISUNDERSTOOD: Final = (KeyError, IndexError, TypeError, ValueError, StopIteration, zlib.error)


@dataclass(slots=True)
class _Journal:
    """What was done, in order: ``calls`` are those with arguments other than numbers."""

    codes: array[int]
    ticks: array[int]
    values: array[float]
    calls: list[Any]

    @property
    def length(self) -> tuple[int, int, int, int]:
        """How much there is of each part."""
        return len(self.codes), len(self.ticks), len(self.values), len(self.calls)

    def until(self, length: tuple[int, int, int, int]) -> _Journal:
        """Return what was done up to ``length``."""
        n_codes, n_ticks, n_values, n_calls = length
        return _Journal(self.codes[:n_codes], self.ticks[:n_ticks], self.values[:n_values], self.calls[:n_calls])

    def last_uses(self) -> dict[int, int]:
        """Return, for every place that was gone back to, where that was done for the last time."""
        found, at = {}, 0
        for i, code in enumerate(self.codes):
            if code == _RESTORE:
                found[self.ticks[at]] = i
            at += _N_TICKS.get(code, 0)
        return found


@dataclass(eq=False, slots=True)
class _Snapshot:
    """A state: the journal up to it, and that of the instance where it has one."""

    length: tuple[int, int, int, int]
    inner: object | None
    journal: _Journal | None = None
    """Of a state that came from elsewhere."""
    groups: Sequence[Sequence[str]] = ()


def _empty() -> _Journal:
    return _Journal(array("b"), array("q"), array("d"), [])


class JournalInstance(
    AbstractInstance, AbstractSerialising, AbstractDifferentiable, AbstractInterpolating, AbstractExtrapolable
):
    """Passes everything on to the instance that ``make`` makes; its state can always be written.

    The written state is the journal, and it is restored by making a new instance and doing everything again, steps that
    were taken back included: a model that integrates does not forget them wholly. That takes as long as all steps took.
    Whether the model does the same again is not checked here.
    """

    def __init__(self, make: Callable[[], AbstractInstance]) -> None:
        self._make = make
        self._inner = make()
        self._groups: list[tuple[str, ...]] = []
        self._handles: list[VariableGroup] = []
        self._journal = _empty()

    @property
    def description(self) -> ComponentDescription:  # noqa: D102
        found = self._inner.description
        return replace(found, capabilities=replace(found.capabilities, can_serialise_state=True))

    def group(self, names: Sequence[str]) -> VariableGroup:  # noqa: D102
        self._handles.append(self._inner.group(names))
        self._groups.append(tuple(names))
        return VariableGroup(len(self._groups) - 1)

    def set_start(self, values: Mapping[str, StartValue]) -> None:  # noqa: D102
        self._note_call(_START, dict(values))
        self._inner.set_start(values)

    def enter_initialization(  # noqa: D102
        self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None
    ) -> None:
        self._note_call(_ENTER, [time, stop_time, tolerance])
        self._inner.enter_initialization(time, stop_time=stop_time, tolerance=tolerance)

    def exit_initialization(self) -> None:  # noqa: D102
        self._journal.codes.append(_EXIT)
        self._inner.exit_initialization()

    def write(self, group: VariableGroup, values: NDArray[np.float64]) -> None:  # noqa: D102
        self._note(_WRITE, (group,), values)
        self._inner.write(self._handles[group], values)

    def read(self, group: VariableGroup, values: NDArray[np.float64]) -> None:  # noqa: D102
        self._inner.read(self._handles[group], values)

    def step(self, time: Ticks, size: Ticks) -> StepOutcome:  # noqa: D102
        self._note(_STEP, (time, size))
        return self._inner.step(time, size)

    def write_derivatives(self, group: VariableGroup, order: int, values: NDArray[np.float64]) -> None:  # noqa: D102
        assert isinstance(self._inner, AbstractInterpolating)
        self._note(_DERIVATIVES, (group, order), values)
        self._inner.write_derivatives(self._handles[group], order, values)

    def read_derivatives(self, group: VariableGroup, order: int, values: NDArray[np.float64]) -> None:  # noqa: D102
        assert isinstance(self._inner, AbstractExtrapolable)
        self._inner.read_derivatives(self._handles[group], order, values)

    def directional_derivative(  # noqa: D102
        self,
        unknowns: VariableGroup,
        knowns: VariableGroup,
        seed: NDArray[np.float64],
        sensitivity: NDArray[np.float64],
    ) -> None:
        assert isinstance(self._inner, AbstractDifferentiable)
        handles = self._handles[unknowns], self._handles[knowns]
        self._inner.directional_derivative(*handles, seed, sensitivity)

    def get_state(self) -> object:  # noqa: D102
        can = self._inner.description.capabilities.can_get_and_set_state
        return _Snapshot(self._journal.length, self._inner.get_state() if can else None)

    def set_state(self, state: object) -> None:  # noqa: D102
        assert isinstance(state, _Snapshot)
        if state.journal is not None:
            self._repeat(state.journal, state.groups)
        elif state.inner is None:
            self._repeat(self._journal.until(state.length), self._groups)
        else:
            self._note(_RESTORE, (state.length[0],))
            self._inner.set_state(state.inner)

    def free_state(self, state: object) -> None:  # noqa: D102
        assert isinstance(state, _Snapshot)
        if state.inner is not None:
            self._inner.free_state(state.inner)

    def serialise_state(self, state: object) -> bytes:  # noqa: D102
        assert isinstance(state, _Snapshot)
        journal = self._journal.until(state.length)
        head = json.dumps({"length": state.length, "groups": self._groups, "calls": journal.calls})
        parts = (journal.codes, journal.ticks, journal.values)
        return zlib.compress(b"\n".join([head.encode(), b"".join(part.tobytes() for part in parts)]), 1)

    def deserialise_state(self, data: bytes) -> object:  # noqa: D102
        try:
            head, _, body = zlib.decompress(data).partition(b"\n")
            content = json.loads(head)
            n_codes, n_ticks, n_values, _ = content["length"]
            journal = _empty()
            journal.calls.extend(content["calls"])
            begin = 0
            for part, n in ((journal.codes, n_codes), (journal.ticks, n_ticks), (journal.values, n_values)):
                end = begin + n * part.itemsize
                part.frombytes(body[begin:end])
                begin = end
            return _Snapshot(journal.length, None, journal, content["groups"])
        except _MISUNDERSTOOD as error:
            raise CheckpointError(f"What was done to an instance cannot be read back ({error!r}).") from error

    def reset(self) -> None:  # noqa: D102
        self._journal.codes.append(_RESET)
        self._inner.reset()

    def terminate(self) -> None:  # noqa: D102
        self._inner.terminate()

    def free(self) -> None:  # noqa: D102
        self._inner.free()

    def _note_call(self, code: int, argument: object) -> None:
        self._journal.codes.append(code)
        self._journal.calls.append(argument)

    def _note(self, code: int, ticks: tuple[int, ...], values: NDArray[np.float64] | None = None) -> None:
        self._journal.codes.append(code)
        self._journal.ticks.extend(ticks)
        if values is not None:
            self._journal.values.frombytes(np.ascontiguousarray(values).tobytes())

    def _repeat(self, journal: _Journal, groups: Sequence[Sequence[str]]) -> None:
        """Do everything that ``journal`` holds, with groups that were ``groups``, on a new instance."""
        self._inner.free()  # first: some models allow one instance at a time
        self._inner = self._make()
        own = self._groups
        self._groups, self._handles = [], []
        self._journal = _empty()
        for names in own:
            self.group(names)
        handles = [self.group(names) for names in groups]
        try:
            self._redo(journal, handles, [len(names) for names in groups])
        except _MISUNDERSTOOD as error:
            raise CheckpointError(f"What was done to an instance cannot be read back ({error!r}).") from error

    def _redo(self, journal: _Journal, handles: Sequence[VariableGroup], sizes: Sequence[int]) -> None:
        calls, ticks = iter(journal.calls), iter(journal.ticks)
        values, at = np.array(journal.values), 0
        last_uses, kept = journal.last_uses(), {}
        for i, code in enumerate(journal.codes):
            if i in last_uses:
                kept[i] = self.get_state()
            if code == _START:
                self.set_start(next(calls))
            elif code == _ENTER:
                time, stop, tolerance = next(calls)
                self.enter_initialization(Ticks(time), stop_time=stop, tolerance=tolerance)
            elif code == _EXIT:
                self.exit_initialization()
            elif code == _STEP:
                time = next(ticks)
                with suppress(StepDiscarded):  # what was restored follows
                    self.step(Ticks(time), Ticks(next(ticks)))
            elif code == _RESET:
                self.reset()
            elif code == _RESTORE:
                place = next(ticks)
                self.set_state(kept[place])
                if last_uses[place] == i:
                    self.free_state(kept.pop(place))
            else:
                group = next(ticks)
                order = next(ticks) if code == _DERIVATIVES else 0
                part = values[at : at + sizes[group]]
                at += sizes[group]
                self._rewrite(handles[group], order, part)

    def _rewrite(self, group: VariableGroup, order: int, values: NDArray[np.float64]) -> None:
        if order:
            self.write_derivatives(group, order, values)
        else:
            self.write(group, values)
