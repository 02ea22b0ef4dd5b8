"""A ⇄ B with y = 2 u + 1 in both: no value can be computed first; refused unless the algorithm solves it."""

from dataclasses import replace

import pytest
from fakes import ABLE, UNABLE, FakeInstance, Flowsheet, after, describe, lag, phase

from cosim.algorithm.iterated import Iterated
from cosim.algorithm.jacobi import Jacobi
from cosim.clock import to_ticks
from cosim.errors import StructureError
from cosim.system.component import ComponentDescription
from cosim.system.experiment import Comparison, Experiment, Until
from cosim.system.validation import examine
from cosim.system.variable import VariableName

RUN = phase("run", "a b", 5.0, 1.0)


def stating(description: ComponentDescription, **feedthrough: frozenset[str]) -> ComponentDescription:
    return replace(description, feedthrough=feedthrough)


def gain(name: str) -> FakeInstance:
    def step(v: dict[str, float], time: float, size: float) -> None:
        v["y"] = 2.0 * v["u"] + 1.0

    return FakeInstance(name, stating(describe(["u"], ["y"]), y=frozenset({"u"})), step)


def holding(name: str) -> FakeInstance:
    inner = lag(name, 1.0)
    inner.inner._description = stating(inner.description, y=frozenset())
    return inner


def ring(a: FakeInstance, b: FakeInstance) -> Flowsheet:
    return Flowsheet(a=a, b=b).connect("a.y", "b.u").connect("b.y", "a.u")


@pytest.mark.parametrize("algorithm", [None, Jacobi()])
def test_feedthrough_all_round_is_refused(algorithm):
    with pytest.raises(
        StructureError, match=r"algebraic loop: a\.y -> b\.u -> b\.y -> a\.u -> a\.y\. .*'algorithm: iterated'"
    ):
        ring(gain("a"), gain("b")).run(RUN, algorithm=algorithm)


def test_a_state_breaks_the_loop():
    assert examine(ring(gain("a"), holding("b")).structure, Experiment((RUN,))) == ([], [])


def test_what_is_not_stated_is_a_warning():
    problems, warnings = examine(ring(gain("a"), lag("b", 1.0)).structure, Experiment((RUN,)))
    assert problems == []
    assert len(warnings) == 1
    assert warnings[0].startswith("The connections may make an algebraic loop: a.y -> b.u -> b.y -> a.u -> a.y.")


def test_a_component_connected_to_itself():
    flowsheet = Flowsheet(a=gain("a")).connect("a.y", "a.u")
    problems, _ = examine(flowsheet.structure, Experiment((phase("run", "a", 5.0, 1.0),)))
    assert "algebraic loop: a.y -> a.u -> a.y." in problems[0].message


class Gain(FakeInstance):
    """y = 2 u + 1, computed whenever it is read."""

    def read(self, group, values):
        v = self.inner.values
        v["y"] = 2.0 * v["u"] + 1.0
        self.inner.read(group, values)


def direct(name: str, capabilities=ABLE) -> FakeInstance:
    description = stating(describe(["u"], ["y"], capabilities=capabilities), y=frozenset({"u"}))
    return Gain(name, description, lambda v, t, h: None)


def test_iteration_solves_a_loop_that_repetition_does_not():
    flowsheet = ring(direct("a"), direct("b"))
    outcome = flowsheet.run(RUN, algorithm=Iterated())
    assert outcome.status == "completed", outcome.reason
    assert flowsheet.recorder.series("a.y")[-1][1] == pytest.approx(-1.0, rel=1e-6)
    assert flowsheet.recorder.series("b.y")[-1][1] == pytest.approx(-1.0, rel=1e-6)


@pytest.mark.parametrize(
    ("a", "run", "message"),
    [
        (direct("a", UNABLE), RUN, "'a' cannot go back in time, which solving the loop takes"),
        (
            direct("a"),
            phase("run", "a b", 5.0, 1.0, step_sizes={"a": 0.5}),
            "Components run with unequal steps in phase 'run'",
        ),
    ],
)
def test_iteration_that_cannot_solve_is_refused(a, run, message):
    with pytest.raises(StructureError, match=message):
        ring(a, direct("b")).run(run, algorithm=Iterated())


def until_high() -> Until:
    return Until((Comparison(VariableName("c", "y"), ">", 0.5),), to_ticks(5.0))


@pytest.mark.parametrize(
    ("start", "is_refused"),
    [(after("waiting"), False), (after("filling"), True), (after("waiting", "start"), True)],
)
def test_steps_of_other_phases_count_unless_they_are_known_to_be_over(start, is_refused):
    """How long 'filling' lasts is not known; what waits for the end of 'waiting' meets neither."""
    flowsheet = Flowsheet(a=direct("a"), b=direct("b"), c=lag("c", 1.0)).connect("a.y", "b.u").connect("b.y", "a.u")
    phases = (
        phase("filling", "c", None, 0.5, ending=until_high()),
        phase("waiting", "c", 1.0, 0.5, start=after("filling")),
        replace(RUN, start=start),
    )
    problems, _ = examine(flowsheet.structure, Experiment(phases), solves_loops=True)
    assert any("Components run with unequal steps" in problem.message for problem in problems) is is_refused
