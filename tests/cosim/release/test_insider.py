"""Somebody who can write every file of a registry and has no key changes nothing that is not found."""

import json
import os
import shutil
import sqlite3
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from released import FILE, make_workplace

from cosim.audit import trail as trail_module
from cosim.audit.ed25519 import new_key
from cosim.audit.trail import begin
from cosim.errors import AuditError, CosimError, ReleaseError, SignatureError
from cosim.release import registry as registry_module
from cosim.release.chronicle import file_name, read_line, sign
from cosim.release.index import search
from cosim.releasing import resolve, verify_all

GATE = {"evidence": "e", "value": "v", "comparison": "equals", "limit": 1, "about": ""}
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has neither fork nor pipes in folders")


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    return make_workplace(tmp_path, monkeypatch)


def faults_of(workplace):
    verdict, faults = verify_all(workplace.folder / "audit", workplace.folder / "registry", heads=(), key=None)
    return ([verdict.fault] if verdict.fault else []) + faults


def files_of(workplace, title="reactor@1.0.0"):
    return sorted((workplace.folder / "registry" / "releases").joinpath(*title.split("@")).iterdir())


def test_every_byte_of_a_signed_record_counts(workplace):
    workplace.approved()
    file = files_of(workplace)[3]
    line = file.read_bytes()
    for at in range(len(line)):
        changed = bytearray(line)
        changed[at] ^= 1
        with pytest.raises(ReleaseError, match=r"what was signed|a record as cosim writes"):
            read_line(bytes(changed), "the record")


def test_a_changed_object(workplace):
    title = workplace.approved()
    assert resolve(title, workplace.folder).warning == ""
    digest = workplace.registry.release(title).hashes["model.fmu"]
    file = workplace.registry.objects.path(digest)
    os.chmod(file, 0o644)
    file.write_bytes(b"another model")
    assert f"The object {digest[:12]}… of the registry has been changed" in faults_of(workplace)[0]
    with pytest.raises(ReleaseError, match="has been changed"):
        resolve(title, workplace.folder)
    file.unlink()
    file.symlink_to(workplace.folder / "model.fmu")
    assert "cannot be read: Too many levels of symbolic links" in faults_of(workplace)[0]


def test_a_removed_last_record(workplace):
    title = workplace.approved()
    workplace.sign(title, "retire", "grace", reason="it is wrong")
    files_of(workplace)[-1].unlink()
    assert workplace.registry.release(title).state == "approved"
    with pytest.raises(ReleaseError, match=r"'retire', record 7 of reactor@1.0.0, is missing from the registry"):
        resolve(title, workplace.folder)
    (fault,) = faults_of(workplace)
    assert "A signed record of reactor@1.0.0 is missing from the registry: record" in fault
    assert "tells of 'retire' by Grace Hopper (grace)" in fault


def test_a_removed_record_in_between(workplace):
    workplace.approved()
    files_of(workplace)[2].unlink()
    with pytest.raises(ReleaseError, match=r"Record 3 of reactor@1.0.0 is missing, or there twice"):
        resolve("reactor@1.0.0", workplace.folder)


def test_a_removed_release(workplace):
    workplace.approved()
    shutil.rmtree(workplace.folder / "registry" / "releases" / "reactor")
    assert "A signed record of reactor@1.0.0 is missing" in faults_of(workplace)[0]


def test_a_revocation_that_was_removed(workplace):
    title = workplace.validated()
    event = workplace.revoke("grace")
    (workplace.folder / "registry" / "people" / file_name(event)).unlink()
    assert workplace.registry.people().active("grace") is not None
    assert "A signed record of people is missing from the registry" in faults_of(workplace)[0]
    with pytest.raises(ReleaseError, match=r"'revoke', record 5 of people, is missing from the registry"):
        workplace.sign(title, "approve", "grace")


def test_a_record_that_was_dated_back(workplace, monkeypatch):
    """Somebody who was revoked, and can still sign by other means, names the people of before."""
    title = workplace.validated()
    people = workplace.registry.people()
    workplace.revoke("grace")
    with monkeypatch.context() as patch:
        patch.setattr(type(workplace.registry), "people", lambda self: people)
        workplace.sign(title, "approve", "grace")
    assert workplace.registry.release(title).approvals
    (fault,) = faults_of(workplace)
    assert "was signed with the people of another time: it is dated back" in fault


def test_a_record_moved_to_another_release(workplace):
    workplace.approved()
    workplace.create("2.0.0")
    shutil.copy(files_of(workplace)[3], files_of(workplace, "reactor@2.0.0")[0].parent)
    with pytest.raises(ReleaseError, match=r"is a record of reactor@1.0.0, moved to reactor@2.0.0"):
        workplace.registry.release("reactor@2.0.0")


