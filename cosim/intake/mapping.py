"""A first map from a vendor's names to ours, guessed from names and units, for an engineer to correct."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Final

from cosim.errors import StructureError
from cosim.scenario.variable_map import COLUMNS
from cosim.system.component import ComponentDescription
from cosim.system.variable import Causality, Variable
from cosim.units import is_compatible

_SPECIES: Final = {
    "cells_viable": ("xv", "vcd", "viable", "livecells"),
    "cells_dead": ("xd", "dead"),
    "biomass": ("biomass", "cdw", "dcw", "od", "od600"),
    "glucose": ("glc", "gluc", "glucose"),
    "glutamine": ("gln", "glutamine"),
    "asparagine": ("asn", "asparagine"),
    "lactate": ("lac", "lactate"),
    "ammonia": ("amm", "nh3", "nh4", "ammonia", "ammonium"),
    "acetate": ("ac", "acetate"),
    "mab": ("mab", "igg", "product", "prod", "titre", "titer", "antibody"),
    "mab_acidic": ("acidic",),
    "mab_basic": ("basic",),
    "mab_aggregate": ("agg", "hmw", "aggregate", "aggregates"),
    "hcp": ("hcp",),
    "dna": ("dna",),
    "protein_a": ("lpa",),
    "sodium": ("na", "sodium"),
    "chloride": ("cl", "chloride"),
    "phosphate": ("phosphate", "po4"),
    "tris": ("tris",),
    "citrate": ("citrate", "cit"),
    "histidine": ("histidine", "his"),
}
"""Words in names of vendors by species of the library, in lower case."""
_FLOWS: Final = ("flow", "flowrate", "q", "f")
_TEMPERATURES: Final = ("t", "temp", "temperature")
_CONTENTS: Final = ("kg/m3", "mol/m3", "1/m3")
_PORTS: Final = {Causality.INPUT: "inlet", Causality.OUTPUT: "outlet"}


def draft_map(description: ComponentDescription) -> str:
    """Return a map as CSV: a row for every guess, a comment for every input and output without one."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(COLUMNS)
    taken: set[str] = set()
    rest: list[str] = []
    ports = _port_names(description)
    for variable in description.variables.values():
        if variable.causality not in _PORTS or variable.shape or not variable.type.is_numeric:
            continue
        guess = next((name for name in _guesses(variable, ports) if name not in taken), None)
        if guess is None or (variable.name in description.variables and variable.name == guess):
            rest.append(f"# {variable.causality.value} {variable.name} [{variable.unit or 'no unit'}]: no guess")
            continue
        taken.add(guess)
        writer.writerow([guess, variable.name, "" if variable.unit else _usual_unit(guess)])
    return sink.getvalue() + "".join(f"{line}\n" for line in rest)


def _port_names(description: ComponentDescription) -> Mapping[tuple[Causality, str], str]:
    """Return what to call the ports, by direction and how a vendor begins their names, where there are several flows.

    ``Feed_Flow`` and ``Buffer_Flow`` make the inlets ``feed`` and ``buffer``; one flow makes an ``inlet``.
    """
    found = [
        (variable.causality, _beginning(variable))
        for variable in description.variables.values()
        if variable.causality in _PORTS and _is_flow(variable) and _beginning(variable)
    ]
    directions = [causality for causality, _ in found]
    return {key: key[1].lower() for key in found if directions.count(key[0]) > 1}


def _beginning(variable: Variable) -> str:
    first, mark, _ = re.sub(r"[_.]", " ", variable.name).partition(" ")
    return first if mark else ""


def _is_flow(variable: Variable) -> bool:
    return _fits(variable, "m3/s") and bool(variable.unit or _words(variable.name) & set(_FLOWS))


def _guesses(variable: Variable, ports: Mapping[tuple[Causality, str], str]) -> Iterator[str]:
    words = _words(variable.name)
    port = ports.get((variable.causality, _beginning(variable)), _PORTS[variable.causality])
    if _is_flow(variable):
        yield f"{port}.V_flow"
    if _fits(variable, "K") and words & set(_TEMPERATURES):
        yield f"{port}.T"
    if any(_fits(variable, unit) for unit in _CONTENTS):
        for species, synonyms in _SPECIES.items():
            if words & {species, *synonyms}:
                yield f"{port}.c_{species}"


def _fits(variable: Variable, unit: str) -> bool:
    """Tell whether the variable may be in ``unit``: one that states none may be anything."""
    if variable.unit is None:
        return True
    try:
        return is_compatible(variable.unit, unit)
    except StructureError:
        return True


def _usual_unit(name: str) -> str:
    """Return what a variable without a unit is probably in; only flows and temperatures are common enough."""
    return {"V_flow": "L/h", "T": "degC"}.get(name.rpartition(".")[2], "")


def _words(name: str) -> set[str]:
    """Return the parts of a name, in lower case: 'outlet.ProdConc_mAb' → outlet, prod, conc, mab."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    parts = re.split(r"[^A-Za-z0-9]+", split.replace("mAb", "mab").replace("m Ab", "mab"))
    found = {part.lower() for part in parts if part}
    return found | {re.sub(r"(in|out|feed)$", "", word) for word in found}
