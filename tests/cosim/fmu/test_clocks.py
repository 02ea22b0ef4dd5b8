"""FMI 3.0 clocks of every kind, binary and 64-bit integer variables, for both interface types."""

import numpy as np
import pytest
from fmu_factory import FOLDERS, SOURCES, compile_library, write_fmu

from cosim.clock import Ticks
from cosim.errors import FmuError, StepError, StructureError
from cosim.fmu import open_fmu
from cosim.fmu.limits import find_limits

SECOND = Ticks(1_000_000_000)
COUNTS = ("n_periodic", "n_asked", "n_changing", "n_countdown", "n_tunable")


@pytest.fixture(params=["Co-Simulation", "Model Exchange"])
def instance(request, temp):
    description = (SOURCES / "clocks_fmi3.xml").read_text()
    binary = f"binaries/{FOLDERS['3.0']}/clocks.so"
    library = compile_library("clocks_fmi3.c")
    path = write_fmu(temp.parent / "clocks.fmu", {"modelDescription.xml": description, binary: library})
    with open_fmu(path, request.param) as file, file.instantiate("model") as instance:
        yield instance


def initialise(instance, **start):
    instance.set_start(start)
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    instance.exit_initialization()


def values(instance, *names):
    found = np.empty(len(names))
    instance.read(instance.group(names), found)
    return found.tolist()


def put(instance, **numbers):
    instance.write(instance.group(list(numbers)), np.array(list(numbers.values()), dtype=float))


def run(instance, stop, *, start=0.0, size=1.0):
    for number in range(round((stop - start) / size)):
        instance.step(Ticks(round((start + number * size) * SECOND)), Ticks(round(size * SECOND)))


def ticks_until(stop):
    """Expected ticks of each clock up to and including ``stop`` [s]."""
    periodic = sum(0.25 + 0.5 * n <= stop for n in range(100))
    asked = sum(0.4 * (n + 1) <= stop + 1e-12 for n in range(100))
    changing = sum(n * (n + 1) / 2 <= stop for n in range(1, 100))
    return [periodic, asked, changing, int(stop >= 1.55), sum(n <= stop for n in range(100))]


class TestTicks:
    @pytest.mark.parametrize("size", [0.1, 0.25, 1.0, 7.0])
    def test_clocks_tick_at_their_times_whatever_the_step(self, instance, size):
        initialise(instance)
        run(instance, 7.0, size=size)
        run(instance, 7.1, start=7.0, size=0.1)  # an event at the very end of a step may be left to the next
        assert values(instance, *COUNTS) == ticks_until(7.1)
        assert values(instance, "x") == pytest.approx([7.1])

    def test_intervals_that_depend_on_parameters(self, instance):
        initialise(instance, period=0.7, tunable_period=2.0)
        run(instance, 6.5, size=0.5)
        assert values(instance, "n_asked", "n_tunable") == [9.0, 4.0]

    def test_a_tunable_interval_counts_from_when_it_is_changed(self, instance):
        initialise(instance)
        run(instance, 2.5, size=0.5)  # at 0, 1, 2
        put(instance, tunable_period=2.0)
        run(instance, 7.0, start=2.5, size=0.5)  # at 4.5, 6.5
        assert values(instance, "n_tunable") == [5.0]

    def test_going_back(self, instance):
        initialise(instance)
        assert values(instance, "y_periodic") == [0.0]
        run(instance, 1.5, size=0.5)
        put(instance, u_periodic=3.0)
        before = values(instance, *COUNTS, "y_periodic")
        state = instance.get_state()
        run(instance, 4.5, start=1.5, size=0.5)
        after = values(instance, *COUNTS, "y_periodic")
        put(instance, u_periodic=7.0)
        instance.set_state(state)
        assert values(instance, *COUNTS, "y_periodic") == before
        put(instance, u_periodic=3.0)
        run(instance, 4.5, start=1.5, size=0.5)
        assert values(instance, *COUNTS, "y_periodic") == after
        instance.free_state(state)


