"""A model validated, its surrogate trained and weighed, and a release proposed, step by step, each of them once."""

import json
import math
import shutil
from pathlib import Path

import pytest
from pooled import MODEL, SCENARIO, TRAINING
from released import make_workplace

from cosim.errors import CosimError, ReleaseError, RequestError
from cosim.release.drift import Drift, DriftedModel, DriftSignal, write_drift
from cosim.releasing import verify_all
from cosim.renewal import running, weighing
from cosim.renewal.running import Author, renew
from cosim.surrogate.package import read_package

pytest.importorskip("torch", reason="needs torch")

GUIDE = Path(__file__).parents[3] / "docs/how-to/renew-a-model.md"
PLANT = SCENARIO[: SCENARIO.index("surrogates:")].replace("duration: 4 h, step: 5 min", "duration: 10 min, step: 1 min")
STUDY = """\
study: calibration
scenario: plant.yaml
factors: {pool.tau: {from: 50 s, to: 200 s}}
method: {name: calibration, data: batches.csv, starts: 1}
"""
SUITE = """\
suite: plant
cases: {batch: {scenario: plant.yaml, signals: {pool.c: {absolute: 0.1 mol/m3}}, against: {data: batch.csv}}}
"""
RENEWAL = """\
renewal: pool
description: A pool, once more
validate:
  study: calibration.yaml
  gates: {prediction: {value: answer.tables.fit.pool.c.batch_2.ratio, at_most: 2}}
train: pool_net.yaml
propose: release.yaml
"""
RELEASE = """\
release: pool_net
version: '2'
kind: surrogate
intended_use: Studies
main: renewals/pool/surrogate/manifest.json
content: {surrogate: [renewals/pool/surrogate]}
gates:
  verified: {regression: {evidence: regress.json}}
  validated:
    surrogate: {evidence: renewals/pool/comparison.json, value: candidate.error, below: in_service.error}
"""


def batches(tau):
    rows = ["experiment,use,time [s],pool.c [mol/m3],sd pool.c [mol/m3]"]
    for batch, use, factor in (("batch_1", "fit", 1.0), ("batch_2", "check", tau / 100)):
        for time in (0, 60, 120, 300, 600):
            rows.append(f"{batch},{use if time == 0 else ''},{time},{2 - math.exp(-time / 100 / factor):.4f},0.01")
    return "\n".join(rows) + "\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    workplace = make_workplace(tmp_path, monkeypatch)
    files = {
        "Pool.mo": MODEL, "plant.yaml": PLANT, "calibration.yaml": STUDY, "suite.yaml": SUITE, "release.yaml": RELEASE,
        "pool_net.yaml": TRAINING.replace("iterations: 1500", "iterations: 50"), "pool.yaml": RENEWAL,
        "batches.csv": batches(100), "batch.csv": "time [s],pool.c [mol/m3]\n300,1.95\n600,2\n",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return workplace


def write(project, name, *changes):
    path = project.folder / name
    text = path.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text)


def run(project, *, person=None, **options):
    author = None if person is None else Author(project.registry, person, project.keys[person])
    return renew(project.folder / "pool.yaml", author=author, workers=0, **options)


def told(renewed):
    return {step.name: (step.holds, step.is_known) for step in renewed.steps}


def faults_of(project):
    verdict, faults = verify_all(project.folder / "audit", project.folder / "registry", heads=(), key=None)
    return ([verdict.fault] if verdict.fault else []) + faults


def drift_of(project, sha256):
    folder = project.folder / "session"
    folder.mkdir(exist_ok=True)
    signal = DriftSignal("pool.c", "1", 5.0, 3.0, "2026-11-19T20:00:00+00:00")
    write_drift(folder, Drift("2026-11-20T08:00:00+00:00", "B-7", (signal,), DriftedModel("pool.fmu", sha256)))
    return folder


