"""A component while it runs."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.fault import Fault, FaultKind
from cosim.algorithm.outlet import Array, Outlet
from cosim.clock import TICKS_PER_SECOND, Ticks, format_ticks, to_seconds
from cosim.errors import StepDiscarded, StepError
from cosim.instance.abilities import AbstractNative
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup

if TYPE_CHECKING:
    from cosim.algorithm.transfer import Transfer


MOST_RETURNS: Final = 10_000
"""Early returns of a component within one step: more of them come to no end."""


class Participant:
    """An instance with its inputs, its outputs, and where in time it stands.

    ``inputs``, ``outputs`` and ``tunables`` are views of the board, the one vector that holds every value of the
    system, so that a copy of the board is a copy of all of them. The first ``n_wires`` inputs come from connections,
    the first ``n_recorded`` outputs are recorded.
    """

    VARYING = (
        "time", "step_size", "window_end", "lag", "is_active", "is_initialised", "steps", "seconds", "samples",
        "written", "steps_in_c", "writes_in_c",
    )  # fmt: skip
    """What a checkpoint holds besides the board."""

    __slots__ = (
        "board",
        "bookings",
        "inflows",
        "input_group",
        "input_names",
        "inputs",
        "instance",
        "is_active",
        "is_dead",
        "is_initialised",
        "lag",
        "n_recorded",
        "n_wires",
        "name",
        "outflows",
        "outlets",
        "output_group",
        "output_names",
        "outputs",
        "samples",
        "seconds",
        "signals",
        "silenced",
        "step_size",
        "steps",
        "steps_in_c",
        "subgroups",
        "time",
        "tunable_group",
        "tunable_names",
        "tunables",
        "updates",
        "window_end",
        "wire_factors",
        "wire_offsets",
        "wire_sources",
        "wired",
        "writes_in_c",
        "written",
        "zeros",
    )

    def __init__(
        self,
        name: str,
        instance: AbstractInstance,
        *,
        inputs: tuple[tuple[str, ...], Array],
        outputs: tuple[tuple[str, ...], Array],
        tunables: tuple[tuple[str, ...], Array],
        n_recorded: int,
        board: Array,
    ) -> None:
        """Prepare the groups of ``instance``; names and values come in pairs."""
        self.name, self.instance, self.board = name, instance, board
        (self.input_names, self.inputs), (self.output_names, self.outputs) = inputs, outputs
        self.tunable_names, self.tunables = tunables
        self.input_group = instance.group(self.input_names)
        self.output_group = instance.group(self.output_names)
        self.tunable_group = instance.group(self.tunable_names)
        self.n_recorded = n_recorded
        self.zeros = np.zeros_like(self.outputs)
        self.written: tuple[bytes, bytes] | None = None
        self.time = self.step_size = self.window_end = self.lag = Ticks(0)
        self.is_active = self.is_initialised = self.is_dead = False
        self.steps, self.seconds = 0, 0.0
        self.steps_in_c = self.writes_in_c = 0
        self.inflows: list[Transfer] = []
        self.outflows: list[Transfer] = []
        self.outlets: list[Outlet] = []
        self.updates: list[Outlet] = []
        self.bookings: list[Booking] = []
        self.signals: list[Drive] = []
        self.samples: list[tuple[Ticks, Array]] | None = None
        self.silenced: list[int] = []
        self.subgroups: dict[tuple[str, ...], VariableGroup] = {}
        self.wire([], [], [])

    def wire(self, sources: list[int], factors: list[float], offsets: list[float]) -> None:
        """Take the first inputs from places ``sources`` of the board, each times a factor plus an offset."""
        self.n_wires = len(sources)
        self.wired = self.inputs[: self.n_wires]
        self.wire_sources = np.array(sources, dtype=np.intp)
        self.wire_factors, self.wire_offsets = np.array(factors), np.array(offsets)

    def subgroup(self, names: tuple[str, ...]) -> VariableGroup:
        """Return the instance's handle of variables ``names``, prepared the first time."""
        if names not in self.subgroups:
            self.subgroups[names] = self.instance.group(names)
        return self.subgroups[names]

    def gather(self, end: Ticks, *, is_late: bool = False) -> None:
        """Take inputs for the step from ``time`` to ``end`` from connections, signals and streams."""
        self.gather_wires()
        self.gather_streams(end, is_late=is_late)

    def gather_streams(self, end: Ticks, *, is_late: bool = False) -> None:
        """Take what streams bring until ``end``; ``is_late`` leaves out what senders did after ``time``."""
        for inflow in self.inflows:
            inflow.deliver(end, is_late=is_late)

    def gather_wires(self) -> None:
        """Take inputs from connections and signals as they are now."""
        if self.n_wires:
            wired = self.wired
            self.board.take(self.wire_sources, out=wired, mode="clip")
            wired *= self.wire_factors
            wired += self.wire_offsets
        for signal in self.signals:
            self.inputs[signal.target] = signal.at(self.time)

    def advance(self, end: Ticks) -> None:
        """Write the inputs, step from ``time`` to ``end``, read the outputs."""
        began = perf_counter()
        try:
            self.write()
            self._step(end)
            self.read()
        except StepError as error:
            self._explain(error, end)
            raise
        self._finish(end)
        self.seconds += perf_counter() - began

    def go_on(self, end: Ticks, fault: Fault) -> None:
        """Complete the step to ``end`` that C code has begun, or raise what it would have raised here."""
        native = self.instance
        assert isinstance(native, AbstractNative)
        try:
            if fault.kind is FaultKind.REDO:
                self.write()
                self._step(end)
            elif fault.kind is FaultKind.SET_INPUTS:
                native.refuse_move(self.input_group, fault.which, fault.status, is_reading=False)
            elif fault.kind is FaultKind.SET_TUNABLES:
                native.refuse_move(self.tunable_group, fault.which, fault.status, is_reading=False)
            elif fault.kind is FaultKind.STEP:
                size = Ticks(end - self.time)
                self._step(end, native.conclude_step(Ticks(self.time - self.lag), size, fault.status))
            elif fault.kind is FaultKind.GET:
                native.stand_at(Ticks(end - self.lag))
                native.refuse_move(self.output_group, fault.which, fault.status, is_reading=True)
            else:
                self._refuse_value()
            self.read()
        except StepError as error:
            self._explain(error, end)
            raise
        self._finish(end)

    def _finish(self, end: Ticks) -> None:
        """Book what the step to ``end`` has brought."""
        size = Ticks(end - self.time)
        self.time = end
        self.steps += 1
        for booking in self.bookings:
            booking.add(self.inputs, size / TICKS_PER_SECOND)
        for outlet in self.updates:
            outlet.update(self.outputs, size / TICKS_PER_SECOND)
        if self.samples is not None:
            self._remember()

    def write(self) -> None:
        """Hand inputs and tunable parameters to the instance where they differ from what it has."""
        inputs, tunables = self.inputs.tobytes(), self.tunables.tobytes()
        written = self.written
        if written is None or written[0] != inputs:
            self.instance.write(self.input_group, self.inputs)
        if self.tunable_names and (written is None or written[1] != tunables):
            self.instance.write(self.tunable_group, self.tunables)
        self.written = (inputs, tunables)

    def read(self) -> None:
        """Read the outputs; one that is not a finite number is an error."""
        outputs = self.outputs
        self.instance.read(self.output_group, outputs)
        if outputs.dot(self.zeros) != 0.0:  # NaN and infinity times zero are NaN, which differs from all
            self._refuse_value()

    def renew(self) -> None:
        """Read the outputs that belong to the inputs as they are now, if these are others than in the last step."""
        self.gather_wires()
        for inflow in self.inflows:
            inflow.prime()
        if self.written == (self.inputs.tobytes(), self.tunables.tobytes()):
            return
        try:
            self.write()
            self.read()
        except StepError as error:
            self._explain(error, self.time)
            raise

    def begin_window(self, end: Ticks) -> None:
        """Prepare for substeps up to ``end``, where components step at different times."""
        self.window_end = end
        self.samples = []
        for outlet in self.outlets:
            outlet.trim()

    def begin_recording(self, *, is_multi_rate: bool) -> None:
        """Start a record of totals for receivers with other steps; without one, samples are taken by the caller."""
        self.samples = [] if is_multi_rate else None
        self.window_end = Ticks(self.time + (1 << 62))
        for outlet in self.outlets:
            outlet.forget(self.time)

    def correct_sample(self) -> None:
        """Replace the last sample after the outputs have been read once more."""
        if self.samples:
            self.samples[-1] = (self.time, self.outputs[: self.n_recorded].copy())

    def _remember(self) -> None:
        assert self.samples is not None
        self.samples.append((self.time, self.outputs[: self.n_recorded].copy()))
        for outlet in self.outlets:
            outlet.remember(self.time)

    def _step(self, end: Ticks, outcome: StepOutcome | None = None) -> None:
        """Step to ``end``; the first ``outcome`` may be there already."""
        start, stop = Ticks(self.time - self.lag), Ticks(end - self.lag)
        for _ in range(MOST_RETURNS):
            outcome = outcome or self.instance.step(start, Ticks(stop - start))
            if outcome.is_terminated:
                raise StepError(
                    f"'{self.name}' asked to end the simulation at t = {format_ticks(self.time)}.", component=self.name
                )
            if outcome.time == stop:
                return
            if not start < outcome.time < stop:
                raise StepError(
                    f"'{self.name}' was asked to step to {to_seconds(stop):.9g} s and reports "
                    f"{to_seconds(outcome.time):.9g} s.",
                    component=self.name,
                )
            start, outcome = outcome.time, None
        raise StepError(
            f"'{self.name}' returned early {MOST_RETURNS} times in the step from t = {format_ticks(self.time)} to "
            f"{format_ticks(end)}, and came to {to_seconds(start):.12g} s. A shorter step asks less of it.",
            component=self.name,
        )

    def _refuse_value(self) -> None:
        variable = self.output_names[int(np.flatnonzero(~np.isfinite(self.outputs))[0])]
        value = self.outputs[self.output_names.index(variable)]
        raise StepError(
            f"{self.name}.{variable} became {value} at t = {format_ticks(self.time)}, which is not a finite number. "
            "Look at the inputs of this step in the result.",
            component=self.name,
            variable=variable,
        )

    def _explain(self, error: StepError, end: Ticks) -> None:
        self.is_dead = True
        error.component = error.component or self.name
        if isinstance(error, StepDiscarded) and error.reached is not None:
            error.reached += self.lag
        error.details = {
            "component": self.name,
            "time": to_seconds(self.time),
            "step_size": to_seconds(Ticks(end - self.time)),
            "inputs": dict(zip(self.input_names, self.inputs.tolist(), strict=True)),
            **error.details,
        }


