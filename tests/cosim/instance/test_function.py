import numpy as np
import pytest
from fakes import describe

from cosim.clock import Ticks, to_ticks
from cosim.errors import StepError
from cosim.instance.function import FunctionInstance


def counter(v, time, size):
    v["hidden"] = v.get("hidden", 0.0) + size
    v["y"] = v["k"] * v["hidden"] + v["u"]


def make() -> FunctionInstance:
    return FunctionInstance("f", describe({"u": 1.0}, ["y"], {"k": 2.0}), counter)


def read(instance, *names):
    values = np.empty(len(names))
    instance.read(instance.group(names), values)
    return values.tolist()


def test_starts_steps_and_reads():
    instance = make()
    instance.set_start({"k": 3.0})
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    instance.write(instance.group(["u"]), np.array([10.0]))
    instance.exit_initialization()
    assert read(instance, "y", "k") == [10.0, 3.0]
    assert instance.step(Ticks(0), to_ticks(2.0)).time == to_ticks(2.0)
    assert read(instance, "y") == [16.0]


def test_state_includes_what_the_function_hides():
    instance = make()
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    instance.exit_initialization()
    state = instance.get_state()
    instance.step(Ticks(0), to_ticks(2.0))
    instance.set_state(state)
    instance.step(Ticks(0), to_ticks(1.0))
    assert read(instance, "y") == [3.0]
    instance.set_state(state)
    assert read(instance, "y") == [1.0]


def test_reset_goes_back_to_the_start_values():
    instance = make()
    instance.set_start({"k": 3.0})
    instance.reset()
    assert read(instance, "k", "u") == [2.0, 1.0]


def test_unknown_variable():
    with pytest.raises(StepError, match=r"'f' has no variable 'z'\."):
        make().group(["z"])


@pytest.mark.parametrize("error", [ZeroDivisionError("oh"), KeyError("oh"), TypeError("oh")])
def test_what_the_function_raises_becomes_a_step_error(error):
    def fails(v, time, size):
        raise error

    with pytest.raises(StepError, match=rf"Step failed at t = 3 s in 'f': its function raised {type(error).__name__}"):
        FunctionInstance("f", describe([], ["y"]), fails).step(to_ticks(3.0), to_ticks(1.0))


def test_its_state_can_be_written():
    one, other = make(), make()
    one.step(Ticks(0), to_ticks(1.0 / 3.0))
    other.set_state(other.deserialise_state(one.serialise_state(one.get_state())))
    assert read(other, "y", "u", "k") == read(one, "y", "u", "k")
    one.values["log"] = [object()]
    with pytest.raises(StepError, match=r"The state of 'f' cannot be written .* Keep numbers in its values only\."):
        one.serialise_state(one.get_state())