def test_the_loop_from_drift_to_a_proposal(project):
    first = run(project)
    assert (first.status, first.exit_code, first.titles) == ("ready", 0, ())
    assert told(first) == {"validate": (True, False), "train": (True, False), "compare": (True, False)}
    assert "nothing is in service to compare with" in first.steps[-1].text
    package = read_package(first.file.folder / "surrogate")

    shutil.copytree(package.folder, project.folder / "old")
    write(project, "pool.yaml", ("propose:", "in_service: old\npropose:"))
    same = run(project)
    assert (same.status, same.exit_code) == ("refused", 1)
    assert "not better than the one in service" in same.steps[-1].text
    assert told(same) == {"validate": (True, True), "train": (True, True), "compare": (False, False)}
    assert told(run(project)) == {"validate": (True, True), "train": (True, True), "compare": (False, True)}
    assert project.registry.titles() == []

    write(project, "pool_net.yaml", ("iterations: 50", "iterations: 500"))
    better = run(project, person="linus", drift=drift_of(project, package.fmu_sha256))
    assert (better.status, better.titles) == ("proposed", ["pool_net@2"])
    assert told(better)["train"] == (True, False)
    assert "better than the one in service" in better.steps[3].text
    again = run(project, person="linus", drift=project.folder / "session")
    assert all(step.is_known for step in again.steps)
    assert again.titles == ["pool_net@2"]

    release = project.registry.release("pool_net@2")
    assert release.state == "draft"
    assert release.author.reason.startswith("Drift in batch B-7")
    assert {f"renewals/pool/{name}.json" for name in ("drift", "validation", "comparison")} < set(release.hashes)
    project.add("pool_net@2", regress={"good": True, "of": release.hashes["renewals/pool/surrogate/manifest.json"]})
    assert project.promote("pool_net@2")[0].facts["to"] == "verified"
    assert project.promote("pool_net@2")[0].facts["to"] == "validated"
    assert project.promote("pool_net@2")[0] is None
    assert faults_of(project) == []


