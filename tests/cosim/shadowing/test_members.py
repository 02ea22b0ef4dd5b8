"""A filter over copies of a real scenario: hidden states and a parameter, found from two sensors."""

import numpy as np
import pytest

import cosim
from cosim.clock import to_ticks
from cosim.errors import EstimationError
from cosim.estimation import Bounds, EnsembleFilter, Measurement, Timeline, UnscentedFilter
from cosim.shadowing.members import Estimated, Members, bounds_of, states_of
from cosim.shipped import scenarios_folder

HELLO = scenarios_folder() / "hello.yaml"
HOUR, DAY = to_ticks(3600.0), to_ticks(86_400.0)
SENSORS = ["reactor.viable_cells", "reactor.glucose"]
HIDDEN = ["reactor.titre", "reactor.lactate", "reactor.glutamine"]
TRUTH = {"reactor.mu_max": "0.0345 1/h"}
"""The model itself has 0.037 1/h (`modelica/BioProcess`)."""


@pytest.fixture(scope="module")
def plant():
    """Every six hours for five days: the time, what sensors show without noise, and what nobody sees."""
    with cosim.open(HELLO, TRUTH) as execution:
        course = []
        for i in range(1, 21):
            execution.run_until(i * 6 * 3600.0)
            course.append((i * 6 * HOUR, [execution[n] for n in SENSORS], [execution[n] for n in HIDDEN]))
    return course


@pytest.fixture
def origin():
    with cosim.open(HELLO) as execution:
        yield execution


def noisy(time, shown, numbers):
    deviations = 0.05 * np.array(shown)
    return Measurement(time, shown + deviations * numbers.standard_normal(2), deviations**2)


def test_hidden_states_and_a_parameter_are_found(origin, plant):
    estimated = [*states_of(origin, ["reactor"]), Estimated("reactor", "mu_max", low=0.0)]
    numbers = np.random.default_rng(1)
    with Members(origin, 30, estimated, SENSORS) as members:
        start = members.present[0]
        spread = 0.02 * start
        spread[-1] = 0.1 * start[-1]
        noise = np.diag((0.002 * start) ** 2 / 86_400.0)
        filter_ = EnsembleFilter(members, noise, bounds_of(estimated), seed=4)
        line = Timeline(filter_, filter_.begin(0, start, np.diag(spread**2), 30), horizon=DAY, spacing=12 * HOUR)
        for time, shown, _ in plant:
            line.proceed(time, [noisy(time, shown, numbers)])
        found = members.read(HIDDEN).mean(axis=0)
        rate = line.belief.mean[-1] * 3600.0
        assert rate == pytest.approx(0.0345, rel=0.03)
        assert line.belief.deviations[-1] < 0.4 * spread[-1]
        np.testing.assert_allclose(found, plant[-1][2], rtol=0.05)
        assert members.n_replaced == 0


def test_a_late_sample_goes_back_through_the_models(origin, plant):
    estimated = [Estimated("reactor", "mu_max", low=0.0)]
    numbers = np.random.default_rng(2)
    measured = [noisy(time, shown, numbers) for time, shown, _ in plant[:6]]
    found = []
    for delay in (0, 2):
        with Members(origin, 3, estimated, SENSORS) as members:
            start = members.present[0]
            filter_ = UnscentedFilter(members, np.array([[1e-18]]), bounds_of(estimated))
            belief = filter_.begin(0, start, np.diag((0.1 * start) ** 2))
            line = Timeline(filter_, belief, horizon=10 * DAY, spacing=12 * HOUR)
            for i, (time, _, _) in enumerate(plant[:6]):
                told = [measured[i]] if i != 2 else []
                told += [measured[2]] if i == 2 + delay else []
                line.proceed(time, told)
            found.append((line.belief.mean.tobytes(), members.read(HIDDEN).tobytes()))
    assert found[0] == found[1]


def test_inputs_are_those_of_their_time(origin):
    """What is put for a time that has passed counts when the members go through it again."""
    with Members(origin, 2, [Estimated("reactor", "mu_max")], SENSORS) as members:
        begun = members.save()
        members.put_input("feeder.target", 12 * HOUR, 10.0)
        states = members.advance(members.present, 0, DAY)
        first = members.observe(states)
        members.put_input("feeder.target", 6 * HOUR, 5.0)
        members.restore(begun)
        again = members.observe(members.advance(members.present, 0, DAY))
    with origin.fork() as by_hand:
        for hours, target in ((6, None), (12, 5.0), (24, 10.0)):
            if target is not None:
                by_hand["feeder.target"] = target
            by_hand.run_until(hours * 3600.0)
        np.testing.assert_array_equal(again[0], [by_hand[name] for name in SENSORS])
    assert first.shape == (2, 2)


def test_a_member_that_fails_goes_on_as_another(origin):
    """A viability that cannot be ends the model of one member of three."""
    with Members(origin, 3, [Estimated("reactor", "V"), Estimated("reactor", "mu_max")], SENSORS) as members:
        states = members.present
        states[1, 0] = -5.0
        moved = members.advance(states, 0, 6 * HOUR)
        assert members.n_replaced == 1
        np.testing.assert_array_equal(moved[1], moved[2])
        states = members.present
        states[:, 0] = -5.0
        with pytest.raises(EstimationError, match="The models of all members have failed before t = 12 h"):
            members.advance(states, 6 * HOUR, 12 * HOUR)


def test_between_two_communication_points_nothing_is_known(origin):
    with (
        Members(origin, 1, [Estimated("reactor", "mu_max")], SENSORS) as members,
        pytest.raises(EstimationError, match="was to go to t = 5 min and came to 10 min"),
    ):
        members.advance(members.present, 0, HOUR // 12)


def test_bounds_follow_from_what_is_estimated(origin):
    bounds = bounds_of([*states_of(origin, ["reactor"])[:2], Estimated("reactor", "x", -1.0, 2.0)])
    assert isinstance(bounds, Bounds)
    assert bounds.low.tolist() == [0.0, 0.0, -1.0]
    assert bounds.high.tolist() == [np.inf, np.inf, 2.0]
