"""A ⇒ B where A's flow stops: composition and temperature stay as they were."""

import pytest
from fakes import Flowsheet, phase, source, tank


def test_composition_stays():
    flowsheet = Flowsheet(a=source("a", lambda t: 1e-3 if t < 20.0 else 0.0, c=2.0), b=tank("b"))
    flowsheet.stream("a.out", "b.in").stream("b.out").run(phase("run", "a b", 60.0, 10.0))
    inputs = flowsheet.instances["b"].delivered
    assert [item["in.V_flow"] for item in inputs][3:] == [0.0, 0.0, 0.0]
    assert [item["in.c_x"] for item in inputs] == pytest.approx([2.0] * 6)


def test_backflow_is_an_error():
    flowsheet = Flowsheet(a=source("a", lambda t: 1e-3 if t < 20.0 else -1e-3), b=tank("b"))
    outcome = flowsheet.stream("a.out", "b.in").stream("b.out").run(phase("run", "a b", 60.0, 10.0))
    assert outcome.status == "failed"
    assert outcome.reason.startswith("Stream a.out => b.in flows backwards: a.out took back")
    assert outcome.failure["component"] == "a"
