"""A release goes from state to state as its gates and its people allow, whatever kills the process."""

import os
import random
import signal
import threading
import time

import pytest
from released import FILE, NAMES, make_workplace

from cosim.audit.ed25519 import new_key
from cosim.audit.trail import append
from cosim.audit.verify import Reading
from cosim.errors import AuditError, CosimError, ReleaseError, SignatureError
from cosim.release import registry as registry_module
from cosim.release.registry import PEOPLE, find_registry, found_registry, open_registry
from cosim.releasing import verify_all

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has neither fork nor pipes in folders")


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    return make_workplace(tmp_path, monkeypatch)


def faults_of(workplace):
    verdict, faults = verify_all(workplace.folder / "audit", workplace.folder / "registry", heads=(), key=None)
    return ([verdict.fault] if verdict.fault else []) + faults


def test_a_release_from_draft_to_retired(workplace):
    title = workplace.create()
    assert workplace.registry.release(title).state == "draft"
    event, gates = workplace.promote(title)
    assert event is None
    assert gates[0]["text"] == "there is no 'regress.json' in the release yet; 'cosim release evidence' adds it"
    workplace.add_all(title)
    assert workplace.promote(title)[0].facts["to"] == "verified"
    assert workplace.promote(title)[0].facts["to"] == "validated"
    event, gates = workplace.promote(title)
    assert (event, gates[0]["text"]) == (None, "0 of 1 approvals by others than the author: nobody")
    workplace.sign(title, "approve", "grace")
    assert workplace.promote(title)[0].facts["to"] == "approved"
    workplace.sign(title, "retire", "grace", reason="replaced by 1.1.0")
    assert workplace.registry.release(title).state == "retired"
    with pytest.raises(ReleaseError, match="is retired: nothing more can be done to it"):
        workplace.sign(title, "approve", "emmy")
    with pytest.raises(ReleaseError, match="there is no state after it"):
        workplace.promote(title)
    assert faults_of(workplace) == []
    told = [record.after["event"] for record in Reading(workplace.folder / "audit").records() if record.n > 1]
    assert told[-6:] == ["evidence", "promote", "promote", "approve", "promote", "retire"]


def test_four_eyes(workplace):
    title = workplace.create(person="emmy")  # who may approve, too
    workplace.add_all(title)
    workplace.promote(title)
    workplace.promote(title)
    with pytest.raises(
        SignatureError, match=r"Emmy Noether has written reactor@1\.0\.0, so that somebody else must sign"
    ):
        workplace.sign(title, "approve", "emmy")
    with pytest.raises(SignatureError, match="somebody else must sign"):
        workplace.sign(title, "deviation", "emmy", {"gate": "calibration"}, "because I say so")
    with pytest.raises(SignatureError, match="it takes the role of approver; his are author"):
        workplace.sign(title, "approve", "linus")
    assert workplace.promote(title)[0] is None


def test_who_has_added_evidence_does_not_approve(workplace):
    workplace.admit("rosalind", ["reviewer", "approver"])
    title = workplace.create()
    workplace.add_all(title)
    workplace.add(title, "rosalind", notes={"seen": True})
    workplace.promote(title)
    workplace.promote(title)
    with pytest.raises(SignatureError, match="has added evidence to"):
        workplace.sign(title, "approve", "rosalind")


def test_the_author_under_another_short_name_does_not_approve(workplace):
    title = workplace.validated()
    workplace.revoke("linus")
    workplace.keys["pauling"] = new_key()
    facts = {**_facts(workplace, "pauling", workplace.keys["pauling"].public), "name": "Linus  Pauling"}
    workplace.sign(PEOPLE, "admit", "ada", facts)
    with pytest.raises(SignatureError, match=r"has written reactor@1\.0\.0, so that somebody else must sign this"):
        workplace.sign(title, "approve", "pauling")


