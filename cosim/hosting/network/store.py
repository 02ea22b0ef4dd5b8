"""FMU files at a server: those that clients sent, kept by hash, or those of a folder and no others."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Final

from cosim.errors import FmuError

MOST_FILE: Final = 2 * 1024**3
"""Bytes of one FMU file."""
MOST_KEPT: Final = 20 * 1024**3
"""Bytes of all files kept; beyond them those used longest ago go."""
STALE_AFTER: Final = 86_400.0
"""Age [s] of a file that was not completed, after which it is given up."""
_HASH: Final = re.compile("[0-9a-f]{64}")


class Upload:
    """A file that is being sent: it becomes one of the store when it is complete and its hash is as announced."""

    def __init__(self, folder: Path, sha256: str, size: int) -> None:
        self._folder, self._sha256, self._size = folder, sha256, size
        self._digest, self._n = hashlib.sha256(), 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(prefix="new-", dir=folder)
        self._file, self._path = os.fdopen(descriptor, "wb"), Path(name)

    def add(self, at: int, part: bytes) -> bool:
        """Take the ``part`` that begins ``at``; tell whether the file is complete.

        Raises
        ------
        FmuError
            When it is not what was announced.
        """
        if at != self._n or at + len(part) > self._size:
            raise FmuError(f"A part of a file at byte {at} was sent, of {self._size}, after {self._n} bytes.")
        self._file.write(part)
        self._digest.update(part)
        self._n += len(part)
        if self._n < self._size:
            return False
        if self._digest.hexdigest() != self._sha256:
            raise FmuError("The file that was sent does not have the hash that was announced. Run again.")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._path, self._folder / f"{self._sha256}.fmu")
        return True

    def discard(self) -> None:
        """Remove what was not completed; legal any number of times."""
        self._file.close()
        self._path.unlink(missing_ok=True)


class AbstractStore(ABC):
    """Finds FMU files by their hash."""

    @abstractmethod
    def find(self, sha256: str) -> Path | None:
        """Return the file of that hash, None where there is none."""

    @abstractmethod
    def upload(self, sha256: str, size: int) -> Upload:
        """Begin to take a file of that hash and ``size`` in bytes.

        Raises
        ------
        FmuError
            When it is not taken.
        """


class SentFiles(AbstractStore):
    """What clients have sent, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, sha256: str) -> Path | None:
        """Return the file, and note that it was used."""
        path = self._folder / f"{_checked(sha256)}.fmu"
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def upload(self, sha256: str, size: int) -> Upload:
        """Make room, and begin."""
        if not 0 < size <= MOST_FILE:
            raise FmuError(f"The file has {size} bytes; this server takes up to {MOST_FILE}.")
        self._make_room(size)
        return Upload(self._folder, _checked(sha256), size)

    def _make_room(self, size: int) -> None:
        """Remove the files used longest ago; one in use has been unpacked by its process."""
        for path in self._folder.glob("new-*"):  # of a server that was killed
            with suppress(OSError):
                if time() - path.stat().st_mtime > STALE_AFTER:
                    path.unlink()
        found = []
        for path in self._folder.glob("*.fmu"):
            with suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime, status.st_size, path))
        used = size + sum(n for _, n, _ in found)
        for _, n, path in sorted(found):
            if used <= MOST_KEPT:
                return
            with suppress(OSError):
                path.unlink()
                used -= n


class GivenFiles(AbstractStore):
    """The FMU files that lie in ``folder``, and no others."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise FmuError(f"There is no folder '{folder}' with the FMUs that may run. Give one to '--only'.")
        self._folder = folder
        self._known: dict[Path, tuple[int, int, str]] = {}

    def find(self, sha256: str) -> Path | None:
        """Look through the folder, and read what has changed."""
        for path in sorted(self._folder.glob("*.fmu")):
            try:
                status = path.stat()
                known = self._known.get(path)
                if known is None or known[:2] != (status.st_mtime_ns, status.st_size):
                    with path.open("rb") as file:
                        digest = hashlib.file_digest(file, "sha256").hexdigest()
                    known = self._known[path] = (status.st_mtime_ns, status.st_size, digest)
            except OSError:
                continue
            if known[2] == sha256:
                return path
        return None

    def upload(self, sha256: str, size: int) -> Upload:
        """Refuse."""
        raise FmuError("This server runs only the FMUs that lie in a folder of its own, and this is none of them.")


def _checked(sha256: str) -> str:
    if _HASH.fullmatch(sha256) is None:
        raise FmuError("The hash of a file is not one.")
    return sha256
