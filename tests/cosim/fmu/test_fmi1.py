"""FMI 1.0 FMUs run as instances: Model Exchange with events, Co-Simulation, refusals."""

import math

import numpy as np
import pytest
from heater import FAULTS, build_heater, temperature

from cosim.clock import Ticks
from cosim.errors import CapabilityError, FmuError, StepError
from cosim.fmu import open_fmu

SECOND = Ticks(1_000_000_000)
SLAVE = (
    "</ModelVariables>",
    '</ModelVariables><Implementation><CoSimulation_StandAlone><Capabilities canHandleEvents="false"/>'
    "</CoSimulation_StandAlone></Implementation>",
)


@pytest.fixture(params=["Model Exchange", "Co-Simulation"])
def file(request, temp):
    def change(xml):
        return xml.replace(*SLAVE) if request.param == "Co-Simulation" else xml

    with open_fmu(build_heater(temp.parent / "heater.fmu", "1.0", change)) as file:
        assert file.interface_type == request.param
        assert file.obstacles == ()
        yield file


@pytest.fixture
def room(file):
    with file.instantiate("room") as instance:
        yield instance


def initialise(instance, **start):
    instance.set_start(start)
    instance.enter_initialization(Ticks(0), stop_time=Ticks(1000 * SECOND), tolerance=1e-8)
    instance.exit_initialization()


def value(instance, name):
    found = np.empty(1)
    instance.read(instance.group([name]), found)
    return found[0]


def run(instance, seconds, size=1):
    for number in range(0, seconds, size):
        instance.step(Ticks(number * SECOND), Ticks(size * SECOND))


def test_states_and_inputs(room):
    initialise(room, T_start=15.0, high=1e3)
    room.write(room.group(["ambient"]), np.array([0.0]))
    run(room, 50, size=10)
    assert value(room, "T") == pytest.approx(20 - 5 * math.exp(-0.5), abs=1e-5)


def test_events_of_model_exchange(room, file):
    initialise(room, period=3.0)
    run(room, 600, size=100)
    expected, switches = temperature(600.0)
    if file.interface_type == "Co-Simulation":
        assert value(room, "steps") == 6
    else:
        assert value(room, "T") == pytest.approx(expected, abs=5e-4)  # 200 time events, so as many starts
        assert [value(room, name) for name in ("switches", "ticks")] == [switches, 200]


@pytest.mark.parametrize(("fault", "status"), [("discard", "Discard"), ("error", "Error"), ("fatal", "Fatal")])
def test_faults(room, file, fault, status):
    initialise(room, fault=FAULTS[fault], fault_time=12.5)
    function = "fmiDoStep" if file.interface_type == "Co-Simulation" else "fmiGetDerivatives"
    said = "too hot at 10 s in 'room'" if function == "fmiDoStep" else r".* stopped at 1[0-2](\.\d+)? s"
    with pytest.raises(StepError, match=rf"Step failed at t = 10 s in 'room' \({function} → {status}\): {said}"):
        run(room, 20, size=10)


def test_the_state_cannot_be_saved(room):
    initialise(room)
    with pytest.raises(CapabilityError, match="'room' cannot have its state saved"):
        room.get_state()


def test_reset(room, file):
    initialise(room)
    if file.interface_type == "Model Exchange":
        with pytest.raises(StepError, match=r"Reset failed .* FMI 1\.0 cannot reset a Model Exchange FMU"):
            room.reset()
        return
    run(room, 5)
    room.reset()
    initialise(room)
    assert value(room, "steps") == 0


def test_an_fmu_that_refuses_says_why(temp):
    path = build_heater(temp.parent / "other.fmu", "1.0", lambda xml: xml.replace('guid="{h}"', 'guid="{other}"'))
    with (
        open_fmu(path) as file,
        pytest.raises(FmuError, match=r"fmiInstantiateModel gave no instance: wrong GUID '\{oth"),
    ):
        file.instantiate("room")
