"""The star around an optimum and the slices through it."""

import numpy as np
import pytest
from bare_problem import factor

from cosim.study.distributions import Choice, LogUniform, Uniform
from cosim.study.optimising.around import slices, star
from cosim.study.optimising.space import cube_of, points_of
from cosim.study.problem import Problem


def test_places_and_values_are_two_ways_to_say_the_same():
    factors = (
        factor("a", Uniform(-2.0, 6.0)),
        factor("b", LogUniform(1e-3, 1e3)),
        factor("c", Choice((1.0, 5.0, 7.0))),
    )
    problem = Problem(factors, ())
    cube = np.array([[0.0, 0.0, 1 / 6], [0.25, 0.5, 0.5], [1.0, 1.0, 5 / 6]])
    points = points_of(problem, cube)
    np.testing.assert_allclose(points, [[-2, 1e-3, 1], [0, 1, 5], [6, 1e3, 7]])
    np.testing.assert_allclose(cube_of(problem, points), cube, atol=1e-12)
    assert (points_of(problem, np.ones((1, 3)))[0, :2] == [6.0, 1e3]).all()


def test_the_star_stays_in_the_cube():
    places = star(np.array([0.5, 0.99]), [0, 1])
    assert places.shape == (8, 2)
    np.testing.assert_allclose(places[:4, 0], [0.4, 0.48, 0.52, 0.6])
    np.testing.assert_allclose(places[4:, 1], [0.89, 0.97, 0.96, 0.84])
    assert (places[:4, 1] == 0.99).all()


def sliced(costs):
    """Return slices through the last of two runs, with a star of ``costs``."""
    best = np.array([0.5])
    cube = np.concatenate([[[0.1], best], star(best, [0])])
    return slices(cube, np.concatenate([[9.0, 3.0], costs(cube[2:, 0])]), 1, 2, [0])


def test_a_slice_tells_how_far_one_may_go():
    (found,) = sliced(lambda x: 3.0 + 4.0 * (x - 0.5) ** 2)
    assert found.runs.tolist() == [2, 3, 1, 4, 5]
    assert found.at(-0.1) == pytest.approx(0.04)
    assert found.at(0.05) is None
    low, high = found.within(0.01)
    assert low == pytest.approx(-0.05, abs=0.003)
    assert high == pytest.approx(0.05, abs=0.003)
    assert found.within(1.0) == pytest.approx((-0.1, 0.1))


def test_a_slice_leaves_out_what_failed():
    (found,) = sliced(lambda x: np.array([np.nan, 4.0, 4.0, 5.0]))
    assert found.at(-0.1) is None
    assert found.at(0.1) == 2.0
    assert sliced(lambda x: np.full(4, np.nan)) == []
