"""Rows of small CSV files, whose columns are found by their names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from cosim.errors import ScenarioError
from cosim.system.nearest import nearest

LARGEST: Final = 20_000_000
"""Bytes of such a file; a row has about 40."""


def read_rows(
    path: Path, what: str, columns: Sequence[str], needed: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each row's line and its cells of ``columns``; others are notes, as are lines with '#'.

    Raises
    ------
    ScenarioError
        When the file, which is a ``what``, cannot be read, or one of the columns ``needed`` is missing.
    """
    yield from rows_of(read_content(path, what), path, what, columns, needed)


def read_content(path: Path, what: str) -> bytes:
    """Return the bytes of the file, a ``what``, or raise ScenarioError."""
    try:
        if path.stat().st_size > LARGEST:
            raise ScenarioError(f"'{path}' is larger than {LARGEST // 1_000_000} MB, the limit of a {what}.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ScenarioError(f"There is no {what} '{path}'.") from error
    except OSError as error:
        raise ScenarioError(f"The {what} '{path}' cannot be read as CSV: {error}.") from error


def rows_of(
    content: bytes, path: Path, what: str, columns: Sequence[str], needed: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Do the same with the ``content`` of the file."""
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        lines = [(reader.line_num, row) for row in reader if row and not row[0].lstrip().startswith("#")]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError(f"The {what} '{path}' cannot be read as CSV: {error}.") from error
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    for column in needed:
        if column not in header:
            hint = nearest(column, header)
            head = ",".join(columns)
            raise ScenarioError(f"The {what} '{path}' has no column '{column}'; head it '{head}'.{hint}")
    for line, row in lines[1:]:
        if len(row) != len(header):
            raise ScenarioError(f"Line {line} of the {what} '{path}' has {len(row)} cells, its head {len(header)}.")
        yield line, {name: cell.strip() for name, cell in zip(header, row, strict=True) if name in columns}
