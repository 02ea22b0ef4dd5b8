"""A process that hosts FMUs: started, asked, watched, and ended with everything that belongs to it."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final
from weakref import finalize

from cosim.errors import FmuError
from cosim.fmu.temporary import temporary_folder
from cosim.hosting import starting
from cosim.hosting.frames import Garbled, pack, unpack
from cosim.hosting.lane import Doing, Lane, Operation, Word, functions, make_memory, spin_time
from cosim.hosting.link import Lost
from cosim.hosting.loopback import start_over_loopback
from cosim.hosting.starting import Started, start

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

MILLISECOND: Final = 1_000_000
START_UP: Final = 120.0
"""How long a process may take until it listens [s], on a busy machine too."""
LONGEST_WAIT: Final = 0.1
"""Between two looks at a host that takes long [s]."""
CALLS_BETWEEN_LOOKS: Final = 256
"""Communication steps between two looks at the memory it takes."""
CRASH: Final = 0xC0000000
"""Windows' exit codes from here on are exceptions, such as 0xC0000005, an access violation."""
MOST_OUTPUT: Final = 20_000
"""Bytes kept of what an FMU prints: some print the stack after the reason."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take [s], and how much memory the process [bytes]."""

    timeout: float = 300.0
    memory: int | None = None


class _Held:
    """What belongs to a process: descriptors, a temporary folder, itself."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.descriptors: list[int] = []
        self.folder: str | None = None
        self.process: Started | None = None
        self.connections: list[socket.socket] = []

    def close(self) -> None:
        """End the process with all it has started, and remove its traces."""
        if self.owner != os.getpid():  # a fork does not own what its parent has
            return
        if self.process is not None:
            _kill(self.process)
            self.process.wait()
            if isinstance(self.process, subprocess.Popen) and self.process.stdin is not None:
                self.process.stdin.close()
        for connection in self.connections:
            connection.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
        while self.descriptors:
            os.close(self.descriptors.pop())


class WorkerProcess:
    """A host that answers messages and exchanges; methods raise :class:`Lost`, after which only ``end`` is legal."""

    def __init__(self) -> None:
        held = _Held()
        self._end = finalize(self, held.close)
        self.limits = Limits(timeout=START_UP)
        self.lane: Lane | None = None
        self.is_busy = False
        self._number = 0
        self._printed = bytearray()
        self._spin = spin_time()
        self._is_mute = False
        self._output: int | socket.socket
        self._process: Started
        try:
            self._start(held)
        except OSError as error:
            self.end()
            raise FmuError(f"A process for an FMU cannot be started: {error.strerror or error}.") from error
        except BaseException:
            self.end()
            raise

    def _start(self, held: _Held) -> None:
        def keep(*descriptors: int) -> tuple[int, ...]:
            held.descriptors += descriptors
            return descriptors

        # removed as one left behind, if need be
        held.folder = folder = tempfile.mkdtemp(prefix="cosim-fmu-", dir=temporary_folder())
        (lock,) = keep(os.open(Path(folder, ".lock"), os.O_CREAT | os.O_RDWR, 0o600))
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if starting.PASSES_DESCRIPTORS:
            self._start_with_descriptors(held, keep, folder)
        else:
            held.process, self._connection, self._output = start_over_loopback(folder)
            held.connections += (self._connection, self._output)
            self._process = held.process
            self._output.setblocking(False)
        self._connection.setblocking(False)
        try:
            self.call({"call": "greet"})
        except Lost as lost:
            said = self.printed()
            raise FmuError(f"A process for an FMU cannot be started: it {lost.how}. {said}".rstrip()) from lost

    def _start_with_descriptors(self, held: _Held, keep: Callable[..., tuple[int, ...]], folder: str) -> None:
        self._connection, theirs = socket.socketpair()
        held.connections.append(self._connection)
        with theirs:
            life, _ = keep(*os.pipe())
            self._output, output = keep(*os.pipe())
            os.set_blocking(self._output, False)
            memory = keep(make_memory())[0] if functions() is not None else -1
            held.process = self._process = start(
                folder, output=output, connection=theirs.fileno(), life=life, memory=memory
            )
        for descriptor in (life, output):
            os.close(descriptor)
            held.descriptors.remove(descriptor)
        if memory >= 0:
            self.lane = Lane(memory)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def call(self, head: Mapping[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Return the answer to a message."""
        self.is_busy = True
        deadline = monotonic() + self.limits.timeout
        if self.lane is not None:
            self.lane.words[Word.OPERATION] = Operation.CALL
            self._number += 1
            self.lane.tell(self.lane.address, self._number)
        self._send(memoryview(pack(head, body)), deadline)
        try:
            answer = unpack(lambda n: self._take(n, deadline))
        except Garbled as error:
            raise Lost(f"sent what is no message ({error})") from error
        self.is_busy = False
        return answer

    def exchange(self) -> None:
        """Let the words of the lane be answered."""
        lane = self.lane
        assert lane is not None
        self.is_busy = True
        self._number = number = self._number + 1
        if lane.ask(lane.address, number, self._spin, MILLISECOND):
            self._await(lane, number)
        self.is_busy = False
        if number % CALLS_BETWEEN_LOOKS == 0:
            self._check_memory()

    def printed(self) -> str:
        """Return the last of what it has printed."""
        self._hear()
        return self._printed.decode("utf-8", errors="replace").strip()

    def kill(self) -> None:
        """Let whoever waits for it find that it has ended; legal in any thread, before ``end``."""
        _kill(self._process)

    def end(self) -> None:
        """End it; legal any number of times."""
        self._end()
        lane, self.lane = self.lane, None
        if lane is not None:
            lane.close()

    def _await(self, lane: Lane, number: int) -> None:
        deadline, patience = monotonic() + self.limits.timeout, MILLISECOND
        while True:
            is_heard = self._look(deadline)
            if not lane.wait(lane.address, number, patience):
                return
            patience = MILLISECOND if is_heard else min(2 * patience, int(LONGEST_WAIT * 1e9))

    def _look(self, deadline: float) -> bool:
        """Raise where the process has ended, hangs or takes too much; return whether it has printed something."""
        is_heard = self._hear()
        code = self._process.poll()
        if code is not None:
            raise Lost(_ending(code), self._doing())
        if monotonic() > deadline:
            raise Lost(f"did not answer for {self.limits.timeout:g} s, its timeout", self._doing())
        self._check_memory()
        return is_heard

    def _doing(self) -> Doing:
        number = self.lane.words[Word.DOING] if self.lane is not None else 0
        return Doing(number) if 0 <= number < len(Doing) else Doing.NOTHING  # a wild FMU writes anywhere

    def _check_memory(self) -> None:
        limit = self.limits.memory
        if limit is None:
            return
        with suppress(OSError, ValueError, IndexError):  # no /proc, or it has ended
            used = int(Path(f"/proc/{self.pid}/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            if used > limit:
                why = f"takes {used / 1e6:.0f} MB of memory, more than its memory_limit of {limit / 1e6:.0f} MB"
                raise Lost(why, self._doing())

    def _hear(self) -> bool:
        """Take what was printed, so that the process never waits for a reader; tell whether there was anything."""
        try:
            output = self._output
            part = os.read(output, 1 << 20) if isinstance(output, int) else output.recv(1 << 20)
        except BlockingIOError:
            return False
        self._is_mute = not part
        self._printed += part
        del self._printed[:-MOST_OUTPUT]
        return bool(part)

    def _send(self, rest: memoryview, deadline: float) -> None:
        while rest:
            try:
                rest = rest[self._connection.send(rest) :]
            except BlockingIOError:
                self._pause(deadline, is_sending=True)
            except OSError:
                self._explain_silence()

    def _take(self, n: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < n:
            try:
                part = self._connection.recv(min(n - len(parts), 1 << 20))
            except BlockingIOError:
                self._pause(deadline, is_sending=False)
                continue
            except OSError:
                part = b""
            if not part:
                self._explain_silence()
            parts += part
        return bytes(parts)

    def _pause(self, deadline: float, *, is_sending: bool) -> None:
        """Wait until the connection is ready, or what is printed has to be taken, or it is time to look."""
        outputs = [] if self._is_mute else [self._output]
        if not _is_ready(self._connection, outputs, is_sending=is_sending):
            self._look(deadline)

    def _explain_silence(self) -> None:
        """Raise for a connection that was closed from the other end."""
        try:
            code = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            raise Lost("closed its connection") from None
        raise Lost(_ending(code))


def _is_ready(connection: socket.socket, others: Sequence[int | socket.socket], *, is_sending: bool) -> bool:
    """Wait a little; tell whether the connection can be written or read; what can be read of the others ends it too."""
    if not hasattr(select, "poll"):  # Windows
        asked, sent = ([], [connection]) if is_sending else ([connection], [])
        readable, writable, _ = select.select([*asked, *others], sent, [], LONGEST_WAIT)
        return connection in readable or connection in writable
    poll = select.poll()
    poll.register(connection, select.POLLOUT if is_sending else select.POLLIN)
    for other in others:
        poll.register(other, select.POLLIN)
    return any(descriptor == connection.fileno() for descriptor, _ in poll.poll(LONGEST_WAIT * 1e3))


def _kill(process: Started) -> None:
    """End a process with all it has started, as far as the system can."""
    if isinstance(process, subprocess.Popen) and process.stdin is not None:  # over loopback: it is in no group
        process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _ending(code: int) -> str:
    """Say how a process ended, as the rest of a sentence."""
    if code >= CRASH:
        return f"crashed (0x{code:08X})"
    if code >= 0:
        return f"ended with exit code {code}, which nobody had asked for"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if name in ("SIGKILL", "SIGTERM"):
        return f"was killed from outside ({name}), by a user, or by the system for want of memory"
    return f"crashed ({name})"
