"""The FMU behind a surrogate: it says how a unit begins, and takes over where the surrogate should not be trusted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from cosim.clock import Ticks, to_seconds
from cosim.errors import StepError
from cosim.instance.abilities import AbstractSerialising
from cosim.instance.contract import AbstractInstance, StepOutcome
from cosim.surrogate.model import Array
from cosim.surrogate.package import Package
from cosim.system.experiment import StartValue

REMEMBERED: Final = 3
"""Times the memory of a unit that forgets: steps that are done again, after a long one in place of those before."""


@dataclass(frozen=True, slots=True)
class _Noted:
    """A step that the FMU did not take, with the inputs held over it."""

    time: Ticks
    size: Ticks
    inputs: Array


@dataclass(slots=True)
class _Kept:
    """A snapshot of the FMU and the steps it has not taken since."""

    snapshot: object
    notes: list[_Noted] = field(default_factory=list)


class Original:
    """One instance of the FMU, made when a run is initialised, and brought to where the surrogate is when needed.

    Where numbers can be written into its serialised state, that is done. Else the inputs are noted from the moment it
    last ran, and it does the steps since then again: the same calls that it would have had from the beginning. Of a
    unit that forgets, only the last ones.
    """

    def __init__(self, name: str, package: Package, make: Callable[[], AbstractInstance]) -> None:
        self._name, self._package, self._make = name, package, make
        self._handover = package.handover
        remembered = package.model.n_remembered
        self._n_remembered = None if remembered is None else REMEMBERED * remembered
        self._starts: dict[str, StartValue] = {}
        self._instance: AbstractInstance | None = None
        self._notes: list[_Noted] = []

    def forget_handover(self) -> None:
        """From now on, do steps again instead of taking over a state."""
        self._handover = None

    @property
    def can_be_set(self) -> bool:
        """True where the state of the surrogate can be written into that of the FMU."""
        return self._handover is not None

    @property
    def _alive(self) -> AbstractInstance:
        if self._instance is None:
            raise StepError(f"The FMU of '{self._name}' has not started.", component=self._name)
        return self._instance

    def set_start(self, values: Mapping[str, StartValue]) -> None:
        """Keep start values for the instance."""
        self._starts |= values

    def enter_initialization(self, time: Ticks, *, stop_time: Ticks | None, tolerance: float | None) -> None:
        """Make the instance and let it begin."""
        self._instance = self._make()
        self._instance.set_start(self._starts)
        self._instance.enter_initialization(time, stop_time=stop_time, tolerance=tolerance)
        self._written = self._instance.group(self._package.input_names)
        self._told = self._instance.group(self._package.output_names)

    def exit_initialization(self, inputs: Array) -> None:
        """Complete the initialisation with ``inputs``."""
        self._alive.write(self._written, inputs)
        self._alive.exit_initialization()

    def read(self, inputs: Array) -> Array:
        """Return the outputs (n_outputs,) under ``inputs``."""
        self._alive.write(self._written, inputs)
        outputs = np.empty(len(self._package.output_names))
        self._alive.read(self._told, outputs)
        return outputs

    def step(self, time: Ticks, size: Ticks, inputs: Array) -> StepOutcome:
        """Take a step with ``inputs`` held."""
        self._alive.write(self._written, inputs)
        return self._alive.step(time, size)

    def note(self, time: Ticks, size: Ticks, inputs: Array) -> None:
        """Note a step that only the surrogate takes."""
        if not self.can_be_set:
            self._notes.append(_Noted(time, size, inputs))

    def begin_notes(self, time: Ticks) -> None:
        """Note that the surrogate goes on from here."""
        self._notes.clear()

    def take_over(self, state: Array, time: Ticks) -> str:
        """Come to ``state`` at ``time``; return how."""
        if self._handover is not None:
            self._handover.write(self._alive, state, to_seconds(time))
            return "from the state of the surrogate"
        again, n_left = self._notes, 0
        if self._n_remembered is not None and len(again) > self._n_remembered + 1:
            n_left = len(again) - self._n_remembered
            first, last = again[0], again[n_left - 1]
            self.step(first.time, Ticks(last.time + last.size - first.time), last.inputs)
        for noted in again[n_left:]:
            self.step(noted.time, noted.size, noted.inputs)
        self._notes = []
        return f"after doing {len(again) - n_left} steps again"

    def get_state(self) -> object:
        """Return a snapshot."""
        return _Kept(self._alive.get_state(), list(self._notes))

    def set_state(self, state: object) -> None:
        """Go back to a snapshot."""
        assert isinstance(state, _Kept)
        self._alive.set_state(state.snapshot)
        self._notes = list(state.notes)

    def free_state(self, state: object) -> None:
        """Release a snapshot."""
        assert isinstance(state, _Kept)
        self._alive.free_state(state.snapshot)

    def serialise_state(self, state: object) -> bytes:
        """Return a snapshot as bytes."""
        assert isinstance(state, _Kept)
        assert isinstance(self._instance, AbstractSerialising)
        data = self._instance.serialise_state(state.snapshot)
        notes = [[item.time, item.size, item.inputs.tolist()] for item in state.notes]
        return json.dumps(notes).encode() + b"\n" + data

    def deserialise_state(self, data: bytes) -> object:
        """Return the snapshot that ``data`` holds."""
        assert isinstance(self._instance, AbstractSerialising)
        head, _, rest = data.partition(b"\n")
        notes = [_Noted(Ticks(time), Ticks(size), np.array(inputs)) for time, size, inputs in json.loads(head)]
        return _Kept(self._instance.deserialise_state(rest), notes)

    def terminate(self) -> None:
        """End the simulation."""
        if self._instance is not None:
            self._instance.terminate()

    def free(self) -> None:
        """Release the instance; it can be initialised again."""
        if self._instance is not None:
            self._instance.free()
            self._instance = None
        self._starts.clear()
        self._notes.clear()
