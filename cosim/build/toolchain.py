"""From C to a shared library: the machine's ``cc``, or ``python -m ziglang cc``, which also builds for other machines.

The runtime does not depend on the model, so its objects are compiled once per platform and kept in the user's cache.
"""

import contextlib
import hashlib
import importlib.util
import platform as host
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cosim.errors import BuildError
from cosim.native import own_compiler

RUNTIME = Path(__file__).parent / "runtime"

LARGE_SOURCE = 1_000_000
"""Bytes of generated C above which gcc's -O2 takes longer than the runs it speeds up (measured on unrolled models)."""

_FLAGS = ("-std=gnu99", "-g0", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off", "-fno-math-errno")


@dataclass(frozen=True, slots=True)
class Platform:
    """A machine that an FMU can carry a library for.

    ``fmi2`` and ``fmi3`` are the folders below ``binaries/`` (FMI 2.0.4 section 2.3.1, FMI 3.0.1 section 2.5.1.4),
    ``zig_target`` the triple, whose glibc 2.17 runs on every Linux since 2014.
    """

    name: str
    fmi2: str
    fmi3: str
    zig_target: str
    extension: str


PLATFORMS = {
    platform.name: platform
    for platform in (
        Platform("linux64", "linux64", "x86_64-linux", "x86_64-linux-gnu.2.17", ".so"),
        Platform("linux-aarch64", "aarch64-linux", "aarch64-linux", "aarch64-linux-gnu.2.17", ".so"),
        Platform("win64", "win64", "x86_64-windows", "x86_64-windows-gnu", ".dll"),
        Platform("darwin64", "darwin64", "x86_64-darwin", "x86_64-macos", ".dylib"),
        Platform("darwin-aarch64", "aarch64-darwin", "aarch64-darwin", "aarch64-macos", ".dylib"),
    )
}
ALIASES = {"aarch64": "linux-aarch64", "x86_64-linux": "linux64", "x86_64-windows": "win64", "arm64": "darwin-aarch64"}
"""Other names of platforms."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A C compiler for one platform; ``identity`` changes when the compiler does."""

    platform: Platform
    command: tuple[str, ...]
    identity: str


def find_platform(name: str) -> Platform:
    """Return the platform called ``name``.

    Raises
    ------
    BuildError
        There is none of this name.
    """
    platform = PLATFORMS.get(ALIASES.get(name, name))
    if platform is None:
        known = ", ".join([*PLATFORMS, *ALIASES])
        raise BuildError(f"Cannot build for the platform {name!r}. Known are {known}.")
    return platform


def native_platform() -> Platform:
    """Return the platform that this Python runs on."""
    is_arm = host.machine().lower() in ("arm64", "aarch64")
    if sys.platform == "win32":
        return PLATFORMS["win64"]
    if sys.platform == "darwin":
        return PLATFORMS["darwin-aarch64" if is_arm else "darwin64"]
    return PLATFORMS["linux-aarch64" if is_arm else "linux64"]


def find_toolchain(platform: Platform, *, is_portable: bool = False) -> Toolchain:
    """Return a compiler for ``platform``: the machine's own for itself, else ziglang.

    ``is_portable`` asks for ziglang in any case: the machine's own compiler links against the machine's own glibc.

    Raises
    ------
    BuildError
        There is neither; the message says how to get one.
    """
    if platform == native_platform() and not is_portable:
        found = own_compiler()
        if found is not None:
            return Toolchain(platform, (found,), _identity(Path(found)))
    spec = importlib.util.find_spec("ziglang")
    if spec is None or spec.origin is None:
        raise BuildError(_advice(platform))
    command = (sys.executable, "-m", "ziglang", "cc", "-target", platform.zig_target)
    return Toolchain(platform, command, _identity(Path(spec.origin).parent / "zig"))


def _advice(platform: Platform) -> str:
    wheel = "install the ziglang wheel (pip install 'bioprocess-cosim[cross]')"
    if platform != native_platform():
        return f"Cannot build for {platform.name} on this machine without the ziglang compiler: {wheel}."
    return (
        "Cannot build an FMU: no C compiler found (looked for $CC, cc, gcc, clang and the ziglang wheel). Install one "
        f"with your system's packages (Debian, Ubuntu: apt install gcc; macOS: xcode-select --install), or {wheel}."
    )


def _identity(compiler: Path) -> str:
    """Name the compiler by file, size and time: asking it for its version takes longer than a cache hit may."""
    path = compiler.resolve()
    try:
        status = path.stat()
    except OSError:
        return str(path)
    return f"{path.name} {status.st_size} {int(status.st_mtime)}"


def omc_identity() -> str:
    """Name the installed OpenModelica compiler in the same way."""
    found = shutil.which("omc")
    return _identity(Path(found)) if found is not None else "omc"


def runtime_files(version: str) -> list[Path]:
    """Return the C files that a library with the interface of FMI ``version`` alone needs."""
    other = "fmi3" if version == "2.0" else "fmi2"
    return [file for file in sorted(RUNTIME.glob("*.c")) if not file.name.startswith(other)]


def source_names(version: str) -> list[str]:
    """Return the names of all C files of such a library, generated ones included."""
    return [*(file.name for file in runtime_files(version)), "model.c", "model_tables.c"]


def runtime_digest() -> str:
    """Return the SHA-256 of the runtime's sources."""
    total = hashlib.sha256()
    for file in sorted(RUNTIME.iterdir()):
        if file.suffix in (".c", ".h"):
            total.update(file.name.encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def compile_library(toolchain: Toolchain, model: str, tables: str, *, output: Path, cache: Path) -> None:
    """Compile generated C text and link it with the runtime into the shared library ``output``.

    Parameters
    ----------
    toolchain : Toolchain
    model, tables : str
        The compiler's C functions and the tables of :mod:`cosim.build.c_tables`.
    output : Path
        The library; its folder exists.
    cache : Path
        Folder that keeps the runtime's objects.

    Raises
    ------
    BuildError
        The compiler refuses; its message, the command and the path of the log are in it.
    """
    objects = _runtime_objects(toolchain, cache)
    optimise = "-O2" if len(model) < LARGE_SOURCE else "-O1"
    with tempfile.TemporaryDirectory(prefix="cosim-cc-") as folder:
        work = Path(folder)
        (work / "model.c").write_text(model, encoding="utf-8")
        (work / "model_tables.c").write_text(tables, encoding="utf-8")
        arguments = [
            *_FLAGS,
            optimise,
            "-w",
            "-DCASADI_SYMBOL_EXPORT=",
            "-I",
            str(RUNTIME),
            "-shared",
            "-o",
            str(output),
        ]
        sources = [str(work / "model.c"), str(work / "model_tables.c")]
        _run([*toolchain.command, *arguments, *sources, *map(str, objects), "-lm"], cache)


def compile_source(toolchain: Toolchain, source: Path, folder: Path, *, output: Path, cache: Path) -> None:
    """Compile one C file, which may include what is in ``folder`` and the standard's headers, into a shared library.

    Raises
    ------
    BuildError
        As of :func:`compile_library`.
    """
    arguments = [*_FLAGS, "-O2", "-w", "-I", str(folder), "-isystem", str(fmi_headers()), "-shared"]
    _run([*toolchain.command, *arguments, "-o", str(output), str(source), "-lm"], cache)


def _runtime_objects(toolchain: Toolchain, cache: Path) -> list[Path]:
    key = hashlib.sha256(f"{runtime_digest()} {toolchain.identity} {toolchain.command} {_FLAGS}".encode()).hexdigest()
    folder = cache / "runtime" / f"{toolchain.platform.name}-{key[:24]}"
    if not folder.is_dir():
        _compile_runtime(toolchain, folder, cache)
    return sorted(folder.glob("*.o"))


def _compile_runtime(toolchain: Toolchain, folder: Path, cache: Path) -> None:
    """Compile into a temporary folder and rename it, so that others never see half of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="new-", dir=folder.parent))
    try:
        for source in sorted(RUNTIME.glob("*.c")):
            arguments = [*_FLAGS, "-O2", "-I", str(RUNTIME), "-isystem", str(fmi_headers()), "-c", str(source)]
            _run([*toolchain.command, *arguments, "-o", str(work / f"{source.stem}.o")], cache)
        with contextlib.suppress(OSError):  # somebody else was first, with the same content
            work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def fmi_headers() -> Path:
    """Return the folder with the standard's C headers, which come with the fmpy wheel."""
    spec = importlib.util.find_spec("fmpy")
    headers = Path(spec.origin).parent / "c-code" if spec is not None and spec.origin is not None else None
    if headers is None or not (headers / "fmi3Functions.h").is_file():
        raise BuildError("Cannot build an FMU: the FMI headers that come with fmpy are missing. Reinstall fmpy.")
    return headers


def _run(command: Sequence[str], cache: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode == 0:
        return
    log = _keep_log(command, done.stdout + done.stderr, cache)
    last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
    raise BuildError(
        f"The C compiler gave up (exit status {done.returncode}).\n{last}\n"
        f"Command: {' '.join(command)}\nFull output: {log}"
    )


def _keep_log(command: Sequence[str], text: str, cache: Path) -> Path:
    folder = cache / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(" ".join(command).encode()).hexdigest()[:12]
    log = folder / f"cc-{name}.log"
    log.write_text(" ".join(command) + "\n\n" + text, encoding="utf-8")
    return log
