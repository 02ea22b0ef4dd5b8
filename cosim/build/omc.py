"""OpenModelica as the compiler: ``--compiler omc`` asks an installed omc, through OMPython, for the FMUs.

The FMUs are omc's own, repacked with our build record, so the cache treats them like ours.
"""

import importlib.util
import re
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

from cosim.build.cache import RECORD, write_record
from cosim.build.frontend.wrapper import WRAPPER, modification
from cosim.build.request import BuildRequest
from cosim.build.toolchain import native_platform
from cosim.errors import BuildError, CosimError, ModelError, SourceLocation, raise_all

_PLACED_ERRORS = (
    # What getErrorString() says: [file:line:column-line:column:writable] Error: text
    re.compile(
        r"\[(?P<file>[^\]\n]*?):(?P<line>\d+):(?P<column>\d+)-\d+:\d+:\w+\]\s*Error:\s*(?P<text>.*?)(?=\n\[|\nError:|\Z)",
        re.DOTALL,
    ),
    # What OMPython 4 puts into its exceptions: 00: [kind:error:id] [file:readonly:line:column:line:column] text
    re.compile(
        r"^\d+: \[\w+:error:\d+\] \[(?P<file>[^\]\n]+?):\w+:(?P<line>[1-9]\d*):(?P<column>\d+):\d+:\d+\] "
        r"(?P<text>.*?)(?=\n\d+: \[|\Z)",
        re.DOTALL | re.MULTILINE,
    ),
)
_PLAIN_ERROR = re.compile(r"^(?:Error: |\d+: \[\w+:error:\d+\] \[[^\]\n]*\] )(?P<text>.*)$", re.MULTILINE)


class Session(Protocol):
    """What is used of OMPython's sessions."""

    def sendExpression(self, command: str) -> object:
        """Have omc evaluate ``command``; the reply as a Python value."""

    def close(self) -> None:
        """End omc."""


def open_session() -> Session:
    """Start omc.

    Raises
    ------
    BuildError
        OMPython or OpenModelica is missing.
    """
    if importlib.util.find_spec("OMPython") is None:
        raise BuildError(
            "Cannot build with OpenModelica: the OMPython package is missing. Install it (pip install "
            "'bioprocess-cosim[omc]') and OpenModelica itself (https://openmodelica.org, conda: omcompiler), or leave "
            "out --compiler omc."
        )
    import OMPython

    failure = getattr(OMPython, "OMSessionException", OMPython.OMCSessionException)
    try:
        start = getattr(OMPython, "OMCSessionLocal", OMPython.OMCSessionZMQ)
        return _Omc(start(), failure)
    except (failure, OSError) as error:
        raise BuildError(
            f"Cannot build with OpenModelica: OMPython is installed, but omc does not start ({error}). Install "
            "OpenModelica (https://openmodelica.org, conda: omcompiler) and see that omc is on the PATH."
        ) from error


class OmcError(RuntimeError):
    """omc refuses an expression or has gone; the text is what it says."""


class _Omc:
    """OMPython's session with its failures as :class:`OmcError`; omc ends on ``quit()``."""

    def __init__(self, session: Session, failure: type[Exception]) -> None:
        self._session = session
        self._failure = failure

    def sendExpression(self, command: str) -> object:
        try:
            return self._session.sendExpression(command)
        except (self._failure, OSError) as error:
            raise OmcError(str(error)) from error

    def close(self) -> None:
        self.sendExpression("quit()")


def compile_with_omc(
    request: BuildRequest, *, start: Callable[[], Session] = open_session
) -> dict[str, dict[str, bytes]]:
    """Return the archive entries of the FMU of ``request`` by FMI version.

    Raises
    ------
    ModelError
        omc finds errors in the model; each with its file and line.
    BuildError
        omc is missing, cannot build what was asked for, or fails without saying why.
    """
    foreign = [name for name in request.platforms if name != native_platform().name]
    if foreign:
        raise BuildError(
            f"Cannot build for {', '.join(foreign)} with OpenModelica: it builds for this machine only. Leave out "
            "--platform or --compiler omc."
        )
    with closing(start()) as session, tempfile.TemporaryDirectory(prefix="cosim-omc-") as folder:
        _ask(session, f"cd({_quote(Path(folder).as_posix())})")
        _load(session, request)
        return {version: _build(session, request, version, Path(folder)) for version in request.fmi_versions}


def _load(session: Session, request: BuildRequest) -> None:
    for library in request.source.used_by(request.class_name):
        file = library.root / "package.mo" if library.root.is_dir() else library.root
        if _ask(session, f"loadFile({_quote(file.as_posix())})") is not True:
            _raise_errors(session, f"load the library {library.name}")
    if request.structure_values:
        text = f"model {WRAPPER} extends {request.class_name}{modification(request.structure_values)}; end {WRAPPER};"
        if _ask(session, f"loadString({_quote(text)})") is not True:
            _raise_errors(session, f"change structural parameters of {request.class_name}")


def _build(session: Session, request: BuildRequest, version: str, folder: Path) -> dict[str, bytes]:
    name = WRAPPER if request.structure_values else request.class_name
    prefix = request.class_name.replace(".", "_")
    options = f'version="{version}", fmuType="me_cs", fileNamePrefix="{prefix}", platforms={{"static"}}'
    reply = _ask(session, f"buildModelFMU({name}, {options})")
    path = folder / str(reply) if isinstance(reply, str) and reply else None
    if path is None or not path.is_file():
        _raise_errors(session, f"build an FMI {version} FMU of {request.class_name}")
        raise BuildError(
            f"OpenModelica built no FMI {version} FMU of {request.class_name} and gave no reason (reply: {reply!r}). "
            "Not every version builds FMI 3.0; try --fmi 2.0."
        )
    with zipfile.ZipFile(path) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist() if not entry.endswith("/")}
    path.unlink()
    return entries | {RECORD: write_record(request.record())}


def _ask(session: Session, command: str) -> object:
    """Return the reply to ``command``; OMPython 4 raises what omc reports while it evaluates."""
    try:
        return session.sendExpression(command)
    except OmcError as error:
        _raise_reported(str(error), f"evaluate {command}")
        raise BuildError(f"OpenModelica stopped answering at {command}: {error}") from error


def _raise_errors(session: Session, doing: str) -> None:
    """Raise what getErrorString() reports; return if that is nothing."""
    _raise_reported(str(_ask(session, "getErrorString()") or ""), doing)


def _raise_reported(text: str, doing: str) -> None:
    problems: list[CosimError] = []
    for pattern in _PLACED_ERRORS:
        for found in pattern.finditer(text):
            place = SourceLocation(Path(found["file"]), int(found["line"]), int(found["column"]))
            problems.append(ModelError(f"OpenModelica: {' '.join(found['text'].split())}", location=place))
    raise_all(problems)
    plain = [found["text"] for found in _PLAIN_ERROR.finditer(text)]
    if plain:
        raise BuildError(f"OpenModelica cannot {doing}: {' '.join(plain)}")


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
