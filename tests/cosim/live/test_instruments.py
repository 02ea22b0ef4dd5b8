"""Instruments: noise of the size told, faults while they last, laboratories that are late; the same each time."""

import math
from itertools import pairwise

import numpy as np
import pytest

from cosim.clock import Ticks
from cosim.live.fault import Fault, FaultScript, Instrument, Kind
from cosim.live.instruments import Instruments
from cosim.live.quality import BAD_SENSOR, UNCERTAIN, Quality, quality_of
from cosim.live.tag import Tag, Use, by_name

SECOND = 10**9


def tag(name="A", use=Use.MEASURES):
    return Tag(name, by_name(name), "K", use, "", "", Ticks(SECOND))


def course(fault=None, n=10, true=5.0, how=None, seed=0, use=Use.MEASURES):
    """Everything that is read in ``n`` seconds."""
    script = FaultScript(seed, {"A": how or Instrument()}, (fault,) if fault else ())
    instruments = Instruments({"A": tag(use=use)}, script)
    found = []
    for _ in range(n):
        time = instruments.next_time()
        found += instruments.read(time, {"A": true + time / SECOND} if instruments.due(time) else {})
    return found


def fault(kind, **more):
    return Fault(kind, Ticks(3 * SECOND), Ticks(4 * SECOND), "A", **more)


def values(readings):
    return [round(reading.value, 6) for reading in readings]


def test_a_perfect_instrument_tells_the_truth():
    assert values(course()) == [5 + i for i in range(10)]


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        (Kind.BIAS, {"size": 0.5}, [5, 6, 7, 8.5, 9.5, 10.5, 11.5, 12, 13, 14]),
        (Kind.DRIFT, {"size": 2.0, "over": Ticks(2 * SECOND)}, [5, 6, 7, 8, 10, 12, 13, 12, 13, 14]),
        (Kind.FREEZE, {}, [5, 6, 7, 7, 7, 7, 7, 12, 13, 14]),
        (Kind.SILENCE, {}, [5, 6, 7, 12, 13, 14]),
    ],
)
def test_a_fault_lasts_as_long_as_it_says(kind, more, expected):
    assert values(course(fault(kind, **more))) == expected


def test_a_sensor_that_fails_is_bad_and_one_in_doubt_uncertain():
    assert [reading.status for reading in course(fault(Kind.DROPOUT))[3:7]] == [BAD_SENSOR] * 4
    assert all(math.isnan(reading.value) for reading in course(fault(Kind.DROPOUT))[3:7])
    assert [reading.status for reading in course(fault(Kind.UNCERTAIN))] == [0] * 3 + [UNCERTAIN] * 4 + [0] * 3
    assert [quality_of(status) for status in (0, UNCERTAIN, BAD_SENSOR)] == list(Quality)


def test_what_cannot_be_measured_is_bad():
    assert course(true=math.nan, n=1)[0].status == BAD_SENSOR


def test_noise_has_its_size_and_follows_from_the_seed():
    noisy = Instrument(noise=3.0, relative_noise=0.0)
    first = course(how=noisy, n=2000)
    off = np.array([reading.value - 5 - i for i, reading in enumerate(first)])
    assert off.std() == pytest.approx(3.0, rel=0.1)
    assert abs(off.mean()) < 0.3
    assert course(how=noisy, n=50) == first[:50]
    assert course(how=noisy, n=50, seed=1) != first[:50]


def test_a_fault_shifts_no_other_noise():
    plain = course(how=Instrument(noise=1.0), n=20)
    assert course(fault(Kind.SILENCE), how=Instrument(noise=1.0), n=20)[3:] == plain[7:]


def test_a_laboratory_reports_late_and_out_of_order():
    how = Instrument(delay=Ticks(2 * SECOND), delay_spread=Ticks(5 * SECOND))
    readings = course(how=how, n=200, use=Use.SAMPLES)
    delays = [(reading.reported - reading.taken) / SECOND for reading in readings]
    assert min(delays) >= 2
    assert max(delays) <= 7
    assert [reading.reported for reading in readings] == sorted(reading.reported for reading in readings)
    assert any(a.taken > b.taken for a, b in pairwise(readings))
    assert all(reading.value == 5 + reading.taken / SECOND for reading in readings)


def test_what_is_shown_has_the_resolution_of_the_instrument():
    assert values(course(how=Instrument(resolution=2.0), n=4)) == [4, 6, 8, 8]
