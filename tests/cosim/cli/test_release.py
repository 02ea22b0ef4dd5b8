"""`cosim release` takes a release from its file to a scenario that runs it, with people who type passphrases."""

import contextlib
import hashlib
import io
import json
import shutil
import zipfile

import pytest
from fmu_factory import build_lag
from typer.testing import CliRunner

from cosim.audit import ed25519
from cosim.cli.app import run_app
from cosim.release import keyring
from cosim.renewal.file import RenewalFile
from cosim.renewal.record import Step
from cosim.renewal.running import Renewed

RELEASE = """\
release: lag
version: 1.0.0
intended_use: To try it
main: lag.fmu
content: {model: [lag.fmu]}
gates:
  verified: {regression: {evidence: regress.json}}
  validated:
    calibration: {evidence: error.json, value: error, at_most: 0.05}
"""
SCENARIO = """\
scenario: lag
components: {lag: {source: "release:lag@1.0.0", host: inline}}
phases: {run: {active: [lag], duration: 2 s, step: 1 s}}
"""
WORDS = "some words that nobody guesses"


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(tmp_path / "keys" / "trail.key"))
    monkeypatch.setenv("COSIM_PASSPHRASE_FILE", str(tmp_path / "words"))
    monkeypatch.setattr(keyring, "key_file", lambda person: tmp_path / "keys" / f"{person}.key")
    monkeypatch.setattr(ed25519, "_COST", 2**10)
    (tmp_path / "words").write_text(f"{WORDS}\n")
    (tmp_path / "words").chmod(0o600)
    (tmp_path / "release.yaml").write_text(RELEASE)
    (tmp_path / "lag.yaml").write_text(SCENARIO)
    build_lag(tmp_path / "lag.fmu")
    return tmp_path


@pytest.fixture
def cosim(project, capsys):
    def call(*words, code=0):
        found = run_app(words)
        told = capsys.readouterr()
        assert found == code, told
        return told.out if code in (0, 1) else told.err

    return call


def begin(cosim, project):
    cosim("audit", "init")
    for person in ("ada", "linus", "grace"):
        cosim("release", "key", person)
    cosim("release", "init", "--as", "ada", "--name", "Ada Lovelace")
    for person, name, role in (("linus", "Linus Pauling", "author"), ("grace", "Grace Hopper", "approver")):
        public = json.loads((project / "keys" / f"{person}.key").read_text())["public"]
        cosim("release", "admit", person, "--name", name, "--public", public, "--role", role, "--as", "ada")


def test_a_release_from_its_file_to_a_run(project, cosim):
    begin(cosim, project)
    about = hashlib.sha256((project / "lag.fmu").read_bytes()).hexdigest()
    (project / "regress.json").write_text(json.dumps({"good": True, "of": about}))
    (project / "error.json").write_text(json.dumps({"error": 0.01, "of": about}))
    assert "lag@1.0.0: draft, signed by Linus Pauling." in cosim("release", "create", "release.yaml", "--as", "linus")
    assert "✗ regression" in cosim("release", "promote", "lag@1.0.0", "--as", "linus", code=1)
    cosim("release", "evidence", "lag@1.0.0", "regress.json", "error.json", "--as", "linus")
    assert "lag@1.0.0: verified." in cosim("release", "promote", "lag@1.0.0", "--as", "linus")
    for gate in ("prediction", "sensitivity"):
        why = ("--reason", "it has one parameter", "--as", "grace")
        cosim("release", "deviation", "lag@1.0.0", "--gate", gate, *why)
    document = json.loads(cosim("release", "promote", "lag@1.0.0", "--as", "linus", "--json"))
    assert (document["state"], [gate["state"] for gate in document["gates"]]) == (
        "validated",
        ["passed", "deviation", "deviation"],
    )
    assert "warning: Component 'lag': The release lag@1.0.0 is validated, not approved." in _run(cosim, "out-1")
    cosim("release", "approve", "lag@1.0.0", "--as", "grace")
    cosim("release", "promote", "lag@1.0.0", "--as", "linus")
    assert "not approved" not in _run(cosim, "out-2")
    assert "lag@1.0.0" in cosim("release", "list", "--state", "approved")
    assert "release:lag@1.0.0" in (project / "out-1" / "run.json").read_text()
    assert "lag.fmu" in cosim("release", "find", "lag.fmu")
    cosim("export", "lag.yaml", "--ssp", "--out", "lag.ssp")
    with zipfile.ZipFile("lag.ssp") as package:
        assert hashlib.sha256(package.read("resources/lag.fmu")).hexdigest() == about
    cosim("release", "report", "lag@1.0.0")
    cosim("release", "export", "lag@1.0.0")
    assert {"lag-1.0.0.html", "lag-1.0.0.zip"} <= {path.name for path in project.iterdir()}
    assert "deviation prediction  Grace Hopper: it has one parameter" in cosim("release", "show", "lag@1.0.0")
    assert json.loads(cosim("release", "show", "lag@1.0.0", "--json"))["state"] == "approved"
    assert "all as written" in cosim("audit", "verify")
    cosim("release", "retire", "lag@1.0.0", "--reason", "It was a trial.", "--as", "grace")
    assert "lag@1.0.0 was retired by Grace Hopper: It was a trial." in cosim("run", "lag.yaml", code=2)
    assert WORDS not in "".join(path.read_text(errors="replace") for path in project.rglob("*.json*"))


