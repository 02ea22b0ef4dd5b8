"""Streams by the names and factors that delivering them takes."""

from __future__ import annotations

from dataclasses import dataclass

from cosim.execution.amounts import ROUND_OFF, passing_factor
from cosim.execution.layout import port_of, sent_species
from cosim.system.ports import content_variable, flow_total_variable, flow_variable, total_variable
from cosim.system.stream import VOLUME, Medium, Stream
from cosim.system.structure import SystemStructure
from cosim.system.variable import VariableName


@dataclass(frozen=True, slots=True)
class Delivery:
    """A stream; ``totals`` is empty where flow × content is integrated, and ``scales`` take them to its unit."""

    stream: Stream
    flow: VariableName
    contents: tuple[VariableName, ...]
    totals: tuple[VariableName, ...]
    scales: tuple[float, ...]
    is_summed: bool
    """The total of the flow is the sum of those of all species that have left."""
    temperatures: tuple[VariableName, VariableName] | None
    flow_out: VariableName
    arriving: tuple[VariableName, ...]
    is_reversible: bool

    @property
    def n_species(self) -> int:
        """Species that are added up: those that arrive, and all where their sum is the flow."""
        return len(self.totals) if self.is_summed else len(self.contents)

    @property
    def sources(self) -> tuple[VariableName, ...]:
        """What it needs of the sender."""
        return (self.flow, *self.contents, *self.totals, *(self.temperatures or ())[:1])

    @property
    def targets(self) -> tuple[VariableName, ...]:
        """What it gives the receiver."""
        return (self.flow_out, *self.arriving, *(self.temperatures or ())[1:])


def delivery_of(structure: SystemStructure, stream: Stream) -> Delivery:
    """Return ``stream``, which has a target."""
    assert stream.target is not None
    source, target = stream.source, stream.target
    outlet, inlet = port_of(structure, source), port_of(structure, target)
    names, scales = _totals(structure, stream)
    temperatures = (
        VariableName(source.component, f"{source.port}.T"),
        VariableName(target.component, f"{target.port}.T"),
    )
    return Delivery(
        stream=stream,
        flow=VariableName(source.component, flow_variable(outlet)),
        contents=tuple(VariableName(source.component, content_variable(outlet, one.source)) for one in stream.links),
        totals=tuple(VariableName(source.component, name) for name in names),
        scales=scales,
        is_summed=bool(names) and outlet.medium is Medium.GAS,
        temperatures=temperatures if outlet.has_temperature and inlet.has_temperature else None,
        flow_out=VariableName(target.component, flow_variable(inlet)),
        arriving=tuple(VariableName(target.component, content_variable(inlet, one.target)) for one in stream.links),
        is_reversible=outlet.is_reversible and inlet.is_reversible,
    )


def _totals(structure: SystemStructure, stream: Stream) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return the outlet's totals that are needed, and the factors to the unit of flow × content × s."""
    outlet = port_of(structure, stream.source)
    if not outlet.has_totals:
        return (), ()
    sent = sent_species(stream, outlet)
    names = {one: total_variable(outlet, one) for one in sent}
    if outlet.medium is Medium.LIQUID:
        names = {VOLUME: flow_total_variable(outlet)} | {one: names[one] for one in sent[: len(stream.links)]}
    scales = [
        structure.amount_factor(stream.source.component, name) / passing_factor(structure, stream.source, what)
        for what, name in names.items()
    ]
    return tuple(names.values()), tuple(1.0 if abs(one - 1.0) < ROUND_OFF else one for one in scales)


def absent_contents(structure: SystemStructure, stream: Stream) -> tuple[VariableName, ...]:
    """Return what ``stream`` does not bring to its target, and which is zero there."""
    if stream.target is None:
        return ()
    inlet = port_of(structure, stream.target)
    return tuple(VariableName(stream.target.component, content_variable(inlet, species)) for species in stream.absent)
