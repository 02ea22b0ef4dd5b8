"""Small but honest FMUs for tests: a first-order lag in C, built with the machine's compiler, for FMI 2.0 and 3.0.

    path = build_lag(tmp_path / "lag.fmu")                 # tau dx/dt = gain u - x, y = x, stepped exactly
    path = build_lag(tmp_path / "lag.fmu", "3.0")

Besides ``u``, ``y``, ``gain``, ``tau`` and ``x_start`` it has Integer, Boolean, enumeration and text variables, state
access, and faults on demand: parameter ``fault`` (a value of FAULTS) happens in step number ``fault_at``.
"""

import atexit
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import fmpy
import pytest

SOURCES = Path(__file__).parent / "c"
HEADERS = Path(fmpy.__file__).parent / "c-code"
FAULTS = {
    name: code
    for code, name in enumerate(
        ("none", "warning", "discard", "error", "fatal", "nan", "terminate", "early", "chatter", "illegal", "forgetful",
         "nonsense", "shout", "ended")
    )
}  # fmt: skip
FOLDERS = {"2.0": "linux64", "3.0": f"{platform.machine()}-linux"}
ECHO_TYPES = ("Float32", "Int8", "UInt8", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Boolean")


BUILD_FOLDER = Path(tempfile.mkdtemp(prefix="test-binaries-"))
atexit.register(shutil.rmtree, BUILD_FOLDER, ignore_errors=True)


@cache
def compile_library(source: str, defines: tuple[str, ...] = (), flags: tuple[str, ...] = ()) -> bytes:
    """Compile ``tests/c/<source>`` to a shared library and return its content."""
    if shutil.which("cc") is None or not sys.platform.startswith("linux"):
        pytest.skip("needs cc on Linux")
    target = BUILD_FOLDER / f"{abs(hash((source, defines, flags)))}.so"
    command = ["cc", "-O1", "-w", "-shared", "-fPIC", f"-I{HEADERS}", *(f"-D{define}" for define in defines), *flags]
    subprocess.run([*command, str(SOURCES / source), "-o", str(target), "-lm"], check=True)
    return target.read_bytes()


def write_fmu(path: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write an archive with ``files``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def build_lag(
    path: Path,
    fmi: str = "2.0",
    *,
    change: Callable[[str], str] = lambda xml: xml,
    defines: Sequence[str] = (),
    flags: Sequence[str] = (),
    folder: str | None = None,
    files: Mapping[str, bytes | str] | None = None,
) -> Path:
    """Write the lag as an FMU; ``change`` edits its modelDescription.xml, ``files`` are put in besides."""
    library = compile_library(f"lag_fmi{fmi[0]}.c", tuple(defines), tuple(flags))
    description = change(lag_description(fmi))
    binary = f"binaries/{folder or FOLDERS[fmi]}/lag.so"
    return write_fmu(path, {"modelDescription.xml": description, binary: library, **(files or {})})


def lag_description(fmi: str = "2.0") -> str:
    """The modelDescription.xml of the lag."""
    return (SOURCES / "lag_fmi2.xml").read_text() if fmi == "2.0" else _fmi3()


def _fmi3() -> str:
    echoes = "".join(_echo(number, kind) for number, kind in enumerate(ECHO_TYPES))
    outputs = [2, 7, 14, 15, 16, 17, *(19 + 2 * number for number in range(len(ECHO_TYPES)))]
    structure = "".join(f'<Output valueReference="{vr}" dependencies=""/>' for vr in outputs if vr not in (14, 16))
    structure += '<Output valueReference="14" dependencies="13"/><Output valueReference="16"/>'
    structure += "".join(f'<InitialUnknown valueReference="{vr}"/>' for vr in outputs)
    text = (SOURCES / "lag_fmi3.xml").read_text()
    return text.replace("@echoes@", echoes).replace("@structure@", structure)


def _echo(number: int, kind: str) -> str:
    start = "false" if kind == "Boolean" else "0"
    variability = "" if kind == "Float32" else ' variability="discrete"'
    name = f"echo_{kind.lower()}"
    return (
        f'<{kind} name="{name}" valueReference="{18 + 2 * number}" causality="input"{variability} start="{start}"/>'
        f'<{kind} name="{name}_out" valueReference="{19 + 2 * number}" causality="output"{variability}/>\n    '
    )


ASKER_FAULTS = {"none": 0, "silent": 1, "refusing": 2, "elsewhere": 3, "huge": 4, "empty": 5}


def build_asker(path: Path, change: Callable[[str], str] = lambda xml: xml) -> Path:
    """Write an FMI 3.0 FMU that asks for its input within a step; ``change`` edits its modelDescription.xml."""
    description = change((SOURCES / "asker_fmi3.xml").read_text())
    binary = f"binaries/{FOLDERS['3.0']}/asker.so"
    return write_fmu(path, {"modelDescription.xml": description, binary: compile_library("asker_fmi3.c")})
