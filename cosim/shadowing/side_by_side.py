"""Several shadows side by side, each in a process of its own: one that fails or hangs takes no other with it."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Final

from cosim.live.page.board import Message
from cosim.processes import environment_of

PATIENCE: Final = 120.0
"""Seconds in which a shadow that is to stop has to bring home its result."""
_LOOK: Final = 0.1


class Shadows:
    """The processes of ``commands``, by name; each ends when its standard input does.

    ``hear`` is told every message on the standard output of one of them, ``say`` every line on its standard error. Use
    it in a ``with`` block; what still runs at the end is killed.
    """

    def __init__(
        self,
        commands: Mapping[str, Sequence[str]],
        hear: Callable[[str, Message], None],
        say: Callable[[str, str], None],
        secrets: Mapping[str, str],
    ) -> None:
        self._hear, self._say = hear, say
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._threads: list[threading.Thread] = []
        try:
            for name, command in commands.items():
                self._start(name, command, environment_of() | dict(secrets))
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> Shadows:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _start(self, name: str, command: Sequence[str], environment: dict[str, str]) -> None:
        process = self._processes[name] = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            encoding="utf-8", errors="replace", env=environment, start_new_session=True,  # Ctrl-C is ours to pass on
        )  # fmt: skip
        for work, stream in ((self._read_messages, process.stdout), (self._read_lines, process.stderr)):
            self._threads.append(threading.Thread(target=work, args=(name, stream), daemon=True))
            self._threads[-1].start()

    def _read_messages(self, name: str, stream: IO[str]) -> None:
        for line in stream:
            self._hear(name, json.loads(line))

    def _read_lines(self, name: str, stream: IO[str]) -> None:
        for line in stream:
            self._say(name, line.rstrip())

    def wait(self, should_stop: Callable[[], bool], ended: Callable[[str, int], None]) -> dict[str, int]:
        """Wait until all have ended; stop them when ``should_stop``. Return their exit codes, ``ended`` hears each."""
        codes: dict[str, int] = {}
        until = float("inf")
        while len(codes) < len(self._processes) and time.monotonic() < until:
            time.sleep(_LOOK)
            for name, process in self._processes.items():
                if name not in codes and (code := process.poll()) is not None:
                    codes[name] = code
                    ended(name, code)
            if until == float("inf") and should_stop():
                until = time.monotonic() + PATIENCE
                self._close_inputs()
        return codes

    def _close_inputs(self) -> None:
        for process in self._processes.values():
            assert process.stdin is not None
            process.stdin.close()

    def _end(self) -> None:
        self._close_inputs()
        for process in self._processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()
        for thread in self._threads:
            thread.join()
        for process in self._processes.values():
            for stream in (process.stdout, process.stderr):
                assert stream is not None
                stream.close()
