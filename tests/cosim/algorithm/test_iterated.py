"""Iterated: loops agree, the rest is stepped once, what does not converge is named."""

import itertools
import math

import pytest
from fakes import UNABLE, Flowsheet, lag, phase, tank
from two_mass import error, run_two_mass, two_mass

from cosim.algorithm.adaptive import Adaptive
from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.iterated import Iterated
from cosim.algorithm.jacobi import Jacobi
from cosim.algorithm.suitability import degradations
from cosim.system.experiment import Experiment


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


@pytest.mark.parametrize(("unable", "n_warnings"), [("before", 0), ("after", 0), ("a", 1), ("pump", 1)])
def test_only_what_is_joined_with_a_loop_has_to_go_back(unable, n_warnings):
    instances = {name: lag(name, 1.0) for name in ("before", "a", "b", "after", "pump")}
    instances[unable] = lag(unable, 1.0, capabilities=UNABLE)
    flowsheet = Flowsheet(**instances).connect("before.y", "a.u").connect("a.y", "b.u").connect("b.y", "after.u")
    flowsheet.connect("b.y", "pump.u").connect("pump.y", "a.u")
    experiment = Experiment((phase("run", " ".join(instances), 1.0, 0.1),))
    warnings = degradations(Iterated(), "iterated", flowsheet.structure, experiment)
    assert len(warnings) == n_warnings
    assert all(f"'{unable}' cannot go back in time" in warning for warning in warnings)


def test_a_strongly_coupled_loop_takes_few_passes():
    """Left and right gain 3 each way with small time constants: repetition alone diverges."""
    flowsheet = (
        Flowsheet(a=lag("a", 0.1), b=lag("b", 0.1, y0=1.0)).connect("a.y", "b.u", -3.0).connect("b.y", "a.u", 3.0)
    )
    outcome = flowsheet.run(phase("run", "a b", 2.0, 0.2), algorithm=Iterated())
    assert outcome.status == "completed", outcome.reason
    assert len(flowsheet.instances["a"].steps) < 10 * 7


@pytest.mark.parametrize("correction", ["newton", "relaxation", "aitken"])
def test_other_corrections_find_the_same(correction):
    algorithm = Iterated(correction=correction, relaxation=0.7, relative=1e-10, most_iterations=100)
    exact = Iterated(relative=1e-10)
    flowsheets = [
        Flowsheet(a=lag("a", 0.1), b=lag("b", 0.1, y0=1.0)).connect("a.y", "b.u", -1.0).connect("b.y", "a.u", 1.0)
        for _ in range(2)
    ]
    for flowsheet, chosen in zip(flowsheets, (algorithm, exact), strict=True):
        assert flowsheet.run(phase("run", "a b", 2.0, 0.2), algorithm=chosen).status == "completed"
    ours, theirs = (flowsheet.instances["a"].inner.values["y"] for flowsheet in flowsheets)
    assert ours == pytest.approx(theirs, abs=1e-8)
    assert abs(theirs) > 1e-5


def test_full_repetition_diverges_where_half_of_the_way_converges():
    def run(share: float):
        flowsheet = Flowsheet(a=lag("a", 0.1), b=lag("b", 0.1, y0=1.0))
        flowsheet.connect("a.y", "b.u", -3.0).connect("b.y", "a.u", 3.0)
        algorithm = Iterated(correction="relaxation", relaxation=share, most_iterations=200)
        return flowsheet.run(phase("run", "a b", 2.0, 0.2), algorithm=algorithm)

    assert run(0.3).status == "completed"
    assert "did not converge" in run(1.0).reason


@pytest.mark.parametrize("algorithm", [Jacobi(), Jacobi(1), GaussSeidel(), GaussSeidel(1), Iterated(), Adaptive()])
def test_components_with_steps_of_their_own_are_taken_by_all(algorithm):
    """Two lags that gain 1 each way give a = e⁻ᵗ sin t and b = e⁻ᵗ cos t."""
    flowsheet = (
        Flowsheet(a=lag("a", 1.0), b=lag("b", 1.0, y0=1.0)).connect("a.y", "b.u", -1.0).connect("b.y", "a.u", 1.0)
    )
    sizes = {"a": 0.005}
    outcome = flowsheet.run(phase("run", "a b", 1.0, 0.01, step_sizes=sizes), algorithm=algorithm)
    assert outcome.status == "completed", outcome.reason
    assert [len(flowsheet.instances[name].steps) for name in "ab"] == [200, 100]
    assert flowsheet.instances["a"].inner.values["y"] == pytest.approx(math.exp(-1.0) * math.sin(1.0), abs=3e-3)
    assert flowsheet.instances["b"].inner.values["y"] == pytest.approx(math.exp(-1.0) * math.cos(1.0), abs=3e-3)
