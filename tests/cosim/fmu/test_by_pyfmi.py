"""PyFMI as the caller of an FMU satisfies the contract: with itself where it is installed, else with a stand-in."""

from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from fmu_factory import FAULTS, build_lag
from pyfmi_double import standing_in
from zoo import toolbox_container

import cosim
from cosim.cli.app import run_app
from cosim.clock import Ticks
from cosim.errors import CapabilityError, FmuError, StepError
from cosim.fmu import open_fmu

pytestmark = pytest.mark.filterwarnings("ignore::cosim.run.ScenarioWarning")
SECOND = Ticks(1_000_000_000)
NAMES = ("y", "steps", "level_out", "is_on", "mode_out", "label_length")


@pytest.fixture(params=["pyfmi", "stand-in"])
def backend(request, monkeypatch):
    """PyFMI, or what stands in for it."""
    if request.param == "pyfmi":
        pytest.importorskip("pyfmi", reason="needs PyFMI, by conda")
        yield
    else:
        with standing_in(monkeypatch):
            yield


@contextmanager
def called(path, *, by_pyfmi):
    with open_fmu(path) as file:
        if by_pyfmi:
            file.use_pyfmi()
        with file.instantiate("tank") as instance:
            yield instance


def course(instance):
    """What it says of all types, after each of some steps, and after going back."""
    said = []
    y, u = instance.group(NAMES), instance.group(["u", "enabled", "level"])

    def note():
        values = np.empty(len(NAMES))
        instance.read(y, values)
        said.append(values.tolist())

    for _ in range(2):
        instance.set_start({"tau": 3.0, "label": "größer", "mode": "hold", "x_start": 0.5})
        instance.enter_initialization(Ticks(0), stop_time=Ticks(100 * SECOND), tolerance=1e-6)
        instance.write(u, np.array([2.0, 1.0, 7.0]))
        note()
        instance.exit_initialization()
        for i in range(3):
            instance.write(u, np.array([0.1 * i, float(i % 2), i]))
            assert instance.step(Ticks(i * SECOND), SECOND).time == (i + 1) * SECOND
            note()
        state = instance.get_state()
        instance.step(Ticks(3 * SECOND), SECOND)
        note()
        instance.set_state(state)
        note()
        instance.free_state(state)
        instance.terminate()
        note()
        instance.reset()
    return said


def test_it_does_what_our_own_calls_do(backend, tmp_path):
    path = build_lag(tmp_path / "lag.fmu")
    with called(path, by_pyfmi=False) as instance:
        expected = course(instance)
    with called(path, by_pyfmi=True) as instance:
        assert course(instance) == expected
        assert instance.native_step() is None
        with pytest.raises(CapabilityError, match="does not declare canSerializeFMUstate"):
            instance.serialise_state(None)


@pytest.mark.parametrize("fault", ["error", "fatal", "discard", "terminate"])
def test_its_failures_are_those_of_our_own_calls(backend, fault, tmp_path):
    path, said = build_lag(tmp_path / "lag.fmu"), []
    for by_pyfmi in (False, True):
        with called(path, by_pyfmi=by_pyfmi) as instance:
            instance.set_start({"fault": FAULTS[fault], "fault_at": 2})
            instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
            instance.exit_initialization()
            instance.step(Ticks(0), SECOND)
            try:
                said.append(instance.step(SECOND, SECOND))
            except StepError as error:
                said.append(error.message.partition(":")[0])
    assert said[0] == said[1]


def test_an_fmu_that_refuses(backend, tmp_path):
    path = build_lag(tmp_path / "lag.fmu", defines=('GUID="{other}"',))
    with pytest.raises(FmuError, match=r"'tank' cannot be instantiated from '.*': PyFMI cannot load it: .*"):
        called(path, by_pyfmi=True).__enter__()


SCENARIO = """\
scenario: chosen
components:
  lag: {{source: {source}{options}}}
inputs: {{lag.u: {u}}}
phases: {{run: {{active: [lag], duration: 3 s, step: 1 s}}}}
"""


def write(options, source="lag.fmu", u="1 mol/m3"):
    Path("s.yaml").write_text(SCENARIO.format(source=source, options=options, u=u), encoding="utf-8")


def test_chosen_for_a_component(backend, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build_lag(tmp_path / "lag.fmu")
    write(", host: inline")
    own = cosim.run("s.yaml", out="own")["lag.y"].values
    write(", backend: pyfmi")
    assert cosim.run("s.yaml", out="theirs")["lag.y"].values.tolist() == own.tolist()


def test_another_exporters_fmu(backend, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    toolbox_container(tmp_path / "both.fmu")
    results = []
    for options in ("", ", backend: pyfmi"):
        write(options, "both.fmu", "1")
        results.append(cosim.run("s.yaml", out=f"out{len(results)}")["lag.y"].values.tolist())
    assert results[0] == results[1]


def test_time_in_hours(backend, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build_lag(tmp_path / "lag.fmu")
    Path("map.csv").write_text("name,vendor,unit\ntime,time,h\n")
    write(", backend: pyfmi, map: map.csv")
    text = Path("s.yaml").read_text().replace("duration: 3 s, step: 1 s", "duration: 10 h, step: 1 h")
    Path("s.yaml").write_text(text)
    assert cosim.run("s.yaml", out="out")["lag.y"].values[-1] == pytest.approx(1 - np.exp(-1))


WRONG = {
    "a host": (", backend: pyfmi, host: process", "lag.fmu", "has 'host' and 'backend: pyfmi', which runs inline"),
    "a limit": (", backend: pyfmi, timeout: 1 min", "lag.fmu", "has 'timeout' and 'backend: pyfmi', which runs inline"),
    "misspelt": (", backend: pyfim", "lag.fmu", "'backend' of Component 'lag' .*pyfmi"),
    "a table": (", backend: pyfmi", "csv:lag.csv", "has 'backend', which is for FMUs; its source is 'csv'"),
    "FMI 3.0": (", backend: pyfmi", "lag3.fmu", "is for FMI 2.0 Co-Simulation; this is FMI 3.0 for Co-Simulation"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_chosen(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    build_lag(tmp_path / "lag.fmu")
    build_lag(tmp_path / "lag3.fmu", "3.0")
    options, source, message = WRONG[name]
    write(options, source)
    with standing_in(monkeypatch):
        assert run_app(["check", "s.yaml"]) == 2
    import re

    assert re.search(message, " ".join(capsys.readouterr().err.split()))


@pytest.mark.skipif(find_spec("pyfmi") is not None, reason="PyFMI is installed")
def test_where_it_is_not_installed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    build_lag(tmp_path / "lag.fmu")
    write(", backend: pyfmi")
    assert run_app(["check", "s.yaml"]) == 2
    assert "needs PyFMI, which is not installed and has no wheel" in capsys.readouterr().err
