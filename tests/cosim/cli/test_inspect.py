"""``cosim inspect`` shows what an FMU is and what will not work with it."""

import json

import pytest
from broken_fmus import UNREADABLE, UNSUITABLE
from fmu_factory import build_lag
from hostile import build_hostile

from cosim.cli.app import run_app

PORT = """
    <ScalarVariable name="out.V_flow" valueReference="90" causality="output"><Real unit="m3/s"/></ScalarVariable>
    <ScalarVariable name="out.c_mab" valueReference="91" causality="output"><Real unit="kg/m3"/></ScalarVariable>
    <ScalarVariable name="odd" valueReference="92" causality="output"><Real unit="furlong_per_week"/></ScalarVariable>
  </ModelVariables>"""


@pytest.fixture
def shown(capsys, monkeypatch):
    """Run ``cosim inspect`` and return exit code and output."""

    def run(*arguments, width=140):
        monkeypatch.setenv("COLUMNS", str(width))
        code = run_app(["inspect", *map(str, arguments)])
        return code, capsys.readouterr().out

    return run


@pytest.fixture(params=["2.0", "3.0"])
def lag(request, tmp_path):
    return build_lag(tmp_path / "lag.fmu", request.param)


def test_page(shown, lag):
    code, page = shown(lag)
    assert code == 0
    for part in ("First-order lag", "Co-Simulation", "runs here", "1 min 40 s", "save and restore state", "Inputs ("):
        assert part in page
    assert any(line.split()[:3] == ["tau", "s", "10"] for line in page.splitlines())
    assert "hold | follow" in page


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_fit_the_terminal(shown, lag, width):
    _, page = shown(lag, width=width)
    assert max(map(len, page.splitlines())) <= width


def test_local_variables_on_request(shown, lag):
    assert not any(line.split()[:1] == ["x"] for line in shown(lag)[1].splitlines())
    assert any(line.split()[:2] == ["x", "mol/m3"] for line in shown(lag, "--all")[1].splitlines())


def test_json(shown, lag):
    code, text = shown(lag, "--json")
    data = json.loads(text)
    assert code == 0
    assert data["runs_here"] is True
    assert data["interface_types"] == ["Co-Simulation"]
    assert data["capabilities"]["can_get_and_set_state"] is True
    assert data["default_experiment"] == {"start_time": 0.0, "stop_time": 100.0, "tolerance": None, "step_size": 1.0}
    variables = {variable["name"]: variable for variable in data["variables"]}
    assert variables["tau"]["unit"] == "s"
    assert variables["tau"]["max"] == 1e6
    assert variables["mode"]["enumeration"] == {"hold": 1, "follow": 2}
    assert variables["level_out"]["depends_on"] == ["level"]
    assert "depends_on" not in variables["mode_out"]


def test_json_has_no_infinity(shown, tmp_path):
    path = build_lag(tmp_path / "lag.fmu", change=lambda xml: xml.replace('max="1e6"', 'max="INF"'))
    data = json.loads(shown(path, "--json")[1], parse_constant=pytest.fail)
    assert next(variable for variable in data["variables"] if variable["name"] == "tau")["max"] == "inf"


def test_limits(shown, tmp_path):
    def change(xml):
        xml = xml.replace("</ModelVariables>", PORT).replace('canGetAndSetFMUstate="true"', 'needsExecutionTool="true"')
        return xml.replace('canHandleVariableCommunicationStepSize="true"', "")

    path = build_lag(tmp_path / "lag.fmu", change=change)
    data = json.loads(shown(path, "--json")[1])
    found = {limit["what"]: limit["why"] for limit in data["will_not_work"]}
    assert found["It may need a tool that is not in the file."].endswith("made by tests/fmu_factory.py.")
    assert "The ledger closes to 1e-6 only for what leaves by out." in found
    assert "No carbon, nitrogen and charge balance for mab." in found
    assert "furlong_per_week" in found["odd cannot be converted to other units."]
    assert found["gain is taken as pure numbers."] == "No unit is stated."
    assert any(what.startswith("Phases must end on a whole number of steps") for what in found)
    assert any(what.startswith("Conditions take effect at the next communication point") for what in found)
    assert "out →" in shown(path)[1]


