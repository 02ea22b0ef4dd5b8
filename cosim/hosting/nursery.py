"""The process that forks workers: ``python -P -m cosim.hosting.nursery``.

It has imported what a worker needs, so that one is there in some milliseconds where a new interpreter takes some tenths
of a second. Over a socket it is asked for workers. A tether, one more socket for each, gives the worker's number, takes
what the worker has to know, tells how it has ended, and is closed by whoever asked for it when the worker is to end
with all it has started. When the other end of the socket is closed, all workers end, and the nursery with them.
"""

from __future__ import annotations

import gc
import os
import select
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
LONGEST_PATH: Final = 8192
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
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._woken, waker = os.pipe()
        for end in (self._woken, waker):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker)
        self._poll.register(self._woken, select.POLLIN)

    def run(self) -> None:
        """Answer until the other end is closed."""
        is_wanted = True
        while is_wanted:
            for descriptor, _ in self._poll.poll():
                if descriptor == self._control.fileno():
                    is_wanted = self._answer()
                elif descriptor == self._woken:
                    os.read(self._woken, 4096)
                    self._report()
                else:
                    self._bury(descriptor)
        for tether in (*self._living, *self._ended):
            self._bury(tether)

    def _answer(self) -> bool:
        """Fork one worker; return False when none is wanted any more."""
        folder, descriptors, _, _ = socket.recv_fds(self._control, LONGEST_PATH, MOST_DESCRIPTORS)
        if len(descriptors) < MOST_DESCRIPTORS - 1:
            return False
        try:
            pid = os.fork()
        except OSError as error:
            pid = -(error.errno or 1)
        if pid == 0:
            _become_worker(descriptors, os.fsdecode(folder))
        tether = socket.socket(fileno=descriptors[0])
        for descriptor in descriptors[1:]:
            os.close(descriptor)
        if pid > 0:
            with suppress(PermissionError, ProcessLookupError):  # the child was faster
                os.setpgid(pid, pid)
            self._living[tether.fileno()] = _Child(pid, tether, os.fsdecode(folder))
            self._poll.register(tether, 0)  # its other end closed is all that is told; the child reads
        with suppress(OSError):
            tether.send(REPLY.pack(pid))
        if pid < 0:
            tether.close()
        return True

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
        self._poll.unregister(child.tether)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        os.waitpid(child.pid, 0)
        if is_left:
            shutil.rmtree(child.folder, ignore_errors=True)
        child.tether.close()


def _become_worker(descriptors: Sequence[int], folder: str) -> NoReturn:
    """Be the worker, in the child; it never returns."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setpgid(0, 0)  # Ctrl-C is not ours to answer; a new session would be scheduled apart from the others
        _keep_only(descriptors)
        tether, output, connection, life, *memory = descriptors
        with socket.socket(fileno=tether) as asking:
            head, _ = unpack(lambda n: _take(asking, n))
        _settle(head, output)
        worker.serve(socket.socket(fileno=connection), life, memory[0] if memory else -1, folder)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:
        traceback.print_exc()
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _take(asking: socket.socket, n: int) -> bytes:
    parts = bytearray()
    while len(parts) < n:
        part = asking.recv(n - len(parts))
        if not part:
            raise SystemExit(1)
        parts += part
    return bytes(parts)


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
