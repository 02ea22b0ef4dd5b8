"""What the libraries inside an FMU are made for and need, read from their headers: nothing is loaded."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from elftools.common.exceptions import ELFError
from elftools.construct.core import ConstructError
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

LARGEST: Final = 256 << 20
"""Bytes of a library that are read."""
_PE_MACHINES: Final = {0x14C: 32, 0x8664: 64, 0xAA64: 64}


@dataclass(frozen=True, slots=True)
class Binary:
    """A library: its platform as the FMU names it, kind, word length, lowest glibc, and the libraries it asks for."""

    platform: str
    name: str
    kind: str
    bits: int
    glibc: str = ""
    needs: tuple[str, ...] = ()


def read_binaries(fmu: Path) -> tuple[Binary, ...]:
    """Return the libraries in ``binaries/`` of ``fmu``, which has been checked as an archive before."""
    with zipfile.ZipFile(fmu) as archive:
        return tuple(_binaries(archive))


def _binaries(archive: zipfile.ZipFile) -> Iterator[Binary]:
    for info in archive.infolist():
        parts = info.filename.split("/")
        is_library = re.search(r"\.(so|dll|dylib)(\.[\d.]+)?$", parts[-1])
        if parts[0] == "binaries" and len(parts) == 3 and is_library and info.file_size <= LARGEST:
            yield _read(parts[1], parts[2], archive.read(info))


def _read(platform: str, name: str, content: bytes) -> Binary:
    if content[:4] == b"\x7fELF":
        try:
            return _read_elf(platform, name, content)
        except (ELFError, ConstructError, ValueError, KeyError, UnicodeDecodeError, AssertionError, AttributeError):
            return Binary(platform, name, "damaged ELF", 0)
    if content[:2] == b"MZ" and len(content) > 0x40:
        at = int.from_bytes(content[0x3C:0x40], "little")
        machine = int.from_bytes(content[at + 4 : at + 6], "little")
        return Binary(platform, name, "PE", _PE_MACHINES.get(machine, 0))
    if content[:4] in (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"):
        return Binary(platform, name, "Mach-O", 64)
    return Binary(platform, name, "unknown", 0)


def _read_elf(platform: str, name: str, content: bytes) -> Binary:
    elf = ELFFile(io.BytesIO(content))
    needs: list[str] = []
    versions: list[tuple[int, ...]] = []
    for section in elf.iter_sections():
        if isinstance(section, DynamicSection):
            needs += [str(tag.needed) for tag in section.iter_tags("DT_NEEDED")]  # type: ignore[attr-defined]
        if isinstance(section, GNUVerNeedSection):
            found = (one.name for _, parts in section.iter_versions() for one in parts)
            versions += [
                tuple(map(int, match[1].split(".")))
                for text in found
                if (match := re.fullmatch(r"GLIBC_(\d+(?:\.\d+)*)", text))
            ]
    glibc = ".".join(map(str, max(versions, default=())))
    return Binary(platform, name, "ELF", elf.elfclass, glibc, tuple(needs))
