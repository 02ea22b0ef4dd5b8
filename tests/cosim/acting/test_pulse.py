"""How far a plant is: by its own clock, or by the times of its samples."""

import math
from dataclasses import replace

import pytest

from cosim.acting.pulse import Pulse
from cosim.clock import to_ticks
from cosim.live.record import Kind, Note, Sample
from cosim.live.tag import BATCH_TIME, SPEED, TagMap

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
