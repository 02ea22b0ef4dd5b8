"""The lag FMU behaves as the instance contract says, in FMI 2.0 and 3.0, also when it fails."""

import logging
import math
import os

import numpy as np
import pytest
from fmu_factory import ECHO_TYPES, FAULTS, build_lag

from cosim.clock import Ticks, to_ticks
from cosim.errors import CapabilityError, FmuError, StepDiscarded, StepError, StructureError
from cosim.fmu import open_fmu

SECOND = Ticks(1_000_000_000)


@pytest.fixture(params=["2.0", "3.0"])
def version(request):
    return request.param


@pytest.fixture
def lag(version, temp):
    """A lag that is freed after the test, from a path with a space and an umlaut."""
    path = build_lag(temp.parent / "with space ü" / "lag.fmu", version)
    with open_fmu(path) as file, file.instantiate("lag") as instance:
        yield instance


def initialise(instance, **start):
    instance.set_start(start)
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    instance.exit_initialization()


def value(instance, name):
    found = np.empty(1)
    instance.read(instance.group([name]), found)
    return found[0]


def put(instance, name, number):
    instance.write(instance.group([name]), np.array([float(number)]))


def run(instance, n_steps, start=0):
    for number in range(start, start + n_steps):
        outcome = instance.step(Ticks(number * SECOND), SECOND)
    return outcome


def prefix(version):
    return f"fmi{version[0]}"


class TestNormalUse:
    def test_steps_follow_the_closed_form(self, lag):
        initialise(lag, tau=4.0, gain=3.0, x_start=1.0)
        put(lag, "u", 2.0)
        outcome = run(lag, 8)
        assert outcome.time == 8 * SECOND
        assert not outcome.is_terminated
        assert value(lag, "y") == pytest.approx(6.0 - 5.0 * math.exp(-8 / 4.0), rel=1e-14)

    def test_a_group_mixes_types_and_keeps_the_order(self, lag):
        names = ["level", "u", "enabled", "mode"]
        initialise(lag)
        group = lag.group(names)
        lag.write(group, np.array([-7.0, 2.5, 0.0, 1.0]))
        found = np.empty(5)
        lag.read(lag.group(["mode_out", "u", "level_out", "is_on", "enabled"]), found)
        assert found.tolist() == [1.0, 2.5, -7.0, 0.0, 0.0]

    def test_an_empty_group(self, lag):
        initialise(lag)
        group = lag.group([])
        lag.write(group, np.empty(0))
        nothing = np.empty(0)
        lag.read(group, nothing)
        assert nothing.size == 0
        assert value(lag, "y") == 0.0

    def test_integers_are_rounded_not_cut(self, lag):
        initialise(lag)
        put(lag, "level", 2.9999999999)
        assert value(lag, "level_out") == 3.0

    def test_start_values_of_every_type(self, lag):
        initialise(lag, label="héllo", level=5, enabled=False, mode="hold", gain=2, x_start=0.5)
        assert value(lag, "label_length") == len("héllo".encode())
        assert value(lag, "level_out") == 5
        assert value(lag, "is_on") == 0
        assert value(lag, "mode_out") == 1
        assert value(lag, "gain") == 2
        assert value(lag, "y") == 0.5

    def test_start_time_reaches_the_fmu(self, lag):
        lag.enter_initialization(Ticks(3 * SECOND), stop_time=Ticks(9 * SECOND), tolerance=1e-6)
        lag.exit_initialization()
        assert value(lag, "time") == 3.0
        assert (value(lag, "stop_time"), value(lag, "tolerance")) == (9.0, 1e-6)

    def test_stop_time_and_tolerance_may_be_left_open(self, lag):
        initialise(lag)
        assert (value(lag, "stop_time"), value(lag, "tolerance")) == (-1.0, -1.0)

    def test_parameters_are_set_before_what_depends_on_them(self, lag, monkeypatch):
        calls, order = lag._calls, []
        transfer = calls.transfer
        monkeypatch.setattr(
            calls, "transfer", lambda kind, names, *rest: (order.extend(names), transfer(kind, names, *rest))[1]
        )
        lag.set_start({"u": 1.0, "tau": 4.0, "level": 2, "gain": 2.0})
        assert order == ["tau", "gain", "u", "level"]

    def test_state_round_trip(self, lag):
        initialise(lag)
        put(lag, "u", 1.0)
        run(lag, 3)
        state, before = lag.get_state(), value(lag, "y")
        run(lag, 4, start=3)
        after = value(lag, "y")
        for _ in range(3):
            lag.set_state(state)
            assert value(lag, "y") == before
            run(lag, 4, start=3)
            assert value(lag, "y") == after
        lag.free_state(state)
        with pytest.raises(StepError, match="A state of another instance, or a freed one, was given to 'lag'"):
            lag.set_state(state)

    def test_states_that_were_not_freed_go_with_the_instance(self, lag, monkeypatch):
        calls, freed = lag._calls, []
        free_state = calls.free_state
        monkeypatch.setattr(calls, "free_state", lambda state: (freed.append(state), free_state(state)))
        initialise(lag)
        states = [lag.get_state() for _ in range(10)]
        lag.free_state(states[3])
        lag.free()
        assert freed == [states[3], *states[:3], *states[4:]]

    def test_reset_forgets_everything(self, lag):
        initialise(lag, x_start=7.0)
        run(lag, 2)
        lag.reset()
        initialise(lag)
        assert value(lag, "y") == 0.0
        assert value(lag, "steps") == 0

    def test_outputs_can_be_read_after_termination(self, lag):
        initialise(lag, x_start=3.0)
        lag.terminate()
        lag.terminate()
        assert value(lag, "y") == 3.0

    def test_free_is_legal_any_number_of_times(self, lag):
        lag.free()
        lag.free()
        with pytest.raises(StepError, match="Step is not possible: 'lag' was freed"):
            lag.step(Ticks(0), SECOND)


