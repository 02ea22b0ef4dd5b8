"""From structure, experiment and instances to participants on a board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.counts import Counts
from cosim.algorithm.outlet import Array, Outlet
from cosim.algorithm.participant import Booking, Drive, Participant
from cosim.algorithm.transfer import Transfer
from cosim.execution.amounts import ROUND_OFF, passing_factor
from cosim.execution.layout import Layout, lay_out, port_of, sent_species, wires_of
from cosim.instance.contract import AbstractInstance
from cosim.system.experiment import Experiment, StartValue
from cosim.system.graph import sender_first
from cosim.system.ports import content_variable, flow_total_variable, flow_variable, total_variable
from cosim.system.stream import VOLUME, Medium, PortDirection, PortName, Stream
from cosim.system.structure import SystemStructure
from cosim.system.variable import Variable, VariableName


class Board:
    """Hands out parts of one vector."""

    def __init__(self, size: int) -> None:
        self.values = np.zeros(size)
        self._used = 0

    def take(self, size: int) -> Array:
        """Return the next ``size`` values as a view."""
        view = self.values[self._used : self._used + size]
        assert len(view) == size
        self._used += size
        return view


@dataclass(frozen=True, slots=True)
class WireEnd:
    """Where a connected input gets its value: place of the source on the board, and of the input's start value."""

    sender: str
    source: int
    start: int
    factor: float
    offset: float


@dataclass(eq=False, slots=True)
class System:
    """Everything that runs: participants in Gauss–Seidel order, streams, and where on the board each value is."""

    structure: SystemStructure
    participants: dict[str, Participant]
    board: Array
    outlets: dict[Stream, Outlet]
    transfers: dict[Stream, Transfer]
    layouts: dict[str, Layout]
    places: dict[VariableName, int]
    """Of inputs and tunable parameters that the engine writes."""
    sources: dict[VariableName, int]
    """Of variables that the engine reads."""
    wires: dict[str, list[WireEnd]] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)

    def rewire(self, name: str) -> None:
        """Let connections to ``name`` carry, or their targets keep start values where the source does not run yet."""
        live = [(self.participants[wire.sender].is_initialised, wire) for wire in self.wires.get(name, ())]
        self.participants[name].wire(
            [wire.source if is_live else wire.start for is_live, wire in live],
            [wire.factor if is_live else 1.0 for is_live, wire in live],
            [wire.offset if is_live else 0.0 for is_live, wire in live],
        )

    def sources_begin(self, participant: Participant) -> int:
        """Return the place on the board of the first output of ``participant``."""
        return place_of(participant.outputs, self.board)


def assemble(structure: SystemStructure, experiment: Experiment, instances: Mapping[str, AbstractInstance]) -> System:
    """Make a participant for every component, and join them."""
    layouts = lay_out(structure, experiment)
    board = Board(_size(structure, layouts))
    participants = {
        name: _participant(name, layouts[name], instances[name], board) for name in sender_first(structure, layouts)
    }
    places, sources = _places(participants, board.values)
    system = System(structure, participants, board.values, {}, {}, layouts, places, sources)
    for name, participant in participants.items():
        _fill_starts(
            structure.components[name].description.variables, experiment.start_values.get(name, {}), participant
        )
    for stream in structure.streams:
        _add_stream(system, stream, board)
    _add_wires(system, board)
    for signal in experiment.signals:
        participant = participants[signal.target.component]
        place = participant.input_names.index(signal.target.variable)
        participant.signals.append(
            Drive(place, signal.times, signal.values, is_linear=signal.interpolation == "linear")
        )
    for name, participant in participants.items():
        _add_bookings(system, name, participant, board)
        _find_silenced(system, participant)
    return system


def number_of(variable: Variable, value: StartValue | bytes | tuple[float, ...] | None) -> float:
    """Return a start value as the engine carries it: Booleans as 0 and 1, enumeration items as their value."""
    if isinstance(value, str):
        return float(dict(variable.enumeration).get(value, 0))
    return float(value) if isinstance(value, bool | int | float) else 0.0


def _size(structure: SystemStructure, layouts: Mapping[str, Layout]) -> int:
    """Return a sufficient length of the board."""
    groups = sum(len(item.inputs) + len(item.outputs) + len(item.tunables) for item in layouts.values())
    streams = sum(3 * (len(port_of(structure, stream.source).species) + 1) for stream in structure.streams)
    ports = [port for item in structure.components.values() for port in item.description.ports.values()]
    return groups + len(wires_of(structure)) + streams + sum(len(port.species) + 1 for port in ports)


def _participant(name: str, layout: Layout, instance: AbstractInstance, board: Board) -> Participant:
    return Participant(
        name,
        instance,
        inputs=(tuple(layout.inputs), board.take(len(layout.inputs))),
        outputs=(tuple(layout.outputs), board.take(len(layout.outputs))),
        tunables=(tuple(layout.tunables), board.take(len(layout.tunables))),
        n_recorded=layout.n_recorded,
        board=board.values,
    )


def _places(
    participants: Mapping[str, Participant], board: Array
) -> tuple[dict[VariableName, int], dict[VariableName, int]]:
    places: dict[VariableName, int] = {}
    sources: dict[VariableName, int] = {}
    for participant in participants.values():
        for found, names, values in (
            (places, participant.input_names, participant.inputs),
            (places, participant.tunable_names, participant.tunables),
            (sources, participant.output_names, participant.outputs),
        ):
            begin = place_of(values, board)
            for i, name in enumerate(names):
                found.setdefault(VariableName(participant.name, name), begin + i)
    return places, sources


