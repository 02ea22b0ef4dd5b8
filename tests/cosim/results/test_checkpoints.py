"""Checkpoint files: whole or not at all, the last two kept."""

import hashlib
import io
import os
import zipfile

import numpy as np
import pytest

from cosim.clock import Ticks
from cosim.errors import CheckpointError, ResultError
from cosim.execution.checkpoint import Checkpoint
from cosim.results import checkpoints as files
from cosim.results.checkpoints import Recorded, locked, read_checkpoint, remove_checkpoints, write_checkpoint

RECORDED = Recorded({"a": 7}, 3)


def checkpoint(time: int = 5) -> Checkpoint:
    arrays = [np.arange(3.0), np.array(True), np.zeros((0, 2), dtype=np.int64)]
    return Checkpoint(Ticks(time), {"board": {"array": 0}}, arrays, {"a": b"\x00state\xff", "b": b""})


def test_a_checkpoint_comes_back(tmp_path):
    found, recorded = read_checkpoint(write_checkpoint(tmp_path, checkpoint(), RECORDED))
    assert (found.time, found.document, found.instances) == (5, checkpoint().document, checkpoint().instances)
    assert recorded == RECORDED
    for one, other in zip(found.arrays, checkpoint().arrays, strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert np.array_equal(one, other)


def test_the_last_two_are_kept_in_order(tmp_path):
    for time in range(12):
        write_checkpoint(tmp_path, checkpoint(time), RECORDED)
    names = [path.name for path in files.checkpoints(tmp_path)]
    assert names == ["000012.checkpoint", "000011.checkpoint"]
    assert read_checkpoint(files.checkpoints(tmp_path)[0])[0].time == 11


def test_what_is_not_ours_stays(tmp_path):
    write_checkpoint(tmp_path, checkpoint(), RECORDED)
    (tmp_path / "checkpoints" / "notes.txt").write_text("mine")
    remove_checkpoints(tmp_path)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["notes.txt"]
    (tmp_path / "checkpoints" / "notes.txt").unlink()
    remove_checkpoints(tmp_path)
    assert not (tmp_path / "checkpoints").exists()
    remove_checkpoints(tmp_path)


def test_every_flipped_bit_is_noticed(tmp_path):
    path = write_checkpoint(tmp_path, checkpoint(), RECORDED)
    data = path.read_bytes()
    for place in range(0, len(data), 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(CheckpointError, match=f"'{path}' cannot be read"):
            read_checkpoint(path)
    for length in range(0, len(data), 97):
        path.write_bytes(data[:length])
        with pytest.raises(CheckpointError, match=f"'{path}' cannot be read"):
            read_checkpoint(path)


def forged(members: dict[str, bytes]) -> bytes:
    """A file with a right SHA-256 and other content."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    data = stream.getvalue()
    return b"cosim checkpoint 1 " + hashlib.sha256(data).hexdigest().encode() + b"\n" + data


def pickled() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([os.system], dtype=object), allow_pickle=True)
    return stream.getvalue()


STATE = b'{"time": 1, "recorded": {"samples": {}, "happenings": 0}, "execution": {}, "instances": []}'


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"state.json": b"[]"},
        {"state.json": STATE.replace(b'"time": 1', b'"time": "soon"'), "0.npy": b""},
        {"state.json": STATE.replace(b"[]", b'["../../a"]')},
        {"state.json": STATE, "0.npy": pickled()},
        {"state.json": STATE, "1.npy": b""},
    ],
)
def test_forged_files_are_refused(tmp_path, members):
    path = tmp_path / "000001.checkpoint"
    path.write_bytes(forged(members))
    with pytest.raises(CheckpointError, match="cannot be read"):
        read_checkpoint(path)


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    path = write_checkpoint(tmp_path, checkpoint(), RECORDED)
    monkeypatch.setattr(files, "LARGEST", 100)
    with pytest.raises(CheckpointError, match="it needs more than"):
        read_checkpoint(path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "checkpoints").write_text("a file")
    with pytest.raises(ResultError, match="Cannot write"):
        write_checkpoint(tmp_path, checkpoint(), RECORDED)
    with pytest.raises(ResultError, match="Cannot write"), locked(tmp_path):
        pass


def test_one_at_a_time(tmp_path):
    with locked(tmp_path) as first, locked(tmp_path) as second:
        assert (first, second) == (True, False)
    with locked(tmp_path) as again:
        assert again


def test_what_a_killed_process_left_is_removed(tmp_path):
    folder = tmp_path / files.FOLDER
    folder.mkdir()
    for name in (".000012.checkpoint.x8_a1", "lock"):
        (folder / name).touch()
    files.remove_checkpoints(tmp_path)
    assert not folder.exists()
