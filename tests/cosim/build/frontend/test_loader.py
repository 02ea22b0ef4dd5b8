"""Flat models out of Modelica sources."""

import re
from pathlib import Path

import pytest

from cosim.build.frontend.flat import FlatModel, Kind
from cosim.build.frontend.loader import load_flat
from cosim.build.frontend.source import ModelicaSource
from cosim.errors import BuildError, ModelError

TANK = """
package Lib
  type Mode = enumeration(Fill, Hold);
  connector Inlet
    input Real V_flow(unit="m3/s", start=1);
  end Inlet;
  model Tank "a tank"
    parameter Integer n=3;
    parameter Real V0(unit="m3", min=0, displayUnit="L")=2 "volume at the start";
    Inlet feed;
    Real c[n](each start=V0, each fixed=true, each nominal=10);
    Mode mode(start=Mode.Fill, fixed=true);
  protected
    Real w;
  equation
    w = feed.V_flow;
    for i in 1:n loop
      der(c[i]) = -i*w*c[i];
    end for;
    when c[1] < 0.5 then
      mode = Mode.Hold;
    end when;
    annotation (experiment(StopTime=10, Tolerance=1e-6, Interval=0.5));
  end Tank;
end Lib;
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "Lib.mo"
    path.write_text(TANK)
    return path


def load(path: Path, name: str = "Lib.Tank", **structure: object) -> FlatModel:
    return load_flat(ModelicaSource.discover([path]), name, structure)


def test_variables_keep_their_attributes(library: Path) -> None:
    flat = load(library)
    volume, mode = flat.variables["V0"], flat.variables["mode"]
    assert (volume.unit, volume.display_unit, volume.description) == ("m3", "L", "volume at the start")
    assert (volume.variability, volume.kind) == ("Parameter", Kind.REAL)
    assert (mode.kind, mode.enumeration) == (Kind.ENUMERATION, "Lib.Mode")
    assert flat.variables["c"].dimensions == (3,)
    assert flat.variables["w"].is_protected
    assert flat.variables["feed.V_flow"].causality == "Input"
    assert "feed" in flat.connectors


def test_loops_stay_families(library: Path) -> None:
    flat = load(library)
    assert [(family.names, family.ranges) for family in flat.families] == [(("i",), (range(1, 4),))]
    assert len(flat.equations) == 1


def test_structure_changes_parameters_of_the_build(library: Path) -> None:
    flat = load(library, n=7)
    assert flat.variables["c"].dimensions == (7,)
    assert flat.families[0].ranges == (range(1, 8),)


def test_the_experiment_annotation_is_read(library: Path) -> None:
    experiment = load(library).experiment
    assert (experiment.stop_time, experiment.tolerance, experiment.interval) == (10.0, 1e-6, 0.5)


def test_enumerations_have_their_literals(library: Path) -> None:
    assert {item.name: item.literals for item in load(library).enumerations}["Lib.Mode"] == ("Fill", "Hold")


@pytest.mark.parametrize("name", ["Lib.Nothing", "Lib.Tank.more"])
def test_a_missing_class_is_an_error(library: Path, name: str) -> None:
    with pytest.raises(ModelError, match="Lib"):
        load(library, name)


@pytest.mark.parametrize("name", ["", "Lib..Tank", "Lib.Tank; model X", "1Lib"])
def test_a_class_name_is_checked_before_it_reaches_the_compiler(library: Path, name: str) -> None:
    with pytest.raises(ModelError, match="is not the qualified name of a Modelica class"):
        load(library, name)


def test_a_structural_name_is_checked(library: Path) -> None:
    with pytest.raises(ModelError, match="Structural parameter 'n=3; x' is not a Modelica name"):
        load_flat(ModelicaSource.discover([library]), "Lib.Tank", {"n=3; x": 1})


def test_a_syntax_error_has_file_line_and_what_could_stand_there(tmp_path: Path) -> None:
    path = tmp_path / "Bad.mo"
    path.write_text("package Bad\n  model A\n    Real x\n    Real y;\n  equation\n    x = 1;\n  end A;\nend Bad;\n")
    with pytest.raises(
        ModelError, match=r"Bad\.mo:3: Modelica syntax: unexpected `x` in .Real x.*;.* could stand here"
    ):
        load(path, "Bad.A")


def test_an_unresolved_name_points_to_its_line(tmp_path: Path) -> None:
    path = tmp_path / "Bad.mo"
    path.write_text("package Bad\n  model A\n    Real x;\n  equation\n    x = volumee;\n  end A;\nend Bad;\n")
    with pytest.raises(ModelError, match=r"Bad\.mo:5: unresolved component reference: 'volumee'.*x = volumee;"):
        load(path, "Bad.A")


def test_a_breakdown_of_the_front_end_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        pass

    class Session:
        def __init__(self, **_: object) -> None:
            raise Panic("index out of bounds")

    monkeypatch.setattr("rumoca.Session", Session)
    path = tmp_path / "Lib.mo"
    path.write_text(TANK)
    with pytest.raises(BuildError, match="rumoca broke down: index out of bounds"):
        load(path)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_structural_number_is_finite(library: Path, number: float) -> None:
    with pytest.raises(ModelError, match=r"Structural parameter V0 is (nan|inf)\. Give it a finite number"):
        load(library, V0=number)


def test_a_package_is_no_model(library: Path) -> None:
    with pytest.raises(ModelError, match=r"Lib is a package, of which there is no FMU\. Name a model or a block"):
        load(library, "Lib")


@pytest.mark.parametrize(
    "declaration", ["parameter Real k;", "parameter Integer k(min=1);", "constant Real k;", "parameter Real k[2];"]
)
def test_a_parameter_without_a_value_is_refused(tmp_path: Path, declaration: str) -> None:
    (tmp_path / "M.mo").write_text(f"model M\n  {declaration}\n  output Real y=sum({{k}});\nend M;\n")
    with pytest.raises(ModelError, match=rf"M\.mo:2: k has no value\. .* In the line: {re.escape(declaration)}"):
        load_flat(ModelicaSource.discover([tmp_path / "M.mo"]), "M")


@pytest.mark.parametrize(
    "declaration",
    [
        "parameter Real k(start=0);",
        "type T=Real(start=3); parameter T k;",
        "parameter Real k(fixed=false);\ninitial equation\n  k=1;\nequation",
        "model I outer parameter Real q; Real z=q; end I; inner parameter Real q=1; I i; parameter Real k=2;",
    ],
)
def test_a_parameter_with_a_start_or_an_inner_has_a_value(tmp_path: Path, declaration: str) -> None:
    (tmp_path / "M.mo").write_text(f"model M\n  output Real y;\n  {declaration}\nequation\n  y = k;\nend M;\n")
    assert "k" in load_flat(ModelicaSource.discover([tmp_path / "M.mo"]), "M").variables
