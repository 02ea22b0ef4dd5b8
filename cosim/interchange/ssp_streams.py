"""Streams recognised among the connections of a package: two ports whose flows are joined."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from cosim.interchange.ssp_reader import Path_, Wire
from cosim.system.ports import find_ports, flow_variable
from cosim.system.stream import Port, PortDirection
from cosim.system.variable import Variable

Ports = Mapping[tuple[Path_, str], Port]


@dataclass(frozen=True, slots=True)
class FoundStream:
    """An outlet joined to an inlet, or to nothing, and the connections that a stream stands for."""

    source: tuple[Path_, Port]
    target: tuple[Path_, Port] | None
    wires: frozenset[Wire] = frozenset()

    def written(self, names: Mapping[Path_, str]) -> str:
        """Write the stream as in a scenario."""
        (path, outlet) = self.source
        if self.target is None:
            return _quoted(f"{names[path]}.{outlet.name} => waste")
        to, inlet = self.target
        arrow = _quoted(f"{names[path]}.{outlet.name} => {names[to]}.{inlet.name}")
        absent = [_quoted(one) for one in inlet.species if one not in outlet.species]
        drop = [_quoted(one) for one in outlet.species if one not in inlet.species]
        lists = [f"{key}: [{', '.join(found)}]" for key, found in (("absent", absent), ("drop", drop)) if found]
        return f"{{stream: {arrow}, {', '.join(lists)}}}" if lists else arrow


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # names come from FMUs, and may be anything


def find_streams(
    wires: tuple[Wire, ...], changing: Collection[Wire], variables: Mapping[Path_, Mapping[str, Variable]]
) -> tuple[FoundStream, ...]:
    """Return a stream for every outlet; ``changing`` are the connections that do more than convert units."""
    ports = {(path, name): port for path, known in variables.items() for name, port in find_ports(known).items()}
    return tuple(_streams(wires, changing, ports))


def _streams(wires: tuple[Wire, ...], changing: Collection[Wire], ports: Ports) -> Iterator[FoundStream]:
    for (path, _), outlet in ports.items():
        if outlet.direction is not PortDirection.OUTLET:
            continue
        inlet = _joined(path, outlet, wires, ports)
        between = (
            frozenset() if inlet is None else frozenset(one for one in wires if _is_between(one, path, outlet, inlet))
        )
        if inlet is None or between.intersection(changing) or not _by_name(between):
            yield FoundStream((path, outlet), None)
        else:
            yield FoundStream((path, outlet), inlet, between)


def _joined(path: Path_, outlet: Port, wires: tuple[Wire, ...], ports: Ports) -> tuple[Path_, Port] | None:
    """Return the inlet that takes the flow of ``outlet``."""
    for wire in wires:
        if wire.source == (path, flow_variable(outlet)):
            inlet = ports.get((wire.target[0], wire.target[1].rpartition(".")[0]))
            is_inlet = inlet is not None and inlet.direction is PortDirection.INLET and inlet.medium is outlet.medium
            if inlet is not None and is_inlet and wire.target[1] == flow_variable(inlet):
                return wire.target[0], inlet
    return None


def _is_between(wire: Wire, path: Path_, outlet: Port, inlet: tuple[Path_, Port]) -> bool:
    ends = {(wire.source[0], wire.source[1].rpartition(".")[0]), (wire.target[0], wire.target[1].rpartition(".")[0])}
    return ends == {(path, outlet.name), (inlet[0], inlet[1].name)}


def _by_name(wires: Collection[Wire]) -> bool:
    """Tell whether members are joined to those of the same name, which is what a stream does."""
    return all(wire.source[1].rpartition(".")[2] == wire.target[1].rpartition(".")[2] for wire in wires)
