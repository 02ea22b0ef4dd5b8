"""A package, or one within another, as its files: taken as hostile until shown otherwise."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from cosim.errors import FmuError, StructureError
from cosim.fmu.archive import opened_archive, reading_errors

LARGEST_PACKAGE: Final = 2 << 30
"""Bytes that a package may unpack to; it is read into memory."""


def unpacked_members(source: Path | io.BytesIO, what: str) -> dict[str, bytes]:
    """Return the files of the package ``source``, called ``what`` in messages.

    Raises
    ------
    StructureError
        When it is no archive, damaged, too large, or has names that lead out of it.
    """
    if isinstance(source, io.BytesIO):
        with tempfile.TemporaryDirectory(prefix="cosim-package-") as folder:
            path = Path(folder) / "inner.ssp"
            path.write_bytes(source.getvalue())
            return _members(path, what)
    return _members(source, what)


def _members(path: Path, what: str) -> dict[str, bytes]:
    try:
        with opened_archive(path) as (archive, _):
            return _read(path, archive, what)
    except FmuError as error:
        message = error.message.replace(f"FMU '{path}'", f"Package '{what}'").replace(f"'{path}'", f"'{what}'")
        raise StructureError(message.replace("is not an FMU", "is not an SSP package")) from error


def _read(path: Path, archive: zipfile.ZipFile, what: str) -> dict[str, bytes]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    total = sum(info.file_size for info in infos)
    if total > LARGEST_PACKAGE:
        raise StructureError(
            f"Package '{what}' unpacks to {total / 1e9:.3g} GB, more than the {LARGEST_PACKAGE / 1e9:.3g} GB that are "
            "read. Take out what the system does not need."
        )
    members = {}
    for info in infos:
        with reading_errors(path, info.filename):
            members[info.filename] = archive.read(info)
    return members
