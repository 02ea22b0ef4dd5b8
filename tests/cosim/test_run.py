"""A scenario from file to result, with FMUs small enough to build in a second."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import cosim
from cosim.errors import CosimError, ResultError

PLANT = Path(__file__).parents[1] / "scenarios" / "broken" / "Plant.mo"
SCENARIO = """\
scenario: small
components:
  source: {source: modelica:Plant.Source}
  tank: {source: modelica:Plant.Tank}
streams: [source.outlet => tank.inlet, tank.outlet => waste]
connections: [tank.volume -> source.measured]
parameters:
  source: {rate: 1 mL/s, c_feed: 0.1 mol/L}
phases:
  fill: {active: [source, tank], duration: 10 min, step: 10 s}
expect:
  - final(tank.volume) >= 1.5 L
  - final(tank.held_salt) <= 61 mmol
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project in which the FMUs of Plant.mo are built once."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "fmus").mkdir()
    (folder / "Plant.mo").write_bytes(PLANT.read_bytes())
    (folder / "small.yaml").write_text(SCENARIO)
    return folder


@pytest.fixture(autouse=True)
def project(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return folder


def write(name, old="", new="", text=SCENARIO):
    Path(name).write_text(text.replace(old, new) if old else text)
    return name


def test_a_run_leaves_a_result_a_report_and_provenance():
    result = cosim.run("small.yaml")
    assert result.status == "completed"
    assert result.folder.parent == Path("results/small")
    assert sorted(path.name for path in result.folder.iterdir()) == ["report.html", "result.h5", "run.json"]
    # 1 L at the start and 1 mL/s for 600 s; 0.1 mmol in each mL
    assert result["tank.volume"].values[-1] == pytest.approx(1.6e-3, rel=1e-9)
    assert result["tank.held_salt"].values[-1] == pytest.approx(0.06, rel=1e-9)
    assert [finding.holds for finding in result.expectations] == [True, True]
    assert result.ledger["salt"].flowsheet.closure < 1e-9
    document = json.loads((result.folder / "run.json").read_text())
    assert document["scenario_text"] == SCENARIO
    assert document["parameters"] == {"source.rate": "1 mL/s", "source.c_feed": "0.1 mol/L"}
    assert len(document["fmus"]["tank"]["sha256"]) == 64
    assert document["command"] == result.run["command"] == "cosim.run('small.yaml')"


def test_two_runs_are_equal_and_apart():
    one, two = cosim.run("small.yaml"), cosim.run("small.yaml")
    assert one.folder != two.folder
    assert np.array_equal(one["tank.volume"].values, two["tank.volume"].values)


def test_parameters_replace_those_of_the_scenario():
    result = cosim.run("small.yaml", {"source.rate": "2 mL/s", "tank.volume_start": 2e-3})
    assert result["tank.volume"].values[-1] == pytest.approx(3.2e-3, rel=1e-9)
    assert [finding.holds for finding in result.expectations] == [True, False]


def test_a_chosen_folder_is_used_once(tmp_path):
    assert cosim.run("small.yaml", out=tmp_path / "mine").folder == tmp_path / "mine"
    with pytest.raises(ResultError, match="holds a result already"):
        cosim.run("small.yaml", out=tmp_path / "mine")


def test_jacobi_gives_the_same_balance():
    result = cosim.run(write("jacobi.yaml", "expect:", "algorithm: jacobi\nexpect:"))
    assert result["tank.volume"].values[-1] == pytest.approx(1.6e-3, rel=1e-9)


def test_an_input_follows_a_csv_file():
    Path("demand.csv").write_text("time [min],flow [mL/s]\n0,0\n5,1\n10,1\n")
    inputs = "inputs:\n  tank.demand: {file: demand.csv, column: flow, interpolation: hold}\nphases:"
    result = cosim.run(write("driven.yaml", "phases:", inputs))
    assert result["tank.volume"].values[-1] == pytest.approx(1.3e-3, rel=1e-6)


def test_recorded_data_is_a_component():
    Path("demand.csv").write_text("time [min],flow [mL/s]\n0,1\n10,1\n")
    text = SCENARIO.replace("streams:", "  data: {source: csv:demand.csv}\nstreams:")
    text = text.replace("-> source.measured]", "-> source.measured, data.flow -> tank.demand]")
    text = text.replace("[source, tank]", "[source, tank, data]")
    result = cosim.run(write("recorded.yaml", text=text))
    assert result["tank.volume"].values[-1] == pytest.approx(1.0e-3, rel=1e-9)


def test_a_unit_of_the_scenarios_own_counts_volume():
    text = SCENARIO.replace("components:", "units: {TV: tank.volume}\ncomponents:")
    text = text.replace("duration: 10 min", "volume: 0.25 TV")
    result = cosim.run(write("units.yaml", text=text))
    assert result.outcome.time == pytest.approx(250e9, rel=1e-9)


def test_run_can_be_called_after_its_module_was_imported():
    import cosim.run

    assert callable(cosim.run)


def command(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "cosim", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_readable_result(number, project):
    long = SCENARIO.replace("duration: 10 min, step: 10 s", "duration: 1000 d, step: 10 s").replace("1 mL/s", "1 nL/s")
    write("long.yaml", text=long)
    with command("run", "long.yaml", "--out", f"stopped-{number.name}") as process:
        while not list(Path(f"stopped-{number.name}").glob("result.h5*")):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        time.sleep(0.3)
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, (out, err)
    assert "stopped" in out
    result = cosim.load(f"stopped-{number.name}")
    assert result.status == "stopped"
    assert len(result["tank.volume"].values) > 10
    assert (result.folder / "report.html").is_file()


FROM_PYTHON = """\
import cosim
try:
    cosim.run("endless.yaml", out="interrupted")
except KeyboardInterrupt:
    print("interrupted", cosim.load("interrupted").status)
"""


def test_an_interrupt_of_a_run_from_python_leaves_a_result_and_is_raised(project):
    text = SCENARIO.replace("duration: 10 min, step: 10 s", "duration: 1000 d, step: 10 s").replace("1 mL/s", "1 nL/s")
    write("endless.yaml", text=text)
    with subprocess.Popen([sys.executable, "-c", FROM_PYTHON], stdout=subprocess.PIPE, text=True) as process:
        while not list(Path("interrupted").glob("result.h5*")):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert out == "interrupted stopped\n"
    result = cosim.load("interrupted")
    assert result.ledger["salt"].flowsheet.closure < 1e-9
    assert (result.folder / "report.html").is_file()


def test_an_interrupt_in_a_step_leaves_a_result_too():
    def breaks_off(name):
        instance = constant_flow(name)
        own_step = instance.step

        def step(time, size):
            if time > 60e9:
                raise KeyboardInterrupt
            return own_step(time, size)

        instance.step = step
        return instance

    text = SCENARIO.replace("streams:", "  pump: {source: python}\nstreams:")
    text = text.replace("-> source.measured]", "-> source.measured, pump.flow -> tank.demand]")
    path = write("broken_off.yaml", text=text.replace("[source, tank]", "[source, tank, pump]"))
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        cosim.run(path, components={"pump": breaks_off}, out="broken_off")
    assert signal.getsignal(signal.SIGINT) is before
    result = cosim.load("broken_off")
    assert (result.status, result.ledger) == ("stopped", {})
    assert len(result["tank.volume"].values) == 8
    assert (result.folder / "report.html").is_file()


def test_exit_codes_of_the_command(project):
    for arguments, code in (
        (["run", "small.yaml", "--quiet"], 0),
        (["run", "small.yaml", "--set", "source.rate=2 mL/s"], 1),
        (["run", "nothing.yaml"], 2),
        (["check", "small.yaml"], 0),
    ):
        with command(*arguments) as process:
            out, err = process.communicate(timeout=60)
        assert process.returncode == code, (arguments, out, err)
        assert "Traceback" not in out + err


def test_what_was_typed_is_kept(project):
    from cosim.cli.app import run_app

    run_app(["run", "small.yaml", "-s", "source.rate=2 mL/s", "--quiet"])
    assert cosim.load("results/small").run["command"] == "cosim run small.yaml --set 'source.rate=2 mL/s'"
    assert cosim.run("small.yaml", {"tank.volume_start": 2e-3}).run["command"] == (
        "cosim.run('small.yaml', {'tank.volume_start': 0.002})"
    )


def test_the_summary_tells_what_holds(project, capfd):
    from cosim.cli.app import run_app

    assert run_app(["run", "small.yaml", "--set", "source.rate=2 mL/s"]) == 1
    out = capfd.readouterr().out
    assert "completed: 10 min simulated in" in out
    assert "✓ final(tank.volume) >= 1.5 L   is 2.2 L" in out
    assert "✗ final(tank.held_salt) <= 61 mmol   is 120 mmol" in out
    assert "ledger: closes to" in out


def test_a_run_as_json_is_strict(project, capfd):
    from cosim.cli.app import run_app

    assert run_app(["run", "small.yaml", "--json", "--quiet"]) == 0
    printed = json.loads(capfd.readouterr().out, parse_constant=pytest.fail)
    assert printed["status"] == "completed"
    assert printed["expect"][0]["holds"] is True
    assert run_app(["report", "results/small", "--json"]) == 0
    again = json.loads(capfd.readouterr().out)
    assert again["ledger"].keys() == printed["ledger"].keys()


def test_a_failed_run_keeps_its_result_and_says_why(project, capfd):
    from cosim.cli.app import run_app

    write("strict.yaml", "expect:", "ledger: {tolerance: 1e-30}\nexpect:")
    assert run_app(["run", "strict.yaml", "--out", "strict"]) == 3
    printed = capfd.readouterr()
    assert printed.err.splitlines()[-1].startswith("error: ")
    assert "does not close" in printed.err
    result = cosim.load("strict")
    assert result.status == "failed"
    assert result["tank.volume"].values[-1] == pytest.approx(1.6e-3, rel=1e-9)


def constant_flow(name):
    """A five-line component: 1 mL/s."""
    from cosim.instance.function import FunctionInstance
    from cosim.system.component import Capabilities, ComponentDescription
    from cosim.system.variable import Causality, Variable

    flow = Variable("flow", Causality.OUTPUT, unit="mL/s")
    description = ComponentDescription("constant", {"flow": flow}, Capabilities(can_get_and_set_state=True))
    return FunctionInstance(name, description, lambda values, time, size: values.update(flow=1.0))


def test_a_component_may_be_supplied_by_the_caller():
    text = SCENARIO.replace("streams:", "  pump: {source: python}\nstreams:")
    text = text.replace("-> source.measured]", "-> source.measured, pump.flow -> tank.demand]")
    path = write("supplied.yaml", text=text.replace("[source, tank]", "[source, tank, pump]"))
    result = cosim.run(path, components={"pump": constant_flow})
    assert result["tank.volume"].values[-1] == pytest.approx(1.0e-3, rel=1e-9)
    with pytest.raises(CosimError, match=r"supplied.yaml:5: Component 'pump': it is supplied by the caller"):
        cosim.run(path)
    with pytest.raises(CosimError, match=r"There is no component 'pumps' that could be supplied. Do you mean 'pump'\?"):
        cosim.run(path, components={"pumps": constant_flow, "pump": constant_flow})


def test_a_run_is_plotted(project, capfd):
    from cosim.cli.app import run_app

    cosim.run("small.yaml")
    assert run_app(["plot", "results/small", "tank.volume"]) == 0
    assert "tank.volume" in capfd.readouterr().out
    assert run_app(["plot", "results/small", "tank.volume", "--out", "volume.svg"]) == 0
    assert "<svg" in Path("volume.svg").read_text()
    assert run_app(["plot", "results/small", "tank.volum"]) != 0
    assert "Do you mean 'tank.volume'?" in capfd.readouterr().err


def test_a_warning_of_the_scenario_is_shown(project, capfd):
    from cosim.cli.app import run_app
    from cosim.run import ScenarioWarning

    text = SCENARIO.replace(
        "expect:",
        "  idle: {active: [tank], until: source.sent > 1 mol/s, at_most: 1 min continue, step: 10 s}\nexpect:",
    )
    text = text.replace("duration: 10 min, step: 10 s}", "duration: 10 min, step: 10 s, set: {source.mode: off}}")
    write("idle.yaml", text=text)
    with pytest.warns(ScenarioWarning, match="reads 'source', which is not active there"):
        result = cosim.run("idle.yaml")
    run_app(["run", "idle.yaml", "--quiet"])
    assert capfd.readouterr().err.count("warning: 'source.sent > 1 mol/s' in phase 'idle' reads 'source'") == 1
    assert [text for text in result.outcome.warnings if "which is not active there" in text]
    assert result.happenings[0].kind == "warning"
    assert "which is not active there" in (result.folder / "report.html").read_text()
