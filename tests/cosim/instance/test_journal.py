"""An instance that keeps what was done to it, so that another one can be brought to the same state."""

import math
import zlib

import numpy as np
import pytest
from fakes import ABLE, UNABLE, FakeInstance, describe

from cosim.clock import Ticks, to_ticks
from cosim.errors import CheckpointError
from cosim.instance.journal import JournalInstance


def decaying(capabilities=ABLE, made=None):
    """y' = u − y, a number of steps that the model counts, and a parameter that stays as it started."""

    def make():
        def step(v, time, size):
            v["y"] = v["u"] + (v.get("y", 0.0) + v["start"] - v["u"]) * math.exp(-size)
            v["start"] = 0.0

        instance = FakeInstance("a", describe(["u"], ["y"], {"start": 0.0}, capabilities), step)
        if made is not None:
            made.append(instance)
        return instance

    return make


def begin(instance):
    group = instance.group(["u"]), instance.group(["y"])
    instance.set_start({"start": 2.0})
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=1e-6)
    instance.exit_initialization()
    return group


def step(instance, time, u, group):
    instance.write(group, np.array([u]))
    instance.step(to_ticks(time), to_ticks(1.0))


def value(instance, group):
    read = np.zeros(1)
    instance.read(group, read)
    return float(read[0])


def written(instance):
    state = instance.get_state()
    try:
        return instance.serialise_state(state)
    finally:
        instance.free_state(state)


def test_everything_is_done_again_on_a_new_instance():
    made = []
    one = JournalInstance(decaying(UNABLE))
    u, y = begin(one)
    for time in range(5):
        step(one, time, math.sin(time), u)
    other = JournalInstance(decaying(UNABLE, made))
    other_y, other_u = other.group(["y"]), other.group(["u"])
    state = other.deserialise_state(written(one))
    other.set_state(state)
    other.free_state(state)
    assert made[0].is_freed, "two at a time may not be allowed"
    assert made[1].calls == ["set_start", "enter_initialization", "exit_initialization", *["step"] * 5]
    assert value(other, other_y) == value(one, y)
    step(one, 5, 1.0, u)
    step(other, 5, 1.0, other_u)
    assert value(other, other_y) == value(one, y)
    assert written(other) != written(one), "groups were prepared in another order"
    third = JournalInstance(decaying())
    third.set_state(third.deserialise_state(written(other)))
    assert value(third, third.group(["y"])) == value(one, y)


def test_steps_taken_back_are_taken_back_again():
    made = []
    one = JournalInstance(decaying())
    u, y = begin(one)
    outer = one.get_state()
    step(one, 0, 5.0, u)
    inner = one.get_state()
    step(one, 1, 7.0, u)
    one.set_state(outer)
    step(one, 0, 1.0, u)
    one.set_state(inner)
    step(one, 1, 2.0, u)
    other = JournalInstance(decaying(made=made))
    other.set_state(other.deserialise_state(written(one)))
    assert value(other, other.group(["y"])) == value(one, y)
    assert made[1].steps == [(0.0, 1.0), (1.0, 1.0), (0.0, 1.0), (1.0, 1.0)]


def test_a_state_of_its_own_is_found_again_without_state_access():
    instance = JournalInstance(decaying(UNABLE))
    u, y = begin(instance)
    step(instance, 0, 1.0, u)
    before, state = value(instance, y), instance.get_state()
    step(instance, 1, 2.0, u)
    instance.set_state(state)
    assert value(instance, y) == before


def test_it_declares_what_it_adds():
    instance = JournalInstance(decaying(UNABLE))
    assert instance.description.capabilities.can_serialise_state
    assert not instance.description.capabilities.can_get_and_set_state


def test_a_reset_is_done_again():
    one = JournalInstance(decaying())
    u, _ = begin(one)
    step(one, 0, 1.0, u)
    one.reset()
    _, y = begin(one)
    other = JournalInstance(decaying())
    other.set_state(other.deserialise_state(written(one)))
    assert value(other, other.group(["y"])) == value(one, y)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing",
        zlib.compress(b"{}\n"),
        zlib.compress(b'{"length": [1, 1, 1, 0], "groups": [], "calls": []}\n\x04' + b"\x01" * 16),
        zlib.compress(b'{"length": [1, 0, 0, 0], "groups": [], "calls": []}\n\x04'),
        zlib.compress(b'{"length": [9, 0, 0, 0], "groups": [], "calls": []}\n\x63'),
        zlib.compress(b'{"length": [1, 2, 0, 0], "groups": [], "calls": []}\n\x07' + b"\x09" * 16),
    ],
)
def test_a_damaged_journal_is_refused(data):
    instance = JournalInstance(decaying())
    with pytest.raises(CheckpointError, match="What was done to an instance cannot be read back"):
        instance.set_state(instance.deserialise_state(data))
