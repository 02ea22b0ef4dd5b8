"""Drawings hold what they should and escape names."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from bare_problem import problem_of

from cosim.study.optimising.aims import Aims
from cosim.study.optimising.pictures import _stairs, progress, scatter


def circles(drawing, kind):
    return len(re.findall(f'class="{kind}"', drawing))


def test_the_way_to_the_best_shows_each_run_by_what_it_is():
    problem = problem_of(1, {"a&b": "maximise"})
    values = np.array([[1.0], [3.0], [2.0], [np.nan], [4.0]])
    drawing = progress(Aims.of(problem).objectives[0], values, np.array([True, False, True, False, True]))
    ElementTree.fromstring(drawing)
    assert "a&amp;b" in drawing
    assert circles(drawing, "sample") == 3 + 1
    assert circles(drawing, "run missed") == 1 + 1


@pytest.mark.parametrize(("n", "panels"), [(2, 1), (3, 3), (4, 6)])
def test_every_pair_of_objectives_has_a_panel(n, panels):
    problem = problem_of(1, {f"y{i}": "minimise" for i in range(n)})
    values = np.random.default_rng(0).random((30, n))
    drawing = scatter(Aims.of(problem), values, np.ones(30, dtype=bool), [3, 7, 9], 7)
    ElementTree.fromstring(drawing)
    assert drawing.count("run 7") == panels


def test_stairs_keep_to_the_side_that_runs_have_reached():
    x, y = np.array([1.0, 2.0, 4.0]), np.array([9.0, 5.0, 1.0])
    np.testing.assert_array_equal(np.column_stack(_stairs(x, y, 1.0)), [[1, 9], [2, 9], [2, 5], [4, 5], [4, 1]])
    np.testing.assert_array_equal(np.column_stack(_stairs(x, y, -1.0)), [[1, 9], [1, 5], [2, 5], [2, 1], [4, 1]])
