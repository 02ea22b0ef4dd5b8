"""Connections, signals and settings: names, causality, and what drives each input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cosim.errors import SourceLocation
from cosim.system.check_loops import guessed_inputs
from cosim.system.checking import Checker, may_change
from cosim.system.component import Component
from cosim.system.experiment import Experiment, Setting
from cosim.system.ports import content_variable, flow_variable
from cosim.system.stream import PortDirection, Stream
from cosim.system.variable import Causality, Variable, VariableName, VariableType

FLOATS: Final = (VariableType.FLOAT32, VariableType.FLOAT64)


def check_wiring(checker: Checker, experiment: Experiment) -> None:
    """Check every connection, signal and setting, and that each input is driven once."""
    drivers = Drivers(checker)
    for connection in checker.structure.connections:
        what = f"Connection {connection.source} -> {connection.target}"
        source = checker.variable(connection.source, connection.origin, what)
        target = checker.variable(connection.target, connection.origin, what)
        if source is not None and source.causality is Causality.INPUT:
            checker.add(f"{what} starts at an input. Start it at what drives {connection.source}.", connection.origin)
        if target is not None and target.causality is not Causality.INPUT:
            checker.add(
                f"{what} ends at {connection.target}, which is not an input but of causality "
                f"{target.causality.value}. Swap the sides, or name an input.",
                connection.origin,
            )
        if source is not None and target is not None:
            _check_types(checker, what, (source, target), connection.origin)
        drivers.add(connection.target, what, connection.origin)
    for stream in checker.structure.streams:
        _add_stream(stream, drivers, checker)
    for signal in experiment.signals:
        what = f"The recorded signal for {signal.target}"
        target = checker.variable(signal.target, signal.origin, what)
        if target is not None and target.causality is not Causality.INPUT:
            checker.add(
                f"{what} cannot drive it: its causality is {target.causality.value}. Name an input.", signal.origin
            )
        if len(signal.times) == 0 or len(signal.times) != len(signal.values):
            checker.add(
                f"{what} has {len(signal.times)} times and {len(signal.values)} values. Give one value for each time, "
                "and at least one.",
                signal.origin,
            )
        drivers.add(signal.target, what, signal.origin)
    _check_start_values(experiment, drivers, guessed_inputs(checker.structure))
    _check_settings(checker, experiment, drivers)
    _check_undriven(checker, experiment, drivers)


def _check_types(checker: Checker, what: str, ends: tuple[Variable, Variable], origin: SourceLocation | None) -> None:
    """Warn of a connection that does not carry every value as it is."""
    source, target = ends
    if target.type is VariableType.BOOLEAN and source.type is not VariableType.BOOLEAN:
        loss = "everything but 0 arrives as true"
    elif target.type is VariableType.ENUMERATION and source.enumeration != target.enumeration:
        loss = (
            f"what arrives is not checked to be one of {', '.join(f'{name} ({n})' for name, n in target.enumeration)}"
        )
    elif target.type not in FLOATS and source.type in FLOATS:
        loss = "values are rounded to whole numbers"
    else:
        return
    checker.warn(f"{what} leads from {source.type.value} to {target.type.value}: {loss}.", origin)


class Drivers:
    """What drives each input; a second driver is a problem."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self.by_target: dict[VariableName, str] = {}
        self._lines: dict[VariableName, str] = {}

    def add(self, target: VariableName, what: str, origin: SourceLocation | None) -> None:
        """Note that ``what`` drives ``target``."""
        if target in self.by_target:
            self.refuse(target, what, origin)
        else:
            self.by_target[target] = what
            self._lines[target] = _line(origin)

    def refuse(self, target: VariableName, what: str, origin: SourceLocation | None) -> None:
        """Note that ``what`` drives ``target`` too."""
        first = f"{_lower(self.by_target[target])}{self._lines[target]}"
        self._checker.add(
            f"{target} is driven twice: by {first} and by {_lower(what)}{_line(origin)}. Remove one.",
            origin,
            component=target.component,
            variable=target.variable,
        )


