"""Whole studies: rows, failures, resumption, workers, all with models of a few lines."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from study_project import STUDY, linear, run_linear, write_project

import cosim
from cosim.errors import RequestError, ScenarioError, StudyError
from cosim.study.running import Listeners

MODEL = """\
model Linear "Its output is linear in its parameters; it breaks where a is above limit, and takes its time where slow"
  parameter Real a = 0.5;
  parameter Real b = 0;
  parameter Real limit = 2;
  output Real y(start = 0, fixed = true);
equation
  assert(a <= limit, "a is too large");
  der(y) = 3*a + 2*b + a*b;
end Linear;
"""
FMU_SCENARIO = """\
scenario: linear
components:
  f: {source: modelica:Linear}
phases:
  run: {active: [f], duration: 1 s, step: 1 ms}
"""
FMU_STUDY = STUDY.replace("runs: 8}", "runs: 80}")


@pytest.fixture
def project(tmp_path):
    (tmp_path / "Linear.mo").write_text(MODEL)
    (tmp_path / "linear.yaml").write_text(FMU_SCENARIO)
    (tmp_path / "trial.yaml").write_text(FMU_STUDY)
    return tmp_path


def expected(frame):
    return 3 * frame["f.a"] + 2 * frame["f.b"] + frame["f.a"] * frame["f.b"]


def test_every_run_is_a_row_with_what_it_was_and_gave(tmp_path):
    result = run_linear(tmp_path, {"y: final(f.y)": "y: final(f.y)\n  late: {value: time(f.t >= 3), unit: s}"})
    frame = result.to_dataframe()
    assert (result.status, len(frame), dict(result.counts)) == ("completed", 8, {"completed": 8})
    np.testing.assert_allclose(frame["y"], expected(frame) + 0.1 * 2 * 5)
    np.testing.assert_allclose(frame["late"], 3.0)
    assert frame.attrs["units"] == {"late": "s", "seconds": "s"}
    strata = np.floor(frame["f.a"] * 8).astype(int)
    assert sorted(strata) == list(range(8))


def test_the_dataset_tells_units_and_where_it_comes_from(tmp_path):
    result = run_linear(tmp_path, {"y: final(f.y)": "late: time(f.t >= 3)"})
    table = pq.read_table(result.folder / "runs")
    assert table.schema.field("late").metadata[b"unit"] == b"h"
    about = json.loads(table.schema.metadata[b"cosim"])
    assert (about["study"], about["seed"]) == ("trial", 0)
    document = json.loads((result.folder / "study.json").read_text())
    assert document["status"] == "completed"
    assert document["run"]["scenario"] == "linear"
    assert document["answer"]["tables"]["statistics"]["rows"][0][0] == "late [h]"
    assert sorted(path.name for path in result.folder.iterdir()) == ["runs", "study.html", "study.json"]


def test_a_run_that_fails_is_a_row_with_its_reason(tmp_path):
    notes = []
    changes = {"scenario: linear.yaml": "scenario: linear.yaml\nparameters: {f.limit: 0.5}"}
    result = run_linear(tmp_path, changes, listeners=Listeners(note=notes.append))
    frame = result.to_dataframe()
    failed = frame[frame["status"] == "failed"]
    assert len(failed) == 4
    assert (failed["f.a"] > 0.5).all()
    assert failed["reason"].str.contains("a is too large").all()
    assert failed["y"].isna().all()
    np.testing.assert_allclose(frame["y"].dropna(), expected(frame[frame["status"] == "completed"]) + 1.0)
    assert len(notes) == 1
    assert "has failed" in notes[0]
    assert "4 of 8 runs gave no value for 'y'" in result.answer.warnings[0]
    assert "a is too large" in (result.folder / "study.html").read_text()


def test_a_response_that_is_never_reached_is_told_at_its_first_run(tmp_path):
    notes = []
    result = run_linear(tmp_path, {"y: final(f.y)": "y: time(f.y > 1000)"}, listeners=Listeners(note=notes.append))
    assert len(notes) == 1
    assert "gives no value for 'y', time(f.y > 1000): that was never so" in notes[0]
    frame = result.to_dataframe()
    assert frame["y"].isna().all()
    assert set(frame["reason"]) == {"y: that was never so"}


@pytest.mark.parametrize(
    ("runs", "message"), [(8, "All 8 runs have failed"), (50, "The first 20 runs have all failed")]
)
def test_a_study_whose_runs_all_fail_is_an_error(tmp_path, runs, message):
    changes = {"scenario: linear.yaml": "scenario: linear.yaml\nparameters: {f.limit: -1}", "runs: 8": f"runs: {runs}"}
    with pytest.raises(StudyError, match=f"{message}.*a is too large"):
        run_linear(tmp_path, changes)
    assert len(pd.read_parquet(tmp_path / "out" / "runs")) == min(runs, 20)


def test_one_two_and_no_workers_give_the_same_bits(project):
    frames = [
        cosim.study(project / "trial.yaml", out=project / f"out{n}", workers=n).to_dataframe().drop(columns="seconds")
        for n in (0, 1, 2)
    ]
    np.testing.assert_allclose(frames[0]["y"], expected(frames[0]), rtol=1e-6)
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frame, frames[0], check_exact=True)


def test_the_seed_decides_the_plan(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = run_linear(tmp_path / "a").to_dataframe()
    second = run_linear(tmp_path / "b", {"runs: 8}": "runs: 8}\nseed: 1"}).to_dataframe()
    assert not np.array_equal(first["f.a"], second["f.a"])


def test_a_study_that_was_stopped_goes_on_with_what_is_missing(tmp_path):
    made = []

    def stop_at(n):
        return Listeners(progress=lambda standing: made.append(standing.made), should_stop=lambda: made[-1] >= n)

    stopped = run_linear(tmp_path, listeners=stop_at(3))
    assert (stopped.status, len(stopped.rows), stopped.answer) == ("stopped", 3, None)
    assert "go on with it by cosim study --resume" in (tmp_path / "out" / "study.html").read_text()
    before = {row["run"]: row["seconds"] for row in stopped.rows}
    result = cosim.study(resume=tmp_path / "out", components={"f": linear})
    assert (result.status, len(result.rows)) == ("completed", 8)
    assert {row["run"]: row["seconds"] for row in result.rows if row["run"] in before} == before
    (tmp_path / "whole").mkdir()
    whole = run_linear(tmp_path / "whole").to_dataframe()
    pd.testing.assert_frame_equal(
        result.to_dataframe().drop(columns="seconds"), whole.drop(columns="seconds"), check_exact=True
    )
    with pytest.raises(RequestError, match="is completed: there is nothing to go on with"):
        cosim.study(resume=tmp_path / "out", components={"f": linear})


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("trial.yaml", "runs: 8", "runs: 9", "'.*trial.yaml' has changed since. Begin anew"),
        ("linear.yaml", "duration: 3 s", "duration: 4 s", "because the scenario has changed since"),
    ],
)
def test_what_has_changed_is_not_gone_on_with(tmp_path, name, old, new, message):
    run_linear(tmp_path, listeners=Listeners(should_stop=lambda: True))
    file = tmp_path / name
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(RequestError, match=message):
        cosim.study(resume=tmp_path / "out", components={"f": linear})


def test_a_comment_may_change(tmp_path):
    run_linear(tmp_path, listeners=Listeners(should_stop=lambda: True))
    file = tmp_path / "trial.yaml"
    file.write_text("# a remark\n" + file.read_text())
    assert cosim.study(resume=tmp_path / "out", components={"f": linear}).status == "completed"


def test_what_cannot_be_asked_is_refused(tmp_path):
    path = write_project(tmp_path)
    with pytest.raises(ScenarioError, match="Give the study to run, or the folder"):
        cosim.study()
    with pytest.raises(ScenarioError, match="it alone"):
        cosim.study(path, resume=tmp_path)
    with pytest.raises(RequestError, match="There is no study in"):
        cosim.study(resume=tmp_path / "nowhere")
    with pytest.raises(ScenarioError, match=r"f.a is a factor of this study: a value for it has no effect"):
        run_linear(tmp_path, parameters={"f.a": 1})
    with pytest.raises(ScenarioError, match="'workers' is -1"):
        run_linear(tmp_path, workers=-1)
    assert not (tmp_path / "out").exists()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "study.json").write_text("[]")
    with pytest.raises(RequestError, match="does not tell a study"):
        cosim.study(resume=tmp_path / "out")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "study.json").write_text("{}")
    with pytest.raises(cosim.CosimError, match="holds a study already"):
        run_linear(tmp_path, out=tmp_path / "taken")


def begin(project: Path, *more: str) -> subprocess.Popen[bytes]:
    """Start the study as a process of its own, with runs long enough to be caught in one."""
    scenario = (project / "linear.yaml").read_text().replace("duration: 1 s", "duration: 10 s")
    (project / "linear.yaml").write_text(scenario)
    command = [sys.executable, "-m", "cosim", "study", "trial.yaml", "--out", "out", "--workers", "2", *more]
    return subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def wait_for_rows(project: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not list((project / "out" / "runs").glob("[!.]*.parquet")):
        assert process.poll() is None, process.stdout and process.stdout.read().decode()
        assert time.monotonic() < deadline, "no row was written"
        time.sleep(0.02)


def children_of(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except OSError:
        return True


def test_a_killed_study_leaves_no_process_and_is_gone_on_with(project):
    process = begin(project)
    wait_for_rows(project, process)
    workers = children_of(process.pid)
    assert len(workers) == 2
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 20
    while not all(map(has_ended, workers)):
        assert time.monotonic() < deadline, "a worker outlives its study"
        time.sleep(0.02)
    kept = pd.read_parquet(project / "out" / "runs")
    assert 0 < len(kept) < 80
    done = subprocess.run([sys.executable, "-m", "cosim", "study", "--resume", "out"], cwd=project, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    frame = pd.read_parquet(project / "out" / "runs").set_index("run")
    assert sorted(frame.index) == list(range(80))
    np.testing.assert_allclose(frame["y"], 10 * expected(frame), rtol=1e-6)
    for row in kept.itertuples():
        assert frame.loc[row.run, "seconds"] == row.seconds, "a run was made again"


def test_killed_workers_are_replaced_and_nothing_is_lost(project):
    process = begin(project)
    wait_for_rows(project, process)
    for pid in children_of(process.pid):
        os.kill(pid, signal.SIGKILL)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output.decode()
    frame = pd.read_parquet(project / "out" / "runs").set_index("run")
    assert len(frame) == 80
    assert set(frame["status"]) == {"completed"}
    np.testing.assert_allclose(frame["y"], 10 * expected(frame), rtol=1e-6)


def test_ctrl_c_leaves_what_is_done(project):
    process = begin(project)
    wait_for_rows(project, process)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output.decode()
    assert "Go on with: cosim study --resume out" in output.decode()
    kept = pd.read_parquet(project / "out" / "runs")
    assert 0 < len(kept) < 80
    assert json.loads((project / "out" / "study.json").read_text())["status"] == "stopped"


def test_what_was_being_written_when_a_study_was_killed_does_not_count(tmp_path):
    run_linear(tmp_path, listeners=Listeners(should_stop=lambda: True))
    torn = tmp_path / "out" / "runs" / ".part-000001.x.parquet"
    torn.write_bytes(b"PAR1")
    assert len(cosim.study(resume=tmp_path / "out", components={"f": linear}).rows) == 8
    assert not torn.exists()


def test_a_damaged_part_is_named(tmp_path):
    run_linear(tmp_path, listeners=Listeners(should_stop=lambda: True))
    (tmp_path / "out" / "runs" / "part-000009.parquet").write_bytes(b"PAR1")
    with pytest.raises(cosim.CosimError, match=r"part-000009.parquet' cannot be read: .* Remove it"):
        cosim.study(resume=tmp_path / "out", components={"f": linear})
