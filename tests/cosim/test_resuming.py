"""An interrupted run goes on from its last checkpoint, with the result of one that was never interrupted."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from fakes import describe
from fmu_factory import build_lag
from heater import build_heater

import cosim
from cosim.cli.app import run_app
from cosim.errors import CheckpointError, RequestError, ResultError
from cosim.instance.function import FunctionInstance
from cosim.results import checkpoints as files
from cosim.round_trip import Verdict
from cosim.run import ALGORITHMS, ScenarioWarning

pytestmark = pytest.mark.filterwarnings("ignore:When the run is resumed:cosim.run.ScenarioWarning")

PLANT = Path(__file__).parents[1] / "scenarios" / "broken" / "Plant.mo"
SCENARIO = """\
scenario: small
components:
  source: {source: modelica:Plant.Source}
  tank: {source: modelica:Plant.Tank}
  lag: {source: lag.fmu, host: inline}
streams: [source.outlet => tank.inlet, tank.outlet => waste]
connections: [tank.volume -> source.measured]
parameters:
  source: {rate: 1 mL/s, c_feed: 0.1 mol/L}
  lag: {enabled: true, mode: follow, level: 0}
phases:
  fill: {active: [source, tank], duration: 10 min, step: 10 s}
  work:
    active: [source, tank, lag]
    step: 5 s
    repeat: 2
    fresh: [lag]
    steps:
      rise: {until: lag.y >= 1.5 mol/m3, at_most: 1 h, set: {lag.u: 2 mol/m3, tank.demand: 2 mL/s}}
      fall: {duration: 33 s, set: {lag.u: 0 mol/m3}}
events:
  - {when: tank.volume < 1.55 L, set: {source.mode: off}}
expect:
  - final(tank.volume) >= 0.2 L
  - max(lag.y) >= 1.5 mol/m3
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project whose FMUs are built once, with one that cannot write its state."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "Plant.mo").write_bytes(PLANT.read_bytes())
    build_lag(folder / "lag.fmu")
    (folder / "small.yaml").write_text(SCENARIO)
    return folder


@pytest.fixture(autouse=True)
def project(folder, monkeypatch):
    """Work in the project; step in Python, so that whether to stop is asked at every communication point."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("cosim.run.is_compiled", lambda source: False)


@pytest.fixture(scope="module")
def whole(folder):
    """The run that is never interrupted."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        return cosim.run("small.yaml", out=folder / "whole")
    finally:
        os.chdir(before)


def stop_after(n):
    """Ask to stop at the communication point number ``n``."""
    asked = iter(range(1, n + 1))
    return lambda: next(asked, n) == n


def assert_same(one, other):
    assert list(one) == list(other)
    for name in one:
        assert np.array_equal(one[name].ticks, other[name].ticks), name
        assert np.array_equal(one[name].values, other[name].values), name
    for field in ("status", "happenings", "phases", "ledger", "elements", "expectations"):
        assert getattr(one, field) == getattr(other, field), field
    assert one.outcome.warnings == other.outcome.warnings


def test_checkpoints_change_nothing_and_are_gone_in_the_end(whole, tmp_path):
    result = cosim.run("small.yaml", out=tmp_path / "run", checkpoint="1 min")
    assert_same(whole, result)
    assert sorted(path.name for path in result.folder.iterdir()) == ["report.html", "result.h5", "run.json"]


@pytest.mark.parametrize("n", [1, 3, 5, 8])
def test_a_run_stepped_by_c_code_is_completed(whole, tmp_path, monkeypatch, n):
    monkeypatch.setattr("cosim.run.is_compiled", lambda source: True)
    stopped = cosim.run("small.yaml", out=tmp_path / "run", checkpoint="1 min", should_stop=stop_after(n))
    assert stopped.status == "stopped"
    assert_same(whole, cosim.resume(tmp_path / "run"))


@pytest.mark.parametrize("n", [1, 30, 61, 66, 75, 80])
def test_a_stopped_run_is_completed(whole, tmp_path, n):
    stopped = cosim.run("small.yaml", out=tmp_path / "run", checkpoint="1 h", should_stop=stop_after(n))
    assert stopped.status == "stopped"
    result = cosim.resume(tmp_path / "run")
    assert_same(whole, result)
    document = json.loads((result.folder / "run.json").read_text())
    assert document == dict(result.run)
    assert (document["run_id"], document["command"]) == (stopped.run["run_id"], stopped.run["command"])
    assert [(item["checkpoint"], item["time"]) for item in document["resumed"]] == [
        ("000001.checkpoint", stopped.outcome.time / 1e9)
    ]


