"""A map gives the variables of a vendor's FMU our names and units."""

import pytest
from fmu_factory import build_lag
from hostile import build_vendor

import cosim
from cosim.cli.app import run_app
from cosim.errors import CosimError
from cosim.fmu import open_fmu
from cosim.intake.mapping import draft_map
from cosim.preparation import prepare
from cosim.run import ALGORITHMS

pytestmark = pytest.mark.filterwarnings("ignore::cosim.run.ScenarioWarning")

SCENARIO = """scenario: mapped
components:
  unit: {source: Vendor.fmu, map: Vendor.map.csv}
  lag: {source: lag.fmu}
connections:
  - unit.cells -> lag.u
parameters: {unit: {feed: 36 L/h, speed: 2/s}}
phases:
  run: {active: [unit, lag], duration: 10 s, step: 100 ms}
record: [unit.*, lag.*]
"""
MAP = "name,vendor,unit\nfeed,F_in,L/h\ncells,Xv_out,0.5 mol/m3\nspeed,kSpeed,1/s\n"


@pytest.fixture
def folder(tmp_path):
    build_vendor(tmp_path / "Vendor.fmu")
    build_lag(tmp_path / "lag.fmu")
    (tmp_path / "Vendor.map.csv").write_text(MAP)
    (tmp_path / "s.yaml").write_text(SCENARIO)
    return tmp_path


def test_names_and_units(folder):
    result = cosim.run(folder / "s.yaml", out=folder / "run")
    assert result.find("unit.cells").unit == "0.5 mol/m3"
    cells = result["unit.cells"].values
    assert cells[0] == pytest.approx(36.0), "the feed passes straight through, in L/h as the vendor wants it"
    assert cells[-1] == pytest.approx(36.0 + 37.0 * (1 - 2.718281828**-20), rel=1e-6)


def test_a_factor_in_the_unit_converts(folder):
    found = prepare(folder / "s.yaml", None, ALGORITHMS)
    (wire,) = found.bound.structure.connections
    assert (wire.factor, wire.offset) == (0.5, 0.0)
    for component in found.components.values():
        component.close()


def test_a_mapped_fmu_still_runs_in_the_kernel(folder):
    with open_fmu(folder / "Vendor.fmu") as file:
        from cosim.fmu.renaming import Renaming

        file.rename({"cells": Renaming("Xv_out", "1/m3")})
        with file.instantiate("unit") as instance:
            moves = instance.native_moves(instance.group(["cells"]))
            assert moves is not None
            assert moves[0].references.tolist() == [2]
        assert file.description.feedthrough == {"cells": frozenset({"F_in"})}


def test_a_port_by_names_alone(folder):
    with open_fmu(folder / "Vendor.fmu") as file:
        from cosim.fmu.renaming import Renaming

        assert not file.description.ports
        file.rename({"outlet.V_flow": Renaming("Xv_out", "L/h")})
        (port,) = file.description.ports.values()
        assert (port.name, port.direction.value) == ("outlet", "outlet")


def test_where_the_names_come_from_is_kept(folder):
    result = cosim.run(folder / "s.yaml", out=folder / "run")
    assert "mapped by Vendor.map.csv (sha256 " in str(result.run)


WRONG = {
    "no such variable": ("name,vendor,unit\nfeed,F_inn,L/h\n", r"Vendor.map.csv:2: .*no variable 'F_inn'.*'F_in'"),
    "taken": ("name,vendor,unit\nF_in,Xv_out,\n", "another variable 'F_in'"),
    "twice": ("name,vendor,unit\na,F_in,\na,Xv_out,\n", r"csv:3: .*'a' stands in .* twice"),
    "theirs twice": ("name,vendor,unit\na,F_in,\nb,F_in,\n", r"'F_in' \(as 'a'\) stands"),
    "unit": ("name,vendor,unit\na,F_in,florps\n", r"csv:2: The unit of 'a'"),
    "no head": ("feed,F_in,L/h\n", "no column 'name'; head it 'name,vendor,unit'"),
    "empty": ("", "no column 'name'"),
    "half": ("name,vendor,unit\nfeed,,\n", "needs both names"),
    "cells": ("name,vendor,unit\nfeed,F_in\n", "has 2 cells"),
}


@pytest.mark.parametrize(("content", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_a_sentence(folder, content, message):
    (folder / "Vendor.map.csv").write_text(content)
    with pytest.raises(CosimError, match=message):
        cosim.run(folder / "s.yaml", out=folder / "run")
    assert not (folder / "run").exists()


def test_no_such_map(folder, capsys):
    (folder / "Vendor.map.csv").unlink()
    assert run_app(["check", str(folder / "s.yaml")]) == 2
    assert "There is no map" in " ".join(capsys.readouterr().err.split())


def test_a_map_is_for_files(folder):
    (folder / "s.yaml").write_text(SCENARIO.replace("lag.fmu}", "lag.fmu}").replace(
        "{source: lag.fmu}", "{source: modelica:BioProcess.Fmus.HoldTank, map: Vendor.map.csv}"))  # fmt: skip
    with pytest.raises(CosimError, match="has a 'map', which is for the variables of an FMU file"):
        prepare(folder / "s.yaml", None, ALGORITHMS)


def test_a_draft(folder, capsys):
    assert run_app(["inspect", str(folder / "Vendor.fmu"), "--map"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["name,vendor,unit", "inlet.V_flow,F_in,L/h", "outlet.c_cells_viable,Xv_out,"]


def test_a_draft_can_be_used(folder, capsys):
    run_app(["inspect", str(folder / "Vendor.fmu"), "--map"])
    (folder / "Vendor.map.csv").write_text(capsys.readouterr().out)
    with open_fmu(folder / "lag.fmu") as file:
        assert "# input u [mol/m3]: no guess" in draft_map(file.description)
    text = SCENARIO.replace("unit.cells -> lag.u", "unit.outlet.c_cells_viable -> lag.level")
    (folder / "s.yaml").write_text(text.replace("parameters: {unit: {feed: 36 L/h, speed: 2/s}}\n", "").replace(
        "connections:\n  - unit.outlet.c_cells_viable -> lag.level\n", ""))  # fmt: skip
    found = prepare(folder / "s.yaml", None, ALGORITHMS)
    assert found.components["unit"].description.variables["inlet.V_flow"].unit == "L/h"
    for component in found.components.values():
        component.close()
