"""Locating: the moment is found to the tolerance, in few trials."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosim.clock import Ticks, to_ticks
from cosim.execution.watch import Margin, Watch, locate
from cosim.system.experiment import Comparison
from cosim.system.variable import VariableName


class Curve:
    """A margin along a time that ``go`` sets."""

    is_strict = False

    def __init__(self, function):
        self.function, self.time, self.trials = function, 0.0, 0

    def __call__(self) -> float:
        return self.function(self.time)

    def go(self, time: Ticks) -> None:
        self.time = time / 1e9
        self.trials += 1


def find(function, end: float, tolerance: float = 1e-3) -> tuple[float, int]:
    curve = Curve(function)
    watch = Watch(curve, lambda time, late: None, "")
    curve.time = end
    assert watch.look()
    return locate(curve.go, [watch], (Ticks(0), to_ticks(end)), to_ticks(tolerance)) / 1e9, curve.trials


@pytest.mark.parametrize(
    ("function", "root"),
    [
        (lambda t: t - 3.3, 3.3),
        (lambda t: math.exp(t) - 50.0, math.log(50.0)),
        (lambda t: 1.0 if t >= 2.5 else -1.0, 2.5),
        (lambda t: (t - 1.0) ** 3, 1.0),
    ],
)
def test_root_is_found_from_above(function, root):
    found, trials = find(function, 5.0)
    assert root - 1e-9 <= found <= root + 1e-3
    assert trials <= 40


def test_straight_line_takes_two_trials():
    assert find(lambda t: t - 3.3, 5.0)[1] == 2


@given(st.floats(0.01, 4.99), st.floats(0.1, 5.0))
def test_any_power(root, power):
    found, trials = find(lambda t: t**power - root**power, 5.0)
    assert root - 1e-8 <= found <= root + 1.001e-3
    assert trials <= 60


def test_earliest_of_several():
    early, late = Curve(lambda t: t - 1.0), Curve(lambda t: 100.0 * (t - 2.0))
    watches = [Watch(item, lambda time, x: None, "") for item in (late, early)]

    def go(time: Ticks) -> None:
        early.go(time)
        late.go(time)

    go(to_ticks(5.0))
    for watch in watches:
        watch.look()
    assert locate(go, watches, (Ticks(0), to_ticks(5.0)), to_ticks(1e-3)) / 1e9 == pytest.approx(1.0, abs=1e-3)


def test_lateness_is_judged_along_a_straight_line():
    curve = Curve(lambda t: t - 4.0)
    watch = Watch(curve, lambda time, late: None, "")
    curve.time = 10.0
    watch.look()
    assert watch.lateness(Ticks(0), to_ticks(10.0)) == to_ticks(6.0)


X, Y = VariableName("a", "x"), VariableName("a", "y")


@pytest.mark.parametrize(
    ("comparison", "holds"),
    [
        (Comparison(X, ">", 2.0), False),
        (Comparison(X, ">=", 2.0), True),
        (Comparison(X, "<", 2.0), False),
        (Comparison(X, "<=", 2.0), True),
        (Comparison(X, "<", 2.1), True),
        (Comparison(X, ">", 1.9), True),
        (Comparison(X, ">=", Y, factor=0.1, offset=1.0), True),
        (Comparison(X, ">", Y, factor=0.1, offset=1.0), False),
        (Comparison(X, "<", Y, factor=0.2), False),
        (Comparison(X, "<", Y), True),
    ],
)
def test_comparison_of_two_with_a_number_or_ten(comparison, holds):
    system = SimpleNamespace(board=np.array([2.0, 10.0]), sources={X: 0, Y: 1})
    assert Watch(Margin(comparison, system), lambda time, late: None, "").look() is holds
