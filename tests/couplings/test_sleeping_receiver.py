"""A ⇒ B with B asleep: nothing may flow."""

import pytest
from fakes import UNABLE, Flowsheet, after, phase, source, tank

from cosim.algorithm.jacobi import Jacobi
from cosim.clock import to_ticks
from cosim.system.experiment import Comparison, Setting, Until
from cosim.system.variable import VariableName

OPEN = Setting(VariableName("a", "flow"), 1e-3)


def make() -> Flowsheet:
    return Flowsheet(a=tank("a"), b=tank("b")).stream("a.out", "b.in").stream("b.out")


def test_flow_into_a_sleeper_names_both():
    outcome = make().run(
        phase("both", "a b", 20.0, 10.0), phase("alone", "a", 20.0, 10.0, settings=(OPEN,), start=after("both"))
    )
    assert outcome.status == "failed"
    assert outcome.reason == (
        "a.out => b.in carries flow at t = 30 s, but 'b' is asleep. Make 'b' active in this phase, or stop the flow of "
        "'a'."
    )


def test_flow_into_what_never_started():
    outcome = make().run(phase("alone", "a", 20.0, 10.0, settings=(OPEN,)))
    assert "but 'b' has not started" in outcome.reason


def test_no_flow_is_fine():
    assert make().run(phase("alone", "a", 20.0, 10.0)).status == "completed"


def test_what_is_under_way_arrives_when_the_sender_has_fallen_asleep():
    flowsheet = Flowsheet(a=source("a", lambda t: 1e-3), b=tank("b", capabilities=UNABLE)).stream("a.out", "b.in")
    flowsheet.stream("b.out")
    until = Until((Comparison(VariableName("b", "level"), ">", 1.005),), to_ticks(100.0))
    flowsheet.run(
        phase("both", "a b", None, 10.0, ending=until),
        phase("alone", "b", 4.0, 2.0, start=after("both")),
        algorithm=Jacobi(),
    )
    b = flowsheet.instances["b"]
    brought = [(size, size * inputs["in.V_flow"]) for (_, size), inputs in zip(b.steps, b.delivered, strict=True)]
    assert brought == [(10.0, 0.0), (10.0, pytest.approx(0.01)), (2.0, pytest.approx(0.01)), (2.0, 0.0)]


def test_what_is_under_way_is_kept_when_the_sender_begins_anew():
    flowsheet = Flowsheet(a=tank("a", flow=1e-3, amount=1.0, capabilities=UNABLE), b=tank("b"))
    until = Until((Comparison(VariableName("a", "level"), "<", 0.975),), to_ticks(100.0))
    outcome = (
        flowsheet.stream("a.out", "b.in")
        .stream("b.out")
        .run(phase("run", "a b", None, 10.0, ending=until, repeat=2, fresh=("a",)), algorithm=Jacobi())
    )
    assert outcome.status == "completed", outcome.reason
    assert outcome.ledger["volume"].flowsheet.in_transit == pytest.approx(0.01)
    brought = [10.0 * inputs["in.V_flow"] for inputs in flowsheet.instances["b"].delivered]
    assert brought == pytest.approx([0.0, 0.01, 0.01, 0.01, 0.01, 0.01])