class Drive:
    """A recorded signal that drives an input."""

    __slots__ = ("is_linear", "target", "times", "values")

    def __init__(self, target: int, times: NDArray[np.int64], values: Array, *, is_linear: bool) -> None:
        self.target, self.is_linear = target, is_linear
        self.times, self.values = np.ascontiguousarray(times, np.int64), np.ascontiguousarray(values, np.float64)

    def at(self, time: Ticks) -> float:
        """Return the value at ``time``; before the first and after the last record, that record's."""
        following = int(np.searchsorted(self.times, time, side="right"))
        last = max(following - 1, 0)
        value = float(self.values[last])
        if not self.is_linear or following == 0 or following == len(self.times):
            return value
        share = float(time - self.times[last]) / float(self.times[following] - self.times[last])
        return value + share * (float(self.values[following]) - value)


class Booking:
    """What enters through an inlet without a stream: flow and composition are inputs held over each step."""

    __slots__ = ("booked", "contents", "flow", "name", "species")

    def __init__(self, name: str, flow: int, contents: list[int], species: tuple[str, ...], booked: Array) -> None:
        self.name, self.flow, self.species, self.booked = name, flow, species, booked
        self.contents = np.array(contents, dtype=np.intp)

    def add(self, inputs: Array, seconds: float) -> None:
        """Book a step of ``seconds``."""
        flow = float(inputs[self.flow])
        if flow != 0.0:
            self.booked[0] += flow * seconds
            self.booked[1:] += (flow * seconds) * inputs[self.contents]
