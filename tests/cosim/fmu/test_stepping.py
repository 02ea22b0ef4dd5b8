"""FMI 3.0 Co-Simulation with Event Mode and early return, and arrays element by element."""

import numpy as np
import pytest
from fmu_factory import FOLDERS, SOURCES, compile_library, write_fmu

from cosim.clock import Ticks
from cosim.errors import StepError, StructureError
from cosim.fmu import open_fmu
from cosim.fmu.limits import find_limits

SECOND = Ticks(1_000_000_000)
FAULTS = {"none": 0, "unsettled": 1, "terminate": 2, "stuck": 3, "error": 4}


@pytest.fixture
def file(temp):
    description = (SOURCES / "sampler_fmi3.xml").read_text()
    binary = f"binaries/{FOLDERS['3.0']}/sampler.so"
    library = compile_library("sampler_fmi3.c")
    path = write_fmu(temp.parent / "sampler.fmu", {"modelDescription.xml": description, binary: library})
    with open_fmu(path) as file:
        yield file


@pytest.fixture
def sampler(file):
    with file.instantiate("sampler") as instance:
        yield instance


def initialise(instance, **start):
    if "fault" in start:
        start["fault"] = FAULTS[start["fault"]]
    instance.set_start(start)
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    instance.exit_initialization()


def values(instance, *names):
    found = np.empty(len(names))
    instance.read(instance.group(names), found)
    return found.tolist()


def put(instance, **numbers):
    instance.write(instance.group(list(numbers)), np.array(list(numbers.values()), dtype=float))


def run(instance, seconds, *, start=0.0, size=1.0):
    for number in range(round(seconds / size)):
        outcome = instance.step(Ticks(round((start + number * size) * SECOND)), Ticks(round(size * SECOND)))
    return outcome


class TestEventMode:
    @pytest.mark.parametrize("size", [0.25, 1.0, 4.0])
    def test_events_within_a_step_are_handled(self, sampler, size):
        initialise(sampler)
        put(sampler, **{"u[2]": 2.0, "gain": 3.0})  # the gain counts from the first event, at 1 s
        assert run(sampler, 4, size=size).time == 4 * SECOND
        assert values(sampler, "ticks", "y[2]", "y[1]") == [4.0, 2.0 + 3 * 6.0, 0.0]

    def test_discrete_inputs_change_in_event_mode(self, sampler):
        initialise(sampler)
        put(sampler, **{"u[1]": 1.0})
        run(sampler, 2.5, size=0.5)
        put(sampler, gain=5)
        run(sampler, 1.5, start=2.5, size=0.5)
        assert values(sampler, "y[1]") == [3.0 + 5.0]

    def test_state_round_trip(self, sampler):
        initialise(sampler)
        put(sampler, **{"u[1]": 1.0})
        run(sampler, 1.5, size=0.5)
        state = sampler.get_state()
        run(sampler, 2, start=1.5)
        after = values(sampler, "y[1]", "ticks")
        put(sampler, gain=7)
        sampler.set_state(state)
        run(sampler, 2, start=1.5)
        assert values(sampler, "y[1]", "ticks") == after
        sampler.free_state(state)

    @pytest.mark.parametrize(
        ("fault", "match"),
        [
            ("unsettled", r"'sampler' \(fmi3UpdateDiscreteStates at 1 s\): the event does not settle"),
            ("stuck", r"Step failed at t = 2 s in 'sampler' \(step at 2 s\): there were 10000 events since 2 s"),
            ("error", r"Step failed at t = 2 s in 'sampler' \(fmi3DoStep → Error\)"),
        ],
    )
    def test_faults(self, sampler, fault, match):
        initialise(sampler, fault=fault)
        with pytest.raises(StepError, match=match):
            run(sampler, 4, size=2)

    def test_the_end_that_the_fmu_asks_for(self, sampler):
        initialise(sampler, fault="terminate")
        outcome = run(sampler, 2, size=2)
        assert outcome.is_terminated
        assert outcome.time == SECOND


class TestArrays:
    def test_elements_are_variables(self, file):
        variables = file.description.variables
        assert [name for name in variables if name.startswith("matrix")] == [
            "matrix", "matrix[1,1]", "matrix[1,2]", "matrix[2,1]", "matrix[2,2]"
        ]  # fmt: skip
        assert variables["matrix[2,1]"].start == 3.0
        assert not any("u" in limit.what.split() for limit in find_limits(file))

    def test_start_values_leave_the_other_elements(self, sampler):
        initialise(sampler, **{"matrix[1,2]": 10.0, "k[2]": -2, "mask[3]": False})
        assert values(sampler, "total") == [(1 + 3) * 1 + (10 + 4) * -2]
        put(sampler, **{"u[1]": 1.0, "u[3]": 1.0})
        run(sampler, 1)
        assert values(sampler, "y[3]", "y[2]", "y[1]", "mask[1]") == [0.0, 0.0, 1.0, 1.0]

    def test_writing_one_element_leaves_the_others(self, sampler):
        initialise(sampler)
        put(sampler, **{"u[3]": 3.0, "u[1]": 1.0, "k[1]": 4.0})
        put(sampler, **{"u[2]": 2.0})
        assert values(sampler, "u[1]", "ticks", "u[3]", "u[2]", "k[1]", "k[2]") == [1.0, 0.0, 3.0, 2.0, 4.0, 1.0]

    def test_what_is_refused(self, sampler):
        with pytest.raises(StructureError, match=r"sampler\.u \(array of Float64\) cannot be exchanged.* u\[1\]\."):
            sampler.group(["u"])
        with pytest.raises(StructureError, match=r"matrix cannot be set: it is an array.* matrix\[1,1\]\."):
            sampler.set_start({"matrix": 1.0})
        with pytest.raises(StructureError, match=r"k\[1\] \(Int16\) cannot start at 0\.5: it takes a whole number"):
            sampler.set_start({"k[1]": 0.5})

    def test_an_array_of_another_size(self, sampler):
        sampler.set_start({"n": 3})
        with pytest.raises(
            StructureError, match=r"sampler\.w\[1\] cannot be exchanged: .* 'n' gives the array w another"
        ):
            sampler.group(["w[1]"])