class TestRefusals:
    def test_unknown_variable(self, lag):
        with pytest.raises(StructureError, match=r"'lag' \(Lag\) has no variable 'enable'\. Do you mean 'enabled'\?"):
            lag.group(["u", "enable"])

    def test_text_cannot_be_exchanged(self, lag):
        with pytest.raises(StructureError, match=r"lag\.label \(String\) cannot be exchanged"):
            lag.group(["label"])

    @pytest.mark.parametrize(
        ("name", "start", "why"),
        [
            ("tau", math.nan, "it takes a finite number"),
            ("tau", "ten", "it takes a number"),
            ("mode", "stop", "it is one of hold, follow"),
            ("mode", 3, r"it is one of hold \(1\), follow \(2\)"),
            ("level", 0.5, "it takes a whole number"),
            ("enabled", 2, "it is true or false"),
            ("label", 3.0, "it takes a text"),
            ("label", "a\0b", "it takes a text"),
        ],
    )
    def test_start_value_of_the_wrong_type(self, lag, name, start, why):
        with pytest.raises(StructureError, match=rf"lag\.{name} \(.*\) cannot start at .*: {why}\."):
            lag.set_start({name: start})

    @pytest.mark.parametrize(("name", "why"), [("y", "the FMU calculates it"), ("time", "it is the time")])
    def test_start_value_of_what_takes_none(self, lag, name, why):
        with pytest.raises(StructureError, match=rf"The start value of lag\.{name} cannot be set: {why}\."):
            lag.set_start({name: 1.0})

    @pytest.mark.parametrize("number", [math.nan, 3e9, -3e9])
    def test_number_that_no_integer_holds(self, lag, number):
        initialise(lag)
        with pytest.raises(StepError, match=r"level = .* does not fit the FMU's type int32"):
            put(lag, "level", number)
        with pytest.raises(StepError, match="'lag' has failed before"):
            lag.group(["u"])

    def test_the_fmu_refuses_a_start_value(self, lag, version):
        function = "fmi2SetReal" if version == "2.0" else "fmi3SetFloat64"
        match = rf"Setting lag\.tau = -1\.0 failed at t = 0 s in 'lag' \({function} → Error\): tau = -1 is not positive"
        with pytest.raises(StepError, match=match):
            lag.set_start({"tau": -1.0})

    def test_step_before_initialisation(self, lag):
        with pytest.raises(StepError, match="'lag' is stepped while it is instantiated"):
            lag.step(Ticks(0), SECOND)

    def test_structural_parameters_before_fmi_3(self, tmp_path):
        with open_fmu(build_lag(tmp_path / "lag.fmu", "2.0")) as file, file.instantiate("lag") as lag:
            with pytest.raises(CapabilityError, match=r"Structural parameters cannot be set: FMI 2\.0 has none\."):
                lag._calls.configure(lambda: None)

    def test_state_without_the_capability(self, version, tmp_path):
        def without(xml):
            return xml.replace('canGetAndSetFMUstate="true"', "").replace('canGetAndSetFMUState="true"', "")

        with open_fmu(build_lag(tmp_path / "lag.fmu", version, change=without)) as file:
            assert not file.description.capabilities.can_get_and_set_state
            with file.instantiate("lag") as instance:
                initialise(instance)
                with pytest.raises(CapabilityError, match="'lag' cannot have its state saved"):
                    instance.get_state()


