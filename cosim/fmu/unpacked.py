"""Unpacked copies of FMUs in the temporary folder, one per content, shared by all instances of the process.

The folder of the process goes when its last copy is released, at exit at the latest. One left by a process that was
killed is removed by the next one: its lock is no longer held.

A copy whose library cannot be unloaded stays until exit: the system knows a loaded library by its inode, so that a new
file that is given the number of a deleted one would be taken for it.
"""

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Final

from cosim.errors import FmuError
from cosim.fmu.library import is_loaded
from cosim.fmu.temporary import temporary_folder

try:
    import fcntl
except ImportError:  # Windows: no sweep of stale folders
    fcntl = None  # type: ignore[assignment]

_PREFIX: Final = "cosim-fmu-"
_STALE_AFTER: Final = 60.0
"""Age [s] of a folder before its lock is tried, so that one being created is left alone."""


class UnpackedCopy:
    """A folder holding the content of one FMU; counted, and removed with its last user."""

    def __init__(self, sha256: str, folder: Path) -> None:
        self.sha256 = sha256
        self.folder = folder
        self.n_users = 0
        self.libraries: set[Path] = set()
        """Files of the copy that were loaded into this process."""


class _ProcessFolder:
    """The temporary folder of this process, with a lock held for as long as it exists."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=temporary_folder()))
        self._lock = os.open(self.path / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        if fcntl is not None:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


class _Copies:
    """All unpacked copies of this process."""

    def __init__(self) -> None:
        self._guard = RLock()
        self._folder: _ProcessFolder | None = None
        self._copies: dict[str, UnpackedCopy] = {}
        self._process = os.getpid()

    def acquire(self, sha256: str, fill: Callable[[Path], None]) -> UnpackedCopy:
        with self._guard:
            self._forget_parent()
            copy = self._copies.get(sha256) or self._create(sha256, fill)
            copy.n_users += 1
            return copy

    def release(self, copy: UnpackedCopy) -> None:
        with self._guard:
            copy.n_users -= 1
            if self._process != os.getpid() or copy.n_users > 0 or self._copies.get(copy.sha256) is not copy:
                return
            if any(is_loaded(path) for path in copy.libraries):
                return
            del self._copies[copy.sha256]
            shutil.rmtree(copy.folder, ignore_errors=True)
            self._remove_if_unused()

    def close(self) -> None:
        with self._guard:
            if self._process == os.getpid() and self._folder is not None:
                self._copies.clear()
                self._remove_if_unused()

    def _create(self, sha256: str, fill: Callable[[Path], None]) -> UnpackedCopy:
        try:
            if self._folder is None:
                _sweep_stale_folders()
                self._folder = _ProcessFolder()
            folder = self._folder.path / sha256[:16]
            folder.mkdir()
        except OSError as error:
            raise FmuError(
                f"No temporary folder can be made in '{temporary_folder()}' to unpack an FMU: {error.strerror}. "
                "Point TMPDIR to a folder that can be written."
            ) from error
        try:
            fill(folder)
        except BaseException:  # also after Ctrl-C no half of a copy may stay
            shutil.rmtree(folder, ignore_errors=True)
            self._remove_if_unused()
            raise
        copy = self._copies[sha256] = UnpackedCopy(sha256, folder)
        return copy

    def _remove_if_unused(self) -> None:
        if self._folder is not None and not self._copies:
            self._folder.remove()
            self._folder = None

    def _forget_parent(self) -> None:
        """After a fork the parent's copies are the parent's to remove."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._folder = None
            self._copies = {}


def _sweep_stale_folders() -> None:
    """Remove folders whose process has died without doing so."""
    if fcntl is None:
        return
    for folder in Path(temporary_folder()).glob(f"{_PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime < _STALE_AFTER or folder.stat().st_uid != os.getuid():
                continue
            lock = os.open(folder / ".lock", os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue
        finally:
            os.close(lock)


_copies: Final = _Copies()
atexit.register(_copies.close)

acquire = _copies.acquire
release = _copies.release
