"""Runs of a study that take too long: they end by themselves, or their process is ended and replaced."""

import time

import pytest
from fakes import describe
from study_project import run_linear, write_project
from wreck import DEEDS, build_wreck

import cosim
from cosim.instance.function import FunctionInstance
from cosim.study import pool
from cosim.studying import on_cluster
from cosim.studying.bundle import make_bundle
from cosim.studying.plan import make_plan

WRECK = """\
scenario: wreck
components:
  w: {source: wreck.fmu, host: inline}
phases:
  run: {active: [w], duration: 4 s, step: 1 s}
"""
HANGING = f"""\
study: hanging
scenario: wreck.yaml
factors:
  w.deed: {{values: [0, {DEEDS["hang"]}]}}
responses:
  ended: end(run)
time_limit: 1 s
method: full_factorial
"""
TOO_LONG = "It took longer than its time limit of 1 s."


@pytest.fixture
def hanging(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "GRACE", 0.2)
    build_wreck(tmp_path / "wreck.fmu")
    (tmp_path / "wreck.yaml").write_text(WRECK)
    (tmp_path / "hanging.yaml").write_text(HANGING)
    return tmp_path / "hanging.yaml"


def test_a_process_whose_run_hangs_is_replaced_and_the_run_is_a_row(hanging):
    """The seed is one with which the run that hangs is made first."""
    hanging.write_text(f"{HANGING}seed: 3\n")
    frame = cosim.study(hanging, out=hanging.parent / "out", workers=1).to_dataframe()
    assert frame["status"].tolist() == ["completed", "failed"]
    assert frame["reason"].tolist()[1] == TOO_LONG
    assert frame["seconds"][1] >= 1.0


def test_a_run_that_hangs_on_a_cluster_is_ended_there(hanging, monkeypatch):
    monkeypatch.setenv("COSIM_CACHE", str(hanging.parent / "cache"))
    plan = make_plan(hanging, {})
    bundle = make_bundle(plan)
    plan.prepared.close()
    on_cluster.receive(bundle)
    values = ([DEEDS["hang"]], [0.0])
    hung, went_on = (on_cluster.make(bundle.sha256, {"run": i, "values": v}) for i, v in enumerate(values))
    on_cluster.forget(bundle.sha256)
    assert (hung["status"], hung["reason"]) == ("failed", TOO_LONG)
    assert (went_on["status"], went_on["values"]) == ("completed", (4.0 / 3600.0,))


def slow(name):
    """Take 0.4 s for each of five steps where a is large."""

    def step(v, now, size):
        if v["a"] > 0.5:
            time.sleep(0.4)
        v["y"] = v["a"]

    return FunctionInstance(name, describe({"u": 0.0}, ["y"], {"a": 0.5, "b": 0.0}), step)


def test_a_run_that_goes_on_for_too_long_ends_in_this_process_too(tmp_path):
    path = write_project(tmp_path, {"method:": "time_limit: 1.5 s\nmethod:", "runs: 8": "runs: 2"})
    frame = cosim.study(path, components={"f": slow}, out=tmp_path / "slow").to_dataframe()
    assert ((frame["status"] == "failed") == (frame["f.a"] > 0.5)).all()
    assert frame[frame["f.a"] > 0.5]["reason"].tolist() == ["It took longer than its time limit of 1.5 s."]


@pytest.mark.parametrize(("text", "message"), [("0 s", "it should be above zero"), ("5", "'5' has no unit")])
def test_a_limit_that_is_no_time_is_refused(tmp_path, text, message):
    with pytest.raises(cosim.CosimError, match=f"'time_limit'.*{message}"):
        run_linear(tmp_path, {"method:": f"time_limit: {text}\nmethod:"})
