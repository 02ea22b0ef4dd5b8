"""A flowsheet as one FMU gives other tools what a run gives, bit for bit; what it could not give is refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from fmpy import simulate_fmu
from fmpy.fmi2 import FMU2Slave
from fmpy.model_description import read_model_description
from fmpy.validation import validate_fmu
from fmu_factory import build_lag

import cosim
from cosim.cli.app import run_app
from cosim.clock import Ticks
from cosim.errors import CosimError, StepError
from cosim.fmu import open_fmu
from cosim.interchange.fmu_export import export_fmu
from cosim.preparation import prepare
from cosim.run import ALGORITHMS

pytestmark = pytest.mark.filterwarnings("ignore::cosim.run.ScenarioWarning")

SETTLED = Path(__file__).parents[2] / "couplings" / "Settled.mo"
PLANT = """scenario: exchange
description: Conversions, streams with and without totals, gas, a loop
components:
  feed: {source: modelica:Exchange.Feed}
  tank: {source: modelica:Exchange.Tank}
  loop: {source: modelica:Exchange.Loop}
streams:
  - {stream: feed.outlet => tank.inlet, absent: [sugar]}
  - {stream: tank.outlet => loop.inlet, absent: [sugar]}
  - {stream: loop.outlet => tank.back, absent: [sugar]}
  - {stream: tank.off => loop.gas, drop: [nitrogen]}
connections:
  - tank.volume -> feed.level
  - tank.is_full -> loop.is_open
parameters:
  tank: {volume_start: 31 L, air.n_flow: 2 mol/s, air.y_oxygen: 0.21}
phases:
  run: {active: [feed, tank, loop], duration: 2 h, step: 30 s, set: {tank.outflow: 20 L/h}}
algorithm: gauss_seidel
ledger: {tolerance: 1}
"""
LAGS = """scenario: lags
components:
  a: {source: a.fmu}
  b: {source: b.fmu}
connections: [a.y -> b.u, b.y -> a.u, a.is_on -> b.enabled]
parameters:
  a: {tau: 2 s, x_start: 3 mol/m3}
  b: {tau: 1 min, gain: 0.5}
phases:
  run: {active: [a, b], duration: 10 s, step: 100 ms}
algorithm: gauss_seidel
"""


def exported(scenario, path, **options):
    notes = []
    prepared = prepare(scenario, None, ALGORITHMS)
    try:
        export_fmu(prepared, path, notes.append, **options)
    finally:
        for component in prepared.components.values():
            component.close()
    return notes


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plant")
    (folder / "fmus").mkdir()
    shutil.copy(Path(__file__).parent / "Exchange.mo", folder)
    (folder / "gauss_seidel.yaml").write_text(PLANT)
    (folder / "jacobi.yaml").write_text(PLANT.replace("gauss_seidel", "jacobi"))
    return folder


def put_lags(folder):
    build_lag(folder / "a.fmu")
    in_grams = ('mol/m3"><BaseUnit m="-3" mol="1"/>', 'mmol/m3"><BaseUnit m="-3" mol="1" factor="0.001"/>')
    build_lag(folder / "b.fmu", change=lambda xml: xml.replace(*in_grams).replace('"mol/m3"', '"mmol/m3"'))
    path = folder / "lags.yaml"
    path.write_text(LAGS)
    return path


@pytest.fixture
def lags(tmp_path):
    return put_lags(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The lags as one FMU, exported once."""
    folder = tmp_path_factory.mktemp("whole")
    exported(put_lags(folder), folder / "lags.fmu")
    return folder / "lags.fmu"


def outputs_of(fmu):
    variables = read_model_description(fmu).modelVariables
    return [one.name for one in variables if one.causality == "output" and one.type != "String"]


def assert_same(scenario, fmu, stop, step, folder):
    assert validate_fmu(str(fmu)) == []
    names = outputs_of(fmu)
    theirs = simulate_fmu(str(fmu), stop_time=stop, step_size=step, output_interval=step, output=names)
    ours = cosim.run(scenario, out=folder).to_dataframe()
    shared = [name for name in names if name in ours]
    assert len(theirs) == round(stop / step) + 1
    for name in shared:
        here, there = ours[name].to_numpy(dtype=float)[:-2], theirs[name][: len(ours) - 2].astype(float)
        assert np.array_equal(here, there), f"{name} differs first at row {np.flatnonzero(here != there)[0]}"
    return shared, theirs


