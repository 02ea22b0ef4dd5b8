"""A CSV file that gives the variables of a vendor's FMU our names, and units where it states none or wrong ones.

``name,vendor,unit`` heads it: our name, theirs, and what the number is in, which may be empty. A unit may have a
factor, so that an optical density becomes a concentration: ``0.38 g/L`` is what one of it stands for. A row for our
``time`` tells what the model counts its time in, where that is not seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cosim.errors import CosimError, ScenarioError, SourceLocation, raise_all
from cosim.scenario.csv_rows import read_rows
from cosim.units import read_unit

COLUMNS: Final = ("name", "vendor", "unit")


@dataclass(frozen=True, slots=True)
class VendorName:
    """What a variable is called in the FMU, its unit (None: as the FMU states), and where that was written."""

    vendor: str
    unit: str | None
    origin: SourceLocation


def read_map(path: Path) -> Mapping[str, VendorName]:
    """Return the vendor's names by ours.

    Raises
    ------
    ProblemList, ScenarioError
        When the file cannot be read, a name stands twice, or a unit is not known.
    """
    found: dict[str, VendorName] = {}
    taken: dict[str, str] = {}
    problems: list[CosimError] = []
    for line, cells in read_rows(path, "map", COLUMNS, COLUMNS[:2]):
        origin = SourceLocation(path, line)
        name, vendor, unit = cells["name"], cells["vendor"], cells.get("unit", "")
        if not name or not vendor:
            problems.append(ScenarioError("A row needs both names, ours and the vendor's.", location=origin))
            continue
        if name in found or vendor in taken:
            twice = f"'{name}'" if name in found else f"'{vendor}' (as '{taken[vendor]}')"
            problems.append(ScenarioError(f"{twice} stands in '{path}' twice. Remove one.", location=origin))
        try:
            read_unit(unit or "1")
        except CosimError as error:
            problems.append(ScenarioError(f"The unit of '{name}': {error.message}", location=origin))
        found[name], taken[vendor] = VendorName(vendor, unit or None, origin), name
    raise_all(problems)
    return found
