"""Feed [L/h, g/L, no totals] ⇒ Vat [L/h, g/L; L, g] ⇒ Tank [m3/s, mol/m3; m3, mol]: one balance, in one basis."""

from pathlib import Path

import pytest

import cosim
from cosim.instance.function import FunctionInstance
from cosim.system.component import Capabilities, ComponentDescription
from cosim.system.ports import find_ports
from cosim.system.stream import Species
from cosim.system.variable import Causality, Variable

VENDOR = Path(__file__).parent / "Vendor.mo"
SCENARIO = """\
scenario: vendor
components:
  feed: {source: modelica:Vendor.Feed}
  vat: {source: modelica:Vendor.Vat}
  tank: {source: python}
streams: [feed.outlet => vat.inlet, vat.outlet => tank.inlet]
phases:
  run: {active: [feed, vat, tank], duration: 2 h, step: 1 min}
expect:
  - yield(sugar, feed.outlet, tank.inlet) > 1 %
"""
MOLAR_MASS = 0.18016  # glucose [kg/mol]
UNITS = {
    "inlet.V_flow": "m3/s", "inlet.c_sugar": "mol/m3", "held_volume": "m3", "held_sugar": "mol",
    "consumed_sugar_total": "mol",
}  # fmt: skip


def tank(name):
    """Collects in SI units and mol, and eats a tenth of the sugar that comes in."""

    def step(v, time, size):
        entered = v["inlet.V_flow"] * size
        v["held_volume"] += entered
        v["consumed_sugar_total"] += 0.1 * entered * v["inlet.c_sugar"]
        v["held_sugar"] += 0.9 * entered * v["inlet.c_sugar"]

    causality = {True: Causality.INPUT, False: Causality.OUTPUT}
    variables = {n: Variable(n, causality["inlet" in n], unit=unit, start=0.0) for n, unit in UNITS.items()}
    description = ComponentDescription(
        "tank", variables, Capabilities(can_get_and_set_state=True), ports=find_ports(variables),
        species={"sugar": Species("sugar", "mol", molar_mass=MOLAR_MASS, carbon=6.0)},
    )  # fmt: skip
    return FunctionInstance(name, description, step)


@pytest.fixture
def scenario(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fmus").mkdir()
    (tmp_path / "Vendor.mo").write_bytes(VENDOR.read_bytes())

    (tmp_path / "vendor.yaml").write_text(SCENARIO)
    return tmp_path / "vendor.yaml"


def test_litres_hours_and_grams_balance_with_si_units_and_mol(scenario):
    result = cosim.run(scenario, components={"tank": tank})
    assert result.status == "completed", result.outcome.reason
    volume, sugar = result.ledger["volume"], result.ledger["sugar"]
    # 100 L/h for 2 h, in m3; 50 g/L of it, in mol because the tank declares the species so
    assert volume.flowsheet.unit == "m3"
    assert volume.flowsheet.entered == pytest.approx(0.2, rel=1e-9)
    assert volume.flowsheet.start == pytest.approx(0.04, rel=1e-9)
    assert sugar.flowsheet.unit == "mol"
    assert sugar.flowsheet.entered == pytest.approx(10.0 / MOLAR_MASS, rel=1e-9)
    assert sugar.streams["vat.outlet => tank.inlet"] == pytest.approx(
        result["vat.outlet.m_sugar_total"].values[-1] * 1e-3 / MOLAR_MASS, rel=1e-12
    )
    held = result["tank.held_sugar"].values[-1]
    assert sugar.units["tank"].held == pytest.approx(held, rel=1e-12)
    assert sugar.units["tank"].consumed == pytest.approx(held / 9, rel=1e-9)
    assert sugar.units["vat"].made == pytest.approx(14e-3 / MOLAR_MASS, rel=1e-9)
    assert max(entry.flowsheet.closure for entry in (volume, sugar)) < 1e-9
    assert result.elements["carbon"].units["tank"].consumed == pytest.approx(6.0 * held / 9, rel=1e-9)


def test_a_volume_is_counted_in_litres_per_hour_too(scenario):
    scenario.write_text(SCENARIO.replace("duration: 2 h", "volume: 50 L, through: vat.inlet"))
    result = cosim.run(scenario, components={"tank": tank})
    assert result.outcome.time == pytest.approx(1800e9, rel=1e-9)