@pytest.mark.parametrize("algorithm", ["gauss_seidel", "jacobi"])
def test_a_flowsheet_runs_in_fmpy_as_here(plant, algorithm, monkeypatch, tmp_path):
    monkeypatch.chdir(plant)
    fmu = tmp_path / "plant.fmu"
    notes = exported(plant / f"{algorithm}.yaml", fmu)
    shared, theirs = assert_same(plant / f"{algorithm}.yaml", fmu, 7200.0, 30.0, tmp_path / "r")
    assert {"tank.salt", "tank.outlet.T", "tank.is_full", "loop.got", "feed.outlet.V_flow"} <= set(shared)
    assert theirs["tank.is_full"][0] == 0
    assert theirs["tank.is_full"][-1] == 1
    assert theirs["loop.got"][-1] > 500
    assert any("in transit" in note for note in notes) == (algorithm == "jacobi")


def test_the_same_bytes_again(whole, tmp_path):
    exported(whole.parent / "lags.yaml", tmp_path / "again.fmu")
    assert (tmp_path / "again.fmu").read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
@pytest.mark.parametrize("algorithm", ["gauss_seidel", "jacobi"])
def test_connections_with_units_and_types(lags, fmi, algorithm, tmp_path):
    build_lag(tmp_path / "a.fmu", fmi)
    lags.write_text(LAGS.replace("gauss_seidel", algorithm))
    exported(lags, tmp_path / "lags.fmu")
    _, theirs = assert_same(lags, tmp_path / "lags.fmu", 10.0, 0.1, tmp_path / "r")
    assert theirs["a.y"][0] == 3.0
    assert np.ptp(theirs["b.y"]) > 1.0


def test_what_it_says_of_itself(whole):
    model = read_model_description(whole)
    variables = {one.name: one for one in model.modelVariables}
    assert (variables["a.tau"].start, variables["a.tau"].unit, variables["a.tau"].causality) == (
        "2.0",
        "s",
        "parameter",
    )
    assert variables["b.x_start"].unit == "mmol/m3"
    assert "b.u" not in variables, "connected within"
    assert variables["a.mode"].type == "Integer"
    assert model.defaultExperiment.stepSize == "0.1"
    assert not model.coSimulation.canHandleVariableCommunicationStepSize
    assert not model.generationTool.startswith("cosim "), "what holds the FMUs of others runs apart, as they do"


def simulated(fmu, unpacked, *, early=None, late=None, steps=(0.1,) * 5, start=0.0, go_back=False, reset=False):
    """Drive the FMU by hand; return a.y after each step."""
    shutil.unpack_archive(fmu, unpacked, "zip")
    model = read_model_description(fmu)
    references = {one.name: one.valueReference for one in model.modelVariables}
    slave = FMU2Slave(guid=model.guid, unzipDirectory=str(unpacked), modelIdentifier="lags", instanceName="one of them")
    slave.instantiate()
    if reset:
        slave.setupExperiment(startTime=7.0)
        slave.enterInitializationMode()
        slave.exitInitializationMode()
        slave.doStep(7.0, 0.1)
        slave.reset()
    for name, value in (early or {}).items():
        slave.setReal([references[name]], [value])
    slave.setupExperiment(startTime=start)
    for name, value in (late or {}).items():
        slave.setReal([references[name]], [value])
    slave.enterInitializationMode()
    slave.exitInitializationMode()
    found, time = [], start
    for step in steps:
        if go_back:
            state = slave.getFMUState()
            slave.doStep(time, step)
            slave.setFMUState(state)
            slave.freeFMUState(state)
        slave.doStep(time, step)
        time += step
        found += slave.getReal([references["a.y"]])
    slave.terminate()
    slave.freeInstance()
    return found


def test_start_values_count_whenever_they_are_set(whole, lags, tmp_path):
    plain = simulated(whole, tmp_path / "u")
    early = simulated(whole, tmp_path / "u", early={"a.tau": 5.0})
    assert early == simulated(whole, tmp_path / "u", late={"a.tau": 5.0})
    assert early != plain
    lags.write_text(LAGS.replace("tau: 2 s", "tau: 5 s"))
    ours = cosim.run(lags, out=tmp_path / "r").to_dataframe()
    assert list(ours["a.y"][1:6]) == early


