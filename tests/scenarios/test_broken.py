"""Every broken scenario gives one readable message with its place, exit code 2, and leaves nothing behind."""

import json
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from cosim.cli.app import run_app

CASES = sorted((Path(__file__).parent / "broken").glob("*.yaml"))


def test_there_are_enough_of_them():
    assert len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
@pytest.mark.parametrize("verb", ["check", "run"])
def test_a_broken_scenario_is_refused(case, verb, project, capfd):
    header = re.match(r"# error(?:\((?P<n>\d)\))?: (?P<message>.*)", case.read_text(encoding="utf-8"))
    assert header, "a broken scenario begins with '# error: <pattern>'"
    shutil.copy(case, project)
    fmus = sorted(path.name for path in (project / "fmus").iterdir())

    code = run_app([verb, case.name])

    printed = capfd.readouterr()
    assert code == 2, printed
    assert re.search(header["message"], printed.err), printed.err
    assert "Traceback" not in printed.out + printed.err
    assert len(re.findall("^error: ", printed.err, flags=re.MULTILINE)) == int(header["n"] or 1), printed.err
    assert f"--> {case.name}:" in printed.err, printed.err
    assert sorted(path.name for path in (project / "fmus").iterdir()) == fmus
    assert list(Path(tempfile.gettempdir()).iterdir()) == []
    assert not (project / "results").exists()


def test_all_problems_of_a_file_come_at_once(project, capfd):
    (project / "many.yaml").write_text(
        "scenario: many\n"
        "components:\n"
        "  source: {source: fmus/Plant.Source.fmu}\n"
        "  tank: {source: fmus/Plant.Tank.fmu, hots: inline}\n"
        "streams: [source.outlet => tank.inlett, tank.outlet => waste]\n"
        "parameters: {source: {rate: 1 kg}}\n"
        "phases:\n"
        "  run: {active: [source, tank], duration: 1 h, step: -1 s}\n"
        "algorithm: jakobi\n"
    )
    assert run_app(["check", "many.yaml"]) == 2
    printed = capfd.readouterr().err
    assert re.findall(r"--> many.yaml:(\d)", printed) == ["4", "5", "6", "8", "9"]
    assert printed.endswith("5 problems.\n")


def test_problems_as_json(project, capfd):
    (project / "one.yaml").write_text(
        "scenario: one\nphase: {}\ncomponents: {tank: {source: fmus/Plant.Tank.fmu}}\n"
        "phases: {run: {active: [tank], duration: 1 h, step: 1 s}}\n"
    )
    assert run_app(["check", "one.yaml", "--json"]) == 2
    printed = json.loads(capfd.readouterr().out)
    assert printed["good"] is False
    assert printed["problems"][0] == {
        "kind": "ScenarioError",
        "message": "A scenario has no key 'phase'. Do you mean 'phases'?",
        "file": "one.yaml",
        "line": 2,
        "column": 1,
    }
