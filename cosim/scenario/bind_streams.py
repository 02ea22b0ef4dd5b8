"""Connections and streams as written → with units converted and species matched."""

from __future__ import annotations

from collections.abc import Sequence

from cosim.errors import SourceLocation, StructureError
from cosim.scenario.lookup import Lookup
from cosim.scenario.model import ConnectionEntry, StreamEntry
from cosim.system.component import ComponentDescription
from cosim.system.stream import Exit, Port, PortName, SpeciesLink, Stream
from cosim.system.structure import Connection
from cosim.system.variable import Variable, VariableName
from cosim.units import Conversion, conversion, parse_quantity


def bind_connections(entries: Sequence[ConnectionEntry], lookup: Lookup) -> tuple[Connection, ...]:
    """Look up both ends of each connection and find the conversion between their units."""
    connections = []
    for entry in entries:
        source = lookup.numeric(entry.source, entry.origin)
        target = lookup.numeric(entry.target, entry.origin)
        if source is None or target is None:
            continue
        if (source.unit is None) != (target.unit is None):
            lookup.warnings.append(
                f"{entry.origin}: {entry.source} [{source.unit or 'no unit'}] -> {entry.target} "
                f"[{target.unit or 'no unit'}] passes "
                "unconverted, because one model states no unit."
            )
        change = lookup.problems.attempt(lambda e=entry, s=source, t=target: _connection(e, s, t), entry.origin)  # type: ignore[misc]
        if change is not None:
            connections.append(Connection(entry.source, entry.target, change.factor, change.offset, entry.origin))
    return tuple(connections)


def _connection(entry: ConnectionEntry, source: Variable, target: Variable) -> Conversion:
    mass = parse_quantity(entry.molar_mass.text).to("kg/mol") if entry.molar_mass else None
    if entry.molar_mass and mass is not None and mass <= 0.0:
        raise StructureError(
            f"The molar mass of connection {entry.source} -> {entry.target} is '{entry.molar_mass.text}'; it should be "
            "above zero."
        )
    try:
        return conversion(source.unit, target.unit, molar_mass=mass)
    except StructureError as error:
        raise StructureError(
            f"Cannot connect {entry.source} [{source.unit}] to {entry.target} [{target.unit}]: {error.message}"
        ) from error


def bind_streams(entries: Sequence[StreamEntry], lookup: Lookup) -> tuple[Stream, ...]:
    """Match the species of both ends of each stream and find the conversions between their units."""
    streams = []
    for entry in entries:
        stream = (
            _leaving(entry, entry.target, lookup)
            if isinstance(entry.target, Exit)
            else _stream(entry, entry.target, lookup)
        )
        if stream is not None:
            streams.append(stream)
    return tuple(streams)


def _leaving(entry: StreamEntry, exit_: Exit, lookup: Lookup) -> Stream | None:
    port = lookup.port(entry.source, entry.origin)
    for key, names in (("absent", entry.absent), ("drop", entry.drop)):
        if names:
            lookup.problems.add(f"'{key}' has no meaning for a stream that leaves the flowsheet.", entry.origin)
    if port is None:
        return None
    links = tuple(SpeciesLink(name, name) for name in port.species)
    return Stream(entry.source, None, links, origin=entry.origin, exit=exit_)


def _stream(entry: StreamEntry, target_name: PortName, lookup: Lookup) -> Stream | None:
    source, target = lookup.port(entry.source, entry.origin), lookup.port(target_name, entry.origin)
    if source is None or target is None:
        return None
    what = f"{entry.source} => {target_name}"
    if source.medium is not target.medium:
        lookup.problems.add(f"Cannot join {what}: {source.medium.value} meets {target.medium.value}.", entry.origin)
        return None
    if not _match_species(entry, target_name, source, target, lookup):
        return None
    return lookup.problems.attempt(
        lambda: _converted(entry, target_name, source, target, lookup), entry.origin, f"Cannot join {what}: "
    )