def test_steps_starts_states_and_resets(whole, tmp_path):
    plain = simulated(whole, tmp_path / "u")
    assert simulated(whole, tmp_path / "u", steps=(0.2, 0.3))[-1] == plain[-1], "several steps at once"
    assert simulated(whole, tmp_path / "u", start=1e6) == plain, "the lag does not look at the clock"
    assert simulated(whole, tmp_path / "u", go_back=True) == plain
    assert simulated(whole, tmp_path / "u", reset=True) == plain


def test_a_step_off_the_grid_is_refused(whole):
    with open_fmu(whole) as file, file.instantiate("whole") as instance:
        instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
        instance.exit_initialization()
        with pytest.raises(StepError, match=r"by 0.05 s was asked for at t = 0 s; this FMU goes on in steps of 0.1 s"):
            instance.step(Ticks(0), Ticks(50_000_000))


def test_it_takes_part_in_another_scenario(whole, lags, tmp_path):
    (tmp_path / "outer.yaml").write_text(
        f"scenario: outer\ncomponents:\n  whole: {{source: {whole}}}\n  after: {{source: a.fmu}}\n"
        "connections: [whole.b.y -> after.u]\n"
        "phases:\n  run: {active: [whole, after], duration: 10 s, step: 200 ms}\n"
    )
    outer = cosim.run(tmp_path / "outer.yaml", out=tmp_path / "o").to_dataframe()
    inner = cosim.run(lags, out=tmp_path / "i").to_dataframe()
    assert list(outer["whole.b.y"]) == list(inner["b.y"][::2])


def test_some_components_of_a_phase(plant, monkeypatch, tmp_path):
    monkeypatch.chdir(plant)
    notes = exported(plant / "gauss_seidel.yaml", tmp_path / "two.fmu", components=["tank", "feed"], phase="run")
    model = read_model_description(tmp_path / "two.fmu")
    causality = {one.name: one.causality for one in model.modelVariables}
    assert causality["tank.back.c_salt"] == "input"
    assert causality["tank.off.y_oxygen"] == "output"
    assert "tank.inlet.V_flow" not in causality
    assert "loop.got" not in causality
    with open_fmu(tmp_path / "two.fmu") as file:
        assert list(file.description.ports) == ["tank.back", "tank.air", "tank.outlet", "tank.off"], (
            "not what is joined"
        )
    assert "loop.outlet is not exported: flow and composition of tank.back are inputs." in notes
    assert validate_fmu(str(tmp_path / "two.fmu")) == []


REFUSED = {
    "algorithm": ("algorithm: gauss_seidel", "algorithm: iterated", r"'iterated' cannot be put into an FMU"),
    "extrapolation": (
        "algorithm: gauss_seidel", "algorithm: {name: jacobi, extrapolation: 1}", r"cannot be put into an FMU"
    ),
    "phases": (
        "phases:\n", "phases:\n  before: {active: [a], duration: 1 s, step: 100 ms}\n", r"has the phases before, run"
    ),
    "repeated": ("step: 100 ms}", "step: 100 ms, repeat: 2}", "has steps or is repeated"),
    "own step": ("step: 100 ms}", "step: {others: 100 ms, b: 200 ms}}", "'b' has a step of its own"),
    "event": ("algorithm:", "events: [{at: 5 s, set: {a.mode: 1}}]\nalgorithm:", "An event sets a.mode"),
    "data": ("b: {source: b.fmu}", "b: {source: b.fmu}\n  c: {source: csv:c.csv}", "'c' is csv data"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), REFUSED.values(), ids=REFUSED)
def test_what_would_silently_differ_is_refused(lags, old, new, message, tmp_path):
    text = LAGS.replace(old, new)
    if "csv" in new:
        (tmp_path / "c.csv").write_text("time [s],x\n0,1\n10,2\n")
        text = text.replace("active: [a, b]", "active: [a, b, c]")
    lags.write_text(text)
    with pytest.raises(CosimError, match=message):
        exported(lags, tmp_path / "o.fmu")
    assert not (tmp_path / "o.fmu").exists()


