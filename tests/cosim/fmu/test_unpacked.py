"""Unpacked copies: shared, removed in time, also after errors, forks and kills."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from fmu_factory import build_lag

from cosim.errors import FmuError
from cosim.fmu import open_fmu, unpacked


def fill(folder):
    (folder / "content.txt").write_text("content")


def test_one_copy_per_content(temp):
    first, second, other = (unpacked.acquire(sha, fill) for sha in ("a" * 64, "a" * 64, "b" * 64))
    assert first is second
    assert (first.folder / "content.txt").read_text() == "content"
    unpacked.release(first)
    assert first.folder.exists()
    unpacked.release(second)
    assert not first.folder.exists()
    assert other.folder.exists()
    unpacked.release(other)
    assert list(temp.iterdir()) == []


def test_nothing_is_left_when_unpacking_fails(temp):
    def fill_half(folder):
        fill(folder)
        raise FmuError("The rest is missing.")

    with pytest.raises(FmuError, match="The rest is missing"):
        unpacked.acquire("a" * 64, fill_half)
    assert list(temp.iterdir()) == []


def test_temporary_folder_that_cannot_be_used(temp, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(FmuError, match=r"No temporary folder can be made in .*nowhere.* Point TMPDIR"):
        unpacked.acquire("a" * 64, fill)


def test_full_disk(temp, monkeypatch):
    path = build_lag(temp.parent / "lag.fmu")
    with open_fmu(path) as file:

        def refuse(self, *args, **kwargs):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "chmod", refuse)
        with pytest.raises(FmuError, match=r"cannot be unpacked: No space left on device\. Check space"):
            file.instantiate("lag")
    assert list(temp.iterdir()) == []


def script(path, ending):
    return f"from cosim.fmu import open_fmu\nlag = open_fmu({str(path)!r}).instantiate('lag')\n{ending}"


def run_python(code, temp):
    return subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(temp)}, capture_output=True)


@pytest.mark.parametrize("ending", ["", "raise SystemExit(3)", "raise ValueError('unexpected')"])
def test_exit_without_closing(temp, ending):
    done = run_python(script(build_lag(temp.parent / "lag.fmu"), ending), temp)
    assert done.returncode == {"": 0, "raise SystemExit(3)": 3}.get(ending, 1)
    assert list(temp.iterdir()) == []


def test_a_killed_process_is_cleaned_up_after(temp, monkeypatch):
    path = build_lag(temp.parent / "lag.fmu")
    done = run_python(script(path, "import os; os.kill(os.getpid(), 9)"), temp)
    assert done.returncode == -signal.SIGKILL
    (left,) = temp.iterdir()
    with open_fmu(path) as file:
        file.instantiate("young").free()
        assert left.exists(), "a folder this young may still be without its lock"
        long_ago = time.time() - 3600
        os.utime(left, (long_ago, long_ago))
    with open_fmu(path) as file:
        file.instantiate("old").free()
    assert list(temp.iterdir()) == []


def test_a_living_process_keeps_its_folder(temp):
    path = build_lag(temp.parent / "lag.fmu")
    code = script(path, "import sys; print('ready', flush=True); sys.stdin.read()")
    other = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "TMPDIR": str(temp)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with other:
        assert other.stdout.readline() == b"ready\n"
        (folder,) = temp.iterdir()
        long_ago = time.time() - 3600
        os.utime(folder, (long_ago, long_ago))
        with open_fmu(path) as file:
            file.instantiate("lag").free()
        assert list(folder.rglob("lag.so")), "its lock is held"
        other.stdin.close()
    assert list(temp.iterdir()) == []


def test_a_fork_leaves_the_copy_to_its_parent(temp):
    code = script(
        build_lag(temp.parent / "lag.fmu"),
        "import os\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    lag.free()\n"
        "    raise SystemExit\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "import tempfile, pathlib\n"
        "assert list(pathlib.Path(tempfile.gettempdir()).rglob('lag.so'))\n",
    )
    done = run_python(code, temp)
    assert done.returncode == 0, done.stderr
    assert list(temp.iterdir()) == []


def test_a_library_that_cannot_be_unloaded_is_not_deleted(temp):
    """A deleted library that stays loaded would be taken for a new one that is given its inode."""
    path = build_lag(temp.parent / "lag.fmu", defines=("RESIDENT",), flags=("-Wl,-z,nodelete",))
    code = (
        "import pathlib, tempfile\n"
        "from cosim.fmu import open_fmu\n"
        "for _ in range(3):\n"
        f"    with open_fmu({str(path)!r}) as file, file.instantiate('lag'):\n"
        "        pass\n"
        "(left,) = pathlib.Path(tempfile.gettempdir()).rglob('lag.so')\n"
        "assert left.exists()\n"
        "maps = pathlib.Path('/proc/self/maps').read_text()\n"
        "assert str(left) in maps and '(deleted)' not in maps\n"
    )
    done = run_python(code, temp)
    assert done.returncode == 0, done.stderr.decode()
    assert list(temp.iterdir()) == []


def test_a_forgotten_file_gives_up_its_copy(temp):
    file = open_fmu(build_lag(temp.parent / "lag.fmu"))
    file.instantiate("lag").free()
    assert list(temp.rglob("lag.so"))
    del file
    assert list(temp.iterdir()) == []


def test_a_read_only_source_folder(temp):
    folder = temp.parent / "read only"
    path = build_lag(folder / "lag.fmu")
    folder.chmod(0o555)
    try:
        with open_fmu(path) as file:
            file.instantiate("lag").free()
        assert [entry.name for entry in folder.iterdir()] == ["lag.fmu"]
    finally:
        folder.chmod(0o755)
