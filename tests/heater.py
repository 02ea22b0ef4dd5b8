"""Model Exchange FMUs for tests: a room with a thermostat in C, for FMI 1.0, 2.0 and 3.0.

    path = build_heater(tmp_path / "heater.fmu", "2.0")     # tau dT/dt = ambient + power on - T

State events where T crosses ``low`` and ``high``, time events every ``period``, faults from ``fault_time`` on.
"""

import math
from pathlib import Path

from fmu_factory import FOLDERS, compile_library, write_fmu

FAULTS = {
    name: code
    for code, name in enumerate(
        ("none", "discard", "error", "fatal", "nan", "unsettled", "terminate", "step events",
         "discard indicators", "discard hot", "reset")
    )
}  # fmt: skip

_REALS = (
    ("time", "independent", "continuous", None),
    ("T", "output", "continuous", None),
    ("der(T)", "local", "continuous", None),
    ("ambient", "input", "continuous", 10),
    ("power", "parameter", "tunable", 20),
    ("tau", "parameter", "fixed", 100),
    ("low", "parameter", "fixed", 18),
    ("high", "parameter", "fixed", 22),
    ("period", "parameter", "fixed", 0),
    ("T_start", "parameter", "fixed", 10),
    ("fault_time", "parameter", "fixed", 1e300),
)
_INTEGERS = (
    ("fault", "parameter", "fixed", 0),
    ("on", "input", "discrete", 1),
    ("switches", "output", "discrete", None),
    ("ticks", "output", "discrete", None),
    ("rounds", "output", "discrete", None),
    ("steps", "output", "discrete", None),
)


def build_heater(path: Path, fmi: str, change=lambda xml: xml) -> Path:
    """Write the heater as a Model Exchange FMU; ``change`` edits its modelDescription.xml."""
    library = compile_library(f"heater_fmi{fmi[0]}.c")
    description = change({"1.0": _fmi1, "2.0": _fmi2, "3.0": _fmi3}[fmi]())
    folder = FOLDERS["3.0" if fmi == "3.0" else "2.0"]
    return write_fmu(path, {"modelDescription.xml": description, f"binaries/{folder}/heater.so": library})


def temperature(time: float, *, T_start=10.0, ambient=10.0, power=20.0, tau=100.0, low=18.0, high=22.0):
    """Return T and the number of switches of the heater at ``time`` in closed form."""
    now, start, is_on, switches = 0.0, T_start, True, 0
    while True:
        goal, bound = (ambient + power, high) if is_on else (ambient, low)
        crossing = (
            now + tau * math.log((start - goal) / (bound - goal)) if (bound - goal) * (start - goal) > 0 else math.inf
        )
        if crossing >= time:
            return goal + (start - goal) * math.exp(-(time - now) / tau), switches
        now, start, is_on, switches = crossing, bound, not is_on, switches + 1


def _fmi2() -> str:
    def one(number, kind, name, causality, variability, start):
        begin = "" if start is None else f' start="{start}"'
        derivative = ' derivative="2"' if name == "der(T)" else ""
        return (
            f'<ScalarVariable name="{name}" valueReference="{number}" causality="{causality}" '
            f'variability="{variability}"><{kind}{begin}{derivative}/></ScalarVariable>'
        )

    unknown = '<Unknown index="{}"/>'.format
    outputs = "".join(unknown(index) for index in (2, 14, 15, 16, 17))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<fmiModelDescription fmiVersion="2.0" modelName="Heater" guid="{h}" '
        'numberOfEventIndicators="2"><ModelExchange modelIdentifier="heater" canGetAndSetFMUstate="true"/>'
        f"<ModelVariables>{_variables(one, 'Real', 'Integer')}</ModelVariables>"
        f"<ModelStructure><Outputs>{outputs}</Outputs><Derivatives>{unknown(3)}</Derivatives>"
        f"<InitialUnknowns>{outputs}{unknown(3)}</InitialUnknowns></ModelStructure></fmiModelDescription>"
    )


def _fmi3() -> str:
    def one(number, kind, name, causality, variability, start):
        begin = "" if start is None else f' start="{start}"'
        derivative = ' derivative="1"' if name == "der(T)" else ""
        return (
            f'<{kind} name="{name}" valueReference="{number}" causality="{causality}" '
            f'variability="{variability}"{begin}{derivative}/>'
        )

    outputs = "".join(f'<Output valueReference="{number}"/>' for number in (1, 13, 14, 15, 16))
    initial = "".join(f'<InitialUnknown valueReference="{number}"/>' for number in (1, 2, 13, 14, 15, 16))
    indicators = "".join(
        f'<Float64 name="z{number}" valueReference="{number}" causality="local"/>' for number in (17, 18)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<fmiModelDescription fmiVersion="3.0" modelName="Heater" '
        'instantiationToken="{h}"><ModelExchange modelIdentifier="heater" canGetAndSetFMUState="true" '
        'needsCompletedIntegratorStep="true"/>'
        f"<ModelVariables>{_variables(one, 'Float64', 'Int32')}{indicators}</ModelVariables>"
        f'<ModelStructure>{outputs}<ContinuousStateDerivative valueReference="2"/>{initial}'
        '<EventIndicator valueReference="17"/><EventIndicator valueReference="18"/></ModelStructure>'
        "</fmiModelDescription>"
    )


def _fmi1() -> str:
    causalities = {"parameter": "internal", "local": "internal", "independent": "internal"}

    def one(number, kind, name, causality, variability, start):
        begin = "" if start is None else f' start="{start}"'
        if causality == "parameter":
            variability = "parameter"
        return (
            f'<ScalarVariable name="{name}" valueReference="{number}" '
            f'causality="{causalities.get(causality, causality)}" '
            f'variability="{variability}"><{kind}{begin}/></ScalarVariable>'
        )

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<fmiModelDescription fmiVersion="1.0" modelName="Heater" guid="{h}" '
        'modelIdentifier="heater" numberOfContinuousStates="1" numberOfEventIndicators="2">'
        f"<ModelVariables>{_variables(one, 'Real', 'Integer')}</ModelVariables></fmiModelDescription>"
    )


def _variables(one, real: str, integer: str) -> str:
    reals = [one(number, real, *variable) for number, variable in enumerate(_REALS)]
    return "".join(reals + [one(11 + number, integer, *variable) for number, variable in enumerate(_INTEGERS)])
