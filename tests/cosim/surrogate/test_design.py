"""Designs: inside their ranges, the same for the same seed, and in the courses that were asked for."""

from dataclasses import replace

import numpy as np
import pytest

from cosim.clock import Ticks
from cosim.surrogate.design import course, input_courses, parameter_points, plan_text
from cosim.surrogate.model import Plan, Range


def plan(*inputs, parameters=(), seed=0):
    names = tuple(item.name for item in inputs)
    return Plan(Ticks(1), 40, tuple(parameters), tuple(inputs), names, (), dict.fromkeys(names, 0.0), seed)


def random():
    return np.random.default_rng(5)


def test_points_fill_their_ranges_evenly():
    ranges = (Range("a", 1.0, 3.0), Range("b", -1.0, -1.0), Range("c", 0.0, 10.0))
    points = parameter_points(plan(parameters=ranges), 64)
    assert points.shape == (64, 2)
    for column, low, high in ((0, 1.0, 3.0), (1, 0.0, 10.0)):
        counts, _ = np.histogram(points[:, column], 8, (low, high))
        assert set(counts) == {8}


def test_the_seed_decides():
    item = Range("u", 0.0, 1.0, "steps", every=4.0)
    np.testing.assert_array_equal(input_courses(plan(item), 3), input_courses(plan(item), 3))
    assert not np.array_equal(input_courses(plan(item), 3), input_courses(plan(item), 4))
    assert not np.array_equal(input_courses(plan(item), 3), input_courses(plan(item, seed=1), 3))


@pytest.mark.parametrize("shape", ["constant", "steps", "ramps", "boluses", "exponential"])
def test_every_course_stays_in_its_range(shape):
    values = course(Range("u", 2.0, 5.0, shape, first=3.0, every=7.0, lasting=2.0), 100, random())
    assert values.shape == (100,)
    assert values.min() >= 2.0
    assert values.max() <= 5.0


def test_steps_hold_their_level():
    values = course(Range("u", 0.0, 1.0, "steps", first=2.0, every=5.0), 12, random())
    assert set(values[:2]) == {0.0}
    assert len(set(values[2:7])) == 1
    assert values[7] != values[6]


def test_boluses_shorter_than_a_step_give_their_mean():
    whole = course(Range("u", 0.0, 1.0, "boluses", first=0.0, every=10.0, lasting=1.0), 20, random())
    half = course(Range("u", 0.0, 1.0, "boluses", first=0.0, every=10.0, lasting=0.5), 20, random())
    assert np.flatnonzero(whole).tolist() == [0, 10]
    np.testing.assert_allclose(half, 0.5 * whole, rtol=1e-12)


def test_recorded_runs_take_turns():
    tables = (np.zeros(4), np.ones(4))
    item = Range("u", 0.0, 1.0, "recorded", tables=tables)
    assert [course(item, 4, random(), run)[0] for run in range(3)] == [0.0, 1.0, 0.0]


def test_inputs_follow_phases_that_all_share():
    flow = Range("flow", 0.0, 9.0, "phases", levels=((0.0, 0.0), (5.0, 9.0)))
    salt = Range("salt", 1.0, 2.0, "phases", levels=((2.0, 2.0), (1.0, 1.0)))
    shared = replace(plan(flow, salt), phases=((3.0, 6.0), (4.0, 4.0)))

    courses = input_courses(shared, 2)

    is_second = courses[:, 1] == 1.0
    np.testing.assert_array_equal(courses[:, 0] > 0, is_second)
    lengths = np.diff(np.flatnonzero(np.diff(is_second.astype(int))))
    assert set(lengths) <= {3, 4, 5, 6}
    assert 4 in lengths
    levels = {level for level in courses[:, 0] if level}
    assert len(levels) > 2
    assert all(5.0 <= level <= 9.0 for level in levels)
    np.testing.assert_array_equal(courses, input_courses(shared, 2))
    assert not np.array_equal(courses, input_courses(shared, 3))


def test_plans_without_phases_keep_the_text_their_samples_are_kept_by():
    assert '"phases"' not in plan_text(plan(Range("u", 0.0, 1.0)))
    assert '"levels"' not in plan_text(plan(Range("u", 0.0, 1.0)))
