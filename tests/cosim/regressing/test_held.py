"""What a case is held against is approved with the baselines of its suite: data, or the other side."""

import hashlib
import json
import shutil

import pytest
from released import make_workplace

from cosim.build.builder import build
from cosim.cli.app import run_app
from cosim.regressing.baselining import set_baselines
from cosim.regressing.held import held_against
from cosim.regressing.proposing import propose
from cosim.regressing.running import regress
from cosim.regression.document import document_of
from cosim.regression.parse import read_suite
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
SUITE = """\
suite: Ramps
cases:
  base: {scenario: base.yaml}
  held: {scenario: new.yaml, against: AGAINST, accept: [start]}
"""
RELEASE = """\
release: ramp
version: '1'
intended_use: To try it
main: main.txt
content: {model: [main.txt]}
gates: {verified: {regression: {evidence: regress.json, value: exit_code, equals: 0, about: nothing}}}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    for module in ("running", "staging"):
        monkeypatch.setattr(f"cosim.regressing.{module}.cache_folder", lambda: tmp_path / "cache")
    for name in ("Ramp", "New", "Other"):
        write_model(tmp_path, name, 2)
    for name in ("base", "other"):
        (tmp_path / f"{name}.yaml").write_text(SCENARIO)
    for name in ("New", "Other"):
        text = SCENARIO.replace("Ramp", name).replace("parameters: {f: {slope: 2}}\n", "")
        (tmp_path / f"{name.lower().replace('other', 'own')}.yaml").write_text(text)
    write_data(tmp_path, 2)
    (tmp_path / "main.txt").write_text("a model")
    return make_workplace(tmp_path, monkeypatch)


def write_model(folder, name, slope):
    (folder / f"{name}.mo").write_text(MODEL.replace("Ramp", name).replace("slope = 2", f"slope = {slope}"))


def write_scenario(folder, slope):
    (folder / "other.yaml").write_text(SCENARIO.replace("slope: 2", f"slope: {slope}"))


def write_other(folder, slope):
    write_model(folder, "Other", slope)


def write_data(folder, slope):
    (folder / "ref.csv").write_text(f"time [s],f.y\n0,0\n1,{slope}\n2,{2 * slope}\n")


def write_fmu(folder, slope):
    inner = folder / f"slope{slope}"
    inner.mkdir(exist_ok=True)
    write_model(inner, "Other", slope)
    (built,) = build(["Other"], search_path=[inner], fmi_versions=("2.0",), output=inner)
    shutil.copy(built.path, folder / "other.fmu")


def set_suite(project, against):
    (project.folder / "suite.yaml").write_text(SUITE.replace("AGAINST", against))


def put_forward(project):
    return propose(
        project.folder / "suite.yaml", project.registry, person="linus", key=project.keys["linus"], reason="a change"
    )


def approve(project, title):
    project.sign(title, "approve", "grace")
    assert project.promote(title, "grace")[0].facts["to"] == "approved"


def approved(project):
    set_baselines(project.folder / "suite.yaml", reason="the first", by="Linus Pauling", workers=0)
    approve(project, put_forward(project)[0])
    assert regress(project.folder / "suite.yaml", workers=0).exit_code == 0


def failures(project):
    """Return the kinds of what fails in each case, and the text of the last."""
    found = regress(project.folder / "suite.yaml", workers=0).cases
    texts = [finding.text for item in found for finding in item.comparison.failures]
    return {item.case.name: {f.kind for f in item.comparison.failures} for item in found}, texts[-1] if texts else ""


@pytest.mark.parametrize(
    ("against", "write", "leaf"),
    [
        ("{data: ref.csv}", write_data, "data"),
        ("{scenario: other.yaml}", write_scenario, "scenario"),
        ("{scenario: own.yaml}", write_other, "libraries.Other"),
        ("{sources: {f: modelica:Other}}", write_other, "libraries.Other"),
        ("{sources: {f: other.fmu}}", write_fmu, "models.f"),
    ],
)
def test_a_change_of_what_a_case_is_held_against(project, against, write, leaf):
    write(project.folder, 2)
    set_suite(project, against)
    approved(project)
    write_model(project.folder, "New", 3)
    assert "value" in failures(project)[0]["held"]
    write(project.folder, 3)
    found, text = failures(project)
    assert found == {"base": set(), "held": {"approval"}}
    assert f"By what 'held' is judged has changed since baselines-ramps@1 (held_against.{leaf} is " in text
    suite = project.folder / "suite.yaml"
    assert text.endswith(f"was not proposed for approval: cosim release baseline {suite} --reason … --as PERSON")
    title, is_approved = put_forward(project)
    assert (title, is_approved) == ("baselines-ramps@2", False)
    assert "waits for approval by somebody other than Linus Pauling" in failures(project)[1]
    approve(project, title)
    assert failures(project)[0] == {"base": set(), "held": set()}


def test_every_report_and_the_gate_tell_it(project, capsys):
    project.create("1", "ramp", text=RELEASE.replace("{", "{{").replace("}", "}}"))
    set_suite(project, "{data: ref.csv}")
    approved(project)
    write_model(project.folder, "New", 3)
    write_data(project.folder, 3)
    path, out = project.folder / "suite.yaml", project.folder / "out"
    said = "By what 'held' is judged has changed since baselines-ramps@1 (held_against.data is "
    assert run_app(["regress", str(path), "--out", str(out), "-w0"]) == 1
    assert f"approval: {said}" in capsys.readouterr().out
    case = json.loads((out / "regress.json").read_text())["cases"][1]
    assert [(finding["kind"], finding["text"].startswith(said)) for finding in case["findings"]] == [("approval", True)]
    for name in ("junit.xml", "report.html"):
        assert "held_against.data is " in (out / name).read_text()
    with pytest.MonkeyPatch.context() as patch:  # as where there is no registry
        patch.setattr("cosim.regressing.approval.registry_above", lambda _: None)
        assert gate(project) == (
            "failed",
            "'regress.json' is of a suite with other cases or tolerances, or held against something else, than were "
            "approved with its baselines: propose them with 'cosim release baseline'",
        )
    title, _ = put_forward(project)
    release = project.registry.release(title)
    told = json.loads(project.registry.objects.read(release.hashes["change.json"], 10**6))["settings"]
    assert list(told) == ["held"]
    assert told["held"][0].startswith("held_against.data is ")
    approve(project, title)
    assert gate(project)[0] == "passed"


def gate(project):
    """Return what the gate of a release says of the outcome of the suite."""
    outcome = regress(project.folder / "suite.yaml", workers=0)
    assert outcome.exit_code == 0
    (project.folder / "regress.json").write_text(encode(document_of(outcome)))
    project.add_files("ramp@1", "regress.json")
    (finding,) = project.registry.findings(project.registry.release("ramp@1"), "verified")
    return finding.state, finding.text


def test_layout_and_place_do_not_matter(project, tmp_path_factory):
    set_suite(project, "{scenario: other.yaml}")
    known = held_against(read_suite(project.folder / "suite.yaml"))
    (project.folder / "other.yaml").write_text("# a remark\n" + SCENARIO)
    assert held_against(read_suite(project.folder / "suite.yaml")) == known
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for file in (*project.folder.glob("*.yaml"), *project.folder.glob("*.mo")):
        shutil.copy(file, elsewhere)
    assert held_against(read_suite(elsewhere / "suite.yaml")) == known


def hash_in(folder, name):
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_an_fmu_alone_and_a_release(project):
    suite = project.folder / "suite.yaml"
    write_fmu(project.folder, 2)
    (project.folder / "in.csv").write_text("time [s],u\n0,0\n")
    text = (
        "suite: Ramps\ncases: {held: {fmu: new.fmu, duration: 2 s, step: 1 s, inputs: in.csv, against: {fmu: WHAT}}}\n"
    )
    suite.write_text(text.replace("WHAT", "other.fmu"))
    inputs, digest = hash_in(project.folder, "in.csv"), hash_in(project.folder, "other.fmu")
    assert held_against(read_suite(suite)) == {"held": {"inputs": inputs, "models": {"fmu": digest}}}
    project.create(
        "1",
        "model",
        text=RELEASE.replace("ramp", "model").replace("main.txt", "other.fmu").replace("{", "{{").replace("}", "}}"),
    )
    suite.write_text(text.replace("WHAT", "'release:model@1'"))
    assert held_against(read_suite(suite)) == {"held": {"inputs": inputs, "releases": {"model@1": digest}}}


def test_what_cannot_be_read_is_told_and_never_approved_for_what_can(project):
    set_suite(project, "{data: ref.csv}")
    (project.folder / "ref.csv").rename(project.folder / "away.csv")
    set_baselines(project.folder / "suite.yaml", reason="the first", by="Linus Pauling", workers=0)
    approve(project, put_forward(project)[0])
    assert held_against(read_suite(project.folder / "suite.yaml")) == {"held": {"content": "cannot be read"}}
    assert regress(project.folder / "suite.yaml", workers=0).exit_code == 2
    write_data(project.folder, 2)
    assert '(held_against.content is not there, was "cannot be read", held_against.data is ' in failures(project)[1]
