"""A virtual plant in a process of its own, which ends when we do."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from cosim.errors import LinkError
from cosim.processes import command_of, environment_of

_READY: Final = re.compile(r"Serving the plant at (opc\.tcp://\S+?)\. ")
_ENDING: Final = 10.0
"""Seconds that it is given to end by itself."""


@contextmanager
def plant_process(file: Path, speed: float, say: Callable[[str], None]) -> Iterator[str]:
    """Serve the plant of ``file`` at a free port of this machine while the block runs; yield its address.

    ``say`` is told what the process prints.

    Raises
    ------
    LinkError
        When it ends before it serves anything; it has said why.
    """
    command = [*command_of("cosim"), "plant", str(file), "--port", "0", "--speed", f"{speed:g}", "--tied"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        encoding="utf-8", errors="replace", env=environment_of(),
    )  # fmt: skip
    listener = None
    try:
        assert process.stderr is not None
        address = _address(process.stderr, say)
        if address is None:
            raise LinkError(f"The virtual plant of '{file}' did not start; what it said is above.")
        listener = threading.Thread(target=_pass_on, args=(process.stderr, say), daemon=True)
        listener.start()
        yield address
    finally:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.close()
        try:
            process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if listener is not None:
            listener.join()
        process.stderr.close()


def _address(stream: IO[str], say: Callable[[str], None]) -> str | None:
    for line in stream:
        if found := _READY.search(line):
            return found[1]
        say(line.rstrip())
    return None


def _pass_on(stream: IO[str], say: Callable[[str], None]) -> None:
    for line in stream:
        say(line.rstrip())
