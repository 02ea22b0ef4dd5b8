"""Files at a server are what their hash says, and no others."""

import hashlib
import os
import time

import pytest

from cosim.errors import FmuError
from cosim.hosting.network import store
from cosim.hosting.network.store import GivenFiles, SentFiles

CONTENT = b"x" * 1000
HASH = hashlib.sha256(CONTENT).hexdigest()


def send(files, content, sha256=HASH):
    upload = files.upload(sha256, len(content))
    try:
        return upload.add(0, content[:600]), upload.add(600, content[600:])
    finally:
        upload.discard()


def test_what_was_sent_is_kept(tmp_path):
    files = SentFiles(tmp_path / "served")
    assert files.find(HASH) is None
    assert send(files, CONTENT) == (False, True)
    assert files.find(HASH).read_bytes() == CONTENT
    assert [path.name for path in (tmp_path / "served").iterdir()] == [f"{HASH}.fmu"]


def test_what_is_not_what_was_announced_is_not_kept(tmp_path):
    files = SentFiles(tmp_path)
    with pytest.raises(FmuError, match="does not have the hash that was announced"):
        send(files, b"y" * 1000)
    upload = files.upload(HASH, 1000)
    for at, part in ((5, b"x"), (-1, b"x"), (0, b"x" * 1001)):
        with pytest.raises(FmuError, match=f"A part of a file at byte {at} was sent, of 1000, after 0 bytes"):
            upload.add(at, part)
    upload.discard()
    upload.discard()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("sha256", ["../../etc/passwd", HASH.upper(), HASH + "\n", "", "0" * 63])
def test_a_hash_is_a_hash(sha256, tmp_path):
    with pytest.raises(FmuError, match="The hash of a file is not one"):
        SentFiles(tmp_path).find(sha256)
    with pytest.raises(FmuError, match="The hash of a file is not one"):
        SentFiles(tmp_path).upload(sha256, 10)


@pytest.mark.parametrize("size", [-1, 0, 3 * 1024**3, 10**13])
def test_sizes_are_bounded(size, tmp_path):
    with pytest.raises(FmuError, match=f"The file has {size} bytes; this server takes up to"):
        SentFiles(tmp_path).upload(HASH, size)


def test_those_used_longest_ago_make_room(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "MOST_KEPT", 2500)
    files = SentFiles(tmp_path)
    for name, age in (("new-old", 2e5), ("new-young", 10)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    contents = [bytes([i]) * 1000 for i in range(3)]
    hashes = [hashlib.sha256(content).hexdigest() for content in contents]
    for content, sha256 in zip(contents, hashes, strict=True):
        send(files, content, sha256)
        files.find(hashes[0])
    assert [files.find(sha256) is not None for sha256 in hashes] == [True, False, True]
    assert [path.name for path in tmp_path.glob("new-*")] == ["new-young"]


def test_a_folder_and_no_others(tmp_path):
    (tmp_path / "a.fmu").write_bytes(CONTENT)
    (tmp_path / "other").write_bytes(b"other")
    files = GivenFiles(tmp_path)
    assert files.find(HASH) == tmp_path / "a.fmu"
    (tmp_path / "a.fmu").write_bytes(b"changed")
    assert files.find(HASH) is None
    assert files.find(hashlib.sha256(b"other").hexdigest()) is None
    with pytest.raises(FmuError, match="runs only the FMUs that lie in a folder of its own"):
        files.upload(HASH, 10)
    with pytest.raises(FmuError, match="There is no folder"):
        GivenFiles(tmp_path / "none")