def test_a_run_is_interrupted_again_and_again(whole, tmp_path):
    cosim.run("small.yaml", out=tmp_path / "run", checkpoint="1 min", should_stop=stop_after(20))
    for n in (1, 35, 15):
        assert cosim.resume(tmp_path / "run", should_stop=stop_after(n)).status == "stopped"
        assert len(list((tmp_path / "run" / "checkpoints").glob("*.checkpoint"))) == 2
    result = cosim.resume(tmp_path / "run" / "result.h5")
    assert_same(whole, result)
    assert len(result.run["resumed"]) == 4


def test_the_cost_of_resuming_is_told(tmp_path):
    with pytest.warns(
        ScenarioWarning, match=r"'lag' does all its steps again.*: it does not declare that its state can"
    ):
        cosim.run("small.yaml", out=tmp_path / "run", checkpoint="1 d")


def breaking(n):
    """A component that raises in step ``n`` of all that were made so far, once."""
    left = [n]

    def make(name):
        def step(v, time, size):
            left[0] -= 1
            if left[0] == 0:
                raise ValueError("the licence server does not answer")
            v["y"] = v["y"] + size

        return FunctionInstance(name, describe([], ["y"]), step)

    return make


def test_a_failed_step_is_tried_again(tmp_path):
    text = SCENARIO.replace("  lag: {source", "  licensed: {source: python}\n  lag: {source").replace(
        "[source, tank],", "[source, tank, licensed],"
    )
    Path("licensed.yaml").write_text(text)
    whole = cosim.run("licensed.yaml", out=tmp_path / "whole", components={"licensed": breaking(-1)})
    factory = breaking(35)
    failed = cosim.run("licensed.yaml", out=tmp_path / "run", components={"licensed": factory}, checkpoint="1 min")
    assert (failed.status, failed.outcome.time) == ("failed", 330e9)
    assert_same(whole, cosim.resume(tmp_path / "run", components={"licensed": factory}))


@pytest.mark.parametrize("seed", range(2))
def test_a_killed_run_is_completed(tmp_path, seed):
    """Kill -9 in the middle, three times in a row."""
    chance = random.Random(seed)
    text = SCENARIO.replace("duration: 10 min, step: 10 s", "duration: 12 h, step: 10 s")
    Path("long.yaml").write_text(text.replace("rate: 1 mL/s", "rate: 10 uL/s"))
    whole = cosim.run("long.yaml", out=tmp_path / "whole")
    run = tmp_path / "run"
    command = ["run", "long.yaml", "--quiet", "--out", str(run), "--checkpoint", "5 min"]
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-m", "cosim", *command], stdout=subprocess.DEVNULL)
        before = set(files.checkpoints(run))
        while process.poll() is None and not set(files.checkpoints(run)) - before:
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.25))
        process.kill()
        process.wait()
        command = ["run", "--resume", str(run), "--quiet"]
    if files.checkpoints(run):
        assert run_app(command) == 0
    assert_same(whole, cosim.load(run))


