"""FMU files and Modelica classes that cannot be used: one readable message, exit code 2, nothing left behind."""

import re
import shutil
import tempfile
from pathlib import Path

import pytest
from broken_fmus import UNLOADABLE, UNREADABLE, UNSUITABLE

from cosim.cli.app import run_app

SCENARIO = """\
scenario: broken_source
components:
  tank: {{source: {source}}}
streams: [tank.outlet => waste]
phases:
  run: {{active: [tank], duration: 1 h, step: 10 s}}
"""


def assert_refused(arguments, message, project, capfd):
    fmus = sorted(path.name for path in (project / "fmus").iterdir())
    code = run_app(arguments)
    printed = capfd.readouterr()
    assert code == 2, printed
    assert re.search(message, printed.err), printed.err
    assert "Traceback" not in printed.out + printed.err
    assert len(re.findall("^error: ", printed.err, flags=re.MULTILINE)) == 1, printed.err
    assert sorted(path.name for path in (project / "fmus").iterdir()) == fmus
    assert list(Path(tempfile.gettempdir()).iterdir()) == []
    assert not (project / "results").exists()


FMUS = {**UNREADABLE, **UNSUITABLE, **UNLOADABLE}


@pytest.mark.parametrize("verb", ["check", "run"])
@pytest.mark.parametrize("damage", FMUS)
def test_a_broken_fmu_is_refused(damage, verb, project, capfd):
    write, message = FMUS[damage]
    write(project / "fmus" / "Broken.fmu")
    (project / "study.yaml").write_text(
        SCENARIO.format(source="fmus/Broken.fmu").replace("streams: [tank.outlet => waste]\n", "")
    )
    assert_refused([verb, "study.yaml"], message, project, capfd)


MODELS = {
    "syntax": ("output Real y\nequation\n  y = 1;", r"Broken.mo:\d+"),
    "unknown_type": ("output Rael y;\nequation\n  y = 1;", r"Rael"),
    "unknown_variable": ("output Real y;\nequation\n  y = x;", r"\bx\b"),
    "too_few_equations": ("output Real y;\nReal z;\nequation\n  y = 1;", r"z|equation"),
    "too_many_equations": ("output Real y;\nequation\n  y = 1;\n  y = 2;", r"equation"),
    "missing_function": ("output Real y;\nequation\n  y = f(time);", r"\bf\b"),
    "while_in_function": (
        "function g input Real x; output Real y; algorithm y := x; while y > 1 loop y := y/2; end while; end g;\n"
        "output Real y;\nequation\n  y = g(time);",
        r"while|g",
    ),
    "infinite_start": ("parameter Real p = 1/0;\noutput Real y;\nequation\n  y = p;", r"p|zero|finite"),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_broken_model_is_refused(name, project, capfd):
    body, message = MODELS[name]
    (project / "Broken.mo").write_text(f"block Broken\n{body}\nend Broken;\n")
    scenario = SCENARIO.format(source="modelica:Broken").replace("streams: [tank.outlet => waste]\n", "")
    (project / "study.yaml").write_text(scenario)
    assert_refused(["check", "study.yaml"], message, project, capfd)


def test_a_class_is_looked_for_beside_the_scenario(project, capfd):
    (project / "study.yaml").write_text(SCENARIO.format(source="modelica:Plant.Tank"))
    shutil.rmtree(project / "fmus")
    (project / "fmus").mkdir()
    assert run_app(["check", "study.yaml"]) == 0, capfd.readouterr()
    assert [path.name for path in (project / "fmus").glob("*.fmu")] == ["Plant.Tank.fmi2.fmu"]


@pytest.mark.parametrize(
    ("structure", "message"),
    [
        ("{volume_stat: 2 L}", r"Plant.Tank has no structural parameter 'volume_stat'. Do you mean 'volume_start'\?"),
        ("{inlet: {flows: 2}}", r"Plant.Tank has no structural parameter 'inlet.flows'"),
    ],
)
def test_an_unknown_structural_parameter_is_refused(structure, message, project, capfd):
    source = "modelica:Plant.Tank, structure: " + structure
    (project / "study.yaml").write_text(SCENARIO.format(source=source))
    assert_refused(["check", "study.yaml"], message, project, capfd)


def test_a_structural_parameter_changes_the_model(project, capfd):
    source = "modelica:Plant.Tank, structure: {volume_start: 2 L}"
    (project / "study.yaml").write_text(SCENARIO.format(source=source) + "expect: [final(tank.volume) >= 1.999 L]\n")
    assert run_app(["run", "study.yaml", "--quiet"]) == 0, capfd.readouterr()