def test_a_second_approval_is_by_somebody_else(workplace):
    title = workplace.create(text=f"{FILE}approvals: 2\n")
    workplace.add_all(title)
    workplace.promote(title)
    workplace.promote(title)
    workplace.sign(title, "approve", "grace")
    with pytest.raises(ReleaseError, match=r"Grace Hopper has approved reactor@1\.0\.0 already"):
        workplace.sign(title, "approve", "grace")
    event, gates = workplace.promote(title)
    assert (event, gates[0]["text"]) == (None, "1 of 2 approvals by others than the author: Grace Hopper")
    workplace.sign(title, "approve", "emmy")
    assert workplace.promote(title)[0].facts["to"] == "approved"


@pytest.mark.parametrize("name", ["linus Pauling", "LINUS  PAULING ", "\uff2cinus Pauling"])
def test_a_name_that_is_written_otherwise_is_nobody_else(workplace, monkeypatch, name):
    title = workplace.validated()
    monkeypatch.setitem(NAMES, "linus2", name)
    workplace.admit("linus2", ["approver"])
    with pytest.raises(SignatureError, match=r"has written reactor@1\.0\.0, so that somebody else must sign this"):
        workplace.sign(title, "approve", "linus2")


def test_a_revoked_key_does_not_sign(workplace):
    title = workplace.validated()
    workplace.revoke("grace")
    with pytest.raises(SignatureError, match="There is nobody 'grace' who may sign"):
        workplace.sign(title, "approve", "grace")
    workplace.sign(title, "approve", "emmy")
    assert workplace.promote(title)[0]


def test_what_was_signed_before_a_key_was_revoked_stands(workplace):
    title = workplace.approved()
    workplace.revoke("grace")
    assert workplace.registry.release(title).state == "approved"
    assert faults_of(workplace) == []


def test_an_expired_key_does_not_sign(workplace):
    title = workplace.validated()
    workplace.admit("rosalind", ["approver"], "2020-12-31")
    with pytest.raises(SignatureError, match="the key has expired on 2020-12-31"):
        workplace.sign(title, "approve", "rosalind")


def test_a_key_of_somebody_else_does_not_sign(workplace):
    title = workplace.validated()
    workplace.keys["grace"] = workplace.keys["linus"]
    with pytest.raises(SignatureError, match="The key is not the one that was admitted for 'grace'"):
        workplace.sign(title, "approve", "grace")


def test_only_administrators_decide_about_people(workplace):
    with pytest.raises(SignatureError, match="it takes the role of administrator"):
        workplace.sign(PEOPLE, "revoke", "grace", {"person": "linus"})
    with pytest.raises(SignatureError, match="'ada' is the last administrator"):
        workplace.revoke("ada")
    with pytest.raises(SignatureError, match="'grace' has a key already"):
        workplace.sign(PEOPLE, "admit", "ada", _facts(workplace, "grace", "00" * 32))
    with pytest.raises(SignatureError, match=r"The key of 'alias' was admitted before"):
        workplace.sign(PEOPLE, "admit", "ada", _facts(workplace, "alias", workplace.keys["linus"].public))
    workplace.admit("rosalind", ["administrator"])
    workplace.revoke("ada")


def _facts(workplace, person, key):
    return {"person": person, "name": "Some Body", "key": key, "roles": ["approver"], "until": ""}


def test_a_gate_is_passed_by_a_deviation_that_says_why(workplace):
    title = workplace.create()
    about = workplace.registry.release(title).hashes["model.fmu"]
    workplace.add(title, regress={"good": False, "of": about})
    event, gates = workplace.promote(title)
    assert (event, gates[0]["state"], gates[0]["text"]) == (None, "failed", "good is false; it should be true")
    with pytest.raises(ReleaseError, match="A deviation says why, in a sentence"):
        workplace.sign(title, "deviation", "grace", {"gate": "regression"}, "no")
    with pytest.raises(ReleaseError, match="has no gate 'regresion'"):
        workplace.sign(title, "deviation", "grace", {"gate": "regresion"}, "for a good reason")
    with pytest.raises(ReleaseError, match="No deviation stands for the approval"):
        workplace.sign(title, "deviation", "grace", {"gate": "review"}, "for a good reason")
    workplace.sign(title, "deviation", "grace", {"gate": "regression"}, "a tolerance was wrong")
    event, gates = workplace.promote(title)
    assert gates[0]["state"] == "deviation"
    assert gates[0]["text"].endswith("accepted by Grace Hopper: a tolerance was wrong")
    assert event.facts["to"] == "verified"


