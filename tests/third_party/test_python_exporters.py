"""FMUs made by PythonFMU (FMI 2.0) and PythonFMU3 (FMI 3.0): a Python interpreter inside a library, inside ours."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cosim.clock import Ticks
from cosim.errors import StepError
from cosim.fmu import open_fmu

SLAVES = Path(__file__).parent / "slaves"
SECOND = Ticks(1_000_000_000)


@pytest.fixture(scope="module", params=[("pythonfmu", "Tank2"), ("pythonfmu3", "Tank3")], ids=["FMI 2.0", "FMI 3.0"])
def tank(request, tmp_path_factory):
    exporter, name = request.param
    pytest.importorskip(exporter)
    folder = tmp_path_factory.mktemp("exported")
    source = SLAVES / f"{name.lower()}.py"
    command = [sys.executable, "-m", exporter, "build", "-f", str(source), "-d", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    with open_fmu(folder / f"{name}.fmu") as file:
        yield file


def start(tank, name, **values):
    instance = tank.instantiate(name)
    instance.set_start(values)
    instance.enter_initialization(Ticks(0), stop_time=Ticks(10 * SECOND), tolerance=None)
    instance.exit_initialization()
    return instance


def put(instance, **values):
    instance.write(instance.group(list(values)), np.array(list(values.values()), dtype=float))


def take(instance, *names):
    found = np.empty(len(names))
    instance.read(instance.group(names), found)
    return found.tolist()


def test_description(tank):
    assert tank.generator.startswith("PythonFMU")
    assert list(tank.description.variables)[:3] == ["inflow", "level", "area"]
    assert tank.description.capabilities.can_vary_step
    assert tank.description.capabilities.needs_execution_tool
    assert tank.obstacles == ()
    assert tank.facts.oddities, "it deviates from the standard and is read nevertheless"


def test_two_instances_run(tank):
    with start(tank, "small", area=2.0, label="a") as small, start(tank, "wide", area=8.0, label="b") as wide:
        for instance in (small, wide):
            put(instance, inflow=4.0, closed=0.0)
            for number in range(3):
                outcome = instance.step(Ticks(number * SECOND), SECOND)
            assert outcome.time == 3 * SECOND
        assert take(small, "level", "count") == [7.0, 3.0]
        assert take(wide, "count", "level") == [3.0, 2.5]
        put(small, closed=1.0)
        small.step(Ticks(3 * SECOND), SECOND)
        assert take(small, "level") == [7.0]


def test_an_exception_inside_is_quoted(tank):
    with start(tank, "tank") as instance:
        put(instance, inflow=-1.0)
        with pytest.raises(
            StepError, match=r"Step failed at t = 0 s in 'tank' \(.*DoStep → Fatal\)(.|\n)*the inflow is"
        ):
            instance.step(Ticks(0), SECOND)


def test_a_step_that_returns_false(tank):
    with start(tank, "tank") as instance:
        put(instance, inflow=1000.0)
        if tank.facts.major_version == 2:  # Discard, and fmi2GetBooleanStatus says terminated
            assert instance.step(Ticks(0), SECOND).is_terminated
        else:
            with pytest.raises(StepError, match=r"Step failed at t = 0 s in 'tank' \(fmi3DoStep → \w+\)"):
                instance.step(Ticks(0), SECOND)
