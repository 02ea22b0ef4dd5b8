"""Where people are registered who approve, a baseline counts when somebody other than its author has approved it."""

import json
import re
import shutil
from dataclasses import replace

import pytest
from released import make_workplace

from cosim.errors import CosimError, ReleaseError, RequestError, ResultError, ScenarioError, SignatureError
from cosim.regressing.approval import approvals_of
from cosim.regressing.baselining import set_baselines
from cosim.regressing.proposing import propose, proposing
from cosim.regressing.reporting import write_reports
from cosim.regressing.running import regress
from cosim.regression.document import document_of
from cosim.regression.parse import read_suite
from cosim.regression.settings import encode_settings
from cosim.release.registry import PEOPLE
from cosim.releasing import verify_all
from cosim.results.document import encode

MODEL = """\
model Ramp
  parameter Real slope = 2;
  output Real y(start = 0, fixed = true);
equation
  der(y) = slope;
end Ramp;
"""
SCENARIO = """\
scenario: ramp
components: {f: {source: modelica:Ramp}}
parameters: {f: {slope: 2}}
phases: {run: {active: [f], duration: 2 s, step: 1 s}}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    for module in ("running", "staging"):
        monkeypatch.setattr(f"cosim.regressing.{module}.cache_folder", lambda: tmp_path / "cache")
    (tmp_path / "Ramp.mo").write_text(MODEL)
    (tmp_path / "ramp.yaml").write_text(SCENARIO)
    (tmp_path / "suite.yaml").write_text("suite: Ramps\ncases: {ramp: {scenario: ramp.yaml}}\n")
    return make_workplace(tmp_path, monkeypatch)


def set_slope(project, slope):
    (project.folder / "ramp.yaml").write_text(SCENARIO.replace("slope: 2", f"slope: {slope}"))


def outcome(project):
    return regress(project.folder / "suite.yaml", workers=0).cases[0]


def change(project, reason="a change", by="Linus Pauling"):
    return set_baselines(project.folder / "suite.yaml", reason=reason, by=by, workers=0)


def put_forward(project, reason="a change", person="linus"):
    return propose(
        project.folder / "suite.yaml", project.registry, person=person, key=project.keys[person], reason=reason
    )


def approve(project, title):
    project.sign(title, "approve", "grace")
    assert project.promote(title, "grace")[0].facts["to"] == "approved"


def faults_of(project):
    verdict, faults = verify_all(project.folder / "audit", project.folder / "registry", heads=(), key=None)
    return ([verdict.fault] if verdict.fault else []) + faults


def test_a_baseline_counts_when_it_is_approved(project):
    change(project, "the first")
    found = outcome(project)
    assert (found.status, found.exit_code) == ("failed", 1)
    assert [finding.kind for finding in found.comparison.failures] == ["approval"]
    assert "(Linus Pauling: the first) was not proposed for approval: cosim release baseline" in (
        found.comparison.failures[0].text
    )
    title, is_approved = put_forward(project)
    assert (title, is_approved) == ("baselines-ramps@1", False)
    assert put_forward(project) == (title, False)
    assert (
        outcome(project)
        .comparison.failures[0]
        .text.endswith(
            "waits for approval by somebody other than Linus Pauling: cosim release approve baselines-ramps@1"
        )
    )
    assert outcome(project).baseline.endswith(", unapproved")
    with pytest.raises(SignatureError, match="it takes the role of approver"):
        project.sign(title, "approve", "linus")
    project.sign(title, "approve", "grace")
    found = outcome(project).comparison.failures[0]
    assert found.text.endswith(" has been approved by Grace Hopper: cosim release promote baselines-ramps@1")
    project.promote(title, "grace")
    found = outcome(project)
    assert (found.status, found.baseline.partition(", ")[2]) == ("passed", "approved in baselines-ramps@1")
    assert put_forward(project) == (title, True)
    assert faults_of(project) == []


RELEASE = """\
release: ramp
version: '1'
intended_use: To try it
main: main.txt
content: {model: [main.txt]}
gates: {verified: {regression: {evidence: regress.json, value: exit_code, equals: 0, about: nothing}}}
"""


def gate(project, suite):
    """Return what the gate of a release says of the outcome of ``suite``."""
    (project.folder / "regress.json").write_text(encode(document_of(regress(suite, workers=0))))
    project.add_files("ramp@1", "regress.json")
    (finding,) = project.registry.findings(project.registry.release("ramp@1"), "verified")
    return finding.state, finding.text


def test_a_gate_counts_only_baselines_that_are_approved(project, tmp_path_factory):
    (project.folder / "main.txt").write_text("a model")
    project.create("1", "ramp", text=RELEASE.replace("{", "{{").replace("}", "}}"))
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for name in ("Ramp.mo", "ramp.yaml", "suite.yaml"):
        shutil.copy(project.folder / name, elsewhere)
    set_baselines(elsewhere / "suite.yaml", reason="mine", by="Linus Pauling", workers=0)
    assert regress(elsewhere / "suite.yaml", workers=0).exit_code == 0
    state, text = gate(project, elsewhere / "suite.yaml")
    assert (state, text) == (
        "failed",
        "'regress.json' compares the case 'ramp' with a baseline that is not approved here: run the suite in the "
        "project of the registry",
    )
    change(project)
    title = put_forward(project)[0]
    approve(project, title)
    assert gate(project, project.folder / "suite.yaml")[0] == "passed"
    project.promote("ramp@1")
    project.sign(title, "retire", "grace", reason="was wrong")
    (finding,) = project.registry.findings(project.registry.release("ramp@1"), "verified")
    assert finding.state == "failed"
    assert faults_of(project) == []  # it was approved then


def test_who_approves_sees_what_has_changed(project):
    change(project, "the first")
    approve(project, put_forward(project)[0])
    set_slope(project, 3)
    change(project, "steeper")
    title, _ = put_forward(project, "steeper")
    release = project.registry.release(title)
    assert (title, release.manifest["supersedes"]) == ("baselines-ramps@2", "baselines-ramps@1")
    told = json.loads(project.registry.objects.read(release.hashes["change.json"], 10**6))
    assert told["since"] == "baselines-ramps@1"
    assert told["cases"]["ramp"]["reason"] == "steeper"
    assert told["cases"]["ramp"]["differences"][0].startswith("value: f.y leaves its tube")


def test_back_to_a_former_baseline_is_a_change_too(project):
    index = project.folder / "baselines" / "Ramps" / "index.json"
    change(project, "the first")
    approve(project, put_forward(project)[0])
    former = index.read_bytes()
    set_slope(project, 3)
    change(project, "steeper")
    approve(project, put_forward(project)[0])
    assert outcome(project).status == "passed"
    index.write_bytes(former)
    set_slope(project, 2)
    assert [finding.kind for finding in outcome(project).comparison.failures] == ["approval"]
    assert put_forward(project, "back")[0] == "baselines-ramps@3"


def test_a_baseline_that_was_put_there_by_hand_is_not_approved(project):
    change(project, "the first")
    approve(project, put_forward(project)[0])
    set_slope(project, 3)
    change(project, "steeper")
    (found,) = outcome(project).comparison.failures
    assert found.kind == "approval"
    project.sign("baselines-ramps@1", "retire", "grace", reason="was wrong")
    assert approvals_of(read_suite(project.folder / "suite.yaml")).known == ()


def test_the_author_does_not_approve_whatever_his_roles(project):
    change(project)
    title, _ = put_forward(project, person="emmy")
    with pytest.raises(SignatureError, match="Emmy Noether has written baselines-ramps@1"):
        project.sign(title, "approve", "emmy")
    assert project.promote(title, "emmy")[0] is None


def test_a_suite_cannot_accept_it(project):
    path = project.folder / "suite.yaml"
    path.write_text(path.read_text().replace("ramp.yaml", "ramp.yaml, accept: [approval]"))
    with pytest.raises(ScenarioError, match="cannot accept 'approval'"):
        regress(path, workers=0)


def test_an_altered_registry_is_no_answer(project):
    change(project)
    title, _ = put_forward(project)
    approve(project, title)
    record = sorted((project.folder / "registry" / "releases" / "baselines-ramps" / "1").iterdir())[-1]
    record.unlink()
    with pytest.raises(ReleaseError, match="is missing from the registry"):
        regress(project.folder / "suite.yaml", workers=0)


def test_an_altered_index_of_what_was_approved(project):
    change(project)
    title, _ = put_forward(project)
    approve(project, title)
    digest = project.registry.release(title).hashes["baselines/Ramps/index.json"]
    file = project.registry.objects.path(digest)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes().replace(b"Linus", b"Lotus"))
    with pytest.raises(ReleaseError, match="has been changed"):
        regress(project.folder / "suite.yaml", workers=0)


def test_an_index_that_leads_elsewhere(project):
    change(project)
    index = project.folder / "baselines" / "Ramps" / "index.json"
    index.write_text(index.read_text().replace('"ramp"', '"../../ramp"'))
    with pytest.raises(ReleaseError, match=r"tells of '\.\./\.\./ramp', which names no case"):
        put_forward(project)


def test_without_people_who_approve_nothing_is_asked(project):
    change(project)
    shutil.rmtree(project.folder / "registry")
    shutil.rmtree(project.folder / "audit")
    assert (outcome(project).status, outcome(project).baseline[-12:]) == ("passed", ", unapproved")
    assert proposing(project.folder / "suite.yaml", None) is None
    with pytest.raises(RequestError, match="--as names somebody of a registry, and there is none here"):
        proposing(project.folder / "suite.yaml", "linus")


def test_a_registry_that_is_named_and_not_there(project, monkeypatch):
    change(project)
    monkeypatch.setenv("COSIM_REGISTRY", str(project.folder / "elsewhere"))
    with pytest.raises(ReleaseError, match="where there is none"):
        regress(project.folder / "suite.yaml", workers=0)


def test_before_anybody_approves(project, tmp_path_factory, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("released.ROLES", {"linus": ["author"]})
        folder = tmp_path_factory.mktemp("alone")
        for name in ("Ramp.mo", "ramp.yaml", "suite.yaml"):
            shutil.copy(project.folder / name, folder / name)
        alone = make_workplace(folder, monkeypatch)
    change(alone)
    assert put_forward(alone) == put_forward(alone) == ("baselines-ramps@1", False)
    assert (outcome(alone).status, outcome(alone).baseline[-12:]) == ("passed", ", unapproved")
    alone.admit("grace", ["approver"])
    assert outcome(alone).status == "failed"


def test_who_proposes(project):
    with pytest.raises(RequestError, match="Say who that is: --as PERSON"):
        proposing(project.folder / "suite.yaml", None)
    assert project.registry.people().author("linus").name == "Linus Pauling"
    for nobody in ("grace", "nobody"):
        with pytest.raises(SignatureError, match="that takes the role of author"):
            project.registry.people().author(nobody)
    project.admit("rosalind", ["author"], "2020-12-31")
    with pytest.raises(SignatureError, match="the key has expired on 2020-12-31"):
        project.registry.people().author("rosalind")
    with pytest.raises(ReleaseError, match="has no baselines to propose"):
        put_forward(project)
    project.sign(PEOPLE, "policy", "ada", {"model": {}}, "no baselines here")
    change(project)
    with pytest.raises(CosimError, match="The registry has no kind 'baseline'"):
        put_forward(project)


def test_another_record_under_the_name_of_a_baseline(project, monkeypatch):
    change(project)
    (file,) = (project.folder / "baselines" / "Ramps").glob("*.npz")
    content = file.read_bytes()
    file.write_bytes(content + b" ")
    with pytest.raises(ResultError, match="is not what it was"):
        put_forward(project)
    with monkeypatch.context() as patch:
        patch.setattr("cosim.regressing.proposing.Baselines.read", lambda *_: None)  # as a release made by hand
        title, _ = put_forward(project)
    approve(project, title)
    file.write_bytes(content)
    assert [finding.kind for finding in outcome(project).comparison.failures] == ["approval"]
    assert put_forward(project) == ("baselines-ramps@2", False)


def test_an_approval_is_not_rolled_back(project, monkeypatch, tmp_path_factory):
    index = project.folder / "baselines" / "Ramps" / "index.json"
    change(project, "the first")
    approve(project, put_forward(project)[0])
    former = index.read_bytes()
    set_slope(project, 3)
    change(project, "steeper")
    approve(project, put_forward(project)[0])
    index.write_bytes(former)
    set_slope(project, 2)
    shutil.rmtree(project.folder / "registry" / "releases" / "baselines-ramps" / "2")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(ReleaseError, match="record 1 of baselines-ramps@2, is missing from the registry"):
        outcome(project)


def test_people_who_approve_are_not_taken_away(project):
    change(project)
    for record in sorted((project.folder / "registry" / "people").iterdir())[1:]:
        record.unlink()
    with pytest.raises(ReleaseError, match="'admit', record 2 of people, is missing from the registry"):
        outcome(project)


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_registry_that_was_removed_is_missed(project, is_forgotten, monkeypatch, tmp_path_factory):
    change(project)
    if is_forgotten:  # as of a trail that does not tell where the registry was begun
        monkeypatch.setattr("cosim.release.remains._told", lambda _: {"event": "found"})
    shutil.rmtree(project.folder / "registry")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    for again in (lambda: outcome(project), lambda: proposing(project.folder / "suite.yaml", None)):
        with pytest.raises(
            ReleaseError, match=r"registry', of which the audit trail .* tells, is gone, and with it who"
        ):
            again()
    aside = tmp_path_factory.mktemp("aside")  # a project that had none
    for name in ("Ramp.mo", "ramp.yaml", "suite.yaml"):
        shutil.copy(project.folder / name, aside)
    monkeypatch.setenv("COSIM_AUDIT", str(project.folder / "audit"))
    assert regress(aside / "suite.yaml", workers=0).cases[0].comparison.failures[0].kind == "baseline"


def test_what_is_left_of_a_registry_is_none(project):
    change(project)
    for place in (project.folder / "registry").iterdir():
        if place.name != "lock":
            shutil.rmtree(place) if place.is_dir() else place.unlink()
    shutil.rmtree(project.folder / "audit")
    with pytest.raises(ReleaseError, match=r"is what is left of a registry, without its 'registry\.json'"):
        outcome(project)


def set_suite(project, text):
    (project.folder / "suite.yaml").write_text(f"suite: Ramps\n{text}")


BOTH = """\
cases:
  ramp: {scenario: ramp.yaml}
  steep: {scenario: ramp.yaml, sources: {f: modelica:Steep}, against: {sources: {f: modelica:Ramp}}, accept: [start]}
