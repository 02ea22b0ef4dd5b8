"""The benchmark of estimates: a short batch is followed, and judged by the truth."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))


def test_figures_are_those_of_the_outcomes():
    import live_estimation as benchmark

    health = {"good": 1.0, "uncertain": 0.0, "bad": 0.0}
    good = benchmark.Outcome(
        0, "", 1.0, None, None, None, {"a.x": 0.01}, {"a.x": True}, 3.9, 4.0, health=health, cause="", seconds=1.0
    )
    late = replace(good, kind=benchmark.LOT, crossed_at=100.0, warned_at=90.0, covered={"a.x": False})
    early = replace(late, warned_at=88.0, errors={"a.x": 0.03})
    seen = replace(good, kind=benchmark.PUMP, seen_at=70.0, warned_at=72.0)
    missed = replace(seen, warned_at=72.5)
    false = replace(good, warned_at=50.0)
    found = benchmark.summary([good, late, early, seen, missed, false])
    assert found["median_error"] == {"a.x": pytest.approx(0.01)}
    assert found["covered"] == {"a.x": 4}
    assert found["excursions"] == {"lot": 2, "pump": 2, "temperature": 0}
    assert found["warned_in_time"] == {"lot": 1, "pump": 1, "temperature": 0}
    assert (found["good_batches"], found["false_alarms"]) == (2, 1)
    assert found["lead_hours"] == [10.0, 12.0]
    assert found["hours_after_seen"] == [2.0, 2.5]
    assert found["titre_forecast_errors_day_7"][0] == pytest.approx(0.025)


@pytest.mark.slow
def test_a_batch_is_followed():
    import live_estimation as benchmark

    outcome = benchmark.run_batch(0, benchmark.Options(days=4.0))
    assert max(outcome.errors.values()) < 0.05
    assert outcome.warned_at is None
    assert outcome.health["bad"] == 0.0