def place_of(view: Array, board: Array) -> int:
    """Return where on ``board`` its part ``view`` begins."""
    begin: int = view.__array_interface__["data"][0] - board.__array_interface__["data"][0]
    return begin // board.itemsize


def _fill_starts(variables: Mapping[str, Variable], starts: Mapping[str, StartValue], participant: Participant) -> None:
    for names, values in (
        (participant.input_names, participant.inputs),
        (participant.tunable_names, participant.tunables),
    ):
        values[:] = [number_of(variables[name], starts.get(name, variables[name].start)) for name in names]


def _add_wires(system: System, board: Board) -> None:
    for wire in wires_of(system.structure):
        start = board.take(1)
        start[0] = system.board[system.places[wire.target]]
        system.wires.setdefault(wire.target.component, []).append(
            WireEnd(
                wire.source.component,
                system.sources[wire.source],
                place_of(start, system.board),
                wire.factor,
                wire.offset,
            )
        )


def _add_stream(system: System, stream: Stream, board: Board) -> None:
    participant = system.participants[stream.source.component]
    port = port_of(system.structure, stream.source)
    species = sent_species(stream, port)
    block = system.layouts[participant.name].output_blocks.get(port.name, 0)
    totals = participant.outputs[block : block + len(species) + 1]
    copied, factors = _copied_totals(system.structure, stream.source, species, participant)
    if copied is not None or not port.has_totals:
        totals = board.take(len(species) + 1)
    outlet = Outlet(
        name=str(stream.source),
        component=participant.name,
        flow=participant.output_names.index(flow_variable(port)),
        temperature=participant.output_names.index(f"{port.name}.T") if port.has_temperature else None,
        contents=np.array([participant.output_names.index(content_variable(port, s)) for s in species], dtype=np.intp),
        totals=totals,
        totals_of_species=copied,
        is_integrated=not port.has_totals,
        rate=board.take(len(species) + 1),
        is_liquid=port.medium is Medium.LIQUID,
        total_factors=factors,
    )
    participant.outlets.append(outlet)
    if outlet.needs_update:
        participant.updates.append(outlet)
    system.outlets[stream] = outlet
    if stream.target is not None:
        _add_transfer(system, stream, outlet, board)


def _copied_totals(
    structure: SystemStructure, name: PortName, species: Sequence[str], participant: Participant
) -> tuple[NDArray[np.intp] | None, Array | float]:
    """Return which outputs are an outlet's totals, and the factors to the unit of flow × content × s, if it needs any.

    Gases have no total of the flow; liquids whose totals are in that unit need no copy.
    """
    port = port_of(structure, name)
    if not port.has_totals:
        return None, 1.0
    is_gas = port.medium is Medium.GAS
    variables = {species_name: total_variable(port, species_name) for species_name in species}
    if not is_gas:
        variables = {VOLUME: flow_total_variable(port)} | variables
    factors = np.array(
        [
            structure.amount_factor(name.component, variable) / passing_factor(structure, name, what)
            for what, variable in variables.items()
        ]
    )
    factors[abs(factors - 1.0) < ROUND_OFF] = 1.0
    if not is_gas and np.all(factors == 1.0):
        return None, 1.0
    indices = [participant.output_names.index(variable) for variable in variables.values()]
    return np.array(indices, dtype=np.intp), factors


def _add_transfer(system: System, stream: Stream, outlet: Outlet, board: Board) -> None:
    assert stream.target is not None
    sender, target = system.participants[stream.source.component], system.participants[stream.target.component]
    inlet = port_of(system.structure, stream.target)
    block = system.layouts[target.name].input_blocks[inlet.name]
    n_links = len(stream.links)
    target.inputs[block + 1 + n_links : block + 1 + n_links + len(stream.absent)] = 0.0
    transfer = Transfer(
        name=f"{stream.source} => {stream.target}",
        outlet=outlet,
        sender=sender,
        target=target,
        delivered=board.take(len(outlet.totals)),
        flow=block,
        temperature=block + 1 + n_links + len(stream.absent) if inlet.has_temperature else None,
        content=target.inputs[block + 1 : block + 1 + n_links],
        factors=np.array([link.factor for link in stream.links], dtype=np.float64),
        volume_factor=stream.volume_factor,
        temperature_factor=stream.temperature_factor,
        temperature_offset=stream.temperature_offset,
        is_reversible=port_of(system.structure, stream.source).is_reversible and inlet.is_reversible,
    )
    target.inflows.append(transfer)
    sender.outflows.append(transfer)
    system.transfers[stream] = transfer


def _add_bookings(system: System, name: str, participant: Participant, board: Board) -> None:
    description = system.structure.components[name].description
    for port_name in system.layouts[name].booked:
        port = description.ports[port_name]
        contents = [participant.input_names.index(content_variable(port, species)) for species in port.species]
        flow = participant.input_names.index(flow_variable(port))
        participant.bookings.append(Booking(port_name, flow, contents, port.species, board.take(len(contents) + 1)))


def _find_silenced(system: System, participant: Participant) -> None:
    """Find the outputs that read zero while the component is asleep: flows of outlets, demands of inlets."""
    for port in system.structure.components[participant.name].description.ports.values():
        name = flow_variable(port) if port.direction is PortDirection.OUTLET else f"{port.name}.demand"
        participant.silenced.extend(i for i, output in enumerate(participant.output_names) if output == name)