class TestFaults:
    @pytest.mark.parametrize(("fault", "status"), [("discard", "Discard"), ("error", "Error"), ("fatal", "Fatal")])
    def test_a_step_that_fails(self, lag, version, fault, status):
        initialise(lag, fault=FAULTS[fault], fault_at=3)
        run(lag, 2)
        match = rf"Step failed at t = 2 s in 'lag' \({prefix(version)}DoStep → {status}\): solver gave up at 2 s"
        with pytest.raises(StepError, match=match) as caught:
            run(lag, 1, start=2)
        assert caught.value.component == "lag"
        for call in (lambda: run(lag, 1, start=2), lag.get_state, lag.reset, lag.exit_initialization):
            with pytest.raises(StepError, match="has failed before"):
                call()
        lag.terminate()

    @pytest.mark.parametrize(("fault", "n_freed"), [("error", 1), ("fatal", 0)])
    def test_what_is_fatal_ends_every_call_even_that_to_free(self, lag, monkeypatch, fault, n_freed):
        calls, freed = lag._calls, []
        free = calls.free
        monkeypatch.setattr(calls, "free", lambda: (freed.append(lag), free()))
        initialise(lag, fault=FAULTS[fault], fault_at=1)
        with pytest.raises(StepError, match="solver gave up"):
            run(lag, 1)
        lag.free()
        lag.free()
        assert len(freed) == n_freed

    def test_writing_and_reading_after_a_failure(self, lag):
        initialise(lag, fault=FAULTS["error"], fault_at=1)
        group = lag.group(["u"])
        with pytest.raises(StepError, match="solver gave up"):
            run(lag, 1)
        with pytest.raises(StepError, match="Writing is not possible: 'lag' has failed before"):
            lag.write(group, np.zeros(1))
        with pytest.raises(StepError, match="Reading is not possible: 'lag' has failed before"):
            lag.read(group, np.zeros(1))

    def test_a_discarded_step_says_how_far_it_came(self, tmp_path):
        with open_fmu(build_lag(tmp_path / "lag.fmu")) as file, file.instantiate("lag") as lag:
            initialise(lag, fault=FAULTS["discard"], fault_at=1)
            with pytest.raises(StepError, match=r"The FMU came as far as 0\.25 s; try a smaller step\."):
                run(lag, 1)

    def test_a_discarded_step_can_be_taken_back(self, lag, version):
        initialise(lag, fault=FAULTS["discard"], fault_at=3)
        run(lag, 2)
        state, group, before, after = lag.get_state(), lag.group(["y"]), np.zeros(1), np.zeros(1)
        lag.read(group, before)
        with pytest.raises(StepDiscarded, match="→ Discard") as caught:
            run(lag, 1, start=2)
        assert caught.value.reached == (to_ticks(2.25) if version == "2.0" else None)
        with pytest.raises(StepError, match="has failed before"):
            run(lag, 1, start=2)
        lag.set_state(state)
        lag.read(group, after)
        lag.free_state(state)
        assert after == before

    @pytest.mark.parametrize("fault", ["discard", "error", "fatal"])
    def test_initialisation_that_fails(self, lag, version, fault):
        match = rf"Initialisation failed .*\({prefix(version)}ExitInit.* → {fault.capitalize()}\): table 3\.5 .*"
        with pytest.raises(StepError, match=match):
            initialise(lag, fault=FAULTS[fault], fault_at=0)

    def test_a_warning_goes_on_and_is_logged(self, lag, caplog):
        initialise(lag, fault=FAULTS["warning"], fault_at=1)
        with caplog.at_level(logging.WARNING, "cosim.fmu"):
            run(lag, 3)
        assert [record.getMessage().partition(" in ")[0] for record in caplog.records] == ["lag: solver gave up at 0 s"]

    def test_a_talkative_fmu_is_cut_short(self, lag, caplog):
        initialise(lag, fault=FAULTS["chatter"], fault_at=1)
        with caplog.at_level(logging.WARNING, "cosim.fmu"):
            run(lag, 2)
        assert len(caplog.records) == 101
        assert caplog.messages[-1] == "lag: further messages of this FMU are not shown"

    def test_an_undefined_status(self, lag):
        initialise(lag, fault=FAULTS["illegal"], fault_at=1)
        with pytest.raises(StepError, match="DoStep → undefined status -17"):
            run(lag, 1)

    def test_termination_by_the_fmu(self, lag):
        initialise(lag, fault=FAULTS["terminate"], fault_at=2)
        assert not run(lag, 1).is_terminated
        outcome = run(lag, 1, start=1)
        assert outcome.is_terminated
        assert outcome.time == 1.5 * SECOND

    def test_not_a_number_is_passed_on(self, lag):
        initialise(lag, fault=FAULTS["nan"], fault_at=1)
        run(lag, 1)
        assert math.isnan(value(lag, "y"))


