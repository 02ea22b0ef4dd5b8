"""One name and one unit per species over a whole flowsheet."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from cosim.execution.layout import port_of
from cosim.system.ports import content_variable, flow_variable
from cosim.system.stream import VOLUME, Medium, PortName, Species, Stream
from cosim.system.structure import SystemStructure

Place = tuple[str, str]
"""A component and its own name of a species."""

ROUND_OFF: Final = 1e-9
"""Relative difference from 1 below which a factor between amounts is one: units differ by more."""


class CommonAmounts:
    """Common name and scale of every species of every component: common amount = amount in the own basis × scale.

    Streams say which species are the same; species of one name that no stream links are taken to be the same. Where
    bases differ, the molar mass stands between them; where nobody knows it, the name of the component tells them apart.
    """

    def __init__(self, structure: SystemStructure) -> None:
        self._structure = structure
        self._links: dict[Place, list[tuple[Place, float]]] = {}
        for stream in structure.streams:
            for source, target, factor in amount_links(structure, stream):
                self._links.setdefault(source, []).append((target, 1.0 / factor))
                self._links.setdefault(target, []).append((source, factor))
        self._found: dict[Place, tuple[str, float]] = {}
        self._species: dict[str, Species] = {}
        for place in (*self._links, *self._declared()):
            if place not in self._found:
                self._spread(place)

    def name(self, place: Place) -> str:
        """Return the common name of the species at ``place``."""
        return self._found.get(place, (place[1], 1.0))[0]

    def scale(self, place: Place) -> float:
        """Return the factor from an amount at ``place``, in the basis of its component, to the common amount."""
        return self._found.get(place, (place[1], 1.0))[1]

    def flow_scale(self, port: PortName, species: str) -> float:
        """Return the factor from what passes ``port``, in units of its own flow and content, to the common amount."""
        return self.scale((port.component, species)) * passing_factor(self._structure, port, species)

    def unit(self, name: str) -> str:
        """Return the unit of the common amount of ``name``, '' when nobody tells."""
        if name == VOLUME:
            return "m3"
        return self._species[name].unit if name in self._species else ""

    def _declared(self) -> Iterator[Place]:
        for component in self._structure.components.values():
            yield from ((component.name, species) for species in component.description.species)

    def _declaration(self, place: Place) -> Species | None:
        return self._structure.components[place[0]].description.species.get(place[1])

    def _spread(self, start: Place) -> None:
        self._found[start] = self._begin(start)
        waiting = deque([start])
        while waiting:
            place = waiting.popleft()
            name, scale = self._found[place]
            for other, factor in self._links.get(place, ()):
                if other not in self._found:
                    self._found[other] = (name, scale * factor)
                    waiting.append(other)

    def _begin(self, start: Place) -> tuple[str, float]:
        """Return name and scale of a species that no stream links to one that is known."""
        species, known = self._declaration(start), self._species.get(start[1])
        if species is None:
            return start[1], 1.0
        known = self._species.setdefault(start[1], species)
        if species.basis == known.basis:
            return start[1], 1.0
        molar_mass = species.molar_mass or known.molar_mass
        if molar_mass and {species.basis, known.basis} == {"kg", "mol"}:
            return start[1], molar_mass if known.basis == "kg" else 1.0 / molar_mass
        name = f"{start[0]}.{start[1]}"
        self._species[name] = species
        return name, 1.0


def amount_links(structure: SystemStructure, stream: Stream) -> Iterable[tuple[Place, Place, float]]:
    """Yield source, target and factor between their amounts, each in its basis, for volume and what arrives."""
    if stream.target is None:
        return
    source, target = stream.source.component, stream.target.component
    if port_of(structure, stream.source).medium is Medium.LIQUID:
        factor = stream.volume_factor * _ratio(structure, stream.source, stream.target, (VOLUME, VOLUME))
        yield (source, VOLUME), (target, VOLUME), _rounded(factor)
    for link in stream.links:
        ratio = _ratio(structure, stream.source, stream.target, (link.source, link.target))
        yield (source, link.source), (target, link.target), _rounded(link.factor * stream.volume_factor * ratio)


def passing_factor(structure: SystemStructure, name: PortName, species: str) -> float:
    """Return the factor from flow × content × s at a port, in its own units, to the unit of the ledger."""
    port = port_of(structure, name)
    factor = structure.amount_factor(name.component, flow_variable(port))
    if species == VOLUME:
        return factor
    return factor * structure.amount_factor(name.component, content_variable(port, species))


def _ratio(structure: SystemStructure, source: PortName, target: PortName, species: tuple[str, str]) -> float:
    return passing_factor(structure, target, species[1]) / passing_factor(structure, source, species[0])


def _rounded(factor: float) -> float:
    return 1.0 if abs(factor - 1.0) < ROUND_OFF else factor
