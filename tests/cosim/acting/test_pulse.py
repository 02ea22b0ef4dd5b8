"""How far a plant is: by its own clock, or by the times of its samples."""

import math
from dataclasses import replace

import pytest

from cosim.acting.pulse import Pulse
from cosim.clock import to_ticks
from cosim.live.record import Kind, Note, Sample
from cosim.live.session import Session
from cosim.live.tag import BATCH_ID, BATCH_TIME, PHASE, SPEED, TagMap

T0 = 10**18


def sample(tag, value, seconds=0, status=0):
    time = T0 + seconds * 10**9
    return Sample(tag, time, time, time, value, status)


def test_the_latest_time_counts_and_nonsense_does_not():
    pulse = Pulse(TagMap({}))
    pulse.see(Note(Kind.CONNECTED, T0))
    pulse.see((sample(BATCH_TIME, 600.0), sample(SPEED, 60.0), sample("TT", 1e9, 10**6)))
    pulse.see((sample(BATCH_TIME, 300.0), sample(BATCH_TIME, math.inf), sample(BATCH_TIME, 9e9, status=0x80000000)))
    pulse.see((sample(SPEED, 0.0), sample(SPEED, -1.0)))
    assert (pulse.latest, pulse.speed) == (to_ticks(600.0), 60.0)
    assert pulse.on_the_wall(to_ticks(120.0)) == pytest.approx(2.0)


def test_without_a_clock_the_batch_began_with_the_first_sample():
    pulse = Pulse(replace(TagMap({}), clock=None))
    pulse.see((sample("TT", 1.0, 5), sample("TT", 2.0, 65)))
    assert pulse.latest == to_ticks(60.0)


def test_without_a_clock_a_session_that_is_gone_on_with_keeps_its_beginning():
    tags = replace(TagMap({}), clock=None)
    session, pulse = Session(tags, to_ticks(60.0)), Pulse(tags)
    list(session.feed((sample("TT", 1.0, 5),)))
    restored = session.empty()
    restored.restore(session.state())
    pulse.go_on(restored)
    assert pulse.latest == 0  # nothing is told of now
    pulse.see((sample("TT", 2.0, 3605),))
    assert pulse.latest == to_ticks(3600.0)


def test_without_a_clock_what_was_measured_before_the_beginning_does_not_move_it():
    """A set-point last changed yesterday comes with that time when it is subscribed to."""
    tags = replace(TagMap({}), clock=None)
    session, pulse = Session(tags, to_ticks(60.0)), Pulse(tags)
    for item in (sample("TT", 1.0), sample("SETP", 36.0, -86_400), *(sample("TT", 1.0, 60 * i) for i in range(1, 60))):
        list(session.feed((item,)))
    restored = session.empty()
    restored.restore(session.state())
    pulse.go_on(restored)
    pulse.see((sample("TT", 2.0, 3600),))
    assert pulse.latest == to_ticks(3600.0)


def test_a_plant_slower_than_the_wall_is_not_waited_for():
    pulse = Pulse(TagMap({}))
    pulse.see((sample(SPEED, 1e-6),))
    assert pulse.on_the_wall(to_ticks(60.0)) == 60.0


@pytest.mark.parametrize(
    ("arrival", "why"),
    [
        ((sample(BATCH_TIME, 500.0, 60),), "the time of the batch has gone back"),
        (Note(Kind.TEXT, T0, "complete", PHASE), "the batch is over"),
        (Note(Kind.TEXT, T0, "B2", BATCH_ID), "batch 'B2' has begun"),
    ],
)
def test_another_batch_is_seen(arrival, why):
    pulse = Pulse(TagMap({}), to_ticks(10.0))
    for before in (
        Note(Kind.TEXT, T0, "B1", BATCH_ID), Note(Kind.TEXT, T0, "growth", PHASE),
        (sample(BATCH_TIME, 600.0, 10), sample(BATCH_TIME, 595.0, 11), sample(BATCH_TIME, 100.0, 1)),
    ):  # fmt: skip
        pulse.see(before)
        assert pulse.ended is None
    pulse.see(arrival)
    assert why in pulse.ended


def test_the_batch_of_a_session_that_is_gone_on_with_is_known():
    session, pulse = Session(TagMap({}), to_ticks(60.0)), Pulse(TagMap({}))
    list(session.feed(Note(Kind.TEXT, T0, "B1", BATCH_ID)))
    pulse.go_on(session)
    pulse.see(Note(Kind.TEXT, T0, "B2", BATCH_ID))
    assert pulse.ended == "batch 'B2' has begun"
