"""Jacobi with extrapolated inputs: orders, independence of the order, unequal steps."""

import itertools

import pytest
from fakes import FakeInstance, Flowsheet, describe, lag, phase
from two_mass import run_two_mass

from cosim.algorithm.jacobi import Jacobi


def ratios(algorithm, steps, **options):
    errors = [run_two_mass(algorithm, step, **options)[0] for step in steps]
    return [coarse / fine for coarse, fine in itertools.pairwise(errors)]


@pytest.mark.parametrize("degree", [1, 2])
def test_halving_the_step_quarters_the_error(degree):
    assert ratios(Jacobi(degree), (2e-3, 1e-3, 5e-4)) == pytest.approx([4.0, 4.0], rel=0.12)


def test_inputs_held_are_of_order_one():
    assert ratios(Jacobi(), (5e-4, 2.5e-4), duration=0.5) == pytest.approx([2.0], rel=0.15)


@pytest.mark.parametrize(("degree", "expected"), [(0, [0.0, 1.0, 4.0, 9.0]), (1, [0.0, 1.5, 5.5, 11.5])])
def test_inputs_are_means_of_the_extrapolated_polynomial(degree, expected):
    parabola = FakeInstance("p", describe([], ["y"]), lambda v, t, h: v.update(y=(t + h) ** 2))
    flowsheet = Flowsheet(p=parabola, lag=lag("lag", 1.0)).connect("p.y", "lag.u")
    flowsheet.run(phase("run", "p lag", 4.0, 1.0), algorithm=Jacobi(degree))
    assert [item["u"] for item in flowsheet.instances["lag"].delivered] == pytest.approx(expected)


def test_a_parabola_is_followed_exactly_by_degree_two():
    parabola = FakeInstance("p", describe([], ["y"]), lambda v, t, h: v.update(y=(t + h) ** 2))
    flowsheet = Flowsheet(p=parabola, lag=lag("lag", 1.0)).connect("p.y", "lag.u")
    flowsheet.run(phase("run", "p lag", 5.0, 1.0), algorithm=Jacobi(2))
    delivered = [item["u"] for item in flowsheet.instances["lag"].delivered]
    assert delivered[2:] == pytest.approx([((i + 1) ** 3 - i**3) / 3 for i in (2, 3, 4)])


def test_unequal_steps_keep_order_two():
    steps = (4e-3, 2e-3, 1e-3)
    errors = [run_two_mass(Jacobi(1), step, step_sizes={"left": step / 2})[0] for step in steps]
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.2)
