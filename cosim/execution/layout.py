"""Which variables of each component the engine writes and reads, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cosim.system.experiment import Comparison, Event, Experiment, Phase, Setting, Until
from cosim.system.ports import content_variable, flow_total_variable, flow_variable, total_variable
from cosim.system.stream import Medium, Port, PortDirection, PortName, Stream
from cosim.system.structure import SystemStructure
from cosim.system.variable import Causality, VariableName


@dataclass(eq=False, slots=True)
class Layout:
    """The groups of one component.

    ``inputs`` begins with the targets of connections, ``outputs`` with what is recorded. ``input_blocks`` and
    ``output_blocks`` tell where the variables of a port begin.
    """

    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    tunables: list[str] = field(default_factory=list)
    n_recorded: int = 0
    input_blocks: dict[str, int] = field(default_factory=dict)
    output_blocks: dict[str, int] = field(default_factory=dict)
    booked: dict[str, int] = field(default_factory=dict)
    """Inlets without a stream whose flow is driven otherwise, by name."""

    def add_input(self, name: str) -> None:
        """Add ``name`` unless it is there."""
        if name not in self.inputs:
            self.inputs.append(name)

    def add_output(self, name: str) -> None:
        """Add ``name`` unless it is there."""
        if name not in self.outputs:
            self.outputs.append(name)


@dataclass(frozen=True, slots=True)
class Wire:
    """A connection, or a demand that travels against its stream."""

    source: VariableName
    target: VariableName
    factor: float
    offset: float


def sent_species(stream: Stream, port: Port) -> tuple[str, ...]:
    """Return the species that leave through ``port``: those that arrive at the target, then those that do not."""
    linked = tuple(link.source for link in stream.links)
    return linked + tuple(name for name in port.species if name not in linked)


def wires_of(structure: SystemStructure) -> list[Wire]:
    """Return the connections, and the demands of inlets whose outlets accept them."""
    wires = [Wire(c.source, c.target, c.factor, c.offset) for c in structure.connections]
    for stream in structure.streams:
        if stream.target is not None and is_on_demand(structure, stream):
            source, target = stream.source, stream.target
            wires.append(
                Wire(
                    VariableName(target.component, f"{target.port}.demand"),
                    VariableName(source.component, f"{source.port}.demand"),
                    stream.demand_factor,
                    0.0,
                )
            )
    return wires


def is_on_demand(structure: SystemStructure, stream: Stream) -> bool:
    """Tell whether the receiver sets the flow of ``stream``."""
    return (
        stream.target is not None
        and port_of(structure, stream.source).has_demand
        and port_of(structure, stream.target).has_demand
    )


def port_of(structure: SystemStructure, name: PortName) -> Port:
    """Return the port called ``name``."""
    return structure.components[name.component].description.ports[name.port]


def settings_of(experiment: Experiment) -> Iterable[Setting]:
    """Return every setting of phases, steps and events."""
    for phase in experiment.phases:
        yield from phase.settings
        for step in phase.steps:
            yield from step.settings
    for event in experiment.events:
        yield from event.settings


def comparisons_of(phases: Iterable[Phase], events: Iterable[Event]) -> Iterable[Comparison]:
    """Return every condition of phases, steps, collects and events."""
    for phase in phases:
        for ending in (phase.ending, *(step.ending for step in phase.steps)):
            if isinstance(ending, Until):
                yield from ending.conditions
        for step in phase.steps:
            for collect in step.collects:
                yield from (collect.start, collect.stop)
    for event in events:
        if event.condition is not None:
            yield event.condition


def lay_out(structure: SystemStructure, experiment: Experiment) -> dict[str, Layout]:
    """Lay out the groups of every component."""
    layouts = {name: Layout() for name in structure.components}
    for name, recorded in experiment.recorded.items():
        layouts[name].outputs = list(recorded)
        layouts[name].n_recorded = len(recorded)
    for wire in wires_of(structure):
        layouts[wire.target.component].inputs.append(wire.target.variable)
        layouts[wire.source.component].add_output(wire.source.variable)
    for stream in structure.streams:
        _lay_out_stream(structure, stream, layouts)
    targets = [setting.target for setting in settings_of(experiment)]
    targets += [collect.target for phase in experiment.phases for step in phase.steps for collect in step.collects]
    targets += [signal.target for signal in experiment.signals]
    targets += experiment.settable
    for target in targets:
        _lay_out_target(structure, target, layouts[target.component])
    for comparison in comparisons_of(experiment.phases, experiment.events):
        layouts[comparison.left.component].add_output(comparison.left.variable)
        if isinstance(comparison.right, VariableName):
            layouts[comparison.right.component].add_output(comparison.right.variable)
    _lay_out_open_inlets(structure, experiment, layouts)
    return layouts


def _lay_out_target(structure: SystemStructure, target: VariableName, layout: Layout) -> None:
    variable = structure.components[target.component].description.variables[target.variable]
    if variable.causality is Causality.INPUT:
        layout.add_input(target.variable)
    elif target.variable not in layout.tunables:
        layout.tunables.append(target.variable)


def _lay_out_stream(structure: SystemStructure, stream: Stream, layouts: dict[str, Layout]) -> None:
    port = port_of(structure, stream.source)
    source = layouts[stream.source.component]
    species = sent_species(stream, port)
    if port.has_totals:
        source.output_blocks[port.name] = len(source.outputs)
        if port.medium is Medium.LIQUID:
            source.outputs.append(flow_total_variable(port))
        source.outputs.extend(total_variable(port, name) for name in species)
    source.add_output(flow_variable(port))
    if port.has_temperature:
        source.add_output(f"{port.name}.T")
    for name in species:
        source.add_output(content_variable(port, name))
    if stream.target is None:
        return
    inlet = port_of(structure, stream.target)
    target = layouts[stream.target.component]
    target.input_blocks[inlet.name] = len(target.inputs)
    target.inputs.append(flow_variable(inlet))
    target.inputs.extend(content_variable(inlet, link.target) for link in stream.links)
    target.inputs.extend(content_variable(inlet, name) for name in stream.absent)
    if inlet.has_temperature:
        target.inputs.append(f"{inlet.name}.T")


def _lay_out_open_inlets(structure: SystemStructure, experiment: Experiment, layouts: dict[str, Layout]) -> None:
    """Book what enters through inlets without a stream, wherever their flow is set or starts other than zero."""
    joined = {stream.target for stream in structure.streams}
    for component in structure.components.values():
        layout = layouts[component.name]
        for port in component.description.ports.values():
            if port.direction is not PortDirection.INLET or PortName(component.name, port.name) in joined:
                continue
            flow = flow_variable(port)
            start = experiment.start_values.get(component.name, {}).get(
                flow, component.description.variables[flow].start
            )
            if flow not in layout.inputs and not start:
                continue
            layout.booked[port.name] = len(layout.booked)
            layout.add_input(flow)
            for name in port.species:
                layout.add_input(content_variable(port, name))
