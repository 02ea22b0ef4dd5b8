"""Files that are the old one or the new one, whole."""

import os
import stat

import pytest

from cosim.whole_file import replacing, whole_file


def test_a_file_is_there_when_it_is_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with whole_file(path, mode=0o640) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_what_breaks_off_leaves_the_old_one(error, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    writing = whole_file(path)
    writing.__enter__().write(b"half")
    assert not writing.__exit__(error, error(), None)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_writer_that_asks_for_a_path_gets_one_with_the_same_ending(tmp_path):
    with replacing(tmp_path / "a.xlsx", prefix=".new-") as temporary:
        assert (temporary.suffix, temporary.name[:5], temporary.parent) == (".xlsx", ".new-", tmp_path)
        temporary.write_text("x")
    assert (tmp_path / "a.xlsx").read_text() == "x"


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "gone" / "a"):
        pass
