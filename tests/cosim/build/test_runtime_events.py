"""State, time and step events: where they happen, what they do, and when they never end."""

import casadi as ca
import fmpy
import numpy as np
import pytest
from fmpy.fmi1 import FMICallException
from fmu_driver import DISCARD, ERROR, OK
from sketches import Event, Sketch

from cosim.build.model import Message


def rising(s, k=0):
    """edge() of when-condition ``k``, which never fires at initialisation."""
    return ca.logic_and(ca.logic_and(s.r[k], ca.logic_not(s.c[k])), ca.logic_not(s.initial))


BALL = Sketch(
    "Ball",
    {"h": 1.0, "v": 0.0},
    lambda s: [s.x[1], -9.81],
    parameters={"e": 0.7},
    discrete={"n": 0.0},
    relations=[lambda s: -s.x[0]],
    event=lambda s: Event(
        d=[s.d[0] + rising(s)], x=[s.x[0], ca.if_else(rising(s), -s.p[0] * s.x[1], s.x[1])], c=[s.r[0]]
    ),
    n_conditions=1,
)
CLOCK = Sketch(
    "Clock",
    {"x": 0.0},
    lambda s: [s.d[0]],
    discrete={"n": 0.0, "next": 0.5},
    time_relations=[lambda s: s.d[1]],
    event=lambda s: Event(d=[s.d[0] + rising(s), s.d[1] + 0.5 * rising(s)], c=[s.r[0]]),
    n_conditions=1,
)
TANK = Sketch(
    "TwoPoint",
    {"V": 0.0},
    lambda s: [s.u[0] - 3.0 * s.d[0]],
    inputs={"q": 1.0},
    discrete={"draining": 0.0},
    relations=[lambda s: s.x[0] - 2.0, lambda s: 1.0 - s.x[0]],
    event=lambda s: Event(d=[ca.if_else(rising(s, 0), 1.0, ca.if_else(rising(s, 1), 0.0, s.d[0]))], c=[s.r[0], s.r[1]]),
    n_conditions=2,
)


def flights(e=0.7, h=1.0, g=9.81):
    """Times of the impacts of a bouncing ball."""
    t, v = np.sqrt(2 * h / g), np.sqrt(2 * g * h)
    while True:
        yield t, v * e
        v *= e
        t += 2 * v / g


def ball_at(t):
    previous = (0.0, None)
    for impact, speed in flights():
        if impact > t:
            break
        previous = (impact, speed)
    s = t - previous[0]
    return 1 - 9.81 * s**2 / 2 if previous[1] is None else previous[1] * s - 9.81 * s**2 / 2


@pytest.mark.parametrize("h", [0.01, 0.1, 2.0])
def test_bouncing_ball_is_exact(open_fmu, h):
    fmu = open_fmu(BALL, tolerance=1e-8)
    heights = fmu.run(2.0, h, "h")
    np.testing.assert_allclose(heights, [ball_at(h * (k + 1)) for k in range(len(heights))], atol=1e-7)


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_bouncing_ball_in_model_exchange(make_fmu, version):
    result = fmpy.simulate_fmu(
        str(make_fmu(BALL)[version]), fmi_type="ModelExchange", stop_time=2.0, output_interval=0.05,
        relative_tolerance=1e-8, output=["h"], record_events=False,
    )  # fmt: skip
    np.testing.assert_allclose(result["h"], [ball_at(t) for t in result["time"]], atol=2e-6)


def test_ball_that_would_fall_through_the_floor_is_an_error(open_fmu):
    fmu = open_fmu(BALL)
    assert fmu.step(4.0) == ERROR
    assert fmu.get("h")[0] > -1e-6
    assert "Events with reinit follow each other ever faster: at t = 2.5" in fmu.log[-1]
    assert "let it stop bouncing" in fmu.log[-1]


@pytest.mark.parametrize("e", [0.3, 0.9])
def test_zeno_point_is_found_for_other_restitutions(open_fmu, e):
    fmu = open_fmu(BALL, start=False)
    assert fmu.set(e=e) == OK
    assert fmu.initialise() == OK
    assert fmu.step(30.0) == ERROR
    assert fmu.get("h")[0] > -1e-6


def test_time_events_happen_at_their_time(open_fmu):
    """x is the integral of a staircase: any missed or shifted event shows."""
    for h in (0.05, 0.1, 0.5, 0.7):
        fmu = open_fmu(CLOCK)
        for _ in range(int(3.5 / h)):
            assert fmu.step(h) == OK
        whole, part = divmod(fmu.time + 1e-12, 0.5)
        assert fmu.get("x")[0] == pytest.approx(0.5 * whole * (whole - 1) / 2 + whole * part, abs=1e-9)


