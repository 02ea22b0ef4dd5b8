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
    """The declared whole.

    ``amount_factors`` take what the ledger reads from its own unit to the ledger's: flows to m3/s or mol/s,
    concentrations to kg/m3, mol/m3 or 1/m3, totals and inventories to m3, kg, mol or 1. What is not in it needs none.
    """

    components: Mapping[str, Component]
    connections: tuple[Connection, ...] = ()
    streams: tuple[Stream, ...] = field(default=())
    amount_factors: Mapping[VariableName, float] = field(default_factory=dict)

    def amount_factor(self, component: str, variable: str) -> float:
        """Return the factor that takes ``variable`` to the unit of the ledger."""
        return self.amount_factors.get(VariableName(component, variable), 1.0)
