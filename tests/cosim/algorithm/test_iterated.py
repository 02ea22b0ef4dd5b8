"""Iterated: loops agree, the rest is stepped once, what does not converge is named."""

import itertools

import pytest
from fakes import UNABLE, Flowsheet, lag, phase, tank
from two_mass import error, run_two_mass, two_mass

from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.iterated import Iterated


def test_order_two():
    errors = [run_two_mass(Iterated(), step)[0] for step in (16e-3, 8e-3, 4e-3)]
    ratios = [coarse / fine for coarse, fine in itertools.pairwise(errors)]
    assert ratios == pytest.approx([4.0, 4.0], rel=0.25)


def test_components_outside_the_loop_are_stepped_once():
    flowsheet = Flowsheet(before=lag("before", 1.0), a=lag("a", 1.0), b=lag("b", 1.0), after=lag("after", 1.0))
    flowsheet.connect("a.y", "b.u").connect("b.y", "a.u").connect("b.y", "after.u")
    flowsheet.run(phase("run", "before a b after", 1.0, 0.1), algorithm=Iterated())
    steps = {name: len(instance.steps) for name, instance in flowsheet.instances.items()}
    assert steps["before"] == steps["after"] == 10
    assert steps["a"] == steps["b"] >= 20


def test_what_does_not_converge_is_named():
    algorithm = Iterated(relative=1e-14, absolute=0.0, most_iterations=2)
    outcome = two_mass().run(phase("run", "left right", 2.0, 0.5), algorithm=algorithm)
    assert outcome.status == "failed"
    assert "A loop did not converge in the step from t = 0" in outcome.reason
    assert "after 2 iterations some residuals are larger than 1e-14 × the output + 0: " in outcome.reason
    assert "right.force = " in outcome.reason
    assert "left.v1 = " in outcome.reason


def test_streams_alone_are_not_iterated():
    flowsheet = Flowsheet(a=tank("a", amount=2.0, flow=2e-3), b=tank("b", amount=0.5, flow=2e-3))
    flowsheet.stream("a.out", "b.in").stream("b.out", "a.in")
    flowsheet.run(phase("run", "a b", 100.0, 10.0), algorithm=Iterated())
    assert len(flowsheet.instances["a"].steps) == 10


def test_without_rollback_it_is_gauss_seidel():
    ours, other = two_mass(UNABLE), two_mass(UNABLE)
    ours.run(phase("run", "left right", 1.0, 0.01), algorithm=Iterated())
    other.run(phase("run", "left right", 1.0, 0.01), algorithm=GaussSeidel(2))
    assert error(ours) == error(other)


def test_a_strongly_coupled_loop_takes_few_passes():
    """Left and right gain 3 each way with small time constants: repetition alone diverges."""
    flowsheet = (
        Flowsheet(a=lag("a", 0.1), b=lag("b", 0.1, y0=1.0)).connect("a.y", "b.u", -3.0).connect("b.y", "a.u", 3.0)
    )
    outcome = flowsheet.run(phase("run", "a b", 2.0, 0.2), algorithm=Iterated())
    assert outcome.status == "completed", outcome.reason
    assert len(flowsheet.instances["a"].steps) < 10 * 7
