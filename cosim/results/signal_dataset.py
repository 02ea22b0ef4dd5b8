"""Trajectories of many runs as a Parquet dataset: a file per run, one row per time, with what the run was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.errors import ResultError
from cosim.results.dataset import Column
from cosim.results.tables import replace_file

_FILE: Final = "run-{:06d}.parquet"
Cells = Mapping[str, NDArray[object] | float | int | str]  # type: ignore[type-var]


def read_run(folder: Path, run: int) -> tuple[tuple[Column, ...], dict[str, NDArray[np.float64]]]:
    """Return the columns of numbers that ``run`` has in ``folder``, and their values, NaN where there is none.

    Raises
    ------
    ResultError
        When there is no such file, or it cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / _FILE.format(run)
    try:
        table = pq.ParquetFile(path).read()
    except (OSError, pa.ArrowException) as error:
        raise ResultError(f"'{path}' cannot be read: {error}.") from error
    fields = [field for field in table.schema if field.type == pa.float64()]
    columns = tuple(Column(field.name, unit=(field.metadata or {}).get(b"unit", b"").decode()) for field in fields)
    return columns, {field.name: table[field.name].to_numpy() for field in fields}


class SignalDataset:
    """Files in ``folder``, each written whole; ``about`` is kept with every one."""

    def __init__(self, folder: Path, columns: Sequence[Column], about: Mapping[str, object]) -> None:
        self._folder, self._columns, self._about = folder, tuple(columns), dict(about)
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, run: int, n: int, cells: Cells) -> None:
        """Write the ``n`` rows of ``run``; what is one value in ``cells`` is so in every row.

        Raises
        ------
        ResultError
            When it cannot be written.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = {"number": pa.float64(), "integer": pa.int64(), "text": pa.string()}
        fields, arrays = [], []
        for column in self._columns:
            cell, kind = cells[column.name], kinds[column.kind]
            if isinstance(cell, float | int | str):
                array = pa.repeat(pa.scalar(cell, kind), n)
            else:
                array = pa.array(cell, kind, from_pandas=True)  # NaN stands for nothing
            metadata = {"unit": column.unit, "description": column.description}
            fields.append(pa.field(column.name, kind, metadata=metadata))
            arrays.append(array)
        table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata={"cosim": json.dumps(self._about)}))
        path = self._folder / _FILE.format(run)
        replace_file(path, lambda temporary: pq.write_table(table, temporary, compression="zstd"))

    def summary(self) -> dict[str, object]:
        """Return how many files there are, and a hash of them all: of the lines '<hash>  <name>', by name."""
        lines = [
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
            for path in sorted(self._folder.glob("run-*.parquet"))
        ]
        return {"files": len(lines), "sha256": hashlib.sha256("".join(lines).encode()).hexdigest()}
