"""Parameter sets: CSV files of values for many parameters at once, such as a raw-material lot or a flow field.

``name,value,unit`` heads the file; each row gives one value. The columns are found by their names, others are notes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cosim.errors import ScenarioError, SourceLocation
from cosim.scenario.document import Scalar
from cosim.scenario.model import Assignment, ParameterSetEntry
from cosim.scenario.reading import Problems
from cosim.system.nearest import nearest
from cosim.system.variable import VariableName

LARGEST_SET: Final = 20_000_000
"""Bytes of a parameter set; a row has about 40."""

_COLUMNS: Final = ("name", "value", "unit")


def read_parameter_sets(entries: tuple[ParameterSetEntry, ...], folder: Path, problems: Problems) -> list[Assignment]:
    """Return the values of all files; of two that name the same variable the later file's."""
    found: dict[VariableName, Assignment] = {}
    for entry in entries:
        found |= _read(entry, folder / entry.file, problems)
    return list(found.values())


def _read(entry: ParameterSetEntry, path: Path, problems: Problems) -> dict[VariableName, Assignment]:
    found: dict[VariableName, Assignment] = {}
    rows = problems.attempt(lambda: list(_rows(path)), entry.origin) or []
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


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each row's line and its cells by column."""
    try:
        if path.stat().st_size > LARGEST_SET:
            raise ScenarioError(f"'{path}' is larger than {LARGEST_SET // 1_000_000} MB, the limit of a parameter set.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, row) for row in reader if row and not row[0].lstrip().startswith("#")]
    except FileNotFoundError as error:
        raise ScenarioError(f"There is no parameter set '{path}'.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError(f"The parameter set '{path}' cannot be read as CSV: {error}.") from error
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    for column in ("name", "value"):
        if column not in header:
            hint = nearest(column, header)
            raise ScenarioError(
                f"The parameter set '{path}' has no column '{column}'; head it 'name,value,unit'.{hint}"
            )
    for line, row in lines[1:]:
        if len(row) != len(header):
            raise ScenarioError(
                f"Line {line} of the parameter set '{path}' has {len(row)} cells, its head {len(header)}."
            )
        yield line, {name: cell.strip() for name, cell in zip(header, row, strict=True) if name in _COLUMNS}
