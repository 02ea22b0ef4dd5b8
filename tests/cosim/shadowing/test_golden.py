"""The envelope of earlier batches, and who is outside."""

import pytest
from estimating_shadow import arrivals, course, run, write_shadow

import cosim
from cosim.clock import to_ticks
from cosim.errors import ScenarioError
from cosim.shadowing.estimating import shown
from cosim.shadowing.golden import EnvelopeWatch, envelope
from cosim.shadowing.outlook import Concern, Estimate
from cosim.shadowing.shadow import read_plan
from cosim.shipped import scenarios_folder

HOUR = to_ticks(3600.0)
TIMES = tuple(k * 6 * HOUR for k in range(1, 6))
HELLO = scenarios_folder() / "hello.yaml"


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Four runs of a day, and a folder that holds none."""
    folder = tmp_path_factory.mktemp("good")
    (folder / "notes").mkdir()
    for i, rate in enumerate((0.036, 0.0365, 0.037, 0.0375)):
        with cosim.open(HELLO, {"reactor.mu_max": f"{rate} 1/h"}, out=folder / f"run_{i}") as execution:
            execution.run_until("1 d")
    return folder


@pytest.fixture(scope="module")
def watched():
    with cosim.open(HELLO) as execution:
        return [shown(execution, "reactor.viable_cells", "1e6/mL")]


def test_an_envelope_holds_the_next_batch(history, watched):
    (found,) = envelope(history, watched, TIMES)
    assert found.times == TIMES[:4]  # none of them has come to 30 h
    with cosim.open(HELLO, {"reactor.mu_max": "0.03675 1/h"}) as execution:
        for time, low, high in zip(found.times, found.low, found.high, strict=True):
            execution.run_until(time / 1e9)
            cells = execution["reactor.viable_cells"] * 1e-12
            assert low < cells < high
            assert high < 1.2 * cells


def test_who_stays_outside_is_told(history, watched):
    watch = EnvelopeWatch(envelope(history, watched, TIMES))
    outside = [Estimate("reactor.viable_cells", "1e6/mL", 0.3, 0.29, 0.31)]
    assert watch.alerts(7 * HOUR, outside) == []
    (alert,) = watch.alerts(13 * HOUR, outside)
    assert (alert.concern, alert.begun) == (Concern.ENVELOPE, 7 * HOUR)
    assert alert.text.startswith("reactor.viable_cells has been below all good batches since 7 h: 0.3 1e6/mL, where")
    assert watch.alerts(14 * HOUR, [Estimate("reactor.viable_cells", "1e6/mL", 0.3, 0.2, 2.0)]) == []
    assert watch.alerts(15 * HOUR, outside) == []


def test_sessions_count_by_what_they_estimated(tmp_path, monkeypatch, watched):
    monkeypatch.chdir(tmp_path)
    told = list(course(14))
    plan = read_plan(write_shadow(tmp_path))
    for i in range(3):
        run(plan, arrivals(told), out=tmp_path / f"good/{i}")
    with cosim.open(HELLO) as execution:
        found = envelope(tmp_path / "good", [shown(execution, "reactor.titre", "g/L")], TIMES[:2])
    assert found[0].middle[1] == pytest.approx(told[12][1]["LAB_titre"], rel=0.2)
    assert found[0].high[1] == pytest.approx(found[0].low[1])  # all three are the same


def test_two_batches_are_no_history(tmp_path, watched):
    with pytest.raises(ScenarioError, match="There are 0 batches in"):
        envelope(tmp_path, watched, TIMES)
    with pytest.raises(ScenarioError, match="There is no folder"):
        envelope(tmp_path / "nowhere", watched, TIMES)
