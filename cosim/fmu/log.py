"""What an FMU says: its log messages, kept for error texts and passed on to :mod:`logging`.

FMI 2.0's logger takes variable arguments, which a Python callback cannot; fmpy carries a small native proxy that
formats the message and then calls Python. It knows one Python function for the whole process, so an instance is told
from another by its ``componentEnvironment``.
"""

import ctypes
import itertools
import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

STATUS_NAMES: Final = ("OK", "Warning", "Discard", "Error", "Fatal", "Pending")
_WARNING: Final = 1
_KEPT: Final = 5
"""Messages quoted in an error text."""
_LONGEST: Final = 2000
"""Characters kept of one message."""
_PASSED_ON: Final = 100
"""Messages per instance passed on to logging, so that a talkative FMU does not bury the rest."""

_TRACE: Final = 20
"""Messages without a warning or error, by the end of initialisation, that make an FMU's log a trace."""
ERROR_CATEGORIES: Final = ("logStatusWarning", "logStatusDiscard", "logStatusError", "logStatusFatal")
"""FMI's names for the messages that say why a call was refused (FMI 2.0.4, 2.2.4; FMI 3.0.1, 2.4.5)."""

_log: Final = logging.getLogger("cosim.fmu")
_environments: Final = itertools.count(1)
_logs: Final[dict[int, "InstanceLog"]] = {}


def kept_categories(offered: Sequence[str]) -> tuple[bool, ctypes.c_size_t, Any]:
    """Return the arguments that leave only an FMU's error categories on: whether any, how many, their names."""
    kept = [category for category in ERROR_CATEGORIES if category in offered]
    return bool(kept), ctypes.c_size_t(len(kept)), (ctypes.c_char_p * len(kept))(*(name.encode() for name in kept))


def status_name(status: int) -> str:
    """Return FMI's word for a status code."""
    return STATUS_NAMES[status] if 0 <= status < len(STATUS_NAMES) else f"undefined status {status}"


class InstanceLog:
    """Messages of one instance; closed with it."""

    def __init__(self, instance_name: str, *, verbose: bool) -> None:
        self.environment = next(_environments)
        self._name = instance_name
        self._verbose = verbose
        self._recent: deque[tuple[int, str]] = deque(maxlen=_KEPT)
        self._n_passed_on = 0
        self._n_remarks = 0
        self._numbers: list[int] = []
        self.listen_to(self.environment)

    def listen_to(self, number: int) -> None:
        """Take the messages that come with ``number``: an environment, in FMI 1.0 the address of an instance."""
        self._numbers.append(number)
        _logs[number] = self

    def close(self) -> None:
        """Stop listening; errors that no failed call has quoted are passed on, so that none is lost."""
        for number in self._numbers:
            _logs.pop(number, None)
        if not self._verbose:
            for status, text in self._recent:
                if status > _WARNING:
                    self._pass_on(status, text)
        self._recent.clear()

    def take(self, status: int, message: bytes | None) -> None:
        """Keep a message that the FMU logged with ``status``."""
        text = (message or b"").decode("utf-8", errors="replace").strip()
        if not text:
            return
        text = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
        if status >= _WARNING:
            self._recent.append((status, text))
        else:
            self._n_remarks += 1
        if status == _WARNING or self._verbose:
            self._pass_on(status, text)

    @property
    def is_trace(self) -> bool:
        """True for an FMU that reports every call: its messages would cost more time than its steps."""
        return not self._verbose and self._n_remarks > _TRACE

    def collect(self) -> str:
        """Return the warnings and errors since the last call, one per line, and forget them."""
        text = "\n".join(dict.fromkeys(text for _, text in self._recent))
        self._recent.clear()
        return text

    def _pass_on(self, status: int, text: str) -> None:
        self._n_passed_on += 1
        if self._n_passed_on <= _PASSED_ON:
            _log.log(logging.WARNING if status >= _WARNING else logging.INFO, "%s: %s", self._name, text)
        elif self._n_passed_on == _PASSED_ON + 1:
            _log.warning("%s: further messages of this FMU are not shown", self._name)


def _receive(environment: int | None, _name: bytes, status: int, _category: bytes, message: bytes | None) -> None:
    log = _logs.get(environment or 0) or _logs.get(0)
    if log is not None:
        log.take(status, message)


def _receive_fmi3(environment: int | None, status: int, _category: bytes, message: bytes | None) -> None:
    log = _logs.get(environment or 0)
    if log is not None:
        log.take(status, message)


_callbacks: Final[dict[str, Any]] = {}
"""C callbacks made so far; kept for the life of the process because FMUs hold their addresses."""


def _once(name: str, make: Callable[[], Any]) -> Any:
    if name not in _callbacks:
        _callbacks[name] = make()
    return _callbacks[name]


def fmi2_callbacks(log: InstanceLog) -> ctypes.Structure:
    """Return the ``fmi2CallbackFunctions`` for one instance; the caller keeps it alive as long as the instance."""
    from fmpy import calloc, fmi2, free

    def address(function: Any) -> int | None:
        return ctypes.cast(function, ctypes.c_void_p).value

    callbacks = fmi2.fmi2CallbackFunctions()
    callbacks.logger = _once("fmi2", lambda: fmi2.fmi2CallbackLoggerTYPE(_receive))
    callbacks.allocateMemory = _once("calloc", lambda: fmi2.fmi2CallbackAllocateMemoryTYPE(address(calloc)))
    callbacks.freeMemory = _once("free", lambda: fmi2.fmi2CallbackFreeMemoryTYPE(address(free)))
    callbacks.componentEnvironment = log.environment
    if hasattr(fmi2, "addLoggerProxy"):  # absent where fmpy carries no binary: messages then keep their %-placeholders
        fmi2.addLoggerProxy(ctypes.byref(callbacks))
    return callbacks  # type: ignore[no-any-return]


def fmi1_callbacks(log: InstanceLog) -> ctypes.Structure:
    """Return the ``fmiCallbackFunctions`` for one instance; FMI 1.0 passes them by value."""
    from fmpy import fmi1

    found = fmi2_callbacks(log)  # same first three members
    callbacks = fmi1.fmi1CallbackFunctions()
    ctypes.memmove(ctypes.byref(callbacks), ctypes.byref(found), 3 * ctypes.sizeof(ctypes.c_void_p))
    callbacks.stepFinished = None
    return callbacks  # type: ignore[no-any-return]


@contextmanager
def begin_fmi1(log: InstanceLog) -> Iterator[Callable[[int], None]]:
    """Listen to an FMI 1.0 instance while it is made; call what this gives with its address, by which it logs."""
    _logs[0] = log
    try:
        yield log.listen_to
    finally:
        del _logs[0]


def fmi3_callback() -> Any:
    """Return FMI 3.0's ``logMessage``, which has a fixed number of arguments; the same for all instances."""
    from fmpy import fmi3

    return _once("fmi3", lambda: fmi3.fmi3LogMessageCallback(_receive_fmi3))