def test_a_gate_that_the_registry_demands_cannot_be_left_out(workplace):
    start = FILE.index("  validated:")
    title = workplace.create(text=FILE[:start].replace(", tests: [calibration]", ""))
    workplace.add_all(title)
    workplace.promote(title)
    event, gates = workplace.promote(title)
    assert event is None
    assert {gate["gate"]: gate["state"] for gate in gates} == dict.fromkeys(
        ("calibration", "prediction", "sensitivity"), "missing"
    )


def test_evidence_about_another_model_shows_nothing(workplace):
    title = workplace.create()
    workplace.add(title, regress={"good": True, "of": "ab" * 32})
    event, gates = workplace.promote(title)
    assert event is None
    assert gates[0]["text"] == "'regress.json' is about something else: the SHA-256 of 'model.fmu' is nowhere in it"


def test_new_evidence_voids_approvals_and_is_judged(workplace):
    title = workplace.validated()
    workplace.sign(title, "approve", "grace")
    workplace.add(
        title, calibration={"fit": {"error": 0.9}, "of": workplace.registry.release(title).hashes["model.fmu"]}
    )
    assert workplace.registry.release(title).approvals == ()
    workplace.sign(title, "approve", "grace")
    event, gates = workplace.promote(title)
    assert event is None
    assert (gates[0]["gate"], gates[0]["text"]) == ("calibration", "fit.error is 0.9; it should be at most 0.05")


def test_evidence_replaces_no_model(workplace):
    title = workplace.create()
    (workplace.folder / "model.fmu").write_bytes(b"another")
    with pytest.raises(ReleaseError, match=r"'model.fmu' is part of reactor@1.0.0 and no evidence"):
        workplace.add_files(title, "model.fmu")


def test_a_release_is_made_once(workplace):
    workplace.create()
    with pytest.raises(ReleaseError, match=r"reactor@1.0.0 is there already"):
        workplace.create()


def test_there_is_no_such_release_or_registry(workplace, tmp_path, monkeypatch):
    with pytest.raises(ReleaseError, match=r"There is no release reactor@2 in .*\. There are: none"):
        workplace.registry.release("reactor@2")
    with pytest.raises(ReleaseError, match="does not name a release: write name@version"):
        workplace.registry.release("../x@1")
    with pytest.raises(ReleaseError, match="There is a registry in"):
        found_registry(tmp_path / "registry", None, None, "")
    monkeypatch.setenv("COSIM_REGISTRY", str(tmp_path))
    with pytest.raises(ReleaseError, match=r"where there is none\. 'cosim release init' begins one"):
        find_registry()


def test_nothing_is_signed_that_the_trail_does_not_take(workplace):
    title = workplace.create()
    (workplace.folder / "audit" / "head.json").unlink()
    with pytest.raises(AuditError, match="The head of the audit trail"):
        workplace.add_all(title)
    assert len(workplace.registry.events(title)) == 1


