"""Gauss–Seidel with inputs from polynomials: orders, events, what is held, unequal steps."""

import itertools
import math
from dataclasses import replace

import pytest
from fakes import FakeInstance, Flowsheet, describe, lag, phase
from two_mass import run_two_mass

from cosim.algorithm.adaptive import Adaptive
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.iterated import Iterated
from cosim.algorithm.jacobi import Jacobi
from cosim.clock import to_ticks
from cosim.system.experiment import Event, Setting
from cosim.system.variable import Variability, VariableName


def ramp(name="ramp", slope=1.0):
    def step(v, time, size):
        v["y"] = slope * (time + size)
        v["n"] = float(time + size >= 1.0)

    return FakeInstance(name, describe([], ["y", "n"]), step)


@pytest.mark.parametrize("degree", [1, 2])
def test_halving_the_step_quarters_the_error(degree):
    errors = [run_two_mass(GaussSeidel(degree), step)[0] for step in (4e-3, 2e-3, 1e-3)]
    ratios = [coarse / fine for coarse, fine in itertools.pairwise(errors)]
    assert ratios == pytest.approx([4.0, 4.0], rel=0.12)


def test_inputs_held_are_of_order_one_and_far_less_accurate():
    errors = [run_two_mass(GaussSeidel(), step)[0] for step in (1e-3, 5e-4)]
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.15)
    assert run_two_mass(GaussSeidel(1), 1e-3)[0] < errors[0] / 100


@pytest.mark.parametrize("degree", [1, 2])
def test_receivers_get_the_mean_over_the_step(degree):
    flowsheet = Flowsheet(ramp=ramp(), lag=lag("lag", 1.0)).connect("ramp.y", "lag.u", factor=2.0, offset=1.0)
    flowsheet.run(phase("run", "ramp lag", 4.0, 1.0), algorithm=GaussSeidel(degree))
    assert [item["u"] for item in flowsheet.instances["lag"].delivered] == pytest.approx([2.0, 4.0, 6.0, 8.0])


def test_senders_later_in_the_order_are_extrapolated():
    first = FakeInstance("first", describe(["u"], ["y"]), lambda v, time, size: None)
    second = FakeInstance("second", describe(["u"], ["y"]), lambda v, t, h: v.update(y=t + h))
    first.inner.values["y"] = 0.0
    flowsheet = Flowsheet(first=first, second=second).connect("first.y", "second.u").connect("second.y", "first.u")
    flowsheet.run(phase("run", "first second", 4.0, 1.0), algorithm=GaussSeidel(1))
    assert [item["u"] for item in first.delivered] == pytest.approx([0.0, 1.5, 2.5, 3.5])


def test_an_event_ends_what_is_smooth():
    def step(v, time, size):
        v["y"] = v["level"] + time + size

    def receive(v, time, size):
        v["y"] = 0.0

    sender = FakeInstance("b", describe({"level": 0.0, "u": 0.0}, ["y"]), step)
    flowsheet = Flowsheet(a=FakeInstance("a", describe(["u"], ["y"]), receive), b=sender)
    flowsheet.connect("a.y", "b.u").connect("b.y", "a.u")
    jump = Event((Setting(VariableName("b", "level"), 100.0),), time=to_ticks(3.0))
    flowsheet.run(phase("run", "a b", 6.0, 1.0), algorithm=GaussSeidel(1), events=(jump,))
    delivered = [item["u"] for item in flowsheet.instances["a"].delivered]
    assert delivered == pytest.approx([0.0, 1.5, 2.5, 3.0, 154.5, 105.5])


@pytest.mark.parametrize(
    ("algorithm", "maximum", "delivered"),
    [
        (GaussSeidel(1), 2.2, [0.5, 1.5, 2.5]),  # what the sender has put out is passed on
        (Jacobi(1), 2.2, [0.0, 1.5, 2.2]),
        (Jacobi(1), 1.0, [0.0, 1.0, 2.0]),
    ],
)
def test_what_is_discrete_or_leads_out_of_range_is_not_extrapolated(algorithm, maximum, delivered):
    variables = describe(["u", "k", "w"], ["y"]).variables
    variables = {
        **variables,
        "k": replace(variables["k"], variability=Variability.DISCRETE),
        "w": replace(variables["w"], maximum=maximum),
    }
    receiver = FakeInstance("a", replace(describe(), variables=variables), lambda v, t, h: v.update(y=0.0))
    flowsheet = Flowsheet(ramp=ramp(), a=receiver).connect("ramp.n", "a.k").connect("ramp.y", "a.w")
    flowsheet.run(phase("run", "ramp a", 3.0, 1.0), algorithm=algorithm)
    assert {item["k"] for item in receiver.delivered} <= {0.0, 1.0}
    assert [item["w"] for item in receiver.delivered] == pytest.approx(delivered)


@pytest.mark.parametrize("algorithm", [GaussSeidel(2), Jacobi(2), Iterated(), Adaptive()])
def test_what_a_sender_puts_out_arrives_even_out_of_range(algorithm):
    """A loop in which y falls from 1 to -0.13, into an input whose minimum is 0."""

    def step(v, time, size):
        v["y"] = v["u"] + (v["y"] - v["u"]) * math.exp(-size)

    description = describe(["u"], ["y"])
    variables = {**description.variables, "u": replace(description.variables["u"], minimum=0.0)}
    limited = FakeInstance("b", replace(description, variables=variables), step)
    flowsheet = Flowsheet(a=lag("a", 1.0, y0=1.0), b=limited).connect("a.y", "b.u").connect("b.y", "a.u", -2.0)
    flowsheet.run(phase("run", "a b", 2.0, 0.01), algorithm=algorithm)
    found = flowsheet.recorder.series("a.y")[-1][1]
    assert found == pytest.approx(math.exp(-2.0) * math.cos(math.sqrt(2.0) * 2.0), abs=1e-3)


def test_unequal_steps_are_interpolated_where_the_sender_is_ahead():
    flowsheet = Flowsheet(ramp=ramp(), lag=lag("lag", 1.0)).connect("ramp.y", "lag.u")
    run = phase("run", "ramp lag", 4.0, 2.0, step_sizes={"lag": 0.5})
    flowsheet.run(run, algorithm=GaussSeidel(1))
    delivered = [item["u"] for item in flowsheet.instances["lag"].delivered]
    assert delivered == pytest.approx([0.25 + 0.5 * i for i in range(8)])


def test_unequal_steps_keep_order_two():
    errors = [run_two_mass(GaussSeidel(1), step, step_sizes={"left": step / 2})[0] for step in (4e-3, 2e-3, 1e-3)]
    ratios = [coarse / fine for coarse, fine in itertools.pairwise(errors)]
    assert ratios == pytest.approx([4.0, 4.0], rel=0.25)