def test_nothing_to_say(shown, tmp_path):
    def change(xml):
        xml = xml.replace(
            '<Unknown index="17"/><Unknown index="18" dep',
            '<Unknown index="17" dependencies=""/><Unknown index="18" dep',
        )
        return xml.replace(
            'variability="tunable"><Real start="1"/>', 'variability="tunable"><Real unit="s" start="1"/>'
        )

    _, page = shown(build_lag(tmp_path / "lag.fmu", change=change))
    assert "Nothing is known that would not." in page


@pytest.mark.parametrize("kind", UNSUITABLE)
def test_an_fmu_that_does_not_run_here_is_shown_nevertheless(shown, tmp_path, kind):
    path = tmp_path / "unsuitable.fmu"
    UNSUITABLE[kind][0](path)
    code, page = shown(path)
    assert code == 0
    assert "does not run here" in page
    assert "✗ It cannot be run here. It " in page
    assert json.loads(shown(path, "--json")[1])["runs_here"] is False


@pytest.mark.parametrize("kind", ["missing", "not a zip", "zip bomb", "not well-formed"])
def test_an_unreadable_file(capsys, tmp_path, kind):
    path = tmp_path / "unreadable.fmu"
    UNREADABLE[kind][0](path)
    assert run_app(["inspect", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert "Traceback" not in captured.err


def test_control_characters_do_not_reach_the_terminal(shown, tmp_path):
    hostile = 'description="red &#x9;&#x85;&#x9b;31m"'
    path = build_lag(tmp_path / "lag.fmu", change=lambda xml: xml.replace('description="First-order lag"', hostile))
    page = shown(path)[1]
    assert "\x9b" not in page
    assert "\x85" not in page


def test_a_probe_writes_its_report_beside_the_file(shown, tmp_path):
    path = build_hostile(tmp_path / "Vendor.fmu", "FORGET")
    code, page = shown(path, "--probe", "--step", "100 ms", width=100)
    assert code == 0
    assert max(map(len, page.splitlines())) <= 100 or str(tmp_path) in page
    for part in ("It declares that it can go back in time and cannot", "hostile: {source: Vendor.fmu}", "limited"):
        assert part in page
    report = json.loads((tmp_path / "Vendor.intake.json").read_text())
    assert report["rolls_back"] is False
    html = (tmp_path / "Vendor.intake.html").read_text()
    assert "cannot: y was" in html
    assert "<script" not in html


def test_a_scenario_makes_use_of_the_report(shown, tmp_path, capsys):
    path = build_hostile(tmp_path / "Vendor.fmu", "FORGET")
    scenario = tmp_path / "s.yaml"
    scenario.write_text(
        "scenario: s\ncomponents:\n  unit: {source: Vendor.fmu}\n"
        "phases:\n  run: {active: [unit], duration: 1 s, step: 100 ms}\nrecord: [unit.*]\n"
    )
    assert run_app(["check", str(scenario)]) == 0
    assert "probed" not in capsys.readouterr().out
    assert shown(path, "--probe")[0] == 0
    assert run_app(["check", str(scenario)]) == 0
    assert "warning: 'unit', when it was probed: It declares that it can go back" in capsys.readouterr().out


def test_a_probe_of_what_crashes(shown, tmp_path):
    code, page = shown(build_hostile(tmp_path / "bad.fmu", "SEGFAULT"), "--probe", "--json")
    report = json.loads(page)
    assert code == 3
    assert report["host"] == "process"
    assert {verdict["works"] for verdict in report["verdicts"]} == {"no"}


@pytest.mark.parametrize("wrong", [("--step", "5 kg"), ("--step", "5"), ("--set", "u"), ("--fmi", "both")])
def test_a_probe_with_wrong_options(shown, tmp_path, wrong):
    assert shown(build_hostile(tmp_path / "good.fmu"), "--probe", *wrong)[0] == 2


@pytest.mark.parametrize("options", [["--probe"], ["--all"], ["--map"], ["--step", "1 s"], ["--fmi", "co-simulation"]])
def test_what_only_an_fmu_has_is_refused_of_a_folder(options, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    assert run_app(["inspect", str(tmp_path), *options]) == 2
    told = capsys.readouterr().err
    assert "is a folder, as of a surrogate; this is for an FMU" in told
    assert options[0] in told
