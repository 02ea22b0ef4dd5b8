"""Files of rows and cells: text with commas, semicolons or tabs, and spreadsheets."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cosim.errors import ScenarioError
from cosim.measurements.rules import Cell, Rules

LARGEST: Final = 200_000_000
"""Bytes of a text file."""
MOST_ROWS: Final = 1_000_000
MOST_COLUMNS: Final = 1_000
TEXT: Final = (".csv", ".txt", ".tsv", ".asc")
SPREADSHEET: Final = (".xlsx", ".xlsm")


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a file; its first row is row 1, empty rows among them."""

    path: Path
    rows: Sequence[Sequence[Cell]]


def read_sheet(path: Path, rules: Rules, sheet: str | None = None) -> Sheet:
    """Read the file at ``path``; ``sheet`` names one of a spreadsheet, which has to be given where there are several.

    Raises
    ------
    ScenarioError
        Naming the file and what to do.
    """
    suffix = path.suffix.lower()
    if suffix in SPREADSHEET:
        from cosim.measurements.excel import read_spreadsheet

        _require_file(path)
        return Sheet(path, read_spreadsheet(path, sheet))
    if suffix == ".xls":
        raise ScenarioError(f"'{path}' is in the old format of Excel. Save it as .xlsx or as CSV.")
    if suffix not in TEXT:
        kinds = ", ".join((*TEXT, *SPREADSHEET))
        raise ScenarioError(f"'{path}' is not read as data: the name of such a file ends in one of {kinds}.")
    if sheet is not None:
        raise ScenarioError(f"'{path}' is a text file, which has no sheet '{sheet}'. Remove 'sheet'.")
    _require_file(path)
    return Sheet(path, _rows(path, _text(path, rules)))


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise ScenarioError(f"There is no file '{path}'.")
    if path.stat().st_size > LARGEST:
        raise ScenarioError(f"'{path}' is larger than {LARGEST // 1_000_000} MB, the limit for data.")


def _text(path: Path, rules: Rules) -> str:
    try:
        content = path.read_bytes()
        return content.decode(rules.encoding or _encoding(content))
    except LookupError as error:
        raise ScenarioError(
            f"'{path}': there is no encoding '{rules.encoding}'. Write, for example, cp1252."
        ) from error
    except UnicodeDecodeError as error:
        raise ScenarioError(
            f"'{path}' is not text in {error.encoding.upper()} (byte {error.start}). Save it as UTF-8, or state "
            "'encoding', for example cp1252 for files of older programs on Windows."
        ) from error
    except OSError as error:
        raise ScenarioError(f"'{path}' cannot be read: {error.strerror}.") from error


def _encoding(content: bytes) -> str:
    """Tell UTF-16 from UTF-8 by the mark at its beginning, or by the zeros in its first characters."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if content[1:2] == b"\0":
        return "utf-16-le"
    return "utf-8-sig"


def _rows(path: Path, text: str) -> list[list[Cell]]:
    """Split ``text``; the delimiter is a tab where its first lines hold one, else a semicolon, else a comma."""
    if "\0" in text:
        raise ScenarioError(f"'{path}' holds zero characters: it is not a text file.")
    rows: list[list[Cell]] = []
    head = "".join(text.splitlines(keepends=True)[:3])
    delimiter = next((sign for sign in "\t;" if sign in head), ",")
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            if len(rows) >= MOST_ROWS or len(cells) > MOST_COLUMNS:
                raise ScenarioError(
                    f"'{path}' has more than {MOST_ROWS:,} rows or {MOST_COLUMNS:,} columns, the limits for data."
                )
            rows.append(list(cells))
    except csv.Error as error:
        raise ScenarioError(f"'{path}', row {len(rows) + 1}: {error}.") from error
    return rows
