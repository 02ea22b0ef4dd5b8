"""A network whose components are all C functions, stepped by ``kernel.c`` for many windows at once."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from time import perf_counter
from typing import Any, Final, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.fault import Fault, FaultKind
from cosim.algorithm.network import Network
from cosim.algorithm.outlet import Array, Outlet
from cosim.algorithm.participant import Booking, Drive, Participant
from cosim.algorithm.transfer import Transfer
from cosim.clock import Ticks
from cosim.instance.abilities import AbstractNative, NativeMove, NativeStep

KERNEL: Final = Path(__file__).parent / "kernel.c"
"""Compiled by whoever composes the program; where that is not possible, everything steps in Python."""


class Trigger(IntEnum):
    """When a watched number ends a run of windows."""

    IS_POSITIVE = 0
    IS_NOT_NEGATIVE = 1
    IS_NEGATIVE = 2
    GREW = 3
    IS_DELIVERED = 4


@dataclass(frozen=True, slots=True)
class Inlet:
    """Places on the board of what has passed an inlet, and of its flow; a volume is amount × scale × factor."""

    amount: int
    flow: int
    scale: float
    factor: float


@dataclass(frozen=True, slots=True)
class Watched:
    """``sign`` × (left − (factor × right + offset)), left and right being places on the board.

    Of a volume ``factor`` to be delivered through ``inlets``, ``offset`` is what had passed them at the beginning.
    """

    trigger: Trigger
    left: int
    right: int | None = None
    factor: float = 0.0
    offset: float = 0.0
    sign: float = 1.0
    inlets: tuple[Inlet, ...] = ()


Deliver: TypeAlias = Callable[[int, Array], None]
_VALUES: Final = 1 << 17
"""Recorded values that are handed over at once, 1 MiB: what stays in the processor's cache."""
_TYPES: Final = ("f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")
_BOOLEANS: Final = {1: 10, 4: 11}


def _structure(name: str, text: str) -> type[ctypes.Structure]:
    """Declare a structure from the words of ``text``: '*' marks an address, '.' a number, others are integers."""
    kinds = {"*": ctypes.c_void_p, ".": ctypes.c_double}
    fields = [(word.lstrip("*."), kinds.get(word[0], ctypes.c_int64)) for word in text.split()]
    return cast("type[ctypes.Structure]", type(name, (ctypes.Structure,), {"_fields_": fields}))


_Move = _structure("Move", "type n *set *get *references *buffer *positions")
_Transfer = _structure(
    "Transfer",
    "*totals *delivered n_totals n_links *flow *content *factors .volume_factor is_reversible *sender_flow "
    "*sender_temperature *temperature .temperature_factor .temperature_offset .last_flow .last_temperature",
)
_Outlet = _structure(
    "Outlet", "*totals n_totals *flow *outputs *copied n_copied *total_factors is_liquid *contents *rate"
)
_Booking = _structure("Booking", "*booked *flow *inputs *contents n_contents")
_Drive = _structure("Drive", "*times *values n is_linear *input")
_Inlet = _structure("Inlet", "*amount *flow .scale .factor")
_Participant = _structure(
    "Participant",
    "*wire_sources *inputs n_wires is_changed *component *set *input_references n_set *step *get *output_references "
    "*outputs n_got n_recorded column *factors *do_step version lag is_tuned *needs_event *is_terminated *is_early "
    "*reached *tunables n_inputs n_outputs n_tunables *written_inputs *written_tunables has_written *input_moves "
    "*tunable_moves *output_moves n_input_moves n_tunable_moves n_output_moves *wire_factors *wire_offsets *inflows "
    "n_inflows *updates n_updates *bookings n_bookings *drives n_drives n_writes .seconds",
)
_Watch = _structure("Watch", "trigger *left *right .factor .offset .sign .before .now *inlets n_inlets")
_Plan = _structure(
    "Plan",
    "*board *participants n_participants *watches n_watches is_simultaneous time size *samples width is_continued "
    "timed has_more n_done participant which status .now",
)


def compile_network(library: ctypes.CDLL, network: Network, *, is_simultaneous: bool) -> CompiledNetwork | None:
    """Return ``network`` as the kernel takes it; None where something in it needs Python."""
    if network.is_multi_rate or not network.participants:
        return None
    for participant in network.participants:
        if not isinstance(participant.instance, AbstractNative):
            return None
    steps = [_native(participant).native_step() for participant in network.participants]
    moves = [_moves(participant) for participant in network.participants]
    if any(item is None for item in (*steps, *moves)):
        return None
    return CompiledNetwork(
        library,
        network,
        [step for step in steps if step is not None],
        [move for move in moves if move is not None],
        is_simultaneous=is_simultaneous,
    )


