"""Inputs over a step: the mean of a polynomial through what the sender put out at its last communication points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.network import Network
from cosim.algorithm.outlet import Array
from cosim.algorithm.participant import Participant
from cosim.algorithm.polynomial import Trace
from cosim.clock import Ticks
from cosim.system.variable import Variability, Variable, VariableType

SMOOTH_TYPES = (VariableType.FLOAT32, VariableType.FLOAT64)


@dataclass(frozen=True, slots=True)
class Link:
    """Smooth inputs of a participant that come from one sender: ``target`` = ``source`` × factor + offset."""

    sender: Participant
    sources: NDArray[np.intp]
    """Places among the sender's outputs."""
    targets: NDArray[np.intp]
    factors: Array
    offsets: Array
    lowest: Array
    highest: Array

    def put(self, values: Array, inputs: Array) -> None:
        """Set the inputs from outputs ``values``, within their minimum and maximum."""
        inputs[self.targets] = np.clip(values[self.sources] * self.factors + self.offsets, self.lowest, self.highest)


@dataclass(frozen=True, slots=True)
class Traces:
    """What an algorithm remembers for interpolation: links by receiver, traces by sender, degree of the polynomial."""

    degree: int
    links: Mapping[str, tuple[Link, ...]]
    by_sender: Mapping[str, Trace]
    direct: frozenset[str]
    """Receivers with outputs that depend directly on such inputs."""


def begin_traces(network: Network, degree: int) -> Traces:
    """Return the traces of ``network`` with the present as their only point: nothing before it is smooth."""
    links = {participant.name: _links(participant, network) for participant in network.participants}
    senders = {link.sender for found in links.values() for link in found}
    by_sender = {sender.name: Trace((sender.time,), (sender.outputs.copy(),)) for sender in senders}
    receivers = [participant for participant in network.participants if links[participant.name]]
    direct = [item.name for item in receivers if any(_can_feed_through(item, link) for link in links[item.name])]
    return Traces(degree, links, by_sender, frozenset(direct))


class Exchange:
    """Steps participants with interpolated and extrapolated inputs; knows the traces while a window lasts.

    Values of a sender that has gone further are interpolated, of one that has not extrapolated. After a step, outputs
    that depend directly on such inputs are read once more, with the inputs as they are at the end of the step.
    Streams, demands and what is not a continuous real number are held, as without extrapolation.
    """

    def __init__(self, traces: Traces) -> None:
        self.degree, self.links, self.direct = traces.degree, traces.links, traces.direct
        self.traces = dict(traces.by_sender)

    def gather(self, participant: Participant, end: Ticks, *, is_late: bool = False) -> None:
        """Take inputs for the step to ``end``."""
        self.gather_wires(participant, end)
        participant.gather_streams(end, is_late=is_late)

    def gather_wires(self, participant: Participant, end: Ticks) -> None:
        """Take inputs from connections and signals for the step to ``end``."""
        participant.gather_wires()
        for link in self.links[participant.name]:
            link.put(self.traces[link.sender.name].mean(participant.time, end), participant.inputs)
        for signal in participant.signals:
            if signal.is_linear:
                participant.inputs[signal.target] = signal.at(Ticks((participant.time + end) // 2))

    def advance(self, participant: Participant, end: Ticks) -> None:
        """Step to ``end`` and read the outputs that belong to its inputs there."""
        participant.advance(end)
        self.settle(participant)

    def settle(self, participant: Participant) -> None:
        """Read the outputs with the inputs as they are at the present time of ``participant``, and keep them."""
        if participant.name in self.direct:
            participant.gather_wires()
            for link in self.links[participant.name]:
                link.put(self.traces[link.sender.name].at(participant.time), participant.inputs)
            participant.write()
            participant.read()
            participant.correct_sample()
        self.note(participant)

    def note_all(self, participants: Sequence[Participant]) -> None:
        """Keep the outputs of participants that have stepped together, then settle them."""
        for participant in participants:
            self.note(participant)
        for participant in participants:
            self.settle(participant)

    def note(self, participant: Participant) -> None:
        """Keep the outputs as they are now."""
        if participant.name in self.traces:
            trace = self.traces[participant.name]
            self.traces[participant.name] = trace.then(participant.time, participant.outputs.copy(), self.degree + 1)

    def result(self) -> Traces:
        """Return the traces to go on with."""
        return Traces(self.degree, self.links, dict(self.traces), self.direct)


def _can_feed_through(participant: Participant, link: Link) -> bool:
    """Tell whether some output of ``participant`` may depend directly on an input of ``link``."""
    feedthrough = participant.instance.description.feedthrough
    if any(name not in feedthrough for name in participant.output_names):
        return True
    inputs = {participant.input_names[i] for i in link.targets}
    return any(inputs & feedthrough[name] for name in participant.output_names)


def _links(participant: Participant, network: Network) -> tuple[Link, ...]:
    board = participant.board.__array_interface__["data"][0]
    found: list[Link] = []
    for sender in network.participants:
        begin = (sender.outputs.__array_interface__["data"][0] - board) // participant.board.itemsize
        places = participant.wire_sources - begin
        positions = [
            i
            for i, place in enumerate(places.tolist())
            if 0 <= place < len(sender.outputs) and _is_smooth(sender, place, participant, i)
        ]
        if positions:
            targets = [participant.instance.description.variables[participant.input_names[i]] for i in positions]
            found.append(
                Link(
                    sender,
                    places[positions],
                    np.array(positions, dtype=np.intp),
                    participant.wire_factors[positions],
                    participant.wire_offsets[positions],
                    np.array([-np.inf if item.minimum is None else float(item.minimum) for item in targets]),
                    np.array([np.inf if item.maximum is None else float(item.maximum) for item in targets]),
                )
            )
    return tuple(found)


def _is_smooth(sender: Participant, source: int, receiver: Participant, target: int) -> bool:
    names = sender.output_names[source], receiver.input_names[target]
    if names[1].endswith(".demand"):
        return False
    return _is_continuous(sender.instance.description.variables[names[0]]) and _is_continuous(
        receiver.instance.description.variables[names[1]]
    )


def _is_continuous(variable: Variable) -> bool:
    return variable.type in SMOOTH_TYPES and variable.variability is Variability.CONTINUOUS