def _match_species(entry: StreamEntry, target_name: PortName, source: Port, target: Port, lookup: Lookup) -> bool:
    """Check that every species is known to both sides, or declared absent or dropped."""
    problems = lookup.problems
    n_before = len(problems.found)
    lacking = [name for name in target.species if name not in source.species and name not in entry.absent]
    if lacking:
        problems.add(
            f"{target_name} needs {', '.join(lacking)}, which {entry.source} does not carry. "
            f"Write {{stream: {entry.source} => {target_name}, absent: [{', '.join(lacking)}]}} to take it as zero.",
            entry.origin,
        )
    ignored = [name for name in source.species if name not in target.species and name not in entry.drop]
    if ignored:
        problems.add(
            f"{target_name} ignores {', '.join(ignored)}, which {entry.source} carries. "
            f"Write {{stream: {entry.source} => {target_name}, drop: [{', '.join(ignored)}]}} to let it leave here.",
            entry.origin,
        )
    for name in entry.absent:
        if name not in target.species or name in source.species:
            problems.add(
                f"'absent' names {name}, which is not lacking in {entry.source} => {target_name}.", entry.origin
            )
    for name in entry.drop:
        if name not in source.species or name in target.species:
            problems.add(f"'drop' names {name}, which is not ignored in {entry.source} => {target_name}.", entry.origin)
    return len(problems.found) == n_before


def _converted(entry: StreamEntry, target_name: PortName, source: Port, target: Port, lookup: Lookup) -> Stream:
    units = _PortUnits(entry.source, lookup), _PortUnits(target_name, lookup)
    flow = "n_flow" if source.medium.value == "gas" else "V_flow"
    prefix = "y_" if source.medium.value == "gas" else "c_"
    links = []
    for name in (name for name in source.species if name in target.species):
        molar_mass = units[0].molar_mass(name) or units[1].molar_mass(name)
        links.append(SpeciesLink(name, name, _factor(units, prefix + name, molar_mass=molar_mass)))
    temperature = (
        conversion(units[0].of("T"), units[1].of("T"))
        if source.has_temperature and target.has_temperature
        else Conversion(1.0, 0.0)
    )
    has_demand = source.has_demand and target.has_demand
    return Stream(
        source=entry.source,
        target=target_name,
        links=tuple(links),
        absent=entry.absent,
        dropped=entry.drop,
        volume_factor=_factor(units, flow),
        temperature_factor=temperature.factor,
        temperature_offset=temperature.offset,
        demand_factor=conversion(units[1].of("demand"), units[0].of("demand")).factor if has_demand else 1.0,
        origin=entry.origin,
    )


class _PortUnits:
    """The units of one port's variables."""

    def __init__(self, name: PortName, lookup: Lookup) -> None:
        self._name = name
        description = lookup.component(name.component, None)
        assert description is not None
        self._description: ComponentDescription = description

    def of(self, member: str) -> str | None:
        return self._description.variables[f"{self._name.port}.{member}"].unit

    def molar_mass(self, species: str) -> float | None:
        found = self._description.species.get(species)
        return found.molar_mass if found else None


def _factor(units: tuple[_PortUnits, _PortUnits], member: str, *, molar_mass: float | None = None) -> float:
    """Return the factor from the source's to the target's unit of ``member``."""
    source, target = units[0].of(member), units[1].of(member)
    try:
        return conversion(source, target, molar_mass=molar_mass).factor
    except StructureError as error:
        raise StructureError(
            f"{member} has [{source}] at the source and [{target}] at the target. {error.message}"
        ) from error


def delivered_volume(text: str, inlet: VariableName, lookup: Lookup, origin: SourceLocation | None) -> float | None:
    """Convert a volume to be counted at ``inlet`` to m3."""
    quantity = lookup.problems.attempt(lambda: parse_quantity(text), origin)
    if quantity is None:
        return None
    if not quantity.unit:
        lookup.problems.add(f"The volume '{text}' has no unit. Write, for example, '100 L'.", origin)
        return None
    return lookup.problems.attempt(
        lambda: quantity.to("m3", aliases=lookup.aliases), origin, f"Cannot count '{text}' through {inlet}: "
    )
