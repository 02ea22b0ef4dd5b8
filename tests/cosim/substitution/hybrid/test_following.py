"""How measurements change with the weights, by the FMU's directional derivatives, against differences."""

import numpy as np
import pytest

from cosim.errors import StepError
from cosim.substitution.hybrid.fitting import fit
from cosim.substitution.hybrid.following import Follower
from cosim.substitution.hybrid.slopes import Slope, over_step
from cosim.substitution.hybrid.trials import Trial, Trials
from cosim.surrogate.hybrid.model import Given, HybridFacts
from cosim.surrogate.hybrid.network import HybridNetwork

HOUR = 3600 * 10**9
FACTS = HybridFacts(
    6 * 3600.0, ("S", "X", "feed", "time"), (Given("mu_max", 0.0, 2e-5, 1e-5), Given("q_P", 0.0, 3e-6, 1e-6)),
    ("P",), (True,), 4, 1,
)  # fmt: skip
NETWORK = HybridNetwork(FACTS)


def trial(name="a"):
    inputs = np.zeros((61, 1))
    inputs[12:14] = 2e-5
    at, what = np.tile([12, 24, 36, 48, 60], 3), np.repeat([0, 1, 2], 5)
    asked = np.arange(61) % 6 == 0
    knots = tuple(range(0, 61 * HOUR, HOUR))
    return Trial(name, {}, knots, inputs, asked, at, what, np.zeros(15), np.ones(15), is_held_out=False)


TRIALS = Trials(("feed",), ("X", "S", "P"), np.ones(3), (trial(),), ())


@pytest.fixture
def follower(culture_fmu):
    follower = Follower(lambda: culture_fmu.instantiate("followed"), NETWORK, TRIALS)
    alone = follower.follow(TRIALS.learned[0], None)
    follower.mean, follower.deviation = alone.seen.mean(0), alone.seen.std(0)
    yield follower
    follower.close()


def test_derivatives_are_those_of_differences(follower):
    weights = 0.5 * np.random.default_rng(0).standard_normal(NETWORK.n_weights)
    exact = follower.follow(trial(), weights, with_slopes=True)
    moved = [(weights + 1e-4 * unit, weights - 1e-4 * unit) for unit in np.eye(len(weights))]
    columns = [(follower.follow(trial(), up).said - follower.follow(trial(), down).said) / 2e-4 for up, down in moved]
    differences = np.stack(columns, axis=1)
    error = np.abs(exact.by_weights - differences).max(1) / np.abs(differences).max(1)
    assert error.max() < 1e-3
    assert (exact.said == follower.follow(trial(), weights).said).all()


def test_many_members_give_their_mean(follower):
    random = np.random.default_rng(2)
    one, other = random.standard_normal((2, NETWORK.n_weights))
    same = follower.follow(trial(), np.stack([one, one])).said
    np.testing.assert_allclose(same, np.maximum(follower.follow(trial(), one).said, 0.0), rtol=1e-12)
    assert not np.allclose(same, follower.follow(trial(), np.stack([one, other])).said)


def test_a_step_of_a_linear_model_is_exact():
    # x' = −2 x + p over 0.7 s
    slope = Slope(np.array([[-2.0, 1.0]]), np.empty((0, 2)))
    moved, driven = over_step(slope, slope, 0.7)
    assert moved[0, 0] == pytest.approx(np.exp(-1.4))
    assert driven[0, 0] == pytest.approx((1 - np.exp(-1.4)) / 2)


def test_an_fmu_that_fails_costs_a_step_and_not_the_fit(culture_fmu, monkeypatch):
    follower = Follower(lambda: culture_fmu.instantiate("followed"), NETWORK, TRIALS)
    follower.follow(trial(), None)
    calls, follow = [], follower.follow

    def failing(*arguments, **named):
        calls.append(arguments)
        if len(calls) == 3:
            raise StepError("Too stiff.")
        return follow(*arguments, **named)

    monkeypatch.setattr(follower, "follow", failing)
    begun = np.full(NETWORK.n_weights, 0.1)
    fitted = fit(follower, [trial()], begun, lambda: len(calls) < 8)
    assert np.isfinite(fitted.squares)
    assert not np.array_equal(fitted.weights, begun)
    follower.close()


def test_differences_serve_where_the_fmu_tells_no_derivatives(follower, monkeypatch):
    from cosim.substitution.hybrid import fitting

    weights = 0.5 * np.random.default_rng(0).standard_normal(NETWORK.n_weights)
    exact = fitting._Sum(follower, [trial()]).matrix(weights)
    monkeypatch.setattr(Follower, "is_differentiable", property(lambda _: False))
    differences = fitting._Sum(follower, [trial()]).matrix(weights)
    np.testing.assert_allclose(differences, exact, rtol=0.02, atol=2e-3 * np.abs(exact).max())
