"""FMUs that fail on demand, for Co-Simulation and Model Exchange: tests/c/faulty.h.

path = build_faulty(tmp_path / "faulty.fmu", "2.0")      # x' = gain u + 1 - x, y = x
start = fault("step", "error", at=2.0)                   # start values
"""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from fmu_factory import FOLDERS, compile_library, write_fmu

PLACES = {
    name: code
    for code, name in enumerate(
        ("nowhere", "enter", "exit", "step", "get", "set", "get state", "set state", "update", "completed")
    )
}
KINDS = {"warning": 1, "discard": 2, "error": 3, "fatal": 4, "nan": 5}
LIES = {"honest": 0, "forgets": 1, "half": 2, "hidden": 3}
FUNCTIONS = {
    ("enter", "2.0"): "fmi2EnterInitializationMode",
    ("enter", "3.0"): "fmi3EnterInitializationMode",
    ("exit", "2.0"): "fmi2ExitInitializationMode",
    ("exit", "3.0"): "fmi3ExitInitializationMode",
    ("get", "2.0"): "fmi2GetReal",
    ("get", "3.0"): "fmi3GetFloat64",
    ("set", "2.0"): "fmi2SetReal",
    ("set", "3.0"): "fmi3SetFloat64",
    ("get state", "2.0"): "fmi2GetFMUstate",
    ("get state", "3.0"): "fmi3GetFMUState",
    ("set state", "2.0"): "fmi2SetFMUstate",
    ("set state", "3.0"): "fmi3SetFMUState",
    ("update", "2.0"): "fmi2NewDiscreteStates",
    ("update", "3.0"): "fmi3UpdateDiscreteStates",
    ("completed", "2.0"): "fmi2CompletedIntegratorStep",
    ("completed", "3.0"): "fmi3CompletedIntegratorStep",
    ("step", "2.0", "Co-Simulation"): "fmi2DoStep",
    ("step", "3.0", "Co-Simulation"): "fmi3DoStep",
    ("step", "2.0", "Model Exchange"): "fmi2GetDerivatives",
    ("step", "3.0", "Model Exchange"): "fmi3GetContinuousStateDerivatives",
}

FORK = """\
scenario: fork
components:
  source: {{source: faulty{fmi}.fmu, host: inline, fmi: {interface}}}
  left: {{source: faulty{fmi}.fmu, host: inline, fmi: {interface}}}
  right: {{source: faulty{fmi}.fmu, host: inline, fmi: {interface}}}
connections: [source.y -> left.u, source.y -> right.u, left.y -> source.u]
parameters:
  source: {{gain: 0.7}}
  left: {{gain: -0.5}}
  right: {{gain: 0.9{start}}}
phases:
  run: {{active: [source, left, right], duration: {duration}, step: {step}}}
events: [{events}]
algorithm: {algorithm}
tolerance: 1e-4
"""
"""`source` drives `left` and `right`, which can be stepped at once; `right` fails."""

_REALS = (
    ("time", "independent", "continuous", None),
    ("x", "local", "continuous", None),
    ("der(x)", "local", "continuous", None),
    ("u", "input", "continuous", 0),
    ("gain", "parameter", "tunable", 1),
    ("at", "parameter", "fixed", 0),
    ("drift", "parameter", "fixed", 0),
    ("y", "output", "continuous", None),
)
_INTEGERS = (
    ("place", "parameter", "fixed", 0),
    ("kind", "parameter", "fixed", 0),
    ("lie", "parameter", "fixed", 0),
    ("calls", "output", "discrete", None),
)


def build_faulty(path: Path, fmi: str) -> Path:
    """Write the FMU, which offers both interface types."""
    library = compile_library(f"faulty_fmi{fmi[0]}.c")
    description = _fmi2() if fmi == "2.0" else _fmi3()
    return write_fmu(path, {"modelDescription.xml": description, f"binaries/{FOLDERS[fmi]}/faulty.so": library})


