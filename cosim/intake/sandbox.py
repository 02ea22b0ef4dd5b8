"""A trial in a process of its own, which may die, hang, print or fill the memory without harm.

``python -m cosim.intake.sandbox`` is that process: it reads a request from standard input and answers on a channel that
the FMU does not know, because what is written to standard output and error is the FMU's.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import IO, Any, Final, Literal

from cosim.clock import Ticks
from cosim.errors import CosimError
from cosim.fmu.temporary import temporary_folder
from cosim.processes import command_of, environment_of

Ended = Literal["done", "failed", "crashed", "hung"]

_LONGEST_LINE: Final = 1 << 20
_SHOWN: Final = 160
MOST_MEMORY: Final = 4 << 30
"""Data [bytes] that a trial may ask for: more is a leak, and ends in an error of the FMU rather than of the machine."""
_MOST_OF_IT: Final = 0.9
"""Part of it from which on memory explains an error."""
LARGEST_FILE: Final = 2 << 30
"""Size [bytes] up to which it may write a file, its output included."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a trial ended: ``words`` say why, ``at`` what was being done, ``printed`` what the FMU wrote [bytes]."""

    ended: Ended
    found: Mapping[str, Any] = field(default_factory=dict)
    words: str = ""
    at: str = ""
    printed: int = 0
    first_line: str = ""


def attempt(request: Mapping[str, object], trial: str, patience: float) -> Attempt:
    """Do ``trial`` in a new process; wait until it ends, or no longer than ``patience`` [s] without a sign of life."""
    with tempfile.TemporaryDirectory(
        prefix="cosim-probe-", dir=temporary_folder(), ignore_cleanup_errors=True
    ) as folder:
        printed = Path(folder) / "printed"
        reading, writing = os.pipe()
        try:
            with printed.open("wb") as sink:
                process = subprocess.Popen(
                    [*command_of("cosim.intake.sandbox"), str(writing)],
                    stdin=subprocess.PIPE,
                    stdout=sink,
                    stderr=sink,
                    cwd=folder,
                    env={**environment_of(), "TMPDIR": folder},
                    pass_fds=(writing,),
                    start_new_session=True,
                )
        finally:
            os.close(writing)
        with os.fdopen(reading, "rb") as channel:
            try:
                _send(process.stdin, {**request, "trial": trial})
                lines, is_hung = _listen(channel, patience)
            finally:
                _end(process)
        return _conclude(process.returncode, lines, printed, patience if is_hung else None)


def _send(sink: IO[bytes] | None, request: Mapping[str, object]) -> None:
    assert sink is not None
    with contextlib.suppress(OSError), sink:
        sink.write(json.dumps(request).encode())


def _listen(channel: IO[bytes], patience: float) -> tuple[list[bytes], bool]:
    """Return the last lines that came until the channel closed, and whether it fell silent before."""
    buffer, last = b"", b""
    final: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(channel, selectors.EVENT_READ)
        quiet_until = monotonic() + patience
        while True:
            if not selector.select(max(quiet_until - monotonic(), 0.0)):
                return [last, *final], True
            data = os.read(channel.fileno(), 1 << 16)
            if not data:
                return [last, *final], False
            *complete, buffer = (buffer + data).split(b"\n")
            buffer = buffer[-_LONGEST_LINE:]
            for line in complete:
                if line.startswith(b"{"):
                    final = [line]
                elif line != last:
                    last, quiet_until = line, monotonic() + patience


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all it may have started."""
    try:
        process.wait(timeout=1.0)
    except subprocess.TimeoutExpired:
        process.kill()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _conclude(code: int, lines: list[bytes], printed: Path, silence: float | None) -> Attempt:
    at = lines[0].decode(errors="replace")
    size, first_line = _printed(printed)
    heard = Attempt("crashed", at=at, printed=size, first_line=first_line)
    answer = _answer(lines[1:])
    if answer is not None and "found" in answer:
        return replace(heard, ended="done", found=answer["found"])
    if answer is not None:
        return replace(heard, ended="failed", words=str(answer.get("error", "")))
    if silence is not None:
        return replace(heard, ended="hung", words=f"nothing came back for {silence:g} s")
    if code < 0:
        is_known = -code in set(signal.Signals)
        return replace(heard, words=signal.Signals(-code).name if is_known else f"signal {-code}")
    return replace(heard, words=f"it ended the process with exit code {code}")


def _answer(lines: list[bytes]) -> dict[str, Any] | None:
    try:
        answer = json.loads(lines[-1])
    except (IndexError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def _printed(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        first = file.readline(_SHOWN).decode(errors="replace").strip()
    return path.stat().st_size, "".join(letter for letter in first if letter.isprintable())


def _main() -> None:
    """Do the trial that standard input asks for."""
    channel = os.fdopen(int(sys.argv[1]), "w", encoding="utf-8")
    request = json.loads(sys.stdin.read())
    _restrain()
    channel.write(json.dumps(_try(request, channel)) + "\n")
    channel.flush()
    os._exit(0)  # what the FMU does at the end of a process is not its trial


def _restrain() -> None:
    """Let the process take no more memory than a trial may, and leave no core file."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))


def _try(request: Mapping[str, Any], channel: IO[str]) -> dict[str, object]:
    from cosim.fmu import open_fmu
    from cosim.intake.subject import Subject
    from cosim.intake.trials import TRIALS

    def tell(text: str) -> None:
        channel.write(text.replace("\n", " ").lstrip("{") + "\n")
        channel.flush()

    try:
        with open_fmu(request["file"], request["interface"]) as file:
            subject = Subject(file, request["starts"], Ticks(request["size"]), tell)
            return {"found": TRIALS[request["trial"]](subject)}
    except CosimError as error:
        return {"error": error.message + _of_memory()}
    except MemoryError:
        return {"error": "it asked for more memory than there is"}


def _of_memory() -> str:
    """Return a sentence where the process has taken all it may: what failed is then seldom what the FMU says."""
    if sys.platform != "linux":
        return ""
    import resource

    taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    if taken < _MOST_OF_IT * MOST_MEMORY:
        return ""
    return f". By then it had taken all the memory that a trial may have, {MOST_MEMORY / 1e9:.3g} GB."


if __name__ == "__main__":
    _main()