def test_a_model_that_is_not_validated_is_not_trained_on(project, monkeypatch):
    (project.folder / "batches.csv").write_text(batches(300))
    monkeypatch.setattr(running, "train", None)
    refused = run(project, person="linus")
    assert (refused.status, told(refused)) == ("refused", {"validate": (False, False)})
    assert "prediction failed: answer.tables.fit.pool.c.batch_2.ratio is " in refused.steps[0].text
    assert project.registry.titles() == []
    (project.folder / "batches.csv").write_text(batches(100))
    monkeypatch.setattr(running, "train", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(project)


def _interrupted(*_, **__):
    raise KeyboardInterrupt


def test_what_was_interrupted_goes_on(project, monkeypatch):
    write(
        project, "pool.yaml", ("study: calibration.yaml\n", "suite: suite.yaml\n"), (RENEWAL.splitlines()[4] + "\n", "")
    )
    with monkeypatch.context() as patch:
        patch.setattr(running, "weigh", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(project)
    with monkeypatch.context() as patch:
        patch.setattr(running, "train", None)
        done = run(project)
    assert told(done) == {"validate": (True, True), "train": (True, True), "compare": (True, False)}
    assert done.steps[0].text == "within the limits of 'plant': batch"
    (project.folder / "renewals" / "pool" / "surrogate" / "weights.safetensors").write_bytes(b"")
    with monkeypatch.context() as patch:
        patch.setattr(running, "train", _refused)
        with pytest.raises(CosimError, match="cannot be trained now"):
            run(project)
    write(project, "batch.csv", ("300,1.95", "300,1.5"))
    refused = run(project)
    assert (refused.status, refused.steps[0].text) == ("refused", "the case 'batch' is failed")


def _refused(*_, **__):
    raise CosimError("It cannot be trained now.")


def test_drift_of_another_model(project):
    run(project)
    shutil.copytree(project.folder / "renewals" / "pool" / "surrogate", project.folder / "old")
    write(project, "pool.yaml", ("train:", "drift: session\ntrain:"))
    with pytest.raises(CosimError, match="'drift'"):
        run(project)
    write(project, "pool.yaml", ("drift: session\n", ""), ("validate:", "drift: session\nvalidate:"))
    with pytest.raises(ReleaseError, match=r"no drift was seen there|There is no"):
        run(project)
    write(project, "pool.yaml", ("propose:", "in_service: old\npropose:"))
    drift_of(project, "ab" * 32)
    with pytest.raises(
        ReleaseError, match=r"The drift is of 'pool\.fmu', with the SHA-256 abababababab…, and 'old' is"
    ):
        run(project)


def test_what_was_validated_is_what_is_trained_on(project):
    (project.folder / "Other.mo").write_text(MODEL.replace("Pool", "Other"))
    write(project, "plant.yaml", ("modelica:Pool", "modelica:Other"))
    with pytest.raises(ReleaseError, match="'validate' has run other models than the surrogate is trained on"):
        run(project)


def test_a_suite_that_holds_another_model_against_data_validates_nothing(project, monkeypatch):
    monkeypatch.setattr(running, "train", None)
    (project.folder / "Other.mo").write_text(MODEL.replace("Pool", "Other"))
    (project.folder / "other.yaml").write_text(PLANT.replace("modelica:Pool", "modelica:Other"))
    limits = "signals: {pool.c: {absolute: 0.1 mol/m3}}, accept: [capability]"
    write(
        project,
        "suite.yaml",
        ("plant.yaml", "other.yaml"),
        ("cases: {", f"cases: {{smoke: {{scenario: plant.yaml, {limits}, against: {{fmi: 3.0}}}}, "),
    )
    write(
        project, "pool.yaml", ("study: calibration.yaml\n", "suite: suite.yaml\n"), (RENEWAL.splitlines()[4] + "\n", "")
    )
    refused = run(project)
    assert (refused.status, told(refused)) == ("refused", {"validate": (False, False)})
    assert "what 'plant' holds against data of a plant (batch) are other models" in refused.steps[0].text


def test_runs_that_the_one_in_service_has_seen_are_left_out(project):
    first = run(project)
    shutil.copytree(first.file.folder / "surrogate", project.folder / "old")
    write(project, "pool.yaml", ("propose:", "in_service: old\npropose:"))
    write(project, "pool_net.yaml", ("train: 24, validate: 8, test: 8", "train: 8, validate: 4, test: 4"))
    run(project)
    told = json.loads((first.file.folder / "comparison.json").read_text())
    assert (told["first_run"], told["runs"]) == (32, 4)


def test_the_gates_of_the_guide_pass_where_nothing_is_in_service(project):
    blocks = GUIDE.read_text(encoding="utf-8").split("```yaml\n")
    (text,) = [block.split("```")[0] for block in blocks if block.startswith("release:")]
    (project.folder / "release.yaml").write_text(text)
    assert run(project, person="linus").titles == ["pool_net@2"]
    main = project.registry.release("pool_net@2").hashes["renewals/pool/surrogate/manifest.json"]
    project.add("pool_net@2", regress={"exit_code": 0, "of": main})
    assert [project.promote("pool_net@2")[0].facts["to"] for _ in range(2)] == ["verified", "validated"]


@pytest.mark.parametrize(
    ("own", "other", "is_better"),
    [(0.1, None, True), (0.1, 0.2, True), (0.2, 0.1, False), (None, None, False), (None, 0.2, False)],
)
def test_what_breaks_down_is_worse_than_what_does_not(own, other, is_better):
    assert weighing._is_below(own, other) is is_better


@pytest.mark.parametrize(
    ("name", "old", "new", "text"),
    [
        ("release.yaml", "'2'", "'1'", "pool_net@1 is there already. Give another version"),
        ("release.yaml", "kind: surrogate", "kind: surogate", "There is no kind 'surogate'"),
        ("pool.yaml", "propose: release.yaml", "propose: inner/release.yaml", "lies outside"),
    ],
)
def test_what_cannot_be_proposed_is_not_begun(project, name, old, new, text):
    project.create("1", "pool_net")
    (project.folder / "release.yaml").write_text(RELEASE)
    (project.folder / "inner" / "renewals/pool/surrogate").mkdir(parents=True)
    (project.folder / "inner" / "renewals/pool/surrogate/manifest.json").write_text("{}")
    (project.folder / "inner" / "release.yaml").write_text(RELEASE)
    write(project, name, (old, new))
    with pytest.raises(CosimError) as caught:
        run(project, person="linus")
    assert text in str(caught.value)
    assert not (project.folder / "renewals/pool/renewal.json").exists()


def test_a_version_that_was_proposed_is_not_trained_again(project, monkeypatch):
    assert run(project, person="linus").titles == ["pool_net@2"]
    write(project, "pool_net.yaml", ("iterations: 50", "iterations: 60"))
    monkeypatch.setattr(running, "train", None)
    with pytest.raises(ReleaseError, match="pool_net@2 is there already, and its surrogate is to be trained"):
        run(project, person="linus")


def test_what_is_proposed_is_what_was_made(project, monkeypatch):
    run(project)
    write(
        project,
        "release.yaml",
        ("main: renewals/pool/surrogate/manifest.json", "main: Pool.mo"),
        ("content: {", "content: {sources: [Pool.mo], "),
    )
    with pytest.raises(ReleaseError, match=r"'Pool\.mo', is neither the surrogate nor the model of this renewal"):
        run(project, person="linus")
    (project.folder / "elsewhere").mkdir()
    (project.folder / "release.yaml").rename(project.folder / "elsewhere" / "release.yaml")
    (project.folder / "elsewhere" / "Pool.mo").write_text(MODEL)
    write(project, "elsewhere/release.yaml", (", surrogate: [renewals/pool/surrogate]", ""))
    write(project, "pool.yaml", ("release.yaml", "elsewhere/release.yaml"))
    with pytest.raises(ReleaseError, match="lies outside"):
        run(project, person="linus")


def test_the_registry_tells_what_was_proposed(project):
    assert run(project, person="linus").titles == ["pool_net@2"]
    again = run(project, person="linus")
    assert (again.titles, told(again)["propose"]) == (["pool_net@2"], (True, True))
    assert len(project.registry.events("pool_net@2")) == 1
    project.add("pool_net@2", regress={"good": True})
    assert told(run(project, person="linus"))["propose"] == (True, True)
    project.sign("pool_net@2", "retire", "grace", reason="was wrong")
    with pytest.raises(ReleaseError, match=r"pool_net@2 is there already. Give another version"):
        run(project, person="linus")


@pytest.mark.parametrize("text", ["", "[]", '{"format": "cosim renewal 1", "steps": {"train": 3}}', "[" * 100_000])
def test_a_record_that_is_none(project, text):
    folder = project.folder / "renewals" / "pool"
    folder.mkdir(parents=True)
    (folder / "renewal.json").write_text(text)
    with pytest.raises(ReleaseError, match="does not tell a renewal"):
        run(project)


def test_one_process_at_a_time(project):
    folder = project.folder / "renewals" / "pool"
    folder.mkdir(parents=True)
    with running.locked(folder), pytest.raises(RequestError, match="is being renewed by another process"):
        run(project)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("train: pool_net.yaml\n", "", "There is no 'train'. Write the training file"),
        ("  study: calibration.yaml\n", "", "'validate' takes one of 'study' and 'suite'"),
        (RENEWAL.splitlines()[4] + "\n", "", "A study answers, and does not judge. Give 'gates'"),
        ("study: c", "suite: c", "it takes no 'gates'"),
        ("at_most: 2", "at_most: two", "compares with 'two', which is no number"),
        ("propose: release.yaml", "propose: []", "'propose' names no release file"),
        ("renewal: pool", "renewal: ../x", "renewal"),
        ("description", "descripton", "has no key 'descripton'. Do you mean 'description'"),
        ("pool_net.yaml", "nothing.yaml", "There is no training file"),
    ],
)
def test_what_is_wrong_with_a_file(project, old, new, text):
    write(project, "pool.yaml", (old, new))
    with pytest.raises(CosimError) as caught:
        run(project)
    assert text in str(caught.value)
    assert not (project.folder / "renewals").exists()
