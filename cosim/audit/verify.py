"""Reads a whole trail and tells the first thing in it that is not what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cosim.audit.chain import Broken, ChainState, Record, advance
from cosim.audit.ed25519 import fingerprint
from cosim.audit.head import Head, read_head
from cosim.audit.line import LONGEST
from cosim.audit.plain import open_plain
from cosim.audit.torn import is_kept
from cosim.audit.trail import FILE, removed
from cosim.errors import AuditError


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: ``fault`` is a sentence on the first thing that is wrong, empty where nothing is."""

    n_records: int
    hash: str
    key: str
    fault: str = ""
    fault_at: int | None = None
    """Number of the record at fault."""
    notes: tuple[str, ...] = ()
    trail: str = ""
    """What the trail is called."""

    @property
    def is_good(self) -> bool:
        """Tell whether the trail is what was written."""
        return not self.fault


class Reading:
    """The records of a trail, one after the other, and what it had come to when one could not be read."""

    def __init__(self, folder: Path) -> None:
        self.state = ChainState()
        self.fault = ""
        self.n_unfinished = 0
        """Bytes behind the last record that begin a line and do not end it."""
        self._file = folder / FILE

    def records(self) -> Iterator[Record]:
        """Read record after record, up to the end or the first that is not what was written.

        Raises
        ------
        AuditError
            When there is no trail.
        """
        try:
            with open_plain(self._file) as opened:
                yield from self.read_on(opened)
        except OSError as error:
            raise AuditError(f"The audit trail '{self._file}' cannot be read: {error.strerror or error}.") from error

    def read_on(self, opened: BinaryIO) -> Iterator[Record]:
        """Do the same from what is open where ``state`` ends."""
        while line := opened.readline(LONGEST + 1):
            if not line.endswith(b"\n") and len(line) <= LONGEST:
                self.n_unfinished = len(line)
                return
            try:
                self.state, record = advance(self.state, line)
            except Broken as error:
                self.fault = str(error)
                return
            yield record


class _Heads:
    """Heads of a trail, compared with its records while these are read."""

    def __init__(self, folder: Path, apart: Sequence[Path]) -> None:
        self._folder, self._apart = folder, apart
        self._heads: list[tuple[Path, Head]] = []
        self.faults: list[tuple[int, str]] = []

    def see(self, state: ChainState) -> None:
        """Compare with the record that the trail has come to; its first one tells where the heads are."""
        if state.n == 1:
            for file in (self._folder / state.head, *self._apart):
                self._read(file, state)
        for file, head in self._heads:
            if head.count == state.n and (head.hash, head.start, head.end) != (state.hash, state.start, state.end):
                text = f"Record {state.n} is not the one of the head '{file}': it was replaced, or the head was."
                self.faults.append((state.n, text))

    def _read(self, file: Path, state: ChainState) -> None:
        try:
            head = read_head(file, state.public)
        except AuditError as error:
            self.faults.append((state.n, error.message))
            return
        if head.trail != state.trail or head.count < 1:
            self.faults.append((state.n, f"The head '{file}' is of another trail."))
        else:
            self._heads.append((file, head))

    def end(self, state: ChainState) -> None:
        """Compare with the end of the trail."""
        for file, head in self._heads:
            if head.count > state.n:
                n = head.count - state.n
                lost = f"Record {head.count} is" if n == 1 else f"Records {state.n + 1} to {head.count} are"
                text = f"{lost} missing: the trail ends with record {state.n}, and the head '{file}' has {head.count}."
                self.faults.append((state.n + 1, text))


def verify(
    folder: Path, *, heads: Sequence[Path] = (), key: str | None = None, look: Callable[[Record], None] = lambda _: None
) -> Verdict:
    """Read the trail in ``folder`` and compare it with its head, and with ``heads`` that were kept apart.

    ``key`` is what the fingerprint of the trail's key must be: without that, and without a head kept apart, somebody
    who replaces all of it by a trail of his own is not found out. ``look`` is shown every record that is whole.

    Raises
    ------
    AuditError
        When there is no trail to read.
    """
    if gone := removed(folder):
        return Verdict(0, "", "", gone, 1)
    reading, compared, notes = Reading(folder), _Heads(folder, heads), []
    faults: list[tuple[int, str]] = []
    for record in reading.records():
        compared.see(reading.state)
        if record.clock_back is not None:
            notes.append(f"Record {record.n}: the clock was {record.clock_back:g} s behind that of the record before.")
        if record.kind == "recovery":
            notes.append(f"Record {record.n}: what a process that was killed left behind is in '{record.subject}'.")
            if not is_kept(folder, record.after):
                faults.append((record.n, f"What record {record.n} says is kept in '{record.subject}' is not there."))
        look(record)
    state = reading.state
    if reading.fault:
        faults.append((state.n + 1, reading.fault))
    else:
        compared.end(state)
    if reading.n_unfinished or (not state.n and not reading.fault):
        text = (
            f"Behind record {state.n}, at byte {state.end}, are {reading.n_unfinished} bytes that are no whole record."
        )
        if compared.faults or not state.n:
            faults.append((state.n + 1, text))
        else:
            notes.append(f"{text} A process ended while it wrote; the next one keeps them aside.")
    shown = fingerprint(state.public) if state.public else ""
    if key is not None and shown.replace(" ", "") != key.replace(" ", "").lower():
        faults.append((1, f"The trail is signed by {shown or 'no key'}, not by {key}."))
    at, fault = min([*compared.faults, *faults], key=lambda one: one[0], default=(None, ""))
    return Verdict(state.n, state.hash, shown, fault, at, tuple(notes), state.trail)
