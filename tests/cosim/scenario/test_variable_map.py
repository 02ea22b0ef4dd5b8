"""A map gives the variables of a vendor's FMU our names and units."""

import numpy as np
import pytest
from fmu_factory import build_lag
from heater import build_heater, temperature
from hostile import build_vendor

import cosim
from cosim.cli.app import run_app
from cosim.errors import CosimError
from cosim.fmu import open_fmu
from cosim.intake.mapping import draft_map
from cosim.preparation import prepare
from cosim.run import ALGORITHMS
from cosim.system.component import ComponentDescription
from cosim.system.variable import Causality, Variable

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


HOURS = """scenario: hours
components:
  unit: {{source: Vendor.fmu, map: Vendor.map.csv, host: {host}}}
  lag: {{source: lag.fmu, map: lag.map.csv, host: {host}}}
parameters: {{unit: {{speed: 0.5 1/h}}, lag: {{tau: 2 s}}}}
inputs: {{unit.feed: 0 L/h, lag.u: 1 mol/m3}}
phases:
  run: {{active: [unit, lag], duration: 3 h, step: 6 min}}
"""


@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
@pytest.mark.parametrize("host", ["inline", "process"])
def test_a_model_that_counts_hours(host, fmi, folder):
    """Both follow 1 - exp(-t/2 h): one by its speed in 1/h, the other by tau = 2 of its own time."""
    build_lag(folder / "lag.fmu", fmi)
    (folder / "Vendor.map.csv").write_text(MAP.replace("kSpeed,1/s", "kSpeed,1/h") + "time,time,h\n")
    (folder / "lag.map.csv").write_text("name,vendor,unit\ntime,time,h\n")
    (folder / "s.yaml").write_text(HOURS.format(host=host))

    result = cosim.run(folder / "s.yaml", out=folder / "run")

    expected = 1 - np.exp(-np.arange(31) / 20)
    np.testing.assert_allclose(result["unit.cells"].values, expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(result["lag.y"].values, expected, rtol=1e-12, atol=1e-15)


def test_a_condition_finds_its_moment_in_a_model_that_counts_hours(folder):
    (folder / "Vendor.map.csv").write_text(MAP + "time,time,h\n")
    text = HOURS.format(host="inline").replace("duration: 3 h", "until: unit.cells > 0.25 mol/m3").replace("1/h", "1/s")
    (folder / "lag.map.csv").write_text("name,vendor,unit\ntime,time,h\n")
    (folder / "s.yaml").write_text(text)

    result = cosim.run(folder / "s.yaml", out=folder / "run")

    assert result["unit.cells"].values[-1] == pytest.approx(0.5, rel=1e-6)
    assert result["unit.cells"].time[-1] == pytest.approx(2 * 3600 * np.log(2), abs=1e-3)


@pytest.mark.parametrize("fmi", ["1.0", "2.0", "3.0"])
def test_a_model_for_exchange_that_counts_hours(fmi, folder):
    """A room whose heater is switched at temperatures: events are found in the model's own time."""
    build_heater(folder / "room.fmu", fmi)
    (folder / "room.map.csv").write_text("name,vendor,unit\ntime,time,h\n")
    (folder / "s.yaml").write_text(
        "scenario: room\ncomponents: {room: {source: room.fmu, map: room.map.csv, host: inline}}\n"
        "phases: {run: {active: [room], duration: 100 h, step: 3 h}}\n"
    )

    result = cosim.run(folder / "s.yaml", out=folder / "run")

    expected = [temperature(time / 3600)[0] for time in result["room.T"].time]
    np.testing.assert_allclose(result["room.T"].values, expected, atol=1e-3)


BAD_TIMES = {
    "time,time,\n": r"Vendor.map.csv:2: .*cannot be in \[1\], which is no unit of time",
    "time,time,L\n": r"cannot be in \[L\], which is no unit of time",
    "time,F_in,h\n": r"'F_in' is not the FMU's time, but input",
}


@pytest.mark.parametrize(("row", "message"), BAD_TIMES.items())
def test_what_is_no_time(row, message, folder):
    (folder / "Vendor.map.csv").write_text("name,vendor,unit\n" + row)
    with pytest.raises(CosimError, match=message):
        prepare(folder / "s.yaml", None, ALGORITHMS)


def test_hours_that_are_stated_and_not_heeded(folder, capsys):
    hour = '<Unit name="hour"><BaseUnit s="1" factor="3600"/></Unit></UnitDefinitions>'

    def change(xml):
        return xml.replace('continuous" unit="s"', 'continuous" unit="hour"', 1).replace("</UnitDefinitions>", hour)

    build_lag(folder / "lag.fmu", "3.0", change=change)
    assert run_app(["inspect", str(folder / "lag.fmu")]) == 0
    assert "write the row 'time,time,hour' in its map" in " ".join(capsys.readouterr().out.split())
    assert run_app(["check", str(folder / "s.yaml")]) == 0
    assert "warning: 'lag' says that its time is in hour, and is told s." in capsys.readouterr().out


def test_a_draft_names_several_inlets_by_how_the_vendor_begins_their_names():
    inputs = [Variable(f"{port}_{what}", Causality.INPUT) for port in ("Feed", "Buf") for what in ("Flow", "mAb")]
    outputs = [Variable(f"Out_{what}", Causality.OUTPUT) for what in ("Flow", "mAb")]
    description = ComponentDescription("column", {variable.name: variable for variable in [*inputs, *outputs]})

    rows = [line.split(",")[:2] for line in draft_map(description).splitlines()[1:]]

    assert rows == [
        ["feed.V_flow", "Feed_Flow"], ["feed.c_mab", "Feed_mAb"], ["buf.V_flow", "Buf_Flow"], ["buf.c_mab", "Buf_mAb"],
        ["outlet.V_flow", "Out_Flow"], ["outlet.c_mab", "Out_mAb"],
    ]  # fmt: skip
