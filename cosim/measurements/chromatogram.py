r"""Chromatograms as UNICORN exports them: pairs of columns, one curve each.

UTF-16 or UTF-8 text between tabs (also commas or semicolons). One row holds the names of the curves, each above the
first column of its pair; the row below holds the units, ``ml`` or ``min`` and that of the curve; a row with the names
of runs may stand above. Curves have lengths of their own. Pairs whose second column is headed ``Fraction``,
``Injection``, ``Logbook`` and the like hold marks: a position and a text.

Source: the layout that public readers of such exports rely on, such as Appia's, and
``pandas.read_csv(…, encoding="utf-16", sep="\t", skiprows=2)``, which is how they are commonly opened.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from cosim.errors import CosimError, ScenarioError
from cosim.measurements.columns import Column, axis_of
from cosim.measurements.complaints import Complaints
from cosim.measurements.rules import Cell, Rules, is_missing, number, shown
from cosim.measurements.series import Array, Axis, Series
from cosim.measurements.sheet import Sheet, read_sheet
from cosim.system.nearest import nearest
from cosim.units import parse_quantity, read_unit

_HEAD_ROWS: Final = 6
"""The row of units is among the first so many."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: ``values`` [``unit``] over ``positions`` [s or m3]."""

    name: str
    unit: str
    axis: Axis
    positions: Array
    values: Array
    column: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chromatogram:
    """The curves of a file, and its marks: by name, positions [s or m3] with what stands there."""

    path: Path
    curves: Mapping[str, Curve]
    marks: Mapping[str, tuple[tuple[float, str], ...]] = field(default_factory=dict)

    def curve(self, name: str) -> Curve:
        """Return the curve called ``name``; raise ScenarioError when there is none."""
        if name not in self.curves:
            known = ", ".join(f"'{shown(item)}'" for item in self.curves)
            hint = nearest(name, self.curves)
            raise ScenarioError(f"'{self.path}' has no curve '{name}'; it has {known}.{hint}")
        return self.curves[name]

    def zero(self, text: str) -> float:
        """Return the position that ``text`` means: that of the first mark of this name, or a quantity."""
        if text in self.marks:
            if not self.marks[text]:
                raise ScenarioError(f"'{self.path}': there is no mark under '{text}'. Give a volume, as in '12.5 mL'.")
            return self.marks[text][0][0]
        try:
            return parse_quantity(text).to_si()
        except CosimError as error:
            marks = ", ".join(f"'{shown(item)}'" for item in self.marks) or "none"
            raise ScenarioError(
                f"'{self.path}': zero is '{text}'; it should be a quantity such as '12.5 mL', or the name of marks: "
                f"{marks}."
            ) from error

    def series(self, name: str, what: Column, *, zero: float = 0.0, points: int | None = None) -> Series:
        """Return the curve called ``name`` as samples of ``what``, at most ``points`` of them."""
        curve = self.curve(name)
        unit = what.unit if what.unit is not None else curve.unit
        constant = 0.0 if what.deviation is None else parse_quantity(what.deviation).to(unit or "1", difference=True)
        deviations = np.sqrt(constant**2 + (what.relative * curve.values) ** 2)
        deviations[deviations == 0.0] = math.nan
        series = Series(
            what.variable, unit, curve.axis, curve.positions - zero, curve.values, deviations,
            self.path, curve.column, curve.rows,
        )  # fmt: skip
        return series if points is None else series.thinned(points)


def read_chromatogram(path: Path, rules: Rules | None = None) -> Chromatogram:
    """Read all curves of the file at ``path``.

    Raises
    ------
    ScenarioError, ProblemList
        Naming file, row and column of everything that is wrong.
    """
    rules = rules or Rules()
    sheet = read_sheet(path, rules)
    units = _unit_row(sheet)
    names, heads = sheet.rows[units - 1], sheet.rows[units]
    complaints = Complaints(path)
    curves: dict[str, Curve] = {}
    marks: dict[str, tuple[tuple[float, str], ...]] = {}
    for column in range(0, len(heads) - 1, 2):
        if not _text(heads, column):
            continue
        name = _text(names, column) or _text(names, column + 1)
        kind = _text(heads, column + 1)
        axis, factor = axis_of(_text(heads, column), name)
        if not name or name in curves or name in marks:
            what = f"the name '{shown(name)}' occurs twice" if name else "the curve has no name"
            complaints.add(f"{what}. Export one chromatogram per file.", units, column)
        elif _is_unit(kind):
            positions, values, rows = _samples(sheet, units + 1, column, factor, rules, complaints)
            curves[name] = Curve(name, kind, axis, positions, values, column + 1, rows)
        else:
            marks[name] = _marks(sheet, units + 1, column, factor, rules, complaints)
    complaints.raise_all()
    if not curves:
        raise ScenarioError(f"'{path}' has no curve with values.")
    return Chromatogram(path, curves, marks)


def _text(row: Sequence[Cell], column: int) -> str:
    cell = row[column] if column < len(row) else None
    return "" if cell is None else str(cell).strip()


def _is_unit(text: str) -> bool:
    if not text:
        return True  # of pH
    try:
        read_unit(text)
    except CosimError:
        return False
    return True


def _unit_row(sheet: Sheet) -> int:
    """Return the index of the row of units: the first with nothing but times or volumes in every other cell."""
    for i, row in enumerate(sheet.rows[:_HEAD_ROWS]):
        firsts = [_text(row, column) for column in range(0, len(row), 2)]
        if i > 0 and any(firsts) and all(_is_axis(text) for text in firsts if text):
            return i
    raise ScenarioError(
        f"'{sheet.path}' is no chromatogram: none of its first {_HEAD_ROWS} rows holds 'ml' or 'min' in every other "
        "column, below the names of the curves."
    )


def _is_axis(text: str) -> bool:
    try:
        axis_of(text, "")
    except CosimError:
        return False
    return True


def _samples(
    sheet: Sheet, first: int, column: int, factor: float, rules: Rules, complaints: Complaints
) -> tuple[Array, Array, tuple[int, ...]]:
    """Read one pair of columns down to where both are empty."""
    found: list[tuple[float, float, int]] = []
    for i, row in enumerate(sheet.rows[first:], start=first + 1):
        x, y = (row[k] if k < len(row) else None for k in (column, column + 1))
        if is_missing(x, rules) and is_missing(y, rules):
            continue
        place = complaints.attempt(lambda x=x: number(x, rules), i, column)  # type: ignore[misc]
        value = complaints.attempt(lambda y=y: number(y, rules), i, column + 1)  # type: ignore[misc]
        if place is None or value is None or math.isnan(value):
            continue
        if math.isnan(place) or (found and place * factor < found[-1][0]):
            why = "there is a value without a position" if math.isnan(place) else "the position lies before the last"
            complaints.add(f"{why}.", i, column)
            break
        found.append((place * factor, value, i))
    if not found:
        return np.empty(0), np.empty(0), ()
    places, values, rows = zip(*found, strict=True)
    return np.array(places), np.array(values), rows


def _marks(
    sheet: Sheet, first: int, column: int, factor: float, rules: Rules, complaints: Complaints
) -> tuple[tuple[float, str], ...]:
    found = []
    for i, row in enumerate(sheet.rows[first:], start=first + 1):
        if is_missing(row[column] if column < len(row) else None, rules):
            continue
        place = complaints.attempt(lambda row=row: number(row[column], rules), i, column)  # type: ignore[misc]
        if place is not None:
            found.append((place * factor, _text(row, column + 1)))
    return tuple(found)