def _line(origin: SourceLocation | None) -> str:
    return f" (line {origin.line})" if origin else ""


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def _add_stream(stream: Stream, drivers: Drivers, checker: Checker) -> None:
    components = checker.structure.components
    if stream.target is None or stream.target.component not in components:
        return
    inlet = components[stream.target.component].description.ports.get(stream.target.port)
    if inlet is None:
        return
    what = f"Stream {stream.source} => {stream.target}"
    if drivers.by_target.get(VariableName(stream.target.component, flow_variable(inlet)), "").startswith("Stream "):
        return  # joined twice, of which the check of streams tells
    names = [flow_variable(inlet), *(content_variable(inlet, species) for species in inlet.species)]
    if inlet.has_temperature:
        names.append(f"{inlet.name}.T")
    for name in names:
        target = VariableName(stream.target.component, name)
        drivers.add(target, what, stream.origin)
    source = components.get(stream.source.component)
    outlet = source.description.ports.get(stream.source.port) if source else None
    if inlet.has_demand and outlet is not None and outlet.has_demand:
        drivers.add(VariableName(stream.source.component, f"{outlet.name}.demand"), what, stream.origin)


def _check_start_values(experiment: Experiment, drivers: Drivers, guessed: frozenset[str]) -> None:
    """Refuse values for inputs that something else drives, which would never be seen; ``guessed`` ones are."""
    for component, values in experiment.start_values.items():
        for variable in values:
            target = VariableName(component, variable)
            if target in drivers.by_target and str(target) not in guessed:
                drivers.refuse(target, "The value given for it", experiment.start_origins.get(target))


def _check_settings(checker: Checker, experiment: Experiment, drivers: Drivers) -> None:
    seen: set[Setting] = set()
    for where, setting in _settings(experiment):
        if setting in seen:
            continue
        seen.add(setting)
        what = f"The setting of {setting.target} in {where}"
        variable = checker.variable(setting.target, setting.origin, what)
        if variable is None:
            continue
        if not may_change(variable):
            checker.add(
                f"{what} cannot take effect: a {variable.variability.value} {variable.causality.value} does not change "
                "while running. Set an input or a tunable parameter, or give it under 'parameters'.",
                setting.origin,
                component=setting.target.component,
                variable=setting.target.variable,
            )
        if setting.target in drivers.by_target:
            drivers.refuse(setting.target, what, setting.origin)


def _settings(experiment: Experiment) -> list[tuple[str, Setting]]:
    found = []
    for phase in experiment.phases:
        found += [(f"phase '{phase.name}'", setting) for setting in phase.settings]
        for step in phase.steps:
            where = f"step '{phase.name}.{step.name}'"
            found += [(where, setting) for setting in step.settings]
            found += [(where, Setting(item.target, 1.0, step.origin)) for item in step.collects]
    for event in experiment.events:
        found += [("an event", setting) for setting in event.settings]
    return found


def _check_undriven(checker: Checker, experiment: Experiment, drivers: Drivers) -> None:
    """Find inputs that nothing drives and that have no default; where nobody knows about defaults, warn of all."""
    driven = set(drivers.by_target) | {setting.target for _, setting in _settings(experiment)}
    driven |= {VariableName(name, key) for name, values in experiment.start_values.items() for key in values}
    for component in checker.structure.components.values():
        states_defaults = component.description.states_defaults
        names = [
            f"{component.name}.{name}"
            for name in _open_inputs(component, driven)
            if not states_defaults or component.description.variables[name].start is None
        ]
        if not names:
            continue
        if states_defaults:
            several = len(names) > 1
            checker.add(
                f"Nothing drives {'inputs' if several else 'input'} {_listed(names)}, and "
                f"{'they have no defaults' if several else 'it has no default'}. Connect {'each' if several else 'it'} "
                f"('… -> {names[0]}'), or give a value under 'inputs'.",
                component.origin,
                component=component.name,
                variable=names[0].partition(".")[2],
            )
        else:
            checker.warn(f"Nothing drives {_listed(names, most=5)}: they keep the start values in the FMU.")


def _open_inputs(component: Component, driven: set[VariableName]) -> list[str]:
    """Return the inputs that nothing drives, without clocks and those of inlets through which nothing flows."""
    description = component.description
    closed = []
    for port in description.ports.values():
        flow = description.variables[flow_variable(port)]
        is_driven = VariableName(component.name, flow.name) in driven
        if port.direction is PortDirection.INLET and not is_driven and not flow.start:
            closed.append(f"{port.name}.")
    return [
        name
        for name, variable in description.variables.items()
        if variable.causality is Causality.INPUT
        and not variable.shape
        and variable.type is not VariableType.CLOCK
        and VariableName(component.name, name) not in driven
        and not name.startswith(tuple(closed))
    ]


def _listed(names: Sequence[str], most: int = 20) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