def test_a_signal_leaves_a_checkpoint_and_says_how_to_go_on(tmp_path, whole):
    run = tmp_path / "run"
    Path("slow.py").write_text(
        "import sys, time, cosim.execution.run_to_end as r\n"
        "from cosim.cli.app import run_app\n"
        "advance = r.Execution.advance\n"
        "r.Execution.advance = lambda self, until: (time.sleep(0.01), advance(self))[1]\n"
        "sys.exit(run_app(sys.argv[1:]))\n"
    )
    command = [sys.executable, "slow.py", "run", "small.yaml", "--quiet", "--out", str(run), "--checkpoint", "1 d"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not (run / "result.h5.partial").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate()
    assert process.returncode == 130
    assert f"Go on with: cosim run --resume {run}" in said
    assert_same(whole, cosim.resume(run))


@pytest.fixture
def stopped(tmp_path):
    """A stopped run with two checkpoints."""
    cosim.run("small.yaml", out=tmp_path / "run", checkpoint="1 min", should_stop=stop_after(50))
    assert len(files.checkpoints(tmp_path / "run")) == 2
    return tmp_path / "run"


def test_a_damaged_checkpoint_is_passed_over(stopped, whole):
    last, before = files.checkpoints(stopped)
    data = bytearray(last.read_bytes())
    data[len(data) // 2] ^= 1
    last.write_bytes(data)
    with pytest.warns(
        ScenarioWarning, match=rf"{last.name}' cannot be read: its content is not .* goes on from the one"
    ):
        result = cosim.resume(stopped)
    assert_same(whole, result)
    assert result.run["resumed"][0]["checkpoint"] == before.name


def test_without_a_whole_checkpoint_nothing_goes_on_and_nothing_is_lost(stopped):
    for path, content in zip(files.checkpoints(stopped), (b"", b"cosim checkpoint 1 00\nPK"), strict=True):
        path.write_bytes(content)
    before = {path: path.read_bytes() for path in stopped.rglob("*") if path.is_file()}
    with pytest.raises(CheckpointError, match=r"has no checkpoint to go on from\. The checkpoint .* is no checkpoint"):
        cosim.resume(stopped)
    assert {path: path.read_bytes() for path in stopped.rglob("*") if path.is_file()} == before


def test_samples_that_are_missing_are_noticed(stopped):
    (stopped / "result.h5").write_bytes((stopped / "result.h5").read_bytes()[:4000])
    with pytest.raises(CheckpointError, match="has no checkpoint to go on from"):
        cosim.resume(stopped)


def test_completing_can_be_interrupted_while_it_copies(stopped, whole, monkeypatch):
    os.replace(stopped / "result.h5", stopped / "result.h5.partial")
    with monkeypatch.context() as patch:
        patch.setattr("cosim.results.writer.require_room", full_disk)
        with pytest.raises(ResultError, match=r"Cannot write .*no space left"):
            cosim.resume(stopped)
    assert (stopped / "result.h5.earlier").exists()
    assert_same(whole, cosim.resume(stopped))
    assert not (stopped / "result.h5.earlier").exists()


def full_disk(path, n_bytes):
    raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_the_checkpoints_there_are(tmp_path, whole, monkeypatch):
    room, left = files.require_room, [4]

    def less_and_less(path, n_bytes):
        left[0] -= 1
        (room if left[0] > 0 else full_disk)(path, n_bytes)

    with monkeypatch.context() as patch:
        patch.setattr(files, "require_room", less_and_less)
        with pytest.raises(ResultError, match=r"Cannot write .*\.checkpoint': no space left"):
            cosim.run("small.yaml", out=tmp_path / "run", checkpoint="1 min")
    assert [path.name for path in files.checkpoints(tmp_path / "run")] == ["000003.checkpoint", "000002.checkpoint"]
    assert_same(whole, cosim.resume(tmp_path / "run"))


def changed_scenario(run):
    Path("small.yaml").write_text(SCENARIO.replace("0.2 L", "0.1 L"))


def changed_layout(run):
    commented = SCENARIO.replace("scenario: small", "# as agreed on Monday\n\nscenario:   small  # the one")
    Path("small.yaml").write_text(commented)


def test_comments_and_layout_may_change(stopped, whole):
    try:
        changed_layout(stopped)
        assert_same(whole, cosim.resume(stopped))
    finally:
        Path("small.yaml").write_text(SCENARIO)


def test_a_run_that_is_completed_while_it_is_prepared_is_no_failure(stopped, whole, monkeypatch):
    prepare = cosim.run.prepare

    def slow(*arguments, **options):
        monkeypatch.setattr("cosim.run.prepare", prepare)
        cosim.resume(stopped)
        return prepare(*arguments, **options)

    monkeypatch.setattr("cosim.run.prepare", slow)
    with pytest.raises(
        RequestError, match="is completed and has no checkpoints: there is nothing to go on with"
    ) as found:
        cosim.resume(stopped)
    assert found.value.exit_code == 2
    assert_same(whole, cosim.load(stopped))
    assert sorted(path.name for path in stopped.iterdir()) == ["report.html", "result.h5", "run.json"]


def changed_fmu(run):
    build_lag(Path("lag.fmu"), "3.0")


def changed_version(run):
    rewrite(run, lambda document: document["versions"].update(cosim="0.0.1"))


def changed_platform(run):
    rewrite(run, lambda document: document["platform"].update(machine="vax"))


def changed_parameters(run):
    rewrite(run, lambda document: document["resumption"].update(overrides={"source.rate": "2 mL/s"}))


def rewrite(run, change):
    document = json.loads((run / "run.json").read_text())
    change(document)
    (run / "run.json").write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changed_scenario, "because the scenario has changed since"),
        (changed_fmu, r"because the FMU of 'lag' has changed since: it was [0-9a-f]{12} and is [0-9a-f]{12}\."),
        (changed_version, r"because the version of cosim has changed since: it was 0\.0\.1 and is"),
        (changed_platform, r"because the platform has changed since: it was \w+ vax and is"),
        (changed_parameters, "because its parameters or input data has changed since"),
    ],
)
def test_what_differs_is_named(stopped, change, message):
    kept = {path: Path(path).read_bytes() for path in ("small.yaml", "lag.fmu")}
    try:
        change(stopped)
        with pytest.raises(RequestError, match=message):
            cosim.resume(stopped)
    finally:
        for path, content in kept.items():
            Path(path).write_bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"resumption": 1}',
        '{"resumption": {"scenario": "small.yaml", "overrides": [], "interval": "1 h"}}',
        '{"resumption": {"scenario": "small.yaml", "overrides": {}, "interval": "1 h"}, "versions": []}',
    ],
)
def test_a_damaged_description_of_a_run_is_refused(stopped, content):
    (stopped / "run.json").write_text(content)
    with pytest.raises(RequestError, match=r"run\.json' does not tell how the run was started"):
        cosim.resume(stopped)


