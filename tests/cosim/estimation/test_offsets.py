"""A sensor that is off for days, beside one that is not."""

import numpy as np
import pytest
from linear_process import Linear

from cosim.clock import Ticks, to_ticks
from cosim.estimation import Bounds, Consistency, Measurement, Offsets, UnscentedFilter, UnscentedRecollection

SIGMA, LASTING = 0.5, 50.0


def followed(offset, sigma):
    """Follow what stays at 1 by a hundred values of an exact sensor that is off, and ten of a coarse one."""
    plain = Linear(np.zeros((1, 1)), np.ones((2, 1)))
    process = Offsets(plain, 1, np.array([0]), LASTING)
    filter_ = UnscentedFilter(
        process, np.diag([0.0, 2.0 * sigma**2 / LASTING]), Bounds(*np.full((2, 2), np.inf) * [[-1], [1]])
    )
    belief = filter_.begin(Ticks(0), np.zeros(2), np.diag([1.0, sigma**2]))
    line = UnscentedRecollection(filter_, belief, horizon=to_ticks(5.0), consistency=Consistency(most=1.0))
    for i in range(1, 101):
        coarse = 1.0 + 0.2 * np.sin(i) if i % 10 == 0 else np.nan
        line.proceed(to_ticks(i), [Measurement(to_ticks(i), np.array([1.0 + offset, coarse]), np.array([1e-4, 0.04]))])
    return line.belief


def test_a_lasting_error_is_found_and_does_not_count_a_hundred_times():
    belief = followed(0.4, SIGMA)
    assert abs(belief.mean[0] - 1.0) < 2.0 * belief.deviations[0] < 0.25
    assert belief.mean.sum() == pytest.approx(1.4, abs=0.01)


def test_without_it_the_filter_is_sure_of_what_is_wrong():
    belief = followed(0.4, 1e-9)
    assert abs(belief.mean[0] - 1.0) > 10.0 * belief.deviations[0]


def test_an_error_that_nobody_sees_scatters_as_it_is_said_to():
    process = Offsets(Linear(np.zeros((1, 1)), np.ones((1, 1))), 1, np.array([0]), LASTING)
    filter_ = UnscentedFilter(
        process, np.diag([0.0, 2.0 * SIGMA**2 / LASTING]), Bounds(*np.full((2, 2), np.inf) * [[-1], [1]])
    )
    belief = filter_.begin(Ticks(0), np.array([3.0, 0.2]), np.diag([0.0, 0.01]))
    for i in range(1, 400):
        belief = filter_.predict(belief, to_ticks(i))
    assert belief.deviations.tolist() == pytest.approx([0.0, SIGMA], rel=0.02, abs=1e-9)
    assert belief.mean.tolist() == pytest.approx([3.0, 0.0], abs=1e-3)
