"""What is installed: packages with their versions, and whether their files are those that their publishers listed."""

from __future__ import annotations

import base64
import hashlib
import os
import platform
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).resolve().parents[1]
DISTRIBUTION: Final = "bioprocess-cosim"
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_UNLISTED: Final = (".pyc", "RECORD", "direct_url.json", "INSTALLER", "REQUESTED")


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package: ``changed`` are files that are not as its publisher listed them."""

    name: str
    version: str
    n_files: int
    changed: tuple[str, ...]


def packages() -> list[Package]:
    """Look at everything that cosim depends on, as far as it is installed, and all those depend on."""
    names, seen = [DISTRIBUTION, *_REQUIRED], {}
    while names:
        name = names.pop()
        key = name.lower().replace("_", "-").replace(".", "-")
        if key in seen:
            continue
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        seen[key] = _package(found)
        needed = [text for text in found.requires or () if "extra ==" not in text]
        names += [match[0] for text in needed if (match := _NAME.match(text))]
    return sorted(seen.values(), key=lambda package: package.name.lower())


_REQUIRED: Final = (
    "casadi", "cryptography", "fmpy", "h5py", "jinja2", "lxml", "numpy", "pandas", "pint", "platformdirs", "pyarrow",
    "pyelftools", "rich", "ruamel.yaml", "rumoca", "scipy", "typer", "xarray",
)  # fmt: skip
"""Looked at also where cosim runs from a folder and is not installed itself."""


def _package(found: metadata.Distribution) -> Package:
    listed = [file for file in found.files or () if file.hash is not None and not str(file).endswith(_UNLISTED)]
    changed = []
    for file in listed:
        try:
            with open(file.locate(), "rb") as opened:
                digest = hashlib.file_digest(opened, file.hash.mode).digest() if file.hash else b""
        except OSError:
            changed.append(f"{file} (missing)")
            continue
        if file.hash and base64.urlsafe_b64encode(digest).decode().rstrip("=") != file.hash.value.rstrip("="):
            changed.append(str(file))
    return Package(found.metadata["Name"], found.version, len(listed), tuple(changed))


def own_files() -> dict[str, str]:
    """Return the SHA-256 of every file of cosim itself."""
    return {file.relative_to(PACKAGE).as_posix(): _hash(file) for file in sorted(_own())}


def _own() -> Iterator[Path]:
    for file in PACKAGE.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            yield file


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def digest_of(files: dict[str, str]) -> str:
    """Return one SHA-256 for all files, by which two installations are compared."""
    return hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in files.items()).encode()).hexdigest()


def machine() -> dict[str, str]:
    """Return what the record says of the machine."""
    found = {
        "host": socket.gethostname(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "processor": platform.processor() or "–",
        "cores": str(os.cpu_count()),
        "byte order": sys.byteorder,
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "Python is": sys.executable,
    }
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found["memory"] = f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 1e9:.1f} GB"
    return found
