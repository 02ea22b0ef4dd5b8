"""The table of yields accounts for all product of each unit."""

from dataclasses import replace

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


def test_what_leaves_as_product_is_passed_on_and_waste_is_not(tmp_path):
    result = load(write(tmp_path, coarse=100))
    pool = replace(result.ledger["mab"].units["pool"], left=1.8, held=6.053)
    for name, share in (("product", "22.92 %"), ("waste", "–")):
        streams = {**result.ledger["mab"].streams, f"pool.outlet => {name}": 1.8}
        mab = replace(result.ledger["mab"], units={**result.ledger["mab"].units, "pool": pool}, streams=streams)
        changed = replace(result, outcome=replace(result.outcome, ledger={**result.ledger, "mab": mab}))
        assert {row.unit: row.cells[-1] for row in yield_rows(changed, "mab")}["pool"] == share


def test_without_a_product_there_are_no_rows(tmp_path):
    assert yield_rows(load(write(tmp_path, coarse=100)), "") == []
