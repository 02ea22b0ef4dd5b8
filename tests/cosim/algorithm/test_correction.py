"""Corrections: what is supposed next, for x = g(x) with g known."""

import numpy as np
import pytest

from cosim.algorithm.correction import aitken, differences, gains_little, newton, quasi_newton, relax

SIZES = np.full(2, 1e-9)
MATRIX = np.array([[0.2, -3.0], [4.0, 0.5]])
SHIFT = np.array([1.0, 2.0])
SOLUTION = np.linalg.solve(np.eye(2) - MATRIX, SHIFT)


def linear(x):
    return MATRIX @ x + SHIFT


def passed(g, x):
    return g(x), g(x) - x


def test_relaxation_goes_a_share_of_the_way():
    x = np.array([1.0, -1.0])
    assert relax([passed(linear, x)], 0.25) == pytest.approx(x + 0.25 * (linear(x) - x))


def test_newton_solves_a_linear_loop_at_once():
    tried = [passed(linear, np.zeros(2))]
    assert newton(tried, SIZES, MATRIX) == pytest.approx(SOLUTION, rel=1e-12)
    assert newton(tried, SIZES, differences(tried, SIZES, linear)) == pytest.approx(SOLUTION, rel=1e-6)


def test_a_pass_gains_little_that_leaves_more_than_a_tenth():
    passes = [(np.zeros(2), np.array([8.0, -1.0])), (np.zeros(2), np.array([0.1, 0.9]))]
    assert not gains_little(passes[:1], np.ones(2))
    assert gains_little(passes, np.ones(2))
    assert not gains_little(passes, np.array([1.0, 2.0]))


def test_newton_converges_quadratically():
    def g(x):
        return np.cos(x) * 3.0

    x, errors = np.array([0.9, 0.9]), []
    for _ in range(4):
        tried = [passed(g, x)]
        x = newton(tried, SIZES, differences(tried, SIZES, g))
        errors.append(float(np.max(np.abs(g(x) - x))))
    assert errors[-1] < 1e-9
    assert errors[1] < 10.0 * errors[0] ** 2


def test_quasi_newton_solves_a_linear_loop_from_as_many_differences_as_values():
    tried = []
    x = np.zeros(2)
    for _ in range(3):
        tried.append(passed(linear, x))
        x = tried[-1][0]
    assert quasi_newton(tried, SIZES) == pytest.approx(SOLUTION, rel=1e-6)


def test_aitken_solves_one_linear_equation_with_its_third_pass():
    """x = 3 − 4 x, of which repetition runs away: 0.6."""
    tried = []
    supposed = np.array([2.0])
    for _ in range(3):
        found = 3.0 - 4.0 * supposed
        tried.append((found, found - supposed))
        supposed = aitken(tried, np.ones(1), 0.5)
    assert supposed == pytest.approx([0.6], rel=1e-12)
