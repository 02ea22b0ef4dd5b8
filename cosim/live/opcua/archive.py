"""The history of a virtual plant's tags, in the order of source timestamps, whatever the order of arrival."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from asyncua import ua

_LARGEST_ANSWER: Final = 10_000
"""Values of a tag in one answer; a continuation point tells where the next begins."""


def _when(value: ua.DataValue) -> datetime:
    when: datetime = value.SourceTimestamp
    return when


class Archive:
    """Keeps the last ``most`` values of each tag in memory, for a server that asks as asyncua's does.

    asyncua's own memory answers with an error once a value without a source timestamp has come: here such a value,
    which a client wrote, counts from when it came.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[ua.NodeId, list[ua.DataValue]] = {}

    def begin(self, node_id: ua.NodeId) -> None:
        """Keep the values of ``node_id`` from now on."""
        self._values[node_id] = []

    def save(self, node_id: ua.NodeId, value: ua.DataValue) -> None:
        """Keep one value, if those of ``node_id`` are kept."""
        values = self._values.get(node_id)
        if values is None:
            return
        if value.SourceTimestamp is None:
            value = replace(value, SourceTimestamp=datetime.now(UTC))
        insort(values, value, key=_when)
        if len(values) > self._most:
            values.pop(0)

    async def read_node_history(
        self, node_id: ua.NodeId, start: datetime | None, end: datetime | None, nb_values: int
    ) -> tuple[list[ua.DataValue], datetime | None]:
        """Return the values from ``start`` to ``end``, backwards where that is earlier or no start is given."""
        values = self._values.get(node_id, [])
        first, last = _given(start), _given(end)
        is_backward = first is None or (last is not None and last < first)
        low, high = (last, first) if is_backward and first is not None else (first, last)
        chosen = values[
            bisect_left(values, low, key=_when) if low else 0 : bisect_right(values, high, key=_when) if high else None
        ]
        if is_backward:
            chosen.reverse()
        most = min(nb_values or _LARGEST_ANSWER, _LARGEST_ANSWER)
        follows = chosen[most].SourceTimestamp if len(chosen) > most and most != nb_values else None
        return chosen[:most], follows

    async def read_event_history(self, *_: object) -> tuple[list[object], None]:
        """Return no events."""
        return [], None

    async def stop(self) -> None:
        """Need nothing."""


def _given(moment: datetime | None) -> datetime | None:
    """Return None for the beginning of 1601, which stands for no time."""
    return None if moment is None or moment <= ua.get_win_epoch() else moment
