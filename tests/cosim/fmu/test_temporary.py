"""FMUs are unpacked below a path that needs no escaping in a URI."""

import tempfile

import pytest
from fmu_factory import build_lag

from cosim.fmu import open_fmu
from cosim.fmu.temporary import temporary_folder


def test_a_plain_folder_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert temporary_folder() == str(tmp_path)


@pytest.mark.parametrize("name", ["ü", "a b", "a%20b", "a#b", "水"])
def test_an_odd_one_is_not(name, tmp_path, monkeypatch):
    (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / name))
    assert temporary_folder() in ("/tmp", "/var/tmp")
    with open_fmu(build_lag(tmp_path / "lag.fmu")) as file, file.instantiate("lag"):
        assert not list((tmp_path / name).iterdir())


def test_where_there_is_no_other_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "ü"))
    monkeypatch.setattr("cosim.fmu.temporary._SYSTEM", (str(tmp_path / "missing"),))
    assert temporary_folder() == str(tmp_path / "ü")
