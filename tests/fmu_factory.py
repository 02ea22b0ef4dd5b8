"""Small but honest FMUs for tests: a first-order lag in C, built with the machine's compiler, for FMI 2.0 and 3.0.

    path = build_lag(tmp_path / "lag.fmu")                 # tau dx/dt = gain u - x, y = x, stepped exactly
    path = build_lag(tmp_path / "lag.fmu", "3.0")

Besides ``u``, ``y``, ``gain``, ``tau`` and ``x_start`` it has Integer, Boolean, enumeration and text variables, state
access, and faults on demand: parameter ``fault`` (a value of FAULTS) happens in step number ``fault_at``.
"""

import atexit
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import fmpy
import pytest

SOURCES = Path(__file__).parent / "c"
HEADERS = Path(fmpy.__file__).parent / "c-code"
FAULTS = {
    name: code
    for code, name in enumerate(
        ("none", "warning", "discard", "error", "fatal", "nan", "terminate", "early", "chatter", "illegal", "forgetful",
         "nonsense")
    )
}  # fmt: skip
FOLDERS = {"2.0": "linux64", "3.0": f"{platform.machine()}-linux"}
ECHO_TYPES = ("Float32", "Int8", "UInt8", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Boolean")


@cache
def build_folder() -> Path:
    """A folder for binaries of this test run, removed at its end."""
    folder = Path(tempfile.mkdtemp(prefix="test-binaries-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def compile_library(source: str, defines: tuple[str, ...] = (), flags: tuple[str, ...] = ()) -> bytes:
    """Compile ``tests/c/<source>`` to a shared library and return its content."""
    if shutil.which("cc") is None or not sys.platform.startswith("linux"):
        pytest.skip("needs cc on Linux")
    target = build_folder() / f"{abs(hash((source, defines, flags)))}.so"
    command = ["cc", "-O1", "-w", "-shared", "-fPIC", f"-I{HEADERS}", *(f"-D{define}" for define in defines), *flags]
    subprocess.run([*command, str(SOURCES / source), "-o", str(target), "-lm"], check=True)
    return target.read_bytes()


def write_fmu(path: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write an archive with ``files``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def build_lag(
    path: Path,
    fmi: str = "2.0",
    *,
    change: Callable[[str], str] = lambda xml: xml,
    defines: Sequence[str] = (),
    folder: str | None = None,
    files: Mapping[str, bytes | str] | None = None,
) -> Path:
    """Write the lag as an FMU; ``change`` edits its modelDescription.xml, ``files`` are put in besides."""
    library = compile_library(f"lag_fmi{fmi[0]}.c", tuple(defines))
    description = change(lag_description(fmi))
    binary = f"binaries/{folder or FOLDERS[fmi]}/lag.so"
    return write_fmu(path, {"modelDescription.xml": description, binary: library, **(files or {})})


def lag_description(fmi: str = "2.0") -> str:
    """The modelDescription.xml of the lag."""
    return _FMI2 if fmi == "2.0" else _fmi3()


_FMI2 = """<?xml version="1.0" encoding="UTF-8"?>
<fmiModelDescription fmiVersion="2.0" modelName="Lag" guid="{lag}" description="First-order lag"
    generationTool="tests/fmu_factory.py" numberOfEventIndicators="0" variableNamingConvention="structured">
  <CoSimulation modelIdentifier="lag" canHandleVariableCommunicationStepSize="true" canGetAndSetFMUstate="true"/>
  <UnitDefinitions>
    <Unit name="s"><BaseUnit s="1"/><DisplayUnit name="h" factor="0.000277777777777778"/></Unit>
    <Unit name="mol/m3"><BaseUnit m="-3" mol="1"/></Unit>
  </UnitDefinitions>
  <TypeDefinitions>
    <SimpleType name="Mode"><Enumeration><Item name="hold" value="1"/><Item name="follow" value="2"/></Enumeration></SimpleType>
    <SimpleType name="Concentration"><Real unit="mol/m3" min="0" nominal="100"/></SimpleType>
  </TypeDefinitions>
  <LogCategories><Category name="logStatusWarning"/><Category name="logStatusError"/></LogCategories>
  <DefaultExperiment startTime="0" stopTime="100" stepSize="1"/>
  <ModelVariables>
    <ScalarVariable name="time" valueReference="0" causality="independent" variability="continuous"><Real unit="s"/></ScalarVariable>
    <ScalarVariable name="u" valueReference="1" causality="input" description="Input"><Real declaredType="Concentration" start="0"/></ScalarVariable>
    <ScalarVariable name="y" valueReference="2" causality="output" description="Output"><Real declaredType="Concentration"/></ScalarVariable>
    <ScalarVariable name="x" valueReference="3" causality="local"><Real unit="mol/m3"/></ScalarVariable>
    <ScalarVariable name="gain" valueReference="4" causality="parameter" variability="tunable"><Real start="1"/></ScalarVariable>
    <ScalarVariable name="tau" valueReference="5" causality="parameter" variability="fixed" description="Time constant"><Real unit="s" displayUnit="h" start="10" min="1e-6" max="1e6"/></ScalarVariable>
    <ScalarVariable name="x_start" valueReference="6" causality="parameter" variability="fixed"><Real unit="mol/m3" start="0"/></ScalarVariable>
    <ScalarVariable name="steps" valueReference="7" causality="output" variability="discrete"><Integer/></ScalarVariable>
    <ScalarVariable name="enabled" valueReference="8" causality="input" variability="discrete"><Boolean start="true"/></ScalarVariable>
    <ScalarVariable name="mode" valueReference="9" causality="input" variability="discrete"><Enumeration declaredType="Mode" start="2"/></ScalarVariable>
    <ScalarVariable name="label" valueReference="10" causality="parameter" variability="fixed"><String start=""/></ScalarVariable>
    <ScalarVariable name="fault" valueReference="11" causality="parameter" variability="fixed"><Integer start="0"/></ScalarVariable>
    <ScalarVariable name="fault_at" valueReference="12" causality="parameter" variability="fixed"><Integer start="0"/></ScalarVariable>
    <ScalarVariable name="level" valueReference="13" causality="input" variability="discrete"><Integer start="0"/></ScalarVariable>
    <ScalarVariable name="level_out" valueReference="14" causality="output" variability="discrete"><Integer/></ScalarVariable>
    <ScalarVariable name="is_on" valueReference="15" causality="output" variability="discrete"><Boolean/></ScalarVariable>
    <ScalarVariable name="mode_out" valueReference="16" causality="output" variability="discrete"><Enumeration declaredType="Mode"/></ScalarVariable>
    <ScalarVariable name="label_length" valueReference="17" causality="output" variability="discrete"><Integer/></ScalarVariable>
  </ModelVariables>
  <ModelStructure>
    <Outputs>
      <Unknown index="3" dependencies=""/><Unknown index="8" dependencies=""/><Unknown index="15" dependencies="14"/>
      <Unknown index="16" dependencies="9"/><Unknown index="17"/><Unknown index="18" dependencies=""/>
    </Outputs>
    <InitialUnknowns>
      <Unknown index="3"/><Unknown index="8"/><Unknown index="15"/><Unknown index="16"/><Unknown index="17"/><Unknown index="18"/>
    </InitialUnknowns>
  </ModelStructure>
</fmiModelDescription>
"""


def _fmi3() -> str:
    echoes = "".join(_echo(number, kind) for number, kind in enumerate(ECHO_TYPES))
    outputs = [2, 7, 14, 15, 16, 17, *(19 + 2 * number for number in range(len(ECHO_TYPES)))]
    structure = "".join(f'<Output valueReference="{vr}" dependencies=""/>' for vr in outputs if vr not in (14, 16))
    structure += '<Output valueReference="14" dependencies="13"/><Output valueReference="16"/>'
    structure += "".join(f'<InitialUnknown valueReference="{vr}"/>' for vr in outputs)
    return _FMI3.replace("@echoes@", echoes).replace("@structure@", structure)


def _echo(number: int, kind: str) -> str:
    start = "false" if kind == "Boolean" else "0"
    variability = "" if kind == "Float32" else ' variability="discrete"'
    name = f"echo_{kind.lower()}"
    return (
        f'<{kind} name="{name}" valueReference="{18 + 2 * number}" causality="input"{variability} start="{start}"/>'
        f'<{kind} name="{name}_out" valueReference="{19 + 2 * number}" causality="output"{variability}/>\n    '
    )


_FMI3 = """<?xml version="1.0" encoding="UTF-8"?>
<fmiModelDescription fmiVersion="3.0" modelName="Lag" instantiationToken="{lag}" description="First-order lag"
    generationTool="tests/fmu_factory.py">
  <CoSimulation modelIdentifier="lag" canHandleVariableCommunicationStepSize="true" canGetAndSetFMUState="true"/>
  <UnitDefinitions>
    <Unit name="s"><BaseUnit s="1"/></Unit>
    <Unit name="mol/m3"><BaseUnit m="-3" mol="1"/></Unit>
  </UnitDefinitions>
  <TypeDefinitions>
    <EnumerationType name="Mode"><Item name="hold" value="1"/><Item name="follow" value="2"/></EnumerationType>
    <Float64Type name="Concentration" unit="mol/m3" min="0" nominal="100"/>
  </TypeDefinitions>
  <LogCategories><Category name="logStatusWarning"/><Category name="logStatusError"/></LogCategories>
  <DefaultExperiment startTime="0" stopTime="100" stepSize="1"/>
  <ModelVariables>
    <Float64 name="time" valueReference="0" causality="independent" variability="continuous" unit="s"/>
    <Float64 name="u" valueReference="1" causality="input" description="Input" declaredType="Concentration" start="0"/>
    <Float64 name="y" valueReference="2" causality="output" description="Output" declaredType="Concentration"/>
    <Float64 name="x" valueReference="3" causality="local" unit="mol/m3"/>
    <Float64 name="gain" valueReference="4" causality="parameter" variability="tunable" start="1"/>
    <Float64 name="tau" valueReference="5" causality="parameter" variability="fixed" unit="s" start="10" min="1e-6" max="1e6"/>
    <Float64 name="x_start" valueReference="6" causality="parameter" variability="fixed" unit="mol/m3" start="0"/>
    <Int32 name="steps" valueReference="7" causality="output"/>
    <Boolean name="enabled" valueReference="8" causality="input" start="true"/>
    <Enumeration name="mode" valueReference="9" causality="input" declaredType="Mode" start="2"/>
    <String name="label" valueReference="10" causality="parameter" variability="fixed"><Start value=""/></String>
    <Int32 name="fault" valueReference="11" causality="parameter" variability="fixed" start="0"/>
    <Int32 name="fault_at" valueReference="12" causality="parameter" variability="fixed" start="0"/>
    <Int32 name="level" valueReference="13" causality="input" start="0"/>
    <Int32 name="level_out" valueReference="14" causality="output"/>
    <Boolean name="is_on" valueReference="15" causality="output"/>
    <Enumeration name="mode_out" valueReference="16" causality="output" declaredType="Mode"/>
    <Int32 name="label_length" valueReference="17" causality="output"/>
    @echoes@<UInt64 name="n" valueReference="58" causality="structuralParameter" variability="fixed" start="2"/>
    <Float64 name="w" valueReference="59" causality="parameter" variability="fixed" start="1 2"><Dimension valueReference="58"/></Float64>
    <Binary name="blob" valueReference="60" causality="parameter" variability="fixed"><Start value="0aff"/></Binary>
  </ModelVariables>
  <ModelStructure>@structure@</ModelStructure>
</fmiModelDescription>
"""
