"""Every scenario that comes with cosim runs, keeps its expectations, and its ledger closes at any step."""

import re
from pathlib import Path

import pytest

import cosim

SCENARIOS = Path(__file__).parents[2] / "scenarios"
STEPS = {"as written": {}, "halved": {"10 min": "5 min", "10 s": "5 s", "5 s": "2 s"}, "doubled": {"5 s": "15 s"}}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_hello_fits_ten_lines_and_runs():
    assert len((SCENARIOS / "hello.yaml").read_text().splitlines()) == 10
    result = cosim.run(SCENARIOS / "hello.yaml")
    assert result.status == "completed"
    assert all(finding.holds for finding in result.expectations)
    assert result.outcome.wall_seconds < 5


@pytest.mark.parametrize("change", STEPS)
def test_the_flagship_closes_at_any_step(change, elsewhere):
    text = (SCENARIOS / "mab_fed_batch.yaml").read_text()
    steps = STEPS[change]
    text = re.sub(r"(?<=step: )(10 min|10 s|5 s)", lambda match: steps.get(match[0], match[0]), text)
    (elsewhere / "mab.yaml").write_text(text)
    result = cosim.run(elsewhere / "mab.yaml")
    assert result.status == "completed", result.outcome.reason
    assert [(finding.text, finding.value) for finding in result.expectations if not finding.holds] == []
    worst = max((entry.flowsheet.closure, species) for species, entry in result.ledger.items())
    assert worst[0] < 1e-9, worst
    titre = result["reactor.titre"]
    day_14 = titre.values[titre.time <= 14 * 86400.0][-1]
    assert day_14 == pytest.approx(4.1, rel=0.05)  # [g/L], the flagship table


@pytest.mark.parametrize(
    "name", sorted(p.stem for p in SCENARIOS.glob("*.yaml") if p.stem not in ("hello", "mab_fed_batch"))
)
def test_a_shipped_scenario_keeps_its_expectations_and_its_balance(name):
    result = cosim.run(SCENARIOS / f"{name}.yaml")
    assert result.status == "completed", result.outcome.reason
    assert [(finding.text, finding.value) for finding in result.expectations if not finding.holds] == []
    assert max((entry.flowsheet.closure, species) for species, entry in result.ledger.items())[0] < 1e-9
