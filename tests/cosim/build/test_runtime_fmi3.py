"""The FMI 3.0 front end through fmpy: types, states, errors."""

import dataclasses

import fmpy
import pytest
from fmpy.fmi1 import FMICallException
from fmpy.fmi3 import FMU3Model, FMU3Slave
from sketches import Event, Sketch

from cosim.build.model import BaseType, CompiledModel, Enumeration


def revise(model: CompiledModel) -> CompiledModel:
    """Give inputs and a discrete variable their Modelica types."""
    types = {
        "on": {"type": BaseType.BOOLEAN, "variability": "discrete"},
        "phase": {"type": BaseType.ENUMERATION, "variability": "discrete", "enumeration": "Phase"},
        "n": {"type": BaseType.INTEGER, "causality": "output"},
    }
    variables = tuple(dataclasses.replace(v, **types.get(v.name, {})) for v in model.variables)
    items = (("Off", ""), ("Fill", ""), ("Drain", ""))
    return dataclasses.replace(model, variables=variables, enumerations=(Enumeration("Phase", items),))


TYPED = Sketch(
    "Typed",
    {"x": 0.0},
    lambda s: [s.u[0] * (s.u[1] - 1)],
    inputs={"on": 0.0, "phase": 2.0, "u": 0.0},
    discrete={"n": 0.0},
    relations=[lambda s: s.u[0] - 0.5],
    event=lambda s: Event(d=[s.d[0] + s.r[0] * (1 - s.c[0])], c=[s.r[0]]),
    n_conditions=1,
    revise=revise,
)


@pytest.fixture
def fmu(make_fmu, tmp_path):
    """An initialised Co-Simulation instance with its references by name."""
    path = make_fmu(TYPED)["3.0"]
    description = fmpy.read_model_description(str(path))
    instance = FMU3Slave(
        guid=description.guid, unzipDirectory=fmpy.extract(path, tmp_path / "x"),
        modelIdentifier=description.coSimulation.modelIdentifier, instanceName="it",
    )  # fmt: skip
    instance.instantiate()
    instance.enterInitializationMode(startTime=0.0)
    instance.exitInitializationMode()
    instance.references = {v.name: v.valueReference for v in description.modelVariables}
    yield instance
    instance.freeInstance()


def test_each_type_has_its_functions(fmu):
    refs = fmu.references
    fmu.setBoolean([refs["on"]], [True])
    fmu.setInt64([refs["phase"]], [3])
    fmu.doStep(0.0, 1.0)
    assert fmu.getBoolean([refs["on"]]) == [True]
    assert fmu.getInt64([refs["phase"]]) == [3]
    assert fmu.getInt32([refs["n"]]) == [1]
    assert fmu.getFloat64([refs["x"]])[0] == pytest.approx(2.0, abs=1e-9)


def test_function_of_another_type_is_refused(fmu, capfd):
    with pytest.raises(FMICallException, match="fmi3SetFloat64"):
        fmu.setFloat64([fmu.references["on"]], [1.0])


def test_state_goes_through_bytes(fmu):
    fmu.setBoolean([fmu.references["on"]], [True])
    fmu.doStep(0.0, 1.0)
    state = fmu.getFMUState()
    data = fmu.serializeFMUState(state)
    fmu.doStep(1.0, 1.0)
    later = fmu.getFloat64([fmu.references["x"]])
    again = fmu.deserializeFMUState(data)
    fmu.setFMUState(again)
    assert fmu.getFloat64([fmu.references["x"]])[0] == pytest.approx(1.0, abs=1e-9)
    fmu.doStep(1.0, 1.0)
    assert fmu.getFloat64([fmu.references["x"]]) == later
    for each in (state, again):
        fmu.freeFMUState(each)


def test_step_of_zero_is_refused_without_harm(fmu):
    with pytest.raises(FMICallException, match="fmi3DoStep"):
        fmu.doStep(0.0, 0.0)
    fmu.doStep(0.0, 1.0)


def test_nan_is_refused(fmu):
    with pytest.raises(FMICallException, match="fmi3SetFloat64"):
        fmu.setFloat64([fmu.references["u"]], [float("nan")])


def test_event_mode_in_cosimulation_is_not_offered(make_fmu, tmp_path):
    path = make_fmu(TYPED)["3.0"]
    description = fmpy.read_model_description(str(path))
    instance = FMU3Slave(
        guid=description.guid, unzipDirectory=fmpy.extract(path, tmp_path / "x"),
        modelIdentifier=description.coSimulation.modelIdentifier, instanceName="it",
    )  # fmt: skip
    with pytest.raises(Exception, match="instantiate"):
        instance.instantiate(eventModeUsed=True)


def test_model_exchange_counts(make_fmu, tmp_path):
    path = make_fmu(TYPED)["3.0"]
    description = fmpy.read_model_description(str(path))
    instance = FMU3Model(
        guid=description.guid, unzipDirectory=fmpy.extract(path, tmp_path / "x"),
        modelIdentifier=description.modelExchange.modelIdentifier, instanceName="it",
    )  # fmt: skip
    instance.instantiate()
    assert instance.getNumberOfContinuousStates() == 1
    assert instance.getNumberOfEventIndicators() == 1
    instance.freeInstance()
