"""The tube around a curve: what it promises of any curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from regression_records import curve, lines, patient

from cosim.regression.tube import RangeExtremes, band, sight


def worst(reference, candidate, reach, margin):
    return float(np.max(sight(reference, candidate, reach, is_measured=False).excess(reference, reach, margin)))


@patient
@given(lines(), st.integers(0, 500), st.floats(0.0, 1.0))
def test_a_curve_is_inside_its_own_tube(line, reach, margin):
    own = curve(line[1], line[0])
    assert worst(own, own, reach, margin) <= 1e-9


@patient
@given(lines(), st.integers(0, 200))
def test_a_shift_by_no_more_than_the_time_tolerance_passes(line, shift):
    ticks, values = line
    reference, shifted = curve(values, ticks), curve(values, ticks + shift)
    assert worst(reference, shifted, shift, 1e-9) <= 1e-9


@patient
@given(st.integers(1, 50), st.floats(0.1, 5.0))
def test_a_larger_shift_fails_where_the_curve_moves(more, slope):
    ticks = np.arange(100) * 10
    reference, shifted = curve(slope * ticks, ticks), curve(slope * ticks, ticks + 100 + more)
    assert worst(reference, shifted, 100, 0.5 * slope * more) > 0
    assert worst(reference, shifted, 100, 1.01 * slope * more) <= 0


@patient
@given(lines(), st.floats(0.01, 5.0), st.sampled_from([-1.0, 1.0]))
def test_an_offset_passes_up_to_the_margin(line, margin, sign):
    ticks, values = line
    reference = curve(values, ticks)
    assert worst(reference, curve(values + 0.99 * sign * margin, ticks), 0, margin) <= 1e-9
    offset = curve(values + 1.5 * sign * margin, ticks)
    outside = sight(reference, offset, 0, is_measured=False).excess(reference, 0, margin)
    alone = np.array([np.sum(ticks == moment) == 1 for moment in ticks])
    if alone.any():
        assert float(np.max(outside)) == pytest.approx(0.5 * margin, abs=1e-6)


@patient
@given(lines(), st.integers(0, 100), st.floats(0.0, 1.0))
def test_other_sampling_of_the_same_line_passes(line, reach, margin):
    ticks, values = line
    reference = curve(values, ticks)
    middles = ((ticks[1:] + ticks[:-1]) // 2)[np.diff(ticks) > 0]
    between = np.interp(middles, ticks, values)
    order = np.argsort(np.concatenate([ticks, middles]), kind="stable")
    finer = curve(np.concatenate([values, between])[order], np.concatenate([ticks, middles])[order])
    assert worst(reference, finer, reach, margin + 1e-9) <= 1e-9
    assert worst(finer, reference, reach, margin + 1e-9) <= 1e-9


def test_a_coarse_run_that_misses_a_peak_is_outside():
    reference = curve([0.0, 0.0, 5.0, 0.0, 0.0])
    coarse = curve([0.0, 0.0, 0.0], [0, 1_000_000_000, 4_000_000_000])
    assert worst(reference, coarse, 0, 0.1) == pytest.approx(4.9)


def test_both_sides_of_a_jump_are_inside_at_its_time_only():
    step = curve([0.0, 0.0, 1.0, 1.0], [0, 10, 10, 20])
    lower, upper = band(step, np.array([9, 10, 11]), 0, 0.0)
    assert lower.tolist() == [0.0, 0.0, 1.0]
    assert upper.tolist() == [0.0, 1.0, 1.0]


def test_a_jump_may_move_within_the_time_tolerance():
    step = curve([0.0, 0.0, 1.0, 1.0], [0, 10, 10, 30])
    later = curve([0.0, 0.0, 1.0, 1.0], [0, 14, 14, 30])
    assert worst(step, later, 4, 1e-9) <= 0
    assert worst(step, later, 3, 1e-9) == pytest.approx(1.0)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_outside_every_tube(wrong):
    assert worst(curve([0.0, 1.0, 2.0]), curve([0.0, wrong, 2.0]), 0, 1e9) == np.inf
    assert worst(curve([0.0, wrong, 2.0]), curve([0.0, 1.0, 2.0]), 0, 1e9) == np.inf


def test_of_a_measured_curve_only_its_points_count():
    measured = curve([0.0, 0.0], [0, 4_000_000_000])
    run = curve([0.0, 0.0, 5.0, 0.0, 0.0])
    assert np.max(sight(measured, run, 0, is_measured=True).excess(measured, 0, 0.1)) <= 0
    assert worst(measured, run, 0, 0.1) > 0


@patient
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60), st.data())
def test_extremes_of_any_range(values, data):
    numbers = np.array(values)
    first = data.draw(st.integers(0, len(values)))
    last = data.draw(st.integers(first, len(values)))
    lowest, highest = RangeExtremes(numbers).between(np.array([first]), np.array([last]))
    part = numbers[first:last]
    assert lowest[0] == (part.min() if len(part) else np.inf)
    assert highest[0] == (part.max() if len(part) else -np.inf)
