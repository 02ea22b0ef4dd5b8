"""What is read of variables and structure is what fmpy reads."""

import io
import zipfile
from pathlib import Path

import pytest
from fmpy.model_description import ModelDescription, read_model_description

from cosim.build.builder import build
from cosim.fmu.xml import read_xml

SETTLED = Path(__file__).parents[2] / "couplings" / "Settled.mo"
ATTRIBUTES = (
    "name", "type", "valueReference", "description", "causality", "variability", "initial", "sourceline", "unit",
    "displayUnit", "nominal", "quantity", "min", "max", "start", "shape",
)  # fmt: skip

FMI2 = """\
<fmiModelDescription fmiVersion="2.0" modelName="M" guid="g">
 <CoSimulation modelIdentifier="M"/>
 <UnitDefinitions><Unit name="K"><BaseUnit K="1"/><DisplayUnit name="degC" offset="-273.15"/></Unit></UnitDefinitions>
 <TypeDefinitions>
  <SimpleType name="T"><Real quantity="Temperature" unit="K" min="0" nominal="300"/></SimpleType>
  <SimpleType name="E"><Enumeration><Item name="off" value="1"/><Item name="on" value="2"/></Enumeration></SimpleType>
 </TypeDefinitions>
 <ModelVariables>
  <!-- a comment -->
  <ScalarVariable name="u" valueReference="0" causality="input"><Real declaredType="T" start="300"/></ScalarVariable>
  <ScalarVariable name="p" valueReference="1" causality="parameter" variability="tunable" description="gain">
   <Real start="2" min="1" max="3" displayUnit="degC" unit="K"/></ScalarVariable>
  <ScalarVariable name="x" valueReference="2"><Real/></ScalarVariable>
  <ScalarVariable name="der(x)" valueReference="3"><Real derivative="3"/></ScalarVariable>
  <ScalarVariable name="e" valueReference="4" causality="input" variability="discrete">
   <Enumeration declaredType="E" start="1"/></ScalarVariable>
  <ScalarVariable name="b" valueReference="5" causality="output" variability="discrete"><Boolean/></ScalarVariable>
  <ScalarVariable name="s" valueReference="6" causality="parameter" variability="fixed">
   <String start=""/></ScalarVariable>
 </ModelVariables>
 <ModelStructure>
  <Outputs><Unknown index="6" dependencies="1 3" dependenciesKind="dependent constant"/></Outputs>
  <Derivatives><Unknown index="4"/></Derivatives>
  <InitialUnknowns><Unknown index="4" dependencies=""/></InitialUnknowns>
 </ModelStructure>
</fmiModelDescription>
"""

FMI3 = """\
<fmiModelDescription fmiVersion="3.0" modelName="M" instantiationToken="t">
 <CoSimulation modelIdentifier="M"/>
 <ModelVariables>
  <Float64 name="time" valueReference="0" causality="independent" variability="continuous"/>
  <UInt64 name="n" valueReference="1" causality="structuralParameter" start="2" min="1"/>
  <Float64 name="x" valueReference="2" start="1 2"><Dimension valueReference="1"/>
   <Alias name="z" description="same"/></Float64>
  <Float64 name="dx" valueReference="3" derivative="2" initial="calculated"><Dimension valueReference="1"/></Float64>
  <Int32 name="i" valueReference="4" causality="output" clocks="6"/>
  <String name="s" valueReference="5" causality="parameter"><Start value="text"/></String>
  <Clock name="c" valueReference="6" causality="input" intervalVariability="triggered"/>
  <Binary name="d" valueReference="7" causality="input"><Start value="00ff"/></Binary>
 </ModelVariables>
 <ModelStructure>
  <Output valueReference="4" dependencies=""/>
  <ContinuousStateDerivative valueReference="3" dependencies="2"/>
  <InitialUnknown valueReference="3"/>
 </ModelStructure>
</fmiModelDescription>
"""

FMI1 = """\
<fmiModelDescription fmiVersion="1.0" modelName="M" modelIdentifier="M" guid="g" numberOfContinuousStates="0"
  numberOfEventIndicators="0">
 <ModelVariables>
  <ScalarVariable name="k" valueReference="0" variability="parameter"><Real start="1"/></ScalarVariable>
  <ScalarVariable name="w" valueReference="1" causality="internal"><Integer/></ScalarVariable>
  <ScalarVariable name="y" valueReference="2" causality="output"><Real/></ScalarVariable>
 </ModelVariables>
</fmiModelDescription>
"""


def by_fmpy(data: bytes) -> ModelDescription:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("modelDescription.xml", data)
    return read_model_description(archive, validate=False)


def compare(data: bytes) -> None:
    ours, theirs = read_xml(Path("m.fmu"), data).content, by_fmpy(data)
    assert [shown(item) for item in ours.modelVariables] == [shown(item) for item in theirs.modelVariables]
    for part in ("outputs", "derivatives", "initialUnknowns", "eventIndicators", "clockedStates"):
        assert [unknown(item) for item in getattr(ours, part)] == [unknown(item) for item in getattr(theirs, part)]
    for name in ("numberOfContinuousStates", "numberOfEventIndicators", "modelName", "guid"):
        assert getattr(ours, name) == getattr(theirs, name)


def shown(variable) -> dict[str, object]:
    found = {name: getattr(variable, name) for name in ATTRIBUTES}
    if variable.type.startswith("UInt"):
        found["min"] = found["max"] = None  # fmpy leaves them out
    found["shape"] = tuple(found["shape"] or ())
    found["declared"] = variable.declaredType and variable.declaredType.name
    found["derivative"] = variable.derivative and variable.derivative.name
    found["alias"] = variable.alias and variable.alias.name
    found["clocks"] = [clock.name for clock in variable.clocks or ()]
    found["dimensions"] = [(one.start, one.valueReference) for one in variable.dimensions]
    return found


def unknown(item) -> tuple[object, ...]:
    names = None if item.dependencies is None else [other.name for other in item.dependencies]
    return item.variable.name, names, item.dependenciesKind, item.sourceline


@pytest.mark.parametrize("text", [FMI1, FMI2, FMI3], ids=["1.0", "2.0", "3.0"])
def test_small_descriptions(text):
    compare(text.encode())


def test_what_our_builder_writes(tmp_path):
    (tmp_path / "Settled.mo").write_bytes(SETTLED.read_bytes())
    built = build(["Settled.Lag"], search_path=(tmp_path,), output=tmp_path, fmi_versions=("2.0", "3.0"))
    for fmu in built:
        with zipfile.ZipFile(fmu.path) as archive:
            compare(archive.read("modelDescription.xml"))
