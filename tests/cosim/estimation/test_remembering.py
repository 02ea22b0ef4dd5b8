"""What inflates a belief, by both filters that remember."""

import numpy as np
import pytest
from linear_process import Linear

from cosim.clock import Ticks, to_ticks
from cosim.estimation import (
    Bounds,
    Consistency,
    EnsembleFilter,
    Measurement,
    Recollection,
    Timeline,
    UnscentedFilter,
    UnscentedRecollection,
)

FREE = Bounds(np.full(1, -np.inf), np.full(1, np.inf))
INFLATING = Consistency(most=1.05, rate=0.0, inflation=1.05)
"""Inflates whatever is told."""


def begun(kind):
    """Return the filter of a constant that is 1 ± 0.1, and the belief to begin with; two sensors show the constant."""
    process = Linear([[0.0]], [[1.0], [1.0]])
    if kind == "ensemble":
        ensemble = EnsembleFilter(process, np.zeros((1, 1)), FREE, seed=5)
        return ensemble, ensemble.begin(Ticks(0), np.ones(1), np.array([[0.01]]), 2000)
    unscented = UnscentedFilter(process, np.zeros((1, 1)), FREE)
    return unscented, unscented.begin(Ticks(0), np.ones(1), np.array([[0.01]]))


def recollection(kind):
    line = Recollection if kind == "ensemble" else UnscentedRecollection
    return line(*begun(kind), horizon=to_ticks(100.0), consistency=INFLATING)


def shown(seconds, first=np.nan, second=np.nan):
    """The first sensor tells next to nothing, the second nearly all."""
    return Measurement(to_ticks(seconds), np.array([first, second]), np.array([1e6, 1e-6]))


@pytest.mark.parametrize("kind", ["ensemble", "unscented"])
def test_a_late_sample_changes_what_has_not_moved_by_no_more_than_it_is_off(kind):
    line = recollection(kind)
    for i in range(1, 31):
        line.proceed(to_ticks(i), [shown(i, 1.0)])
    grown = 0.1 * 1.05**15.0
    assert line.belief.deviations[0] == pytest.approx(grown, rel=0.1)
    line.proceed(to_ticks(31), [shown(1, second=1.2)])
    assert line.belief.mean[0] == pytest.approx(1.2, abs=0.03)
    assert line.belief.deviations[0] == pytest.approx(np.sqrt(1.05 * (grown**2 - 0.01)), rel=0.15)


@pytest.mark.parametrize("kind", ["ensemble", "unscented"])
def test_nothing_is_inflated_where_nothing_is_told(kind):
    lines = recollection(kind), Timeline(*begun(kind), horizon=1, spacing=1, consistency=INFLATING)
    for line in lines:
        for i in range(1, 31):
            line.proceed(to_ticks(i), [shown(i)])
        assert line.consistency.inflation == 1.05
        assert line.belief.deviations[0] == pytest.approx(lines[0].belief.deviations[0])
    assert line.belief.deviations[0] == pytest.approx(0.1, rel=0.05)