def _run(cosim, out):
    told = io.StringIO()
    with contextlib.redirect_stderr(told):
        cosim("run", "lag.yaml", "--out", out, "--quiet")
    return told.getvalue()


def test_passphrases(project, cosim, monkeypatch):
    cosim("release", "key", "ada")
    assert "There is a key in" in cosim("release", "key", "ada", code=2)
    (project / "words").write_text("short")
    assert "has at least 10 characters" in cosim("release", "key", "eve", code=2)
    (project / "words").write_text("something else entirely")
    wrong = cosim("release", "init", "--as", "ada", "--name", "Ada Lovelace", code=2)
    assert "The passphrase is not that of the key in" in wrong
    (project / "words").chmod(0o644)
    assert "can be read by others" in cosim("release", "init", "--as", "ada", "--name", "Ada", code=2)
    monkeypatch.setenv("COSIM_PASSPHRASE_FILE", "nowhere")
    assert "The passphrase cannot be read" in cosim("release", "init", "--as", "ada", "--name", "Ada", code=2)
    assert "There is no key in" in cosim("release", "init", "--as", "eve", "--name", "Eve", code=2)


def test_a_passphrase_is_asked_for_each_time(project, cosim, monkeypatch):
    monkeypatch.delenv("COSIM_PASSPHRASE_FILE")
    asked = []

    def prompt(text, **options):
        assert options["hide_input"]
        asked.append(text)
        return WORDS

    monkeypatch.setattr("typer.prompt", prompt)
    monkeypatch.setattr("cosim.cli.asking.has_terminal", lambda: True)
    begin(cosim, project)
    assert len(asked) == 3 + 3


def test_without_a_terminal_nobody_is_asked(project, cosim, monkeypatch):
    cosim("release", "key", "ada")
    monkeypatch.delenv("COSIM_PASSPHRASE_FILE")
    monkeypatch.setattr("cosim.cli.asking.has_terminal", lambda: False)
    told = "There is no terminal to ask for the passphrase: set COSIM_PASSPHRASE_FILE."
    assert told in cosim("release", "key", "eve", code=2)
    assert told in cosim("release", "init", "--as", "ada", "--name", "Ada Lovelace", code=2)


def test_a_key_that_has_expired_is_not_admitted(project, cosim):
    begin(cosim, project)
    cosim("release", "key", "eve")
    public = json.loads((project / "keys" / "eve.key").read_text())["public"]
    words = ("release", "admit", "eve", "--name", "Eve Moneypenny", "--public", public, "--role", "author")
    assert "--until 2020-01-01 lies in the past" in cosim(*words, "--until", "2020-01-01", "--as", "ada", code=2)
    assert "until 2999-12-31" in cosim(*words, "--until", "2999-12-31", "--as", "ada")  # the key is not used up


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("list",), "This needs a registry, and there is none here or above. 'cosim release init' begins one."),
        (("init", "--as", "ada", "--name", "Ada Lovelace"), "There is no key in"),
        (("show", "lag"), "This needs a registry"),
    ],
)
def test_what_cannot_be_done(cosim, words, text):
    assert text in cosim("release", *words, code=2)


def test_a_registry_needs_a_trail(project, cosim):
    cosim("release", "key", "ada")
    text = cosim("release", "init", "--as", "ada", "--name", "Ada Lovelace", code=2)
    assert "A registry needs an audit trail that tells of it. Begin one: cosim audit init" in text


def test_a_trail_that_is_gone_is_missed_by_the_registry(project, cosim):
    begin(cosim, project)
    cosim("audit", "init", "other/audit")  # a further trail is no loss
    shutil.move(project / "audit", project / "kept")
    told = cosim("audit", "verify", code=1)
    assert "Not as written: The registry '" in told
    assert "which is gone: bring it back from a backup." in told
    assert json.loads(cosim("audit", "verify", "--json", code=1))["good"] is False
    for folder in ("audit", "new/place/audit"):
        assert "which is gone: bring it back from a backup." in cosim("audit", "init", folder, code=3)
    assert not (project / "audit").exists()
    shutil.move(project / "kept", project / "audit")
    assert "all as written" in cosim("audit", "verify")


def test_a_release_that_is_not_there(project, cosim):
    begin(cosim, project)
    text = cosim("check", "lag.yaml", code=2)
    assert "lag.yaml:2" in text
    assert "Component 'lag': There is no release lag@1.0.0 in" in text


