"""The FMU behind a surrogate: it says how a unit begins, and takes over where the surrogate should not be trusted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.clock import Ticks, to_seconds, to_ticks
from cosim.errors import StepError
from cosim.instance.abilities import AbstractSerialising
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.surrogate.model import Array
from cosim.surrogate.package import Package
from cosim.system.experiment import StartValue

REMEMBERED: Final = 3
"""Times the memory of a unit that forgets: what it is taken through again before it is relied on."""


@dataclass(frozen=True, slots=True)
class _Noted:
    """A step that the FMU did not take, with the inputs held over it."""

    time: Ticks
    size: Ticks
    inputs: Array

    @property
    def end(self) -> Ticks:
        """When it ended."""
        return Ticks(self.time + self.size)


@dataclass(slots=True, eq=False)
class _Begun:
    """An instance that has begun, its groups of inputs and outputs, how far it is, and how many snapshots need it."""

    instance: AbstractInstance
    written: VariableGroup
    told: VariableGroup
    reached: Ticks
    n_kept: int = 0


@dataclass(slots=True)
class _Kept:
    """A snapshot of the FMU, whose it is, how far that was, and the steps that it had not taken."""

    begun: _Begun
    snapshot: object
    reached: Ticks
    notes: list[_Noted]


class Original:
    """The FMU, made when a run is initialised, and brought to where the surrogate is when needed.

    Where numbers can be written into its serialised state, that is done. Else the inputs are noted from the moment it
    last ran, and it does the steps since then again: the same calls that it would have had from the beginning. A unit
    that forgets begins again at the time from which its past matters, as another instance; the one before is kept as
    long as snapshots need it.
    """

    def __init__(self, name: str, package: Package, make: Callable[[], AbstractInstance]) -> None:
        self._name, self._package, self._make = name, package, make
        self._handover = package.handover
        remembered = package.model.n_remembered
        self._memory = None if remembered is None else Ticks(REMEMBERED * remembered * to_ticks(package.step))
        self._starts: dict[str, StartValue] = {}
        self._until: Ticks | None = None
        self._tolerance: float | None = None
        self._all: list[_Begun] = []
        self._begun: _Begun | None = None
        self._notes: list[_Noted] = []

    def forget_handover(self) -> None:
        """From now on, do steps again instead of taking over a state."""
        self._handover = None

    @property
    def can_be_set(self) -> bool:
        """True where the state of the surrogate can be written into that of the FMU."""
        return self._handover is not None

    @property
    def _current(self) -> _Begun:
        if self._begun is None:
            raise StepError(f"The FMU of '{self._name}' has not started.", component=self._name)
        return self._begun

    def set_start(self, values: Mapping[str, StartValue]) -> None:
        """Keep start values for the instance."""
        self._starts |= values

    def enter_initialization(self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None) -> None:
        """Make the instance and let it begin."""
        self._until, self._tolerance = stop_time, tolerance
        self._begin(time)

    def _begin(self, time: Ticks) -> None:
        instance, names = self._make(), self._package
        self._begun = _Begun(instance, instance.group(names.input_names), instance.group(names.output_names), time)
        self._all.append(self._begun)
        instance.set_start(self._starts)
        instance.enter_initialization(time, stop_time=self._until, tolerance=self._tolerance)

    def exit_initialization(self, inputs: Array) -> None:
        """Complete the initialisation with ``inputs``."""
        self._current.instance.write(self._current.written, inputs)
        self._current.instance.exit_initialization()

    def read(self, inputs: Array) -> Array:
        """Return the outputs (n_outputs,) under ``inputs``."""
        self._current.instance.write(self._current.written, inputs)
        outputs = np.empty(len(self._package.output_names))
        self._current.instance.read(self._current.told, outputs)
        return outputs

    def state(self) -> Mapping[int, float]:
        """Return what is known of the state, by place in that of the surrogate, beyond what outputs tell."""
        if self._handover is None or self._package.model.is_told:
            return {}
        return self._handover.read(self._current.instance)

    def step(self, time: Ticks, size: Ticks, inputs: Array) -> StepOutcome:
        """Take a step with ``inputs`` held."""
        self._current.instance.write(self._current.written, inputs)
        outcome = self._current.instance.step(time, size)
        self._current.reached = outcome.time
        return outcome

    def note(self, time: Ticks, size: Ticks, inputs: Array) -> None:
        """Note a step that only the surrogate takes; drop what a unit that forgets will not know any more."""
        if self.can_be_set:
            return
        self._notes.append(_Noted(time, size, inputs))
        while self._memory is not None and self._notes[0].end <= time + size - self._memory:
            del self._notes[0]

    def take_over(self, state: Array, time: Ticks) -> str:
        """Come to ``state`` at ``time``; return how."""
        if self._handover is not None:
            self._handover.write(self._current.instance, state, to_seconds(time))
            return "from the state of the surrogate"
        again, self._notes = self._notes, []
        if again and self._memory is not None:
            since = Ticks(max(again[0].time, time - self._memory))
            self._forget(since, again[0].inputs)
            again[0] = _Noted(since, Ticks(again[0].end - since), again[0].inputs)
        for noted in again:
            self.step(noted.time, noted.size, noted.inputs)
        if not again:
            return "from where it is"
        return f"after doing {len(again)} step{'s' if len(again) > 1 else ''} again"

    def _forget(self, time: Ticks, inputs: Array) -> None:
        """Be at ``time`` without the steps before it: begin there, or where there can be no other take a long one."""
        before = self._current
        if before.reached == time:
            return
        if before.n_kept and before.instance.description.capabilities.can_be_instantiated_only_once:
            self.step(before.reached, Ticks(time - before.reached), inputs)
            return
        self._begun = None
        self._release_unless_needed(before)
        self._begin(time)
        self.exit_initialization(inputs)

    def _release_unless_needed(self, begun: _Begun) -> None:
        if begun is not self._begun and begun.n_kept == 0 and begun in self._all:
            self._all.remove(begun)
            begun.instance.free()

    def get_state(self) -> object:
        """Return a snapshot."""
        return self._keep(self._current.instance.get_state(), self._current.reached, list(self._notes))

    def _keep(self, snapshot: object, reached: Ticks, notes: list[_Noted]) -> _Kept:
        self._current.n_kept += 1
        return _Kept(self._current, snapshot, reached, notes)

    def set_state(self, state: object) -> None:
        """Go back to a snapshot."""
        assert isinstance(state, _Kept)
        before, self._begun = self._current, state.begun
        self._release_unless_needed(before)
        state.begun.instance.set_state(state.snapshot)
        state.begun.reached, self._notes = state.reached, list(state.notes)

    def free_state(self, state: object) -> None:
        """Release a snapshot, and the instance whose last one it was where another goes on."""
        assert isinstance(state, _Kept)
        state.begun.instance.free_state(state.snapshot)
        state.begun.n_kept -= 1
        self._release_unless_needed(state.begun)

    def serialise_state(self, state: object) -> bytes:
        """Return a snapshot as bytes."""
        assert isinstance(state, _Kept)
        assert isinstance(state.begun.instance, AbstractSerialising)
        data = state.begun.instance.serialise_state(state.snapshot)
        notes = [[item.time, item.size, item.inputs.tolist()] for item in state.notes]
        return json.dumps({"reached": state.reached, "notes": notes}).encode() + b"\n" + data

    def deserialise_state(self, data: bytes) -> object:
        """Return the snapshot that ``data`` holds."""
        assert isinstance(self._current.instance, AbstractSerialising)
        head, _, rest = data.partition(b"\n")
        found = json.loads(head)
        notes = [_Noted(Ticks(time), Ticks(size), np.array(inputs)) for time, size, inputs in found["notes"]]
        return self._keep(self._current.instance.deserialise_state(rest), Ticks(found["reached"]), notes)

    def terminate(self) -> None:
        """End the simulation."""
        if self._begun is not None:
            self._begun.instance.terminate()

    def free(self) -> None:
        """Release every instance; it can be initialised again."""
        self._begun = None
        while self._all:
            self._all.pop().instance.free()
        self._starts.clear()
        self._notes.clear()
