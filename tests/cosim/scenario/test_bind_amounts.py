"""Factors from the units of flows, contents, totals and inventories to those of the ledger."""

from dataclasses import replace
from pathlib import Path

import pytest
from flowsheet import describe, output

from cosim.scenario.bind import bind
from cosim.scenario.bind_amounts import with_bases
from cosim.scenario.parse import load_scenario
from cosim.system.component import ComponentDescription
from cosim.system.ports import find_ports
from cosim.system.stream import Species
from cosim.system.variable import Causality, Variable, VariableName

SCENARIO = """\
scenario: vendor
components:
  tank: {source: tank.fmu}
streams: [tank.out => waste]
phases:
  run: {active: [tank], duration: 1 h, step: 1 min}
ledger: {floor: {sugar: 1 mg}}
"""
UNITS = {
    "out.V_flow": "L/h",
    "out.c_sugar": "g/L",
    "out.c_cells": "1e6/mL",
    "out.c_enzyme": "kat/L",
    "out.V_total": "L",
    "out.m_sugar_total": "g",
    "out.m_cells_total": "1",
    "out.m_enzyme_total": "kat",
    "held_volume": "L",
    "held_sugar": "g",
    "made_sugar_total": "mg",
    "consumed_salt_total": "mmol",
}


def tank(species=(), **changes) -> ComponentDescription:
    units = UNITS | {name.replace("__", "."): unit for name, unit in changes.items()}
    variables = {name: Variable(name, Causality.OUTPUT, unit=unit) for name, unit in units.items()}
    return ComponentDescription(
        "Vendor.Tank", variables, ports=find_ports(variables), species={item.name: item for item in species}
    )


def bound(folder: Path, description: ComponentDescription):
    path = folder / "vendor.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return bind(load_scenario(path), {"tank": description})


def test_bases_follow_from_units():
    species = with_bases(tank(), {}).species
    assert {name: item.unit for name, item in species.items()} == {
        "sugar": "kg", "cells": "1", "enzyme": "s-1.mol", "salt": "mol",
    }  # fmt: skip
    assert species["cells"].basis == "count"


def test_what_others_declare_goes_before_units():
    sugar = Species("sugar", "mol", molar_mass=0.342)
    found = with_bases(tank(), {"sugar": sugar, "cells": Species("cells", "kg")}).species
    assert found["sugar"] is sugar, "in grams here, which its molar mass turns into mol"
    assert found["cells"].basis == "count", "no mass, whatever others say"


def test_factors(tmp_path):
    result, problems = bound(tmp_path, tank())
    assert problems == []
    found = {name.variable: factor for name, factor in result.structure.amount_factors.items()}
    assert found == pytest.approx(
        {
            "out.V_flow": 1 / 3.6e6, "out.c_cells": 1e12, "out.c_enzyme": 1e3, "out.V_total": 1e-3,
            "out.m_sugar_total": 1e-3, "held_volume": 1e-3, "held_sugar": 1e-3, "made_sugar_total": 1e-6,
            "consumed_salt_total": 1e-3,
        },
        rel=1e-14,
    )  # fmt: skip
    assert result.structure.amount_factor("tank", "out.c_sugar") == 1.0
    assert result.experiment.ledger.floor["sugar"] == pytest.approx(1e-6)


def test_si_units_need_no_factor(tmp_path):
    description = describe("Tank", output("held_mab", "kg"), output("held_volume", "m3"), outlets="out")
    result, problems = bind(load_scenario(bound_file(tmp_path)), {"tank": description})
    assert problems == []
    assert result.structure.amount_factors == {}


def bound_file(folder: Path) -> Path:
    path = folder / "plain.yaml"
    path.write_text(SCENARIO.replace("sugar: 1 mg", "mab: 1 mg"), encoding="utf-8")
    return path


def test_a_molar_mass_stands_between_mass_and_amount(tmp_path):
    result, problems = bound(tmp_path, tank([Species("sugar", "mol", molar_mass=0.18)]))
    # the floor of the scenario is a mass, and sugar is booked in mol now
    assert len(problems) == 1
    assert "The ledger's floor of sugar" in problems[0].message
    factors = result.structure.amount_factors
    assert factors[VariableName("tank", "held_sugar")] == pytest.approx(1e-3 / 0.18)
    assert factors[VariableName("tank", "out.c_sugar")] == pytest.approx(1 / 0.18)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"held_sugar": "mol"}, r"tank.held_sugar is in [mol], and the ledger counts sugar in [kg]."),
        ({"held_volume": "kg"}, r"tank.held_volume is in [kg], and the ledger counts volume in [m3]."),
        ({"out__V_flow": "kg/h"}, r"tank.out.V_flow is in [kg/h], and the ledger counts volume in [m3] per [s]."),
        ({"out__V_total": "g"}, r"tank.out.V_total is in [g], and the ledger counts volume in [m3]."),
        ({"made_sugar_total": "L"}, r"tank.made_sugar_total is in [L], and the ledger counts sugar in [kg]."),
        ({"out__m_cells_total": "g"}, r"tank.out.m_cells_total is in [g], and the ledger counts cells in [1]."),
        ({"held_sugar": "lumps"}, r"'lumps' is not a known unit"),
    ],
)
def test_a_dimension_that_does_not_fit_names_the_variable(tmp_path, changes, message):
    _, problems = bound(tmp_path, tank(**changes))
    assert len(problems) == 1
    assert message in problems[0].message
    assert problems[0].location.line == 3


def test_units_that_are_left_out_beside_others_are_warned_of(tmp_path):
    description = tank()
    variables = dict(description.variables)
    variables["held_sugar"] = replace(variables["held_sugar"], unit=None)
    result, problems = bound(tmp_path, replace(description, variables=variables))
    assert problems == []
    assert result.warnings == (
        "tank.held_sugar state no unit; the ledger takes them to be in m3, kg, mol and seconds, which other variables "
        "of 'tank' are not.",
    )
