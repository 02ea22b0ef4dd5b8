"""CSV files as input signals and recorded data: ``time [h], reactor.T [degC], …``, one row per sample."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import TICKS_PER_SECOND
from cosim.errors import ScenarioError, StructureError
from cosim.scenario.lookup import Lookup
from cosim.scenario.model import SignalEntry
from cosim.system.experiment import Signal
from cosim.system.nearest import nearest
from cosim.system.variable import Causality
from cosim.units import conversion, read_unit

LARGEST_TABLE: Final = 200_000_000
"""Bytes of a CSV file."""

_HEADER: Final = re.compile(r"\s*(?P<name>.*?)\s*(?:\[(?P<unit>[^\[\]]*)\])?\s*")
_TIME: Final = "time"


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a CSV file; ``units`` where the header states them as ``name [unit]``."""

    path: Path
    columns: dict[str, NDArray[np.float64]]
    units: dict[str, str | None]

    def times(self, column: str = _TIME) -> NDArray[np.int64]:
        """Return the time column as ticks, strictly increasing."""
        seconds = self._column(column)
        unit = self.units[column]
        if unit is None:
            raise ScenarioError(
                f"The time column of '{self.path}' has no unit. Head it '{column} [s]' or '{column} [h]'."
            )
        if read_unit(unit).dimension != read_unit("s").dimension:
            raise ScenarioError(f"The time column '{column}' of '{self.path}' is in [{unit}], which is not a time.")
        ticks = np.round(seconds * (float(read_unit(unit).factor) * TICKS_PER_SECOND)).astype(np.int64)
        if not np.all(np.diff(ticks) > 0):
            row = int(np.argmin(np.diff(ticks))) + 3
            raise ScenarioError(f"Time does not increase at row {row} of '{self.path}'.")
        return ticks

    def values(self, column: str, unit: str | None, target_unit: str | None) -> NDArray[np.float64]:
        """Return ``column`` in ``target_unit``; ``unit`` is its own, None: what the header states."""
        numbers = self._column(column)
        own = unit if unit is not None else self.units[column]
        if own is None and target_unit not in (None, "1"):
            raise ScenarioError(
                f"Column '{column}' of '{self.path}' has no unit. Head it '{column} [{target_unit}]' or write 'unit:'."
            )
        change = conversion(own, target_unit)
        return numbers * change.factor + change.offset

    def _column(self, name: str) -> NDArray[np.float64]:
        if name not in self.columns:
            known = ", ".join(self.columns)
            hint = nearest(name, self.columns)
            raise ScenarioError(f"There is no column '{name}' in '{self.path}'; it has {known}.{hint}")
        return self.columns[name]


def read_table(path: Path) -> Table:
    """Read a CSV file whose first row names the columns, units in square brackets.

    Raises
    ------
    ScenarioError
        Naming file and row.
    """
    try:
        if path.stat().st_size > LARGEST_TABLE:
            raise ScenarioError(f"'{path}' is larger than {LARGEST_TABLE // 1_000_000} MB, the limit for CSV files.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file, strict=True) if row]
    except FileNotFoundError as error:
        raise ScenarioError(f"There is no file '{path}'.") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError(f"'{path}' cannot be read as CSV: {error}.") from error
    if len(rows) < 2:
        raise ScenarioError(f"'{path}' has no data: it needs a row of names and rows of numbers.")
    headers = [_HEADER.fullmatch(cell) for cell in rows[0]]
    names = [match["name"] if match else cell for match, cell in zip(headers, rows[0], strict=True)]
    doubled = {name for name in names if names.count(name) > 1}
    if doubled:
        raise ScenarioError(f"'{path}' has the column '{min(doubled)}' twice.")
    data = _numbers(path, rows[1:], len(names))
    units = {name: match["unit"] if match else None for name, match in zip(names, headers, strict=True)}
    return Table(path, {name: data[:, i].copy() for i, name in enumerate(names)}, units)


def _numbers(path: Path, rows: Sequence[Sequence[str]], width: int) -> NDArray[np.float64]:
    for number, row in enumerate(rows, start=2):
        if len(row) != width:
            raise ScenarioError(f"Row {number} of '{path}' has {len(row)} values, its first row {width}.")
    try:
        data = np.array(rows, dtype=np.float64)
    except ValueError as error:
        raise ScenarioError(f"'{path}' holds something that is not a number, in {_first_text(rows)}.") from error
    if not np.all(np.isfinite(data)):
        bad = int(np.argmin(np.isfinite(data).all(axis=1))) + 2
        raise ScenarioError(f"Row {bad} of '{path}' holds a value that is not finite.")
    return data


def _first_text(rows: Sequence[Sequence[str]]) -> str:
    """Return where the first cell is that is no number; what it says may be nobody's business."""
    for number, row in enumerate(rows, start=2):
        for column, cell in enumerate(row, start=1):
            try:
                float(cell)
            except ValueError:
                return f"row {number}, column {column}"
    return "some row"


def bind_signals(entries: Sequence[SignalEntry], folder: Path, lookup: Lookup) -> tuple[Signal, ...]:
    """Read the columns of ``inputs``, converted to the units of their targets."""
    tables: dict[Path, Table] = {}
    signals = []
    for entry in entries:
        variable = lookup.numeric(entry.target, entry.origin)
        if variable is None:
            continue
        if variable.causality is not Causality.INPUT:
            lookup.problems.add(
                f"Cannot drive {entry.target}: its causality is {variable.causality.value}, not input.", entry.origin
            )
            continue
        signal = lookup.problems.attempt(
            lambda e=entry, unit=variable.unit: _signal(e, unit, folder, tables),  # type: ignore[misc]
            entry.origin,
            f"Cannot drive {entry.target}: ",
        )
        own = entry.unit or (tables[folder / entry.file].units.get(entry.column) if signal is not None else None)
        if own not in (None, "1") and variable.unit is None:
            lookup.warnings.append(
                f"{entry.origin}: column '{entry.column}' [{own}] drives {entry.target}, which states no unit: it "
                "passes unconverted."
            )
        if signal is not None:
            signals.append(signal)
    return tuple(signals)


def _signal(entry: SignalEntry, unit: str | None, folder: Path, tables: dict[Path, Table]) -> Signal:
    path = folder / entry.file
    if path not in tables:
        tables[path] = read_table(path)
    table = tables[path]
    try:
        values = table.values(entry.column, entry.unit, unit)
    except StructureError as error:
        raise StructureError(f"column '{entry.column}': {error.message}") from error
    return Signal(entry.target, table.times(entry.time or _TIME), values, entry.interpolation, entry.origin)
