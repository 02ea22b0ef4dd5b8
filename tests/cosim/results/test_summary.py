import json
import math

import mab_run

from cosim.execution.outcome import LedgerEntry, SpeciesLedger
from cosim.results import load, report_json

LEDGER_KEYS = ["unit", "start", "in", "out", "held", "made", "consumed", "in_transit", "unexplained", "closure"]


def test_shape_of_the_report(result):
    report = report_json(result)
    assert list(report) == ["scenario", "status", "wall_s", "expect", "ledger", "components"]
    assert report["scenario"] == "mab_fed_batch"
    assert report["status"] == "completed"
    assert report["wall_s"] == 7.43
    assert report["expect"][0] == {"text": "final(reactor.titre) >= 3 g/L", "holds": True, "value": 4.1}
    assert list(report["ledger"]["mab"]) == [*LEDGER_KEYS, "units"]
    assert list(report["ledger"]["mab"]["units"]["reactor"]) == LEDGER_KEYS
    assert report["ledger"]["mab"]["units"]["reactor"]["out"] == 8.233
    assert report["components"]["capture"] == {"fmu_sha256": "5" * 64, "steps": 12032, "seconds": 4.9}


def test_every_component_is_there_even_if_it_never_ran(tmp_path):
    mab_run.write(tmp_path, coarse=500, ending=mab_run.outcome(costs={}))
    components = report_json(load(tmp_path))["components"]
    assert list(components) == list(mab_run.COMPONENTS)
    assert components["pool"] == {"fmu_sha256": "7" * 64, "steps": 0, "seconds": 0.0}


def test_strict_json_whatever_is_not_finite(tmp_path):
    nan = math.nan
    entry = LedgerEntry("kg", nan, math.inf, -math.inf, nan, nan, nan, nan, nan, nan)
    ending = mab_run.outcome(
        ledger={"mab": SpeciesLedger(entry, {"reactor": entry}, {"a => b": nan})}, wall_seconds=nan
    )
    mab_run.write(tmp_path, coarse=500, ending=ending)
    text = json.dumps(report_json(load(tmp_path)), allow_nan=False)
    assert json.loads(text)["ledger"]["mab"]["closure"] is None
    assert json.loads(text)["wall_s"] is None
