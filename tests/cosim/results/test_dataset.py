"""Rows that are kept while a study runs, and read back whatever happened."""

import json

import pandas as pd
import pyarrow.parquet as pq
import pytest

from cosim.errors import ResultError
from cosim.results.dataset import Column, Dataset, to_frame

COLUMNS = (Column("run", "integer"), Column("x", unit="g/L", description="a number"), Column("why", "text"))


def row(run, x=1.0, why=""):
    return {"run": run, "x": x, "why": why}


def test_parts_become_one_file_in_the_order_of_the_runs(tmp_path):
    dataset = Dataset(tmp_path / "runs", COLUMNS, {"study": "s"})
    dataset.add([row(3), row(1, float("nan"), "no value")])
    dataset.add([])
    dataset.add([row(0, 2.5)])
    assert [path.name for path in sorted(dataset.folder.iterdir())] == ["part-000000.parquet", "part-000001.parquet"]
    dataset.finish()
    assert [path.name for path in dataset.folder.iterdir()] == ["runs.parquet"]
    assert pd.read_parquet(dataset.folder)["run"].tolist() == [0, 1, 3]
    assert dataset.rows()[1] == row(1, None, "no value")
    schema = pq.read_schema(dataset.folder / "runs.parquet")
    assert schema.field("x").metadata == {b"unit": b"g/L", b"description": b"a number"}
    assert json.loads(schema.metadata[b"cosim"]) == {"study": "s"}


def test_another_dataset_of_the_folder_goes_on_after_its_parts(tmp_path):
    Dataset(tmp_path, COLUMNS, {}).add([row(0)])
    again = Dataset(tmp_path, COLUMNS, {})
    again.add([row(0, 7.0), row(1)])
    assert [entry["x"] for entry in again.rows()] == [7.0, 1.0]


def test_other_columns_are_refused(tmp_path):
    Dataset(tmp_path, COLUMNS, {}).add([row(0)])
    with pytest.raises(ResultError, match="holds other columns than this study has"):
        Dataset(tmp_path, COLUMNS[:2], {}).rows()


def test_a_frame_has_units_and_keeps_what_is_missing_missing():
    frame = to_frame([row(0), row(2, None)], COLUMNS)
    assert frame.index.tolist() == [0, 2]
    assert frame["x"].dtype == "float64"
    assert frame["x"].isna().tolist() == [False, True]
    assert frame.attrs["units"] == {"x": "g/L"}
