"""What of a trail somebody wants to see: records that fit a filter, as rows of a table."""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, Final

from cosim.audit.chain import Record
from cosim.audit.verify import Reading, verify
from cosim.errors import AuditError, ScenarioError

COLUMNS: Final = ("n", "time", "kind", "subject", "why", "person", "user", "host", "before", "after", "hash")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records are wanted: those for which everything holds that is given."""

    kind: str | None = None
    subject: str | None = None
    who: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, record: Record) -> bool:
        """Tell whether ``record`` is wanted."""
        time = datetime.fromisoformat(record.time)
        names = (record.who.get("person", ""), record.who.get("user", ""))
        return (
            self.kind in (None, record.kind)
            and (self.subject is None or self.subject in record.subject)
            and (self.who is None or any(self.who in str(name) for name in names))
            and (self.since is None or time >= self.since)
            and (self.until is None or time < self.until)
        )


def parse_moment(text: str) -> datetime:
    """Read a date, or a date and time, of UTC unless it says otherwise.

    Raises
    ------
    ScenarioError
        When it is neither.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ScenarioError(
            f"'{text}' is neither a date such as 2026-03-31 nor a time such as 2026-03-31T14:00."
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def wanted(folder: Path, chosen: Filter, last: int | None = None) -> list[Record]:
    """Return the records of the trail in ``folder`` that are wanted, or the ``last`` of them.

    Raises
    ------
    AuditError
        When the trail is not what was written: part of it might then be believed to be all.
    """
    found: deque[Record] = deque(maxlen=last)

    def look(record: Record) -> None:
        if chosen.fits(record):
            found.append(record)

    verdict = verify(folder, look=look)
    if not verdict.is_good:
        raise AuditError(f"{verdict.fault} 'cosim audit verify' tells more.")
    return list(found)


def kinds_in(folder: Path) -> list[str]:
    """Return the kinds of the records in ``folder``, sorted."""
    return sorted({record.kind for record in Reading(folder).records()})


def as_document(record: Record) -> dict[str, Any]:
    """Return ``record`` as JSON has it."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def as_csv(records: Iterable[Record]) -> str:
    """Return a table of ``records`` for a spreadsheet, which is kept from running what looks like a formula."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(record) for record in records)
    return text.getvalue()


def _cells(record: Record) -> Iterator[str]:
    for name in COLUMNS:
        value = record.who.get(name, "") if name in ("person", "user", "host") else getattr(record, name)
        is_content = name in ("before", "after")
        cell = ("" if value is None else json.dumps(value, ensure_ascii=False)) if is_content else str(value)
        cell = cell.encode("utf-8", "backslashreplace").decode()
        yield f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
