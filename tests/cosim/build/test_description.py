"""modelDescription.xml of both versions: valid for fmpy, and says what the model says."""

import fmpy
import pytest
from fmpy.validation import validate_fmu
from lxml import etree
from sketches import Event, Sketch, compile_sketch

from cosim.build.description import DescribedModel
from cosim.build.fmi2_description import describe_fmi2
from cosim.build.fmi3_description import describe_fmi3
from cosim.build.model import BaseType, CompiledModel, Enumeration, ModelVariable, Slot
from cosim.errors import ModelError

SKETCH = Sketch(
    "Described",
    {"V": 1.5, "m": 0.1},
    lambda s: [s.u[0] - s.d[0], s.p[0] * s.x[1]],
    inputs={"feed.V_flow": 0.0},
    parameters={"mu_max": 0.037},
    discrete={"n": 0.0, "next": 3.0},
    outputs={"c": lambda s: s.x[1] / s.x[0]},
    relations=[lambda s: s.x[0] - 2],
    time_relations=[lambda s: s.d[1]],
    event=lambda s: Event(c=[s.r[0], s.r[1]]),
    n_conditions=2,
    units={"V": "m3", "m": "kg", "feed.V_flow": "m3/s", "mu_max": "1/h", "c": "g/L"},
    nominals={"m": 0.5},
)
PHASE = Enumeration("Types.Phase", (("Batch", "batch"), ("Feed", "")))
DEPENDENCIES = {"c": ("V", "m"), "der(V)": ("feed.V_flow",), "der(m)": ("m",)}


def enriched() -> CompiledModel:
    """The sketch with what sketches do not have: types, limits, texts, dependencies."""
    import dataclasses

    model = compile_sketch(SKETCH)
    changes = {
        "mu_max": {"description": 'growth <rate> & "co"', "minimum": 0.0, "maximum": 1.0, "display_unit": "1/d"},
        "n": {"type": BaseType.INTEGER, "minimum": 0.0, "causality": "output"},
    }
    variables = [dataclasses.replace(v, **changes.get(v.name, {})) for v in model.variables]
    variable = ModelVariable
    extra = [
        variable("on", Slot.INPUT, 1, "input", "discrete", BaseType.BOOLEAN, start=1.0),
        variable("phase", Slot.INPUT, 2, "input", "discrete", BaseType.ENUMERATION, start=2.0,
                 enumeration="Types.Phase"),
        variable("R", Slot.CONSTANT, 0, "local", "constant", initial="exact", start=8.314, unit="J/(mol.K)"),
        variable("T", Slot.CONSTANT, 0, "local", "constant", initial="exact", start=310.15, unit="K",
                 display_unit="degC"),
    ]  # fmt: skip
    return dataclasses.replace(
        model, variables=(*variables, *extra), enumerations=(PHASE,), dependencies=DEPENDENCIES,
        initial_dependencies={"c": ("V", "m")}, description="A test", stop_time=10.0,
    )  # fmt: skip


@pytest.fixture
def described() -> DescribedModel:
    model = enriched()
    return DescribedModel.of(model, identifier="Described", token="{token}")


def read(text: bytes, tmp_path):
    (tmp_path / "modelDescription.xml").write_bytes(text)
    return fmpy.read_model_description(str(tmp_path), validate=True, validate_model_structure=True)


@pytest.mark.parametrize("describe", [describe_fmi2, describe_fmi3])
def test_description_is_valid(described, describe, tmp_path):
    (tmp_path / "modelDescription.xml").write_bytes(describe(described))
    assert validate_fmu(str(tmp_path)) == []


@pytest.mark.parametrize("describe", [describe_fmi2, describe_fmi3])
def test_variables_carry_everything(described, describe, tmp_path):
    variables = {v.name: v for v in read(describe(described), tmp_path).modelVariables}
    mu = variables["mu_max"]
    assert (mu.causality, mu.variability, mu.start, mu.unit) == ("parameter", "tunable", "0.037", "1/h")
    assert (mu.min, mu.max, mu.displayUnit, mu.description) == ("0.0", "1.0", "1/d", 'growth <rate> & "co"')
    assert variables["m"].nominal == "0.5"
    assert variables["der(V)"].derivative.name == "V"
    assert b'reinit="true"' in describe(described)
    assert (variables["n"].start, variables["n"].min) == ("0", "0")
    assert (variables["on"].start, variables["phase"].start) == ("true", "2")
    assert variables["phase"].declaredType.name == "Types.Phase"
    assert variables["time"].causality == "independent"


