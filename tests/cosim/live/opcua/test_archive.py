"""The history of the virtual plant: sorted by source timestamps, both ways, in portions."""

import asyncio
from datetime import UTC, datetime, timedelta

from asyncua import ua

from cosim.live.opcua.archive import Archive

T0 = datetime(2026, 1, 1, tzinfo=UTC)
NODE = ua.NodeId("A", 2)


def filled(order, most=100):
    archive = Archive(most)
    archive.begin(NODE)
    for second in order:
        archive.save(NODE, ua.DataValue(ua.Variant(float(second)), SourceTimestamp=T0 + timedelta(seconds=second)))
    return archive


def read(archive, start=None, end=None, n=0):
    at = [None if second is None else T0 + timedelta(seconds=second) for second in (start, end)]
    values, follows = asyncio.run(archive.read_node_history(NODE, *at, n))
    return [value.Value.Value for value in values], follows


def test_late_values_take_their_place():
    archive = filled([1, 2, 5, 3])
    assert read(archive, 0, 10) == ([1, 2, 3, 5], None)
    assert read(archive, 2, 3) == ([2, 3], None)
    assert read(archive, 3) == ([3, 5], None)
    assert read(archive, None, 3) == ([3, 2, 1], None)
    assert read(archive, 5, 2) == ([5, 3, 2], None)
    assert read(archive, 0, 10, 2) == ([1, 2], None)


def test_only_the_last_are_kept():
    assert read(filled(range(10), most=3), 0, 20)[0] == [7, 8, 9]


def test_much_comes_in_portions():
    archive = filled(range(10_003), most=20_000)
    first, follows = read(archive, 0, 20_000)
    assert len(first) == 10_000
    assert follows == T0 + timedelta(seconds=10_000)
    assert read(archive, 10_000, 20_000) == ([10_000, 10_001, 10_002], None)


def test_what_a_client_wrote_without_a_time_counts_from_now():
    archive = filled([1])
    archive.save(NODE, ua.DataValue(ua.Variant(7.0)))
    assert read(archive, 0, None)[0] == [1, 7]
    archive.save(ua.NodeId("B", 2), ua.DataValue(ua.Variant(7.0)))  # no tag of which history is kept