def test_time_events_in_model_exchange(make_fmu):
    for version in ("2.0", "3.0"):
        result = fmpy.simulate_fmu(
            str(make_fmu(CLOCK)[version]),
            fmi_type="ModelExchange",
            stop_time=3.25,
            output_interval=0.25,
            output=["x", "n"],
        )
        assert result["n"][-1] == 6.0
        assert result["x"][-1] == pytest.approx(0.5 * 15 + 6 * 0.25, abs=1e-6)


def test_two_point_control_switches_at_both_levels(open_fmu):
    """Fills at 1 to 2 (2 s from empty), drains at 2 to 1 (0.5 s): period 1.5 s after the first fill."""
    fmu = open_fmu(TANK)
    levels = fmu.run(6.5, 0.125, "V")
    t = 0.125 * np.arange(1, len(levels) + 1)
    phase = np.mod(t - 2.0, 1.5)
    expected = np.where(t < 2, t, np.where(phase < 0.5, 2 - 2 * phase, 1 + (phase - 0.5)))
    np.testing.assert_allclose(levels, expected, atol=1e-8)


def test_input_that_crosses_at_a_communication_point_fires(open_fmu):
    sketch = Sketch(
        "Switch",
        {"x": 0.0},
        lambda s: [s.d[0]],
        inputs={"u": 0.0},
        discrete={"on": 0.0},
        relations=[lambda s: s.u[0] - 0.5],
        event=lambda s: Event(d=[ca.if_else(rising(s), 1.0, s.d[0])], c=[s.r[0]]),
        n_conditions=1,
    )
    fmu = open_fmu(sketch)
    assert fmu.step(1.0) == OK
    assert fmu.set(u=1.0) == OK
    assert fmu.step(1.0) == OK
    assert fmu.get("x", "on") == [pytest.approx(1.0, abs=1e-12), 1.0]


def test_relation_that_rests_at_zero_does_not_chatter(open_fmu):
    """x decays to its set point and rests there: round-off around zero must not be an event each time."""
    sketch = Sketch(
        "Resting",
        {"x": 1.0},
        lambda s: [-10 * (s.x[0] - 0.1) + 0 * s.r[0]],
        discrete={"n": 0.0},
        relations=[lambda s: s.x[0] - 0.1],
        event=lambda s: Event(d=[s.d[0] + rising(s)], c=[s.r[0]]),
        n_conditions=1,
    )
    fmu = open_fmu(sketch)
    fmu.run(100.0, 1.0, "x")
    assert fmu.get("n") == [0.0]


def test_chattering_is_an_error(open_fmu):
    """der(x) = -sign(x): slides along x = 0 for ever."""
    sketch = Sketch("Sliding", {"x": 0.5}, lambda s: [1 - 2 * s.r[0]], relations=[lambda s: s.x[0]])
    fmu = open_fmu(sketch)
    assert fmu.step(2.0) == ERROR
    assert "1000 events within" in fmu.log[-1]
    assert "chattering" in fmu.log[-1]


def test_event_iteration_that_does_not_settle_is_an_error(open_fmu):
    sketch = Sketch(
        "Flipping",
        {"x": 0.0},
        lambda s: [1.0],
        discrete={"a": 0.0},
        relations=[lambda s: s.x[0] - 1],
        event=lambda s: Event(d=[ca.if_else(s.r[0], 1 - s.d[0], s.d[0])]),
    )
    fmu = open_fmu(sketch)
    assert fmu.step(2.0) == ERROR
    assert "event iteration at t = 1.0000" in fmu.log[-1]
    assert "pre()" in fmu.log[-1]


def test_iteration_carries_an_event_on_to_others(open_fmu):
    """a rises at x = 1; b follows a with pre(): both within the same instant."""
    sketch = Sketch(
        "Cascade",
        {"x": 0.0},
        lambda s: [1.0],
        discrete={"a": 0.0, "b": 0.0},
        relations=[lambda s: s.x[0] - 1],
        event=lambda s: Event(d=[ca.if_else(s.r[0], 1.0, s.d[0]), s.d[0]]),
    )
    fmu = open_fmu(sketch)
    assert fmu.step(0.99) == OK
    assert fmu.get("a", "b") == [0.0, 0.0]
    assert fmu.step(0.02) == OK
    assert fmu.get("a", "b") == [1.0, 1.0]


def limited(level):
    return Sketch(
        f"Limited_{level}",
        {"x": 0.0},
        lambda s: [1.0],
        asserts=[(level, "x is above its limit of 1.5 %", lambda s: s.x[0] < 1.5)],
    )


def test_violated_assertion_fails_the_step_with_its_text(open_fmu):
    fmu = open_fmu(limited("error"))
    assert fmu.step(1.0) == OK
    assert fmu.step(1.0) == ERROR
    assert fmu.log[-1].startswith("Assertion violated at t = ")
    assert fmu.log[-1].endswith("x is above its limit of 1.5 %%")  # a printf format: the logger makes one % of it


