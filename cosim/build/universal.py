"""macOS universal binaries: several Mach-O libraries in one file (``fat_header`` of Apple's ``mach-o/fat.h``)."""

import struct
from collections.abc import Sequence

_FAT_MAGIC = 0xCAFEBABE
_ALIGNMENT = 14  # log2 of 16 KiB, the page size of Apple silicon


def join_universal(libraries: Sequence[bytes]) -> bytes:
    """Return one library that holds all of ``libraries`` (64-bit Mach-O); a single one is returned as it is."""
    if len(libraries) == 1:
        return libraries[0]
    header = struct.pack(">II", _FAT_MAGIC, len(libraries))
    offset = _aligned(len(header) + 20 * len(libraries))
    body = b""
    for library in libraries:
        cpu_type, cpu_subtype = struct.unpack_from("<ii", library, 4)
        header += struct.pack(">iiIII", cpu_type, cpu_subtype, offset, len(library), _ALIGNMENT)
        body += library.ljust(_aligned(len(library)), b"\0")
        offset += _aligned(len(library))
    return header.ljust(_aligned(len(header)), b"\0") + body


def _aligned(size: int) -> int:
    page = 1 << _ALIGNMENT
    return (size + page - 1) // page * page