@pytest.mark.parametrize("describe", [describe_fmi2, describe_fmi3])
def test_units_have_si_factors(described, describe, tmp_path):
    units = {unit.name: unit for unit in read(describe(described), tmp_path).unitDefinitions}
    hour = units["1/h"].baseUnit
    assert (float(hour.factor), int(hour.s)) == (pytest.approx(1 / 3600, rel=1e-15), -1)
    gram = units["g/L"].baseUnit
    assert (int(gram.kg), int(gram.m)) == (1, -3)
    assert gram.factor in (None, 1.0, "1.0")
    gas = units["J/(mol.K)"].baseUnit
    assert [int(q) for q in (gas.kg, gas.m, gas.s, gas.mol, gas.K)] == [1, 2, -2, -1, -1]
    (per_day,) = units["1/h"].displayUnits
    assert float(per_day.factor) == pytest.approx(24.0, rel=1e-15)
    (celsius,) = units["K"].displayUnits
    assert (float(celsius.factor), float(celsius.offset)) == (1.0, -273.15)


def test_structure_of_fmi2(described):
    root = etree.fromstring(describe_fmi2(described))
    names = [element.get("name") for element in root.iter("ScalarVariable")]

    def unknowns(tag):
        found = root.find(f"ModelStructure/{tag}")
        return {
            names[int(e.get("index")) - 1]: [names[int(q) - 1] for q in e.get("dependencies", "").split()]
            for e in found
        }

    assert unknowns("Outputs")["c"] == ["V", "m"]
    assert unknowns("Derivatives") == {"der(V)": ["feed.V_flow"], "der(m)": ["m"]}
    assert set(unknowns("InitialUnknowns")) == {"c", "der(V)", "der(m)"}
    assert root.get("numberOfEventIndicators") == "1"
    assert not [name for name in names if name.startswith("eventIndicator")]


def test_structure_of_fmi3(described):
    root = etree.fromstring(describe_fmi3(described))
    references = {e.get("valueReference"): e.get("name") for e in root.find("ModelVariables")}
    structure = root.find("ModelStructure")
    found = [(e.tag, references[e.get("valueReference")]) for e in structure]
    assert ("EventIndicator", "eventIndicator[1]") in found
    assert [name for tag, name in found if tag == "ContinuousStateDerivative"] == ["der(V)", "der(m)"]
    (output,) = [e for e in structure if e.tag == "Output" and references[e.get("valueReference")] == "c"]
    assert [references[q] for q in output.get("dependencies").split()] == ["V", "m"]


def test_capabilities_are_declared(described):
    root = etree.fromstring(describe_fmi2(described))
    for kind in ("ModelExchange", "CoSimulation"):
        flags = root.find(kind).attrib
        for flag in ("canGetAndSetFMUstate", "canSerializeFMUstate", "providesDirectionalDerivative"):
            assert flags[flag] == "true"
    assert root.find("CoSimulation").get("canHandleVariableCommunicationStepSize") == "true"


def test_same_model_gives_the_same_text(described):
    assert describe_fmi2(described) == describe_fmi2(described)
    assert b"generationDateAndTime" not in describe_fmi2(described)


@pytest.mark.parametrize(
    ("unit", "display", "message"),
    [
        ("blorg3", None, "Variable V: The unit 'blorg3' cannot be read"),
        ("kg", "m", "V is shown in 'm', which has another dimension"),
    ],
)
def test_bad_unit_is_an_error(unit, display, message):
    import dataclasses

    model = enriched()
    bad = dataclasses.replace(model.variables[0], unit=unit, display_unit=display)
    model = dataclasses.replace(model, variables=(bad, *model.variables[1:]))
    with pytest.raises(ModelError, match=message):
        describe_fmi2(DescribedModel.of(model, identifier="Described", token="{token}"))
