"""Conditions that hold already when they begin to be watched act at that moment."""

import pytest
from fakes import FakeInstance, Flowsheet, after, describe, lag, phase, tank

from cosim.clock import to_ticks
from cosim.system.experiment import Collect, Comparison, Duration, Event, PhaseStep, Setting, Until
from cosim.system.variable import VariableName

V = VariableName.parse


def when(left: str, operator: str, right: float) -> Comparison:
    return Comparison(V(left), operator, right, text=f"{left} {operator} {right:g}")


def until(*conditions: Comparison) -> Until:
    return Until(conditions, to_ticks(1e4))


def valve(name: str) -> FakeInstance:
    """y is what u is, at once."""
    instance = FakeInstance(name, describe(["u"], ["y"]), lambda v, time, size: None)
    read = instance.inner.read

    def read_through(group, values):
        instance.inner.values["y"] = instance.inner.values["u"]
        read(group, values)

    instance.inner.read = read_through
    return instance


def records(outcome) -> list[tuple[str, float, float]]:
    return [(item.step or item.phase, item.start / 1e9, item.end / 1e9) for item in outcome.phases]


def test_a_phase_takes_no_time_and_its_components_begin_with_it():
    flowsheet = Flowsheet(a=lag("a", 1.0, y0=3.0), b=lag("b", 1.0))
    outcome = flowsheet.run(
        phase("one", "a", None, 1.0, ending=until(when("a.y", ">", 2.0))),
        phase("two", "a b", 2.0, 1.0, start=after("one")),
    )
    assert records(outcome) == [("one", 0.0, 0.0), ("two", 0.0, 2.0)]
    assert [len(instance.steps) for instance in flowsheet.instances.values()] == [2, 2]


def test_a_run_may_take_no_time_at_all():
    outcome = Flowsheet(a=lag("a", 1.0, y0=3.0)).run(phase("one", "a", None, 1.0, ending=until(when("a.y", ">", 2.0))))
    assert (outcome.status, outcome.time) == ("completed", 0)


def test_steps_that_have_nothing_to_do_are_passed_over_in_every_cycle():
    flowsheet = Flowsheet(a=tank("a", volume=1.0, flow=1e-3))
    flowsheet.stream("a.out")
    steps = (
        PhaseStep("empty", until(when("a.level", "<", 0.95))),
        PhaseStep("wait", Duration(to_ticks(10.0)), (Setting(V("a.flow"), 0.0),)),
    )
    outcome = flowsheet.run(phase("run", "a", None, 5.0, steps=steps, repeat=3))
    lasted = [end - start for name, start, end in records(outcome) if name == "empty"]
    assert lasted == [pytest.approx(50.0, abs=2e-3), 0.0, 0.0]
    assert outcome.time / 1e9 == pytest.approx(80.0, abs=2e-3)


def test_an_event_happens_at_the_start():
    event = Event((Setting(V("a.u"), 5.0),), condition=when("a.y", "<", 1.0))
    flowsheet = Flowsheet(a=lag("a", 1.0))
    outcome = flowsheet.run(phase("run", "a", 3.0, 1.0), events=(event,))
    assert [item.time for item in outcome.happenings if item.kind == "event"] == [0]
    assert flowsheet.instances["a"].delivered == [{"u": 5.0}] * 3


def test_an_event_happens_when_its_component_begins():
    event = Event((Setting(V("a.u"), 5.0),), condition=when("b.y", "<", 1.0))
    flowsheet = Flowsheet(a=lag("a", 1.0), b=lag("b", 1.0))
    outcome = flowsheet.run(
        phase("one", "a", 2.0, 1.0), phase("two", "a b", 2.0, 1.0, start=after("one")), events=(event,)
    )
    assert [item.time / 1e9 for item in outcome.happenings if item.kind == "event"] == [2.0]
    assert [inputs["u"] for inputs in flowsheet.instances["a"].delivered] == [0.0, 0.0, 5.0, 5.0]


def test_an_event_that_repeats_happens_once_while_its_condition_lasts():
    event = Event((Setting(V("a.u"), 5.0),), condition=when("a.y", ">", -1.0), repeats=True)
    outcome = Flowsheet(a=lag("a", 1.0)).run(phase("run", "a", 5.0, 1.0), events=(event,))
    assert [item.time for item in outcome.happenings if item.kind == "event"] == [0]


def test_collecting_begins_and_ends_with_its_step():
    collect = Collect(V("a.u"), when("b.y", ">", 1.0), when("b.y", "<", 3.0))
    step = PhaseStep("elute", Duration(to_ticks(2.0)), collects=(collect,))
    flowsheet = Flowsheet(a=lag("a", 1.0), b=lag("b", 1.0, y0=4.0))
    outcome = flowsheet.run(phase("run", "a b", None, 1.0, steps=(step,)))
    began, ended = (item.time / 1e9 for item in outcome.happenings if item.kind == "collect")
    assert began == 0.0
    assert ended == pytest.approx(0.2877, abs=2e-3)  # 4 e⁻ᵗ = 3
    assert flowsheet.instances["a"].delivered[0] == {"u": 1.0}


@pytest.mark.parametrize("last", ["valve", "second"])
@pytest.mark.parametrize(("u", "expected"), [(1.0, 4.0), (0.0, 2.0)])
def test_what_a_step_sets_counts_before_its_condition_is_judged(u, expected, last):
    """The valve was closed; a step that opens it and waits until it, or the next, is closed has to wait."""
    flowsheet = Flowsheet(valve=valve("valve"), second=valve("second")).connect("valve.y", "second.u")
    steps = (
        PhaseStep("shut", Duration(to_ticks(2.0)), (Setting(V("valve.u"), 0.0),)),
        PhaseStep("open", until(when(f"{last}.y", "<", 0.5)), (Setting(V("valve.u"), u),)),
    )
    close = Event((Setting(V("valve.u"), 0.0),), time=to_ticks(3.0))
    outcome = flowsheet.run(phase("run", "valve second", None, 1.0, steps=steps), events=(close,))
    assert outcome.time / 1e9 == pytest.approx(expected, abs=1.0)
    assert (outcome.time == to_ticks(2.0)) is (u == 0.0)
