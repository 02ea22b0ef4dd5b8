import math

import numpy as np
import pytest
from fakes import FakeInstance, Flowsheet, Recorder, describe, lag, phase, tank

from cosim.clock import to_ticks
from cosim.errors import ProblemList, ResultError, StepError, StructureError
from cosim.system.experiment import Comparison, LedgerTolerance, Setting, Signal, Until
from cosim.system.variable import VariableName


def breaks(at: float, name: str = "broken", value: float = math.nan) -> FakeInstance:
    return FakeInstance(name, describe(["u"], ["y"]), lambda v, t, h: v.update(y=value if t + h >= at else 0.0))


def raises(at: float) -> FakeInstance:
    def step(v, time, size):
        if time + size >= at:
            raise ValueError("out of range")

    return FakeInstance("broken", describe(["u"], ["y"]), step)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_value_that_is_not_finite_names_the_variable(value):
    flowsheet = Flowsheet(good=lag("good", 1.0), broken=breaks(3.0, value=value)).connect("good.y", "broken.u")
    outcome = flowsheet.run(phase("run", "good broken", 10.0, 1.0))
    assert outcome.status == "failed"
    assert outcome.reason.startswith(f"broken.y became {value} at t = 2 s, which is not a finite number.")
    assert outcome.failure["component"] == "broken"
    assert outcome.failure["variable"] == "y"
    assert outcome.failure["time"] == 2.0
    assert outcome.failure["inputs"] == {"u": 0.0}


def test_failed_step_ends_everything_else():
    flowsheet = Flowsheet(good=lag("good", 1.0), broken=raises(3.0))
    outcome = flowsheet.run(phase("run", "good broken", 10.0, 1.0))
    good, broken = flowsheet.instances["good"], flowsheet.instances["broken"]
    assert "Step failed at t = 2 s in 'broken': its function raised ValueError: out of range." in outcome.reason
    assert good.calls[-1] == "terminate"
    assert "terminate" not in broken.calls
    assert good.is_freed
    assert broken.is_freed
    assert len(broken.steps) == 3
    assert flowsheet.recorder.outcome is outcome
    assert flowsheet.recorder.times("good") == [0.0, 1.0, 2.0]
    assert outcome.happenings[-1].kind == "phase-end"


def test_dead_unit_is_not_read_for_the_ledger():
    def step(v, time, size):
        if time >= 20.0:
            raise ValueError("dry")

    broken = FakeInstance("broken", describe([], ["held_x"]), step)
    outcome = Flowsheet(a=tank("a"), broken=broken).stream("a.out").run(phase("run", "a broken", 50.0, 10.0))
    assert outcome.status == "failed"
    assert outcome.ledger == {}


def test_failure_while_locating_frees_everything():
    def step(v, time, size):
        v["y"] = time + size
        if 0.0 < size < 10.0:
            raise ValueError("too short")

    flowsheet = Flowsheet(a=FakeInstance("a", describe([], ["y"]), step))
    ending = Until((Comparison(VariableName("a", "y"), ">", 15.0),), to_ticks(100.0))
    outcome = flowsheet.run(phase("run", "a", None, 10.0, ending=ending))
    assert "too short" in outcome.reason
    assert flowsheet.instances["a"].is_freed


def test_failure_in_initialisation_is_told():
    outcome = Flowsheet(broken=raises(0.0)).run(phase("run", "broken", 10.0, 1.0))
    assert outcome.status == "failed"
    assert outcome.failure["component"] == "broken"


def test_stop_leaves_what_there_is():
    flowsheet = Flowsheet(a=tank("a")).stream("a.out")
    answers = iter([False, False, True])
    outcome = flowsheet.run(phase("run", "a", 100.0, 10.0), should_stop=lambda: next(answers))
    assert (outcome.status, outcome.time) == ("stopped", 30_000_000_000)
    assert outcome.phases[0].ended_by == "stopped"
    assert outcome.ledger["volume"].flowsheet.held == 1.0
    assert flowsheet.instances["a"].calls[-1] == "terminate"


def leaky() -> Flowsheet:
    """Send twice what leaves."""
    vessel = tank("vessel", flow=1e-3, amount=1.0)
    inner = vessel.inner._function

    def step(v, time, size):
        before = v.get("out.m_x_total", 0.0)
        inner(v, time, size)
        v["held_x"] -= v["out.m_x_total"] - before

    vessel.inner._function = step
    return Flowsheet(vessel=vessel).stream("vessel.out")


def test_balance_that_does_not_close_names_unit_and_species():
    flowsheet = leaky()
    outcome = flowsheet.run(phase("run", "vessel", 100.0, 10.0))
    assert outcome.status == "failed"
    assert outcome.reason.startswith("The balance of x over 'vessel' does not close:")
    assert outcome.ledger["x"].units["vessel"].closure > 0.05
    assert flowsheet.recorder.outcome is outcome


