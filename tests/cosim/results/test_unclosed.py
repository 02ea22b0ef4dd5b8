import h5py
import pytest

from cosim.results.unclosed import ClosedView, is_unclosed, lookup3


@pytest.mark.parametrize(
    ("data", "checksum"), [(b"", 0xDEADBEEF), (b"Four score and seven years ago", 0x17770551)]
)  # the two values that lookup3.c states
def test_checksum(data, checksum):
    assert lookup3(data) == checksum


def test_superblock_is_what_the_library_writes_when_it_closes(tmp_path):
    path = tmp_path / "x.h5"
    with h5py.File(path, "w", libver=("v110", "v110")) as file:
        file["x"] = [1.0, 2.0]
        file.swmr_mode = True
        file.flush()
        assert is_unclosed(path)
        with ClosedView(path) as view, h5py.File(view, "r") as seen:
            assert seen["x"][:].tolist() == [1.0, 2.0]
    assert not is_unclosed(path)
    closed = path.read_bytes()
    with ClosedView(path) as view:
        start = view.read(48)
        assert start[:28] + start[36:44] == closed[:28] + closed[36:44]
        assert view.read(len(closed) - 48) == closed[48:]


def test_what_is_missing_is_an_error(tmp_path):
    path = tmp_path / "x.h5"
    path.write_bytes(bytes(1000))
    with ClosedView(path) as view:
        view.seek(900)
        assert view.read(512) == bytes(512)
        view.seek(900)
        with pytest.raises(OSError, match="the file ends at byte 1000, and 413 more are missing"):
            view.read(513)
        view.seek(1000)
        with pytest.raises(OSError, match="and 1 more are missing"):
            view.read(1)


def test_other_files_are_none_of_these(tmp_path):
    path = tmp_path / "x.h5"
    for data in (b"", b"text", b"\x89HDF\r\n\x1a\n" + bytes(36)):
        path.write_bytes(data)
        assert not is_unclosed(path)
