"""The system structure: components, connections and streams, with no instance loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cosim.errors import SourceLocation
from cosim.system.component import Component
from cosim.system.stream import Stream
from cosim.system.variable import VariableName


@dataclass(frozen=True, slots=True)
class Connection:
    """A wire: target = ``factor`` × source + ``offset``, which converts the source's unit to the target's."""

    source: VariableName
    target: VariableName
    factor: float = 1.0
    offset: float = 0.0
    origin: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class SystemStructure:
    """The declared whole."""

    components: Mapping[str, Component]
    connections: tuple[Connection, ...] = ()
    streams: tuple[Stream, ...] = field(default=())
