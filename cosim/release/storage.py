"""Files of a registry: written whole or not at all, found by their hash, never through a link."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from time import time
from typing import Final

from cosim.audit.plain import hash_of, open_plain, sync_folder
from cosim.errors import ReleaseError
from cosim.whole_file import whole_file

_HASH: Final = re.compile("[0-9a-f]{64}")
_BLOCK: Final = 1 << 20
LEFT_BEHIND: Final = ".new-"
"""How names of files begin that a killed process has not finished."""
_STALE_AFTER: Final = 86_400.0
"""Age [s] of such a file, after which nobody writes it any more."""


def is_hash(text: object) -> bool:
    """Tell whether ``text`` is a SHA-256 as 64 lower-case hex digits."""
    return isinstance(text, str) and _HASH.fullmatch(text) is not None


def write_whole(file: Path, data: bytes) -> None:
    """Write ``data`` to ``file``, so that there is all of it or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(file, mode=0o444, prefix=LEFT_BEHIND) as opened:
        opened.write(data)
    sync_folder(file.parent)
    sync_folder(file.parent.parent)


class Objects:
    """Files by the SHA-256 of what is in them, below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Return where the object with that hash is, if it is."""
        if not is_hash(sha256):
            raise ReleaseError("The hash of an object is not one.")
        return self._folder / sha256[:2] / sha256

    def add(self, file: Path) -> tuple[str, int]:
        """Keep what ``file`` holds; return its hash and size.

        Raises
        ------
        ReleaseError
            When it cannot be read or kept.
        """
        try:
            with open_plain(file) as opened:
                return self._copy(opened)
        except OSError as error:
            raise ReleaseError(f"'{file}' cannot be taken into the registry: {error.strerror or error}.") from error

    def _copy(self, opened: BufferedReader) -> tuple[str, int]:
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=LEFT_BEHIND, dir=self._folder)
        digest, size = hashlib.sha256(), 0
        try:
            with open(descriptor, "wb") as copy:
                while part := opened.read(_BLOCK):
                    digest.update(part)
                    size += len(part)
                    copy.write(part)
                copy.flush()
                os.fsync(copy.fileno())
            target = self.path(digest.hexdigest())
            if target.is_symlink() or not target.is_file() or not self._is_whole(target, digest.hexdigest()):
                os.chmod(temporary, 0o444)
                target.parent.mkdir(exist_ok=True)
                os.replace(temporary, target)
                sync_folder(target.parent)
                sync_folder(self._folder)
        finally:
            Path(temporary).unlink(missing_ok=True)
        return digest.hexdigest(), size

    def _is_whole(self, file: Path, sha256: str) -> bool:
        return hash_of(file)[0] == sha256

    def checked(self, sha256: str) -> Path:
        """Return the file of the object, whose content has that hash.

        Raises
        ------
        ReleaseError
            When there is none, or its content is another.
        """
        file = self.path(sha256)
        try:
            is_whole = self._is_whole(file, sha256)
        except OSError as error:
            raise ReleaseError(
                f"The object {sha256[:12]}… of the registry cannot be read: {error.strerror or error}. "
                f"Bring '{file}' back from a backup."
            ) from error
        if not is_whole:
            raise ReleaseError(
                f"The object {sha256[:12]}… of the registry has been changed: '{file}' has another SHA-256. "
                "Bring it back from a backup."
            )
        return file

    def read(self, sha256: str, most: int) -> bytes:
        """Return the content of the object, which must have that hash and up to ``most`` bytes."""
        try:
            with open_plain(self.path(sha256)) as opened:
                data = opened.read(most + 1)
        except OSError as error:
            raise ReleaseError(
                f"The object {sha256[:12]}… of the registry cannot be read: {error.strerror or error}."
            ) from error
        if len(data) > most:
            raise ReleaseError(f"The object {sha256[:12]}… of the registry is longer than the {most} bytes read here.")
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ReleaseError(f"The object {sha256[:12]}… of the registry has been changed.")
        return data

    def names(self) -> Iterator[str]:
        """List the hashes of all objects."""
        for folder in sorted(self._folder.glob("??")):
            yield from sorted(file.name for file in folder.iterdir() if is_hash(file.name))

    def is_object(self, file: Path) -> bool:
        """Tell whether ``file`` is where an object would be."""
        return is_hash(file.name) and file == self.path(file.name)

    def sweep(self) -> None:
        """Remove what killed processes have begun to write."""
        for file in self._folder.glob(f"{LEFT_BEHIND}*"):
            with suppress(OSError):
                if time() - file.lstat().st_mtime > _STALE_AFTER:
                    file.unlink()
