"""A plant small enough for tests: a kettle with a heater, as a Python function behind a scenario."""

from pathlib import Path

from cosim.instance.function import FunctionInstance
from cosim.system.component import Capabilities, ComponentDescription
from cosim.system.variable import Causality, Variable

SCENARIO = """\
scenario: kettle
components: {kettle: {source: python}}
phases: {boil: {active: [kettle], duration: 2 h, step: 10 s}}
"""
TAGS = """\
tag_map: kettle
tags:
  TT1: {measures: kettle.T, unit: degC, limits: [0 degC, 120 degC], every: 10 s}
  QT1: {drives: kettle.heat, unit: W, limits: [0 W, 3000 W], every: 10 s}
  LAB1: {samples: kettle.salt, unit: g/L, every: 60 s}
  SP1: {plant: kettle.heat, unit: kW, limits: [0 kW, 3 kW], writable: true, every: 10 s}
"""


def kettle(name: str) -> FunctionInstance:
    """dT/dt = (heat - loss (T - 293.15 K)) / C by forward Euler; salt rises by 1 mg/L per second."""
    variables = [
        Variable("heat", Causality.INPUT, unit="W", start=1000.0, minimum=0.0, maximum=3000.0),
        Variable("loss", Causality.PARAMETER, unit="W/K", start=5.0),
        Variable("T", Causality.OUTPUT, unit="K"),
        Variable("salt", Causality.OUTPUT, unit="kg/m3"),
    ]

    def step(v, time, size):
        if not size:
            v["T"], v["salt"] = 293.15, 0.0
        v["T"] += (v["heat"] - v["loss"] * (v["T"] - 293.15)) / 4.2e4 * size
        v["salt"] += 1e-3 * size

    description = ComponentDescription(
        "kettle",
        {item.name: item for item in variables},
        Capabilities(can_get_and_set_state=True, can_serialise_state=True),
    )
    return FunctionInstance(name, description, step)


def write_kettle(folder: Path) -> Path:
    """Write its scenario and tag map; return the scenario."""
    (folder / "kettle.tags.yaml").write_text(TAGS)
    (folder / "kettle.yaml").write_text(SCENARIO)
    return folder / "kettle.yaml"