def test_model_exchange_is_refused(plant, monkeypatch, tmp_path):
    monkeypatch.chdir(plant)
    path = plant / "me.yaml"
    path.write_text(
        PLANT.replace(
            "loop: {source: modelica:Exchange.Loop}", "loop: {source: modelica:Exchange.Loop, fmi: model-exchange}"
        )
    )
    with pytest.raises(CosimError, match="'loop' is a Model Exchange FMU, integrated here by CVODE"):
        exported(path, tmp_path / "o.fmu")


@pytest.mark.parametrize("model", ["Lag", "Root"])
def test_initial_values_that_depend_on_each_other(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fmus").mkdir()
    shutil.copy(SETTLED, tmp_path)
    path = tmp_path / "ring.yaml"
    path.write_text(
        f"scenario: ring\ncomponents:\n  a: {{source: modelica:Settled.{model}}}\n"
        f"  b: {{source: modelica:Settled.{model}}}\nconnections: [a.y -> b.u, b.y -> a.u]\n"
        "phases:\n  run: {active: [a, b], duration: 2 s, step: 100 ms}\n"
    )
    exported(path, tmp_path / "ring.fmu")
    found = simulate_fmu(str(tmp_path / "ring.fmu"), stop_time=1.0, step_size=0.1, output=["a.y", "b.y"])
    balance = 2.0 if model == "Lag" else (3.0 + 5.0**0.5) / 2.0
    for name in ("a.y", "b.y"):
        np.testing.assert_allclose(found[name], balance, rtol=1e-12)


def test_a_part_that_fails_is_named(tmp_path):
    path = put_lags(tmp_path)
    exported(path, tmp_path / "lags.fmu")
    with open_fmu(tmp_path / "lags.fmu") as file, file.instantiate("whole") as instance:
        instance.set_start({"b.fault": 3, "b.fault_at": 2})
        instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
        instance.exit_initialization()
        step = Ticks(100_000_000)
        instance.step(Ticks(0), step)
        with pytest.raises(StepError, match=r"'b': the step failed"):
            instance.step(step, step)


def test_names_that_are_not_there(lags, tmp_path):
    with pytest.raises(CosimError, match=r"no phase 'rum'.*run"):
        exported(lags, tmp_path / "o.fmu", phase="rum")
    with pytest.raises(CosimError, match=r"no component 'c' to export"):
        exported(lags, tmp_path / "o.fmu", components=["c"])


def test_what_does_not_agree_with_the_run_is_not_handed_over(lags, tmp_path, monkeypatch):
    monkeypatch.setattr("cosim.interchange.container_tables.to_seconds", lambda ticks: 0.2)
    with pytest.raises(CosimError, match=r"this FMU goes on in steps of 0\.2 s"):
        exported(lags, tmp_path / "o.fmu")
    assert not (tmp_path / "o.fmu").exists()


def test_what_the_scenario_is_made_of_is_not_replaced(lags, tmp_path):
    before = (tmp_path / "b.fmu").read_bytes()
    with pytest.raises(CosimError, match=r"b.fmu' is where 'b' comes from. Choose another file with --out"):
        cosim.export_fmu(lags, tmp_path / "b.fmu")
    with pytest.raises(CosimError, match="is the scenario itself"):
        cosim.export_ssp(lags, lags)
    assert (tmp_path / "b.fmu").read_bytes() == before


def test_from_python(lags, tmp_path):
    notes = []
    path = cosim.export_fmu(lags, tmp_path / "part.fmu", {"b.tau": "2 min"}, components=["b"], on_note=notes.append)
    variables = {one.name: one for one in read_model_description(path).modelVariables}
    assert variables["b.tau"].start == "120.0"
    assert variables["b.u"].causality == "input"
    assert notes
    package = cosim.export_ssp(lags, tmp_path / "lags.ssp")
    assert cosim.import_ssp(package, tmp_path / "again").scenario.is_file()


def test_the_command(lags, tmp_path, capsys):
    out = tmp_path / "whole.fmu"
    assert run_app(["export", str(lags), "--fmu", "--out", str(out), "--components", "a, b"]) == 0
    text = capsys.readouterr().out
    assert text.index("note: Left out: the ledger") < text.index("whole.fmu")
    assert run_app(["export", str(lags), "--fmu", "--ssp"]) == 2
    assert run_app(["export", str(lags), "--ssp", "--phase", "run"]) == 2
    assert "leave out --components and --phase" in " ".join(capsys.readouterr().err.split())
