"""FMUs that harm the process they are in, or are not what they say: tests/c/hostile_fmi2.c.

path = build_hostile(tmp_path / "bad.fmu", "SEGFAULT")      # in the third step
path = build_hostile(tmp_path / "bad.fmu", "NOTHING", depends="")      # denies that y depends on u
"""

from pathlib import Path

from fmu_factory import FOLDERS, compile_library, write_fmu


def build_vendor(path: Path) -> Path:
    """Write the same model with the names of another house, and no units: F_in, kSpeed, Xv_out."""
    library = compile_library("hostile_fmi2.c", ("MISCHIEF=NOTHING", "AT=3"))
    description = _DESCRIPTION.format(depends="1", once="false")
    for ours, theirs in (('"u"', '"F_in"'), ('"y"', '"Xv_out"'), ('"gain"', '"kSpeed"')):
        description = description.replace(f"name={ours}", f"name={theirs}")
    return write_fmu(path, {"modelDescription.xml": description, f"binaries/{FOLDERS['2.0']}/hostile.so": library})


def build_hostile(
    path: Path, mischief: str = "NOTHING", *, depends: str = "1", once: bool = False, at: int = 3, tool: str = "by hand"
) -> Path:
    """Write an FMU that does ``mischief`` from step number ``at`` on; ``depends`` is what it states of its output."""
    library = compile_library("hostile_fmi2.c", (f"MISCHIEF={mischief}", f"AT={at}"))
    description = description_of(depends, once=once).replace("by hand", tool)
    return write_fmu(path, {"modelDescription.xml": description, f"binaries/{FOLDERS['2.0']}/hostile.so": library})


def description_of(depends: str, *, once: bool = False) -> str:
    """The modelDescription.xml of the hostile FMU."""
    return _DESCRIPTION.format(depends=depends, once="true" if once else "false")


_DESCRIPTION = """<?xml version="1.0" encoding="UTF-8"?>
<fmiModelDescription fmiVersion="2.0" modelName="Hostile" guid="{{hostile}}" generationTool="by hand">
  <CoSimulation modelIdentifier="hostile" canHandleVariableCommunicationStepSize="true" canGetAndSetFMUstate="true"
    canSerializeFMUstate="true" canBeInstantiatedOnlyOncePerProcess="{once}"/>
  <DefaultExperiment startTime="0" stopTime="10" stepSize="0.1"/>
  <ModelVariables>
    <ScalarVariable name="u" valueReference="0" causality="input" variability="continuous" description="input">
      <Real start="0"/></ScalarVariable>
    <ScalarVariable name="gain" valueReference="1" causality="parameter" variability="tunable" description="speed">
      <Real start="1"/></ScalarVariable>
    <ScalarVariable name="y" valueReference="2" causality="output" variability="continuous" description="output">
      <Real/></ScalarVariable>
  </ModelVariables>
  <ModelStructure>
    <Outputs><Unknown index="3" dependencies="{depends}"/></Outputs>
    <InitialUnknowns><Unknown index="3" dependencies="{depends}"/></InitialUnknowns>
  </ModelStructure>
</fmiModelDescription>
"""