def test_baselines_are_proposed_and_approved(project, cosim):
    begin(cosim, project)
    (project / "alone.yaml").write_text("suite: alone\ncases: {lag: {fmu: lag.fmu, duration: 2 s, step: 1 s}}\n")
    words = ("release", "baseline", "alone.yaml", "--reason", "the first", "-w0", "-q")
    assert "Say who that is: --as PERSON" in cosim(*words, code=2)
    assert "that takes the role of author" in cosim(*words, "--as", "grace", code=2)
    other = ("--key", str(project / "keys" / "grace.key"))
    text = cosim(*words, "--as", "linus", *other, code=2)
    assert "The key is not the one that was admitted for 'linus'" in text
    assert not (project / "baselines").exists()
    assert "baselines-alone@1: waits for approval by somebody else." in cosim(*words, "--as", "linus")
    assert "approval: The baseline" in cosim("regress", "alone.yaml", "-w0", "-q", "--out", "out", code=1)
    told = json.loads(cosim("release", "show", "baselines-alone@1", "--file", "change.json"))
    assert told["cases"]["lag"]["reason"] == "the first"
    assert "has no 'x'. It has baselines/alone/index.json" in cosim(
        "release", "show", "baselines-alone@1", "--file", "x", code=2
    )
    cosim("release", "approve", "baselines-alone@1", "--as", "grace")
    assert "baselines-alone@1: approved." in cosim("release", "promote", "baselines-alone@1", "--as", "grace")
    assert "approved in baselines-alone@1" in cosim("regress", "alone.yaml", "-w0", "-q", "--out", "out")
    assert "baselines-alone@1: approved." in cosim(*words, "--as", "linus")
    assert "all as written" in cosim("audit", "verify")


def test_the_policy_is_shown_and_changed(project, cosim):
    begin(cosim, project)
    policy = json.loads(cosim("release", "policy"))
    assert policy["model"]["verified"] == ["regression"]
    (project / "policy.json").write_text(json.dumps({"model": {"verified": ["regression", "inspection"]}}))
    cosim("release", "policy", "policy.json", "--as", "ada", "--reason", "after the inspection")
    assert json.loads(cosim("release", "policy")) == {"model": {"verified": ["regression", "inspection"]}}
    (project / "policy.json").write_text(json.dumps({"model": {"done": []}}))
    assert "should list gates under some of verified" in cosim(
        "release", "policy", "policy.json", "--as", "ada", code=2
    )
    cosim("release", "revoke", "grace", "--reason", "has left", "--as", "ada")
    assert "revoked: has left" in cosim("release", "people")
    assert len(json.loads(cosim("release", "people", "--json"))) == 3


def test_each_verb_has_help_with_an_example():
    from cosim.cli.release_renew import app

    verbs = [command.name or command.callback.__name__ for command in app.registered_commands]
    assert len(verbs) >= 14
    for verb in verbs:
        told = CliRunner().invoke(app, [verb, "--help"])
        assert "Example: cosim release" in told.output, verb


def test_a_renewal(project, cosim, monkeypatch):
    begin(cosim, project)
    steps = [Step("train", True, "surrogate abc", is_known=True), Step("compare", False, "not better")]
    asked, states = [], ["draft"]

    def renew(path, **options):
        asked.append(options["author"])
        for step in steps:
            options["listeners"].done(step)
        status = ("refused", "ready", *["proposed"] * 3)[len(asked) - 1]
        file = RenewalFile(path, "pool", "", None, None, path, "", ())
        titles = ["pool_net@2"] if status == "proposed" else []
        return Renewed(file, status, steps, titles, states[: len(titles)])

    monkeypatch.setattr("cosim.renewal.running.renew", renew)
    told = cosim("release", "renew", "pool.yaml", code=1)
    assert told == "  ✓ train     surrogate abc (known)\n  ✗ compare   not better\npool: not proposed.\n"
    assert "good, and not proposed yet: cosim release renew pool.yaml --as" in cosim("release", "renew", "pool.yaml")
    document = json.loads(cosim("release", "renew", "pool.yaml", "--as", "linus", "--json"))
    assert (document["status"], document["proposed"], document["states"]) == ("proposed", ["pool_net@2"], ["draft"])
    assert "pool: proposed as pool_net@2, a draft." in cosim("release", "renew", "pool.yaml", "--as", "linus")
    states[:] = ["validated"]
    assert "pool: proposed before as pool_net@2 (validated)." in cosim("release", "renew", "pool.yaml", "--as", "linus")
    assert [asked[0], asked[2].person] == [None, "linus"]
    other = ("--key", str(project / "keys" / "grace.key"))
    text = cosim("release", "renew", "pool.yaml", "--as", "linus", *other, code=2)
    assert "The key is not the one that was admitted for 'linus'" in text
    assert "'grace' proposes nothing: that takes the role of author" in cosim(
        "release", "renew", "pool.yaml", "--as", "grace", code=2
    )
