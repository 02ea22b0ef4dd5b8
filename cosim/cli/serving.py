"""What verbs share that serve others until they are told to end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
"""Addresses that only this machine reaches."""


@contextmanager
def ending_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C and ``kill`` call ``stop``; what a script runs in the background ignores Ctrl-C."""
    heard = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN]
    before = [signal.signal(number, lambda *_: stop()) for number in heard]
    try:
        yield
    finally:
        for number, handler in zip(heard, before, strict=True):
            signal.signal(number, handler)


def when_input_ends(stop: Callable[[], None]) -> None:
    """Call ``stop`` when the standard input ends: when whoever started this process has gone."""

    def wait() -> None:
        while os.read(0, 4096):  # not sys.stdin, whose lock a thread that waits would keep at the end of the process
            pass
        stop()

    threading.Thread(target=wait, daemon=True).start()
