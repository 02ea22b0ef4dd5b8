"""A file that one process at a time works on; the system lets go of it when the process ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cosim.errors import AuditError

PATIENCE: Final = 60.0
"""How long to wait for others [s]."""
_FIRST_WAIT: Final = 1e-4
_LONGEST_WAIT: Final = 1e-2
_FAR: Final = 1 << 40
"""Byte that Windows locks: beyond the end, for a locked byte cannot be read there."""


@contextmanager
def locked(descriptor: int, file: Path) -> Iterator[None]:
    """Hold the lock of the open ``file`` during the block.

    Raises
    ------
    AuditError
        When another process does not let go of it.
    """
    deadline, wait = time.monotonic() + PATIENCE, _FIRST_WAIT
    while not _try(descriptor):
        if time.monotonic() > deadline:
            raise AuditError(f"Another process has held '{file}' for {PATIENCE:g} s. Is one stopped that works on it?")
        time.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)
    try:
        yield
    finally:
        _release(descriptor)


@contextmanager
def if_free(descriptor: int) -> Iterator[bool]:
    """Hold the lock of an open file during the block, unless another process does: then yield False."""
    is_ours = _try(descriptor)
    try:
        yield is_ours
    finally:
        if is_ours:
            _release(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _try(descriptor: int) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
