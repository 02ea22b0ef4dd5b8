"""Start values that follow from one another, with models whose answers are known on paper."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from fakes import ABLE, FakeInstance, Flowsheet, describe, phase, source, tank

from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.algorithm.loop_solver import left_open
from cosim.errors import ConvergenceError
from cosim.execution.execution import Execution
from cosim.instance.abilities import AbstractDifferentiable
from cosim.instance.contract import VariableGroup
from cosim.system.experiment import Experiment, PhaseStart
from cosim.system.variable import Causality, Variable, VariableType

Rule = Callable[[float], float]


def settled(name: str, rule: Rule, *, u: float = 0.0, is_stated: bool = True, kind=FakeInstance) -> FakeInstance:
    """Begins at y = rule(u) and stays there: y is a state, which follows from u at the start only."""

    def step(v: dict[str, float], time: float, size: float) -> None:
        if size == 0.0:
            v["y"] = rule(v["u"])

    description = replace(describe({"u": u}, ["y"]), feedthrough={"y": frozenset[str]()})
    if is_stated:
        description = replace(description, initial_dependencies={"y": frozenset({"u"})})
    return kind(name, description, step)


def ring(*rules: Rule, **options) -> Flowsheet:
    names = [chr(ord("a") + i) for i in range(len(rules))]
    flowsheet = Flowsheet(**{name: settled(name, rule, **options) for name, rule in zip(names, rules, strict=True)})
    for name, following in zip(names, [*names[1:], names[0]], strict=True):
        flowsheet.connect(f"{name}.y", f"{following}.u")
    return flowsheet


def started(flowsheet: Flowsheet, *phases) -> Flowsheet:
    active = " ".join(flowsheet.instances)
    outcome = flowsheet.run(*(phases or [phase("run", active, 2.0, 1.0)]))
    assert outcome.status == "completed", outcome.reason
    return flowsheet


def first(flowsheet: Flowsheet, name: str) -> float:
    return flowsheet.recorder.series(name)[0][1]


@pytest.mark.parametrize("is_stated", [True, False])
def test_linear_loop(is_stated):
    flowsheet = started(ring(lambda u: 0.5 * u + 1.0, lambda u: -3.0 * u + 2.0, is_stated=is_stated))
    a = 2.0 / 2.5  # a = b/2 + 1, b = 2 - 3 a
    assert first(flowsheet, "a.y") == pytest.approx(a, rel=1e-8)
    assert first(flowsheet, "b.y") == pytest.approx(2.0 - 3.0 * a, rel=1e-8)


def test_inputs_and_outputs_agree_in_the_first_sample():
    flowsheet = started(ring(lambda u: 0.5 * u + 1.0, lambda u: -3.0 * u + 2.0, lambda u: u - 4.0))
    for sender, receiver in ("ab", "bc", "ca"):
        assert first(flowsheet, f"{receiver}.u") == pytest.approx(first(flowsheet, f"{sender}.y"), rel=1e-8)


def test_loop_with_its_solution_at_zero():
    flowsheet = started(ring(lambda u: 2.0 * u, lambda u: u, u=5.0))
    assert abs(first(flowsheet, "a.y")) < 1e-12


def test_small_amounts_are_solved_as_well_as_large_ones():
    flowsheet = started(ring(lambda u: 0.5 * u + 1e-12, lambda u: u))
    assert first(flowsheet, "a.y") == pytest.approx(2e-12, rel=1e-8)


def test_a_loop_of_the_smallest_number_there_is():
    flowsheet = started(ring(lambda u: u, lambda u: 0.5 * u, u=5e-324))
    assert abs(first(flowsheet, "a.y")) < 1e-280


def test_newton_is_damped():
    """A full step from u = 3 leads further and further away: arctan is too flat there."""
    flowsheet = started(ring(lambda u: u - np.arctan(u - 1.0), lambda u: u, u=4.0))
    assert first(flowsheet, "a.y") == pytest.approx(1.0, rel=1e-7)


def test_two_loops_and_what_lies_between():
    instances = {name: settled(name, lambda u: 0.5 * u + 1.0) for name in "abde"}
    flowsheet = Flowsheet(**instances, c=settled("c", lambda u: 10.0 * u))
    for wire in ("ab", "ba", "bc", "de", "ed"):
        flowsheet.connect(f"{wire[0]}.y", f"{wire[1]}.u")
    started(flowsheet)
    assert [first(flowsheet, f"{name}.y") for name in "abcde"] == pytest.approx([2, 2, 20, 2, 2], rel=1e-8)


def test_a_chain_that_states_nothing_is_no_loop():
    """c feeds a second input of a, on which nothing depends that goes on: what looks like a loop is none."""

    def step(v: dict[str, float], time: float, size: float) -> None:
        v["y"], v["back"] = v["u"] + 1.0, 7.0 * v["late"]

    middle = FakeInstance("a", describe({"u": 1.0, "late": 0.0}, ["y", "back"]), step)
    flowsheet = Flowsheet(a=middle, b=settled("b", lambda u: -5.0 * u, is_stated=False))
    started(flowsheet.connect("a.y", "b.u").connect("b.y", "a.late"))
    assert first(flowsheet, "a.back") == pytest.approx(-70.0, rel=1e-12)


def test_a_model_that_states_too_little_is_found_out():
    flowsheet = ring(lambda u: 0.5 * u + 1.0, lambda u: 0.5 * u + 1.0)
    for instance in flowsheet.instances.values():
        description = replace(instance.description, initial_dependencies={"y": frozenset[str]()})
        instance.inner._description = description
    started(flowsheet)
    assert [first(flowsheet, name) for name in ("a.y", "b.y")] == pytest.approx([2.0, 2.0], rel=1e-8)


def test_a_loop_without_solution_names_its_variables():
    outcome = ring(lambda u: u * u + 1.0, lambda u: u).run(phase("run", "a b", 2.0, 1.0))
    assert outcome.status == "failed"
    assert outcome.reason.startswith("Cannot initialise the algebraic loop of 'a' and 'b' at t = 0 s: after ")
    assert "with 1e-08 allowed. " in outcome.reason
    for name in ("a.u = ", "b.u = "):
        assert name in outcome.reason
    assert "(residual " in outcome.reason
    assert outcome.reason.endswith("break the loop with a state, such as a first-order lag.")
    assert outcome.failure["iterations"] > 0


@pytest.mark.parametrize("is_stated", [True, False])
def test_a_loop_that_leaves_its_values_open_names_them(is_stated):
    flowsheet = ring(lambda u: u, lambda u: u, u=3.0, is_stated=is_stated)
    outcome = flowsheet.run(phase("run", "a b", 2.0, 1.0))
    assert outcome.reason == (
        "Cannot initialise the algebraic loop of 'a' and 'b' at t = 0 s: it does not determine a.u = 3, b.u = 3, which "
        "could change together without a contradiction. Let something else drive one of them, or break the loop with a "
        "state, such as a first-order lag."
    )


def test_only_what_is_open_is_named():
    """b.u follows from c and from what a and d leave open: all three go round, two of them are open."""
    flowsheet = Flowsheet(a=settled("a", lambda u: u), d=settled("d", lambda u: u), b=settled("b", lambda u: 0.5))
    flowsheet.connect("a.y", "d.u").connect("d.y", "a.u").connect("a.y", "b.u")
    reason = flowsheet.run(phase("run", "a b d", 2.0, 1.0)).reason
    assert "of 'd' and 'a'" in reason or "of 'a' and 'd'" in reason
    assert "b.u" not in reason


def test_a_loop_that_contradicts_itself_says_so():
    reason = ring(lambda u: u + 1.0, lambda u: u).run(phase("run", "a b", 2.0, 1.0)).reason
    assert "after 1 iteration the residual is 1 of the values' size" in reason
    assert "There the loop's equations depend on each other" in reason


@pytest.mark.parametrize(("guess", "solution"), [(3.0, 2.0), (-4.0, -1.0)])
def test_a_start_value_of_an_input_chooses_the_solution(guess, solution):
    flowsheet = ring(lambda u: u * u - 2.0, lambda u: u)
    outcome = flowsheet.run(phase("run", "a b", 2.0, 1.0), start_values={"a": {"u": guess}, "b": {"u": guess}})
    assert outcome.status == "completed", outcome.reason
    assert first(flowsheet, "a.y") == pytest.approx(solution, rel=1e-8)


def test_a_loop_that_gives_no_number():
    outcome = ring(lambda u: float("nan"), lambda u: u).run(phase("run", "a b", 2.0, 1.0))
    assert outcome.status == "failed"
    assert "(residual nan)" in outcome.reason


def test_a_component_joins_a_loop_that_runs():
    """b begins when a has run for 2 s: it takes a's output as it is then, and a goes on with b's."""

    def count(v: dict[str, float], time: float, size: float) -> None:
        v["y"] = time + size + 0.0 * v["u"]

    counter = FakeInstance("a", describe({"u": 0.0}, ["y"]), count)
    flowsheet = Flowsheet(a=counter, b=settled("b", lambda u: 10.0 * u))
    flowsheet.connect("a.y", "b.u").connect("b.y", "a.u")
    started(flowsheet, phase("alone", "a", 2.0, 1.0), phase("both", "a b", 2.0, 1.0, start=PhaseStart(after="alone")))
    assert flowsheet.recorder.series("b.y")[0] == (2.0, 20.0)
    assert [inputs["u"] for inputs in counter.delivered] == [0.0, 0.0, 20.0, 20.0]


def test_components_of_phases_that_begin_at_once_begin_together():
    flowsheet = ring(lambda u: 0.5 * u + 1.0, lambda u: 0.5 * u + 1.0)
    started(flowsheet, phase("left", "a", 2.0, 1.0), phase("right", "b", 2.0, 1.0))
    assert first(flowsheet, "a.y") == pytest.approx(2.0, rel=1e-8)


def test_streams_take_part():
    """What leaves the tank at the start follows from what enters it, which follows from what leaves."""
    flowsheet = Flowsheet(a=source("a", lambda t: 1e-3, c=4.0), b=tank("b"))
    started(flowsheet.stream("a.out", "b.in").stream("b.out"))
    assert flowsheet.recorder.series("b.in.c_x")[0][1] == pytest.approx(4.0)


def test_integers_in_a_loop_take_what_they_are_given():
    def count(v: dict[str, float], time: float, size: float) -> None:
        v["n"] = float(v["u"] > 0.5)

    description = describe({"u": 0.0}, [])
    whole = replace(
        description,
        variables=dict(description.variables) | {"n": Variable("n", Causality.OUTPUT, type=VariableType.INT32)},
        initial_dependencies={"n": frozenset({"u"})},
        feedthrough={"n": frozenset[str]()},
    )
    gain = settled("b", lambda u: 0.25 + u)
    taken = replace(
        gain.description,
        variables=dict(gain.description.variables) | {"u": Variable("u", Causality.INPUT, type=VariableType.INT32)},
    )
    gain.inner._description = replace(taken, initial_dependencies={"y": frozenset({"u"})})
    flowsheet = Flowsheet(a=FakeInstance("a", whole, count), b=gain)
    started(flowsheet.connect("a.n", "b.u").connect("b.y", "a.u"))
    assert (first(flowsheet, "a.n"), first(flowsheet, "b.y")) == (0.0, 0.25)


class Differentiable(FakeInstance, AbstractDifferentiable):
    """Says that y = u² − 2 has the slope ``slope`` × u, and counts how often it is asked."""

    asked = 0
    slope = 2.0

    def directional_derivative(self, unknowns: VariableGroup, knowns: VariableGroup, seed, sensitivity) -> None:
        self.asked += 1
        point = np.empty(1)
        self.read(knowns, point)
        sensitivity[:] = self.slope * point * seed


class Liar(Differentiable):
    slope = 0.0


def with_derivatives(kind: type[FakeInstance], *, feeds_through: bool = True) -> Flowsheet:
    a = settled("a", lambda u: u * u - 2.0, u=3.0, kind=kind)
    a.inner._description = replace(
        a.description,
        capabilities=replace(ABLE, provides_directional_derivatives=True),
        feedthrough={"y": frozenset({"u"} if feeds_through else ())},
    )
    return Flowsheet(a=a, b=settled("b", lambda u: u, u=3.0)).connect("a.y", "b.u").connect("b.y", "a.u")


def test_directional_derivatives_are_used_where_there_are_any():
    flowsheet = started(with_derivatives(Differentiable))
    assert first(flowsheet, "a.y") == pytest.approx(2.0, rel=1e-8)
    assert flowsheet.instances["a"].asked > 0


def test_directional_derivatives_that_do_not_help_are_given_up():
    """A slope of 0 makes a fixed point iteration of it, which runs away from u = 2."""
    flowsheet = started(with_derivatives(Liar))
    assert first(flowsheet, "a.y") == pytest.approx(2.0, rel=1e-8)
    assert flowsheet.instances["a"].asked == 1


def test_directional_derivatives_know_nothing_of_initial_equations():
    flowsheet = started(with_derivatives(Differentiable, feeds_through=False))
    assert first(flowsheet, "a.y") == pytest.approx(2.0, rel=1e-8)
    assert flowsheet.instances["a"].asked == 0


def test_an_error_is_one_of_convergence():
    flowsheet = ring(lambda u: u * u + 1.0, lambda u: u)
    experiment = Experiment((phase("run", "a b", 2.0, 1.0),))
    execution = Execution(flowsheet.structure, experiment, flowsheet.instances, GaussSeidel())
    with pytest.raises(ConvergenceError, match="Cannot initialise the algebraic loop"):
        execution.start()


@pytest.mark.parametrize(
    ("slope", "expected"),
    [
        (np.zeros((3, 3)), [False, False, False]),
        ([[0.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]], [False, True, True]),  # 1 and 2 follow from each other
        ([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]], [True, True, True]),  # 2 follows from what is open
        ([[0.0, 0.5, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]], [False, False, False]),
    ],
)
def test_what_follows_from_nothing_is_not_open(slope, expected):
    assert left_open(np.array(slope), np.ones(3, dtype=np.bool_)).tolist() == expected
    padded = np.zeros((4, 4))
    padded[1:, 1:] = slope
    assert left_open(padded, np.array([False, True, True, True])).tolist() == [False, *expected]
