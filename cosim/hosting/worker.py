"""The process that hosts one FMU at a time: ``python -P -m cosim.hosting.worker``.

It takes messages from a socket, and communication steps from shared memory where there is some. Both, and a pipe whose
other end is held by whoever uses it, are given as descriptors. When that pipe closes, the process ends, whatever the
FMU is doing, and takes its temporary folder along.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import shutil
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cosim.errors import CosimError, FmuError
from cosim.fmu import open_fmu
from cosim.fmu.file import FmuFile
from cosim.fmu.renaming import TIME, Renaming
from cosim.hosting.failure import to_head
from cosim.hosting.frames import pack, unpack
from cosim.hosting.lane import Lane, Operation, Word, spin_time
from cosim.hosting.loopback import LENGTH, connect
from cosim.hosting.service import Answer, LogBuffer, Service

_FOREVER: Final = 3_600_000_000_000
"""How long to wait in one call [ns]; the end of the other process is noticed elsewhere."""


class Worker:
    """The host: at most one service at a time."""

    def __init__(self, connection: socket.socket, lane: Lane | None) -> None:
        self._connection, self._lane = connection, lane
        self._logs = LogBuffer()
        root = logging.getLogger()
        root.addHandler(self._logs)
        root.setLevel(logging.INFO)
        self._service: Service | None = None
        self._file: FmuFile | None = None

    def run(self) -> None:
        """Answer until the other end is closed."""
        if self._lane is None:
            while True:
                self._answer_message()
        self._follow(self._lane)

    def _follow(self, lane: Lane) -> None:
        number, spin, words = 0, spin_time(), lane.words
        while True:
            if lane.answer(lane.address, number, spin, _FOREVER):
                while lane.listen(lane.address, number + 1, _FOREVER):
                    pass
            number += 1
            if words[Word.OPERATION] == Operation.CALL:
                self._answer_message()
            else:
                assert self._service is not None
                self._service.exchange()

    def _answer_message(self) -> None:
        head, body = unpack(self._take)
        answer, content = self._answer(head, body)
        self._connection.sendall(pack(answer, content))

    def _answer(self, head: Mapping[str, Any], body: bytes) -> Answer:
        call = head["call"]
        if call == "instantiate":
            return self._instantiate(head)
        if self._service is None:
            return {}, b""
        if call == "free":
            self._service.free()
            self._service = None
            return {"logs": self._logs.take()}, b""
        return self._service.call(head, body)

    def _instantiate(self, head: Mapping[str, Any]) -> Answer:
        if self._lane is not None:
            self._lane.restart()
        try:
            if self._file is None:
                self._file = open_fmu(Path(head["file"]), head["interface"])
                if head["names"]:
                    self._file.rename({name: _renaming(name, theirs) for name, theirs in head["names"].items()})
            if self._file.sha256 != head["sha256"]:
                raise _changed(head["file"])
            instance = self._file.instantiate(head["name"])
        except CosimError as error:
            return {"error": to_head(error), "logs": self._logs.take()}, b""
        self._service = Service(instance, self._lane, self._logs)
        return {"logs": self._logs.take()}, b""

    def _take(self, n: int) -> bytes:
        parts = bytearray()
        while len(parts) < n:
            part = self._connection.recv(min(n - len(parts), 1 << 20))
            if not part:
                raise SystemExit(0)
            parts += part
        return bytes(parts)


def _renaming(name: str, theirs: str) -> Renaming:
    return Renaming(TIME, theirs) if name == TIME else Renaming(theirs)


def _changed(file: str) -> CosimError:
    return FmuError(f"FMU '{file}' has changed since it was opened. Run again.")


def _end_with(pipe: int, folder: str) -> None:
    """Wait until the other end of ``pipe`` is closed, then end the process."""
    while os.read(pipe, 1):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def serve(connection: socket.socket, pipe: int, memory: int, folder: str) -> None:
    """Be the worker until the other end is closed; ``memory`` is -1 where there is none."""
    threading.Thread(target=_end_with, args=(pipe, folder), daemon=True).start()
    faulthandler.disable()
    lane = Lane(memory) if memory >= 0 else None
    Worker(connection, lane).run()


def _serve_descriptors() -> None:
    connection, pipe, memory = map(int, sys.argv[1:4])
    serve(socket.socket(fileno=connection), pipe, memory, sys.argv[4])


def _serve_over_loopback() -> None:
    """Take the standard input for ourselves: an FMU finds it empty."""
    secret = os.read(0, LENGTH)
    life = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    serve(connect(int(sys.argv[1]), secret), life, -1, sys.argv[2])


if __name__ == "__main__":
    _serve_over_loopback() if len(sys.argv) == 3 else _serve_descriptors()
