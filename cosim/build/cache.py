"""Which FMU is up to date: content keys, and the store of built FMUs in the user's cache folder.

An FMU records in ``resources/build.json`` what it was built from. Its *source key* covers the Modelica sources, the
structural parameters and cosim's own compiler and runtime; its *build key* adds the tool chain, the libraries and the
platforms. A file whose build key is the wanted one is up to date, wherever it lies; an FMU that came prebuilt with the
wheel serves when its source key is the wanted one and it has a library for this machine.
"""

import functools
import hashlib
import json
import os
import shutil
import time
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, cast

from cosim.native import cache_folder

RECORD = "resources/build.json"
UNUSED_FOR: Final = 60 * 86_400.0
"""After which the store gives up an FMU that nobody has taken from it [s]; it can be built again."""
_PACKAGE = Path(__file__).resolve().parent.parent


def digest(content: Mapping[str, object]) -> str:
    """Return the SHA-256 of ``content`` as canonical JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@functools.cache
def compiler_digest() -> str:
    """Return the SHA-256 of everything of cosim's own that decides what a model becomes."""
    total = hashlib.sha256()
    for file in _compiler_files():
        total.update(file.relative_to(_PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def _compiler_files() -> list[Path]:
    folder = _PACKAGE / "build"
    found: Iterable[Path] = (file for kind in ("*.py", "*.c", "*.h") for file in folder.rglob(kind))
    return sorted([*found, *(_PACKAGE / name for name in ("units.py", "unit_notation.py", "_version.py"))])


def read_record(fmu: Path) -> dict[str, object]:
    """Return what ``fmu`` was built from; empty if it is missing, broken or not ours."""
    with suppress(OSError, ValueError, KeyError, zipfile.BadZipFile), zipfile.ZipFile(fmu) as archive:
        record = json.loads(archive.read(RECORD))
        if isinstance(record, dict):
            return cast(dict[str, object], record)
    return {}


def write_record(record: Mapping[str, object]) -> bytes:
    """Return the content of ``resources/build.json``."""
    return (json.dumps(dict(record), indent=1, sort_keys=True) + "\n").encode()


def is_current(fmu: Path, build_key: str) -> bool:
    """Tell whether ``fmu`` was built with ``build_key``."""
    return read_record(fmu).get("build_key") == build_key


def stored(build_key: str, name: str) -> Path:
    """Return where the store keeps the FMU called ``name`` that has ``build_key``; it never holds another there."""
    return cache_folder() / "fmus" / build_key[:32] / name


def mark_used(fmu: Path) -> None:
    """Let the store keep ``fmu``, one of its own, for longer."""
    with suppress(OSError):  # a store that cannot be written to is not cleared either
        os.utime(fmu.parent)


def clear_store() -> None:
    """Give up what nobody has used for long."""
    with suppress(OSError):
        for folder in (cache_folder() / "fmus").iterdir():
            if time.time() - folder.stat().st_mtime > UNUSED_FOR:
                shutil.rmtree(folder, ignore_errors=True)


def find_prebuilt(class_name: str, version: str, source_key: str, platforms: Iterable[str]) -> Path | None:
    """Return the FMU of ``class_name`` that came with the wheel, if it fits the sources and the machine."""
    path = _PACKAGE / "_data" / "fmus" / f"{class_name}.fmi{version[0]}.fmu"
    record = read_record(path)
    carried = record.get("platforms")
    if record.get("source_key") != source_key or not isinstance(carried, list):
        return None
    return path if set(platforms) <= set(carried) else None