def test_a_record_of_another_registry(workplace, tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    other = make_workplace(tmp_path / "other", monkeypatch)
    title = other.approved()
    shutil.copytree(other.folder / "registry" / "releases", workplace.folder / "registry" / "releases")
    with pytest.raises(ReleaseError, match=r"is a record of reactor@1\.0\.0, moved to"):
        workplace.registry.release(title)


def test_a_signature_by_a_key_that_nobody_admitted(workplace):
    title = workplace.validated()
    last = workplace.registry.events(title)[-1]
    key = new_key()
    signer = workplace.registry.people().active("grace").signer
    for forged in (replace(signer, key=key.public), replace(signer, person="eve", key=key.public)):
        event = replace(last, n=last.n + 1, previous=last.hash, event="approve", by=forged, facts={})
        line, digest = sign(event, key)
        place = files_of(workplace)[0].parent / file_name(replace(event, hash=digest))
        place.write_bytes(line)
        with pytest.raises(SignatureError, match="the key is not one that an administrator has admitted for him"):
            workplace.registry.release(title)
        place.unlink()


def test_a_record_signed_by_a_colleague_without_cosim(workplace):
    """Whoever has a key can sign a record himself, but not tell the trail of it as of what it was."""
    title = workplace.validated()
    last = workplace.registry.events(title)[-1]
    signer = workplace.registry.people().active("grace").signer
    event = replace(last, n=last.n + 1, previous=last.hash, event="approve", by=signer, facts={})
    line, digest = sign(event, workplace.keys["grace"])
    (files_of(workplace)[0].parent / file_name(replace(event, hash=digest))).write_bytes(line)
    assert "is not in the audit trail: it was not made by cosim" in faults_of(workplace)[0]


def test_an_author_who_states_other_gates_than_there_were(workplace, monkeypatch):
    title = workplace.create()
    facts = {"from": "draft", "to": "verified", "gates": [{"gate": "regression", "state": "passed", "text": "fine"}]}
    workplace.sign(title, "promote", "linus", facts)
    (fault,) = faults_of(workplace)
    assert "says that the gate regression was passed, and it is missing" in fault
    workplace.add_all(title)
    step = {"from": "verified", "to": "validated"}
    gates = [{"gate": "calibration", "state": "passed"}, {"gate": "sensitivity", "state": "passed"}]
    with pytest.raises(ReleaseError, match="leaves out the gate prediction"):
        workplace.sign(title, "promote", "linus", {**step, "gates": gates})
    gates = [{"gate": one, "state": "passed"} for one in ("calibration", "prediction")]
    gates.append({"gate": "sensitivity", "state": "deviation"})
    with pytest.raises(ReleaseError, match="leaves out the gate sensitivity"):
        workplace.sign(title, "promote", "linus", {**step, "gates": gates})


def test_an_index_that_was_edited_decides_nothing(workplace):
    title = workplace.create()
    assert [found.state for found in search(workplace.registry, "model")] == ["draft"]
    with sqlite3.connect(workplace.folder / "registry" / "index.sqlite") as opened:
        opened.execute("UPDATE release SET state = 'approved'")
    opened.close()
    assert workplace.registry.release(title).state == "draft"
    assert resolve(title, workplace.folder).warning == f"The release {title} is draft, not approved."
    assert "says what the signed records do not" in faults_of(workplace)[0]
    (workplace.folder / "registry" / "index.sqlite").write_bytes(b"no database at all, but long enough to look")
    assert [found.state for found in search(workplace.registry, "100%")] == []
    assert [found.state for found in search(workplace.registry, "reactor@1")] == ["draft"]
    assert faults_of(workplace) == []


def test_a_forged_record_that_is_pending_is_not_finished(workplace):
    title = workplace.validated()
    event = workplace.sign(title, "approve", "grace")
    line = files_of(workplace)[-1].read_bytes()
    pending = workplace.folder / "registry" / "pending"
    for name, data in (("ab" * 32, b"\xff junk"), ("cd" * 32, line), (f"../{'ef' * 4}", b"{}")):
        (pending / f"{name.replace('/', '-')}.json").write_bytes(data)
    workplace.registry.finish()
    assert not list(pending.iterdir())
    assert workplace.registry.release(title).approvals[0].hash == event.hash
    assert faults_of(workplace) == []


@pytest.mark.parametrize("facts", [{}, {"content": 1}, {"content": [{"path": "a"}]}, {"content": [[]]}])
def test_facts_that_cosim_does_not_sign(workplace, facts):
    title = workplace.create()
    with pytest.raises(ReleaseError, match=r"Record 2 of reactor@1.0.0 does not say what 'evidence' must say"):
        workplace.sign(title, "evidence", "linus", facts)
    policy = {state: list(gates) for state, gates in workplace.registry.people().policy()["model"].items()}
    manifest = {"release": "reactor", "version": "2", "kind": "model", "policy": policy, **facts}
    with pytest.raises(ReleaseError, match=r"does not say what 'create' must say|in which something is missing"):
        workplace.sign("reactor@2", "create", "linus", manifest)


@pytest.mark.parametrize(
    "change",
    [
        {"gates": {"verified": {"regression": {}}}},
        {"gates": {"verified": {"regression": {**GATE, "comparison": "unlike"}}}},
        {"gates": {"sometime": {"regression": GATE}}},
        {"gates": {"verified": {"regression": {**GATE, "value": 5}}}},
        {"requirements": {"R1": {"text": "t"}}},
        {"parameters": {"x": 3}},
        {"content": [{"path": "model.fmu", "sha256": "ab" * 32}]},
    ],
)
def test_manifests_that_cosim_does_not_sign(workplace, change):
    manifest = dict(workplace.registry.release(workplace.create()).manifest)
    with pytest.raises(ReleaseError, match="does not say what 'create' must say"):
        workplace.sign("reactor@2", "create", "linus", {**manifest, "version": "2", **change})


def test_a_clock_set_back_for_a_key_that_has_expired(workplace, monkeypatch):
    soon = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
    workplace.admit("rosalind", ["approver"], soon)
    title = workplace.validated()
    while datetime.now(UTC) < datetime.fromisoformat(soon) + timedelta(seconds=1):  # signatures have whole seconds
        time.sleep(0.1)
    with pytest.raises(SignatureError, match="the key has expired"):
        workplace.sign(title, "approve", "rosalind")
    workplace.create("2.0.0")

    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(UTC) - timedelta(hours=1)

    monkeypatch.setattr(registry_module, "datetime", Earlier)
    monkeypatch.setattr(trail_module, "datetime", Earlier)
    workplace.sign(title, "approve", "rosalind")
    verdict, faults = verify_all(workplace.folder / "audit", workplace.folder / "registry", heads=(), key=None)
    assert " s behind that of the record before" in verdict.notes[0]
    assert "was signed with a clock that had been set back: the key had expired on" in faults[0]


@POSIX
def test_pipes_and_devices_in_the_way(workplace):
    title = workplace.approved()
    file = workplace.registry.objects.path(workplace.registry.release(title).hashes["model.fmu"])
    file.unlink()
    os.mkfifo(file)
    assert "it is no plain file" in faults_of(workplace)[0]
    head = workplace.folder / "audit" / "head.json"
    head.unlink()
    os.mkfifo(head)
    assert "it is no plain file" in faults_of(workplace)[0]
    trail = workplace.folder / "audit" / "trail.jsonl"
    trail.unlink()
    os.mkfifo(trail)
    with pytest.raises(AuditError, match="it is no plain file"):
        faults_of(workplace)


def test_what_does_not_belong_there(workplace):
    title = workplace.approved()
    (workplace.folder / "registry" / "objects" / "ab").mkdir(exist_ok=True)
    (workplace.folder / "registry" / "objects" / "ab" / "payload.sh").write_text("x")
    assert "payload.sh' does not belong into the registry" in faults_of(workplace)[0]
    files_of(workplace)[0].with_name("notes.txt").write_text("x")
    with pytest.raises(ReleaseError, match=r"notes.txt' does not belong into the registry"):
        workplace.registry.release(title)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("[../secret.json]", "is no path below the folder"),
        ("[/etc/passwd]", "is no path below the folder"),
        ("[link.fmu]", "is a link; a release holds files"),
        ("[nothing.fmu]", "There is no file"),
        ("[linked/model.fmu]", "is a link; a release holds files"),
        ("['a\\nb']", "is no path below the folder"),
        ("[model.fmu, model.fmu]", "is listed twice"),
    ],
)
def test_files_that_a_release_does_not_take(workplace, content, text):
    (workplace.folder / "link.fmu").symlink_to("/etc/passwd")
    (workplace.folder / "linked").symlink_to(workplace.folder)
    with pytest.raises(CosimError, match=text):
        workplace.create(text=FILE.replace("model: [model.fmu]", f"model: {content}"))