def test_outlet_that_leads_nowhere_is_named_where_something_is_lost():
    outcome = Flowsheet(a=tank("a", flow=1e-3)).run(phase("run", "a", 100.0, 10.0))
    assert outcome.status == "failed"
    assert outcome.reason.startswith("The balance of volume over 'a' does not close: 0.1 m3 of 1 m3 are unexplained")
    assert outcome.reason.endswith("What leaves through a.out, which leads nowhere, is lost.")
    assert outcome.failure["component"] == "a"


def test_tolerance_of_a_unit_is_forgiven_the_flowsheet():
    outcome = leaky().run(phase("run", "vessel", 100.0, 10.0), ledger=LedgerTolerance(components={"vessel": 0.2}))
    assert outcome.status == "completed"


def test_observer_that_cannot_go_on_ends_the_run_and_frees_everything():
    class Full(Recorder):
        def sampled(self, component, time, values):
            if time > 0:
                raise ResultError("The disk is full.")

    flowsheet = Flowsheet(a=lag("a", 1.0))
    flowsheet.recorder = Full()
    with pytest.raises(ResultError, match="The disk is full"):
        flowsheet.run(phase("run", "a", 10.0, 1.0))
    assert flowsheet.instances["a"].is_freed
    assert flowsheet.recorder.outcome.status == "failed"


def test_an_interrupt_in_the_middle_of_a_step_is_told_and_raised_again():
    def step(v, time, size):
        if time >= 20.0:
            raise KeyboardInterrupt
        v["held_x"] = 1.0

    flowsheet = Flowsheet(a=FakeInstance("a", describe([], ["held_x"]), step))
    with pytest.raises(KeyboardInterrupt):
        flowsheet.run(phase("run", "a", 50.0, 10.0))
    outcome = flowsheet.recorder.outcome
    assert (outcome.status, outcome.time, outcome.ledger) == ("stopped", to_ticks(20.0), {})
    assert outcome.phases[0].ended_by == "interrupted"
    assert flowsheet.instances["a"].is_freed


def test_problems_are_raised_together_before_anything_runs():
    flowsheet = Flowsheet(a=lag("a", 1.0)).connect("a.z", "a.u").connect("b.y", "a.u")
    with pytest.raises(ProblemList, match="has no variable 'z'") as caught:
        flowsheet.run(phase("run", "a", 10.0, 1.0), recorded={})
    assert len(caught.value.problems) == 3
    assert all(isinstance(problem, StructureError) for problem in caught.value.problems)
    assert flowsheet.instances["a"].calls == []
    assert flowsheet.instances["a"].is_freed


def test_signals_drive_inputs():
    times = np.array([0, 10_000_000_000], dtype=np.int64)
    for interpolation, expected in (("linear", [0.0, 2.5, 5.0, 7.5, 10.0, 10.0]), ("hold", [0.0] * 4 + [10.0] * 2)):
        flowsheet = Flowsheet(a=lag("a", 1.0))
        signal = Signal(VariableName("a", "u"), times, np.array([0.0, 10.0]), interpolation)
        flowsheet.run(phase("run", "a", 15.0, 2.5), signals=(signal,))
        assert [item["u"] for item in flowsheet.instances["a"].delivered] == pytest.approx(expected)


def test_costs_are_counted():
    outcome = Flowsheet(a=lag("a", 1.0)).run(phase("run", "a", 10.0, 1.0))
    assert outcome.costs["a"].steps == 10
    assert outcome.costs["a"].seconds > 0.0


def test_terminating_instance_fails_the_run():
    class Quits(FakeInstance):
        def step(self, time, size):
            from cosim.instance.contract import StepOutcome

            return StepOutcome(time + size, is_terminated=True)

    outcome = Flowsheet(a=Quits("a", describe([], ["y"]), lambda v, t, h: None)).run(phase("run", "a", 10.0, 1.0))
    assert outcome.reason == "'a' asked to end the simulation at t = 0 s."


def test_step_errors_while_terminating_change_nothing():
    class Grumbles(FakeInstance):
        def terminate(self):
            raise StepError("no")

    outcome = Flowsheet(a=Grumbles("a", describe([], ["y"]), lambda v, t, h: None)).run(phase("run", "a", 10.0, 1.0))
    assert outcome.status == "completed"


def test_setting_outside_a_phase_is_gone():
    flowsheet = Flowsheet(a=lag("a", 1.0))
    flowsheet.run(phase("run", "a", 2.0, 1.0, settings=(Setting(VariableName("a", "u"), 3.0),)))
    assert [item["u"] for item in flowsheet.instances["a"].delivered] == [3.0, 3.0]
