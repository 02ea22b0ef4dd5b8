"""CSV files as input signals and recorded data."""

import numpy as np
import pytest

from cosim.errors import CosimError
from cosim.scenario.signals import read_table


def write(tmp_path, text):
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_carry_units(tmp_path):
    table = read_table(write(tmp_path, "time [h],T [degC],x\n0,20,1\n1.5,37,2\n"))
    assert table.times().tolist() == [0, 5400 * 10**9]
    assert table.values("T", None, "K").tolist() == [293.15, 310.15]
    assert table.values("x", "g/L", "kg/m3").tolist() == [1.0, 2.0]
    assert table.values("x", None, None).dtype == np.float64


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time [h]\n", "has no data"),
        ("", "has no data"),
        ("time [h],a,a\n0,1,2\n", "has the column 'a' twice"),
        ("time [h],a\n0\n", "Row 2 of .* has 1 values, its first row 2"),
        ("time [h],a\n0,1\n1,secret\n", "holds something that is not a number, in row 3, column 2.$"),
        ("time [h],a\n0,1\n1,nan\n", "Row 3 of .* holds a value that is not finite"),
    ],
)
def test_tables_that_are_none(tmp_path, text, message):
    with pytest.raises(CosimError, match=message):
        read_table(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time,a\n0,1\n", "has no unit. Head it 'time \\[s\\]'"),
        ("time [L],a\n0,1\n", "is in \\[L\\], which is not a time"),
        ("time [s],a\n0,1\n1,2\n1,3\n", "Time does not increase at row 4"),
        ("t [s],a\n0,1\n", "There is no column 'time' in .*; it has t, a"),
    ],
)
def test_times_that_are_none(tmp_path, text, message):
    with pytest.raises(CosimError, match=message):
        read_table(write(tmp_path, text)).times()


def test_values_need_a_unit(tmp_path):
    table = read_table(write(tmp_path, "time [s],a\n0,1\n"))
    with pytest.raises(CosimError, match=r"Column 'a' of .* has no unit. Head it 'a \[K\]'"):
        table.values("a", None, "K")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CosimError, match=r"There is no file '.*nothing.csv'"):
        read_table(tmp_path / "nothing.csv")
