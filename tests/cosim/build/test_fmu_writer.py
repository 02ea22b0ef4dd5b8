"""Archives are reproducible, complete or absent."""

import os
import zipfile

import pytest

from cosim.build.fmu_writer import copy_whole, write_fmu
from cosim.errors import BuildError

ENTRIES = {"resources/a.json": b"{}", "modelDescription.xml": b"<x/>" * 100, "binaries/linux64/m.so": b"\x7fELF"}


def test_archive_holds_the_entries_description_first(tmp_path):
    write_fmu(tmp_path / "deep" / "a.fmu", ENTRIES)
    with zipfile.ZipFile(tmp_path / "deep" / "a.fmu") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["modelDescription.xml", "binaries/linux64/m.so", "resources/a.json"]
        assert {name: archive.read(name) for name in archive.namelist()} == ENTRIES


def test_same_entries_give_the_same_bytes(tmp_path):
    write_fmu(tmp_path / "a.fmu", ENTRIES)
    write_fmu(tmp_path / "b.fmu", dict(reversed(ENTRIES.items())))
    assert (tmp_path / "a.fmu").read_bytes() == (tmp_path / "b.fmu").read_bytes()


def test_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.fmu"
    path.write_bytes(b"old")

    def interrupted(_source: str, _target: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_fmu(path, ENTRIES)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.fmu"]


@pytest.mark.parametrize("write", [lambda path: write_fmu(path, ENTRIES), lambda path: copy_whole(path.parent, path)])
def test_folder_that_cannot_be_written_is_named(tmp_path, write):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(BuildError, match=r"Cannot write .*file/a.fmu: (Not a directory|File exists)"):
        write(tmp_path / "file" / "a.fmu")


def test_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    import errno

    (tmp_path / "a.fmu").write_bytes(b"old")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BuildError, match=r"a\.fmu: No space left on device\. Name another folder or make room"):
        write_fmu(tmp_path / "a.fmu", ENTRIES)
    assert os.listdir(tmp_path) == ["a.fmu"]
    assert (tmp_path / "a.fmu").read_bytes() == b"old"


def test_copy_is_whole(tmp_path):
    write_fmu(tmp_path / "a.fmu", ENTRIES)
    copy_whole(tmp_path / "a.fmu", tmp_path / "b" / "c.fmu")
    assert (tmp_path / "b" / "c.fmu").read_bytes() == (tmp_path / "a.fmu").read_bytes()
