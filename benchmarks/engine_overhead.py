"""What the engine itself costs per component and communication step, with instances that do nothing.

    python benchmarks/engine_overhead.py [--json]

A chain of units with one stream of 14 species each, one connection, three recorded outputs, for 15,000 steps; with and
without a condition that has to be watched (which costs a snapshot of every instance in every step).
"""

from __future__ import annotations

import argparse
import json
from time import perf_counter

from cosim.algorithm.gauss_seidel import GaussSeidel
from cosim.clock import Ticks, to_ticks
from cosim.execution import execute
from cosim.instance.contract import AbstractInstance, StepOutcome, VariableGroup
from cosim.system.component import Capabilities, Component, ComponentDescription
from cosim.system.experiment import Comparison, Duration, Experiment, Phase, Until
from cosim.system.ports import find_ports
from cosim.system.stream import PortName, SpeciesLink, Stream
from cosim.system.structure import Connection, SystemStructure
from cosim.system.variable import Causality, Variable, VariableName

SPECIES = [f"s{i}" for i in range(14)]
STEPS = 15_000


class IdleUnit(AbstractInstance):
    """Every output is the time [s]."""

    def __init__(self, description: ComponentDescription) -> None:
        self._description = description
        self._time = 0.0
        self._n_groups = 0

    @property
    def description(self) -> ComponentDescription:  # noqa: D102
        return self._description

    def group(self, names) -> VariableGroup:  # noqa: ANN001, D102
        self._n_groups += 1
        return VariableGroup(self._n_groups - 1)

    def set_start(self, values) -> None:  # noqa: ANN001, D102
        pass

    def enter_initialization(self, time, *, stop_time, tolerance) -> None:  # noqa: ANN001, D102
        self._time = 0.0

    def exit_initialization(self) -> None:  # noqa: D102
        pass

    def write(self, group, values) -> None:  # noqa: ANN001, D102
        pass

    def read(self, group, values) -> None:  # noqa: ANN001, D102
        values[:] = self._time

    def step(self, time, size) -> StepOutcome:  # noqa: ANN001, D102
        self._time = (time + size) * 1e-9
        return StepOutcome(Ticks(time + size))

    def get_state(self) -> object:  # noqa: D102
        return self._time

    def set_state(self, state) -> None:  # noqa: ANN001, D102
        self._time = state

    def free_state(self, state) -> None:  # noqa: ANN001, D102
        pass

    def reset(self) -> None:  # noqa: D102
        pass

    def terminate(self) -> None:  # noqa: D102
        pass

    def free(self) -> None:  # noqa: D102
        pass


def describe() -> ComponentDescription:
    """Describe a unit with an inlet and an outlet."""
    inputs = ["in.V_flow", "in.T", "flow", *(f"in.c_{name}" for name in SPECIES)]
    outputs = ["out.V_flow", "out.T", "out.V_total", "level"]
    outputs += [f"out.{kind}" for name in SPECIES for kind in (f"c_{name}", f"m_{name}_total")]
    variables = {name: Variable(name, Causality.INPUT, start=0.0) for name in inputs}
    variables |= {name: Variable(name, Causality.OUTPUT) for name in outputs}
    return ComponentDescription(
        "idle", variables, Capabilities(can_get_and_set_state=True), ports=find_ports(variables)
    )


def measure(n: int, *, is_watched: bool) -> float:
    """Return the time [µs] per component and communication step."""
    names = [f"u{i}" for i in range(n)]
    description = describe()
    links = tuple(SpeciesLink(name, name) for name in SPECIES)
    streams = tuple(
        Stream(PortName(a, "out"), PortName(b, "in") if b else None, links)
        for a, b in zip(names, [*names[1:], None], strict=True)
    )
    structure = SystemStructure(
        {name: Component(name, description) for name in names},
        (Connection(VariableName(names[1], "level"), VariableName(names[0], "flow")),),
        streams,
    )
    end = to_ticks(float(STEPS))
    never = Comparison(VariableName(names[0], "level"), ">", 1e9)
    ending = Until((never,), end, continue_at_limit=True) if is_watched else Duration(end)
    experiment = Experiment(
        (Phase("run", tuple(names), to_ticks(1.0), ending),),
        recorded={name: ("level", "out.V_flow", "out.c_s0") for name in names},
    )
    began = perf_counter()
    outcome = execute(structure, experiment, {name: IdleUnit(description) for name in names}, GaussSeidel())
    assert outcome.status == "completed", outcome.reason
    return (perf_counter() - began) / STEPS / n * 1e6


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    rows = [
        {"n": n, "watched": watched, "us_per_step": round(measure(n, is_watched=watched), 2)}
        for n in (2, 5)
        for watched in (False, True)
    ]
    if parser.parse_args().json:
        print(json.dumps(rows))
        return
    for row in rows:
        watched = "watched" if row["watched"] else "free"
        print(f"{row['n']} units, {watched:8s} {row['us_per_step']:6.1f} µs per component and step")


if __name__ == "__main__":
    main()
