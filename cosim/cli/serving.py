"""What verbs share that serve others until they are told to end."""

from __future__ import annotations

import signal
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
