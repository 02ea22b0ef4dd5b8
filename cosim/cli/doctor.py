"""``cosim doctor``: what this machine offers cosim, and what to do about what is missing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from cosim.cli.options import JSON

_REQUIRED = ("numpy", "scipy", "casadi", "fmpy", "rumoca", "pint", "ruamel.yaml", "h5py", "jinja2")
_EXTRAS = {
    "matplotlib": "plot",
    "OMPython": "omc",
    "ziglang": "cross",
    "torch": "train",
    "asyncua": "live",
    "pyzmq": "remote",
    "cryptography": "release",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: ``state`` tells whether it is there, missing but optional, or missing and needed."""

    subject: str
    state: Literal["good", "optional", "missing"]
    text: str


def doctor(
    as_json: JSON = False,
    folder: Annotated[Path, typer.Option("--folder", help="Project folder to look at.")] = Path(),
    iq: Annotated[
        Path | None,
        typer.Option("--iq", metavar="FILE", help="Qualify the installation; write the record, .json or .html."),
    ] = None,
) -> None:
    """Show what this machine offers: Python, packages, compiler, Modelica libraries, disk.

    With --iq, files are compared with their published hashes, and self-tests are run.
    Exit code 1 when something needed is missing, changed or not working.

    Example: [bold]cosim doctor[/bold]
    """
    import json

    findings = [
        *_python(),
        *_packages(),
        *_compilers(),
        _kernel(),
        _hosting(),
        *_servers(),
        *_libraries(),
        *_disk(folder),
    ]
    if iq is not None:
        raise typer.Exit(_qualify(findings, iq, as_json=as_json))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _print(findings)
    raise typer.Exit(int(any(finding.state == "missing" for finding in findings)))


def _qualify(findings: list[Finding], file: Path, *, as_json: bool) -> int:
    """Write the record of an installation qualification; return the exit code."""
    import json

    from cosim.qualification.record import qualify, write_record

    record = qualify([asdict(finding) for finding in findings])
    write_record(record, file)
    if as_json:
        typer.echo(json.dumps(record, indent=2))
    else:
        for test in record["self_tests"]:
            typer.echo(f"{test['name']}: {test['state']}: {test['text']}")
        changed = [f"{one['name']}: {name}" for one in record["packages"] for name in one["changed"]]
        for text in changed[:20]:
            typer.echo(f"changed since it was published: {text}")
        typer.echo(f"{file}: {'as it should be' if record['good'] else 'not as it should be'}.")
    return 0 if record["good"] else 1


def _print(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    marks = {"good": ("✓", "green"), "optional": ("·", "dim"), "missing": ("✗", "bold red")}
    for finding in findings:
        mark, style = marks[finding.state]
        line = Text(f"{mark} ", style=style)
        line.append(f"{finding.subject:<22}", style="bold" if finding.state == "missing" else "default")
        line.append(finding.text, style="dim" if finding.state == "optional" else "default")
        console.print(line)


def _python() -> list[Finding]:
    import platform
    import sys

    from cosim._version import __version__

    text = f"{platform.python_version()} on {platform.system()} {platform.machine()} ({sys.executable})"
    return [Finding("cosim", "good", __version__), Finding("Python", "good", text)]


def _packages() -> list[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for name in _REQUIRED:
        try:
            found.append(Finding(name, "good", version(name)))
        except PackageNotFoundError:
            found.append(Finding(name, "missing", "needed; install cosim again with 'pip install .'"))
    for name, extra in _EXTRAS.items():
        try:
            found.append(Finding(name, "good", f"{version(name)} (extra '{extra}')"))
        except PackageNotFoundError:
            found.append(Finding(name, "optional", f"not installed; pip install 'bioprocess-cosim[{extra}]'"))
    return found


def _compilers() -> list[Finding]:
    import importlib.util
    import os
    import shutil

    wanted = os.environ.get("CC")
    compilers = [wanted] if wanted else ["cc", "gcc", "clang"]
    path = next((found for name in compilers if name and (found := shutil.which(name))), None)
    has_zig = importlib.util.find_spec("ziglang") is not None
    if path:
        compiler = Finding("C compiler", "good", path)
    elif has_zig:
        compiler = Finding("C compiler", "good", "python -m ziglang cc")
    else:
        compiler = Finding(
            "C compiler", "missing", "none: install gcc or clang, or pip install 'bioprocess-cosim[cross]' (zig)"
        )
    omc = shutil.which("omc")
    has_pyfmi = importlib.util.find_spec("pyfmi") is not None
    pyfmi = "for backend: pyfmi" if has_pyfmi else "not installed (by conda); only for backend: pyfmi"
    return [
        compiler,
        Finding("OpenModelica (omc)", "good" if omc else "optional", omc or "not installed; only for --compiler omc"),
        Finding("PyFMI", "good" if has_pyfmi else "optional", pyfmi),
    ]


def _kernel() -> Finding:
    from cosim.algorithm.compiled import KERNEL
    from cosim.native import find_compiler, load

    if load(KERNEL) is not None:
        return Finding("C kernel", "good", "compiled for this machine; steps FMUs")
    reason = "it could not be compiled" if find_compiler() else "no C compiler"
    return Finding("C kernel", "optional", f"{reason}; FMUs are stepped in Python, with the same results, slower")


def _hosting() -> Finding:
    """Tell how FMUs in processes of their own are reached."""
    from cosim.hosting.lane import functions, spin_time

    if functions() is None:
        return Finding("FMUs in processes", "good", "by messages: no C compiler, or no futex; slower")
    how = "spins while a core is free" if spin_time() else "one core: it sleeps while it waits"
    return Finding("FMUs in processes", "good", f"by shared memory; {how}")


def _servers() -> list[Finding]:
    """Tell whether FMUs at servers can be reached; nothing without ZeroMQ, which is told elsewhere."""
    import importlib.util
    import os

    if importlib.util.find_spec("zmq") is None:
        return []
    from cosim.errors import FmuError
    from cosim.hosting.network.keys import FILE_VARIABLE, VARIABLE, can_encrypt, find_token

    if not can_encrypt():
        return [Finding("FMUs at servers", "optional", "this ZeroMQ cannot encrypt (CURVE); pip install pyzmq")]
    if not (os.environ.get(VARIABLE) or os.environ.get(FILE_VARIABLE)):
        return [Finding("FMUs at servers", "good", "encrypted; a scenario names its 'token_file'")]
    try:
        find_token(None)
    except FmuError as error:
        return [Finding("FMUs at servers", "optional", str(error))]
    return [Finding("FMUs at servers", "good", "encrypted; the environment has a token")]


def _libraries() -> list[Finding]:
    import os

    from cosim.shipped import modelica_folder

    library = modelica_folder()
    shown = (
        Finding("BioProcess library", "good", str(library))
        if library is not None
        else Finding("BioProcess library", "missing", "not found; install cosim again")
    )
    path = os.environ.get("MODELICAPATH")
    return [shown, Finding("MODELICAPATH", "good" if path else "optional", path or "not set; only for other libraries")]


def _disk(folder: Path) -> list[Finding]:
    import shutil
    import tempfile

    found = []
    for subject, place in (("project folder", folder.resolve()), ("temporary folder", Path(tempfile.gettempdir()))):
        try:
            free = shutil.disk_usage(place).free
        except OSError as error:
            found.append(Finding(subject, "missing", f"{place}: {error.strerror}"))
            continue
        state: Literal["good", "missing"] = "good" if free > 200e6 else "missing"
        found.append(Finding(subject, state, f"{place}: {free / 1e9:.1f} GB free"))
    return found
