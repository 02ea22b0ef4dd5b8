"""A ⇒ B where B sets the flow: B's demand reaches A, A's flow reaches B."""

import pytest
from fakes import FakeInstance, Flowsheet, after, describe, phase, tank


def drinker() -> FakeInstance:
    def step(v, time, size):
        v["in.demand"] = 2e-3 if time + size < 50.0 else 0.0

    return FakeInstance("drinker", describe({"in.V_flow": 0.0, "in.T": 300.0, "in.c_x": 0.0}, ["in.demand"]), step)


def test_demand_travels_against_the_stream():
    flowsheet = Flowsheet(a=tank("a", amount=4.0), b=drinker()).stream("a.out", "b.in")
    outcome = flowsheet.run(phase("run", "a b", 100.0, 10.0))
    flows = [inputs["in.V_flow"] for inputs in flowsheet.instances["b"].delivered]
    assert flows == pytest.approx([2e-3] * 5 + [0.0] * 5)
    assert outcome.ledger["volume"].flowsheet.left == pytest.approx(0.1)


def test_demand_of_a_sleeper_is_zero():
    flowsheet = Flowsheet(a=tank("a", amount=4.0), b=drinker()).stream("a.out", "b.in")
    flowsheet.run(phase("both", "a b", 20.0, 10.0), phase("alone", "a", 20.0, 10.0, start=after("both")))
    assert [inputs["out.demand"] for inputs in flowsheet.instances["a"].delivered] == [2e-3, 2e-3, 0.0, 0.0]


def test_demand_does_not_count_while_the_sender_is_asleep():
    flowsheet = Flowsheet(a=tank("a", amount=4.0), b=drinker()).stream("a.out", "b.in")
    outcome = flowsheet.run(
        phase("both", "a b", 20.0, 10.0),
        phase("alone", "b", 10.0, 10.0, start=after("both")),
        phase("again", "a b", 10.0, 10.0, start=after("alone")),
    )
    assert outcome.status == "completed", outcome.reason
    assert [inputs["out.demand"] for inputs in flowsheet.instances["a"].delivered] == [2e-3, 2e-3, 0.0, 2e-3]
