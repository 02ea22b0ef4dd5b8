"""The log of actions: advice, decisions, writes, refusals and hand-overs of a session, a line of JSON each.

A line counts when it ends: what a killed process has left behind the last one is cut off before anything is added.
Several processes may add, one line at a time.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from cosim.audit.lock import locked
from cosim.errors import ResultError
from cosim.results.document import cannot_write

FILE: Final = "actions.jsonl"


class Kind(StrEnum):
    """What an action is."""

    ADVICE = "advice"
    """``facts`` hold the advice."""
    DECISION = "decision"
    """Somebody has accepted or rejected advice."""
    INTENT = "intent"
    """A write that follows; it is in the audit trail."""
    WRITTEN = "written"
    """It was accepted, and read back."""
    REFUSED = "refused"
    """It was refused, by us or by the plant, or read back as something else."""
    STATE = "state"
    """Control was armed, held, resumed, given back."""


@dataclass(frozen=True, slots=True)
class Action:
    """One line, at ``time`` of the batch [ticks] and ``wall`` [ns since 1970], about a tag, advice, or control."""

    kind: Kind
    time: int
    wall: int
    subject: str
    text: str
    facts: Mapping[str, Any]


class ActionLog:
    """Adds to the file in ``folder``; when ``add`` returns, the line is on the disk.

    Raises
    ------
    ResultError
        When it cannot be opened or written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            self._file = os.open(self.path, flags, 0o644)
            with locked(self._file, self.path):
                self._mend()
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def add(self, action: Action) -> None:
        """Add a line."""
        with self.held() as add:
            add(action)

    @contextmanager
    def held(self) -> Iterator[Callable[[Action], None]]:
        """Yield what adds a line; nobody else adds any meanwhile, so that what was read before still holds."""
        try:
            with locked(self._file, self.path):
                yield self._append
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def _append(self, action: Action) -> None:
        """Add a line and wait for the disk; what cannot be written whole is taken back."""
        told = {
            "kind": action.kind.value, "time": action.time, "wall": action.wall, "subject": action.subject,
            "text": action.text, "facts": dict(action.facts),
        }  # fmt: skip
        line = json.dumps(told, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
        end = os.fstat(self._file).st_size
        if os.write(self._file, line) != len(line):
            os.ftruncate(self._file, end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(self._file)

    def _mend(self) -> None:
        """Cut off what a killed process has left behind the last whole line."""
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.ftruncate(self._file, whole)

    def close(self) -> None:
        """End it; legal any number of times."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def actions_in(folder: Path) -> Iterator[Action]:
    """Yield the actions in ``folder``, in order; none where nothing was done; raise as ``ActionReader.new``."""
    yield from ActionReader(folder).new()


def unfinished_in(folder: Path) -> list[Action]:
    """Return the writes in ``folder`` of which nobody has told how they ended; raise as ``ActionReader.new``."""
    found: dict[str, Action] = {}
    for action in actions_in(folder):
        if action.kind is Kind.INTENT:
            found[action.subject] = action
        elif action.kind in (Kind.WRITTEN, Kind.REFUSED):
            found.pop(action.subject, None)
    return list(found.values())


class ActionReader:
    """Reads the log in ``folder`` while others add to it."""

    def __init__(self, folder: Path) -> None:
        self._path, self._place, self._n_lines = folder / FILE, 0, 0

    def new(self) -> Iterator[Action]:
        """Yield what was added since it was asked before, at first everything.

        Raises
        ------
        ResultError
            When a line is not an action.
        """
        if not self._path.exists() or self._path.stat().st_size <= self._place:
            return
        with self._path.open("rb") as file:
            file.seek(self._place)
            lines = file.read().split(b"\n")[:-1]
        for line in lines:
            self._place, self._n_lines = self._place + len(line) + 1, self._n_lines + 1
            yield self._action(line)

    def _action(self, line: bytes) -> Action:
        try:
            told = json.loads(line)
            return Action(Kind(told["kind"]), told["time"], told["wall"], told["subject"], told["text"], told["facts"])
        except (ValueError, KeyError, TypeError) as error:
            raise ResultError(
                f"Line {self._n_lines} of '{self._path}' is no action ({error}). Restore it from a copy."
            ) from error
