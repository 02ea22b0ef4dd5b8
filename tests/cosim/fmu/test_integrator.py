"""Model Exchange FMUs behave as instances: states, events of every kind, faults, state access, nothing left behind."""

import gc
import math
from pathlib import Path

import numpy as np
import pytest
from heater import FAULTS, build_heater, temperature

from cosim.clock import Ticks
from cosim.errors import StepError
from cosim.fmu import open_fmu

SECOND = Ticks(1_000_000_000)


@pytest.fixture(params=["2.0", "3.0"])
def version(request):
    return request.param


@pytest.fixture(params=["C", "Python"], autouse=True)
def evaluation(request, monkeypatch):
    """CVODE connected with the FMU in C, and as it is without a compiler."""
    if request.param == "Python":
        monkeypatch.setattr("cosim.native.load", lambda source: None)
    return request.param


@pytest.fixture
def heater(version, temp):
    with open_fmu(build_heater(temp.parent / "heater.fmu", version)) as file, file.instantiate("room") as instance:
        yield instance


def initialise(instance, *, tolerance=1e-8, **start):
    if "fault" in start:
        start["fault"] = FAULTS[start["fault"]]
    instance.set_start(start)
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=tolerance)
    instance.exit_initialization()


def value(instance, name):
    found = np.empty(1)
    instance.read(instance.group([name]), found)
    return found[0]


def put(instance, name, number):
    instance.write(instance.group([name]), np.array([float(number)]))


def run(instance, seconds, *, start=0, size=1):
    for number in range(start, start + seconds, size):
        outcome = instance.step(Ticks(number * SECOND), Ticks(size * SECOND))
    return outcome


class TestEvents:
    @pytest.mark.parametrize("size", [1, 10, 500])
    def test_state_events_follow_the_closed_form(self, heater, size):
        initialise(heater)
        run(heater, 1000, size=size)
        expected, switches = temperature(1000.0)
        assert value(heater, "switches") == switches > 5
        assert value(heater, "T") == pytest.approx(expected, abs=2e-5)

    def test_time_events_are_hit_at_their_instant(self, heater):
        initialise(heater, period=0.875)
        run(heater, 7, size=7)
        assert value(heater, "ticks") == 8
        run(heater, 7, start=7)
        assert value(heater, "ticks") == 16

    def test_states_changed_by_an_event_count(self, heater):
        initialise(heater, period=50, fault="reset", high=1e3)
        run(heater, 120, size=40)
        assert value(heater, "T") == pytest.approx(30 - 20 * math.exp(-20 / 100), abs=1e-5)

    def test_step_events(self, heater):
        initialise(heater, fault="step events", fault_time=0)
        run(heater, 20, size=5)
        assert value(heater, "rounds") > value(heater, "steps") > 4
        assert value(heater, "T") == pytest.approx(30 - 20 * math.exp(-20 / 100), abs=1e-4)

    def test_inputs_that_jump_between_steps(self, heater):
        initialise(heater, high=1e3)
        run(heater, 10)
        put(heater, "ambient", 0.0)
        run(heater, 10, start=10)
        before = 30 - 20 * math.exp(-0.1)
        assert value(heater, "T") == pytest.approx(20 + (before - 20) * math.exp(-0.1), abs=1e-6)

    def test_discrete_inputs_and_tunable_parameters_change_in_event_mode(self, heater):
        initialise(heater, high=1e3, low=0)
        run(heater, 10)
        put(heater, "on", 0)
        put(heater, "power", 5)
        run(heater, 10, start=10)
        assert value(heater, "T") == pytest.approx(10 + (20 - 20 * math.exp(-0.1)) * math.exp(-0.1), abs=1e-6)

    def test_without_change_the_integrator_goes_on(self, heater):
        initialise(heater, high=1e3, tolerance=1e-5)
        run(heater, 100)
        assert value(heater, "steps") == pytest.approx(100, abs=40)
        assert value(heater, "rounds") == 1

    def test_tolerance_decides_the_accuracy(self, version, tmp_path):
        errors = []
        with open_fmu(build_heater(tmp_path / "heater.fmu", version)) as file:
            for tolerance in (1e-3, 1e-6, 1e-9):
                with file.instantiate("room") as instance:
                    initialise(instance, tolerance=tolerance, high=1e3)
                    run(instance, 200, size=200)
                    errors.append(abs(value(instance, "T") - (30 - 20 * math.exp(-2))))
        assert errors[0] > 10 * errors[1] > 100 * errors[2]

    def test_the_smallest_steps(self, heater):
        initialise(heater)
        for number in range(10):
            heater.step(Ticks(number), Ticks(1))
        heater.step(Ticks(10), SECOND)
        assert value(heater, "T") == pytest.approx(30 - 20 * math.exp(-0.01), rel=1e-7)


