"""The store: everything received, kept before it is used, so that a killed process loses and doubles nothing.

Arrivals go to a journal, ``000001.journal``. When it has grown it is sealed: its content becomes ``000001.parquet``,
which appears whole, and only then the journal goes. Where both are there, the process was killed in between and the
Parquet file counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from cosim.live.journal import Journal, read_journal
from cosim.live.record import Arrival, Kind, Note, Origin, Sample
from cosim.results.document import cannot_write
from cosim.results.segments import least_in_segment, read_segment, write_segment

FOLDER: Final = "received"
SAMPLES: Final = 200_000
"""Samples after which a journal is sealed."""
COLUMN: Final = "arrival"
"""The column of a segment that numbers arrivals."""
_SAMPLE: Final = "sample"


class Store:
    """Appends to what ``folder`` holds, which is mended first where a process was killed.

    Raises
    ------
    ResultError
        When the folder cannot be read or written.
    """

    def __init__(self, folder: Path, *, most: int = SAMPLES) -> None:
        self.folder, self._most = folder, most
        self._sealing: Future[None] | None = None
        self._pool = ThreadPoolExecutor(1)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._number = _mend(folder)
            self._next = _count(folder)
            self._journal = self._begin()
        except OSError as error:
            raise cannot_write(folder, error) from error

    @property
    def n_arrivals(self) -> int:
        """How many arrivals are kept."""
        return self._next

    def append(self, arrival: Arrival) -> None:
        """Keep ``arrival``; when this returns, a crash of the process does not lose it.

        Raises
        ------
        ResultError
            When it cannot be kept; what was kept before is untouched.
        """
        try:
            self._journal.append(arrival)
            self._next += 1
            if self._journal.n_samples >= self._most:
                self._rotate()
        except OSError as error:
            raise cannot_write(self._journal.path, error) from error

    def close(self) -> None:
        """Seal what is there; legal any number of times."""
        self._journal.close()
        self._wait()
        self._pool.shutdown()
        if self._journal.path.exists():
            _seal(self._journal.path)

    def _begin(self) -> Journal:
        self._number += 1
        return Journal(self.folder / f"{self._number:06}.journal", self._next)

    def _rotate(self) -> None:
        """Go on in a new journal while the full one is sealed."""
        full = self._journal
        full.close()
        self._journal = self._begin()
        self._wait()
        self._sealing = self._pool.submit(_seal, full.path)

    def _wait(self) -> None:
        if self._sealing is not None:
            self._sealing.result()
            self._sealing = None


def read_store(folder: Path, first: int = 0) -> Iterator[Arrival]:
    """Yield everything in ``folder`` from the arrival ``first`` on, in the order of arrival.

    Raises
    ------
    ResultError
        When a file cannot be read.
    """
    for number, arrival in _numbered(folder, first):
        if number >= first:
            yield arrival


def _numbered(folder: Path, first: int) -> Iterator[tuple[int, Arrival]]:
    """Yield arrivals with their numbers, leaving out segments that lie before the arrival ``first`` as a whole."""
    numbers = _numbers(folder)
    for number, following in zip(numbers, [*numbers[1:], None], strict=True):
        sealed, journal = folder / f"{number:06}.parquet", folder / f"{number:06}.journal"
        next_sealed = folder / f"{following:06}.parquet" if following is not None else None
        if next_sealed is not None and next_sealed.exists() and least_in_segment(next_sealed, COLUMN) <= first:
            continue
        yield from _kept(sealed, journal)


def _kept(sealed: Path, journal: Path) -> Iterator[tuple[int, Arrival]]:
    """Yield what one number holds, also while another process seals it."""
    if not sealed.exists():
        try:
            yield from read_journal(journal)  # which reads all of it before it yields the first
            return
        except FileNotFoundError:
            pass  # it has been sealed since
    if sealed.exists():  # not where nothing had arrived
        yield from _arrivals(sealed)


def _numbers(folder: Path) -> list[int]:
    # A journal goes when its table is there: looked for in this order, one of the two is found while it is sealed.
    names = [*folder.glob("*.journal"), *folder.glob("*.parquet")]
    return sorted({int(path.stem) for path in names if path.stem.isdigit()})


def _mend(folder: Path) -> int:
    """Seal what killed processes left, remove halves; return the last number."""
    for path in folder.glob(".*.parquet"):
        path.unlink(missing_ok=True)
    for journal in sorted(folder.glob("*.journal")):
        _seal(journal)
    return max(_numbers(folder), default=0)


def _seal(journal: Path) -> None:
    sealed = journal.with_suffix(".parquet")
    if not sealed.exists():
        rows = [row for number, arrival in read_journal(journal) for row in _rows(number, arrival)]
        if rows:
            write_segment(sealed, rows)
    journal.unlink()


def _count(folder: Path) -> int:
    """Return the number of the next arrival."""
    numbers = _numbers(folder)
    last = [number for number, _ in _arrivals(folder / f"{numbers[-1]:06}.parquet")] if numbers else []
    return last[-1] + 1 if last else 0


def _rows(number: int, arrival: Arrival) -> Iterator[tuple[Any, ...]]:
    """Return the rows of a segment: its columns are those of ``results.segments``."""
    if isinstance(arrival, Note):
        yield number, str(arrival.kind), arrival.tag, arrival.source, 0, arrival.received, None, 0, "", arrival.text
        return
    for item in arrival:
        yield (
            number, _SAMPLE, item.tag, item.source, item.server, item.received, item.value, item.status,
            str(item.origin), "",
        )  # fmt: skip


def _arrivals(path: Path) -> Iterator[tuple[int, Arrival]]:
    for number, rows in groupby(read_segment(path), key=lambda row: int(row[0])):
        first, *rest = rows
        if first[1] != _SAMPLE:
            yield number, Note(Kind(first[1]), first[5], first[9], first[2], first[3])
            continue
        yield (
            number,
            tuple(
                Sample(tag, source, server, received, value, status, Origin(origin))
                for _, _, tag, source, server, received, value, status, origin, _ in (first, *rest)
            ),
        )


def gaps_of(arrivals: Iterator[Arrival]) -> dict[str, list[tuple[int, int]]]:
    """Return what is known to be lost: from and to by tag, in ns since 1970."""
    found: dict[str, list[tuple[int, int]]] = {}
    for arrival in arrivals:
        if isinstance(arrival, Note) and arrival.kind is Kind.GAP:
            for tag, (begin, end) in json.loads(arrival.text)["gaps"].items():
                found.setdefault(tag, []).append((begin, end))
    return found
