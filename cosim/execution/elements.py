"""Carbon, nitrogen and charge in what units make and consume."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cosim.execution.amounts import CommonAmounts
from cosim.execution.ledger import DEFAULT_FLOOR
from cosim.execution.outcome import LedgerEntry, SpeciesLedger
from cosim.system.component import ComponentDescription
from cosim.system.stream import Species
from cosim.system.structure import SystemStructure


def _charge(species: Species) -> float:
    """Return mol of elementary charges per unit of basis."""
    if species.basis == "mol":
        return species.charge
    return species.charge / species.molar_mass if species.basis == "kg" and species.molar_mass else 0.0


_CONTENT: Mapping[str, Callable[[Species], float]] = {
    "carbon": lambda species: species.carbon,
    "nitrogen": lambda species: species.nitrogen,
    "charge": _charge,
}


def element_ledgers(structure: SystemStructure, ledger: Mapping[str, SpeciesLedger]) -> dict[str, SpeciesLedger]:
    """Return what reactions made and consumed of each element, [mol], by unit and in all; reported, not judged.

    Reactions that respect declared compositions make as much of an element as they consume: closure =
    |made − consumed| / max(made, consumed). Species whose content is not declared do not count.
    """
    common = CommonAmounts(structure)
    found = {}
    for element, content in _CONTENT.items():
        units = {}
        for name, component in structure.components.items():
            made, consumed = _turnover(name, component.description, content, ledger, common)
            if made != 0.0 or consumed != 0.0:
                units[name] = _entry(made, consumed)
        if units:
            made = sum(entry.made for entry in units.values())
            consumed = sum(entry.consumed for entry in units.values())
            found[element] = SpeciesLedger(_entry(made, consumed), units)
    return found


def _turnover(
    unit: str,
    description: ComponentDescription,
    content: Callable[[Species], float],
    ledger: Mapping[str, SpeciesLedger],
    common: CommonAmounts,
) -> tuple[float, float]:
    made = consumed = 0.0
    for name, species in description.species.items():
        balance = ledger.get(common.name((unit, name)))
        entry = balance.units.get(unit) if balance else None
        if entry is not None:
            own = content(species) / common.scale((unit, name))
            made += own * entry.made
            consumed += own * entry.consumed
    return made, consumed


def _entry(made: float, consumed: float) -> LedgerEntry:
    net = made - consumed
    closure = abs(net) / max(abs(made), abs(consumed), DEFAULT_FLOOR)
    return LedgerEntry("mol", 0.0, 0.0, 0.0, 0.0, made, consumed, 0.0, net, closure)