class TestFmi3:
    @pytest.fixture
    def lag(self, tmp_path):
        with open_fmu(build_lag(tmp_path / "lag.fmu", "3.0")) as file, file.instantiate("lag") as instance:
            yield instance

    def test_every_numeric_type(self, lag):
        initialise(lag)
        kinds = [kind.lower() for kind in ECHO_TYPES]
        numbers = [1.5, -128, 255, -32768, 65535, -(2**31), 2**32 - 1, -(2**53), 2**53, 1]
        lag.write(lag.group([f"echo_{kind}" for kind in kinds]), np.array(numbers, dtype=float))
        found = np.empty(len(kinds))
        lag.read(lag.group([f"echo_{kind}_out" for kind in kinds]), found)
        assert found.tolist() == numbers

    @pytest.mark.parametrize(("kind", "number"), [("int8", 128), ("uint8", -1), ("uint16", 65536), ("uint64", 1e20)])
    def test_ranges(self, lag, kind, number):
        initialise(lag)
        with pytest.raises(StepError, match=rf"echo_{kind} = .* does not fit the FMU's type {kind}"):
            put(lag, f"echo_{kind}", number)

    def test_structural_parameter_is_set_in_configuration_mode(self, lag):
        lag.set_start({"tau": 2.0, "n": 3})  # the FMU refuses n in any other mode
        assert value(lag, "tau") == 2.0

    def test_array_and_binary_are_refused_with_their_type(self, lag):
        with pytest.raises(StructureError, match=r"lag\.w \(array of Float64\) cannot be exchanged"):
            lag.group(["w"])
        with pytest.raises(StructureError, match=r"lag\.blob \(Binary\) cannot be exchanged"):
            lag.group(["blob"])
        with pytest.raises(StructureError, match=r"lag\.w cannot be set: it is an array"):
            lag.set_start({"w": 1.0})

    def test_early_return(self, lag):
        initialise(lag, fault=FAULTS["early"], fault_at=1)
        outcome = run(lag, 1)
        assert outcome.time == SECOND // 2
        assert not outcome.is_terminated

    def test_end_of_the_simulation_at_the_end_of_a_step(self, lag):
        initialise(lag, fault=FAULTS["ended"], fault_at=2)
        assert not run(lag, 1).is_terminated
        outcome = run(lag, 1, start=1)
        assert (outcome.time, outcome.is_terminated) == (2 * SECOND, True)

    def test_early_return_to_nowhere(self, lag):
        initialise(lag, fault=FAULTS["nonsense"], fault_at=1)
        with pytest.raises(StepError, match="returned early at nan s, which is outside the step"):
            run(lag, 1)


