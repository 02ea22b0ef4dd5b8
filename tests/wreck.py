"""An FMU that ends its process, or hangs, on demand: tests/c/wreck_fmi2.c. It allows one instance per process."""

from collections.abc import Callable
from pathlib import Path

from fmu_factory import compile_library, write_fmu

DEEDS = {name: i for i, name in enumerate(("none", "segfault", "abort", "exit", "hang", "leak", "stop", "shout"))}

_XML = """<?xml version="1.0" encoding="UTF-8"?>
<fmiModelDescription fmiVersion="2.0" modelName="Wreck" guid="{w}">
<CoSimulation modelIdentifier="wreck" canHandleVariableCommunicationStepSize="true"
 canBeInstantiatedOnlyOncePerProcess="true" canGetAndSetFMUstate="true" canSerializeFMUstate="true"/>
<ModelVariables>
<ScalarVariable name="u" valueReference="0" causality="input"><Real start="0"/></ScalarVariable>
<ScalarVariable name="y" valueReference="1" causality="output"><Real/></ScalarVariable>
<ScalarVariable name="at" valueReference="2" causality="parameter" variability="fixed"><Real start="0"/>
</ScalarVariable>
<ScalarVariable name="deed" valueReference="3" causality="parameter" variability="fixed"><Integer start="0"/>
</ScalarVariable></ModelVariables>
<ModelStructure><Outputs><Unknown index="2" dependencies=""/></Outputs></ModelStructure></fmiModelDescription>
"""


def build_wreck(path: Path, change: Callable[[str], str] = lambda xml: xml) -> Path:
    library = compile_library("wreck_fmi2.c")
    return write_fmu(path, {"modelDescription.xml": change(_XML), "binaries/linux64/wreck.so": library})
