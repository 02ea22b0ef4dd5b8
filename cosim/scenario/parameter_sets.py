"""Parameter sets: CSV files of values for many parameters at once, such as a raw-material lot or a flow field.

``name,value,unit`` heads the file; each row gives one value. The columns are found by their names, others are notes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cosim.errors import SourceLocation
from cosim.scenario.csv_rows import read_rows
from cosim.scenario.document import Scalar
from cosim.scenario.model import Assignment, ParameterSetEntry
from cosim.scenario.reading import Problems
from cosim.system.variable import VariableName

_COLUMNS: Final = ("name", "value", "unit")


def read_parameter_sets(entries: tuple[ParameterSetEntry, ...], folder: Path, problems: Problems) -> list[Assignment]:
    """Return the values of all files; of two that name the same variable the later file's."""
    found: dict[VariableName, Assignment] = {}
    for entry in entries:
        found |= _read(entry, folder / entry.file, problems)
    return list(found.values())


def _read(entry: ParameterSetEntry, path: Path, problems: Problems) -> dict[VariableName, Assignment]:
    found: dict[VariableName, Assignment] = {}
    rows = (
        problems.attempt(lambda: list(read_rows(path, "parameter set", _COLUMNS, ("name", "value"))), entry.origin)
        or []
    )
    for line, cells in rows:
        origin = SourceLocation(path, line)
        target = _target(entry.component, cells["name"])
        if target is None:
            problems.add(f"'{cells['name']}' is not of the form component.variable.", origin)
        elif not cells["value"]:
            problems.add(f"{target} has no value.", origin)
        elif target in found:
            problems.add(f"{target} stands in '{path}' twice. Remove one of the two.", origin)
        else:
            text = f"{cells['value']} {cells.get('unit', '')}".strip()
            found[target] = Assignment(target, Scalar(text, False, origin), origin)
    return found


def _target(component: str | None, name: str) -> VariableName | None:
    if component is not None:
        return VariableName(component, name)
    try:
        return VariableName.parse(name)
    except ValueError:
        return None
