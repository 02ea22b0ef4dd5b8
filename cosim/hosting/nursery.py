"""The process that forks workers: ``python -P -m cosim.hosting.nursery``.

It has imported what a worker needs, and has one thread, so that a worker is there in some milliseconds where a new
interpreter takes some tenths of a second. Over a socket it is asked for workers; a tether, one more socket for each,
tells how the worker has ended, and is closed by whoever asked for it when the worker is to end with all it has started.
When the other end of the socket is closed, all workers end, and the nursery with them.
"""

from __future__ import annotations

import gc
import os
import selectors
import shutil
import signal
import socket
import sys
import tempfile
import traceback
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from cosim.errors import CosimError
from cosim.fmu import open_fmu
from cosim.hosting import worker
from cosim.hosting.frames import unpack
from cosim.hosting.lane import functions
from cosim.hosting.starting import REPLY

MOST_DESCRIPTORS: Final = 5
_STANDARD: Final = 3
"""Descriptors of input, output and errors."""


@dataclass(frozen=True, slots=True)
class _Child:
    pid: int
    tether: socket.socket
    folder: str


class Nursery:
    """Forks what is asked for at ``control``."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._living: dict[int, _Child] = {}
        self._ended: dict[int, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._woken, waker = os.pipe()
        for end in (self._woken, waker):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker)
        self._selector.register(self._woken, selectors.EVENT_READ)

    def run(self) -> None:
        """Answer until the other end is closed."""
        is_wanted = True
        while is_wanted:
            for key, _ in self._selector.select():
                if key.fd == self._control.fileno():
                    is_wanted = self._answer()
                elif key.fd == self._woken:
                    os.read(self._woken, 4096)
                    self._report()
                else:
                    self._bury(key.fd)
        for tether in (*self._living, *self._ended):
            self._bury(tether)

    def _answer(self) -> bool:
        """Fork one worker; return False when none is wanted any more."""
        _, descriptors, _, _ = socket.recv_fds(self._control, 1, MOST_DESCRIPTORS)
        if len(descriptors) < MOST_DESCRIPTORS - 1:
            return False
        head, _ = unpack(self._take)
        try:
            pid = os.fork()
        except OSError as error:
            pid = -(error.errno or 1)
        if pid == 0:
            self._become_worker(head, descriptors)
        tether = socket.socket(fileno=descriptors[0])
        for descriptor in descriptors[1:]:
            os.close(descriptor)
        if pid > 0:
            with suppress(PermissionError):  # the child was faster
                os.setpgid(pid, pid)
            self._living[tether.fileno()] = _Child(pid, tether, head["folder"])
            self._selector.register(tether, selectors.EVENT_READ)
        self._control.sendall(REPLY.pack(pid))
        return True

    def _take(self, n: int) -> bytes:
        parts = bytearray()
        while len(parts) < n:
            part = self._control.recv(n - len(parts))
            if not part:
                raise SystemExit(0)
            parts += part
        return bytes(parts)

    def _become_worker(self, head: Mapping[str, Any], descriptors: Sequence[int]) -> NoReturn:
        """Be the worker, in the child; it never returns."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setpgid(0, 0)  # Ctrl-C is not ours to answer; a new session would be scheduled apart from the others
            _, output, connection, life, *memory = descriptors
            _keep_only((output, connection, life, *memory))
            _settle(head, output)
            worker.serve(connection, life, memory[0] if memory else -1, head["folder"])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        except BaseException:
            traceback.print_exc()
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)

    def _report(self) -> None:
        """Tell who has ended, and leave it unburied so that nobody else is given its number."""
        for descriptor, child in list(self._living.items()):
            found = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is None:
                continue
            del self._living[descriptor]
            self._ended[descriptor] = child
            code = found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
            with suppress(OSError):
                child.tether.send(REPLY.pack(code))

    def _bury(self, descriptor: int) -> None:
        is_left = descriptor in self._living  # else whoever asked for it knows of its end, and removes its folder
        child = self._living.pop(descriptor, None) or self._ended.pop(descriptor)
        self._selector.unregister(child.tether)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)
        if is_left:
            shutil.rmtree(child.folder, ignore_errors=True)
        child.tether.close()


def _keep_only(descriptors: Sequence[int]) -> None:
    """Close what belongs to the nursery and to other workers."""
    first = _STANDARD
    for descriptor in sorted(descriptors):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def _settle(head: Mapping[str, Any], output: int) -> None:
    """Take over what a process has from the one that asked for it, and what is each one's own."""
    for number in (1, 2):
        os.dup2(output, number)
    os.close(output)
    os.chdir(head["folder_of_work"])
    os.umask(head["umask"])
    os.environ.clear()
    os.environ.update(head["environment"])
    tempfile.tempdir = None
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()


def _read_one_of_each() -> None:
    """Open an FMU of each version, so that what that takes is loaded, and compiled, once for all workers."""
    variable = '<ScalarVariable name="y" valueReference="0" causality="output"><Real/></ScalarVariable>'
    second = f"<ModelVariables>{variable}</ModelVariables><ModelStructure/>"
    variable = '<Float64 name="y" valueReference="0" causality="output"/>'
    third = f"<ModelVariables>{variable}</ModelVariables><ModelStructure/>"
    with tempfile.TemporaryDirectory() as folder:
        for version, key, content in (("2.0", "guid", second), ("3.0", "instantiationToken", third)):
            interface = '<CoSimulation modelIdentifier="m"/>'
            named = f'<fmiModelDescription fmiVersion="{version}" modelName="m" {key}="k">'
            path = Path(folder, f"{version}.fmu")
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("modelDescription.xml", f"{named}{interface}{content}</fmiModelDescription>")
            with suppress(CosimError):
                open_fmu(path)


def _main() -> None:
    functions()
    _read_one_of_each()
    gc.collect()
    gc.freeze()  # so that memory stays shared with the workers
    Nursery(socket.socket(fileno=int(sys.argv[1]))).run()


if __name__ == "__main__":
    _main()
