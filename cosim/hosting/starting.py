"""How a worker is started: forked by a nursery where the system can do that well, else as a new interpreter."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Protocol
from weakref import finalize

from cosim.hosting.frames import pack
from cosim.processes import command_of, environment_of

REPLY: Final = struct.Struct("<q")
"""What a nursery says: the number of a process, or a negative errno; how a process has ended, as Popen tells it."""
PASSES_DESCRIPTORS: Final = hasattr(os, "killpg")
"""Elsewhere, as on Windows, workers are reached over loopback."""
FORKS: Final = sys.platform == "linux" and PASSES_DESCRIPTORS
"""Elsewhere, libraries that numpy and others load do not bear a fork."""
_SECRETS: Final = ("COSIM_TOKEN",)
"""Variables of the environment that are none of an FMU's business."""


class Started(Protocol):
    """A process, as :class:`subprocess.Popen` shows it."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Return how it has ended, None while it has not."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return how."""


class Forked:
    """A worker of a nursery; its number is nobody else's until ``wait`` has returned."""

    def __init__(self, pid: int, tether: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._tether = tether

    def poll(self) -> int | None:
        """Return how it has ended, None while it has not."""
        return self.returncode if self.returncode is not None else self._heard(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and let it be buried."""
        code = self.returncode if self.returncode is not None else self._heard(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("worker", timeout or 0.0)
        self._tether.close()
        return code

    def _heard(self, timeout: float | None) -> int | None:
        self._tether.settimeout(timeout)
        try:
            said = self._tether.recv(REPLY.size)
        except (BlockingIOError, TimeoutError):
            return None
        except ConnectionError:
            said = b""
        if len(said) == REPLY.size:
            self.returncode = int(REPLY.unpack(said)[0])
        else:  # the nursery itself has ended
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self.returncode = -signal.SIGKILL
        return self.returncode


class _Nursery:
    """The nursery of this process, while it lives."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [*command_of("cosim.hosting.nursery"), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(),
                pass_fds=[theirs.fileno()],
                process_group=0,
            )
        self._control = ours
        self.end = finalize(self, _end, ours, self.process, os.getpid())

    def fork(self, folder: str, descriptors: Sequence[int]) -> Forked:
        """Return a new worker with ``folder`` and ``descriptors``; raises OSError."""
        head = {"folder": folder, "folder_of_work": os.getcwd(), "umask": _umask(), "environment": environment(folder)}
        ours, theirs = socket.socketpair()
        try:
            with theirs:  # asked in one message: an interrupt never leaves half a question
                socket.send_fds(self._control, [os.fsencode(folder)], [theirs.fileno(), *descriptors])
            said = ours.recv(REPLY.size, socket.MSG_WAITALL)
            if len(said) < REPLY.size:
                raise ConnectionResetError("the process that forks them has ended")
            (pid,) = REPLY.unpack(said)
            if pid > 0:
                ours.sendall(pack(head))
            if pid < 0:
                raise OSError(-pid, os.strerror(-pid))
        except BaseException:
            ours.close()  # which ends what may have been forked
            raise
        return Forked(pid, ours)

    def forget(self) -> None:
        """Leave it to the process that this one was forked from."""
        self._control.close()
        self.end.detach()


def _end(control: socket.socket, process: subprocess.Popen[bytes], owner: int) -> None:
    if owner == os.getpid():
        control.close()
        process.wait()


_guard = threading.Lock()
_nurseries: Final[list[_Nursery]] = []
"""At most one."""


def start(folder: str, *, output: int, connection: int, life: int, memory: int) -> Started:
    """Return a new worker; the descriptors stay the caller's, ``memory`` is -1 where there is none.

    Raises
    ------
    OSError
        When there can be no more processes.
    """
    passed = [descriptor for descriptor in (connection, life, memory) if descriptor >= 0]
    if FORKS:
        with _guard:
            return _forked(folder, (output, *passed))
    return subprocess.Popen(
        [*command_of("cosim.hosting.worker"), *map(str, (connection, life, memory)), folder],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=environment(folder),
        pass_fds=passed,
        process_group=0,  # Ctrl-C is ours to answer; a new session would be scheduled apart from us
    )


def _forked(folder: str, descriptors: Sequence[int]) -> Forked:
    """Return a worker of the nursery, or of another where somebody has ended that."""
    is_new = not _nurseries
    if is_new:
        _nurseries.append(_Nursery())
    try:
        return _nurseries[0].fork(folder, descriptors)
    except ConnectionError:
        _nurseries.pop().end()
        if is_new:
            raise
    return _forked(folder, descriptors)


def environment(folder: str | None = None) -> dict[str, str]:
    """Return the environment of a worker whose temporary folder is ``folder``."""
    kept = environment_of({name: value for name, value in os.environ.items() if name not in _SECRETS})
    return {**kept, "TMPDIR": folder} if folder is not None else kept


def _umask() -> int:
    mask = os.umask(0o77)
    os.umask(mask)
    return mask


def _after_fork() -> None:
    """Let a fork of this process have a nursery of its own."""
    global _guard
    _guard = threading.Lock()
    while _nurseries:
        _nurseries.pop().forget()


if FORKS:
    os.register_at_fork(after_in_child=_after_fork)
