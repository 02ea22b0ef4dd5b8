from dataclasses import replace

import pytest
from fakes import FakeInstance, Flowsheet, describe, phase

from cosim.system.stream import Species

SPECIES = {
    "sugar": Species("sugar", "mol", carbon=6.0),
    "acid": Species("acid", "mol", carbon=3.0, charge=-1.0),
    "protein": Species("protein", "kg", molar_mass=100.0, carbon=40.0, charge=2.0),
}
OUTPUTS = [f"{kind}{name}{end}" for name in SPECIES for kind, end in
           (("held_", ""), ("made_", "_total"), ("consumed_", "_total"))]  # fmt: skip


def ferments(v, time, size):
    """1 sugar → 2 acid."""
    v["consumed_sugar_total"] = v.get("consumed_sugar_total", 0.0) + size
    v["made_acid_total"] = v.get("made_acid_total", 0.0) + 2.0 * size
    v["held_sugar"], v["held_acid"] = 100.0 - v["consumed_sugar_total"], v["made_acid_total"]


def test_carbon_closes_and_charge_is_reported():
    description = replace(describe([], OUTPUTS), species=SPECIES)
    outcome = Flowsheet(r=FakeInstance("r", description, ferments)).run(phase("run", "r", 10.0, 1.0))
    assert outcome.status == "completed", outcome.reason
    carbon, charge = outcome.elements["carbon"], outcome.elements["charge"]
    assert (carbon.flowsheet.made, carbon.flowsheet.consumed) == pytest.approx((60.0, 60.0))
    assert carbon.units["r"].closure < 1e-12
    assert charge.flowsheet.unexplained == pytest.approx(-20.0)
    assert "nitrogen" not in outcome.elements


def test_charge_of_a_species_counted_by_mass_follows_from_its_molar_mass():
    def expresses(v, time, size):
        v["made_protein_total"] = v["held_protein"] = v.get("made_protein_total", 0.0) + 5.0 * size

    description = replace(describe([], OUTPUTS), species=SPECIES)
    outcome = Flowsheet(r=FakeInstance("r", description, expresses)).run(phase("run", "r", 10.0, 1.0))
    assert outcome.elements["carbon"].units["r"].made == pytest.approx(50.0 * 40.0)
    assert outcome.elements["charge"].units["r"].made == pytest.approx(50.0 / 100.0 * 2.0)
