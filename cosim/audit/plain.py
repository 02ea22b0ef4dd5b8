"""Files that others may have tampered with: opened only where they are plain files, and never through a link."""

from __future__ import annotations

import hashlib
import os
import stat
from io import BufferedReader
from pathlib import Path


def open_plain(file: Path) -> BufferedReader:
    """Open ``file`` for reading, unless it is a link, a folder, a pipe or a device.

    Raises
    ------
    OSError
        When it is, or cannot be read.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(file, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(None, "it is no plain file")
    return open(descriptor, "rb")


def hash_of(file: Path) -> tuple[str, int]:
    """Return the SHA-256 of ``file``, and its size.

    Raises
    ------
    OSError
        As ``open_plain``.
    """
    with open_plain(file) as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return digest, os.fstat(opened.fileno()).st_size


def sync_folder(folder: Path) -> None:
    """Let the names in ``folder`` reach the disk; Windows does that by itself."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
