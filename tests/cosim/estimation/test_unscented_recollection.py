"""An unscented filter that is told late, against the least squares of all that it was told."""

import numpy as np
import pytest
from linear_process import Linear

from cosim.clock import Ticks, to_ticks
from cosim.estimation import Bounds, Consistency, Measurement, UnscentedFilter, UnscentedRecollection

A = np.array([[-0.1, 0.2, 0.0], [0.0, -0.05, 0.1], [0.0, 0.0, -0.02]])
C = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.5]])
VARIANCES = np.array([0.1, 0.05])
FREE = Bounds(np.full(3, -np.inf), np.full(3, np.inf))
STILL = Consistency(most=1.0)
SHOWN = [
    C @ Linear(A, C).step(to_ticks(i)) @ [0.5, 0.7, 0.6] + 0.2 * np.array([np.sin(3 * i), np.cos(i)]) for i in range(21)
]
FAR_APART = np.array([1e-19, 1.0, 1e12])
"""Sizes of states, as in a culture."""


def recollection(*, noise=0.0, horizon=100.0, sizes=1.0, memory=None, belief=None, consistency=STILL):
    sizes = np.broadcast_to(sizes, 3)
    process = Linear(A * sizes[:, None] / sizes, C / sizes)
    filter_ = UnscentedFilter(process, noise * np.diag(sizes**2), FREE)
    belief = belief or filter_.begin(Ticks(0), sizes.copy(), np.diag(sizes**2))
    return UnscentedRecollection(filter_, belief, horizon=to_ticks(horizon), consistency=consistency, memory=memory)


def measured(seconds, first=np.nan, second=np.nan):
    return Measurement(to_ticks(seconds), np.array([first, second]), VARIANCES)


def run(line, n, due):
    """Tell an instrument each second, and samples when they are ``due``: by the time when they were taken."""
    for i in range(1, n + 1):
        late = [measured(taken, second=SHOWN[taken][1]) for taken, when in due.items() if when == i]
        line.proceed(to_ticks(i), [measured(i, SHOWN[i][0]), *late])
    return line.belief


def least_squares(n, taken, noise):
    """Return mean and covariance after ``n`` s: of where all began and of all noise, given all values at once."""
    step = Linear(A, C).step(to_ticks(1.0))
    size = 3 * (n + 1)
    state = np.eye(3, size)
    rows, values, variances = [], [], []
    for i in range(1, n + 1):
        state = step @ state
        shown = [(0, SHOWN[i][0])] + ([(1, SHOWN[i][1])] if i in taken else [])
        for sensor, value in shown:
            rows.append(C[sensor] @ state)
            values.append(value)
            variances.append(VARIANCES[sensor])
        state = state + np.eye(3, size, 3 * i)
    prior = np.diag(np.r_[np.ones(3), np.full(size - 3, noise)])
    begins = np.r_[np.ones(3), np.zeros(size - 3)]
    h = np.array(rows)
    gain = prior @ h.T @ np.linalg.inv(h @ prior @ h.T + np.diag(variances))
    mean, covariance = begins + gain @ (np.array(values) - h @ begins), prior - gain @ h @ prior
    return state @ mean, state @ covariance @ state.T


@pytest.mark.parametrize("sizes", [1.0, FAR_APART])
def test_without_noise_late_is_exactly_as_good_as_at_once(sizes):
    belief = run(recollection(sizes=sizes), 20, {5: 14, 9: 13, 12: 19})
    mean, covariance = least_squares(20, {5, 9, 12}, 0.0)
    np.testing.assert_allclose(belief.mean / sizes, mean, rtol=1e-7)
    np.testing.assert_allclose(
        belief.covariance / np.outer(sizes, sizes * np.ones(3)), covariance, rtol=1e-5, atol=1e-9
    )


def test_with_noise_a_late_sample_is_exactly_as_good_as_at_once():
    belief = run(recollection(noise=0.02), 20, {5: 14, 15: 20})
    mean, covariance = least_squares(20, {5, 15}, 0.02)
    np.testing.assert_allclose(belief.mean, mean, rtol=1e-8)
    np.testing.assert_allclose(belief.covariance, covariance, rtol=1e-7)


def test_with_noise_samples_that_overtake_each_other_are_nearly_as_good():
    belief = run(recollection(noise=0.02), 20, {5: 19, 7: 14, 9: 12, 16: 17})
    mean, covariance = least_squares(20, {5, 7, 9, 16}, 0.02)
    assert np.all(abs(belief.mean - mean) < 0.03 * np.sqrt(np.diag(covariance)))
    np.testing.assert_allclose(belief.deviations, np.sqrt(np.diag(covariance)), rtol=0.01)


def test_what_is_told_after_the_horizon_is_told_to_be_too_late():
    line = recollection(horizon=10.0)
    for i in range(1, 31):
        line.proceed(to_ticks(i), [])
    assert line.memory.times[0] == to_ticks(20)
    progress = line.proceed(to_ticks(31), [measured(12, second=0.5)])
    assert [item.time for item in progress.too_late] == [to_ticks(12)]
    assert progress.innovations == ()


def test_it_goes_on_from_what_it_was():
    whole = run(recollection(noise=0.01), 20, {5: 14})
    half = recollection(noise=0.01)
    run(half, 10, {})
    again = recollection(noise=0.01, belief=half.belief, memory=half.memory, consistency=half.consistency)
    for i in range(11, 21):
        again.proceed(to_ticks(i), [measured(i, SHOWN[i][0]), *([measured(5, second=SHOWN[5][1])] if i == 14 else [])])
    assert again.belief.members.tobytes() == whole.members.tobytes()


def test_a_state_that_nobody_doubts_stays_what_it_is():
    process = Linear(A, C)
    filter_ = UnscentedFilter(process, np.zeros((3, 3)), FREE)
    line = UnscentedRecollection(
        filter_, filter_.begin(Ticks(0), np.ones(3), np.diag([1.0, 0.0, 0.0])), horizon=to_ticks(9.0)
    )
    belief = run(line, 5, {2: 4})
    assert belief.deviations[1:].tolist() == pytest.approx([0.0, 0.0], abs=1e-12)
    assert belief.mean[2] == pytest.approx(np.exp(-0.1))


@pytest.mark.parametrize("n", [1, 3, 4, 40])
def test_a_mixture_scatters_as_the_states_do(n):
    line = recollection()
    run(line, 5, {})
    belief = line.belief
    drawn = line.mixture(n) @ belief.members
    assert drawn.shape == (n, 3)
    np.testing.assert_allclose(drawn.mean(axis=0), belief.mean, rtol=1e-9)
    if n > 3:
        np.testing.assert_allclose(np.cov(drawn.T), belief.covariance, rtol=1e-7, atol=1e-12)