@pytest.mark.parametrize("step", ["append", "write_whole", "_settle"])
def test_what_is_interrupted_is_finished_or_was_not(workplace, monkeypatch, step):
    title = workplace.validated()

    def stop(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(registry_module.Registry if step == "_settle" else registry_module, step, stop)
        with pytest.raises(KeyboardInterrupt):
            workplace.sign(title, "approve", "grace")
    assert faults_of(workplace) == []
    workplace.registry.finish()
    assert len(workplace.registry.release(title).approvals) == (step == "_settle")
    assert faults_of(workplace) == []
    assert not workplace.registry.pending()


def test_an_interrupted_record_that_the_trail_has_counts(workplace, monkeypatch):
    title = workplace.validated()

    def told(folder, entries):
        append(folder, entries)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(registry_module, "append", told)
        with pytest.raises(KeyboardInterrupt):
            workplace.sign(title, "approve", "grace")
    workplace.registry.finish()
    assert len(workplace.registry.release(title).approvals) == 1
    assert faults_of(workplace) == []


def test_several_sign_at_once(workplace):
    title = workplace.create()
    failed = []

    def add(i):
        try:
            for j in range(3):
                (workplace.folder / f"note-{i}-{j}.txt").write_text(f"{i} {j}")
                workplace.add_files(title, f"note-{i}-{j}.txt")
        except CosimError as error:
            failed.append(error)

    threads = [threading.Thread(target=add, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(workplace.registry.events(title)) == 13
    assert len(workplace.registry.release(title).hashes) == 13
    assert faults_of(workplace) == []


def kill_at_random(workplace, kills, seed):
    """Let children promote releases until they are killed; after each, nothing is wrong or lost."""
    chance = random.Random(seed)
    began = time.perf_counter()
    _promote(workplace, "0", lambda event: None)
    whole = time.perf_counter() - began  # of what a child does over and over, on this machine as it is now
    acknowledged = workplace.folder / "acknowledged"
    acknowledged.touch()
    for i in range(kills):
        child = os.fork()
        if not child:
            _promote_until_killed(workplace, i, acknowledged)
        time.sleep(chance.uniform(0.05, 1.5) * whole)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        registry = open_registry(workplace.folder / "registry")
        registry.finish()
        known = {event.hash for title in registry.titles() for event in registry.events(title)}
        assert set(acknowledged.read_text().split()) <= known
        assert faults_of(workplace) == []
    return len(known)


def _promote(workplace, version, told):
    title = workplace.create(version)
    workplace.add_all(title)
    told(workplace.promote(title)[0])
    told(workplace.promote(title)[0])
    told(workplace.sign(title, "approve", "grace"))
    told(workplace.promote(title)[0])


def _promote_until_killed(workplace, i, acknowledged):
    try:
        out = os.open(acknowledged, os.O_WRONLY | os.O_APPEND)

        def told(event):
            os.write(out, event.hash.encode() + b"\n")

        for version in range(100):
            _promote(workplace, f"{i + 1}.{version}", told)
    except CosimError as error:
        os.write(2, str(error).encode())
    finally:
        os._exit(1)


@POSIX
def test_a_registry_survives_sigkill(workplace):
    assert kill_at_random(workplace, 6, seed=1) > 6 + 6


@POSIX
@pytest.mark.slow
def test_a_registry_survives_a_hundred_sigkills(workplace):
    assert kill_at_random(workplace, 100, seed=2) > 6 + 100


BARE = """\
release: {name}
version: {version}
kind: data
intended_use: Calibration
main: model.fmu
content: {{data: [model.fmu]}}
"""


def test_what_no_gate_stands_before_is_a_draft_until_it_is_approved(workplace):
    title = workplace.create(text=BARE)
    event, gates = workplace.promote(title)
    assert (event, gates[0]["gate"]) == (None, "review")
    workplace.sign(title, "approve", "grace")
    event, _ = workplace.promote(title)
    assert (event.facts["from"], event.facts["to"]) == ("draft", "approved")
    assert faults_of(workplace) == []


def test_it_may_go_through_every_state(workplace):
    title = workplace.create(text=BARE)
    for step in (("draft", "verified"), ("verified", "validated")):
        workplace.sign(title, "promote", "linus", {"from": step[0], "to": step[1], "gates": []})
    workplace.sign(title, "approve", "grace")
    assert workplace.promote(title)[0].facts["to"] == "approved"
    assert faults_of(workplace) == []


def test_no_state_is_left_out_that_gates_stand_before(workplace):
    title = workplace.create()
    with pytest.raises(ReleaseError, match="it is approved when it is validated"):
        workplace.sign(title, "approve", "grace")
    with pytest.raises(ReleaseError, match=r"is draft, and cannot go to 'approved'"):
        workplace.sign(title, "promote", "linus", {"from": "draft", "to": "approved", "gates": []})
    declared = workplace.create("2", text=BARE + "gates: {{validated: {{look: {{evidence: look.json}}}}}}\n")
    with pytest.raises(ReleaseError, match="it is approved when it is validated"):
        workplace.sign(declared, "approve", "grace")