def test_warning_is_given_once(open_fmu):
    fmu = open_fmu(limited("warning"))
    fmu.run(5.0, 0.5, "x")
    assert len(fmu.log) == 1
    assert fmu.log[0].startswith("Assertion at t = ")


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_violated_assertion_fails_model_exchange(make_fmu, version):
    path = make_fmu(limited("error"))[version]
    with pytest.raises(Exception, match="CompletedIntegratorStep"):
        fmpy.simulate_fmu(str(path), fmi_type="ModelExchange", stop_time=3.0)


STOPPING = Sketch(
    "Stopping",
    {"x": 0.0},
    lambda s: [1.0],
    relations=[lambda s: s.x[0] - 1.25],
    event=lambda s: Event(c=[s.r[0]], fired=[rising(s)]),
    fired=[Message("terminate", "the vessel is full")],
    n_conditions=1,
)


def test_terminate_discards_the_step(open_fmu):
    fmu = open_fmu(STOPPING)
    assert fmu.step(1.0) == OK
    assert fmu.step(1.0) == DISCARD
    terminated, last = fmu.terminated_status()
    assert terminated
    assert last == pytest.approx(1.25, abs=1e-8)
    assert "the vessel is full" in fmu.log[-1]
    assert fmu.get("x")[0] == pytest.approx(1.25, abs=1e-8)
    assert fmu.call("Terminate") == OK


@pytest.mark.parametrize("version", ["2.0", "3.0"])
@pytest.mark.parametrize("kind", ["CoSimulation", "ModelExchange"])
def test_terminate_ends_an_fmpy_simulation(make_fmu, version, kind):
    result = fmpy.simulate_fmu(
        str(make_fmu(STOPPING)[version]), fmi_type=kind, stop_time=3.0, output_interval=0.1, output=["x"]
    )
    assert 1.2 <= result["time"][-1] <= 1.3 + 1e-9


def test_message_gives_the_values_it_names(open_fmu):
    sketch = Sketch(
        "Telling",
        {"x": 0.0},
        lambda s: [1.0],
        outputs={"y": lambda s: 2 * s.x[0]},
        relations=[lambda s: s.x[0] - 1.25],
        event=lambda s: Event(c=[s.r[0]], fired=[rising(s)]),
        fired=[Message("terminate", "y is \x02y\x03, \x02nobody\x03 cares")],
        n_conditions=1,
    )
    fmu = open_fmu(sketch)
    assert fmu.step(2.0) == DISCARD
    assert fmu.log[-1].endswith("y is 2.5, nobody cares")


STILL = Sketch(
    "Still",
    {"x": 0.0},
    lambda s: [1.0],
    event=lambda s: Event(fired=[s.initial]),
    fired=[Message("terminate", "enough")],
)


def test_terminate_at_initialisation_ends_the_first_step(open_fmu):
    fmu = open_fmu(STILL)
    assert fmu.step(1.0) == DISCARD
    assert fmu.terminated_status() == (True, 0.0)


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_terminate_at_initialisation_lets_no_time_pass(make_fmu, version):
    result = fmpy.simulate_fmu(
        str(make_fmu(STILL)[version]), fmi_type="CoSimulation", stop_time=1.0, output=["x"], early_return_allowed=True
    )
    assert result["time"][-1] == 0.0


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_chattering_fails_model_exchange(make_fmu, version):
    sketch = Sketch("Sliding", {"x": 0.0}, lambda s: [1 - 2 * s.r[0]], relations=[lambda s: s.x[0]])
    with pytest.raises(FMICallException, match="failed with status 3"):
        fmpy.simulate_fmu(str(make_fmu(sketch)[version]), fmi_type="ModelExchange", stop_time=1.0, output=["x"])


def test_model_without_states_sees_conditions_on_time(open_fmu):
    """sin(t) > 0.5 rises every 2 pi: four times in 20 s, within one communication step."""
    sketch = Sketch(
        "Sine",
        {},
        lambda s: [],
        discrete={"n": 0.0},
        relations=[lambda s: ca.sin(s.t) - 0.5],
        event=lambda s: Event(d=[s.d[0] + rising(s)], c=[s.r[0]]),
        n_conditions=1,
    )
    fmu = open_fmu(sketch)
    assert fmu.step(20.0) == OK
    assert fmu.get("n") == [4.0]


def test_slow_chattering_is_an_error_too(open_fmu):
    """Slides along zero at 1e-9 per second: an event each 0.2 s, millions of them in one step of 1e6 s."""
    sketch = Sketch("SlowSliding", {"x": 1e-5}, lambda s: [1e-9 * (1 - 2 * s.r[0])], relations=[lambda s: s.x[0]])
    fmu = open_fmu(sketch)
    assert fmu.step(1e4) == OK
    assert fmu.step(1e6) == ERROR
    assert "chattering" in fmu.log[-1]
