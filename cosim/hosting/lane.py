"""Memory that two processes share, through which a communication step goes in one round trip."""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
import tempfile
from contextlib import suppress
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.native import load

SOURCE: Final = Path(__file__).with_name("lane.c")
SIZE: Final = 1 << 26
"""Bytes of address space; memory is used for what is touched only."""
MOST_GROUPS: Final = 16
"""Groups of variables that are written, or read, in one round trip."""
SPIN: Final = 50_000
"""How long either side spins before it sleeps [ns]: about twice what waking a sleeper takes."""


class Word:
    """Places in the shared words: first what is asked, then what is answered.

    Plain numbers, as those of ``Operation`` and ``Status``: a member of an enumeration takes five times as long as an
    index, a dozen times in each step.
    """

    DOING: Final = 16
    """Written by the host: what it is about to do, one of ``Doing``."""
    OPERATION: Final = 24
    TIME: Final = 25
    SIZE: Final = 26
    PATTERN: Final = 27
    """Changes with the operation or with the groups."""
    N_WRITES: Final = 28
    N_READS: Final = 29
    WRITES: Final = 32
    READS: Final = 32 + MOST_GROUPS
    STATUS: Final = 32 + 2 * MOST_GROUPS
    REACHED: Final = STATUS + 1
    IS_TERMINATED: Final = STATUS + 2
    N_LOGS: Final = STATUS + 3


class Operation:
    """What is done between writing and reading."""

    CALL: Final = 0
    """Nothing of this: a message is in the socket."""
    NOTHING: Final = 1
    STEP: Final = 2


class Doing(IntEnum):
    """What a host is about to do, so that its death can be explained."""

    NOTHING = 0
    WRITE = 1
    STEP = 2
    READ = 3


class Status:
    """How it went."""

    GOOD: Final = 0
    FAILED: Final = 1
    """The error is to be fetched by a call."""
    READ_FAILED: Final = 2
    """What was asked for was done; the error of reading is to be fetched by a call."""


_FIRST_VALUE: Final = 1024
_ALIGNMENT: Final = 64


@cache
def functions() -> ctypes.CDLL | None:
    """Return the C functions that wait; None where they cannot be compiled, or the system has no futex."""
    if sys.platform != "linux" or sys.byteorder != "little":
        return None
    library = load(SOURCE)
    if library is not None:
        address, number = ctypes.c_void_p, ctypes.c_int64
        library.lane_ask.argtypes = library.lane_answer.argtypes = (address, number, number, number)
        library.lane_await.argtypes = library.lane_listen.argtypes = (address, number, number)
        library.lane_tell.argtypes = (address, number)
        library.lane_tell.restype = None
    return library


def make_memory() -> int:
    """Return the descriptor of memory without a name, which goes with the last process that holds it."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("cosim-lane")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, SIZE)
    return descriptor


class Lane:
    """One end of the shared memory behind ``descriptor``, which stays the caller's."""

    def __init__(self, descriptor: int) -> None:
        library = functions()
        assert library is not None
        self._size = os.fstat(descriptor).st_size
        self._memory = mmap.mmap(descriptor, self._size)
        self.words = memoryview(self._memory).cast("q")
        whole = np.frombuffer(self._memory, np.uint8, count=1)
        self.address = int(whole.ctypes.data)
        self.ask, self.wait, self.tell = library.lane_ask, library.lane_await, library.lane_tell
        self.answer, self.listen = library.lane_answer, library.lane_listen
        self._next = _FIRST_VALUE

    def place(self, n: int) -> NDArray[np.float64] | None:
        """Return the next place for ``n`` values, the same at both ends; None where there is none left."""
        begin = self._next
        end = begin + 8 * n
        if end > self._size:
            return None
        self._next = -(-end // _ALIGNMENT) * _ALIGNMENT
        return np.frombuffer(self._memory, np.float64, count=n, offset=begin)

    def restart(self) -> None:
        """Forget all places."""
        self._next = _FIRST_VALUE

    def close(self) -> None:
        """Give up the memory, or leave that to the last who still holds a place."""
        self.words.release()
        with suppress(BufferError):
            self._memory.close()


def spin_time() -> int:
    """Return how long to spin [ns]: not at all where two processes cannot run at once; ``COSIM_SPIN`` overrides it."""
    override = os.environ.get("COSIM_SPIN", "")
    if override.isdecimal():
        return int(override)
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return SPIN if n_cores > 1 else 0
