"""Studies on a Dask cluster of real processes that share nothing with the study but the address."""

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from distributed import Client
from study_project import run_linear

import cosim
from cosim.errors import ScenarioError, StudyError
from cosim.studying import on_cluster
from cosim.studying.bundle import make_bundle, relocated, unpack
from cosim.studying.plan import make_plan

MODEL = """\
model Driven "Its output is linear in its parameters"
  parameter Real a = 0.5;
  parameter Real b = 0;
  input Real u;
  output Real y(start = 0, fixed = true);
equation
  der(y) = 3*a + 2*b + a*b + u;
end Driven;
"""
SCENARIO = """\
scenario: linear
components:
  f: {source: modelica:Driven}
parameters:
  parameter_set: set.csv
inputs:
  f.u: {file: u.csv, column: u}
phases:
  run: {active: [f], duration: 10 s, step: 1 ms}
"""
STUDY = """\
study: trial
scenario: linear.yaml
factors:
  f.a: {from: 0, to: 1}
responses:
  y: final(f.y)
method: {name: latin_hypercube, runs: 60}
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    files = {"Driven.mo": MODEL, "linear.yaml": SCENARIO, "trial.yaml": STUDY}
    files |= {"set.csv": "name,value,unit\nf.b,1,\n", "u.csv": "time [s],u\n0,0.5\n20,0.5\n"}
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def dask(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "dask", *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )


@pytest.fixture
def cluster(tmp_path):
    """Start a scheduler and two workers with a cache of their own; return address and workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    port = address.rpartition(":")[2]
    scheduler = dask("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
    options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path / "dask"))
    cache = str(tmp_path / "cache")
    workers = [dask("worker", address, *options, COSIM_CACHE=cache) for _ in range(2)]
    try:
        with Client(address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def wait_until(is_so, process: subprocess.Popen[bytes], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert process.poll() is None, process.communicate()[0].decode()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_a_search_batch_by_batch_gives_the_bits_that_one_process_gives(project, cluster):
    text = STUDY.replace("y: final(f.y)", "y: {value: final(f.y), goal: maximise}")
    method = "{name: optimisation, runs: 24, starts: 2}"
    (project / "trial.yaml").write_text(text.replace("{name: latin_hypercube, runs: 60}", method))
    here = cosim.study(project / "trial.yaml", out=project / "here", workers=0)
    there = cosim.study(project / "trial.yaml", out=project / "there", scheduler=cluster[0])
    frames = [result.to_dataframe().drop(columns="seconds") for result in (here, there)]
    pd.testing.assert_frame_equal(*frames, check_exact=True)
    assert here.answer == there.answer


def test_a_worker_that_is_killed_loses_nothing(project, cluster, tmp_path):
    address, workers = cluster
    command = [sys.executable, "-m", "cosim", "study", "trial.yaml", "--out", "out", "--scheduler", address]
    process = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    wait_until(lambda: list((project / "out" / "runs").glob("[!.]*.parquet")), process)
    workers[0].send_signal(signal.SIGKILL)
    output, _ = process.communicate(timeout=180)
    assert process.returncode == 0, output.decode()
    frame = pd.read_parquet(project / "out" / "runs").set_index("run")
    assert len(frame) == 60
    assert set(frame["status"]) == {"completed"}
    np.testing.assert_allclose(frame["y"], 10 * (3 * frame["f.a"] + 2 + frame["f.a"] + 0.5), rtol=1e-6)
    here = cosim.study(project / "trial.yaml", out=tmp_path / "here", workers=0).to_dataframe()
    assert np.array_equal(here["y"], frame["y"]), "a cluster gives other bits"
    kept = {path.suffix for path in (tmp_path / "cache" / "studies").iterdir()}
    assert kept == {".fmu", ".csv", ".yaml"}


def test_a_scheduler_that_does_not_answer_is_named(project, monkeypatch):
    monkeypatch.setattr("cosim.study.cluster.PATIENCE", 0.2)
    with pytest.raises(StudyError, match=r"No Dask scheduler answers at 'tcp://127.0.0.1:9'.* as in tcp://host:8786"):
        cosim.study(project / "trial.yaml", out=project / "out", scheduler="tcp://127.0.0.1:9")
    with pytest.raises(StudyError, match="No Dask scheduler answers at 'nonsense://x': unknown address scheme"):
        cosim.study(project / "trial.yaml", out=project / "out", scheduler="nonsense://x")
    assert not (project / "out").exists()


def test_what_cannot_be_sent_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match="Components of the caller cannot be sent to a cluster"):
        run_linear(tmp_path, scheduler="tcp://127.0.0.1:9")


def test_what_a_worker_cannot_open_comes_back_as_a_sentence(project, monkeypatch, tmp_path):
    monkeypatch.setenv("COSIM_CACHE", str(tmp_path / "cache"))
    plan = make_plan(project / "trial.yaml", {})
    plan.prepared.close()
    bundle = make_bundle(plan)
    on_cluster.receive(bundle)
    for path in (tmp_path / "cache" / "studies").iterdir():
        path.write_text("damaged")
    with pytest.raises(StudyError) as caught:
        on_cluster.make(bundle.sha256, {"run": 0, "values": [0.5]})
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    on_cluster.forget(bundle.sha256)


def test_a_bundle_holds_every_file_once_and_needs_no_other(project, monkeypatch, tmp_path):
    monkeypatch.setenv("COSIM_CACHE", str(tmp_path / "cache"))
    plan = make_plan(project / "trial.yaml", {})
    plan.prepared.close()
    bundle = make_bundle(plan)
    assert sorted(Path(name).suffix for name in bundle.files) == [".csv", ".csv", ".fmu"]
    assert bundle.others.keys() == {"set.csv", "u.csv"}
    path = unpack(bundle)
    assert path.read_text() == SCENARIO
    moved = relocated(plan.prepared.scenario, bundle.sources, bundle.others)
    assert moved.components["f"].source.kind == "fmu"
    assert (path.parent / moved.components["f"].source.text).is_file()
    path.write_text("damaged")
    assert unpack(bundle) == path
    assert path.read_text() == SCENARIO