class TestClockedVariables:
    def test_they_move_at_ticks(self, instance):
        initialise(instance)
        assert values(instance, "y_periodic", "n_out") == [0.0, 0.0]
        put(instance, u_periodic=1.0)
        run(instance, 0.2, size=0.1)
        assert values(instance, "y_periodic") == [0.0]
        run(instance, 0.4, start=0.2, size=0.1)
        assert values(instance, "y_periodic") == [11.0]
        put(instance, u_periodic=2.0)
        run(instance, 0.7, start=0.4, size=0.1)
        assert values(instance, "y_periodic") == [11.0]
        run(instance, 0.9, start=0.7, size=0.1)
        assert values(instance, "y_periodic", "n_out") == [22.0, 1.0]

    def test_they_stand_in_one_group_with_others(self, instance):
        initialise(instance)
        assert values(instance, "n_periodic", "n_out", "size") == [0.0, 0.0, 2.0]
        run(instance, 2.0)
        assert values(instance, "n_periodic", "n_out", "size") == [4.0, 2.0, 2.0]


class TestOtherTypes:
    def test_binary_start_values(self, instance):
        initialise(instance, blob="00 01 02 fe")
        assert values(instance, "size") == [4.0]

    @pytest.mark.parametrize("value", ["0x1", "abc", 3.0])
    def test_what_is_no_binary_value(self, instance, value):
        with pytest.raises(StructureError, match=r"model\.blob \(Binary\) cannot start at .*: it takes bytes in hexad"):
            instance.set_start({"blob": value})

    def test_binary_variables_are_no_signals(self, instance):
        with pytest.raises(StructureError, match=r"model\.blob \(Binary\) cannot be exchanged"):
            instance.group(["blob"])

    def test_integers_are_carried_exactly_or_not_at_all(self, instance):
        initialise(instance)
        put(instance, wide=2.0**53 - 1)
        assert values(instance, "wide_out") == [2.0**53 - 1]
        put(instance, wide=2.0**53)  # makes it 2^53 + 1
        with pytest.raises(StepError, match=r"model\.wide_out = 9007199254740993 is beyond 2\^53"):
            values(instance, "wide_out")

    def test_a_start_value_beyond_what_is_carried(self, instance):
        with pytest.raises(StructureError, match=r"wide \(UInt64\) cannot start at 9007199254740993: .* beyond 2\^53"):
            instance.set_start({"wide": 2**53 + 1})

    def test_a_value_beyond_what_is_carried(self, instance):
        initialise(instance)
        with pytest.raises(StepError, match=r"model\.wide .*: wide = .*1\.8446\d+e\+19.* does not fit"):
            put(instance, wide=2.0**64)


class TestWhatIsRefused:
    @pytest.fixture
    def write(self, temp):
        def write(old, new):
            description = (SOURCES / "clocks_fmi3.xml").read_text()
            assert old in description
            binary = f"binaries/{FOLDERS['3.0']}/clocks.so"
            content = {"modelDescription.xml": description.replace(old, new), binary: compile_library("clocks_fmi3.c")}
            return write_fmu(temp.parent / "refused.fmu", content)

        return write

    def test_clocks_that_others_have_to_tick(self, write):
        path = write('causality="output" intervalVariability="triggered" clocks="1"',
                     'causality="input" intervalVariability="triggered"')  # fmt: skip
        message = r"refused\.fmu' has triggered input clocks, 'out', which another FMU would have to tick"
        with open_fmu(path, "Co-Simulation") as file:
            assert find_limits(file)[0].what == "It cannot be run here."
            with pytest.raises(FmuError, match=message):
                file.instantiate("model")

    def test_elements_of_clocked_arrays(self, write):
        path = write('start="0" clocks="1"/>', 'start="0 0" clocks="1"><Dimension start="2"/></Float64>')
        with open_fmu(path, "Co-Simulation") as file, file.instantiate("model") as instance:
            with pytest.raises(
                StructureError, match=r"u_periodic\[2\] cannot be exchanged: elements of clocked arrays"
            ):
                instance.group(["u_periodic[2]"])
            initialise(instance)  # and nothing else suffers
            run(instance, 2.0)
            assert values(instance, "n_periodic") == [4.0]
