"""Runs, builds and studies are recorded from their beginning to their end."""

import hashlib

import pytest
from fakes import describe
from trails import signed_trail

from cosim.audit.verify import Reading
from cosim.audited import note_build
from cosim.build.builder import BuiltFmu
from cosim.errors import AuditError
from cosim.instance.function import FunctionInstance
from cosim.run import run
from cosim.studying.running import study

SCENARIO = """
scenario: ramp
components: {tank: {source: python}}
phases: {fill: {active: [tank], duration: 10 s, step: 1 s}}
record: [tank.level]
expect: [final(tank.level) >= 1]
"""
STUDY = """
study: levels
scenario: ramp.yaml
factors: {tank.rate: {from: 0.1, to: 0.2}}
responses: {level: {value: final(tank.level)}}
method: {name: latin_hypercube, runs: 3}
"""


def tank(name):
    def step(v, time, size):
        v["level"] = v["rate"] * (time + size)

    return FunctionInstance(name, describe({}, ["level"], {"rate": 0.1}), step)


@pytest.fixture
def trail(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(tmp_path / "audit.key"))
    (tmp_path / "ramp.yaml").write_text(SCENARIO)
    (tmp_path / "levels.yaml").write_text(STUDY)
    return signed_trail(tmp_path / "audit")


def records_of(folder):
    return list(Reading(folder).records())[1:]


def test_a_run_is_recorded_before_and_after(trail):
    result = run("ramp.yaml", {"tank.rate": 0.2}, components={"tank": tank}, why="a first look")
    begun, ended = records_of(trail)
    assert (begun.kind, begun.subject, begun.why) == ("run", "ramp", "a first look")
    assert begun.before["scenario"] == hashlib.sha256(SCENARIO.encode()).hexdigest()
    assert begun.before["parameters"] == {"tank.rate": 0.2}
    assert begun.after == {"status": "begun"}
    assert ended.before == {"record": 2}
    assert ended.after["result"] == hashlib.sha256((result.folder / "result.h5").read_bytes()).hexdigest()
    assert ended.after["expectations"] == {"final(tank.level) >= 1": True}


def test_a_run_that_cannot_be_recorded_is_not_made(trail, tmp_path):
    (trail / "head.json").unlink()
    with pytest.raises(AuditError, match="The head of the audit trail"):
        run("ramp.yaml", components={"tank": tank}, out=tmp_path / "out")
    assert not (tmp_path / "out" / "result.h5").exists()


def test_a_study_is_recorded(trail):
    result = study("levels.yaml", components={"tank": tank}, why="screening")
    begun, ended = records_of(trail)
    assert (begun.kind, begun.why, begun.before["folder"]) == ("study", "screening", str(result.folder))
    assert begun.before["study"] == hashlib.sha256(STUDY.encode()).hexdigest()
    assert ended.after["runs"] == {"completed": 3}
    assert ended.after["study.json"] == hashlib.sha256((result.folder / "study.json").read_bytes()).hexdigest()


def test_what_is_recorded_is_in_the_trail_of_the_project(trail, tmp_path, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    run(tmp_path / "ramp.yaml", components={"tank": tank})
    study(tmp_path / "levels.yaml", components={"tank": tank})
    note_build(BuiltFmu("Library.Model", "2.0", tmp_path / "model.fmu", "ab" * 32, False, 1.5), tmp_path)
    note_build(BuiltFmu("Library.Model", "2.0", tmp_path / "model.fmu", "ab" * 32, False, 1.5))  # of nothing there
    assert [record.kind for record in records_of(trail)] == ["run", "run", "study", "study", "build"]


def test_only_what_was_built_is_recorded(trail, tmp_path):
    for is_cached in (True, False):
        note_build(BuiltFmu("Library.Model", "2.0", tmp_path / "model.fmu", "ab" * 32, is_cached, 1.5))
    (built,) = records_of(trail)
    assert (built.kind, built.subject, built.after["sha256"]) == ("build", "Library.Model", "ab" * 32)