def test_a_file_beside_no_run_is_no_run(tmp_path):
    (tmp_path / "small.yaml").touch()
    with pytest.raises(RequestError, match=r"There is no run in '.*'\. Give the folder of one"):
        cosim.resume(tmp_path / "small.yaml")


def test_a_run_id_that_is_not_one_runs_is_refused(stopped):
    for name in ("one", "other"):
        shutil.copytree(stopped, Path("results") / name / "20260101-000000")
    with pytest.raises(RequestError, match=r"several runs '20260101-000000': results/one/.*Give the folder of one"):
        cosim.resume("20260101-000000")
    shutil.rmtree("results")


def test_data_that_has_changed_is_noticed(tmp_path):
    Path("demand.csv").write_text("time [min],flow [mL/s]\n0,0\n5,1\n600,1\n")
    inputs = "inputs:\n  tank.demand: {file: demand.csv, column: flow, interpolation: hold}\nphases:"
    Path("driven.yaml").write_text(SCENARIO.replace("phases:", inputs).replace(", tank.demand: 2 mL/s", ""))
    cosim.run("driven.yaml", out=tmp_path / "run", checkpoint="1 min", should_stop=stop_after(9))
    Path("demand.csv").write_text("time [min],flow [mL/s]\n0,0\n5,1\n600,2\n")
    with pytest.raises(RequestError, match="because its parameters or input data has changed"):
        cosim.resume(tmp_path / "run")


def test_what_cannot_be_gone_on_with_is_told(tmp_path, whole):
    with pytest.raises(
        RequestError, match=r"whole' holds no checkpoints, for the run was started without --checkpoint"
    ):
        cosim.resume(whole.folder)
    cosim.run("small.yaml", out=tmp_path / "done", checkpoint="1 min")
    with pytest.raises(RequestError, match="is completed and has no checkpoints: there is nothing to go on with"):
        cosim.resume(tmp_path / "done")
    with pytest.raises(RequestError, match="There is no result in"):
        cosim.resume(tmp_path / "nowhere")
    with pytest.raises(RequestError, match="Checkpoints cannot be 0 s apart"):
        cosim.run("small.yaml", out=tmp_path / "never", checkpoint="0 s")


def test_a_run_that_still_goes_on_is_left_alone(tmp_path):
    refused = []

    def look():
        if files.checkpoints(tmp_path / "run") and not refused:
            with pytest.raises(RequestError, match="is still running in another process") as found:
                cosim.resume(tmp_path / "run")
            refused.append(found)
        return False

    assert cosim.run("small.yaml", out=tmp_path / "run", checkpoint="1 min", should_stop=look).status == "completed"
    assert refused


