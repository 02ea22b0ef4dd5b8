"""Records are added at once from anywhere, survive what kills a process, and nothing is added to what was changed."""

import json
import os
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from trails import add, append_under_fire, lines_of, signed_trail, write_lines

from cosim import audit
from cosim.audit import trail as trail_module
from cosim.audit.trail import FILE, HEAD, Entry, append, begin
from cosim.audit.verify import Reading, verify
from cosim.errors import AuditError, SignatureError

POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has neither fork nor pipes in folders")


@pytest.fixture
def trail(tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(tmp_path / "audit.key"))
    return signed_trail(tmp_path / "audit", 3)


def records_of(folder):
    return list(Reading(folder).records())


def test_what_is_recorded_is_read_again(trail):
    append(trail, [Entry("run", "hello", "to see", {"x": 1}, [1.5, None, "ü\udc80"], "Ada")])
    record = records_of(trail)[-1]
    assert (record.n, record.kind, record.subject, record.why) == (4, "run", "hello", "to see")
    assert (record.before, record.after, record.who["person"]) == ({"x": 1}, [1.5, None, "ü\udc80"], "Ada")
    assert record.who["process"] == os.getpid()
    assert verify(trail).is_good


def test_threads_and_processes_take_turns(trail):
    threads = [threading.Thread(target=add, args=(trail, 3)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(trail).n_records == 21


@POSIX
def test_nothing_acknowledged_is_lost_when_processes_are_killed(trail):
    hashes, kills = append_under_fire(trail, n_records=200, n_processes=4, seed=1)
    assert kills > 3
    append(trail, [Entry("note", "last")])
    verdict = verify(trail)
    assert verdict.is_good, verdict.fault
    assert hashes <= {record.hash for record in records_of(trail)}
    assert len(hashes) >= 200


@POSIX
@pytest.mark.slow
def test_ten_thousand_records_of_eight_processes(trail):
    hashes, kills = append_under_fire(trail, n_records=10_000, n_processes=8, seed=2)
    assert kills > 100
    append(trail, [Entry("note", "last")])
    verdict = verify(trail)
    assert verdict.is_good, verdict.fault
    assert hashes <= {record.hash for record in records_of(trail)}


@pytest.mark.parametrize("cut", [1, 5, 100, 300])
def test_a_record_that_was_not_finished_is_kept_aside(trail, cut):
    whole = lines_of(trail)
    head = (trail / HEAD).read_bytes()
    add(trail, 1)
    torn = lines_of(trail)[-1][:-cut]
    write_lines(trail, [*whole, torn])
    (trail / HEAD).write_bytes(head)
    assert "no whole record" in verify(trail).notes[-1]
    assert verify(trail).is_good
    add(trail, 1)
    record = records_of(trail)[3]
    assert (record.kind, record.after["bytes"]) == ("recovery", len(torn))
    assert (trail / record.subject).read_bytes() == torn
    assert verify(trail).is_good
    (trail / record.subject).unlink()
    assert f"kept in '{record.subject}' is not there" in verify(trail).fault


def test_a_whole_record_that_the_head_does_not_know_yet_stays(trail):
    head = (trail / HEAD).read_bytes()
    add(trail, 1)
    (trail / HEAD).write_bytes(head)
    add(trail, 1)
    assert [record.kind for record in records_of(trail)] == ["trail", "note", "note", "note", "note"]
    assert verify(trail).is_good


@pytest.mark.parametrize("step", ["keep_aside", "ftruncate", "_write", "write_head", "settle"])
def test_a_recovery_that_is_interrupted_anywhere_is_done_by_the_next(trail, monkeypatch, step):
    with (trail / FILE).open("ab") as file:
        file.write(b'{"record":{"n":4')

    def stop(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os if step == "ftruncate" else trail_module, step, stop)
        with pytest.raises(KeyboardInterrupt):
            add(trail, 1)
    add(trail, 1)
    kept = [record for record in records_of(trail) if record.kind == "recovery"]
    assert kept[0].after["bytes"] == 16
    assert verify(trail).is_good
    assert not list(trail.glob("*.pending"))


def test_a_full_disk_leaves_no_half_record(trail, monkeypatch):
    before = lines_of(trail)

    def full(descriptor, data):
        os.pwrite(descriptor, bytes(data[:10]), 0)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(AuditError, match=r"cannot be written: No space left on device. What is not recorded"):
            add(trail, 1)
    assert lines_of(trail) == before


def test_a_clock_that_went_back_is_recorded(trail, monkeypatch):
    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(UTC) - timedelta(hours=2)

    monkeypatch.setattr(trail_module, "datetime", Earlier)
    add(trail, 1)
    assert records_of(trail)[-1].clock_back == pytest.approx(7200, abs=10)
    verdict = verify(trail)
    assert verdict.is_good
    assert re.search(r"Record 4: the clock was 7\d\d\d\.?\d* s behind", verdict.notes[0])


def test_nothing_is_added_to_a_trail_that_was_cut(trail):
    write_lines(trail, lines_of(trail)[:-1])
    with pytest.raises(AuditError, match=r"has lost its end: it had 3 records in \d+ bytes, and has \d+ bytes"):
        add(trail, 1)


def test_nothing_is_added_to_a_trail_whose_last_record_was_changed(trail):
    lines = lines_of(trail)
    write_lines(trail, [*lines[:-1], lines[-1].replace(b"because", b"BECAUSE")])
    with pytest.raises(AuditError, match="has been changed at record 3, its last: its content has the SHA-256"):
        add(trail, 1)


def test_nothing_is_added_without_the_head_or_with_another(trail, tmp_path, monkeypatch):
    (trail / HEAD).rename(tmp_path / "kept")
    with pytest.raises(AuditError, match=r"The head of the audit trail, .* cannot be read: No such file"):
        add(trail, 1)
    (trail / HEAD).write_bytes((tmp_path / "kept").read_bytes().replace(b'"count":3', b'"count":2'))
    with pytest.raises(AuditError, match="is not what was written: its signature is not that of the trail's key"):
        add(trail, 1)


def test_nothing_is_added_without_the_key(trail, tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(tmp_path / "none"))
    with pytest.raises(SignatureError, match=r"its key is not to be had: The key in .* cannot be read"):
        add(trail, 1)
    signed_trail(tmp_path / "other")
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(tmp_path / "other.key"))
    with pytest.raises(SignatureError, match="is not the one by which the audit trail is signed"):
        add(trail, 1)


def test_a_trail_is_no_link_to_elsewhere(trail, tmp_path):
    (trail / FILE).rename(tmp_path / "elsewhere")
    (trail / FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AuditError, match="cannot be written: Too many levels of symbolic links"):
        add(trail, 1)
    with pytest.raises(AuditError, match="cannot be read: Too many levels of symbolic links"):
        verify(trail)


def test_what_is_too_long_or_no_json_is_refused(trail):
    before = lines_of(trail)
    with pytest.raises(AuditError, match=r"takes records of up to 262144 bytes, and this one has \d+"):
        append(trail, [Entry("note", "x", after="y" * 300_000)])
    with pytest.raises(AuditError, match="cannot take what is not JSON"):
        append(trail, [Entry("note", "x", after=float("nan"))])
    assert lines_of(trail) == before


def test_a_trail_is_begun_once(trail):
    with pytest.raises(AuditError, match=r"There is an audit trail in .* already"):
        begin(trail)


def test_a_trail_may_keep_its_head_apart(tmp_path):
    begin(tmp_path / "audit", head=tmp_path / "apart.json")
    append(tmp_path / "audit", [Entry("note", "x")])
    assert json.loads((tmp_path / "apart.json").read_text())["head"]["count"] == 2
    assert verify(tmp_path / "audit").is_good


def test_actions_are_recorded_where_a_trail_is_configured(trail, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSIM_AUDIT", "")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    assert audit.record("note", "x") == records_of(trail)[-1].hash
    monkeypatch.setenv("COSIM_AUDIT", str(tmp_path))
    with pytest.raises(AuditError, match=r"COSIM_AUDIT names .*, where there is no audit trail"):
        audit.record("note", "x")


def test_nothing_is_recorded_where_no_trail_is_configured(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert audit.record("note", "x") is None
    with audit.action("run", "x", before=lambda: 1 / 0) as doing:
        doing.after = lambda: 1 / 0


def test_a_folder_of_somebody_else_configures_nothing(trail, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    user = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    assert audit.record("note", "x") is None


def test_an_action_has_a_beginning_and_an_end(trail, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with audit.action("run", "hello", why="to see", before=lambda: {"x": 1}) as doing:
        doing.after = lambda: {"status": "completed"}
    with pytest.raises(ValueError, match="broken"), audit.action("run", "hello", before=lambda: None):
        raise ValueError("broken")
    told = [(record.before, record.after) for record in records_of(trail)[3:]]
    assert told == [
        ({"x": 1}, {"status": "begun"}),
        ({"record": 4}, {"status": "completed"}),
        (None, {"status": "begun"}),
        ({"record": 6}, {"status": "ended", "error": "ValueError: broken"}),
    ]
