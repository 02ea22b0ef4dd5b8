"""Spreadsheets: values, dates, formulas, percentages, archives that are none."""

import zipfile
from datetime import datetime, timedelta

import openpyxl
import pytest

from cosim.errors import CosimError
from cosim.measurements import Column, Layout, Rules, read_table

LAYOUT = Layout({"titre": Column("reactor.titre")})


@pytest.fixture
def book(tmp_path):
    def write(rows, second=None, formats=()):
        made = openpyxl.Workbook()
        for row in rows:
            made.active.append(row)
        for place, text in formats:
            made.active[place].number_format = text
        if second:
            made.create_sheet(second)
        made.save(tmp_path / "lab.xlsx")
        return tmp_path / "lab.xlsx"

    return write


def test_numbers_dates_and_spans(book):
    (series,) = read_table(book([["time [h]", "titre [g/L]"], [0, 0.5], [24, None], [48, 2]]), LAYOUT)
    assert series.values.tolist() == [0.5, 2.0]
    start = datetime(2026, 3, 1)
    dates = book([["time", "titre [g/L]"], [datetime(2026, 3, 1, 6), 1], [timedelta(hours=30), 2]])
    (series,) = read_table(dates, Layout(LAYOUT.columns, rules=Rules(start=start)))
    assert series.positions.tolist() == [21600.0, 108000.0]


HEAD = ["time [h]", "titre [g/L]"]


@pytest.mark.parametrize(
    ("cell", "formats", "told"),
    [
        ("=A2*2", (), r"row 2, column B: the formula '=A2\*2' has no value that was saved"),
        (datetime(2026, 5, 1), (), "is a date or time, where a number is expected"),
        (True, (), "is a logical value"),
        (0.25, (("B2", "0%"),), r"it shows 25 % and holds 0\.25"),
        ("'=1", (), "is not a number"),
        ("#DIV/0!", (), r"the cell shows the error #DIV/0!"),
    ],
)
def test_cells_that_are_no_numbers_are_told(book, cell, formats, told):
    with pytest.raises(CosimError, match=told):
        read_table(book([HEAD, [0, cell]], formats=formats), LAYOUT)


def test_the_sheet_has_to_be_chosen(book):
    path = book([HEAD, [0, 1]], second="other")
    with pytest.raises(CosimError, match=r"has the sheets 'Sheet', 'other'\. State which"):
        read_table(path, LAYOUT)
    with pytest.raises(CosimError, match="has no sheet 'none'"):
        read_table(path, Layout(LAYOUT.columns, sheet="none"))
    assert read_table(path, Layout(LAYOUT.columns, sheet="Sheet"))[0].values.tolist() == [1.0]


def test_archives_that_are_no_spreadsheets_are_told(tmp_path, monkeypatch):
    path = tmp_path / "lab.xlsx"
    path.write_bytes(b"time [h],titre\n")
    with pytest.raises(CosimError, match="is not a spreadsheet"):
        read_table(path, LAYOUT)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
    with pytest.raises(CosimError, match="cannot be read as a spreadsheet"):
        read_table(path, LAYOUT)
    monkeypatch.setattr("cosim.measurements.excel.LARGEST_UNPACKED", 2)
    with pytest.raises(CosimError, match="unpacks to"):
        read_table(path, LAYOUT)
