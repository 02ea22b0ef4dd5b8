"""The network of a hybrid: zero leaves the mechanism alone, derivatives are those of differences."""

import numpy as np
import pytest

from cosim.surrogate.hybrid.model import Given, HybridFacts
from cosim.surrogate.hybrid.network import HybridNetwork

FACTS = HybridFacts(3600.0, ("a", "b"), (Given("k", 1.0, 5.0, 2.0), Given("q", 0.0, 1.0, 0.0)), ("y",), (True,), 3, 2)
NETWORK = HybridNetwork(FACTS)


def test_zero_weights_leave_the_mechanism_as_it_is():
    said = NETWORK.say(np.zeros(NETWORK.n_weights), np.array([0.3, -2.0]))
    assert not said.values.any()
    given = NETWORK.given(said.values)
    assert given[0] == pytest.approx(2.0)
    assert given[1] == pytest.approx(0.02)  # at the end of its range it could not move


def test_what_is_given_stays_within_its_limits():
    for size in (-1e3, 1e3):
        given = NETWORK.given(np.full(3, size))
        assert ((given >= [1.0, 0.0]) & (given <= [5.0, 1.0])).all()


def test_derivatives_are_those_of_differences():
    random = np.random.default_rng(0)
    weights, z = random.standard_normal(NETWORK.n_weights), random.standard_normal(2)
    said = NETWORK.say(weights, z)
    for exact, move in (
        (said.by_weights, lambda unit: NETWORK.say(weights + unit, z).values),
        (said.by_seen, lambda unit: NETWORK.say(weights, z + unit).values),
    ):
        found = [(move(1e-6 * unit) - move(-1e-6 * unit)) / 2e-6 for unit in np.eye(exact.shape[1])]
        np.testing.assert_allclose(exact, np.stack(found, axis=1), atol=1e-8)
    slopes = (NETWORK.given(said.values + 1e-6) - NETWORK.given(said.values - 1e-6)) / 2e-6
    np.testing.assert_allclose(NETWORK.slopes(said.values), slopes, atol=1e-8)


def test_members_as_tensors_say_what_they_say_alone():
    members = np.random.default_rng(1).standard_normal((2, NETWORK.n_weights))
    tensors = NETWORK.tensors(members) | {
        "seen_mean": np.zeros(2), "seen_deviation": np.ones(2), "correction_scale": np.array([10.0]),
    }  # fmt: skip
    z = np.array([0.5, 1.5])
    said = np.stack([NETWORK.say(one, z).values for one in members])
    given, corrections, spread = NETWORK.together(tensors, z)
    np.testing.assert_allclose(given, NETWORK.given(said).mean(0))
    np.testing.assert_allclose(corrections, 10.0 * said[:, 2:].mean(0))
    assert spread == pytest.approx(said.std(0).mean())
