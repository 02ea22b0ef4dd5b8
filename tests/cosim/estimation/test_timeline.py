"""Late measurements, and what is made of scatter that is not as expected."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linear_process import Linear

from cosim.clock import Ticks, to_ticks
from cosim.estimation import Bounds, EnsembleFilter, Measurement, Timeline, UnscentedFilter
from cosim.estimation.consistency import Consistency

BOUNDS = Bounds(np.full(2, -np.inf), np.full(2, np.inf))
NOISE = 0.01 * np.eye(2)


def timeline(kind, *, horizon=1000.0, spacing=3.0, noise=NOISE, most=4.0):
    process = Linear([[-0.1, 0.2], [0.0, -0.05]], np.eye(2))
    if kind == "ensemble":
        filter_ = EnsembleFilter(process, noise, BOUNDS, seed=7)
        belief = filter_.begin(Ticks(0), np.ones(2), np.eye(2), 30)
    else:
        filter_ = UnscentedFilter(process, noise, BOUNDS)
        belief = filter_.begin(Ticks(0), np.ones(2), np.eye(2))
    consistency = Consistency(most=most)
    return Timeline(filter_, belief, horizon=to_ticks(horizon), spacing=to_ticks(spacing), consistency=consistency)


def online(seconds, value):
    return Measurement(to_ticks(seconds), np.array([value, np.nan]), np.array([0.1, 0.1]))


def sample(seconds, value):
    return Measurement(to_ticks(seconds), np.array([np.nan, value]), np.array([0.1, 0.01]))


@pytest.mark.parametrize("kind", ["unscented", "ensemble"])
@given(delays=st.lists(st.integers(0, 12), min_size=6, max_size=6), seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_a_sample_told_late_leads_to_the_same_as_one_told_at_once(kind, delays, seed):
    numbers = np.random.default_rng(seed)
    samples = [(1.5 + 3.0 * i, numbers.standard_normal()) for i in range(6)]
    values = numbers.standard_normal(32)
    punctual, patient = timeline(kind), timeline(kind)
    for i in range(1, 32):
        at_once = [sample(t, v) for t, v in samples if i - 1 < t <= i]
        late = [sample(t, v) for (t, v), d in zip(samples, delays, strict=True) if i - 1 < t + d <= i]
        punctual.proceed(to_ticks(i), [online(i, values[i]), *at_once])
        patient.proceed(to_ticks(i), [*late, online(i, values[i])])
    assert patient.belief.members.tobytes() == punctual.belief.members.tobytes()
    assert patient.belief.covariance.tobytes() == punctual.belief.covariance.tobytes()
    assert patient.consistency == punctual.consistency


def test_a_late_sample_is_told_with_its_own_innovation():
    line = timeline("unscented")
    for i in range(1, 11):
        line.proceed(to_ticks(i), [online(i, 1.0)])
    progress = line.proceed(to_ticks(11), [sample(4.5, 3.0)])
    (innovation,) = progress.innovations
    assert innovation.time == to_ticks(4.5)
    assert innovation.which.tolist() == [1]
    assert progress.n_repeated == 7  # from the point at 3 s


def test_what_is_older_than_anything_remembered_is_handed_back():
    line = timeline("unscented", horizon=5.0, spacing=1.0)
    for i in range(1, 21):
        line.proceed(to_ticks(i), [online(i, 1.0)])
    before = line.belief
    late, too_late = sample(16.5, 1.0), sample(14.5, 1.0)
    progress = line.proceed(to_ticks(20), [too_late])
    assert progress.too_late == (too_late,)
    assert line.belief.mean.tobytes() == before.mean.tobytes()
    assert line.proceed(to_ticks(20), [late]).too_late == ()
    assert line.belief.mean.tobytes() != before.mean.tobytes()


def courses(*, stated, true_noise, most=4.0, n=400):
    """The mean ratio of a filter that states one noise in a world with another, and its intervals' coverage."""
    numbers = np.random.default_rng(2)
    line = timeline("unscented", noise=stated * np.eye(2), horizon=0.0, most=most)
    truth, ratios, inside = np.ones(2), [], []
    process = Linear([[-0.1, 0.2], [0.0, -0.05]], np.eye(2))
    for i in range(1, n):
        truth = process.advance(truth[None], to_ticks(i - 1), to_ticks(i))[0]
        truth = truth + np.sqrt(true_noise) * numbers.standard_normal(2)
        line.proceed(to_ticks(i), [online(i, truth[0] + np.sqrt(0.1) * numbers.standard_normal())])
        ratios.append(line.consistency.ratio)
        inside.append(abs(truth - line.belief.mean) < 1.96 * line.belief.deviations)
    return np.mean(ratios[50:]), np.mean(inside[50:])


def test_a_filter_that_is_right_is_left_alone():
    ratio, coverage = courses(stated=0.05, true_noise=0.05)
    assert ratio == pytest.approx(1.0, abs=0.25)
    assert coverage == pytest.approx(0.95, abs=0.04)


def test_a_filter_that_is_too_sure_doubts_more():
    _, sure = courses(stated=0.005, true_noise=0.05, most=1.0)
    _, doubting = courses(stated=0.005, true_noise=0.05)
    assert sure < 0.65
    assert doubting > 0.8


def test_consistency_tells_too_sure_from_too_unsure():
    from cosim.estimation import Innovation

    found = Consistency(window=10)
    assert not found.is_too_sure
    assert not found.is_too_unsure
    for _ in range(10):
        found = found.after(Innovation(Ticks(0), np.array([0.1]), np.eye(1), np.array([0])))
    assert found.is_too_unsure
    assert found.inflation == 1.0
    for _ in range(10):
        found = found.after(Innovation(Ticks(0), np.array([5.0]), np.eye(1), np.array([0])))
    assert found.is_too_sure
    assert found.ratio == pytest.approx(25.0)
    assert 1.0 < found.inflation < found.most
    for _ in range(30):
        found = found.after(Innovation(Ticks(0), np.array([5.0]), np.eye(1), np.array([0])))
    assert found.inflation == found.most
    for _ in range(100):
        found = found.after(Innovation(Ticks(0), np.array([0.5]), np.eye(1), np.array([0])))
    assert found.inflation == 1.0
