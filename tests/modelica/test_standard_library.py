"""Users' models import the usual parts of the Modelica Standard Library and get ours."""

import math
import re
from pathlib import Path

import fmpy
import pytest
from library_fmu import REPOSITORY, library_fmus

LAG = """\
model Lag
  import Modelica.Units.SI;
  import pi = Modelica.Constants.pi;
  extends Modelica.Icons.Example;
  extends Modelica.Blocks.Interfaces.SISO(u(start=1));
  parameter SI.Time tau = 2 "lag";
  SI.Mass m(start=pi, fixed=true);
equation
  der(m) = (u*Modelica.Constants.g_n - m)/tau;
  y = m;
  annotation(experiment(StopTime=4));
end Lag;
"""


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    return request.config.cache.mkdir("library_fmus")


def test_the_usual_imports_work(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "Lag.mo").write_text(LAG)
    fmu = library_fmus(folder, ["Lag"], [tmp_path])["Lag"]

    result = fmpy.simulate_fmu(str(fmu), stop_time=4.0, relative_tolerance=1e-8, output=["y"], fmi_type="CoSimulation")

    assert result["y"][-1] == pytest.approx(9.80665 + (math.pi - 9.80665) * math.exp(-2.0), rel=1e-6)
    assert {v.name: v.unit for v in fmpy.read_model_description(str(fmu)).modelVariables}["m"] == "kg"


def test_every_type_compiles(folder: Path, tmp_path: Path) -> None:
    text = (REPOSITORY / "modelica" / "Modelica" / "Units" / "SI.mo").read_text(encoding="utf-8")
    types = re.findall(r"^  type (\w+) = Real", text, re.MULTILINE)
    declarations = "".join(f"  output Modelica.Units.SI.{name} v{name} = time;\n" for name in types)
    (tmp_path / "AllTypes.mo").write_text(
        f"model AllTypes\n{declarations}  Real x(start=0, fixed=true);\nequation\n  der(x) = 1;\nend AllTypes;\n"
    )

    fmu = library_fmus(folder, ["AllTypes"], [tmp_path])["AllTypes"]

    units = {v.name: v.unit for v in fmpy.read_model_description(str(fmu)).modelVariables}
    assert len(types) > 80
    assert all(units[f"v{name}"] for name in types)


@pytest.mark.parametrize("name", ["SO", "MO", "SISO", "SI2SO", "MISO", "MIMO", "SignalSource"])
def test_every_partial_block_can_be_extended(name: str, folder: Path, tmp_path: Path) -> None:
    equation = "y = fill(time, nout)" if name in ("MO", "MIMO") else "y = time"
    (tmp_path / f"Own{name}.mo").write_text(
        f"block Own{name}\n  extends Modelica.Blocks.Interfaces.{name};\nequation\n  {equation};\nend Own{name};\n"
    )

    assert library_fmus(folder, [f"Own{name}"], [tmp_path])[f"Own{name}"].is_file()
