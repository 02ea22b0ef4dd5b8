"""The table to fill in: written, filled in, read back, and what is wrong with every row."""

import csv

import openpyxl
import pytest

from cosim.errors import CosimError, ResultError
from cosim.measurements import read_template, write_template

HEAD = "experiment,use,time [h],replicate,set reactor.V [L],reactor.titre [g/L],sd reactor.titre [g/L],note\n"


def read(tmp_path, rows, head=HEAD):
    path = tmp_path / "data.csv"
    path.write_text(head + rows)
    return read_template(path)


@pytest.mark.parametrize("name", ["data.csv", "data.xlsx"])
def test_what_is_written_can_be_filled_in_and_read(tmp_path, name):
    path = tmp_path / name
    write_template(path, {"reactor.titre": "g/L", "reactor.pH": None}, {"reactor.V": "L"})
    with pytest.raises(CosimError, match="has no measurements yet"):
        read_template(path)
    with pytest.raises(ResultError, match="exists already"):
        write_template(path, {"reactor.titre": "g/L"})
    row = ["run_1", "check", 12, None, 1.5, 0.4, 0.02, 6.9, None, "=cmd"]
    if name.endswith("csv"):
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
        rows[1] = ["" if cell is None else str(cell) for cell in row]
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    else:
        book = openpyxl.load_workbook(path)
        for column, cell in enumerate(row[:9], start=1):
            book.active.cell(2, column).value = cell
        book.save(path)
    (experiment,) = read_template(path)
    assert (experiment.name, experiment.is_held_out, experiment.conditions) == ("run_1", True, {"reactor.V": "1.5 L"})
    titre, ph = experiment.series
    assert (titre.values[0], titre.deviations[0], titre.unit, ph.unit) == (0.4, 0.02, "g/L", "1")


def test_experiments_may_be_interleaved_and_conditions_written_once(tmp_path):
    a, b = read(tmp_path, "a,fit,0,,2,1,,\nb,fit,0,,3,9,,\na,,1,1,,2,0.5,x\na,,1,2,,3,,\n")
    assert (a.name, a.conditions["reactor.V"], a.series[0].values.tolist()) == ("a", "2.0 L", [1.0, 2.0, 3.0])
    assert a.series[0].rows == (2, 4, 5)
    assert (b.name, b.series[0].values.tolist()) == ("b", [9.0])


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (",fit,0,,,1,,\n", "row 2, column A: the row does not say which experiment"),
        ("a,train,0,,,1,,\n", "row 2, column B: 'use' is 'train'; it should be fit or check"),
        ("a,fit,,,,1,,\n", "row 2, column C: the row has no time"),
        ("a,fit,1,,,1,,\na,fit,0,,,1,,\n", "row 3, column C: its time lies before that of row 2"),
        ("a,fit,1,,,1,,\na,fit,1,,,2,,\n", "row 3: it has the time of row 2. Tell samples of one time apart"),
        ("a,fit,0,,2,1,,\na,,1,,3,1,,\n", r"row 3, column E: 'set reactor\.V' is '3', and '2' in row 2"),
        ("a,fit,0,,2 L,1,,\n", "row 2, column E: '2 L' is not a number"),
        ("a,fit,0,,,<0.1,,\n", "row 2, column F: '<0.1' lies beyond a limit"),
        ("a,fit,0,,,1,-1,\n", "row 2, column G: a standard deviation is -1"),
        ("a,fit,0,,,=A1,,\n", "row 2, column F: '=A1' is a formula"),
    ],
)
def test_every_row_is_told_what_is_wrong_with_it(tmp_path, rows, told):
    with pytest.raises(CosimError, match=told):
        read(tmp_path, rows)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("time [h],reactor.titre [g/L]\n", "there is no column 'experiment'"),
        ("experiment,reactor.titre [g/L]\n", r"there is no column 'time \[h\]'"),
        ("experiment,time [h]\n", "there is no column of what was measured"),
        ("experiment,time [h],titre [g/L]\n", "row 1, column C: the head 'titre' means nothing here"),
        ("experiment,time [h],r.a [g/L],r.a [g/L]\n", "column D: the head 'r.a' occurs twice"),
        ("experiment,time [h],r.a [g/L],sd r.b [g/L]\n", "'sd r.b' belongs to a column that is not there"),
        ("experiment,time [h],r.a [g/L],sd r.a [mg/L]\n", r"'sd r\.a' should have the unit of 'r\.a', \[g/L\]"),
    ],
)
def test_heads_that_mean_nothing_are_told(tmp_path, head, told):
    with pytest.raises(CosimError, match=told):
        read(tmp_path, "x,0,1,1\n", head)


def test_problems_of_all_rows_come_at_once(tmp_path):
    with pytest.raises(CosimError) as error:
        read(tmp_path, "a,fit,0,,,x,,\nb,fit,,,,1,,\n,fit,1,,,1,,\n")
    for row in (2, 3, 4):
        assert f"row {row}" in str(error.value)


def test_dates_need_the_start_of_each_experiment(tmp_path):
    head = "experiment,start,time,r.a [g/L]\n"
    (found,) = read(tmp_path, "a,2026-03-01 08:00,2026-03-01 09:00,1\na,,2026-03-01 10:00,2\n", head)
    assert found.series[0].positions.tolist() == [3600.0, 7200.0]
    with pytest.raises(CosimError, match="when the experiment began is not stated"):
        read(tmp_path, "a,,2026-03-01 09:00,1\n", head)
