"""Both filters, against Kalman's equations where those are exact."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linear_process import Linear, kalman

from cosim.clock import Ticks, to_ticks
from cosim.errors import EstimationError
from cosim.estimation import Bounds, EnsembleFilter, Measurement, UnscentedFilter


def unbounded(n):
    return Bounds(np.full(n, -np.inf), np.full(n, np.inf))


def measured(seconds, values, variances):
    return Measurement(to_ticks(seconds), np.array(values, dtype=float), np.array(variances, dtype=float))


def run(filter_, belief, stops):
    innovations = []
    for seconds, values, variances in stops:
        belief = filter_.predict(belief, to_ticks(seconds))
        belief, innovation = filter_.update(belief, measured(seconds, values, variances))
        innovations.append(innovation)
    return belief, innovations


def test_a_random_walk_comes_to_rest_where_it_is_known_to():
    """Q 0.01, R 0.25: P⁻ = (Q + √(Q² + 4QR)) / 2, P⁺ = P⁻ − Q, K = P⁻ / (P⁻ + R)."""
    walk = UnscentedFilter(Linear(0.0, 1.0), np.array([[0.01]]), unbounded(1))
    belief = walk.begin(Ticks(0), np.zeros(1), np.eye(1))
    for i in range(1, 200):
        before = walk.predict(belief, to_ticks(i))
        belief, _ = walk.update(before, measured(i, [0.0], [0.25]))
    before = walk.predict(belief, to_ticks(200))
    assert before.covariance[0, 0] == pytest.approx(0.055249378106, abs=1e-9)
    assert belief.covariance[0, 0] == pytest.approx(0.045249378106, abs=1e-9)
    after, _ = walk.update(before, measured(200, [1.0], [0.25]))
    assert after.mean[0] - before.mean[0] == pytest.approx(0.180997512422 * (1.0 - before.mean[0]), abs=1e-9)


@st.composite
def problems(draw):
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 3))
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    a, c = 0.3 * numbers.standard_normal((n, n)) - 0.3 * np.eye(n), numbers.standard_normal((m, n))
    root = numbers.standard_normal((n, n))
    times = np.cumsum(numbers.uniform(0.1, 2.0, 6))
    stops = []
    for time in times:
        values = numbers.standard_normal(m)
        values[numbers.random(m) < 0.3] = np.nan
        stops.append((round(time, 6), values, numbers.uniform(0.1, 1.0, m)))
    return Linear(a, c), numbers.standard_normal(n), root @ root.T + 0.1 * np.eye(n), 0.05 * np.eye(n), stops


@given(problems())
@settings(max_examples=30, deadline=None)
def test_the_unscented_filter_is_kalmans_where_all_is_linear(problem):
    process, mean, covariance, noise, stops = problem
    filter_ = UnscentedFilter(process, noise, unbounded(len(mean)))
    belief, innovations = run(filter_, filter_.begin(Ticks(0), mean, covariance), stops)
    exact_mean, exact_covariance, exact = kalman(process, mean, covariance, noise=noise, stops=stops)
    np.testing.assert_allclose(belief.mean, exact_mean, atol=1e-8)
    np.testing.assert_allclose(belief.covariance, exact_covariance, atol=1e-8)
    for found, (difference, scatter) in zip(innovations, exact, strict=True):
        np.testing.assert_allclose(found.difference, difference, atol=1e-8)
        np.testing.assert_allclose(found.covariance, scatter, atol=1e-8)


@given(problems())
@settings(max_examples=10, deadline=None)
def test_a_large_ensemble_comes_close_to_kalman(problem):
    process, mean, covariance, noise, stops = problem
    filter_ = EnsembleFilter(process, noise, unbounded(len(mean)), seed=3)
    belief, _ = run(filter_, filter_.begin(Ticks(0), mean, covariance, 20_000), stops)
    exact_mean, exact_covariance, _ = kalman(process, mean, covariance, noise=noise, stops=stops)
    deviations = np.sqrt(np.diag(exact_covariance))
    assert np.all(abs(belief.mean - exact_mean) < 0.15 * deviations)
    np.testing.assert_allclose(belief.deviations, deviations, rtol=0.05)


def test_a_small_ensemble_is_not_fooled_by_chance():
    """A state that nothing shows keeps its spread, though among 40 members it seems correlated with what is seen."""
    process = Linear(np.zeros((2, 2)), [[1.0, 0.0]])
    filter_ = EnsembleFilter(process, np.zeros((2, 2)), unbounded(2), seed=1)
    belief = filter_.begin(Ticks(0), np.zeros(2), np.eye(2), 40)
    before = belief.deviations
    for i in range(1, 101):
        belief, _ = filter_.update(filter_.predict(belief, to_ticks(i)), measured(i, [0.0], [1.0]))
    assert belief.deviations[0] == pytest.approx(np.sqrt(1.0 / (1.0 / before[0] ** 2 + 100)), rel=0.01)
    assert belief.deviations[1] > 0.8 * before[1]


@pytest.mark.parametrize("kind", ["unscented", "ensemble"])
def test_intervals_cover_what_they_say(kind):
    """Of 95 % intervals over 300 simulated courses, a share that the binomial law allows at 99 %."""
    from scipy.stats import binom

    process = Linear([[-0.1, 0.1], [0.0, -0.05]], [[1.0, 0.0]])
    noise, start = 0.01 * np.eye(2), np.diag([1.0, 4.0])
    numbers, n_inside, n_courses = np.random.default_rng(5), 0, 300
    for course in range(n_courses):
        truth = numbers.multivariate_normal(np.zeros(2), start)
        if kind == "ensemble":
            filter_ = EnsembleFilter(process, noise, unbounded(2), seed=course)
            belief = filter_.begin(Ticks(0), np.zeros(2), start, 100)
        else:
            filter_ = UnscentedFilter(process, noise, unbounded(2))
            belief = filter_.begin(Ticks(0), np.zeros(2), start)
        for i in range(1, 16):
            truth = process.advance(truth[None], to_ticks(i - 1), to_ticks(i))[0]
            truth = truth + numbers.multivariate_normal(np.zeros(2), noise)
            shown = process.observe(truth[None])[0] + 0.5 * numbers.standard_normal(1)
            belief, _ = filter_.update(filter_.predict(belief, to_ticks(i)), measured(i, shown, [0.25]))
        n_inside += abs(truth[1] - belief.mean[1]) < 1.96 * belief.deviations[1]
    low, high = binom.interval(0.99, n_courses, 0.95)
    assert low <= n_inside <= high


@pytest.mark.parametrize("kind", ["unscented", "ensemble"])
def test_nothing_leaves_its_bounds(kind):
    process = Linear(np.zeros((2, 2)), np.eye(2))
    bounds = Bounds(np.array([0.0, -np.inf]), np.array([np.inf, 1.0]))
    if kind == "ensemble":
        filter_ = EnsembleFilter(process, 0.1 * np.eye(2), bounds)
        belief = filter_.begin(Ticks(0), np.array([0.1, 0.9]), np.eye(2), 50)
    else:
        filter_ = UnscentedFilter(process, 0.1 * np.eye(2), bounds)
        belief = filter_.begin(Ticks(0), np.array([0.1, 0.9]), np.eye(2))
    for i in range(1, 20):
        belief, _ = filter_.update(filter_.predict(belief, to_ticks(i)), measured(i, [-1.0, 2.0], [0.1, 0.1]))
        assert np.all(belief.members[:, 0] >= 0.0)
        assert np.all(belief.members[:, 1] <= 1.0)
    assert belief.mean[0] < 0.1
    assert belief.mean[1] > 0.9


@pytest.mark.parametrize("kind", ["unscented", "ensemble"])
def test_what_is_not_there_changes_nothing(kind):
    process = Linear(np.zeros((2, 2)), np.eye(2))
    if kind == "ensemble":
        filter_ = EnsembleFilter(process, np.eye(2), unbounded(2))
        belief = filter_.begin(Ticks(0), np.zeros(2), np.eye(2), 10)
    else:
        filter_ = UnscentedFilter(process, np.eye(2), unbounded(2))
        belief = filter_.begin(Ticks(0), np.zeros(2), np.eye(2))
    after, innovation = filter_.update(belief, measured(0, [np.nan, np.nan], [1.0, 1.0]))
    np.testing.assert_array_equal(after.members, belief.members)
    assert innovation.squared == 0.0


@pytest.mark.parametrize(
    ("values", "variances", "told"),
    [
        ([1.0], [0.0], "variance that is not positive"),
        ([1.0], [-1.0], "variance that is not positive"),
        ([1.0], [np.nan], "variance that is not positive"),
        ([1.0, 2.0], [1.0], "2 values and 1 variances"),
    ],
)
def test_a_measurement_has_noise(values, variances, told):
    with pytest.raises(EstimationError, match=told):
        measured(0, values, variances)


@pytest.mark.parametrize("kind", ["unscented", "ensemble"])
def test_a_state_that_is_lost_is_told(kind):
    process = Linear([[800.0]], np.eye(1))
    relative = np.array([0.01])
    if kind == "ensemble":
        filter_ = EnsembleFilter(process, np.eye(1), unbounded(1), relative=relative)
        belief = filter_.begin(Ticks(0), np.ones(1), np.eye(1), 10)
    else:
        filter_ = UnscentedFilter(process, np.eye(1), unbounded(1), relative=relative)
        belief = filter_.begin(Ticks(0), np.ones(1), np.eye(1))
    with np.errstate(all="ignore"), pytest.raises(EstimationError, match="a state or a measurement is not finite"):
        filter_.predict(belief, to_ticks(5.0))


@pytest.mark.parametrize("kind", ["unscented", "ensemble"])
def test_a_share_is_one_of_what_is_believed(kind):
    """Of what has nearly gone, a sample with 4 % noise is nearly exact."""
    process = Linear(np.zeros((1, 1)), np.eye(1))
    if kind == "ensemble":
        filter_ = EnsembleFilter(process, np.zeros((1, 1)), unbounded(1))
        belief = filter_.begin(Ticks(0), np.array([0.8]), 0.04 * np.eye(1), 100)
    else:
        filter_ = UnscentedFilter(process, np.zeros((1, 1)), unbounded(1))
        belief = filter_.begin(Ticks(0), np.array([0.8]), 0.04 * np.eye(1))
    sample = Measurement(Ticks(0), np.array([0.5]), np.zeros(1), np.array([0.0016]))
    after, innovation = filter_.update(belief, sample)
    noise = 0.0016 * (belief.mean[0] ** 2 + belief.covariance[0, 0])
    assert innovation.covariance[0, 0] == pytest.approx(belief.covariance[0, 0] + noise)
    assert after.deviations[0] == pytest.approx((1.0 / belief.covariance[0, 0] + 1.0 / noise) ** -0.5, rel=0.02)
