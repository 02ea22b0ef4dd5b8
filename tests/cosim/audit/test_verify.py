"""What somebody without the key does to a trail is found, and the first place named."""

import shutil

import pytest
from trails import add, lines_of, signed_trail, write_lines

from cosim.audit.chain import ChainState
from cosim.audit.ed25519 import fingerprint
from cosim.audit.line import encode
from cosim.audit.trail import HEAD, Entry, append, begin
from cosim.audit.verify import verify
from cosim.errors import AuditError


@pytest.fixture
def trail(tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(tmp_path / "audit.key"))
    return signed_trail(tmp_path / "audit", 8)


def fault_of(folder, **options):
    verdict = verify(folder, **options)
    assert not verdict.is_good
    return verdict.fault_at, verdict.fault


def test_a_trail_as_written_is_good(trail):
    verdict = verify(trail)
    assert (verdict.is_good, verdict.n_records, verdict.notes) == (True, 8, ())


def test_a_changed_record(trail):
    lines = lines_of(trail)
    write_lines(trail, [*lines[:4], lines[4].replace(b"because", b"becausE"), *lines[5:]])
    at, fault = fault_of(trail)
    assert at == 5
    assert fault.startswith(f"Record 5, at byte {len(b''.join(lines[:4]))}, is not what was written: its content has")


def test_a_changed_record_with_a_hash_that_fits(trail):
    lines = lines_of(trail)
    content = {"n": 5}
    forged, _ = encode(content, None)
    write_lines(trail, [*lines[:4], forged, *lines[5:]])
    assert fault_of(trail) == (
        5,
        f"Record 5, at byte {len(b''.join(lines[:4]))}, is not what was written: it has no signature, and the trail is "
        "signed.",
    )


def test_a_removed_record(trail):
    lines = lines_of(trail)
    write_lines(trail, [*lines[:3], *lines[4:]])
    at, fault = fault_of(trail)
    assert at == 4
    assert fault.endswith("says that it is record 5: record 4 is missing before it.")


def test_records_in_another_order(trail):
    lines = lines_of(trail)
    write_lines(trail, [*lines[:3], lines[4], lines[3], *lines[5:]])
    assert fault_of(trail)[1].endswith("says that it is record 5: record 4 is missing before it.")


def test_a_record_that_is_there_twice(trail):
    lines = lines_of(trail)
    write_lines(trail, [*lines[:5], lines[2], *lines[5:]])
    at, fault = fault_of(trail)
    assert at == 6
    assert fault.endswith("says that it is record 3: it was moved or copied here from elsewhere.")


@pytest.mark.parametrize("kept", [7, 4, 1])
def test_a_cut_tail(trail, kept):
    write_lines(trail, lines_of(trail)[:kept])
    lost = "Record 8 is" if kept == 7 else f"Records {kept + 1} to 8 are"
    assert fault_of(trail) == (
        kept + 1,
        f"{lost} missing: the trail ends with record {kept}, and the head '{trail / HEAD}' has 8.",
    )


def test_a_tail_cut_within_a_record(trail):
    lines = lines_of(trail)
    write_lines(trail, [*lines[:-1], lines[-1][:-1]])
    assert "Record 8 is missing" in fault_of(trail)[1]


def test_an_empty_file(trail):
    write_lines(trail, [])
    assert fault_of(trail) == (1, "Behind record 0, at byte 0, are 0 bytes that are no whole record.")


def test_an_old_head_with_the_trail_cut_to_it_needs_a_head_kept_apart(trail, tmp_path):
    shutil.copytree(trail, tmp_path / "old")
    add(trail, 2)
    kept = tmp_path / "kept.json"
    shutil.copy(trail / HEAD, kept)
    shutil.copytree(tmp_path / "old", trail, dirs_exist_ok=True)
    assert verify(trail).is_good
    assert "Records 9 to 10 are missing" in fault_of(trail, heads=[kept])[1]


def test_a_whole_trail_of_somebody_else_needs_the_number_of_the_key(trail, tmp_path, monkeypatch):
    number = verify(trail).key
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(tmp_path / "forged.key"))
    forged = signed_trail(tmp_path / "forged", 8)
    assert verify(forged).is_good
    assert fault_of(forged, key=number)[1] == f"The trail is signed by {verify(forged).key}, not by {number}."
    assert verify(trail, key=number.upper().replace(" ", "")).is_good


def test_the_head_of_another_trail(trail, tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(tmp_path / "other.key"))
    other = signed_trail(tmp_path / "other", 8)
    shutil.copy(other / HEAD, trail / HEAD)
    assert "its signature is not that of the trail's key" in fault_of(trail)[1]


def test_the_head_of_another_unsigned_trail(tmp_path):
    for name in ("a", "b"):
        begin(tmp_path / name)
    shutil.copy(tmp_path / "b" / HEAD, tmp_path / "a" / HEAD)
    assert fault_of(tmp_path / "a")[1] == f"The head '{tmp_path / 'a' / HEAD}' is of another trail."


def test_two_trails_joined(trail, tmp_path, monkeypatch):
    monkeypatch.setenv("COSIM_AUDIT_KEY", str(tmp_path / "other.key"))
    other = signed_trail(tmp_path / "other", 8)
    write_lines(trail, [*lines_of(trail)[:4], *lines_of(other)[4:]])
    assert "its signature is not that of the trail's key" in fault_of(trail)[1]


def test_two_trails_of_one_key_joined(tmp_path):
    for name in ("a", "b"):
        begin(tmp_path / name)
        append(tmp_path / name, [Entry("note", name), Entry("note", "two")])
    write_lines(tmp_path / "a", [*lines_of(tmp_path / "a")[:2], lines_of(tmp_path / "b")[2]])
    assert "does not follow the one before it: it names" in fault_of(tmp_path / "a")[1]


def test_a_head_that_was_changed(trail):
    (trail / HEAD).write_text((trail / HEAD).read_text().replace('"count":8', '"count":7'))
    assert "its signature is not that of the trail's key" in fault_of(trail)[1]


def test_no_head(trail):
    (trail / HEAD).unlink()
    assert "cannot be read: No such file" in fault_of(trail)[1]


@pytest.mark.parametrize(
    "junk",
    [b"\xff\xfe\n", b"\n", b"[" * 100_000 + b"\n", b"x" * 3_000_000 + b"\n", b"\x00" * 500 + b"\n", b"{}\n", b"\r\n"],
    ids=["no text", "empty", "deep", "long", "zeros", "other JSON", "carriage return"],
)
def test_what_is_no_record(trail, junk):
    lines = lines_of(trail)
    write_lines(trail, [*lines[:4], junk, *lines[4:]])
    at, fault = fault_of(trail)
    assert at == 5
    assert "is not what was written: it is" in fault


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({}, "it has the fields ."),
        ({"n": True}, "it has the fields 'n'."),
        (dict.fromkeys(("n", "time", "previous", "kind", "subject", "why", "who", "before", "after"), 2), "'time'"),
    ],
)
def test_records_that_cosim_does_not_write(tmp_path, content, reason):
    begin(tmp_path / "a")
    line, _ = encode(content, None)
    write_lines(tmp_path / "a", [*lines_of(tmp_path / "a"), line])
    assert reason in fault_of(tmp_path / "a")[1]


def test_there_is_no_trail(tmp_path):
    with pytest.raises(AuditError, match=r"The audit trail '.*trail.jsonl' cannot be read: No such file or directory"):
        verify(tmp_path)


def test_a_number_of_a_key_has_80_bits():
    assert len(fingerprint("00" * 32).replace(" ", "")) == 20
    assert ChainState().public is None
