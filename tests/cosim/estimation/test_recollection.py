"""An ensemble told late of what its members remember."""

import numpy as np
import pytest
from linear_process import Linear

from cosim.clock import Ticks, to_ticks
from cosim.estimation import Bounds, Consistency, EnsembleFilter, Measurement, Recollection

FREE = Bounds(np.full(2, -np.inf), np.full(2, np.inf))
STILL = Consistency(most=1.0)


def recollection(n=2000, *, horizon=100.0, noise=0.0, seed=3, consistency=STILL, memory=None, belief=None):
    process = Linear([[-0.1, 0.2], [0.0, -0.05]], np.eye(2))
    filter_ = EnsembleFilter(process, noise * np.eye(2), FREE, seed=seed)
    if belief is None:
        belief = filter_.begin(Ticks(0), np.ones(2), np.eye(2), n)
    return Recollection(filter_, belief, horizon=to_ticks(horizon), consistency=consistency, memory=memory)


def shown(seconds, first=np.nan, second=np.nan):
    return Measurement(to_ticks(seconds), np.array([first, second]), np.array([0.1, 0.01]))


def test_without_noise_late_is_as_good_as_at_once():
    punctual, patient = recollection(), recollection()
    for i in range(1, 21):
        online = shown(i, 1.0 + 0.1 * i)
        punctual.proceed(to_ticks(i), [online, *([shown(5, second=1.3)] if i == 5 else [])])
        patient.proceed(to_ticks(i), [online, *([shown(5, second=1.3)] if i == 14 else [])])
    np.testing.assert_allclose(patient.belief.mean, punctual.belief.mean, rtol=2e-3)
    np.testing.assert_allclose(patient.belief.covariance, punctual.belief.covariance, rtol=0.01, atol=1e-5)


def test_a_late_sample_counts_for_when_it_was_taken():
    """The states have decayed since: taken for now, the same value would say much more."""
    found = []
    for time in (5, 40):
        line = recollection()
        for i in range(1, 41):
            line.proceed(to_ticks(i), [shown(time, second=0.9)] if i == 40 else [])
        found.append(line.belief.mean[1])
    assert found[0] == pytest.approx(0.9 * np.exp(-0.05 * 35), rel=0.05)
    assert found[1] > 2 * found[0]


def test_what_is_told_after_the_horizon_is_told_to_be_too_late():
    line = recollection(50, horizon=10.0)
    for i in range(1, 31):
        line.proceed(to_ticks(i), [])
    assert line.memory.times[0] == to_ticks(20)
    before = line.belief.members.copy()
    progress = line.proceed(to_ticks(31), [shown(12, second=0.5)])
    assert [item.time for item in progress.too_late] == [to_ticks(12)]
    assert progress.innovations == ()
    assert not np.array_equal(before, line.belief.members)  # it went on nevertheless


def test_a_value_far_away_is_trusted_less():
    line = recollection(200)
    line.proceed(to_ticks(1), [shown(1, second=1e6)])
    (innovation,) = line.proceed(to_ticks(2), [shown(2, second=1e6)]).innovations
    assert abs(innovation.standardised[0]) == pytest.approx(3.0)
    assert line.belief.mean[1] < 100.0


def test_it_goes_on_from_what_it_was():
    whole = recollection(40, noise=0.01, consistency=Consistency())
    for i in range(1, 21):
        if i == 11:
            half = whole.belief, whole.consistency, whole.memory
        whole.proceed(to_ticks(i), [shown(i, np.sin(i), 1.0 if i % 3 else np.nan)])
    belief, consistency, memory = half
    again = recollection(noise=0.01, belief=belief, consistency=consistency, memory=memory)
    for i in range(11, 21):
        again.proceed(to_ticks(i), [shown(i, np.sin(i), 1.0 if i % 3 else np.nan)])
    assert again.belief.members.tobytes() == whole.belief.members.tobytes()
    assert again.consistency == whole.consistency


def test_noise_may_be_a_share_of_the_value():
    process = Linear(np.zeros((2, 2)), np.eye(2))
    filter_ = EnsembleFilter(process, np.zeros((2, 2)), FREE, seed=1, relative=np.array([0.01, 0.0]))
    belief = filter_.begin(Ticks(0), np.array([50.0, 50.0]), np.zeros((2, 2)), 4000)
    deviations = filter_.predict(belief, to_ticks(4.0)).deviations
    assert deviations[0] == pytest.approx(50.0 * 0.1 * 2.0, rel=0.05)
    assert deviations[1] == 0.0


def test_chance_correlations_do_not_narrow_what_nobody_measures():
    """Hundreds of values of one state; the other has nothing to do with it, and few members."""
    process = Linear(np.zeros((2, 2)), np.eye(2))
    kept = []
    for seed in range(10):
        filter_ = EnsembleFilter(process, np.diag([0.01, 0.0]), FREE, seed=seed)
        belief = filter_.begin(Ticks(0), np.zeros(2), np.eye(2), 30)
        line = Recollection(filter_, belief, horizon=to_ticks(5.0), consistency=STILL)
        begun = line.belief.deviations[1]
        for i in range(1, 201):
            line.proceed(to_ticks(i), [shown(i, 0.0)])
        kept.append(line.belief.deviations[1] / begun)
    assert np.mean(kept) > 0.85