class CompiledNetwork:
    """Steps a network in place; what Python knows of its participants is brought up to date by ``advance``."""

    def __init__(
        self,
        library: ctypes.CDLL,
        network: Network,
        steps: Sequence[NativeStep],
        moves: Sequence[tuple[tuple[NativeMove, ...], ...]],
        *,
        is_simultaneous: bool,
    ) -> None:
        self.network, self.is_simultaneous = network, is_simultaneous
        self._kept: list[Any] = []
        self._references: dict[bytes, int] = {}
        self._run = library["cosim_step_windows"]
        self._run.restype, self._run.argtypes = ctypes.c_int64, (ctypes.c_void_p, ctypes.c_int64)
        self._board = _address(network.board)
        self._flows = [inflow for participant in network.participants for inflow in participant.inflows]
        self._transfers: list[ctypes.Structure] = []
        self._written: list[tuple[Array, Array]] = []
        self.columns = _columns(network)
        self._width = sum(participant.n_recorded for participant in network.participants)
        self._samples = np.empty((max(_VALUES // max(self._width, 1), 1), self._width))
        self._participants = [self._participant(*item) for item in zip(network.participants, steps, moves, strict=True)]
        self._participant_array = (_Participant * len(self._participants))(*self._participants)
        self._plan: Any = _Plan()
        self._plan.board, self._plan.is_simultaneous = self._board, is_simultaneous
        self._plan.participants = ctypes.addressof(self._participant_array)
        self._plan.n_participants = len(self._participants)
        self._plan.size, self._plan.samples, self._plan.width = network.window, _address(self._samples), self._width
        self.watch(())

    def watch(self, watched: Sequence[Watched], now: Sequence[float] = ()) -> None:
        """Come back when one of ``watched`` asks for it; ``now`` are their present values."""
        self._watches: Any = (_Watch * len(watched))()
        self._inlets = [(_Inlet * len(item.inlets))(*map(self._inlet, item.inlets)) for item in watched]
        for target, item, inlets in zip(self._watches, watched, self._inlets, strict=True):
            target.inlets, target.n_inlets = ctypes.addressof(inlets), len(inlets)
            target.trigger, target.left = item.trigger, self._board + 8 * item.left
            target.right = None if item.right is None else self._board + 8 * item.right
            target.factor, target.offset, target.sign = item.factor, item.offset, item.sign
        for target, value in zip(self._watches, now, strict=False):
            target.now = value
        self._plan.watches, self._plan.n_watches = ctypes.addressof(self._watches), len(watched)

    def margins(self) -> list[tuple[float, float]]:
        """Return the watched values one complete window ago, and now."""
        return [(item.before, item.now) for item in self._watches]

    def go_on(self, end: Ticks, fault: Fault) -> None:
        """Complete the window to ``end`` in which the kernel came back, or raise."""
        participants = self.network.participants
        behind = participants[fault.participant]
        if fault.kind is FaultKind.BACKWARDS:
            behind.inflows[fault.which].refuse()
        behind.go_on(end, fault)
        for participant in participants[fault.participant + 1 :]:
            if not self.is_simultaneous:
                participant.gather(end)
            participant.advance(end)

    def advance(self, time: Ticks, n: int, deliver: Deliver | None = None, *, holds: bool = True) -> tuple[int, Fault]:
        """Step up to ``n`` windows from ``time``; return how many are complete, and why it ended.

        After a fault, the participants before the one at fault, or all, have stepped once more. ``deliver`` gets the
        samples (n_windows, n_recorded) of complete windows, valid during the call, and the number of windows before
        them; that of a window in which a condition begins to hold only if ``holds``.
        """
        self._push(time)
        plan, done, seconds, fault = self._plan, 0, 0.0, Fault(FaultKind.DONE, 0, 0, 0)
        try:
            while done < n and fault.kind is FaultKind.DONE:
                n_next = min(n - done, len(self._samples))
                plan.is_continued, plan.timed = done > 0, -1 if done else min(1, n_next - 1)
                began = perf_counter()
                kind = FaultKind(self._run(ctypes.addressof(plan), n_next))
                seconds += perf_counter() - began
                fault = Fault(kind, plan.participant, plan.which, plan.status)
                before, done = done, done + plan.n_done
                n_kept = plan.n_done - (kind is FaultKind.HOLDS and not holds)
                if deliver is not None and n_kept:
                    deliver(before, self._samples[:n_kept])
        finally:
            self._pull(done, fault, seconds)
        return done, fault

    def _push(self, time: Ticks) -> None:
        self._plan.time = time
        for target, flow in zip(self._all_transfers(), self._flows, strict=True):
            target.last_flow, target.last_temperature = flow.last_flow, flow.last_temperature
        for target, participant, (inputs, tunables) in zip(
            self._participant_array, self.network.participants, self._written, strict=True
        ):
            target.lag, target.has_written, target.seconds = participant.lag, participant.written is not None, 0.0
            if participant.written is not None:
                inputs[:] = np.frombuffer(participant.written[0])
                tunables[:] = np.frombuffer(participant.written[1])

    def _pull(self, n: int, fault: Fault, seconds: float) -> None:
        whole = sum(source.seconds for source in self._participant_array) or 1.0  # of the window that was timed
        size = self.network.window
        for source, flow in zip(self._all_transfers(), self._flows, strict=True):
            flow.last_flow, flow.last_temperature = source.last_flow, source.last_temperature
        is_partial = not fault.kind.is_between_windows
        if fault.kind is FaultKind.BACKWARDS and self.is_simultaneous:
            is_partial = False
        for i, (source, participant, written) in enumerate(
            zip(self._participant_array, self.network.participants, self._written, strict=True)
        ):
            n_steps = n + (is_partial and i < fault.participant)
            participant.time = Ticks(participant.time + n_steps * size)
            participant.steps += n_steps
            participant.seconds += seconds * source.seconds / whole
            participant.steps_in_c += n_steps
            participant.writes_in_c += source.n_writes
            participant.written = (written[0].tobytes(), written[1].tobytes()) if source.has_written else None
            _native(participant).stand_at(Ticks(participant.time - participant.lag))

    def _all_transfers(self) -> list[Any]:
        return [item for array in self._transfers for item in cast("Any", array)]

    def _participant(
        self, participant: Participant, step: NativeStep, moves: tuple[tuple[NativeMove, ...], ...]
    ) -> ctypes.Structure:
        written = np.zeros_like(participant.inputs), np.zeros_like(participant.tunables)
        self._written.append(written)
        inflows = self._array(_Transfer, [self._transfer(item) for item in participant.inflows])
        self._transfers.append(inflows)
        parts: dict[str, Any] = {
            "input_moves": self._array(_Move, [self._move(item) for item in moves[0]]),
            "tunable_moves": self._array(_Move, [self._move(item) for item in moves[1]]),
            "output_moves": self._array(_Move, [self._move(item) for item in moves[2]]),
            "inflows": inflows,
            "updates": self._array(_Outlet, [self._outlet(item, participant) for item in participant.updates]),
            "drives": self._array(_Drive, [self._drive(item, participant) for item in participant.signals]),
            "bookings": self._array(_Booking, [self._booking(item, participant) for item in participant.bookings]),
        }
        counts = {f"n_{name}": len(items) for name, items in parts.items()}
        return _Participant(
            **{name: ctypes.addressof(items) for name, items in parts.items()},
            **counts,
            version=step.fmi_version,
            component=step.component,
            do_step=step.do_step,
            needs_event=step.needs_event,
            is_terminated=step.is_terminated,
            is_early=step.is_early,
            reached=step.reached,
            inputs=_address(participant.inputs),
            outputs=_address(participant.outputs),
            tunables=_address(participant.tunables),
            n_inputs=len(participant.inputs),
            n_outputs=len(participant.outputs),
            n_tunables=len(participant.tunables),
            written_inputs=_address(written[0]),
            written_tunables=_address(written[1]),
            wire_sources=self._indices(participant.wire_sources),
            wire_factors=self._numbers(participant.wire_factors),
            wire_offsets=self._numbers(participant.wire_offsets),
            n_wires=participant.n_wires,
            n_recorded=participant.n_recorded,
            column=self.columns[participant.name].start,
        )

    def _move(self, move: NativeMove) -> ctypes.Structure:
        self._kept += [move.references, move.buffer]
        references = self._references.setdefault(move.references.tobytes(), _address(move.references))
        kind = _BOOLEANS[move.buffer.itemsize] if move.is_boolean else _TYPES.index(move.buffer.dtype.str[1:])
        return _Move(
            type=kind,
            n=len(move.references),
            set=move.set,
            get=move.get,
            references=references,
            buffer=_address(move.buffer),
            positions=None if move.positions is None else self._indices(move.positions),
        )

    def _transfer(self, flow: Transfer) -> ctypes.Structure:
        inputs, outputs, outlet = _address(flow.target.inputs), _address(flow.sender.outputs), flow.outlet
        has_temperature = flow.temperature is not None and outlet.temperature is not None
        return _Transfer(
            totals=_address(outlet.totals),
            delivered=_address(flow.delivered),
            n_totals=len(outlet.totals),
            n_links=flow.n_links,
            flow=inputs + 8 * flow.flow,
            content=_address(flow.content),
            factors=self._numbers(flow.factors) if flow.is_scaled else None,
            volume_factor=flow.volume_factor,
            is_reversible=flow.is_reversible,
            sender_flow=outputs + 8 * outlet.flow,
            sender_temperature=outputs + 8 * (outlet.temperature or 0),
            temperature=inputs + 8 * (flow.temperature or 0) if has_temperature else None,
            temperature_factor=flow.temperature_factor,
            temperature_offset=flow.temperature_offset,
        )

    def _outlet(self, outlet: Outlet, participant: Participant) -> ctypes.Structure:
        copied = outlet.totals_of_species
        n_copied = 0 if copied is None else len(copied)
        return _Outlet(
            totals=_address(outlet.totals),
            n_totals=len(outlet.totals),
            flow=_address(participant.outputs) + 8 * outlet.flow,
            outputs=_address(participant.outputs),
            copied=None if copied is None else self._indices(copied),
            n_copied=n_copied,
            total_factors=self._numbers(np.ones(n_copied) * outlet.total_factors),
            is_liquid=outlet.is_liquid,
            contents=self._indices(outlet.contents),
            rate=_address(outlet.rate),
        )

    def _inlet(self, inlet: Inlet) -> ctypes.Structure:
        return _Inlet(self._board + 8 * inlet.amount, self._board + 8 * inlet.flow, inlet.scale, inlet.factor)

    def _drive(self, drive: Drive, participant: Participant) -> ctypes.Structure:
        return _Drive(
            times=self._keep(drive.times),
            values=self._keep(drive.values),
            n=len(drive.times),
            is_linear=drive.is_linear,
            input=_address(participant.inputs) + 8 * drive.target,
        )

    def _booking(self, booking: Booking, participant: Participant) -> ctypes.Structure:
        inputs = _address(participant.inputs)
        return _Booking(
            booked=_address(booking.booked),
            flow=inputs + 8 * booking.flow,
            inputs=inputs,
            contents=self._indices(booking.contents),
            n_contents=len(booking.contents),
        )

    def _array(self, kind: type[ctypes.Structure], items: Sequence[ctypes.Structure]) -> Any:  # noqa: ANN401
        array = (kind * len(items))(*items)
        self._kept.append(array)
        return array

    def _indices(self, values: NDArray[np.intp]) -> int:
        return self._keep(np.ascontiguousarray(values, dtype=np.int64))

    def _numbers(self, values: Array | float) -> int:
        return self._keep(np.ascontiguousarray(values, dtype=np.float64))

    def _keep(self, values: NDArray[Any]) -> int:
        self._kept.append(values)
        return _address(values)


def _columns(network: Network) -> dict[str, slice]:
    """Return where in a row of samples those of each participant are."""
    ends = np.cumsum([participant.n_recorded for participant in network.participants]).tolist()
    return {item.name: slice(end - item.n_recorded, end) for item, end in zip(network.participants, ends, strict=True)}


def _native(participant: Participant) -> AbstractNative:
    assert isinstance(participant.instance, AbstractNative)
    return participant.instance


def _moves(participant: Participant) -> tuple[tuple[NativeMove, ...], ...] | None:
    """Return the moves of inputs, tunable parameters and outputs."""
    instance = _native(participant)
    groups = (participant.input_group, participant.tunable_group, participant.output_group)
    found = [instance.native_moves(group) for group in groups]
    return None if any(item is None for item in found) else tuple(item for item in found if item is not None)


def _address(values: NDArray[Any]) -> int:
    assert values.flags.c_contiguous
    return int(values.ctypes.data)
