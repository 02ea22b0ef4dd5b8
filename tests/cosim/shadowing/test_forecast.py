"""What copies of a scenario come to, and when they leave a limit."""

import numpy as np
import pytest

import cosim
from cosim.clock import to_ticks
from cosim.errors import EstimationError
from cosim.shadowing.forecast import Forecast, forecast
from cosim.shadowing.members import Estimated, Members
from cosim.shipped import scenarios_folder

DAY = to_ticks(86_400.0)


@pytest.fixture(scope="module")
def origin():
    with cosim.open(scenarios_folder() / "hello.yaml") as execution:
        yield execution


def test_members_come_to_what_each_would_alone(origin):
    with Members(origin, 3, [Estimated("reactor", "mu_max")], ["reactor.titre"]) as members:
        states = members.present * np.array([[0.95], [1.0], [1.05]])
        members.advance(states, 0, DAY)
        found = forecast(members.some(3), ["reactor.titre", "reactor.glucose"], until=7 * DAY, every=DAY)
        (now,) = {execution.time for execution in members.some(3)}
    assert now == 86_400.0
    assert found.times == tuple(k * DAY for k in range(2, 8))
    with cosim.open(origin_path(), {"reactor.mu_max": f"{float(states[2, 0])!r} 1/s"}) as alone:
        alone.run_until("7 d")
        assert found.values[2, -1, 0] == pytest.approx(alone["reactor.titre"], rel=1e-6)
    low, middle, high = found.quantiles("reactor.titre", [0.0, 0.5, 1.0])[:, -1]
    assert low < middle < high


def origin_path():
    return scenarios_folder() / "hello.yaml"


def test_when_a_limit_is_left():
    times = tuple(k * DAY for k in range(1, 5))
    courses = np.array([[4.0, 3.0, 2.0, 1.0], [5.0, 4.0, 3.0, 4.0], [9.0, 9.0, 9.0, 9.0], [np.nan] * 4])
    found = Forecast(times, ("x",), courses[:, :, None])
    early, late = found.crossing("x", below=3.5, share=0.3), found.crossing("x", below=3.5, share=0.6)
    assert (early.time, late.time) == (2 * DAY, 3 * DAY)
    assert late.share == pytest.approx(2 / 3)
    never = found.crossing("x", above=10.0, share=0.1)
    assert (never.time, never.share) == (None, 0.0)


def test_there_is_no_time_left(origin):
    with pytest.raises(EstimationError, match="nothing to forecast"):
        forecast([origin], ["reactor.titre"], until=to_ticks(origin.time), every=DAY)
