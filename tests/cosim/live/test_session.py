"""Arrivals → cycles: alignment, holds, gaps, laboratories, and the same again from the same arrivals."""

import math
import random

import pytest

from cosim.clock import Ticks
from cosim.live.quality import BAD_SENSOR, UNCERTAIN, Quality
from cosim.live.record import Kind, Note, Origin, Sample
from cosim.live.session import Session
from cosim.live.tag import BATCH_ID, BATCH_TIME, CLOCK, PHASE, SPEED, Tag, TagMap, Use, by_name

S = 10**9
T0 = 1_000_000 * S


def tag(name, use, **more):
    return Tag(name, by_name(name), "1", use, "a.b", "", Ticks(S), **more)


TAGS = TagMap(
    {
        "M": tag("M", Use.MEASURES, low=0.0, high=100.0),
        "D": tag("D", Use.DRIVES),
        "L": tag("L", Use.SAMPLES),
        "X": tag("X", Use.NOTHING),
    },
    CLOCK,
)


def sample(name, second, value, status=0, **more):
    return Sample(name, T0 + round(second * S), 0, T0 + round(second * S), value, status, **more)


def beat(second, at=None):
    return sample(BATCH_TIME, second if at is None else at, float(second))


def cycles(arrivals, tags=TAGS, cycle=10):
    session = Session(tags, Ticks(cycle * S))
    return [found for arrival in arrivals for found in session.feed(arrival)]


def plain(n=31):
    """M counts seconds, D is a step at 13 s; a beat comes with each second."""
    return [(sample("M", i, float(i)), sample("D", i, 0.0 if i < 13 else 4.0), beat(i)) for i in range(n)]


def test_a_cycle_has_the_last_measurement_and_the_mean_of_what_drives():
    first, second = cycles([*plain(), (sample("M", 31, 31.0),)])[:2]
    assert (first.number, first.start, first.end) == (0, 0, 10 * S)
    assert (first.values["M"].value, first.values["M"].age, first.values["M"].n) == (10.0, 0, 10)
    assert first.values["D"].value == 0.0
    assert second.values["M"].value == 20.0
    assert second.values["D"].value == pytest.approx(4.0 * 7 / 10)


def test_a_cycle_waits_for_what_comes_with_the_same_arrival():
    session = Session(TAGS, Ticks(10 * S))
    assert list(session.feed((beat(9), beat(11)))) == []
    found = list(session.feed((beat(12), sample("M", 10, 5.0))))
    assert [item.values["M"].value for item in found] == [5.0]


