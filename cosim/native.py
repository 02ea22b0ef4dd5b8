"""C sources shipped with the package, compiled once for this machine and kept in the user's cache."""

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

_FLAGS: Final = ("-std=c99", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-ffp-contract=off", "-w")
"""No contraction to fused operations: results are those of the same expression in Python."""
_LONGEST: Final = 120.0
"""Time [s] after which a compiler is given up."""


@cache
def load(source: Path) -> ctypes.CDLL | None:
    """Return the library compiled from the C file ``source``; None where there is no compiler, or it gives up."""
    compiler = find_compiler()
    if compiler is None:
        return None
    library = _library(compiler, source)
    if library.is_file() or _compile(compiler, source, library):
        with suppress(OSError):
            return ctypes.CDLL(str(library))
    return None


def is_compiled(source: Path) -> bool:
    """Tell whether ``load`` would find its library in the cache."""
    compiler = find_compiler()
    return compiler is not None and _library(compiler, source).is_file()


def _library(compiler: tuple[str, ...], source: Path) -> Path:
    suffix = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
    key = hashlib.sha256(source.read_bytes() + "\0".join((*compiler, *_FLAGS)).encode()).hexdigest()
    return cache_folder() / "native" / f"{source.stem}-{key[:24]}{suffix}"


def find_compiler() -> tuple[str, ...] | None:
    """Return the command of a C compiler for this machine: its own, else that of the ziglang wheel."""
    own = own_compiler()
    if own is not None:
        return (own,)
    return (sys.executable, "-m", "ziglang", "cc") if importlib.util.find_spec("ziglang") is not None else None


def own_compiler() -> str | None:
    """Return the path of the machine's own C compiler: $CC, else the usual names."""
    names = filter(None, (os.environ.get("CC"), "cc", "gcc", "clang"))
    return next((found for found in map(shutil.which, names) if found is not None), None)


def cache_folder() -> Path:
    """Return the user's cache folder for cosim; ``COSIM_CACHE`` overrides it."""
    override = os.environ.get("COSIM_CACHE")
    if override:
        return Path(override)
    import platformdirs  # 20 ms that a cache hit elsewhere does not need

    return Path(platformdirs.user_cache_dir("cosim"))


def _compile(compiler: tuple[str, ...], source: Path, library: Path) -> bool:
    """Compile into a temporary file and rename it, so that other processes never see half of it."""
    try:
        library.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="new-", dir=library.parent) as folder:
            made = Path(folder) / library.name
            command = [*compiler, *_FLAGS, str(source), "-o", str(made), "-lm"]
            subprocess.run(command, capture_output=True, check=True, timeout=_LONGEST)
            os.replace(made, library)
    except (OSError, subprocess.SubprocessError):
        return False
    return True