def test_a_manifest_without_the_gates_that_are_demanded(workplace):
    facts = {
        "release": "reactor",
        "version": "9",
        "kind": "model",
        "content": [],
        "policy": {},
        "gates": {},
        "approvals": 0,
    }
    with pytest.raises(ReleaseError, match="does not name the gates that the registry demands"):
        workplace.sign("reactor@9", "create", "linus", facts)


def test_a_trail_of_another_project_does_not_tell_of_it(workplace, tmp_path, monkeypatch):
    begin(tmp_path / "mine")
    monkeypatch.setenv("COSIM_AUDIT", str(tmp_path / "mine"))
    with pytest.raises(ReleaseError, match="is told of by another audit trail"):
        workplace.create()
    assert verify_all(tmp_path / "mine", tmp_path / "registry", heads=(), key=None)[1] == [
        f"The registry '{tmp_path / 'registry'}' is told of by another audit trail."
    ]


def test_secrets_are_in_no_file(workplace):
    workplace.approved()
    secrets = [key.raw() for key in workplace.keys.values()]
    for file in workplace.folder.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert not any(secret in data or secret.hex().encode() in data for secret in secrets), file


def test_a_paper_that_is_none(workplace):
    (workplace.folder / "registry" / "registry.json").write_text(json.dumps(["x"]))
    with pytest.raises(ReleaseError, match=r"registry.json' is not the paper of a registry"):
        resolve("reactor@1", workplace.folder)
