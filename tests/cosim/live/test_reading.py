"""A reading goes on from a bookmark as if it had read everything."""

import random

import pytest

from cosim.clock import Ticks
from cosim.live import reading as module
from cosim.live.reading import Reading
from cosim.live.record import Kind, Note, Origin, Sample
from cosim.live.store import Store, read_store
from cosim.live.tag import BATCH_ID, BATCH_TIME, PHASE, SPEED, Tag, TagMap, Use, by_name

S = 10**9
T0 = 10**18
CYCLE = Ticks(60 * S)
USES = (("A", Use.MEASURES), ("B", Use.MEASURES), ("F", Use.DRIVES), ("LAB", Use.SAMPLES))
TAGS = TagMap({name: Tag(name, by_name(name), "1", use, "", "", Ticks(10 * S), 0.0, 900.0) for name, use in USES})


def arrivals(n=400, seed=1):
    """An eventful session: late values, bad ones, laboratory samples out of order, lost connections."""
    chance = random.Random(seed)
    found = [Note(Kind.CONNECTED, T0), Note(Kind.BACKFILL, T0), Note(Kind.TEXT, T0, "b1", BATCH_ID)]
    for i in range(n):
        wall = T0 + 10 * i * S
        values = [("A", float(i)), ("F", chance.uniform(0, 900)), (BATCH_TIME, 10.0 * i), (SPEED, 1.0)]
        if i % 3:
            values.append(("B", chance.uniform(-50, 950)))
        late = wall - chance.choice((0, 0, 0, 130)) * S
        status = chance.choice((0, 0, 0, 0x40930000, 0x808C0000))
        found.append(tuple(Sample(name, late, wall, wall, value, status) for name, value in values))
        if i % 40 == 7:
            found.append((Sample("LAB", wall - chance.randrange(900) * S, wall, wall, 1.0 * i, 0, Origin.HISTORY),))
        if i % 97 == 50:
            found += [Note(Kind.LOST, wall, "gone"), Note(Kind.CONNECTED, wall), Note(Kind.BACKFILL, wall)]
        if i % 97 in (3, 60):
            found += [Note(Kind.BACKFILLED, wall), Note(Kind.TEXT, wall, f"phase {i}", PHASE)]
    return found


def cycles(reading, sent):
    return [str(cycle) for arrival in sent for cycle in reading.feed(arrival)]


@pytest.mark.parametrize("at", [0, 1, 5, 60, 111, 112, 300])
def test_what_comes_after_a_bookmark_is_the_same(tmp_path, at):
    sent = arrivals()
    whole = Reading(TAGS, CYCLE)
    expected = cycles(whole, sent)
    first = Reading(TAGS, CYCLE)
    before = cycles(first, sent[:at])
    first.bookmark(tmp_path / "marks")
    second = Reading(TAGS, CYCLE)
    second.go_on(tmp_path / "marks", 10**6, at)
    assert second.n_arrivals == at
    assert before + cycles(second, sent[at:]) == expected
    assert len(expected) > 50
    assert second.known.state() == whole.known.state()
    assert str(second.session.state()) == str(whole.session.state())


def bookmarked(folder, *places):
    sent = arrivals()
    reading = Reading(TAGS, CYCLE)
    done = 0
    for place in places:
        cycles(reading, sent[done:place])
        done = place
        reading.bookmark(folder)
    return reading


def gone_on(folder, cycle=10**6, n_stored=10**6):
    reading = Reading(TAGS, CYCLE)
    reading.go_on(folder, cycle, n_stored)
    return reading.n_arrivals


def test_the_latest_that_serves_is_taken_and_two_are_kept(tmp_path):
    bookmarked(tmp_path / "m", 100, 200, 300)
    names = sorted(path.name for path in (tmp_path / "m").iterdir())
    assert len(names) == 2
    assert gone_on(tmp_path / "m") == 300
    assert gone_on(tmp_path / "m", cycle=int(names[1][:8]) - 1) == 200
    assert gone_on(tmp_path / "m", cycle=0) == 0
    assert gone_on(tmp_path / "m", n_stored=299) == 200  # a power failure took the end of the journal


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"arrivals": 1}', '{"arrivals": "x", "session": {}, "known": {}}', "null", "\x00"]
)
def test_a_bookmark_that_is_damaged_costs_time_only(tmp_path, text):
    bookmarked(tmp_path / "m", 100, 200)
    last = max((tmp_path / "m").iterdir())
    last.write_text(text)
    (tmp_path / "m" / "notes.json").write_text("{}")
    assert gone_on(tmp_path / "m") == 100
    assert gone_on(tmp_path / "nowhere") == 0


def test_a_bookmark_is_due_after_many_samples(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "EVERY", 100)
    reading = Reading(TAGS, CYCLE)
    cycles(reading, arrivals()[:10])
    assert not reading.is_bookmark_due
    cycles(reading, arrivals()[10:60])
    assert reading.is_bookmark_due
    reading.bookmark(tmp_path / "m")
    assert not reading.is_bookmark_due


@pytest.mark.parametrize("first", [0, 1, 57, 300, 10**6])
def test_a_store_is_read_from_an_arrival_on(tmp_path, first):
    sent = arrivals()
    store = Store(tmp_path / "r", most=100)
    for arrival in sent:
        store.append(arrival)
    assert store.n_arrivals == len(sent)
    assert list(map(str, read_store(tmp_path / "r", first))) == list(map(str, sent[first:]))
    store.close()
    assert list(map(str, read_store(tmp_path / "r", first))) == list(map(str, sent[first:]))


def test_segments_before_it_are_not_opened_for_their_rows(tmp_path, monkeypatch):
    from cosim.live import store as stores

    store = Store(tmp_path / "r", most=100)
    for arrival in arrivals():
        store.append(arrival)
    store.close()
    opened = []
    real = stores.read_segment
    monkeypatch.setattr(stores, "read_segment", lambda path: opened.append(path.name) or real(path))
    n = store.n_arrivals
    assert list(read_store(tmp_path / "r", n - 1))
    assert len(list((tmp_path / "r").iterdir())) > 10
    assert len(opened) == 1
