"""Tables with a head and one row per sample → series of samples."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from cosim.errors import CosimError, ScenarioError
from cosim.measurements.complaints import Complaints, letters
from cosim.measurements.rules import Cell, Rules, is_missing, number, seconds_since, shown
from cosim.measurements.series import Axis, Series
from cosim.measurements.sheet import Sheet, read_sheet
from cosim.system.nearest import nearest
from cosim.units import parse_quantity, read_unit

_HEAD: Final = re.compile(r"\s*(?P<name>.*?)\s*(?:\[(?P<unit>[^\[\]]*)\])?\s*")
SECOND: Final = read_unit("s").dimension
CUBIC_METRE: Final = read_unit("m3").dimension
_LONGEST_RUN: Final = 1e9
"""[s], 30 years: what lies beyond is a mistake in a date or a unit."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column measures; ``unit`` None: what its head states, as ``titre [g/L]``.

    A sample's standard deviation is the root of the squares of ``deviation``, a quantity, of ``relative`` times its
    value, and of what ``deviation_column`` holds, as far as they are given.
    """

    variable: str
    unit: str | None = None
    deviation: str | None = None
    relative: float = 0.0
    deviation_column: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in a table what stands; columns are named without their units."""

    columns: Mapping[str, Column]
    position: str = "time"
    position_unit: str | None = None
    zero: float = 0.0
    """Position [s or m3] of the file at which the experiment begins."""
    has_unit_row: bool = False
    """True where the row below the head holds the units."""
    sheet: str | None = None
    rules: Rules = field(default_factory=Rules)


@dataclass(frozen=True, slots=True)
class Head:
    """The names and units of columns, which stand in ``row``."""

    path: Path
    row: int
    names: tuple[str, ...]
    units: tuple[str | None, ...]
    n_rows: int = 1

    def find(self, name: str) -> int:
        """Return the number of the column called ``name``.

        Raises
        ------
        ScenarioError
            When there is none, or more than one.
        """
        places = [i for i, known in enumerate(self.names) if known == name]
        if len(places) == 1:
            return places[0]
        if places:
            where = " and ".join(letters(i) for i in places)
            raise ScenarioError(f"'{self.path}', row {self.row}: the columns {where} are both called '{shown(name)}'.")
        known = ", ".join(shown(item) for item in self.names if item) or "nothing"
        hint = nearest(name, self.names)
        raise ScenarioError(f"'{self.path}', row {self.row}: there is no column '{name}'; it has {known}.{hint}")


def read_table(path: Path, layout: Layout) -> tuple[Series, ...]:
    """Read the series that ``layout`` describes from the file at ``path``, all of one experiment.

    Raises
    ------
    ScenarioError, ProblemList
        Naming file, row and column of everything that is wrong.
    """
    sheet = read_sheet(path, layout.rules, layout.sheet)
    head = read_head(sheet, has_unit_row=layout.has_unit_row)
    complaints = Complaints(path)
    positions = read_positions(sheet, head, layout, complaints)
    columns = [complaints.attempt(lambda name=name: head.find(name)) for name in layout.columns]  # type: ignore[misc]
    complaints.raise_all()
    assert positions is not None
    found = [
        read_series(sheet, head, i, column, positions, layout.rules, complaints)
        for i, column in zip(columns, layout.columns.values(), strict=True)
        if i is not None
    ]
    complaints.raise_all()
    return tuple(item for item in found if item is not None)


def body(sheet: Sheet, head: Head) -> list[tuple[int, Sequence[Cell]]]:
    """Return the rows below the head that are neither empty nor notes, with their numbers."""
    last = head.row + head.n_rows - 1
    rows = enumerate(sheet.rows[last:], start=last + 1)
    return [(i, row) for i, row in rows if any(not _is_blank(cell) for cell in row) and not _is_note(row)]


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_note(row: Sequence[Cell]) -> bool:
    return bool(row) and isinstance(row[0], str) and row[0].lstrip().startswith("#")


def read_head(sheet: Sheet, *, has_unit_row: bool = False) -> Head:
    """Return the first row that is neither empty nor a note; raise ScenarioError when there is none."""
    for i, row in enumerate(sheet.rows, start=1):
        if any(not _is_blank(cell) for cell in row) and not _is_note(row):
            texts = ["" if cell is None else str(cell) for cell in row]
            if has_unit_row:
                below = sheet.rows[i] if i < len(sheet.rows) else ()
                units = ["" if cell is None else str(cell).strip() for cell in below]
                units += [""] * (len(texts) - len(units))
                names = tuple(text.strip() for text in texts)
                return Head(sheet.path, i, names, tuple(unit or None for unit in units[: len(names)]), 2)
            matches = [_HEAD.fullmatch(text) for text in texts]
            names = tuple(match["name"] if match else text for match, text in zip(matches, texts, strict=True))
            return Head(sheet.path, i, names, tuple(match["unit"] if match else None for match in matches))
    raise ScenarioError(f"'{sheet.path}' is empty: it needs a row of names and rows of numbers.")


@dataclass(frozen=True, slots=True)
class Positions:
    """Where on the axis each row of the body stands, by the number of the row [s or m3]."""

    axis: Axis
    by_row: Mapping[int, float]


