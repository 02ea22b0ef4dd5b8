"""→ B: an inlet without a stream whose flow is set is booked as entering."""

import pytest
from fakes import FakeInstance, Flowsheet, describe, phase, tank

from cosim.clock import to_ticks
from cosim.system.experiment import DeliveredVolume, Setting
from cosim.system.stream import PortName
from cosim.system.variable import VariableName

SETTINGS = (Setting(VariableName("b", "in.V_flow"), 1e-3), Setting(VariableName("b", "in.c_x"), 3.0))


def test_booked():
    outcome = Flowsheet(b=tank("b")).stream("b.out").run(phase("run", "b", 100.0, 10.0, settings=SETTINGS))
    assert outcome.status == "completed", outcome.reason
    assert outcome.ledger["volume"].flowsheet.entered == pytest.approx(0.1)
    assert outcome.ledger["x"].flowsheet.entered == pytest.approx(0.3)


def test_counted():
    ending = DeliveredVolume((PortName("b", "in"),), 0.0255, to_ticks(1000.0))
    outcome = (
        Flowsheet(b=tank("b")).stream("b.out").run(phase("run", "b", None, 10.0, settings=SETTINGS, ending=ending))
    )
    assert outcome.time == to_ticks(25.5)


def test_what_enters_is_booked_in_the_unit_of_the_flowsheet():
    def step(v, time, size):
        v["held_volume"] += (v["in.V_flow"] + v["feed.V_flow"]) * size  # [L]

    b = FakeInstance("b", describe({"in.V_flow": 0.0, "feed.V_flow": 2.0}, ["held_volume"]), step)
    flowsheet = Flowsheet(a=tank("a", flow=1e-3), b=b)
    flowsheet.stream("a.out", "b.in", links=(), dropped=("x",), volume_factor=1000.0)
    volume = flowsheet.run(phase("run", "a b", 10.0, 10.0)).ledger["volume"]
    assert volume.units["b"].entered == pytest.approx(0.01 + 0.02)
    assert volume.flowsheet.entered == pytest.approx(0.02)
    assert volume.flowsheet.closure < 1e-12
