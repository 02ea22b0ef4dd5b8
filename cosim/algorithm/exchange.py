"""Inputs over a step: the mean of a polynomial through what the sender put out at its last communication points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.network import Network
from cosim.algorithm.outlet import Array
from cosim.algorithm.participant import Participant
from cosim.algorithm.polynomial import Trace, begin_trace, no_rates
from cosim.clock import TICKS_PER_SECOND, Ticks, format_ticks
from cosim.errors import StepError
from cosim.instance.abilities import AbstractExtrapolable, AbstractInterpolating
from cosim.system.variable import Variability, Variable, VariableType

MOST_INPUT_ORDERS: Final = 3
"""Derivatives of inputs that receivers are told: those of a cubic through values and slopes at both ends of a step."""
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
    is_limited: bool
    """True where any of the inputs has a minimum or a maximum."""
    moving: tuple[int, ...] = ()
    """Positions in ``targets`` of inputs that the receiver lets change within a step."""

    def put(self, values: Array, sent: Sequence[Array], inputs: Array) -> None:
        """Set the inputs from outputs ``values``, within their ``limits``."""
        lowest, highest = self.limits(sent)
        inputs[self.targets] = np.clip(self.carried(values), lowest, highest)

    def carried(self, values: Array) -> Array:
        """Return what the inputs become where the sender puts out ``values``."""
        carried: Array = values[self.sources] * self.factors + self.offsets
        return carried

    def limits(self, sent: Sequence[Array]) -> tuple[Array, Array]:
        """Return minimum and maximum of the inputs, or what was ``sent`` beyond them.

        A polynomial may not lead beyond both; what the sender puts out itself is never changed.
        """
        if not self.is_limited:
            return self.lowest, self.highest
        known = [self.carried(values) for values in sent]
        return np.minimum.reduce([self.lowest, *known]), np.maximum.reduce([self.highest, *known])

    def move(self, trace: Trace, sent: Sequence[Array], span: tuple[Ticks, Ticks], inputs: Array) -> Array:
        """Set moving inputs to their values at the start of ``span``; return their derivatives, (n_orders, n_moving).

        One that would leave its ``limits`` before the end keeps the mean that was put, without derivatives.
        """
        start, end = span
        places = list(self.moving)
        lowest, highest = (bound[places] for bound in self.limits(sent))
        terms = trace.taylor(start)[: MOST_INPUT_ORDERS + 1, self.sources[places]] * self.factors[places]
        terms[0] += self.offsets[places]
        size = (end - start) / TICKS_PER_SECOND
        powers = np.array([size**k / factorial(k) for k in range(len(terms))])
        ends = np.array([terms[0], powers @ terms])
        is_inside = ((ends >= lowest) & (ends <= highest)).all(axis=0)
        targets = self.targets[places]
        inputs[targets] = np.where(is_inside, terms[0], inputs[targets])
        rates = np.zeros((MOST_INPUT_ORDERS, len(places)))
        rates[: len(terms) - 1] = np.where(is_inside, terms[1:], 0.0)
        return rates


@dataclass(frozen=True, slots=True)
class Traces:
    """What an algorithm remembers for interpolation: links by receiver, traces by sender, degree of the polynomial."""

    degree: int
    links: Mapping[str, tuple[Link, ...]]
    by_sender: Mapping[str, Trace]
    direct: frozenset[str]
    """Receivers with outputs that depend directly on such inputs."""
    rated: Mapping[str, tuple[int, tuple[int, ...]]]
    """By sender that tells derivatives of outputs: up to which order, and of which of them."""


def begin_traces(network: Network, degree: int) -> Traces:
    """Return the traces of ``network`` with the present as their only point: nothing before it is smooth."""
    traces = first_traces(network, degree)
    if not traces.rated:
        return traces
    exchange = Exchange(traces)
    exchange.begin(network.participants)
    return exchange.result()


def first_traces(network: Network, degree: int) -> Traces:
    """Return the same with derivatives as they are told before receivers know those of their inputs."""
    links = find_links(network.participants)
    places: dict[Participant, set[int]] = {}
    for link in (link for found in links.values() for link in found):
        places.setdefault(link.sender, set()).update(link.sources.tolist())
    senders = list(places)
    rated = {sender.name: found for sender in senders if (found := _rated(sender, sorted(places[sender]), degree))}
    by_sender = {
        sender.name: begin_trace(sender.time, sender.outputs.copy(), _rates(sender, rated)) for sender in senders
    }
    receivers = [participant for participant in network.participants if links[participant.name]]
    direct = [item.name for item in receivers if any(_can_feed_through(item, link) for link in links[item.name])]
    return Traces(degree, links, by_sender, frozenset(direct), rated)


class Exchange:
    """Steps participants with interpolated and extrapolated inputs; knows the traces while a window lasts.

    Values of a sender that has gone further are interpolated, of one that has not extrapolated. After a step, outputs
    that depend directly on such inputs are read once more, with the inputs as they are at the end of the step.
    A receiver that lets inputs change within a step is told the derivatives of the polynomial instead of its mean; a
    sender that tells derivatives of its outputs gives the polynomial a slope. Streams, demands and what is not a
    continuous real number are held, as without extrapolation.
    """

    def __init__(self, traces: Traces) -> None:
        self.degree, self.links, self.direct = traces.degree, traces.links, traces.direct
        self.traces = dict(traces.by_sender)
        self.rated = traces.rated
        self._supposed: set[str] = set()
        """Senders whose last point is not what they have put out."""

    def begin(self, participants: Sequence[Participant]) -> None:
        """Let derivatives of outputs be those that belong to the inputs', of ``participants`` that make no loop."""
        for _ in range(self.degree):  # each pass does for derivatives of one more order
            for participant in participants:
                self.settle(participant, is_direct=True)

    def gather(self, participant: Participant, end: Ticks, *, is_late: bool = False) -> None:
        """Take inputs for the step to ``end``."""
        self.gather_wires(participant, end)
        participant.gather_streams(end, is_late=is_late)

    def gather_wires(self, participant: Participant, end: Ticks) -> None:
        """Take inputs from connections and signals for the step to ``end``."""
        participant.gather_wires()
        for link in self.links[participant.name]:
            mean = self.traces[link.sender.name].mean(participant.time, end)
            link.put(mean, self._sent(link.sender), participant.inputs)
        for signal in participant.signals:
            if signal.is_linear:
                participant.inputs[signal.target] = signal.at(Ticks((participant.time + end) // 2))

    def advance(self, participant: Participant, end: Ticks) -> None:
        """Step to ``end`` and read the outputs that belong to its inputs there."""
        self.move(participant, end)
        participant.advance(end)
        self.settle(participant)

    def move(self, participant: Participant, end: Ticks) -> None:
        """Tell ``participant`` how its inputs change until ``end``, as far as it can take that."""
        span = participant.time, end
        moves = [
            (link, link.move(self.traces[link.sender.name], self._sent(link.sender), span, participant.inputs))
            for link in self.links[participant.name]
            if link.moving
        ]
        if not moves:
            return
        participant.write()
        instance = participant.instance
        assert isinstance(instance, AbstractInterpolating)
        places = [place for link, _ in moves for place in link.targets[list(link.moving)].tolist()]
        group = participant.subgroup(tuple(participant.input_names[place] for place in places))
        for order, rates in enumerate(np.hstack([rates for _, rates in moves]), start=1):
            instance.write_derivatives(group, order, np.ascontiguousarray(rates))

    def settle(self, participant: Participant, *, is_direct: bool = False) -> None:
        """Read the outputs with the inputs as they are at the present time of ``participant``, and keep them."""
        if is_direct or participant.name in self.direct:
            participant.gather_wires()
            for link in self.links[participant.name]:
                values = self.traces[link.sender.name].at(participant.time)
                link.put(values, self._sent(link.sender), participant.inputs)
            if self.rated:
                self.move(participant, participant.time)
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
            self._supposed.discard(participant.name)
            self.traces[participant.name] = trace.then(
                participant.time, participant.outputs.copy(), self.degree + 1, _rates(participant, self.rated)
            )

    def suppose(self, participant: Participant, places: NDArray[np.intp], values: Array, rates: Array) -> None:
        """Let receivers see ``values`` and ``rates`` of outputs at the last point in place of those kept."""
        trace = self.traces[participant.name]
        supposed, slopes = trace.values[-1].copy(), trace.rates[-1].copy()
        supposed[places], slopes[:, places] = values, rates
        self.traces[participant.name] = trace.then(trace.times[-1], supposed, len(trace.times), slopes)
        self._supposed.add(participant.name)

    def _sent(self, sender: Participant) -> Sequence[Array]:
        """Return what ``sender`` put out at the points of its trace."""
        values = self.traces[sender.name].values
        return values[:-1] if sender.name in self._supposed else values

    def forget_rates(self, participants: Iterable[Participant]) -> None:
        """Begin traces anew, with values alone."""
        for participant in participants:
            self.traces[participant.name] = begin_trace(participant.time, participant.outputs.copy())

    def result(self) -> Traces:
        """Return the traces to go on with."""
        return Traces(self.degree, self.links, dict(self.traces), self.direct, self.rated)


def _rated(sender: Participant, places: Sequence[int], degree: int) -> tuple[int, tuple[int, ...]] | None:
    """Return up to which order ``sender`` tells derivatives of the outputs at ``places``, which it sends, and those."""
    order = min(sender.instance.description.capabilities.max_output_derivative_order, degree)
    if order < 1 or not isinstance(sender.instance, AbstractExtrapolable):
        return None
    return (order, tuple(places)) if all(_has_rates(sender, sender.output_names[place]) for place in places) else None


def _rates(sender: Participant, rated: Mapping[str, tuple[int, tuple[int, ...]]]) -> Array:
    """Return the derivatives of the outputs as they are now; 0 of those that nobody takes."""
    if sender.name not in rated:
        return no_rates(sender.outputs)
    n_orders, places = rated[sender.name]
    instance = sender.instance
    assert isinstance(instance, AbstractExtrapolable)
    group = sender.subgroup(tuple(sender.output_names[place] for place in places))
    rates, found = np.zeros((n_orders, len(sender.outputs))), np.empty(len(places))
    for order in range(1, n_orders + 1):
        instance.read_derivatives(group, order, found)
        if not np.isfinite(found).all():
            raise _not_finite(sender, sender.output_names[places[int(np.flatnonzero(~np.isfinite(found))[0])]], order)
        rates[order - 1, list(places)] = found
    return rates


def _not_finite(sender: Participant, variable: str, order: int) -> StepError:
    return StepError(
        f"The derivative of order {order} of {sender.name}.{variable} is not a finite number at "
        f"t = {format_ticks(sender.time)}. Choose an algorithm with 'extrapolation: 0', which asks for none.",
        component=sender.name,
        variable=variable,
    )


def _has_rates(participant: Participant, name: str) -> bool:
    """Tell whether the variable may have derivatives: elements of arrays have none."""
    variables = participant.instance.description.variables
    variable = variables[name]
    array = variables.get(name.rpartition("[")[0]) if name.endswith("]") else None  # none: a scalar of that name
    is_element = array is not None and bool(array.shape)
    return variable.type is VariableType.FLOAT64 and not variable.shape and not is_element


def _moving(receiver: Participant, positions: Sequence[int]) -> tuple[int, ...]:
    """Return which of the inputs may change within a step: not flow and composition, which are booked as held."""
    capabilities = receiver.instance.description.capabilities
    if not (capabilities.can_interpolate_inputs and isinstance(receiver.instance, AbstractInterpolating)):
        return ()
    booked = {place for item in receiver.bookings for place in (item.flow, *item.contents.tolist())}
    return tuple(
        i
        for i, place in enumerate(positions)
        if place not in booked and _has_rates(receiver, receiver.input_names[place])
    )


def _can_feed_through(participant: Participant, link: Link) -> bool:
    """Tell whether some output of ``participant`` may depend directly on an input of ``link``."""
    feedthrough = participant.instance.description.feedthrough
    if any(name not in feedthrough for name in participant.output_names):
        return True
    inputs = {participant.input_names[i] for i in link.targets}
    return any(inputs & feedthrough[name] for name in participant.output_names)


def find_links(participants: Sequence[Participant]) -> dict[str, tuple[Link, ...]]:
    """Return the smooth inputs of each of ``participants`` that come from others, by sender."""
    begins = np.array([_begin(sender.outputs, sender.board) for sender in participants], dtype=np.intp)
    in_place = np.argsort(begins, kind="stable")  # of two at one place, the first has no outputs
    return {participant.name: _links_of(participant, participants, begins, in_place) for participant in participants}


def _links_of(
    participant: Participant, senders: Sequence[Participant], begins: NDArray[np.intp], in_place: NDArray[np.intp]
) -> tuple[Link, ...]:
    found: dict[int, list[int]] = {}
    owners = np.searchsorted(begins[in_place], participant.wire_sources, side="right") - 1
    for i, (place, owner) in enumerate(zip(participant.wire_sources.tolist(), owners.tolist(), strict=True)):
        number = int(in_place[owner])
        sender, source = senders[number], place - int(begins[number])
        if owner >= 0 and source < len(sender.outputs) and _is_smooth(sender, source, participant, i):
            found.setdefault(number, []).append(i)
    return tuple(
        _link(participant, senders[number], int(begins[number]), positions)
        for number, positions in sorted(found.items())
    )


def _begin(view: Array, board: Array) -> int:
    """Return where on ``board`` its part ``view`` begins."""
    begin: int = view.__array_interface__["data"][0] - board.__array_interface__["data"][0]
    return begin // board.itemsize


def _link(participant: Participant, sender: Participant, begin: int, positions: Sequence[int]) -> Link:
    targets = [participant.instance.description.variables[participant.input_names[i]] for i in positions]
    lowest = np.array([-np.inf if item.minimum is None else float(item.minimum) for item in targets])
    highest = np.array([np.inf if item.maximum is None else float(item.maximum) for item in targets])
    return Link(
        sender,
        participant.wire_sources[list(positions)] - begin,
        np.array(positions, dtype=np.intp),
        participant.wire_factors[list(positions)],
        participant.wire_offsets[list(positions)],
        lowest,
        highest,
        bool(np.isfinite(lowest).any() or np.isfinite(highest).any()),
        _moving(participant, positions),
    )


def _is_smooth(sender: Participant, source: int, receiver: Participant, target: int) -> bool:
    names = sender.output_names[source], receiver.input_names[target]
    if names[1].endswith(".demand"):
        return False
    return _is_continuous(sender.instance.description.variables[names[0]]) and _is_continuous(
        receiver.instance.description.variables[names[1]]
    )


def _is_continuous(variable: Variable) -> bool:
    return variable.type in SMOOTH_TYPES and variable.variability is Variability.CONTINUOUS
