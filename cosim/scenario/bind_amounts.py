"""What the ledger adds up → one basis per species: m3, kg, mol or a count, whatever units each model uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from cosim.errors import StructureError
from cosim.scenario.lookup import Lookup
from cosim.system.component import ComponentDescription
from cosim.system.ports import content_variable, flow_total_variable, flow_variable, total_variable
from cosim.system.stream import VOLUME, Medium, Port, Species
from cosim.system.variable import VariableName
from cosim.units import coherent_unit, conversion

ROUND_OFF: Final = 1e-14
"""Relative difference from 1 below which a factor is one."""

_BALANCED: Final = {"held_": "", "made_": "_total", "consumed_": "_total", "supplied_": "_total", "vented_": "_total"}
_BASES: Final = {"kg": "kg", "mol": "mol", "1": "count"}


@dataclass(frozen=True, slots=True)
class _Amount:
    """A variable that the ledger reads: its unit times ``per`` is a unit of ``basis``, '' for that of ``species``."""

    variable: str
    species: str
    basis: str
    per: str


def with_bases(description: ComponentDescription, declared: Mapping[str, Species]) -> ComponentDescription:
    """Return ``description`` with the species that it carries or holds and does not declare itself.

    They are those that other components have ``declared``, else their basis follows from the units.
    """
    found = dict(description.species)
    for item in _amounts(description):
        unit = description.variables[item.variable].unit
        if item.basis or item.species in found or unit is None:
            continue
        if item.species in declared and _may_be(declared[item.species], unit, item.per):
            found[item.species] = declared[item.species]
            continue
        try:
            amount = coherent_unit(f"({unit}).({item.per})")
        except StructureError:  # it is named when the factors are bound
            continue
        found[item.species] = Species(item.species, _BASES.get(amount, amount))
    return replace(description, species=found)


def _may_be(species: Species, unit: str, per: str) -> bool:
    try:
        conversion(f"({unit}).({per})", species.unit, molar_mass=species.molar_mass)
    except StructureError:
        return False
    return True


def bind_amounts(descriptions: Mapping[str, ComponentDescription], lookup: Lookup) -> dict[VariableName, float]:
    """Return the factors from own units to those of the ledger, of all variables that need one.

    Flows are taken to m3/s or mol/s, concentrations to kg/m3, mol/m3 or 1/m3, totals and inventories to m3, kg, mol
    or 1; mass and amount of substance are converted where the molar mass is known.
    """
    factors = {}
    for name, description in descriptions.items():
        unstated = []
        for item in _amounts(description):
            unit = description.variables[item.variable].unit
            if unit is None:
                unstated.append(item.variable)
                continue
            variable = VariableName(name, item.variable)
            factor = lookup.problems.attempt(
                lambda d=description, i=item, v=variable, u=unit: _factor(d, i, v, u),  # type: ignore[misc]
                lookup.origin(name),
            )
            if factor is not None and abs(factor - 1.0) > ROUND_OFF:
                factors[variable] = factor
        _warn(name, unstated, any(variable.component == name for variable in factors), lookup)
    return factors


def _factor(description: ComponentDescription, item: _Amount, variable: VariableName, unit: str) -> float:
    species = description.species.get(item.species)
    basis = item.basis or (species.unit if species else "1")
    try:
        molar_mass = species.molar_mass if species else None
        return conversion(f"({unit}).({item.per})", basis, molar_mass=molar_mass).factor
    except StructureError as error:
        per = f" per [{item.per}]" if item.per != "1" else ""
        raise StructureError(
            f"{variable} is in [{unit}], and the ledger counts {item.species} in [{basis}]{per}. {error.message}"
        ) from error


def _warn(component: str, unstated: list[str], is_converted: bool, lookup: Lookup) -> None:
    """Warn of variables without unit in a component whose other units are not those of the ledger."""
    if unstated and is_converted:
        names = ", ".join(f"{component}.{name}" for name in unstated[:3])
        more = f" and {len(unstated) - 3} more" if len(unstated) > 3 else ""
        lookup.warnings.append(
            f"{names}{more} state no unit; the ledger takes them to be in m3, kg, mol and seconds, which other "
            f"variables of '{component}' are not."
        )


def _amounts(description: ComponentDescription) -> Iterator[_Amount]:
    """Yield what the ledger reads; of one species, what passes ports before what is held."""
    for port in description.ports.values():
        yield from (item for item in _of_port(port) if item.variable in description.variables)
    for name in description.variables:
        for prefix, suffix in _BALANCED.items():
            if name.startswith(prefix) and name.endswith(suffix):
                species = name[len(prefix) : len(name) - len(suffix)]
                yield _Amount(name, species, "m3" if species == VOLUME else "", "1")


def _of_port(port: Port) -> Iterator[_Amount]:
    is_gas = port.medium is Medium.GAS
    yield _Amount(flow_variable(port), "gas" if is_gas else VOLUME, "mol" if is_gas else "m3", "s")
    if not is_gas:
        yield _Amount(flow_total_variable(port), VOLUME, "m3", "1")
    for species in port.species:
        yield _Amount(content_variable(port, species), species, "", "mol" if is_gas else "m3")
        yield _Amount(total_variable(port, species), species, "", "1")