def read_positions(sheet: Sheet, head: Head, layout: Layout, complaints: Complaints) -> Positions | None:
    """Read the column of times or volumes; what is wrong is noted."""
    column = complaints.attempt(lambda: head.find(layout.position))
    if column is None:
        return None
    unit = layout.position_unit if layout.position_unit is not None else head.units[column]
    axis, factor = "time", None
    if unit is not None:
        found = complaints.attempt(lambda: axis_of(unit, layout.position), head.row, column)
        if found is None:
            return None
        axis, factor = found
    by_row = {}
    for i, row in body(sheet, head):
        cell = row[column] if column < len(row) else None
        position = complaints.attempt(
            lambda cell=cell: position_of(cell, factor, layout.rules.start, layout.rules),  # type: ignore[misc]
            i,
            column,
        )
        if position is not None:
            by_row[i] = position - layout.zero
    _check_order(by_row, complaints, column, may_repeat=layout.rules.replicates)
    return Positions("volume" if axis == "volume" else "time", by_row)


def axis_of(unit: str, name: str) -> tuple[Axis, float]:
    """Return what ``unit`` measures, and its size in SI.

    Raises
    ------
    ScenarioError
        When it is neither a time nor a volume.
    """
    try:
        definition = read_unit(unit)
    except CosimError as error:
        raise ScenarioError(f"'{shown(name)}': {error.message}") from error
    if definition.dimension == SECOND:
        return "time", float(definition.factor)
    if definition.dimension == CUBIC_METRE:
        return "volume", float(definition.factor)
    raise ScenarioError(f"'{shown(name)}' is in [{shown(unit)}], which is neither a time nor a volume.")


def position_of(cell: Cell, factor: float | None, start: datetime | None, rules: Rules) -> float:
    """Return elapsed time [s] or volume [m3]; ``factor`` is the size of the unit in the head, None for none.

    Raises
    ------
    ScenarioError
        When there is no position, or no unit.
    """
    if is_missing(cell, rules):
        raise ScenarioError("the row has no time. Every sample needs one.")
    if isinstance(cell, int | float) or (isinstance(cell, str) and _looks_numeric(cell)):
        if factor is None:
            raise ScenarioError(f"'{shown(cell)}' has no unit. Head the column 'time [h]', or 'volume [mL]'.")
        position = number(cell, rules) * factor
    else:
        position = seconds_since(cell, start, rules)
    if abs(position) > _LONGEST_RUN:
        raise ScenarioError(f"'{shown(cell)}' lies more than 30 years from the beginning. Check unit and 'start'.")
    return position


def _looks_numeric(text: str) -> bool:
    return re.fullmatch(r"\s*[-+<>]?[\d.,]+([eE][-+]?\d+)?\s*", text) is not None


def _check_order(by_row: Mapping[int, float], complaints: Complaints, column: int, *, may_repeat: bool) -> None:
    """Complain of the first rows that go back in time, and of times that occur twice."""
    before: int | None = None
    for row, position in by_row.items():
        if before is not None and position < by_row[before]:
            complaints.add(
                f"its time lies before that of row {before}. Sort the rows, or correct the time.", row, column
            )
            return
        if before is not None and position == by_row[before] and not may_repeat:
            complaints.add(
                f"it has the time of row {before}. State 'replicates: true' where these are samples of their own, or "
                "remove one.",
                row,
                column,
            )
        before = row


def read_series(
    sheet: Sheet,
    head: Head,
    column: int,
    what: Column,
    positions: Positions,
    rules: Rules,
    complaints: Complaints,
    rows: Sequence[int] | None = None,
) -> Series | None:
    """Read one column, of ``rows`` only where they are given; None where it has no value, which is noted."""
    sd_column = complaints.attempt(lambda: None if what.deviation_column is None else head.find(what.deviation_column))
    unit = what.unit if what.unit is not None else head.units[column] or ""
    constant = complaints.attempt(lambda: _constant(what, unit), head.row, column) or 0.0
    samples: list[tuple[float, float, float, int]] = []
    n_missing, n_problems = 0, len(complaints)
    for row in positions.by_row if rows is None else rows:
        cells = sheet.rows[row - 1]
        value = _number(cells, column, row, rules, complaints)
        if math.isnan(value):
            n_missing += 1
            continue
        own = 0.0 if sd_column is None else _deviation(cells, sd_column, row, rules, complaints)
        deviation = math.sqrt(own**2 + constant**2 + (what.relative * value) ** 2)
        samples.append((positions.by_row[row], value, deviation or math.nan, row))
    if not samples and len(complaints) == n_problems:
        complaints.add(f"'{shown(head.names[column])}' has no values.", head.row, column)
    if not samples:
        return None
    places, values, deviations, numbers = zip(*samples, strict=True)
    return Series(
        what.variable, unit, positions.axis, np.array(places), np.array(values), np.array(deviations),
        sheet.path, column, numbers, n_missing,
    )  # fmt: skip


def _number(cells: Sequence[Cell], column: int, row: int, rules: Rules, complaints: Complaints) -> float:
    """Return the number in a cell, NaN where there is none or a problem, which is noted."""
    cell = cells[column] if column < len(cells) else None
    value = complaints.attempt(lambda: number(cell, rules), row, column)
    return math.nan if value is None else value


def _deviation(cells: Sequence[Cell], column: int, row: int, rules: Rules, complaints: Complaints) -> float:
    value = _number(cells, column, row, rules, complaints)
    if value <= 0.0:
        complaints.add(f"a standard deviation is {value:g}; it should be above zero, or empty.", row, column)
    return 0.0 if math.isnan(value) else value


def _constant(what: Column, unit: str) -> float:
    """Return the stated standard deviation in the unit of the column."""
    if what.deviation is None:
        return 0.0
    quantity = parse_quantity(what.deviation)
    if not quantity.unit and unit and any(read_unit(unit).dimension):
        raise ScenarioError(f"the standard deviation '{what.deviation}' has no unit. Write one that fits [{unit}].")
    value = quantity.to(unit or "1", difference=True)
    if not value > 0.0:
        raise ScenarioError(f"the standard deviation '{what.deviation}' should be above zero.")
    return value
