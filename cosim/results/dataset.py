"""One row per run of many: a Parquet dataset that grows while they are made and is whole at every moment.

A dataset is a folder of Parquet files of the same columns. Rows are added in parts, each of which appears whole; at the
end all parts become one file, in the order of the runs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from cosim.errors import ResultError
from cosim.results.tables import replace_file

if TYPE_CHECKING:
    import pyarrow as pa
    from pandas import DataFrame as DataFrame

KEY: Final = "run"
"""The column that tells rows apart, from 0 on."""
WHOLE: Final = "runs.parquet"
_PART: Final = "part-{:06d}.parquet"
Row = Mapping[str, float | int | str | None]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers in ``unit``, or of another ``kind``."""

    name: str
    kind: Literal["number", "integer", "text"] = "number"
    unit: str = ""
    description: str = ""


class Dataset:
    """The rows in ``folder``, which holds nothing else; ``about`` is kept with them."""

    def __init__(self, folder: Path, columns: Sequence[Column], about: Mapping[str, object]) -> None:
        self.folder, self.columns = folder, tuple(columns)
        self._about = dict(about)
        self._n_parts = 0
        folder.mkdir(parents=True, exist_ok=True)
        names = sorted(path.name for path in folder.glob("part-*.parquet"))
        if names:
            self._n_parts = int(names[-1][5:11]) + 1

    def add(self, rows: Sequence[Row]) -> None:
        """Write ``rows`` as a part.

        Raises
        ------
        ResultError
            When it cannot be written; what was written before is untouched.
        """
        if rows:
            self._write(self.folder / _PART.format(self._n_parts), rows)
            self._n_parts += 1

    def rows(self) -> list[dict[str, Any]]:
        """Return all rows in the order of the runs, each run once; parts that cannot be read do not count.

        Raises
        ------
        ResultError
            When the file of the whole cannot be read.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        found: dict[int, dict[str, Any]] = {}
        for path in sorted(self.folder.glob("[!.]*.parquet")):  # others were being written when somebody was killed
            try:
                table = pq.ParquetFile(path).read()
            except (OSError, pa.ArrowException) as error:
                raise ResultError(
                    f"'{path}' cannot be read: {error}. Remove it, and its runs are made again."
                ) from error
            if table.column_names != [column.name for column in self.columns]:
                raise ResultError(f"'{path}' holds other columns than this study has. Choose another folder.")
            for row in table.to_pylist():
                found[row[KEY]] = row
        return [found[key] for key in sorted(found)]

    def finish(self) -> None:
        """Make one file of all parts."""
        rows = self.rows()
        if rows:
            self._write(self.folder / WHOLE, rows)
        for path in self.folder.iterdir():
            if path.name.startswith(("part-", ".part-", ".runs.")):
                path.unlink(missing_ok=True)

    def _write(self, path: Path, rows: Sequence[Row]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = self._schema()
        arrays = [
            pa.array([_plain(row.get(column.name)) for row in rows], schema.field(column.name).type)
            for column in self.columns
        ]
        table = pa.Table.from_arrays(arrays, schema=schema)
        replace_file(path, lambda temporary: pq.write_table(table, temporary, compression="zstd"))

    def _schema(self) -> pa.Schema:
        import pyarrow as pa

        kinds = {"number": pa.float64(), "integer": pa.int64(), "text": pa.string()}
        fields = [
            pa.field(column.name, kinds[column.kind], metadata={"unit": column.unit, "description": column.description})
            for column in self.columns
        ]
        return pa.schema(fields, metadata={"cosim": json.dumps(self._about)})


def _plain(value: float | int | str | None) -> float | int | str | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def to_frame(rows: Sequence[Row], columns: Sequence[Column]) -> DataFrame:
    """Return ``rows`` with index ``run`` and ``attrs['units']`` by column."""
    import pandas as pd

    kinds = {"number": "float64", "integer": "int64", "text": "object"}
    data = {column.name: pd.Series([row[column.name] for row in rows], dtype=kinds[column.kind]) for column in columns}
    frame = pd.DataFrame(data).set_index(KEY)
    frame.attrs["units"] = {column.name: column.unit for column in columns if column.unit}
    return frame
