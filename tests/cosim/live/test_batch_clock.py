"""The time of the batch from beats of the plant."""

import pytest

from cosim.live.batch_clock import BatchClock

S = 10**9


def clock(*beats, speed=1.0):
    made = BatchClock()
    made.speed = speed
    for wall, seconds in beats:
        made.beat(wall * S, seconds)
    return made


def test_between_beats_time_is_linear_and_beyond_them_it_has_the_speed():
    made = clock((100, 0), (110, 10), (120, 40), speed=3.0)
    assert [made.at(wall * S) for wall in (100, 105, 115, 120, 121, 99)] == [0, 5 * S, 25 * S, 40 * S, 43 * S, -3 * S]


def test_without_a_beat_there_is_no_time():
    assert clock().at(5) is None
    assert clock().latest is None


def test_beats_may_come_out_of_order_but_not_run_backwards():
    made = clock((100, 0), (120, 20))
    assert made.beat(110 * S, 5.0)
    assert made.at(105 * S) == round(2.5 * S)
    assert not made.beat(130 * S, 19.0)
    assert not made.beat(115 * S, 21.0)
    assert made.latest == 20 * S


def test_beats_on_a_line_cost_no_memory_and_change_nothing():
    made = BatchClock()
    made.speed = 60.0
    for i in range(10_000):
        made.beat(i * S, 60.0 * i if i < 5000 else 300_000.0 + i - 5000)  # slowed down on the way
    assert len(made._walls) < 20
    for wall in (17, 4999, 5000, 5001, 9998):
        assert made.at(wall * S) == pytest.approx((60.0 * wall if wall < 5000 else 300_000.0 + wall - 5000) * S)


def test_beats_that_jitter_are_remembered_in_bounded_memory():
    made = BatchClock()
    for i in range(50_000):
        made.beat(i * S, i + (0.01 if i % 2 else 0.0))
    assert len(made._walls) <= 20_000
    assert abs(made.at(7_777 * S) / S - 7_777) < 0.02
    assert made.latest == round(49_999.01 * S)
