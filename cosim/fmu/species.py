"""``resources/species.json``: what the balances need to know of the species an FMU's streams carry."""

import json
from pathlib import Path
from typing import Final

from cosim.errors import FmuError, raise_all
from cosim.system.stream import Species

SPECIES_FILE: Final = "resources/species.json"
MAX_SPECIES_FILE: Final = 10 * 1024**2
"""Largest species file [bytes]; one entry has about 150."""

_NUMBERS: Final = ("molar_mass", "carbon", "nitrogen", "charge", "volume")
_SIGNED: Final = ("charge",)
_LARGEST: Final = 1e30
"""Beyond the number of atoms or m3 of anything; also catches what is not a number."""
_BASES: Final = ("kg", "mol", "count")
_LOCATIONS: Final = ("broth", "liquid")


def read_species(path: Path, data: bytes | None) -> dict[str, Species]:
    """Read ``data``, the species file of the FMU ``path`` (None: it has none).

    Raises
    ------
    FmuError
        For each entry that is not understood; all of them together.
    """
    if data is None:
        return {}
    try:
        table = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FmuError(f"FMU '{path}': {SPECIES_FILE} is not JSON: {error}.") from error
    if not isinstance(table, dict):
        raise FmuError(f"FMU '{path}': {SPECIES_FILE} is not a table from species to their properties.")
    problems: list[FmuError] = []
    species: dict[str, Species] = {}
    for name, entry in table.items():
        problem = _problem(entry)
        if problem:
            problems.append(FmuError(f"FMU '{path}': in {SPECIES_FILE}, '{name}' {problem}."))
        else:
            species[name] = _species(name, entry)
    raise_all(problems)
    return species


def _problem(entry: object) -> str:
    if not isinstance(entry, dict):
        return "is not a table of properties"
    if unknown := set(entry) - {"basis", "location", *_NUMBERS}:
        return f"has an unknown property '{min(unknown)}'; known are basis, location, {', '.join(_NUMBERS)}"
    if entry.get("basis") not in _BASES:
        return f"has the basis {entry.get('basis')!r}; it is one of {', '.join(_BASES)}"
    if entry.get("location", "liquid") not in _LOCATIONS:
        return f"has the location {entry['location']!r}; it is one of {', '.join(_LOCATIONS)}"
    for key in _NUMBERS:
        value = entry.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            return f"has the {key} {value!r}, which is not a number"
        if value is not None and (not abs(value) <= _LARGEST or (value < 0 and key not in _SIGNED)):
            return f"has the {key} {value!r}, which should be finite and not negative"
    if entry.get("molar_mass") == 0:
        return "has the molar_mass 0"
    return ""


def _species(name: str, entry: dict[str, float | str | None]) -> Species:
    def number(key: str) -> float:
        return float(entry.get(key) or 0.0)

    molar_mass = entry.get("molar_mass")
    return Species(
        name=name,
        basis=str(entry["basis"]),
        molar_mass=None if molar_mass is None else float(molar_mass),
        carbon=number("carbon"),
        nitrogen=number("nitrogen"),
        charge=number("charge"),
        location=str(entry.get("location", "liquid")),
        volume=number("volume"),
    )
