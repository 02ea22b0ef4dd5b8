"""Parameter sets: CSV files of values for many parameters at once, such as a raw-material lot or a flow field.

``name,value,unit`` heads the file; each row gives one value. The columns are found by their names, others are notes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cosim.errors import SourceLocation
from cosim.scenario.csv_rows import read_content, rows_of
from cosim.scenario.document import Scalar
from cosim.scenario.model import Assignment, ParameterSetEntry
from cosim.scenario.reading import Problems
from cosim.system.variable import VariableName

_COLUMNS: Final = ("name", "value", "unit")
_WHAT: Final = "parameter set"


@dataclass(frozen=True, slots=True)
class ParameterFile:
    """A file as it was read: name as in the scenario, SHA-256 of its bytes, its values by variable as written."""

    file: str
    sha256: str
    values: Mapping[VariableName, Assignment]


def read_parameter_sets(
    entries: tuple[ParameterSetEntry, ...], folder: Path, problems: Problems
) -> tuple[ParameterFile, ...]:
    """Return all files that can be read, in the order in which they count."""
    return tuple(file for entry in entries if (file := _read(entry, folder / entry.file, problems)) is not None)


def values_of(files: tuple[ParameterFile, ...]) -> list[Assignment]:
    """Return the values of all files; of two that name the same variable the later file's."""
    found: dict[VariableName, Assignment] = {}
    for file in files:
        found |= file.values
    return list(found.values())


def _read(entry: ParameterSetEntry, path: Path, problems: Problems) -> ParameterFile | None:
    content = problems.attempt(lambda: read_content(path, _WHAT), entry.origin)
    if content is None:
        return None
    rows = problems.attempt(lambda: list(rows_of(content, path, _WHAT, _COLUMNS, _COLUMNS[:2])), entry.origin) or []
    return ParameterFile(entry.file, hashlib.sha256(content).hexdigest(), _values(entry, path, rows, problems))


def _values(
    entry: ParameterSetEntry, path: Path, rows: list[tuple[int, dict[str, str]]], problems: Problems
) -> dict[VariableName, Assignment]:
    found: dict[VariableName, Assignment] = {}
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
