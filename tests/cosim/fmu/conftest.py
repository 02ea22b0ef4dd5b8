"""A temporary folder of its own for a test, whatever other tests of the process have left loaded."""

import tempfile

import pytest

from cosim.fmu import unpacked
from cosim.fmu.library import is_loaded


@pytest.fixture
def temp(tmp_path, monkeypatch):
    """The folder; when the test ends it must be empty but for libraries that rightly stayed loaded."""
    folder = tmp_path / "temporary-folder"
    folder.mkdir()
    copies = unpacked._Copies()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(unpacked, "acquire", copies.acquire)
    monkeypatch.setattr(unpacked, "release", copies.release)
    yield folder
    left = list(copies._copies.values())
    assert all(any(is_loaded(path) for path in copy.libraries) for copy in left)
    if not left:
        assert list(folder.iterdir()) == []
