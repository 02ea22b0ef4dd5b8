"""The local search against optima known in closed form."""

import numpy as np
import pytest
from bare_problem import problem_of

from cosim.study.optimising.search import Options, search

OPTIONS = Options(solver="local", runs=200, tolerance=1e-3, starts=3, batch=20, patience=10)


def found(problem, function, options=OPTIONS):
    """Run the search on ``function``; return its outcome, points, responses, and the sizes of its batches."""
    asked = search(problem, options)
    points, values, sizes = [], [], []
    batch = next(asked)
    while True:
        points.append(batch)
        values.append(np.array([function(*point) for point in batch.tolist()], dtype=float))
        sizes.append(len(batch))
        try:
            batch = asked.send(values[-1])
        except StopIteration as stop:
            return stop.value, np.concatenate(points), np.concatenate(values), sizes


def best(points, values, keeps=lambda row: True):
    kept = [i for i, row in enumerate(values) if np.isfinite(row).all() and keeps(row)]
    return points[min(kept, key=lambda i: values[i][0])]


@pytest.mark.parametrize("place", [0.0, 0.31, 0.9999, 1.0])
def test_one_factor_is_found_wherever_it_lies(place):
    end, points, values, _ = found(problem_of(1, {"f": "minimise"}), lambda x: [np.cosh(3 * (x - place))])
    assert best(points, values)[0] == pytest.approx(place, abs=1e-3)
    assert all(arrival.has_ended for arrival in end.arrivals)


def test_a_limit_on_which_the_optimum_lies_is_kept():
    """Minimise (x − 1)² + (y − 1)² with x + y at most 1: x = y = 1/2."""
    problem = problem_of(2, {"f": "minimise", "s": (None, 1.0)})
    _, points, values, _ = found(problem, lambda x, y: [(x - 1) ** 2 + (y - 1) ** 2, x + y])
    point = best(points, values, lambda row: row[1] <= 1.0)
    np.testing.assert_allclose(point, 0.5, atol=1e-3)


def test_of_several_optima_the_best_is_found():
    def hills(x):
        return [-np.exp(-((x - 0.2) ** 2) / 0.01) - 1.2 * np.exp(-((x - 0.83) ** 2) / 0.01)]

    _, points, values, _ = found(problem_of(1, {"f": "minimise"}), hills)
    assert best(points, values)[0] == pytest.approx(0.83, abs=2e-3)


def test_runs_that_fail_are_gone_around():
    def function(x, y):
        return [np.nan] if x + y > 1.2 else [(x - 0.6) ** 2 + (y - 0.5) ** 2]

    _, points, values, _ = found(problem_of(2, {"f": "minimise"}), function)
    assert np.isnan(values).any()
    np.testing.assert_allclose(best(points, values), [0.6, 0.5], atol=2e-3)


def test_the_budget_is_kept_and_batches_are_as_large_as_there_are_starts():
    options = Options(solver="local", runs=60, tolerance=1e-6, starts=3, batch=20, patience=10)
    end, points, _, sizes = found(
        problem_of(3, {"f": "maximise"}), lambda x, y, z: [np.sin(3 * x) * np.sin(3 * y) * np.sin(3 * z)], options
    )
    assert len(points) <= 60
    assert sizes[0] == 16
    assert sizes[-1] == end.n_around == 12
    assert set(sizes[1:-1]) <= {1, 2, 3}
    assert not any(arrival.has_ended for arrival in end.arrivals)


def test_the_search_is_the_same_each_time():
    problem = problem_of(2, {"f": "minimise", "s": (0.2, None)})

    def function(x, y):
        return [(x - 0.3) ** 2 + x * y, x + y]

    first, second = found(problem, function), found(problem, function)
    assert first[1].tobytes() == second[1].tobytes()
