"""Every part of the contract, over FMUs of all versions and of other exporters: hosted as inline, bit for bit."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fmu_factory import FOLDERS, SOURCES, build_asker, build_lag, compile_library, write_fmu
from heater import build_heater
from hosted import hosted, inline

from cosim.build.builder import build
from cosim.clock import Ticks
from cosim.errors import CosimError
from cosim.fmu import open_fmu
from cosim.system.variable import Causality, VariableType

SECOND = 1_000_000_000
SLAVES = Path(__file__).parents[2] / "third_party" / "slaves"
SLAVE = (
    "</ModelVariables>",
    '</ModelVariables><Implementation><CoSimulation_StandAlone><Capabilities canHandleEvents="false"/>'
    "</CoSimulation_StandAlone></Implementation>",
)


def from_c(name):
    def made(folder):
        description = (SOURCES / f"{name}_fmi3.xml").read_text()
        binary = f"binaries/{FOLDERS['3.0']}/{name}.so"
        return write_fmu(
            folder / "it.fmu", {"modelDescription.xml": description, binary: compile_library(f"{name}_fmi3.c")}
        )

    return made


def exported(exporter, source):
    def made(folder):
        pytest.importorskip(exporter)
        command = [sys.executable, "-m", exporter, "build", "-f", str(SLAVES / source), "-d", str(folder)]
        subprocess.run(command, check=True, capture_output=True)
        (found,) = folder.glob("*.fmu")
        return found

    return made


def moved(version):
    def made(folder):
        (folder / "Moved.mo").write_bytes((Path(__file__).parents[1] / "fmu" / "Moved.mo").read_bytes())
        found = build(["Moved"], search_path=[folder], output=folder, fmi_versions=(version,))
        return found[0].path

    return made


def without_w(xml):
    """The lag does not keep this array."""
    return re.sub('<Float64 name="w".*?</Float64>', "", xml)


CS, ME = "Co-Simulation", "Model Exchange"
FMUS = {
    "FMI 1.0 Co-Simulation": (
        lambda folder: build_heater(folder / "it.fmu", "1.0", lambda x: x.replace(*SLAVE)),
        CS,
        {},
    ),
    "FMI 1.0 Model Exchange": (lambda folder: build_heater(folder / "it.fmu", "1.0"), ME, {"T_start": 17.5}),
    "FMI 2.0 Model Exchange": (lambda folder: build_heater(folder / "it.fmu", "2.0"), ME, {"T_start": 17.5}),
    "FMI 3.0 Model Exchange": (lambda folder: build_heater(folder / "it.fmu", "3.0"), ME, {"T_start": 17.5}),
    "strings, all types": (
        lambda folder: build_lag(folder / "it.fmu", "3.0", change=without_w),
        CS,
        {"label": 'a "label", 水', "gain": 0.1 + 0.2},
    ),
    "arrays": (from_c("sampler"), CS, {"matrix[2,1]": -0.5, "mask[2]": False, "k[1]": 3}),
    "clocks, binary, Co-Simulation": (from_c("clocks"), CS, {}),
    "clocks, binary, Model Exchange": (from_c("clocks"), ME, {}),
    "intermediate update": (lambda folder: build_asker(folder / "it.fmu"), CS, {}),
    "ours, FMI 2.0": (moved("2.0"), CS, {}),
    "ours, FMI 3.0": (moved("3.0"), CS, {}),
    "PythonFMU": (exported("pythonfmu", "tank2.py"), CS, {"area": 2.0, "label": "ä"}),
    "PythonFMU3": (exported("pythonfmu3", "tank3.py"), CS, {"area": 2.0, "label": "ä"}),
}


@pytest.fixture(scope="module", params=FMUS)
def fmu(request, tmp_path_factory):
    """An FMU, its interface and start values, and what it says inline."""
    make, interface, start = FMUS[request.param]
    path = make(tmp_path_factory.mktemp("fmu"))
    with inline(path, interface) as instance:
        expected = course(instance, start)
    assert len({said for said in expected if isinstance(said, bytes)}) > 3, "it does something"
    return path, interface, start, expected


def test_it_does_there_what_it_does_here(fmu, way):
    path, interface, start, expected = fmu
    with hosted(path, interface) as instance:
        assert course(instance, start) == expected


def test_the_course_covers_what_there_is(tmp_path):
    with open_fmu(FMUS["ours, FMI 3.0"][0](tmp_path)) as file:
        able = file.description.capabilities
    assert able.can_serialise_state
    assert able.can_interpolate_inputs
    assert able.provides_directional_derivatives
    assert able.max_output_derivative_order


def course(instance, start):
    """Everything that an instance can do; return all that it said."""
    said = []
    for values in (start, {}):
        said += life(instance, values)
        try:
            instance.reset()
        except CosimError as error:
            return [*said, (type(error), error.message)]
    return said


def life(instance, start):
    variables, able = instance.description.variables, instance.description.capabilities

    def named(causality, *, moving=False):
        return [
            name
            for name, item in variables.items()
            if item.causality is causality and item.type.is_numeric and not item.shape
            if not moving or item.type is VariableType.FLOAT64
        ]

    inputs, outputs = named(Causality.INPUT), [*named(Causality.OUTPUT), *named(Causality.PARAMETER)]
    u, y, said = instance.group(inputs), instance.group(outputs), []
    began = np.empty(len(inputs))

    def note():
        values = np.empty(len(outputs))
        instance.read(y, values)
        said.append(values.tobytes())

    def step(i):
        said.append(instance.step(Ticks(i * SECOND), Ticks(SECOND)))
        note()

    instance.set_start(start)
    instance.enter_initialization(Ticks(0), stop_time=Ticks(100 * SECOND), tolerance=1e-6)
    instance.read(u, began)
    instance.write(u, began)
    note()
    instance.exit_initialization()
    note()
    movable = named(Causality.INPUT, moving=True)
    for i in range(3):
        moved = instance.group(movable)
        instance.write(moved, np.array([0.25 + 0.1 * i] * len(movable)))
        if able.can_interpolate_inputs:
            instance.write_derivatives(moved, 1, np.array([0.5] * len(movable)))
        step(i)
    rates = named(Causality.OUTPUT, moving=True)
    if able.max_output_derivative_order:
        values = np.empty(len(rates))
        instance.read_derivatives(instance.group(rates), 1, values)
        said.append(values.tobytes())
    if able.provides_directional_derivatives:
        values = np.empty(len(rates))
        seed = np.linspace(0.1, 1.0, len(movable))
        instance.directional_derivative(instance.group(rates), instance.group(movable), seed, values)
        said.append(values.tobytes())
    if able.can_get_and_set_state:
        said += there_and_back(instance, able, step)
    step(3)
    instance.terminate()
    note()
    return said


def there_and_back(instance, able, step):
    said = []
    state = instance.get_state()
    step(3)
    instance.set_state(state)
    if able.can_serialise_state:
        data = instance.serialise_state(state)
        step(3)
        again = instance.deserialise_state(data)
        said.append(len(data))  # some hold addresses
        instance.set_state(again)
        instance.free_state(again)
    instance.free_state(state)
    return said
