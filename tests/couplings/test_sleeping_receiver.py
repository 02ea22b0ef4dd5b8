"""A ⇒ B with B asleep: nothing may flow."""

from fakes import Flowsheet, after, phase, tank

from cosim.system.experiment import Setting
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
