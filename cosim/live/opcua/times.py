"""Times of OPC UA as nanoseconds since 1970 and back; both ends have whole microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_ns(moment: datetime | None) -> int:
    """Return ``moment`` in nanoseconds, 0 for none."""
    if moment is None:
        return 0
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND * 1000


def to_datetime(ns: int) -> datetime:
    """Return ``ns`` as a time."""
    return _EPOCH + timedelta(microseconds=ns // 1000)