def test_tags_of_different_rates_are_held_until_they_are_too_old():
    arrivals = [(sample("M", 2, 7.0), beat(0))] + [(beat(i),) for i in range(1, 62)]
    aligned = [item.values["M"] for item in cycles(arrivals)]
    assert [item.quality for item in aligned] == [Quality.GOOD, Quality.GOOD, *[Quality.MISSING] * 4]
    assert [item.age // S for item in aligned] == [8, 18, 28, 38, 48, 58]
    patient = TagMap({"M": tag("M", Use.MEASURES, hold=Ticks(45 * S))}, CLOCK)
    assert [item.values["M"].quality for item in cycles(arrivals, patient)].count(Quality.GOOD) == 4


@pytest.mark.parametrize(
    ("value", "status", "expected"),
    [
        (5.0, 0, Quality.GOOD),
        (5.0, UNCERTAIN, Quality.UNCERTAIN),
        (math.nan, BAD_SENSOR, Quality.MISSING),
        (101.0, 0, Quality.MISSING),
        (-0.1, 0, Quality.MISSING),
        (math.inf, 0, Quality.MISSING),
    ],
)
def test_the_quality_of_the_last_value_decides(value, status, expected):
    found = cycles([(beat(0), sample("M", 8, 3.0)), (beat(9), sample("M", 9, value, status)), (beat(11),), (beat(12),)])
    assert found[0].values["M"].quality is expected
    assert math.isnan(found[0].values["M"].value) == (expected is Quality.MISSING)


def test_what_drives_is_held_over_bad_values():
    arrivals = [(beat(0), sample("D", 0, 2.0)), (sample("D", 5, 9.0, BAD_SENSOR), beat(6)), (beat(11),), (beat(12),)]
    assert cycles(arrivals)[0].values["D"].value == 2.0


def test_a_laboratory_reports_later_and_tells_when_it_sampled():
    report = Sample("L", T0 + 3 * S, T0 + 24 * S, T0 + 24 * S, 8.5, 0)
    early = Sample("L", T0 + 1 * S, T0 + 26 * S, T0 + 26 * S, 8.0, 0)
    arrivals = [*plain(25), (report, beat(25)), (early, beat(26)), *[(beat(i),) for i in range(27, 33)]]
    found = cycles(arrivals)
    assert [len(item.samples) for item in found] == [0, 0, 2]
    assert [(item.taken // S, item.reported // S, item.value) for item in found[2].samples] == [
        (3, 24, 8.5),
        (1, 26, 8.0),
    ]


def test_samples_of_history_wait_for_the_cycle_in_which_they_were_taken():
    """Connected when the batch has gone on for 35 s, and gone on with by another process after each arrival."""
    history = [tuple(sample("L", taken, taken) for taken in (3, 38, 10, 12)), *plain(35)]
    session, found = Session(TAGS, Ticks(10 * S)), []
    for arrival in (Note(Kind.BACKFILL, T0), *history, Note(Kind.BACKFILLED, T0), (beat(41),), (beat(42),)):
        state, session = session.state(), session.empty()
        session.restore(state)
        found += session.feed(arrival)
    assert [[item.taken // S for item in cycle.samples] for cycle in found] == [[3, 10], [12], [], [38]]


def test_a_late_value_is_counted_and_no_cycle_waits():
    found = cycles([*plain(22), (sample("M", 4.5, 50.0),), *plain(34)[22:]])
    assert [item.n_late for item in found] == [0, 0, 1]
    assert [item.values["M"].value for item in found] == [10.0, 20.0, 30.0]


def test_a_value_is_new_once_even_where_it_came_too_late_for_its_cycle():
    beats = [(beat(i),) for i in range(42)]
    found = cycles([*beats[:12], (sample("M", 8, 5.0),), *beats[12:]])
    assert [(item.values["M"].n, item.values["M"].age // S) for item in found] == [(0, 0), (1, 12), (0, 22), (0, 32)]


def test_no_cycle_is_over_while_history_is_read():
    session = Session(TAGS, Ticks(10 * S))
    arrivals = [Note(Kind.BACKFILL, 1), (beat(35), sample("M", 35, 1.0)), (beat(36),), (beat(37),)]
    assert [item for arrival in arrivals for item in session.feed(arrival)] == []
    history = tuple(sample("M", i, float(i), origin=Origin.HISTORY) for i in range(36))
    assert list(session.feed(history)) == []
    assert list(session.feed(tuple(beat(i) for i in range(35)))) == []
    found = list(session.feed(Note(Kind.BACKFILLED, 2)))
    assert [item.values["M"].value for item in found] == [10.0, 20.0, 30.0]


def test_the_batch_ends_with_its_phase_or_with_another_batch():
    for note in (Note(Kind.TEXT, 1, "complete", PHASE), Note(Kind.TEXT, 1, "batch 2", BATCH_ID)):
        session = Session(TAGS, Ticks(10 * S))
        list(session.feed(Note(Kind.TEXT, 1, "batch 1", BATCH_ID)))
        for arrival in plain(15):
            list(session.feed(arrival))
        assert not session.is_over
        list(session.feed(note))
        assert session.is_over
    session = Session(TAGS, Ticks(10 * S))
    for arrival in plain(25):
        list(session.feed(arrival))
    list(session.feed((beat(1, at=26),)))
    assert session.is_over


def test_what_is_left_is_told_at_the_end():
    session = Session(TAGS, Ticks(10 * S))
    found = [item for arrival in plain(21) for item in session.feed(arrival)]
    assert len(found) == 1
    assert [item.number for item in session.finish(0)] == [1]


def test_a_plant_without_a_clock_begins_with_its_first_sample():
    tags = TagMap({"M": tag("M", Use.MEASURES)}, None)
    found = cycles([(sample("M", 100 + i, float(i)),) for i in range(23)], tags)
    assert [item.values["M"].value for item in found] == [10.0, 20.0]


def test_the_speed_of_the_plant_is_learnt():
    session = Session(TAGS, Ticks(10 * S))
    arrivals = [
        (sample(SPEED, 0, 100.0), beat(0)),
        (sample("M", 0.05, 3.0), beat(5, at=0.05)),
        (beat(30, at=0.3),),
        (beat(40, at=0.4),),
    ]
    found = [item for arrival in arrivals for item in session.feed(arrival)]
    assert found[0].values["M"].age == 5 * S


def test_times_that_are_rounded_on_the_wall_fall_into_the_right_cycle():
    """At 3,600 times the speed a microsecond, to which servers round, is 3.6 ms of the batch."""
    arrivals = []
    for i in range(400):
        wall = T0 + round(300 * i * S / 3600 / 1000) * 1000 + (i % 2) * 1000
        arrivals.append(
            (
                Sample("M", wall, 0, wall, float(i % 100), 0),
                Sample(SPEED, wall, 0, wall, 3600.0, 0),
                Sample(BATCH_TIME, wall, 0, wall, 300.0 * i, 0),
            )
        )
    tags = TagMap({"M": Tag("M", by_name("M"), "1", Use.MEASURES, "a.b", "", Ticks(300 * S))}, CLOCK)
    found = cycles(arrivals, tags, cycle=600)
    assert [item.values["M"].value for item in found] == [float(2 * (k + 1) % 100) for k in range(len(found))]
    assert {item.values["M"].n for item in found[1:]} == {2}


def test_the_same_arrivals_give_the_same_cycles():
    chance = random.Random(3)
    arrivals = []
    for i in range(200):
        parts = [sample(chance.choice("MDLX"), i - chance.random() * 3, chance.uniform(-10, 120)) for _ in range(4)]
        arrivals.append((*parts, beat(i)))
    assert str(cycles(arrivals)) == str(cycles(arrivals))
    assert len(cycles(arrivals)) == 19


def test_a_value_that_is_held_although_the_plant_tells_that_it_is_bad_says_so():
    arrivals = [(sample("D", 1, 1.0),), *((beat(i),) for i in range(13)), (sample("D", 13, 2.0, BAD_SENSOR),)]
    arrivals += [*((beat(i),) for i in range(14, 33)), (sample("D", 33, 3.0),), *((beat(i),) for i in range(34, 43))]
    tags = TagMap({"D": tag("D", Use.DRIVES, hold=Ticks(1000 * S))}, CLOCK)
    session, found = Session(tags, Ticks(10 * S)), []
    for arrival in arrivals:
        found += session.feed(arrival)
        state, session = session.state(), session.empty()
        session.restore(state)
    assert [cycle.values["D"].is_held for cycle in found] == [False, True, True, False]
    assert [cycle.values["D"].value for cycle in found[:3]] == [1.0, 1.0, 1.0]