class TestManyInstances:
    def test_instances_of_one_copy_do_not_disturb_each_other(self, version, temp):
        path = build_lag(temp.parent / "lag.fmu", version)
        with open_fmu(path) as first, open_fmu(path) as second:
            lags = [file.instantiate(f"lag{number}") for number, file in enumerate([first, first, second])]
            assert len(list(temp.rglob("lag.so"))) == 1
            for number, lag in enumerate(lags):
                initialise(lag, x_start=float(number))
            assert [value(lag, "y") for lag in lags] == [0.0, 1.0, 2.0]
        assert len(list(temp.rglob("lag.so"))) == 1, "instances outlive the file"
        for lag in lags:
            lag.free()
        assert list(temp.iterdir()) == []

    def test_messages_reach_the_instance_they_are_about(self, version, tmp_path):
        with open_fmu(build_lag(tmp_path / "lag.fmu", version)) as file:
            with file.instantiate("good") as good, file.instantiate("bad") as bad:
                with pytest.raises(StepError, match=r"in 'bad' .*: tau = -2 is not positive"):
                    bad.set_start({"tau": -2.0})
                with pytest.raises(StepError, match=r"in 'good' .*: tau = -3 is not positive"):
                    good.set_start({"tau": -3.0})

    def test_handles_do_not_leak(self, version, temp):
        path = build_lag(temp.parent / "lag.fmu", version)

        def cycle():
            with open_fmu(path) as file, file.instantiate("lag") as lag:
                initialise(lag)
                run(lag, 1)
                lag.get_state()

        cycle()
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(50):
            cycle()
        assert len(os.listdir("/proc/self/fd")) == before
        with open("/proc/self/maps") as maps:
            assert not any(str(temp) in line for line in maps), "the library is unloaded"


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
def test_a_thousand_runs_leave_nothing(version, temp):
    path = build_lag(temp.parent / "lag.fmu", version)

    def cycle():
        with open_fmu(path) as file, file.instantiate("lag") as lag:
            initialise(lag)
            lag.group(["u", "level"])
            run(lag, 3)
            lag.set_state(lag.get_state())
            lag.terminate()

    for _ in range(100):
        cycle()
    handles, memory = len(os.listdir("/proc/self/fd")), resident_bytes()
    for _ in range(1000):
        cycle()
    assert len(os.listdir("/proc/self/fd")) == handles
    assert resident_bytes() - memory < 2e6


def test_an_error_message_without_a_failed_call_is_not_lost(tmp_path, caplog):
    with open_fmu(build_lag(tmp_path / "lag.fmu")) as file, caplog.at_level(logging.WARNING, "cosim.fmu"):
        with file.instantiate("lag") as lag:
            initialise(lag, fault=FAULTS["shout"], fault_at=1)
            run(lag, 1)
            assert caplog.messages == []
    assert caplog.messages == ["lag: error 0 in 'lag' that is none"]


def test_a_trace_is_switched_off(tmp_path, caplog):
    with open_fmu(build_lag(tmp_path / "lag.fmu", defines=("TRACE",))) as file:
        with caplog.at_level(logging.INFO, "cosim.fmu"), file.instantiate("quiet") as lag:
            initialise(lag)
            assert value(lag, "is_tracing") == 0
        assert caplog.messages == []
        with caplog.at_level(logging.INFO, "cosim.fmu"), file.instantiate("verbose", logging=True) as lag:
            initialise(lag)
            assert value(lag, "is_tracing") == 1
        assert len(caplog.messages) == 50


def test_verbose_logging_passes_on_everything(tmp_path, caplog):
    path = build_lag(tmp_path / "lag.fmu", defines=('GUID="{other}"',))
    with open_fmu(path) as file, caplog.at_level(logging.INFO, "cosim.fmu"):
        with pytest.raises(FmuError, match="wrong GUID"):
            file.instantiate("lag", logging=True)
    assert caplog.messages == ["lag: wrong GUID '{lag}', mine is '{other}'"]
