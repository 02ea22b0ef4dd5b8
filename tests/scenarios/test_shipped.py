"""Every scenario that comes with cosim runs, keeps its expectations, and its ledger closes, wherever its FMUs are."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from verification.whole_process import closures_of, course_of, train_of

import cosim

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    (tmp_path / "fmus").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_hello_fits_ten_lines_and_runs():
    assert len((SCENARIOS / "hello.yaml").read_text().splitlines()) == 10
    result = cosim.run(SCENARIOS / "hello.yaml")
    assert result.status == "completed"
    assert all(finding.holds for finding in result.expectations)
    assert result.outcome.wall_seconds < 5


def test_the_flagship_yields_what_its_target_says():
    result = cosim.run(SCENARIOS / "mab_fed_batch.yaml")
    assert result.status == "completed", result.outcome.reason
    assert [(finding.text, finding.value) for finding in result.expectations if not finding.holds] == []
    checks = [*course_of(result), *train_of(result), *closures_of(result, "shipped")]
    assert [check for check in checks if not check.holds] == []


OTHERS = sorted(path.stem for path in SCENARIOS.glob("*.yaml") if path.stem not in ("hello", "mab_fed_batch"))
SHORTER = {
    "mab_continuous": {
        "duration: 1 d": "duration: 3 h",
        "duration: 23 d": "duration: 3 h",
        "step: 5 min": "step: 2 min",
    },
    "resin_lifetime": {"repeat: 100": "repeat: 2", "step: 30 s": "step: 45 s"},
}
"""What makes a scenario that takes half a minute a short one."""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """Return what gives the result of a shipped scenario, which runs once and is read by several tests."""
    folder = tmp_path_factory.mktemp("shipped")
    return cache(lambda name: cosim.run(SCENARIOS / f"{name}.yaml", out=folder / name))


def ends_of_phases(result, name):
    series = result[name]
    return np.interp([phase.end / 1e9 for phase in result.phases if phase.step is None], series.time, series.values)


def worst_closure(result):
    return max((entry.flowsheet.closure, species) for species, entry in result.ledger.items())


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SHORTER else []) for name in OTHERS]
)
def test_a_shipped_scenario_keeps_its_expectations_and_its_balance(name, shipped):
    result = shipped(name)
    assert result.status == "completed", result.outcome.reason
    assert [(finding.text, finding.value) for finding in result.expectations if not finding.holds] == []
    assert worst_closure(result)[0] < 1e-9, worst_closure(result)


HEAVY = ("controlled_fed_batch", "mab_continuous", "mab_fed_batch", "gradients_12m3", "resin_lifetime",
         "capture_cycles", "fed_batch_quality")  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(path.stem, marks=[pytest.mark.slow] if path.stem in HEAVY else [])
        for path in sorted(SCENARIOS.glob("*.yaml"))
    ],
)
def test_with_every_fmu_in_a_process_of_its_own_the_numbers_are_the_same_bits(name, shipped, elsewhere):
    for table in SCENARIOS.glob("*.csv"):
        (elsewhere / table.name).write_bytes(table.read_bytes())
    text = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8")
    hosted = re.sub(r"(source: modelica:[\w.]+)", r"\1, host: process", text)
    assert hosted.count("host: process") > 0
    (elsewhere / "hosted.yaml").write_text(hosted, encoding="utf-8")

    here, there = shipped(name), cosim.run(elsewhere / "hosted.yaml", out=elsewhere / "hosted")

    assert (here.status, there.status) == ("completed", "completed")
    assert list(here) == list(there) != []
    for variable in here:
        assert here[variable].values.tobytes() == there[variable].values.tobytes(), variable


@pytest.mark.parametrize("name", SHORTER)
def test_the_beginning_of_a_long_scenario_keeps_its_balance_at_another_step(name, elsewhere):
    text = (SCENARIOS / f"{name}.yaml").read_text().partition("expect:")[0]
    for old, new in SHORTER[name].items():
        assert old in text
        text = text.replace(old, new)
    (elsewhere / f"{name}.yaml").write_text(text)
    result = cosim.run(elsewhere / f"{name}.yaml")
    assert result.status == "completed", result.outcome.reason
    assert worst_closure(result)[0] < 1e-9, worst_closure(result)


@pytest.mark.slow
def test_the_continuous_process_gives_what_its_page_says(shipped):
    """Figures of days 7 to 30 in docs/units/continuous.md."""
    result = shipped("mab_continuous")
    steady = {name: result[name].values[result[name].time >= 7 * 86400.0] for name in (
        "reactor.viable_cells", "reactor.permeate.c_mab", "capture.switches", "coil.log_reduction", "coil.aggregates",
    )}  # fmt: skip
    switches = steady["capture.switches"]
    figures = {
        "permeate [g/L]": (float(np.mean(steady["reactor.permeate.c_mab"])), 0.41, 0.01),
        "viable cells, least [1/m3]": (steady["reactor.viable_cells"].min(), 58.5e12, 0.5e12),
        "viable cells, most [1/m3]": (steady["reactor.viable_cells"].max(), 60.5e12, 0.5e12),
        "switches a day": ((switches[-1] - switches[0]) / 23.0, 4.4, 0.1),
        "log reduction, least": (steady["coil.log_reduction"].min(), 5.9, 0.1),
        "aggregates, most": (steady["coil.aggregates"].max(), 0.049, 0.001),
        "antibody in the pool [kg]": (result["pool.held_mab"].values[-1], 1.13, 0.01),
    }

    assert {name: v for name, v in figures.items() if not abs(v[0] - v[1]) <= v[2]} == {}


@pytest.mark.slow
def test_a_resin_ages_as_its_page_says(shipped):
    """The table of docs/units/resin-lifetime.md."""
    result = shipped("resin_lifetime")
    collected = ends_of_phases(result, "divert.collect.m_mab_total")
    yields = np.diff(collected, prepend=0.0) / (39.0 * result["capture.bed_volume"].values[-1])
    expected = {1: 0.959, 20: 0.953, 40: 0.941, 60: 0.920, 80: 0.887, 100: 0.842}

    assert {cycle: yields[cycle - 1] for cycle in expected} == pytest.approx(expected, abs=2e-3)


def test_a_resin_that_has_aged_lets_product_through(elsewhere):
    """Half of 55 g/L is less than the 39 g/L loaded: what the second cycle yields is what the resin can hold."""
    text = (SCENARIOS / "resin_lifetime.yaml").read_text().partition("expect:")[0].replace("repeat: 100", "repeat: 2")
    assert "loss_cycle: 0.003" in text
    (elsewhere / "aged.yaml").write_text(text.replace("loss_cycle: 0.003", "loss_cycle: 0.5"))
    result = cosim.run(elsewhere / "aged.yaml")
    first, both = ends_of_phases(result, "divert.collect.m_mab_total") / result["capture.bed_volume"].values[-1]
    assert first == pytest.approx(0.96 * 39.0, rel=0.01)
    assert both - first == pytest.approx(0.96 * 0.5 * 157.0 * 0.35, rel=0.02)
