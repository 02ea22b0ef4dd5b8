"""Segments of what a plant sent: Parquet files of one row per sample or note, each of which appears whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from cosim.errors import ResultError
from cosim.results.tables import replace_file

Row = tuple[Any, ...]
"""A value per column."""
COLUMNS: Final = (
    ("arrival", "int64", "number of the arrival, in the order of arrival"),
    ("kind", "string", "sample, or what a note tells"),
    ("tag", "string", "name of the tag"),
    ("source", "int64", "source timestamp [ns since 1970], 0: none"),
    ("server", "int64", "server timestamp [ns since 1970], 0: none"),
    ("received", "int64", "when it came [ns since 1970]"),
    ("value", "float64", "value in the unit of the tag"),
    ("status", "int64", "OPC UA status code"),
    ("origin", "string", "live, history or read"),
    ("text", "string", "text of a note"),
)
_ROWS_AT_ONCE: Final = 65_536


def write_segment(path: Path, rows: Sequence[Row], columns: Sequence[tuple[str, str, str]] = COLUMNS) -> None:
    """Write ``rows`` of ``columns`` (name, type, description) to ``path``, which is there whole or not at all.

    Raises
    ------
    ResultError
        When it cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [pa.field(name, getattr(pa, kind)(), metadata={"description": text}) for name, kind, text in columns]
    )
    arrays = [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=schema)
    replace_file(path, lambda temporary: pq.write_table(table, temporary, compression="zstd"))


def read_segment(path: Path) -> Iterator[Row]:
    """Yield the rows of the segment at ``path``.

    Raises
    ------
    ResultError
        When it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        for batch in pq.ParquetFile(path).iter_batches(_ROWS_AT_ONCE):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
    except (OSError, pa.ArrowException) as error:
        raise ResultError(f"'{path}' cannot be read: {error}. What the plant sent then is lost.") from error


def least_in_segment(path: Path, column: str) -> int:
    """Return the least number in ``column`` of the segment at ``path``, without reading it.

    Raises
    ------
    ResultError
        When it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            place = file.schema_arrow.get_field_index(column)
            groups = [file.metadata.row_group(i).column(place).statistics for i in range(file.num_row_groups)]
            return int(min(group.min for group in groups))
    except (OSError, ValueError, pa.ArrowException) as error:
        raise ResultError(f"'{path}' cannot be read: {error}. What the plant sent then is lost.") from error
