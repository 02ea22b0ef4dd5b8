"""What has come already is told by tag, time and status."""

import json

from cosim.live.known import Known
from cosim.live.record import Kind, Note, Origin, Sample
from cosim.live.tag import Tag, TagMap, Use, by_name

TAGS = TagMap(
    {name: Tag(name, by_name(name), "1", use, "", "", 1) for name, use in (("A", Use.MEASURES), ("LAB", Use.SAMPLES))}
)


def sample(time, tag="A", status=0, **more):
    return Sample(tag, time, 0, 9, 0.0, status, **more)


def times(samples):
    return [one.source for one in samples]


def test_a_duplicate_is_dropped_and_a_change_of_status_is_not():
    known = Known(TAGS)
    assert times(known.new([sample(1), sample(2), sample(1)])) == [1, 2]
    assert times(known.new([sample(2, origin=Origin.HISTORY), sample(3), sample(2, status=7)])) == [3, 2]
    assert known.last("A") == 3
    assert known.last("B") is None


def test_what_is_older_than_all_that_is_remembered_counts_as_known():
    known = Known(TAGS)
    known.new([sample(time) for time in range(1000)])
    assert len(known._keys["A"]) <= 128
    assert known.new([sample(5), sample(999)]) == ()
    assert times(known.new([sample(1000)])) == [1000]


def test_while_history_is_read_nothing_is_forgotten():
    known = Known(TAGS)
    known.new([sample(10)])
    known.begin_history()
    known.new([sample(time) for time in range(5000, 6000)])
    assert len(known.new([sample(time, origin=Origin.HISTORY) for time in range(6000)])) == 6000 - 1000 - 1
    known.close_history()
    assert len(known._keys["A"]) == 64
    assert known.new([sample(20)]) == ()


def test_a_laboratory_may_be_late():
    known = Known(TAGS)
    known.new([sample(time, "LAB") for time in range(0, 4000, 2)])
    assert times(known.new([sample(3, "LAB"), sample(4, "LAB")])) == [3]


def test_a_sample_without_a_time_is_news_unless_it_says_the_same_again():
    known = Known(TAGS)
    bad = sample(0, status=5)
    assert [len(known.new([one])) for one in (bad, bad, sample(0, status=6), sample(0, status=6), sample(8), bad)] == [
        1, 0, 1, 0, 1, 1,
    ]  # fmt: skip
    assert known.last("A") == 8


def test_what_a_store_holds_is_recalled():
    known = Known(TAGS)
    assert known.recall([(sample(1), sample(2)), Note(Kind.LOST, 3)]) == 2
    assert known.new([sample(2)]) == ()


def test_history_that_was_broken_off_is_asked_for_again():
    known = Known(TAGS)
    known.new([sample(10)])
    known.begin_history()
    known.new([sample(time) for time in range(100, 400)])  # live, ahead of the history
    known.new([sample(11, origin=Origin.HISTORY)])
    assert known.last("A") == 10
    known.begin_history()  # another attempt, after the connection broke
    assert known.last("A") == 10
    assert times(known.new([sample(time, origin=Origin.HISTORY) for time in range(10, 15)])) == [12, 13, 14]
    known.close_history()
    assert known.last("A") == 399


def test_history_that_a_killed_process_had_not_read_is_asked_for():
    stored = [
        (sample(10),),
        Note(Kind.BACKFILL, 3),
        tuple(sample(time) for time in range(100, 400)),
        (sample(11, origin=Origin.HISTORY),),
    ]
    known = Known(TAGS)
    known.recall(stored)
    assert known.last("A") == 10
    assert times(known.new([sample(time, origin=Origin.HISTORY) for time in (10, 11, 12, 100)])) == [12]
    known.recall([Note(Kind.BACKFILLED, 4)])
    assert known.last("A") == 399


def test_its_state_goes_through_json():
    known = Known(TAGS)
    known.new([sample(time) for time in range(1000)])
    known.new([sample(0, "LAB", status=5), sample(7, "LAB")])
    known.begin_history()
    known.new([sample(2000)])
    other = Known(TAGS)
    other.restore(json.loads(json.dumps(known.state())))
    assert other.state() == known.state()
    assert other.last("A") == known.last("A") == 999
    for one in (known, other):
        assert times(one.new([sample(5), sample(1500), sample(2000), sample(0, "LAB", status=5)])) == [1500, 0]
