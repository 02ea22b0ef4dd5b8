"""Opening FMU files: hostile ones are refused with one sentence and leave nothing behind."""

import tempfile
from pathlib import Path

import pytest
from broken_fmus import UNLOADABLE, UNREADABLE, UNSUITABLE, library_beside
from fmu_factory import build_lag

from cosim.clock import Ticks
from cosim.errors import FmuError
from cosim.fmu import open_fmu

pytestmark = pytest.mark.usefixtures("temp")


def check_sentence(message):
    assert message.rstrip().endswith((".", "}'", "more")) or "\n  - " in message
    assert "Traceback" not in message
    assert len(message) < 2000


@pytest.mark.parametrize("kind", UNREADABLE)
def test_unreadable(kind, tmp_path):
    write, pattern = UNREADABLE[kind]
    path = tmp_path / "b r ö k e n.fmu"
    write(path)
    with pytest.raises(FmuError, match=pattern) as caught:
        open_fmu(path)
    check_sentence(str(caught.value))
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("kind", UNSUITABLE)
def test_unsuitable(kind, tmp_path):
    write, pattern = UNSUITABLE[kind]
    path = tmp_path / "unsuitable.fmu"
    write(path)
    with open_fmu(path) as file:
        assert len(file.obstacles) == 1
        with pytest.raises(FmuError, match=pattern) as caught:
            file.instantiate("unit")
    check_sentence(str(caught.value))


@pytest.mark.parametrize("kind", UNLOADABLE)
def test_unloadable(kind, tmp_path):
    write, pattern = UNLOADABLE[kind]
    path = tmp_path / "unloadable.fmu"
    write(path)
    with open_fmu(path) as file:
        assert file.obstacles == ()
        with pytest.raises(FmuError, match=pattern) as caught:
            file.instantiate("unit")
    check_sentence(str(caught.value))


def test_a_library_beside_the_binary_is_found(tmp_path):
    library_beside(tmp_path / "lag.fmu")
    with open_fmu(tmp_path / "lag.fmu") as file, file.instantiate("lag") as lag:
        lag.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
        lag.exit_initialization()
        assert lag.step(Ticks(0), Ticks(1_000_000_000)).time == 1_000_000_000


def test_nothing_escapes_the_folder(tmp_path):
    for kind in ("parent path", "deep parent path", "symbolic link"):
        path = tmp_path / kind / "evil.fmu"
        UNREADABLE[kind][0](path)
        with pytest.raises(FmuError):
            open_fmu(path)
    assert not list(tmp_path.rglob("evil.sh"))


def test_description_is_limited(tmp_path, monkeypatch):
    monkeypatch.setattr("cosim.fmu.file.MAX_DESCRIPTION", 1000)
    monkeypatch.setattr("cosim.fmu.file._known_contents", {})
    with pytest.raises(FmuError, match=r"modelDescription\.xml has .* kB, more than the 1 kB that are read"):
        open_fmu(build_lag(tmp_path / "lag.fmu"))


def test_number_of_files_is_limited(tmp_path, monkeypatch):
    monkeypatch.setattr("cosim.fmu.archive.MAX_ENTRIES", 1)
    with pytest.raises(FmuError, match="contains 2 files; more than 1 are not unpacked"):
        open_fmu(build_lag(tmp_path / "lag.fmu"))


def test_total_size_is_limited(tmp_path, monkeypatch):
    monkeypatch.setattr("cosim.fmu.archive.MAX_TOTAL", 1000)
    with pytest.raises(FmuError, match="would unpack to"):
        open_fmu(build_lag(tmp_path / "lag.fmu"))


def test_an_honest_table_of_zeros_is_no_bomb(tmp_path):
    with open_fmu(build_lag(tmp_path / "lag.fmu", files={"resources/zeros.bin": bytes(60_000_000)})) as file:
        assert file.facts.unpacked_size > 60_000_000


def test_what_does_not_run_is_not_unpacked(tmp_path, monkeypatch):
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temp))
    files = {"sources/lag.c": "C", "documentation/index.html": "text", "resources/table.txt": "1"}
    with open_fmu(build_lag(tmp_path / "lag.fmu", files=files)) as file, file.instantiate("lag"):
        (copy,) = (folder.parent for folder in temp.rglob("resources"))
        assert sorted(item.name for item in copy.iterdir()) == ["binaries", "modelDescription.xml", "resources"]
        assert (copy / "resources" / "table.txt").read_text(encoding="utf-8") == "1"


def test_file_that_changes_after_opening(tmp_path):
    path = build_lag(tmp_path / "lag.fmu")
    with open_fmu(path) as file:
        build_lag(path, files={"resources/new.txt": "new"})
        with pytest.raises(FmuError, match="has changed since it was opened"):
            file.instantiate("lag")


def test_file_that_disappears_after_opening(tmp_path):
    path = build_lag(tmp_path / "lag.fmu")
    with open_fmu(path) as file:
        path.unlink()
        with pytest.raises(FmuError, match="There is no FMU file"):
            file.instantiate("lag")


def test_file_without_permission(tmp_path, monkeypatch):
    path = build_lag(tmp_path / "lag.fmu")

    def refuse(self, mode="r", *args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FmuError, match=r"cannot be opened: Permission denied\."):
        open_fmu(path)


def test_hash_and_path(tmp_path, monkeypatch):
    path = build_lag(tmp_path / "lag.fmu")
    monkeypatch.chdir(tmp_path)
    with open_fmu("lag.fmu") as file, open_fmu(path) as same:
        assert file.path == path
        assert file.sha256 == same.sha256
        assert len(file.sha256) == 64
        assert file.fmi_version == "2.0"
        assert file.generator == "tests/fmu_factory.py"


def test_a_content_is_read_once(tmp_path):
    first = build_lag(tmp_path / "first.fmu", files={"resources/once.txt": "once"})
    second = tmp_path / "second.fmu"
    second.write_bytes(first.read_bytes())
    with open_fmu(first) as one, open_fmu(second) as other:
        assert one.description is other.description
        assert (one.path.name, other.path.name) == ("first.fmu", "second.fmu")


def test_only_one_instance_per_process(tmp_path):
    only = 'modelIdentifier="lag" canBeInstantiatedOnlyOncePerProcess="true"'
    path = build_lag(tmp_path / "only.fmu", change=lambda xml: xml.replace('modelIdentifier="lag"', only))
    with open_fmu(path) as file:
        first = file.instantiate("first")
        with pytest.raises(FmuError, match=r"'second' cannot be instantiated .* which 'first' is"):
            file.instantiate("second")
        first.free()
        file.instantiate("third").free()


def test_an_instance_that_was_refused_does_not_count_as_the_only_one(tmp_path):
    only = 'modelIdentifier="lag" canBeInstantiatedOnlyOncePerProcess="true"'
    path = tmp_path / "only.fmu"
    build_lag(path, defines=('GUID="{other}"',), change=lambda xml: xml.replace('modelIdentifier="lag"', only))
    with open_fmu(path) as file:
        for name in ("first", "second"):
            with pytest.raises(FmuError, match=f"'{name}' cannot be instantiated .* fmi2Instantiate gave no instance"):
                file.instantiate(name)
