"""Lines through points: holding, interpolating, thinning."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from regression_records import lines, patient

from cosim.regression.curve import held, thinned, values_at


def test_samples_that_hold_jump_where_they_change():
    ticks, values = held(np.array([0, 10, 20, 30]), np.array([1.0, 1.0, 2.0, 2.0]))
    assert ticks.tolist() == [0, 10, 20, 20, 30]
    assert values.tolist() == [1.0, 1.0, 1.0, 2.0, 2.0]


def test_a_jump_that_is_there_already_is_no_second_one():
    ticks, values = held(np.array([0, 10, 10, 20]), np.array([1.0, 1.0, 2.0, 2.0]))
    assert ticks.tolist() == [0, 10, 10, 20]
    assert values.tolist() == [1.0, 1.0, 2.0, 2.0]


def test_between_points_the_line_is_straight_and_beyond_them_level():
    found = values_at(
        np.array([0, 10, 10, 20]), np.array([0.0, 1.0, 5.0, 7.0]), np.array([-5.0, 5.0, 10.0, 15.0, 25.0])
    )
    assert found.tolist() == [0.0, 0.5, 5.0, 6.0, 7.0]


def test_what_is_no_number_spoils_the_pieces_beside_it_only():
    found = values_at(
        np.array([0, 10, 20, 30]), np.array([0.0, np.nan, 2.0, 3.0]), np.array([0.0, 5.0, 15.0, 20.0, 25.0])
    )
    assert np.isnan(found).tolist() == [False, True, True, False, False]


@patient
@given(lines(), st.floats(0.0, 2.0))
def test_a_thinned_line_is_nowhere_farther_than_it_may_be(line, tolerance):
    ticks, values = line
    kept = thinned(ticks, values, tolerance)
    for moment, value in zip(ticks, values, strict=True):
        own = values[ticks == moment]
        if len(own) == 1:
            there = values_at(ticks[kept], values[kept], np.array([float(moment)]))[0]
            assert abs(there - value) <= tolerance * (1 + 1e-9) + 1e-9
        else:
            assert {own[0], own[-1]} <= set(values[kept][ticks[kept] == moment])


def test_a_straight_line_is_two_points():
    ticks = np.arange(0, 1000, 10)
    assert thinned(ticks, 3.0 * ticks, 1e-6).tolist() == [0, 99]


def test_what_is_no_number_is_kept():
    values = np.zeros(9)
    values[4] = np.nan
    assert 4 in thinned(np.arange(9) * 10, values, 1.0)


@pytest.mark.parametrize("n", [1, 2])
def test_a_line_of_one_or_two_points_stays(n):
    assert len(thinned(np.arange(n) * 10, np.zeros(n), 1.0)) == n
