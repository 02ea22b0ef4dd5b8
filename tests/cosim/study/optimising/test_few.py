"""A handful of runs come close to an optimum, inside its limit, and are no more than were allowed."""

import numpy as np

from cosim.study.optimising.few import search_few


def found(cost, excess, start, n):
    seen = []

    def ask(x):
        seen.append((x, cost(x), excess(x)))
        return seen[-1][1:]

    search_few(ask, np.array(start), n)
    allowed = [item for item in seen if item[2] <= 1e-6]
    return min(allowed, key=lambda item: item[1]), len(seen)


def test_a_bowl():
    (place, _, _), n = found(lambda x: float(((x - [0.3, 0.8]) ** 2).sum()), lambda x: -1.0, [0.5, 0.5], 20)
    assert n <= 20
    assert np.allclose(place, [0.3, 0.8], atol=0.05)


def test_a_limit():
    (place, _, _), n = found(lambda x: float(-x[0] - x[1]), lambda x: float(x[0] + x[1] - 1.2), [0.1, 0.1], 25)
    assert n <= 25
    assert 1.1 <= place.sum() <= 1.2 + 1e-6


def test_the_same_start_gives_the_same_places():
    first, second = (found(lambda x: float(np.sin(9 * x[0]) + x[1]), lambda x: -1.0, [0.4, 0.6], 15) for _ in range(2))
    assert np.array_equal(first[0][0], second[0][0])