def test_a_run_is_found_by_its_id(whole, capsys):
    shutil.rmtree("results", ignore_errors=True)
    stopped = cosim.run("small.yaml", checkpoint="1 min", should_stop=stop_after(65))
    assert run_app(["run", "--resume", stopped.folder.name]) == 0
    said = capsys.readouterr().err
    assert "The run goes on at t = 10 min 23 s, after 'lag' has done all steps again." in said
    assert "<dt>resumed</dt>" in (stopped.folder / "report.html").read_text()
    assert_same(whole, cosim.load(stopped.folder))


def test_resume_stands_alone(capsys):
    assert run_app(["run", "small.yaml", "--resume", "results/small"]) == 2
    assert "give --resume alone" in capsys.readouterr().err
    assert run_app(["run"]) == 2
    assert "Give the scenario to run, or --resume" in capsys.readouterr().err


TWO_MASS = """\
scenario: two_mass
components:
  left: {source: modelica:TwoMass.Left}
  right: {source: modelica:TwoMass.Right}
connections: [right.force -> left.force, left.x -> right.x_left, left.v -> right.v_left]
phases:
  run: {active: [left, right], duration: 1 s, step: 10 ms}
algorithm: """
DEGREES = ("{name: gauss_seidel, extrapolation: 2}", "{name: jacobi, extrapolation: 2}")


@pytest.mark.parametrize("believes", [True, False], ids=["states", "steps again"])
@pytest.mark.parametrize("algorithm", [*ALGORITHMS, *DEGREES])
def test_every_algorithm_goes_on_with_fmus_that_have_derivatives(tmp_path, monkeypatch, algorithm, believes):
    monkeypatch.chdir(tmp_path)
    shutil.copy(Path(__file__).parents[2] / "benchmarks" / "TwoMass.mo", tmp_path)
    Path("two_mass.yaml").write_text(TWO_MASS + algorithm)
    if not believes:
        distrusted = {name: Verdict(False, "nobody is believed") for name in ("left", "right")}
        monkeypatch.setattr(sys.modules["cosim.run"], "judge", lambda prepared: distrusted)
    whole = cosim.run("two_mass.yaml", out="whole")
    stopped = cosim.run("two_mass.yaml", out="run", checkpoint="1 s", should_stop=stop_after(37))
    assert stopped.status == "stopped"
    assert_same(whole, cosim.resume("run"))


HEATED = """\
scenario: heated
components:
  heater: {source: heater.fmu, host: inline}
parameters:
  heater: {ambient: 12}
phases:
  warm: {active: [heater], until: heater.T > 17.5, at_most: 1 h, step: 7 s}
  hold: {active: [heater], duration: 300 s, step: 10 s, set: {heater.ambient: 11}}
"""


@pytest.mark.parametrize("fmi", ["1.0", "2.0", "3.0"])
def test_model_exchange_goes_on(tmp_path, fmi, monkeypatch):
    """The integrator's own state cannot be written: everything is done again, step and state events as before."""
    monkeypatch.chdir(tmp_path)
    build_heater(Path("heater.fmu"), fmi)
    Path("heated.yaml").write_text(HEATED)
    with warnings.catch_warnings(action="ignore"):
        whole = cosim.run("heated.yaml", out="whole")
        for n in (3, 20, 31):
            run = cosim.run("heated.yaml", out=f"run{n}", checkpoint="1 min", should_stop=stop_after(n))
            assert run.status == "stopped"
            assert_same(whole, cosim.resume(run.folder))
    assert whole["heater.switches"].values[-1] >= 2


@pytest.mark.slow
def test_the_flagship_is_interrupted_in_capture(tmp_path):
    scenario = Path(__file__).parents[2] / "scenarios" / "mab_fed_batch.yaml"
    whole = cosim.run(scenario, out=tmp_path / "whole")
    begin = next(item.start for item in whole.phases if item.step == "load")

    class Standing:
        time = 0

    from fakes import Recorder

    class Watching(Recorder):
        def sampled(self, component, time, values):
            Standing.time = time

    stopped = cosim.run(
        scenario,
        out=tmp_path / "run",
        checkpoint="1 h",
        observers=[Watching()],
        should_stop=lambda: Standing.time > begin + 600e9,
    )
    assert stopped.status == "stopped"
    assert_same(whole, cosim.resume(tmp_path / "run"))
