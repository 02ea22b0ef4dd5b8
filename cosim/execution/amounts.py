"""One name and one unit per species over a whole flowsheet."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from cosim.execution.layout import port_of
from cosim.system.stream import Medium, Stream
from cosim.system.structure import SystemStructure

VOLUME = "volume"
"""The name under which volume is balanced like a species."""

Place = tuple[str, str]
"""A component and its own name of a species."""

_UNITS = {"kg": "kg", "mol": "mol", "count": "1"}


class CommonAmounts:
    """Common name and scale of every species of every component: common amount = own amount × scale.

    Streams say which species are the same and how units convert; species of one name that no stream links are taken
    to be the same in the same unit.
    """

    def __init__(self, structure: SystemStructure) -> None:
        self._structure = structure
        self._links: dict[Place, list[tuple[Place, float]]] = {}
        for stream in structure.streams:
            for source, target, factor in amount_links(structure, stream):
                self._links.setdefault(source, []).append((target, 1.0 / factor))
                self._links.setdefault(target, []).append((source, factor))
        self._found: dict[Place, tuple[str, float]] = {}
        for place in self._links:
            if place not in self._found:
                self._spread(place)

    def name(self, place: Place) -> str:
        """Return the common name of the species at ``place``."""
        return self._found.get(place, (place[1], 1.0))[0]

    def scale(self, place: Place) -> float:
        """Return the factor from an amount at ``place`` to the common amount."""
        return self._found.get(place, (place[1], 1.0))[1]

    def unit(self, name: str) -> str:
        """Return the unit of the common amount of ``name``, '' when nobody tells."""
        if name == VOLUME:
            return "m3"
        for component in self._structure.components.values():
            if name in component.description.species:
                return _UNITS.get(component.description.species[name].basis, "")
        return ""

    def _spread(self, start: Place) -> None:
        self._found[start] = (start[1], 1.0)
        waiting = deque([start])
        while waiting:
            place = waiting.popleft()
            name, scale = self._found[place]
            for other, factor in self._links[place]:
                if other not in self._found:
                    self._found[other] = (name, scale * factor)
                    waiting.append(other)


def amount_links(structure: SystemStructure, stream: Stream) -> Iterable[tuple[Place, Place, float]]:
    """Yield source, target and factor between their amounts, for volume and each species that arrives."""
    if stream.target is None:
        return
    source, target = stream.source.component, stream.target.component
    if port_of(structure, stream.source).medium is Medium.LIQUID:
        yield (source, VOLUME), (target, VOLUME), stream.volume_factor
    for link in stream.links:
        yield (source, link.source), (target, link.target), link.factor * stream.volume_factor
