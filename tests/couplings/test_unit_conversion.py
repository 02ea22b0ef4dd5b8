"""A [m3/s, mol/m3] ⇒ B [L/min, mmol/L…]: flow, concentration and temperature are converted, amounts balance."""

import pytest
from fakes import Flowsheet, phase, source, tank

from cosim.system.stream import SpeciesLink


def test_factors():
    flowsheet = Flowsheet(a=source("a", lambda t: 1e-3, c=2.0), b=tank("b", volume=1000.0))
    flowsheet.stream(
        "a.out",
        "b.in",
        links=(SpeciesLink("x", "x", 0.5),),
        volume_factor=1000.0,
        temperature_factor=1.0,
        temperature_offset=-273.15,
    ).stream("b.out")
    outcome = flowsheet.run(phase("run", "a b", 100.0, 10.0))
    last = flowsheet.instances["b"].delivered[-1]
    assert last["in.V_flow"] == pytest.approx(1.0)
    assert last["in.c_x"] == pytest.approx(1.0)
    assert last["in.T"] == pytest.approx(300.0 + 95.0 - 273.15)
    assert outcome.status == "completed"
    assert outcome.ledger["x"].flowsheet.entered == pytest.approx(0.2)
    assert outcome.ledger["x"].flowsheet.closure < 1e-9
    assert flowsheet.instances["b"].inner.values["held_x"] == pytest.approx(100.0)
