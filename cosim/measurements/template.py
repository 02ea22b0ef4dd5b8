"""A table to fill in by hand, read back with every row checked.

Its columns, in any order: ``experiment``; ``time [h]``, or ``time`` with dates and ``start``; ``replicate``, a number
that tells samples of one time apart; ``use``, fit or check; ``set reactor.volume_start [L]`` for what differs between
experiments; ``reactor.titre [g/L]`` for what was measured, and ``sd reactor.titre [g/L]`` for its standard deviation;
``note``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from cosim.errors import ResultError, ScenarioError
from cosim.measurements.columns import Column, Head, Layout, Positions, body, read_head, read_positions, read_series
from cosim.measurements.complaints import Complaints
from cosim.measurements.rules import Cell, Rules, is_missing, moment, number, shown
from cosim.measurements.series import Experiment, Series
from cosim.measurements.sheet import SPREADSHEET, Sheet, read_sheet
from cosim.system.nearest import nearest
from cosim.system.variable import VariableName
from cosim.units import is_compatible
from cosim.whole_file import replacing

EXPERIMENT: Final = "experiment"
TIMES: Final = ("time", "volume")
REPLICATE: Final = "replicate"
NOTES: Final = ("note", "notes", "comment")
KNOWN: Final = (EXPERIMENT, "use", "start", REPLICATE, *TIMES, *NOTES)
USES: Final = ("fit", "check")


def write_template(
    path: Path, variables: Mapping[str, str | None], conditions: Mapping[str, str | None] | None = None
) -> None:
    """Write an empty table for measurements of ``variables`` and for ``conditions`` of the experiments, with units.

    Raises
    ------
    ResultError
        When it exists already, or cannot be written.
    """
    if path.exists():
        raise ResultError(f"'{path}' exists already. Choose another name: what was entered there is not overwritten.")
    head = [EXPERIMENT, "use", "time [h]", REPLICATE]
    head += [f"set {_headed(name, unit)}" for name, unit in (conditions or {}).items()]
    for name, unit in variables.items():
        head += [_headed(name, unit), f"sd {_headed(name, unit)}"]
    head.append("note")
    rows: list[list[str | float | None]] = [list(head)]
    rows.append(["run_1", "fit", *[None] * (len(head) - 2)])
    try:
        _write(path, rows)
    except OSError as error:
        raise ResultError(f"Cannot write '{path}': {error.strerror}. Choose another folder.") from error


def _write(path: Path, rows: Sequence[Sequence[str | float | None]]) -> None:
    """Write beside ``path`` and move it there, so that there is never half a file."""
    with replacing(path) as temporary:
        if path.suffix.lower() in SPREADSHEET:
            from cosim.measurements.excel import write_spreadsheet

            write_spreadsheet(temporary, rows)
        else:
            buffer = io.StringIO(newline="")
            csv.writer(buffer).writerows(rows)
            temporary.write_text(buffer.getvalue(), encoding="utf-8-sig", newline="")


def _headed(name: str, unit: str | None) -> str:
    return f"{name} [{unit or '1'}]"


def read_template(path: Path, rules: Rules | None = None, sheet: str | None = None) -> tuple[Experiment, ...]:
    """Read experiments from a table that was filled in; rows whose measurements are all empty are left out.

    Raises
    ------
    ScenarioError, ProblemList
        Saying of every row what is wrong with it.
    """
    rules = replace(rules or Rules(), replicates=True)
    table = read_sheet(path, rules, sheet)
    head = read_head(table)
    complaints = Complaints(path)
    roles = _roles(head, complaints)
    complaints.raise_all()
    groups = _groups(table, head, rules, complaints)
    found = [_experiment(name, rows, table, head, roles, rules, complaints) for name, rows in groups.items()]
    complaints.raise_all()
    if not found:
        raise ScenarioError(f"'{path}' has no measurements yet. Fill in its rows.")
    return tuple(item for item in found if item is not None)


def _roles(head: Head, complaints: Complaints) -> dict[str, int]:
    """Return the columns by name; complain of heads that mean nothing, and of what is missing."""
    roles: dict[str, int] = {}
    for column, name in enumerate(head.names):
        known = name in KNOWN
        plain = name.removeprefix("sd ").removeprefix("set ")
        if name and not known and not _is_variable(plain):
            hint = nearest(name, KNOWN)
            text = f"the head '{shown(name)}' means nothing here. Write 'component.variable [unit]'.{hint}"
            complaints.add(text, head.row, column)
        if name in roles:
            complaints.add(f"the head '{shown(name)}' occurs twice.", head.row, column)
        roles[name] = column
    for needed in (EXPERIMENT,):
        if needed not in roles:
            complaints.add(f"there is no column '{needed}'.", head.row)
    if not any(time in roles for time in TIMES):
        complaints.add("there is no column 'time [h]'.", head.row)
    for name, column in roles.items():
        if name.startswith("sd ") and name[3:] not in roles:
            complaints.add(f"'{shown(name)}' belongs to a column that is not there.", head.row, column)
    if not _measured(roles):
        complaints.add("there is no column of what was measured, such as 'reactor.titre [g/L]'.", head.row)
    return roles


def _is_variable(text: str) -> bool:
    try:
        VariableName.parse(text)
    except ValueError:
        return False
    return True


def _measured(roles: Mapping[str, int]) -> list[str]:
    return [name for name in roles if "." in name and not name.startswith(("sd ", "set "))]


def _groups(table: Sheet, head: Head, rules: Rules, complaints: Complaints) -> dict[str, list[int]]:
    """Return the rows that hold a measurement by experiment."""
    column = head.find(EXPERIMENT)
    measured = [head.find(name) for name in _measured({name: i for i, name in enumerate(head.names)})]
    groups: dict[str, list[int]] = {}
    for i, row in body(table, head):
        name = _cell(row, column)
        is_empty = all(is_missing(_cell(row, k), rules) for k in measured)
        if is_empty:
            continue
        if is_missing(name, rules):
            complaints.add("the row does not say which experiment it belongs to.", i, column)
        else:
            groups.setdefault(str(name).strip(), []).append(i)
    return groups


def _cell(row: Sequence[Cell], column: int) -> Cell:
    return row[column] if column < len(row) else None


def _experiment(
    name: str,
    rows: Sequence[int],
    table: Sheet,
    head: Head,
    roles: Mapping[str, int],
    rules: Rules,
    complaints: Complaints,
) -> Experiment | None:
    whole = _all_rows(name, table, head)
    if "start" in roles:
        cell = _constant(table, whole, roles["start"], "start", rules, complaints)
        start = None if cell is None else complaints.attempt(lambda: moment(cell, rules), rows[0], roles["start"])
        rules = replace(rules, start=start)
    series = _series(rows, table, head, roles, rules, complaints)
    use = _constant(table, whole, roles["use"], "use", rules, complaints) if "use" in roles else "fit"
    if use is not None and use not in USES:
        complaints.add(f"'use' is '{shown(use)}'; it should be fit or check.", rows[0], roles["use"])
    conditions = {}
    for head_text, column in roles.items():
        if head_text.startswith("set "):
            cell = _constant(table, whole, column, head_text, rules, complaints)
            value = complaints.attempt(lambda cell=cell: number(cell, rules), rows[0], column)  # type: ignore[misc]
            if cell is not None and value is not None:
                unit = head.units[column]
                conditions[head_text[4:]] = f"{value!r} {unit}" if unit not in (None, "1") else f"{value!r}"
    return Experiment(name, series, conditions, use == "check")


def _series(
    rows: Sequence[int], table: Sheet, head: Head, roles: Mapping[str, int], rules: Rules, complaints: Complaints
) -> tuple[Series, ...]:
    """Read what was measured in ``rows``; columns that are empty there are left out."""
    chosen = {*rows, *range(head.row + 1)}
    part = Sheet(table.path, [row if i in chosen else () for i, row in enumerate(table.rows, 1)])
    layout = Layout({}, next(time for time in TIMES if time in roles), rules=rules)
    positions = read_positions(part, head, layout, complaints)
    if positions is not None:
        _check_replicates(part, positions, roles, complaints)
    found = []
    for name in _measured(roles) if positions is not None else ():
        if all(is_missing(_cell(table.rows[i - 1], roles[name]), rules) for i in rows):
            continue
        sd = f"sd {name}" if f"sd {name}" in roles else None
        if sd is not None and not _same_unit(head.units[roles[sd]], head.units[roles[name]]):
            complaints.add(
                f"'{sd}' should have the unit of '{name}', [{head.units[roles[name]]}].", head.row, roles[sd]
            )
        assert positions is not None
        kept = [i for i in rows if i in positions.by_row]
        what = Column(name, deviation_column=sd)
        found.append(read_series(part, head, roles[name], what, positions, rules, complaints, kept))
    return tuple(item for item in found if item is not None)


def _check_replicates(part: Sheet, positions: Positions, roles: Mapping[str, int], complaints: Complaints) -> None:
    """Complain of rows with the same time and replicate as one before."""
    seen: dict[tuple[float, str], int] = {}
    for row, position in positions.by_row.items():
        cell = _cell(part.rows[row - 1], roles[REPLICATE]) if REPLICATE in roles else None
        key = (position, "" if cell is None else str(cell).strip())
        if key in seen:
            complaints.add(
                f"it has the time of row {seen[key]}. Tell samples of one time apart by different numbers under "
                f"'{REPLICATE}', or remove one.",
                row,
            )
        seen[key] = row


def _same_unit(a: str | None, b: str | None) -> bool:
    return (a or "1") == (b or "1") and (a is None or is_compatible(a, b or "1"))


def _all_rows(name: str, table: Sheet, head: Head) -> list[int]:
    column = head.find(EXPERIMENT)
    return [i for i, row in body(table, head) if str(_cell(row, column) or "").strip() == name]


def _constant(table: Sheet, rows: Sequence[int], column: int, what: str, rules: Rules, complaints: Complaints) -> Cell:
    """Return the value that ``column`` has in all ``rows`` in which it is not empty; None where it is empty in all."""
    found: Cell = None
    first = 0
    for i in rows:
        cell = _cell(table.rows[i - 1], column)
        cell = cell.strip() if isinstance(cell, str) else cell
        if is_missing(cell, rules):
            continue
        if found is not None and cell != found:
            complaints.add(
                f"'{what}' is '{shown(cell)}', and '{shown(found)}' in row {first} of this experiment.", i, column
            )
        if found is None:
            found, first = cell, i
    return found
