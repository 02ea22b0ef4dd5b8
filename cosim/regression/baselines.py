"""Baselines: records kept beside a suite, named by their content, with who changed them, when and why.

::

    baselines/<suite>/index.json                 by case, the newest last: sha256, previous, at, by, reason, cosim, seal
    baselines/<suite>/<case>.<sha256>.npz        records; those that are replaced stay until somebody removes them

A baseline is never written in passing: whoever writes one says why, and which one it replaces. The seal of an entry is
a hash of the rest of it. It tells a slip of the hand, or a merge that has lost something, and not somebody who means to
deceive: for that there are the registry and the audit trail.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cosim._version import __version__
from cosim.errors import RequestError, ResultError
from cosim.regression.record import Record
from cosim.regression.storage import encode_record, read_record
from cosim.regression.suite import Suite
from cosim.results.document import encode, write_bytes, write_text

INDEX: Final = "index.json"
_FORMAT: Final = "cosim baselines 1"
_SHOWN: Final = 16
"""Digits of a hash in the name of a file."""


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    """One baseline: the hash of its file and of the one it has replaced ('' for the first), who, when, why."""

    sha256: str
    previous: str
    at: str
    by: str
    reason: str
    cosim: str
    seal: str = ""


class Baselines:
    """The baselines of one suite."""

    def __init__(self, suite: Suite) -> None:
        self.folder = suite.path.parent / "baselines" / suite.name
        self._index = self.folder / INDEX

    def history(self) -> Mapping[str, tuple[BaselineEntry, ...]]:
        """Return the baselines of each case, the newest last.

        Raises
        ------
        ResultError
            When the index cannot be read.
        """
        if not self._index.is_file():
            return {}
        try:
            text = self._index.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise ResultError(f"'{self._index}' is no index of baselines ({error}). Restore it.") from error
        return parse_index(text, f"'{self._index}'")

    def current(self, case: str) -> BaselineEntry | None:
        """Return the baseline that counts, None where there is none."""
        history = self.history().get(case)
        return history[-1] if history else None

    def is_as_written(self, case: str) -> bool:
        """Tell whether the index says of ``case`` what was written there, and names each record that is beside it."""
        entries = self.history().get(case, ())
        before = ""
        for entry in entries:
            if entry.previous != before or entry.seal != _seal(case, entry):
                return False
            before = entry.sha256
        told = {self.file(case, entry.sha256) for entry in entries}
        return set(self.folder.glob(f"{case}.{'?' * _SHOWN}.npz")) <= told

    def read(self, case: str, entry: BaselineEntry) -> Record:
        """Return the record of a baseline.

        Raises
        ------
        ResultError
            When it is gone, or is not what it was when it was written.
        """
        return read_record(self.file(case, entry.sha256), entry.sha256)

    def write(self, case: str, record: Record, *, reason: str, by: str, previous: str) -> BaselineEntry | None:
        """Make ``record`` the baseline of ``case``, in place of that with the hash ``previous`` ('' for none).

        Returns
        -------
        BaselineEntry or None
            None where it is what it was already: then nothing is written.

        Raises
        ------
        RequestError
            When there is no reason, or another baseline than ``previous`` is there by now.
        """
        if not reason.strip() or not by.strip():
            raise RequestError(f"The baseline of '{case}' is changed by somebody, for a reason: give both.")
        history = dict(self.history())
        known = history.get(case, ())
        standing = known[-1].sha256 if known else ""
        if standing != previous:
            raise RequestError(
                f"The baseline of '{case}' is {standing[:_SHOWN] or 'none'} by now, not {previous[:_SHOWN] or 'none'}: "
                "somebody has changed it meanwhile. Compare with that one first."
            )
        data = encode_record(record)
        digest = hashlib.sha256(data).hexdigest()
        if digest == standing:
            return None
        at = datetime.now(UTC).isoformat(timespec="seconds")
        entry = BaselineEntry(digest, standing, at, by.strip(), reason.strip(), __version__)
        entry = replace(entry, seal=_seal(case, entry))
        self.folder.mkdir(parents=True, exist_ok=True)
        write_bytes(self.file(case, digest), data)
        history[case] = (*known, entry)
        cases = {name: [asdict(item) for item in entries] for name, entries in sorted(history.items())}
        write_text(self._index, encode({"format": _FORMAT, "cases": cases}, indent=1) + "\n")
        return entry

    def file(self, case: str, sha256: str) -> Path:
        """Return where a baseline is."""
        return self.folder / f"{case}.{sha256[:_SHOWN]}.npz"


def parse_index(text: str, what: str) -> dict[str, tuple[BaselineEntry, ...]]:
    """Return the baselines of each case that an index tells, the newest last.

    Raises
    ------
    ResultError
        When it is none.
    """
    try:
        document = json.loads(text)
        if document["format"] != _FORMAT:
            raise ValueError(f"its format is {document['format']}")
        entries = document["cases"].items()
        return {name: tuple(map(_entry, history)) for name, history in entries}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ResultError(f"{what} is no index of baselines ({error}). Restore it.") from error


def _seal(case: str, entry: BaselineEntry) -> str:
    return hashlib.sha256(encode({"case": case, **asdict(replace(entry, seal=""))}).encode()).hexdigest()


def _entry(written: Mapping[str, object]) -> BaselineEntry:
    if not all(isinstance(value, str) for value in written.values()):
        raise TypeError("an entry holds something other than text")
    return BaselineEntry(**written)  # type: ignore[arg-type]
