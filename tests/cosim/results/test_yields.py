"""The table of yields accounts for all product of each unit."""

from mab_run import write

from cosim.results import load
from cosim.results.yields import yield_rows


def test_every_unit_that_had_product_has_a_row(tmp_path):
    rows = {row.unit: row.cells for row in yield_rows(load(write(tmp_path, coarse=100)), "mab")}
    assert list(rows) == ["reactor", "centrifuge", "hold", "capture", "divert", "pool"]
    volume, entered, made, passed, out, consumed, held, share = rows["divert"]
    assert (volume, entered, made, consumed, held) == ("6\u202f043 L", "7.931 kg", "0", "0", "0")
    assert (passed, out, share) == ("7.853 kg", "0.078 kg", "99.02 %")
    assert rows["pool"][-2:] == ("7.853 kg", "–")


def test_without_a_product_there_are_no_rows(tmp_path):
    assert yield_rows(load(write(tmp_path, coarse=100)), "") == []