class TestState:
    def test_round_trip_over_an_event(self, heater):
        initialise(heater, period=3)
        run(heater, 90)
        state, before = heater.get_state(), value(heater, "T")
        put(heater, "ambient", 12.0)
        run(heater, 30, start=90)
        after, ticks = value(heater, "T"), value(heater, "ticks")
        for _ in range(3):
            heater.set_state(state)
            assert value(heater, "T") == before
            put(heater, "ambient", 12.0)
            run(heater, 30, start=90)
            assert value(heater, "T") == pytest.approx(after, abs=1e-6)
            assert value(heater, "ticks") == ticks
        heater.free_state(state)

    def test_reset(self, heater):
        initialise(heater)
        run(heater, 300)
        heater.reset()
        initialise(heater)
        run(heater, 10)
        assert value(heater, "T") == pytest.approx(30 - 20 * math.exp(-0.1), abs=1e-6)


class TestFaults:
    @pytest.mark.parametrize(("fault", "status"), [("discard", "Discard"), ("error", "Error"), ("fatal", "Fatal")])
    def test_derivatives_that_fail(self, heater, version, fault, status):
        function = "fmi2GetDerivatives" if version == "2.0" else "fmi3GetContinuousStateDerivatives"
        initialise(heater, fault=fault, fault_time=12.5)
        match = rf"Step failed at t = 10 s in 'room' \({function} → {status}\): .* stopped at 1[0-2]\.\d+ s: the deriv"
        with pytest.raises(StepError, match=match) as caught:
            run(heater, 20, size=10)
        assert caught.value.component == "room"
        with pytest.raises(StepError, match="'room' has failed before"):
            value(heater, "T")

    def test_a_discard_makes_the_step_smaller(self, heater):
        """With power 100 the state stays below 30 only because the thermostat is found before."""
        initialise(heater, fault="discard hot", power=100, high=29.9, low=25)
        run(heater, 300, size=100)
        assert value(heater, "switches") == temperature(300.0, power=100, high=29.9, low=25)[1]

    def test_derivatives_that_are_no_number(self, heater):
        initialise(heater, fault="nan", fault_time=12.5)
        match = r"Step failed at t = 10 s in 'room' \(integration at 12\.\d+ s\): the derivative of state 1 is nan"
        with pytest.raises(StepError, match=match):
            run(heater, 20, size=10)

    def test_indicators_that_fail(self, heater, version):
        initialise(heater, fault="discard indicators", fault_time=12.5)
        match = rf"in 'room' \(fmi{version[0]}GetEventIndicators → Discard\): .* stopped at 12\.\d+ s"
        with pytest.raises(StepError, match=match):
            run(heater, 20, size=10)

    def test_an_event_that_never_settles(self, heater, version):
        function = "fmi2NewDiscreteStates" if version == "2.0" else "fmi3UpdateDiscreteStates"
        initialise(heater, fault="unsettled", fault_time=5, period=6)
        with pytest.raises(StepError, match=rf"'room' \({function} at 6 s\): the event does not settle.* after 100"):
            run(heater, 20, size=10)

    def test_chattering(self, heater):
        initialise(heater, period=1e-5, high=1e3)
        with pytest.raises(StepError, match=r"there were 10000 events since 0 s, so that the model chatters"):
            run(heater, 20, size=10)

    def test_the_end_that_the_fmu_asks_for(self, heater):
        initialise(heater, fault="terminate", fault_time=5, period=6)
        outcome = run(heater, 10, size=10)
        assert outcome.is_terminated
        assert outcome.time == 6 * SECOND


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc to see the memory")
def test_nothing_is_left_behind(version, evaluation, tmp_path):
    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    with open_fmu(build_heater(tmp_path / "heater.fmu", version)) as file:

        def cycle():
            with file.instantiate("room") as instance:
                initialise(instance)
                run(instance, 200, size=100)

        for _ in range(100):
            cycle()
        gc.collect()
        before = resident()
        for _ in range(1000 if evaluation == "C" else 100):
            cycle()
        gc.collect()
        assert resident() - before < 1_000_000
