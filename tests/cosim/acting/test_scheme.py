"""What a plan comes to: nothing, where that is no number."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from cosim.acting import scheme
from cosim.acting.aim import Aim
from cosim.acting.scheme import Course, Scheme, look


@pytest.mark.parametrize(
    ("worth", "excess", "is_seen"),
    [(2.0, -1.0, True), (math.nan, -1.0, False), (math.inf, -1.0, False), (2.0, math.nan, False)],
)
def test_what_is_no_number_is_no_sight(monkeypatch, worth, excess, is_seen):
    course = Course((1, 2), np.array([1.0, worth]), np.array([-1.0, excess]))
    monkeypatch.setattr(scheme, "run_ahead", lambda *_: course)
    sight = look([None], Scheme({}, {}, 0), None, SimpleNamespace(harvest=None))
    assert (sight is not None) is is_seen


def test_a_limit_of_which_nothing_is_known_is_not_kept():
    aim = Aim.__new__(Aim)
    aim._limits = [SimpleNamespace(variable=name, low=0.0, high=1.0, scale=1.0) for name in "ab"]
    assert math.isnan(aim.excess({"a": 0.5, "b": math.nan}))
    assert aim.excess({"a": 0.5, "b": 1.5}) == 0.5
