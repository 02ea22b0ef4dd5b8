"""Packing an FMU: a zip archive that is complete or not there, and the same bytes for the same content."""

import contextlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from cosim.errors import BuildError

_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_fmu(path: Path, entries: Mapping[str, bytes]) -> None:
    """Write the archive ``path`` with ``entries`` (name in the archive → content).

    Raises
    ------
    BuildError
        The file cannot be written; what was at ``path`` is still there.
    """
    with _whole_file(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(entries, key=_description_first):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = (0o755 if name.startswith("binaries/") else 0o644) << 16
            archive.writestr(info, entries[name])


def copy_whole(source: Path, target: Path) -> None:
    """Copy ``source`` to ``target`` so that nobody sees a partial file.

    Raises
    ------
    BuildError
        As of :func:`write_fmu`.
    """
    with _whole_file(target) as stream, source.open("rb") as content:
        shutil.copyfileobj(content, stream)


@contextlib.contextmanager
def _whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file beside ``path`` that takes its place, flushed to disk, when the block ends well."""
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException as error:
        if name is not None:
            with contextlib.suppress(OSError):
                os.unlink(name)
        if isinstance(error, OSError):
            raise BuildError(
                f"Cannot write {path}: {error.strerror or error}. Name another folder or make room."
            ) from error
        raise


def _description_first(name: str) -> tuple[bool, str]:
    return name != "modelDescription.xml", name
