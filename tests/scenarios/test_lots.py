"""Another lot of raw materials shifts growth and binding of the antigen line, and the result says which lot it was."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

import cosim

SCENARIOS = Path(__file__).parents[2] / "scenarios"
NAME = "recombinant_antigen"


def run_with(lot: str, folder: Path, *, is_whole: bool) -> cosim.Result:
    """Run the antigen line, or only its batch, with another lot."""
    for companion in SCENARIOS.glob(f"{NAME}.*.csv"):
        shutil.copy(companion, folder)
    text = (SCENARIOS / f"{NAME}.yaml").read_text(encoding="utf-8").replace("lot_A", f"lot_{lot}")
    if not is_whole:
        text = re.sub(r"(?ms)^  growth:.*?^ledger:", "ledger:", text)
        text = re.sub(r"(?ms)^(units: [^\n]*\n|expect:.*)", "", text)
    scenario = folder / f"{lot}.yaml"
    scenario.write_text(text, encoding="utf-8")
    return cosim.run(scenario, out=folder / f"run_{lot}")


@pytest.mark.filterwarnings("ignore::cosim.run.ScenarioWarning")  # all but the batch is left out
def test_a_lot_delays_the_batch_and_is_named(tmp_path):
    ends = {}
    for lot in "AB":
        result = run_with(lot, tmp_path, is_whole=False)
        assert result.status == "completed", result.outcome.reason
        ends[lot] = result["reactor.biomass"].time[-1] / 3600.0
        record = json.loads((tmp_path / f"run_{lot}" / "run.json").read_text())["parameter_sets"][0]
        file = SCENARIOS / f"{NAME}.lot_{lot}.csv"
        assert record["file"] == file.name
        assert record["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert record["values"]["reactor.kinetics.lag"] == {"A": "0 h", "B": "1.5 h"}[lot]
    assert 6.0 < ends["A"] < 8.0
    assert ends["A"] + 1.5 < ends["B"] < ends["A"] + 3.0


@pytest.mark.slow
def test_a_lot_costs_yield(tmp_path):
    filled = {}
    for lot in "AB":
        result = run_with(lot, tmp_path, is_whole=True)
        assert result.status == "completed", result.outcome.reason
        filled[lot] = result.ledger["antigen"].units["line"].entered
        assert max(entry.flowsheet.closure for entry in result.ledger.values()) < 1e-9
    assert 0.3 * filled["A"] < filled["B"] < 0.95 * filled["A"]
