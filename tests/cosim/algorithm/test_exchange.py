"""Derivatives between instances that tell them and instances that take them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from fakes import ABLE, FakeInstance, Flowsheet, describe, phase
from hypothesis import given
from hypothesis import strategies as st

from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.jacobi import Jacobi
from cosim.algorithm.polynomial import begin_trace
from cosim.clock import Ticks, to_ticks
from cosim.instance.abilities import AbstractExtrapolable, AbstractInterpolating
from cosim.system.component import Capabilities
from cosim.system.variable import Causality, Variable

TELLING = Capabilities(can_get_and_set_state=True, max_output_derivative_order=2)
TAKING = Capabilities(can_get_and_set_state=True, can_interpolate_inputs=True)


class Wave(FakeInstance, AbstractExtrapolable):
    """y = sin t, with its derivatives."""

    spoilt = False

    def __init__(self, capabilities: Capabilities = TELLING) -> None:
        super().__init__("wave", describe([], ["y"], capabilities=capabilities), self._step)

    def _step(self, v, time, size):
        self.time = time + size
        v["y"] = math.sin(self.time)

    def read_derivatives(self, group, order, values):
        values[:] = np.nan if self.spoilt else math.sin(self.time + order * math.pi / 2)


class Integral(FakeInstance, AbstractInterpolating):
    """y' = u, with u as it was told to move."""

    def __init__(self, capabilities: Capabilities = TAKING) -> None:
        super().__init__("integral", describe(["u"], ["y"], capabilities=capabilities), self._integrate)
        self.rates = {}

    def write_derivatives(self, group, order, values):
        self.rates[order] = float(values[0])

    def _integrate(self, v, time, size):
        moved = sum(rate * size ** (order + 1) / math.factorial(order + 1) for order, rate in self.rates.items())
        v["y"] = v.get("y", 0.0) + v["u"] * size + moved
        self.rates = {}


def error(algorithm, step: float, sender: Capabilities = TELLING, receiver: Capabilities = TAKING) -> float:
    flowsheet = Flowsheet(wave=Wave(sender), integral=Integral(receiver)).connect("wave.y", "integral.u")
    outcome = flowsheet.run(phase("run", "wave integral", 2.0, step), algorithm=algorithm)
    assert outcome.status == "completed", outcome.reason
    return abs(flowsheet.recorder.series("integral.y")[-1][1] - (1.0 - math.cos(2.0)))


@pytest.mark.parametrize(
    ("algorithm", "order"), [(Jacobi(1), 2), (Jacobi(2), 3), (GaussSeidel(1), 4), (GaussSeidel(2), 4)]
)
@pytest.mark.parametrize("receiver", [TAKING, ABLE])
def test_order_of_a_quadrature(algorithm, order, receiver):
    """The mean of a polynomial is as good as the polynomial where only the integral counts."""
    assert error(algorithm, 0.1, receiver=receiver) / error(algorithm, 0.05, receiver=receiver) == pytest.approx(
        2.0**order, rel=0.15
    )


def test_what_is_not_declared_is_not_used():
    assert error(Jacobi(2), 0.1, sender=ABLE) > 10 * error(Jacobi(2), 0.1)


def test_a_derivative_that_is_no_number_is_refused():
    flowsheet = Flowsheet(wave=Wave(), integral=Integral()).connect("wave.y", "integral.u")
    flowsheet.instances["wave"].spoilt = True
    outcome = flowsheet.run(phase("run", "wave integral", 1.0, 0.1), algorithm=Jacobi(1))
    assert outcome.status == "failed"
    assert "The derivative of order 1 of wave.y is not a finite number at t = 0" in outcome.reason


@given(st.lists(st.floats(-3.0, 3.0), min_size=4, max_size=4), st.floats(0.01, 10.0), st.floats(0.0, 1.0))
def test_a_cubic_is_found_between_two_points(coefficients, size, share):
    cubic = np.polynomial.Polynomial(coefficients)
    slope, end, time = cubic.deriv(), to_ticks(size), to_ticks(size * share)
    trace = begin_trace(Ticks(0), np.array([cubic(0.0)]), np.array([[slope(0.0)]]))
    trace = trace.then(end, np.array([cubic(size)]), 3, np.array([[slope(size)]]))
    scale = 1.0 + np.abs(coefficients) @ size ** np.arange(4)
    assert trace.at(time)[0] == pytest.approx(cubic(time / 1e9), abs=1e-7 * scale)
    mean = (cubic.integ()(size) - cubic.integ()(0.0)) / size
    assert trace.mean(Ticks(0), end)[0] == pytest.approx(mean, abs=1e-7 * scale)


@pytest.mark.parametrize(("shape", "moves"), [((), True), ((2,), False)])
def test_a_scalar_named_like_an_element_moves_and_an_element_does_not(shape, moves):
    """FMI 2.0 so names what Modelica has in arrays: scalars; elements of FMI 3.0 arrays have no rates."""
    description = describe({"u[1]": 0.0}, ["y"], capabilities=TAKING)
    if shape:
        array = Variable("u", Causality.INPUT, shape=shape)
        description = replace(description, variables={"u": array} | dict(description.variables))
    told = []

    class Element(FakeInstance, AbstractInterpolating):
        def write_derivatives(self, group, order, values):
            told.append(order)

    receiver = Element("e", description, lambda v, time, size: v.update(y=v["u[1]"]))
    flowsheet = Flowsheet(wave=Wave(), e=receiver).connect("wave.y", "e.u[1]")
    outcome = flowsheet.run(phase("run", "wave e", 1.0, 0.1), algorithm=GaussSeidel(1), recorded={"e": ("y",)})
    assert outcome.status == "completed", outcome.reason
    assert (1 in told) is moves