"""


def test_what_a_suite_judges_by_is_approved_with_its_baselines(project):
    (project.folder / "Steep.mo").write_text(MODEL.replace("Ramp", "Steep").replace("slope = 2", "slope = 3"))
    (project.folder / "main.txt").write_text("a model")
    project.create("1", "ramp", text=RELEASE.replace("{", "{{").replace("}", "}}"))
    path = project.folder / "suite.yaml"
    set_suite(project, BOTH)
    change(project)
    approve(project, put_forward(project)[0])
    assert regress(path, workers=0).exit_code == 0
    set_suite(project, BOTH.replace("ramp.yaml}", "ramp.yaml, tolerance: {relative: 0.5}}"))
    found = {item.case.name: item for item in regress(path, workers=0).cases}
    assert {name: item.status for name, item in found.items()} == {"ramp": "failed", "steep": "passed"}
    (finding,) = found["ramp"].comparison.failures
    assert (finding.kind, finding.text) == (
        "approval",
        "By what 'ramp' is judged has changed since baselines-ramps@1 (rules.tolerance.relative is 0.5, was 0.001), "
        f"and was not proposed for approval: cosim release baseline {path} --reason … --as PERSON",
    )
    set_suite(project, BOTH.splitlines(keepends=True)[0] + BOTH.splitlines(keepends=True)[1])
    outcome = regress(path, workers=0)
    assert [(item["case"], item["status"]) for item in document_of(outcome)["cases"]] == [
        ("ramp", "passed"), ("steep", "failed"),
    ]  # fmt: skip
    assert "'steep' was approved in baselines-ramps@1 and is gone from the suite" in (
        outcome.cases[1].comparison.failures[0].text
    )
    assert outcome.exit_code == 1
    for name in ("report.html", "junit.xml"):
        assert (
            "gone from the suite, and was not proposed"
            in (write_reports(outcome, path.parent / "out") / name).read_text()
        )
    # evidence that was made where nobody approves, by other tolerances, is none
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cosim.regressing.approval.registry_above", lambda _: None)
        assert gate(project, path) == (
            "failed",
            "'regress.json' is of a suite with other cases or tolerances, or held against something else, than were "
            "approved with its baselines: propose them with 'cosim release baseline'",
        )
    title, is_approved = put_forward(project, "one is enough")
    assert (title, is_approved) == ("baselines-ramps@2", False)
    release = project.registry.release(title)
    told = json.loads(project.registry.objects.read(release.hashes["change.json"], 10**6))
    assert set(told["settings"]) == {"steep"}
    assert "is gone from the suite, and waits for approval by somebody other" in (
        regress(path, workers=0).cases[1].comparison.failures[0].text
    )
    approve(project, title)
    assert regress(path, workers=0).exit_code == 0
    assert gate(project, path)[0] == "passed"
    set_suite(project, BOTH)
    assert "The case 'steep' is new since baselines-ramps@2" in (
        regress(path, workers=0).cases[1].comparison.failures[0].text
    )


def test_how_a_suite_is_written_does_not_matter(project):
    change(project)
    approve(project, put_forward(project)[0])
    set_suite(
        project, "# a remark\ntolerance: {relative: 1e-3, time: 1 s}\ncases:\n  ramp:\n    scenario: ./ramp.yaml\n"
    )
    assert outcome(project).status == "passed"
    assert put_forward(project) == ("baselines-ramps@1", True)


def test_an_approval_from_before_it_told_by_what_is_judged(project, monkeypatch):
    change(project)
    with monkeypatch.context() as patch:
        patch.setattr("cosim.regressing.proposing.encode_settings", lambda _: encode_settings({}))
        title, _ = put_forward(project)
    approve(project, title)
    (finding,) = outcome(project).comparison.failures
    assert finding.text.startswith("By what 'ramp' is judged is not told in baselines-ramps@1, and was not proposed")
    assert put_forward(project) == ("baselines-ramps@2", False)
    approve(project, "baselines-ramps@2")
    assert outcome(project).status == "passed"


def test_a_registry_of_another_user(project, monkeypatch):
    change(project)
    monkeypatch.setattr("cosim.audit.where._is_ours", lambda folder: project.folder not in (folder, *folder.parents))
    with pytest.raises(ReleaseError, match=r"is a registry in a folder of another user, .*COSIM_REGISTRY="):
        outcome(project)
    monkeypatch.setenv("COSIM_REGISTRY", str(project.folder / "registry"))
    assert [finding.kind for finding in outcome(project).comparison.failures] == ["approval"]
    monkeypatch.delenv("COSIM_REGISTRY")
    project.folder.chmod(0o777)  # where anybody may put one
    assert outcome(project).status == "passed"


@pytest.mark.parametrize(("folder", "known"), [("other", "other"), ("an öther", "[0-9a-f]{16}")])
def test_suites_of_one_name_in_different_folders(project, folder, known):
    change(project)
    approve(project, put_forward(project)[0])
    other = replace(project, folder=project.folder / folder)
    other.folder.mkdir()
    for name in ("Ramp.mo", "ramp.yaml", "suite.yaml"):
        shutil.copy(project.folder / name, other.folder / name)
    set_slope(other, 3)
    change(other)
    title, is_approved = put_forward(other)
    assert (title, is_approved) == ("baselines-ramps@2", False)
    release = project.registry.release(title)
    assert re.fullmatch(f"{known}/baselines/Ramps/index.json", release.manifest["main"])
    assert release.manifest["supersedes"] == ""
    approve(project, title)
    assert outcome(project).baseline.endswith("approved in baselines-ramps@1")
    assert outcome(other).baseline.endswith("approved in baselines-ramps@2")
