import csv
import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from cosim.errors import ResultError


def test_dataframe_joins_axes_exactly(result):
    frame = result.to_dataframe(["reactor.titre", "capture.uv280"])
    assert list(frame.columns) == ["reactor.titre", "capture.uv280"]
    assert frame.index.name == "time"
    assert frame.index.is_monotonic_increasing
    assert frame.index.is_unique
    assert frame["reactor.titre"].count() == len(np.unique(result["reactor.titre"].ticks))
    assert frame.attrs["units"] == {"reactor.titre": "kg/m3", "capture.uv280": "1"}
    assert np.isnan(frame["capture.uv280"].iloc[0])


def test_doubled_time_keeps_the_value_after_the_event(result):
    ticks = result["reactor.volume"].ticks
    doubled = int(ticks[np.flatnonzero(np.diff(ticks) == 0)[0]])
    assert doubled / 1e9 in result.to_dataframe(["reactor.volume"]).index


def test_fill_carries_the_last_value_on(result):
    frame = result.to_dataframe(["reactor.titre", "capture.uv280"], fill=True)
    assert frame["reactor.titre"].iloc[-1] == result["reactor.titre"].final()


def test_whole_result_as_dataframe(result):
    assert set(result.to_dataframe().columns) == set(result)


def test_no_variables_is_an_empty_frame(result):
    assert result.to_dataframe([]).empty


def test_xarray_has_an_axis_per_component(result):
    data = result.to_xarray()
    assert data["reactor.titre"].dims == ("time_reactor",)
    assert data["reactor.titre"].attrs == {"units": "kg/m3", "long_name": "Antibody"}
    assert data["time_reactor"].attrs["units"] == "s"
    assert data.attrs["scenario"] == "mab_fed_batch"
    assert np.array_equal(data["capture.uv280"].values, result["capture.uv280"].values)


def test_csv_names_units_in_its_header(result, tmp_path):
    path = tmp_path / "a.csv"
    result.to_csv(path, ["reactor.titre", "reactor.volume"])
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["time [s]", "reactor.titre [kg/m3]", "reactor.volume [m3]"]
    assert float(rows[-1][1]) == result["reactor.titre"].final()


def test_long_csv(result, tmp_path):
    path = tmp_path / "a.csv"
    result.to_csv(path, ["reactor.titre", "pool.volume"], long=True)
    frame = pd.read_csv(path)
    assert list(frame.columns) == ["time_s", "component", "variable", "value", "unit"]
    assert len(frame) == len(result["reactor.titre"]) + len(result["pool.volume"])
    assert set(frame["unit"]) == {"kg/m3", "m3"}


@pytest.mark.parametrize("long", [False, True])
def test_parquet_keeps_values_units_and_provenance(result, tmp_path, long):
    path = tmp_path / "a.parquet"
    result.to_parquet(path, ["reactor.titre"], long=long)
    table = pq.read_table(path)
    column = "value" if long else "reactor.titre"
    assert table.column(column).to_pylist()[-1] == result["reactor.titre"].final()
    assert json.loads(table.schema.metadata[b"cosim"])["scenario"] == "mab_fed_batch"
    if not long:
        assert table.schema.field("reactor.titre").metadata == {b"unit": b"kg/m3", b"description": b"Antibody"}


def test_export_that_fails_leaves_the_earlier_file_alone(result, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("precious")
    with pytest.raises(ResultError, match="was not recorded"):
        result.to_csv(path, ["reactor.nothing"])
    assert path.read_text() == "precious"
    with pytest.raises(ResultError, match=r"Cannot write '.*no such folder.*a.csv'"):
        result.to_csv(tmp_path / "no such folder" / "a.csv")
    assert [item.name for item in tmp_path.iterdir()] == ["a.csv"]
