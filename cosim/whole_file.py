"""Files that are at every moment the old one or the new one, whole: written beside their place, flushed, and moved."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path, *, mode: int = 0o644, prefix: str | None = None) -> Iterator[Path]:
    """Give the path of an empty file that takes the place of ``path`` when the block ends well, else is removed.

    Its name ends like that of ``path`` and begins with ``prefix``, else with a dot and the name of ``path``.

    Raises
    ------
    OSError
        When it cannot be written or moved; what was at ``path`` is untouched.
    """
    begin = f".{path.stem}." if prefix is None else prefix
    descriptor, name = tempfile.mkstemp(prefix=begin, suffix=path.suffix, dir=path.parent)
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(mode)
        os.replace(temporary, path)
    except BaseException:  # also after Ctrl-C nothing half-made may stay
        with suppress(OSError):
            temporary.unlink()
        raise


@contextmanager
def whole_file(path: Path, *, mode: int = 0o644, prefix: str | None = None) -> Iterator[BinaryIO]:
    """Open the file that ``replacing`` gives."""
    with replacing(path, mode=mode, prefix=prefix) as temporary, temporary.open("wb") as file:
        yield file
