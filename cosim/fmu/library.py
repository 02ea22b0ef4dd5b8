"""The shared library inside an FMU: found for this machine, loaded, and unloaded."""

import ctypes
import os
import platform
import re
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from cosim.errors import FmuError

_MACHINES: Final = {
    **dict.fromkeys(("x86_64", "amd64"), "x86_64"),
    **dict.fromkeys(("aarch64", "arm64"), "aarch64"),
    **dict.fromkeys(("i386", "i686", "x86"), "x86"),
}
_SYSTEMS: Final = {"linux": ("linux", ".so"), "win32": ("windows", ".dll"), "darwin": ("darwin", ".dylib")}
_FMI2_FOLDERS: Final = {
    ("x86_64", "linux"): ("linux64",),
    ("x86", "linux"): ("linux32",),
    ("x86_64", "windows"): ("win64",),
    ("x86", "windows"): ("win32",),
    ("x86_64", "darwin"): ("darwin64",),
    ("aarch64", "darwin"): ("aarch64-darwin", "darwin64"),
}
_ELF_MACHINES: Final = {3: "x86 (32 bit)", 40: "ARM (32 bit)", 62: "x86_64", 183: "aarch64", 243: "RISC-V"}
_ELF_OURS: Final = {"x86": 3, "x86_64": 62, "aarch64": 183}
_MAX_SIBLINGS: Final = 32
"""Libraries beside the FMU's own that are loaded on demand before giving up."""


def machine() -> tuple[str, str]:
    """Return (architecture, system) of this Python in FMI 3.0's spelling, such as ('x86_64', 'linux')."""
    name = platform.machine().lower()
    architecture = _MACHINES.get(name, name)
    if architecture == "x86_64" and sys.maxsize < 2**32:
        architecture = "x86"
    return architecture, _SYSTEMS.get(sys.platform, (sys.platform, ".so"))[0]


def platform_folders(major_version: int) -> tuple[str, ...]:
    """Return the folders of ``binaries/`` that may serve this machine, the best first."""
    architecture, system = machine()
    if major_version >= 3:
        return (f"{architecture}-{system}",)
    return _FMI2_FOLDERS.get((architecture, system), (f"{architecture}-{system}", f"{system}-{architecture}"))


def platforms_offered(names: Sequence[str]) -> tuple[str, ...]:
    """Return the platforms among the file names of an FMU, and 'sources' if it includes C code."""
    folders = {name.split("/")[1] for name in names if name.startswith("binaries/") and name.count("/") >= 2}
    folders -= {name.split("/")[1] for name in names if name.startswith("binaries/") and name.count("/") < 2}
    has_sources = any(name.startswith("sources/") and name.endswith(".c") for name in names)
    return (*sorted(folder for folder in folders if folder), *(("sources",) if has_sources else ()))


def library_name(names: Sequence[str], major_version: int, identifier: str) -> str | None:
    """Return the archive name of the library for this machine, None if the FMU has none."""
    suffix = _SYSTEMS.get(sys.platform, ("", ".so"))[1]
    candidates = (f"binaries/{folder}/{identifier}{suffix}" for folder in platform_folders(major_version))
    present = set(names)
    return next((name for name in candidates if name in present), None)


class SharedLibrary:
    """A loaded shared library; the system counts how often it was loaded and unloads it with the last ``close``.

    ``paths`` are the files loaded: its own, and libraries beside it that it needs.
    """

    def __init__(self, fmu: Path, path: Path) -> None:
        self._fmu = fmu
        self.paths = [path]
        self._siblings: list[ctypes.CDLL] = []
        _check_elf(fmu, path)
        self._library = self._load(path)

    def function(self, name: str, result: Any = ctypes.c_int) -> Any:
        """Return the exported function ``name``; its arguments are passed as the ctypes objects they are given as."""
        try:
            function = self._library[name]
        except AttributeError as error:
            raise FmuError(
                f"FMU '{self._fmu}': its binary does not export the function {name}, which FMI requires. "
                "It was not built completely; export it again or ask its author."
            ) from error
        function.restype = result
        return function

    def has(self, name: str) -> bool:
        """Tell whether the function ``name`` is exported."""
        try:
            self._library[name]
        except AttributeError:
            return False
        return True

    def close(self) -> None:
        """Release the library."""
        from fmpy import freeLibrary

        for library in (self._library, *reversed(self._siblings)):
            freeLibrary(library._handle)
        self._siblings = []

    def _load(self, path: Path) -> ctypes.CDLL:
        for _ in range(_MAX_SIBLINGS):
            try:
                return ctypes.CDLL(str(path))
            except OSError as error:
                reason = str(error)
                missing = re.match(r"([^:/]+): cannot open shared object file", reason)
                if missing is None or not self._load_sibling(path.parent / missing[1]):
                    raise FmuError(_explain(self._fmu, reason)) from error
        raise FmuError(f"FMU '{self._fmu}': its binary needs more than {_MAX_SIBLINGS} libraries beside it.")

    def _load_sibling(self, path: Path) -> bool:
        """Load a library that lies beside the FMU's own, which the system's search does not look at."""
        if not path.is_file():
            return False
        try:
            self._siblings.append(ctypes.CDLL(str(path)))
            self.paths.append(path)
        except OSError as error:
            raise FmuError(_explain(self._fmu, str(error))) from error
        return True


