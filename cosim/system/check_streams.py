"""Streams: ports, directions, species, loops."""

from __future__ import annotations

from cosim.system.checking import Checker
from cosim.system.graph import stream_loops
from cosim.system.ports import content_variable, flow_variable
from cosim.system.stream import Port, PortDirection, PortName, Stream


def check_streams(checker: Checker) -> None:
    """Check every stream, that ports are joined once, and that no loop consists of feedthrough only."""
    used: dict[PortName, str] = {}
    for stream in checker.structure.streams:
        what = f"Stream {stream.name}"
        source = checker.port(stream.source, stream.origin, what)
        target = checker.port(stream.target, stream.origin, what) if stream.target else None
        for name in (stream.source, stream.target):
            if name is None:
                continue
            if name in used:
                checker.add(
                    f"Port {name} is joined twice: by {used[name]} and by {what}. Mixing and splitting need a unit of "
                    "their own.",
                    stream.origin,
                )
            used.setdefault(name, what)
        _check_directions(checker, stream, source, target, what)
        if source is not None and target is not None:
            _check_species(checker, stream, source, target, what)
    _check_open_outlets(checker, used)
    _check_loops(checker)


def _check_directions(checker: Checker, stream: Stream, source: Port | None, target: Port | None, what: str) -> None:
    if source is not None and source.direction is not PortDirection.OUTLET:
        checker.add(f"{what} starts at {stream.source}, which is an inlet. Streams start at an outlet.", stream.origin)
    if target is not None and target.direction is not PortDirection.INLET:
        checker.add(f"{what} ends at {stream.target}, which is an outlet. Streams end at an inlet.", stream.origin)
    if source is not None and target is not None and source.medium is not target.medium:
        checker.add(f"{what} joins {source.medium.value} to {target.medium.value}.", stream.origin)


def _check_species(checker: Checker, stream: Stream, source: Port, target: Port, what: str) -> None:
    sent = {link.source for link in stream.links} | set(stream.dropped)
    received = {link.target for link in stream.links} | set(stream.absent)
    for lacking in [name for name in target.species if name not in received]:
        checker.add(
            f"{what}: {stream.target} needs species '{lacking}', which {stream.source} does not send. Name it in "
            "'absent' to take it as zero.",
            stream.origin,
        )
    for ignored in [name for name in source.species if name not in sent]:
        checker.add(
            f"{what}: {stream.source} sends species '{ignored}', which {stream.target} does not know. Name it in "
            "'drop' to let it leave the flowsheet here.",
            stream.origin,
        )
    for unknown in sorted(sent - set(source.species)):
        checker.add(f"{what}: {stream.source} has no species '{unknown}'.", stream.origin)
    for unknown in sorted(received - set(target.species)):
        checker.add(f"{what}: {stream.target} has no species '{unknown}'.", stream.origin)


def _check_open_outlets(checker: Checker, used: dict[PortName, str]) -> None:
    """Refuse outlets that lead nowhere, except those that send only what is asked for."""
    for component in checker.structure.components.values():
        for port in component.description.ports.values():
            name = PortName(component.name, port.name)
            if port.direction is PortDirection.OUTLET and name not in used and not port.has_demand:
                checker.add(
                    f"Outlet {name} leads nowhere. Join it to an inlet, or write '{name} => waste'.",
                    component.origin,
                    component=component.name,
                )


def _check_loops(checker: Checker) -> None:
    known = [s for s in checker.structure.streams if s.target is not None and _is_known(checker, s)]
    if len(known) < sum(s.target is not None for s in checker.structure.streams):
        return
    for loop in stream_loops(checker.structure):
        inside = [s for s in known if s.source.component in loop and s.target and s.target.component in loop]
        if all(_passes_through(checker, name, inside) for name in loop):
            path = " => ".join([*loop, loop[0]])
            checker.add(
                f"The stream loop {path} has no unit in it that holds anything: each passes on at once what it gets, "
                "so that the flow has no solution. Put a tank into the loop.",
                inside[0].origin,
                component=loop[0],
            )


def _is_known(checker: Checker, stream: Stream) -> bool:
    return all(
        name is not None
        and name.component in checker.structure.components
        and name.port in checker.structure.components[name.component].description.ports
        for name in (stream.source, stream.target)
    )


def _passes_through(checker: Checker, component: str, streams: list[Stream]) -> bool:
    """Tell whether the flow or composition of an outlet in the loop is known to depend on an inlet at once."""
    description = checker.structure.components[component].description
    inlets = [s.target.port for s in streams if s.target and s.target.component == component]
    entering = {name for port in inlets for name in _members(description.ports[port])}
    leaving = [s.source.port for s in streams if s.source.component == component]
    return any(
        entering & description.feedthrough.get(name, frozenset())
        for port in leaving
        for name in _members(description.ports[port])
    )


def _members(port: Port) -> list[str]:
    return [flow_variable(port), *(content_variable(port, species) for species in port.species)]
