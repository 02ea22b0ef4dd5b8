"""Spreadsheets: values as they were computed when the file was saved, formulas never computed."""

from __future__ import annotations

import struct
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cosim.errors import ScenarioError
from cosim.measurements.complaints import Complaints
from cosim.measurements.rules import Cell

LARGEST_UNPACKED: Final = 500_000_000
"""Bytes of all parts of a spreadsheet, unpacked."""
MOST_CELLS: Final = 5_000_000
_BROKEN: Final = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What openpyxl was seen to raise, or its parts can, where a file is damaged."""
ADVICE: Final = "Install it with: pip install openpyxl — or save the sheet as CSV."


def _openpyxl(path: Path) -> Any:  # noqa: ANN401
    try:
        import openpyxl
    except ImportError as error:
        raise ScenarioError(f"'{path}' is a spreadsheet, which needs the package openpyxl. {ADVICE}") from error
    return openpyxl


def read_spreadsheet(path: Path, sheet: str | None) -> list[list[Cell]]:
    """Return the cells of ``sheet``, or of the only one.

    Raises
    ------
    ScenarioError
        When it cannot be read; when a formula has no value that was saved.
    """
    openpyxl = _openpyxl(path)
    _refuse_bombs(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of charts and styles that it leaves out
        return _read(openpyxl, path, sheet)


def _read(openpyxl: Any, path: Path, sheet: str | None) -> list[list[Cell]]:  # noqa: ANN401
    try:
        values = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        formulas = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
        name = _chosen(path, values.sheetnames, sheet)
        rows = list(values[name].iter_rows())
        written = formulas[name].iter_rows(values_only=True)
        return _checked(path, rows, written)
    except _BROKEN as error:
        raise ScenarioError(f"'{path}' cannot be read as a spreadsheet: {error}. Save it anew, or as CSV.") from error


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except _BROKEN as error:
        raise ScenarioError(f"'{path}' is not a spreadsheet: {error}. Save it as .xlsx, or as CSV.") from error
    if size > LARGEST_UNPACKED:
        limit = LARGEST_UNPACKED // 1_000_000
        raise ScenarioError(f"'{path}' unpacks to {size // 1_000_000} MB; the limit is {limit} MB.")


def _chosen(path: Path, names: Sequence[str], sheet: str | None) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    if sheet is None and len(names) != 1:
        raise ScenarioError(f"'{path}' has the sheets {listed}. State which: 'sheet: …'.")
    if sheet is not None and sheet not in names:
        raise ScenarioError(f"'{path}' has no sheet '{sheet}'; it has {listed}.")
    return names[0] if sheet is None else sheet


def _checked(path: Path, rows: Sequence[Sequence[Any]], written: Any) -> list[list[Cell]]:  # noqa: ANN401
    """Return plain cells; complain of formulas without a value, error values and percentages."""
    if sum(len(row) for row in rows) > MOST_CELLS:
        raise ScenarioError(f"'{path}' has more than {MOST_CELLS:,} cells. Remove those that are not needed.")
    complaints = Complaints(path)
    found: list[list[Cell]] = []
    for number, (row, texts) in enumerate(zip(rows, written, strict=True), start=1):
        for column, (cell, text) in enumerate(zip(row, texts, strict=True)):
            _check(complaints, number, column, cell, text)
        found.append([cell.value for cell in row])
    complaints.raise_all()
    return found


def _check(complaints: Complaints, row: int, column: int, cell: Any, text: object) -> None:  # noqa: ANN401
    if cell.value is None and text is not None:
        complaints.add(
            f"the formula '{str(text)[:40]}' has no value that was saved. Open and save the file in a spreadsheet "
            "program, or enter the value.",
            row,
            column,
        )
    elif cell.value is not None and cell.data_type == "e":
        complaints.add(f"the cell shows the error {cell.value}. Correct its formula, or empty the cell.", row, column)
    elif isinstance(cell.value, int | float) and "%" in str(cell.number_format or ""):
        complaints.add(
            f"the cell is formatted as a percentage: it shows {100 * cell.value:g} % and holds {cell.value:g}. Format "
            "the column as numbers, and write '[%]' or '[1]' in its head.",
            row,
            column,
        )


def write_spreadsheet(path: Path, rows: Sequence[Sequence[str | float | None]]) -> None:
    """Write ``rows`` to a new file; text that begins like a formula stays text.

    Raises
    ------
    ScenarioError
        When there is no openpyxl.
    """
    workbook = _openpyxl(path).Workbook()
    workbook.properties.created = workbook.properties.modified = datetime(2000, 1, 1)
    page = workbook.active
    page.title = "data"
    for i, row in enumerate(rows, start=1):
        for j, value in enumerate(row, start=1):
            cell = page.cell(i, j)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    workbook.save(path)
