"""The log of actions: advice, decisions, writes, refusals and hand-overs of a session, a line of JSON each.

A line counts when it ends: what a killed process has left behind the last one is cut off before anything is added.
Several processes may add, one line at a time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

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
            _mend(self.path)
            self._file = os.open(
                self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644
            )
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def add(self, action: Action) -> None:
        """Add a line."""
        told = {
            "kind": action.kind.value, "time": action.time, "wall": action.wall, "subject": action.subject,
            "text": action.text, "facts": dict(action.facts),
        }  # fmt: skip
        line = json.dumps(told, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
        try:
            if os.write(self._file, line) != len(line):
                raise OSError(28, "No space left on device")
            os.fsync(self._file)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def close(self) -> None:
        """End it; legal any number of times."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _mend(path: Path) -> None:
    """Cut off what a killed process has left behind the last whole line."""
    if not path.exists():
        return
    content = path.read_bytes()
    end = content.rfind(b"\n") + 1
    if end < len(content):
        with path.open("rb+") as file:
            file.truncate(end)


def actions_in(folder: Path) -> Iterator[Action]:
    """Yield the actions in ``folder``, in order; none where nothing was done.

    Raises
    ------
    ResultError
        When a line is not an action.
    """
    path = folder / FILE
    if not path.exists():
        return
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], start=1):
        try:
            told = json.loads(line)
            yield Action(Kind(told["kind"]), told["time"], told["wall"], told["subject"], told["text"], told["facts"])
        except (ValueError, KeyError, TypeError) as error:
            raise ResultError(f"Line {number} of '{path}' is no action ({error}). Restore it from a copy.") from error
