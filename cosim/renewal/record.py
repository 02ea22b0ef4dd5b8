"""What a renewal has done: each step with what it was done from and what it has made, so that it is done once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cosim.audit.plain import hash_of
from cosim.errors import ReleaseError
from cosim.results.document import encode, write_text

FILE: Final = "renewal.json"
_FORMAT: Final = "cosim renewal 1"


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was done: what came of it in a sentence, whether the next may follow, the files made, by hash."""

    name: str
    holds: bool
    text: str
    is_known: bool = False


Make = Callable[[], tuple[bool, str, Sequence[str]]]
"""Does a step: whether the next may follow, what came of it, and the names of the files made."""


class Record:
    """The steps of a renewal in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._steps = self._read()

    def step(self, name: str, about: object, make: Make) -> Step:
        """Do the step ``name``, unless it was done from the same: ``about`` is all that decides it.

        Raises
        ------
        CosimError
            What ``make`` raises; the step then is not done.
        """
        key = hashlib.sha256(encode(about).encode()).hexdigest()
        known = self._steps.get(name)
        if known is not None and known["key"] == key and self._has(known["files"]):
            return Step(name, known["holds"], known["text"], is_known=True)
        holds, text, files = make()
        self._steps[name] = {
            "key": key,
            "holds": holds,
            "text": text,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": {file: hash_of(self.folder / file)[0] for file in files},
        }
        write_text(self.folder / FILE, encode({"format": _FORMAT, "steps": self._steps}, indent=1) + "\n")
        return Step(name, holds, text)

    def _has(self, files: dict[str, str]) -> bool:
        try:
            return all(hash_of(self.folder / file)[0] == digest for file, digest in files.items())
        except OSError:
            return False

    def _read(self) -> dict[str, dict[str, Any]]:
        path = self.folder / FILE
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document["format"] != _FORMAT or not all(_is_step(step) for step in document["steps"].values()):
                raise ValueError("it says something else")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ReleaseError(f"'{path}' does not tell a renewal ({error}). Remove it to begin anew.") from error
        return dict(document["steps"])


def _is_step(step: Any) -> bool:  # noqa: ANN401
    kinds = {"key": str, "holds": bool, "text": str, "at": str, "files": dict}
    return {name: type(value) for name, value in step.items()} == kinds