def is_loaded(path: Path) -> bool:
    """Tell whether the library at ``path`` is still in this process; some cannot be unloaded."""
    if not hasattr(os, "RTLD_NOLOAD"):
        return False
    try:
        library = ctypes.CDLL(str(path), mode=os.RTLD_NOLOAD)
    except OSError:
        return False
    from fmpy import freeLibrary

    freeLibrary(library._handle)
    return True


def missing_platform(fmu: Path, platforms: Sequence[str]) -> FmuError:
    """Say that the FMU has no binary for this machine, and what it offers."""
    architecture, system = machine()
    binaries = [name for name in platforms if name != "sources"]
    offer = f"It offers {', '.join(binaries)}" if binaries else "It contains no binary at all"
    if "sources" in platforms:
        offer += ", with C sources" if binaries else ", but C sources"
    return FmuError(
        f"FMU '{fmu}' has no binary for {architecture}-{system}, on which this runs. {offer}. Ask its author for an "
        "export for this platform, or run it on a machine it is made for."
    )


def _check_elf(fmu: Path, path: Path) -> None:
    """Compare the header of an ELF file with this machine, because the loader's own message is cryptic."""
    if sys.platform != "linux":
        return
    with path.open("rb") as file:
        header = file.read(20)
    if len(header) < 20 or header[:4] != b"\x7fELF":
        what = {b"MZ": "a Windows library"}.get(header[:2], "not a shared library")
        raise FmuError(f"FMU '{fmu}': its Linux binary {path.name} is {what}. It was packed wrongly; export it again.")
    (made_for,) = struct.unpack("<H" if header[5] == 1 else ">H", header[18:20])
    ours = _ELF_OURS.get(machine()[0])
    if ours is not None and made_for != ours:
        theirs = _ELF_MACHINES.get(made_for, f"machine type {made_for}")
        raise FmuError(
            f"FMU '{fmu}': its binary {path.name} is for {theirs}, this "
            f"machine is {machine()[0]}. Ask its author for an export for {machine()[0]}-linux."
        )
    if not _is_whole(path):
        raise FmuError(_explain(fmu, "file too short"))


def _is_whole(path: Path) -> bool:
    """Tell whether a file holds all the segments that its ELF header announces.

    The system's loader maps what is announced and dies of SIGBUS where a cut-off file has nothing.
    """
    content = path.read_bytes()
    order = "<" if content[5] == 1 else ">"
    is_64 = content[4] == 2
    table, entry_size, count, offset, size = (32, 54, 56, 8, 32) if is_64 else (28, 42, 44, 4, 16)
    word = "Q" if is_64 else "I"
    try:
        (start,) = struct.unpack_from(order + word, content, table)
        (step,), (n_segments,) = (struct.unpack_from(order + "H", content, at) for at in (entry_size, count))
        ends = (
            sum(struct.unpack_from(order + word, content, start + index * step + at)[0] for at in (offset, size))
            for index in range(n_segments)
        )
        return all(end <= len(content) for end in ends)
    except struct.error:
        return False


def _explain(fmu: Path, reason: str) -> str:
    """Say in words why the system's loader refused a library."""
    start = f"FMU '{fmu}': its binary cannot be loaded"
    if newer := re.search(r"version [`']((?:GLIBC|GLIBCXX|CXXABI)_[\d.]+)' not found", reason):
        have = f" (this one has glibc {platform.libc_ver()[1]})" if newer[1].startswith("GLIBC_") else ""
        return (
            f"{start}: it needs {newer[1].replace('_', ' ')} or newer{have}, so it was built on a newer system. "
            "Ask for an export built on an older one, or run it on a newer system or container."
        )
    if missing := re.search(r"([^:/\s]+): cannot open shared object file", reason):
        return f"{start}: it needs the library {missing[1]}, which is not installed here. Install what provides it."
    if symbol := re.search(r"undefined symbol: (\S+)", reason):
        return f"{start}: it uses the function {symbol[1]}, which nothing here provides. It was not linked completely."
    if "failed to map segment" in reason or "Operation not permitted" in reason:
        return f"{start}: the temporary folder does not allow running programs (noexec). Point TMPDIR elsewhere."
    if re.search(r"cannot read file data|file too short|invalid ELF header|ELF file", reason):
        return f"{start}: it is cut off or damaged. Copy or export the FMU again."
    return f"{start}: {reason.rpartition('/')[2]}."