def write_fork(
    fmi: str = "2.0",
    interface: str = "Co-Simulation",
    algorithm: str = "gauss_seidel",
    *,
    start: Mapping[str, float] | None = None,
    duration: str = "12 s",
    step: str = "0.1 s",
    events: str = "",
) -> str:
    """Write `FORK` into the working directory, where `faulty2.fmu` or `faulty3.fmu` lies; return its name."""
    text = FORK.format(
        fmi=fmi[0],
        interface=interface.lower().replace(" ", "-"),
        algorithm=algorithm,
        start="".join(f", {name}: {value}" for name, value in (start or {}).items()),
        duration=duration,
        step=step,
        events=events,
    )
    Path("fork.yaml").write_text(text)
    return "fork.yaml"


def await_end(process: subprocess.Popen) -> tuple[str, str]:
    """Return what ``process`` printed; one that does not end is killed, so that the test does."""
    try:
        return process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def fault(place: str, kind: str, at: float = 0.0) -> dict[str, float]:
    """Return the start values for answering ``kind`` at ``place`` from time ``at`` [s] on."""
    return {"place": PLACES[place], "kind": KINDS[kind], "at": at}


def _fmi2() -> str:
    def one(number: int, kind: str, name: str, causality: str, variability: str, start: float | None) -> str:
        begin = "" if start is None else f' start="{start}"'
        derivative = ' derivative="2"' if name == "der(x)" else ""
        return (
            f'<ScalarVariable name="{name}" valueReference="{number}" causality="{causality}" '
            f'variability="{variability}"><{kind}{begin}{derivative}/></ScalarVariable>'
        )

    outputs = '<Unknown index="8" dependencies="2"/><Unknown index="12"/>'
    state = 'modelIdentifier="faulty" canGetAndSetFMUstate="true"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<fmiModelDescription fmiVersion="2.0" modelName="Faulty" guid="{f}" '
        f'numberOfEventIndicators="0"><ModelExchange {state}/>'
        f'<CoSimulation {state} canHandleVariableCommunicationStepSize="true"/>'
        f"<ModelVariables>{_variables(one, 'Real', 'Integer')}</ModelVariables><ModelStructure><Outputs>{outputs}"
        '</Outputs><Derivatives><Unknown index="3"/></Derivatives><InitialUnknowns><Unknown index="3"/>'
        f"{outputs}</InitialUnknowns></ModelStructure></fmiModelDescription>"
    )


def _fmi3() -> str:
    def one(number: int, kind: str, name: str, causality: str, variability: str, start: float | None) -> str:
        begin = "" if start is None else f' start="{start}"'
        derivative = ' derivative="1"' if name == "der(x)" else ""
        return (
            f'<{kind} name="{name}" valueReference="{number}" causality="{causality}" '
            f'variability="{variability}"{begin}{derivative}/>'
        )

    state = 'modelIdentifier="faulty" canGetAndSetFMUState="true"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<fmiModelDescription fmiVersion="3.0" modelName="Faulty" '
        f'instantiationToken="{{f}}"><ModelExchange {state} needsCompletedIntegratorStep="true"/>'
        f'<CoSimulation {state} canHandleVariableCommunicationStepSize="true"/>'
        f"<ModelVariables>{_variables(one, 'Float64', 'Int32')}</ModelVariables><ModelStructure>"
        '<Output valueReference="7" dependencies="1"/><Output valueReference="11"/>'
        '<ContinuousStateDerivative valueReference="2"/><InitialUnknown valueReference="2"/>'
        '<InitialUnknown valueReference="7"/><InitialUnknown valueReference="11"/></ModelStructure>'
        "</fmiModelDescription>"
    )


def _variables(one, real: str, integer: str) -> str:
    reals = [one(number, real, *variable) for number, variable in enumerate(_REALS)]
    return "".join(reals + [one(8 + number, integer, *variable) for number, variable in enumerate(_INTEGERS)])
