"""Whether a file may grow: asked before HDF5 writes, for its library does not survive a write that fails."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Final

MARGIN: Final = 2_000_000
"""Bytes to be left over, so that a file can still be closed in order [B]."""


def require_room(path: Path, n_bytes: int) -> None:
    """Make sure that ``path`` can grow by ``n_bytes`` and still be closed in order.

    Raises
    ------
    OSError
        ENOSPC when the disk is as good as full, EFBIG when the file would pass the limit set for this process.
    """
    needed = n_bytes + MARGIN
    if shutil.disk_usage(path.parent).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    size = path.stat().st_size if path.exists() else 0
    if size + needed > _largest_file():
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))


def _largest_file() -> float:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return float("inf")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return float("inf") if limit == resource.RLIM_INFINITY else limit
