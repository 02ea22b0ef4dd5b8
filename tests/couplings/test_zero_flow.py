"""A ⇒ B where A's flow stops, or turns back: composition and temperature stay as they were."""

from dataclasses import replace

import pytest
from fakes import Flowsheet, phase, source, tank

from cosim.system.ports import find_ports


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
    assert outcome.reason.endswith("write 'reversible' in the description of the flow at both ends.")
    assert outcome.failure["component"] == "a"


def reversible(instance, flow):
    """Say in the description of ``flow`` that it may become negative."""
    description = instance.description
    declared = replace(description.variables[flow], description="Flow, reversible")
    variables = {**description.variables, flow: declared}
    instance.inner._description = replace(description, variables=variables, ports=find_ports(variables))
    return instance


def test_backflow_between_reversible_ports_is_delivered():
    a = reversible(source("a", lambda t: 1e-3 if t < 20.0 else -1e-3), "out.V_flow")
    flowsheet = Flowsheet(a=a, b=reversible(tank("b"), "in.V_flow")).stream("a.out", "b.in").stream("b.out")
    outcome = flowsheet.run(phase("run", "a b", 60.0, 20.0))
    assert outcome.status == "completed", outcome.reason
    flows = [inputs["in.V_flow"] for inputs in flowsheet.instances["b"].delivered]
    assert flows[1:] == pytest.approx([-1e-3, -1e-3])
    volume = outcome.ledger["volume"].units["b"]
    assert volume.entered == pytest.approx(sum(flows) * 20.0)
    assert volume.closure < 1e-12


def test_backflow_is_there_at_initialisation():
    a = reversible(source("a", lambda t: -1e-3), "out.V_flow")
    flowsheet = Flowsheet(a=a, b=reversible(tank("b"), "in.V_flow")).stream("a.out", "b.in").stream("b.out")
    flowsheet.run(phase("run", "a b", 20.0, 20.0), recorded={"b": ("in.V_flow",)})
    assert flowsheet.recorder.series("b.in.V_flow")[0] == (0.0, -1e-3)
