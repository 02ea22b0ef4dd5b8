"""The dead man's handle: new values count, the same one does not, and silence is told once."""

from cosim.live.actuator import RELEASED
from cosim.live.deadman import DeadMan


def test_silence_is_told_once():
    now = [0.0]
    handle = DeadMan(10.0, lambda: now[0])
    now[0] = 1000.0
    assert not handle.has_died()  # nobody has controlled yet
    handle.beat(1.0)
    now[0] += 9.0
    assert not handle.has_died()
    handle.beat(2.0)
    now[0] += 9.0
    assert not handle.has_died()
    handle.beat(2.0)
    now[0] += 2.0
    assert handle.has_died()
    assert not handle.has_died()
    handle.beat(3.0)
    now[0] += 11.0
    assert handle.has_died()


def test_silence_after_a_release_is_in_order():
    now = [0.0]
    handle = DeadMan(10.0, lambda: now[0])
    handle.beat(1.0)
    handle.beat(RELEASED)
    now[0] += 100.0
    assert not handle.has_died()
    handle.beat(1.0)
    now[0] += 11.0
    assert handle.has_died()
