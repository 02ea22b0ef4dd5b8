"""Range and rate of a set-point."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosim.acting.guard import refusal, towards
from cosim.clock import TICKS_PER_SECOND
from cosim.live.acting import Manipulated

HOUR = 3600 * TICKS_PER_SECOND
FEED = Manipulated("F", "feed.demand", "L/h", 0.5, 6.0, 1.0, HOUR)


@pytest.mark.parametrize(
    ("value", "present", "reason"),
    [
        (math.nan, 1.0, "nan is no number"),
        (math.inf, 1.0, "inf is no number"),
        (6.0000001, 6.0, "6.0000001 L/h is outside the range of 0.5 to 6 L/h"),
        (0.4999999, 0.5, "outside the range"),
        (2.0, math.nan, "not known where the set-point is"),
        (3.0, 1.0, "a step of 2 L/h is more than the 1 L/h of its rate"),
        (1.0, 3.0, "a step of 2 L/h"),
    ],
)
def test_what_is_refused(value, present, reason):
    assert reason in refusal(FEED, value, present=present, elapsed=HOUR)


def test_what_may_be_written():
    assert refusal(FEED, 2.0, present=1.0, elapsed=HOUR) is None
    assert refusal(FEED, 6.0, present=5.5, elapsed=HOUR // 2) is None
    assert refusal(FEED, 1.5, present=1.0, elapsed=HOUR // 4) is not None


@given(
    target=st.floats(-1e3, 1e3), present=st.floats(0.5, 6.0), elapsed=st.integers(0, 3 * HOUR)
)  # fmt: skip
def test_what_is_on_the_way_may_be_written_and_comes_nearer(target, present, elapsed):
    value = towards(FEED, target, present=present, elapsed=elapsed)
    assert refusal(FEED, value, present=present, elapsed=elapsed) is None
    wanted = min(max(target, 0.5), 6.0)
    assert abs(value - wanted) <= abs(present - wanted)
    assert elapsed < HOUR or abs(wanted - present) > 1.0 or value == wanted
