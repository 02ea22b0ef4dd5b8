"""Fronts and hypervolumes against what can be counted by hand, or by throwing points."""

import numpy as np
import pytest

from cosim.study.optimising.front import commanded, compromise, front, hypervolume


def test_a_front_holds_what_nothing_undercuts():
    costs = np.array([[1.0, 4.0], [2.0, 2.0], [3.0, 3.0], [4.0, 1.0], [2.0, 2.0], [1.0, 5.0]])
    assert front(costs) == [0, 1, 3]


def test_a_front_of_one_objective_is_its_least():
    assert front(np.array([[3.0], [1.0], [2.0]])) == [1]


def test_hypervolume_of_steps_is_their_area():
    costs = np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0], [2.5, 2.5], [9.0, 0.0]])
    assert hypervolume(costs, np.array([4.0, 4.0])) == pytest.approx(1 + 2 + 3)
    assert hypervolume(costs, np.array([1.0, 1.0])) == 0.0


def test_hypervolume_of_three_objectives_against_points_thrown():
    random = np.random.default_rng(3)
    costs = random.random((12, 3))
    thrown = random.random((200_000, 3))
    hit = np.zeros(len(thrown), dtype=bool)
    for cost in costs:
        hit |= (thrown >= cost).all(axis=1)
    assert hypervolume(costs, np.ones(3)) == pytest.approx(hit.mean(), abs=0.004)


def test_what_a_part_of_the_runs_commands():
    costs = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]])
    half, whole = commanded(costs, [costs[:1], costs])
    assert half == pytest.approx(1.1 * 0.1 / 1.21)
    assert whole == pytest.approx((1.1 * 0.1 + 0.1 * 1.0) / 1.21)
    assert commanded(costs, [costs[2:]]) == [0.0]


def test_the_compromise_is_nearest_to_the_best_of_all_whatever_the_units():
    costs = np.array([[0.0, 1000.0], [0.3, 300.0], [1.0, 0.0]])
    assert compromise(costs) == 1
