"""fmpy's container FMU: a call per step, or one for all."""

from __future__ import annotations

from pathlib import Path

from peers.cell import STEP, AbstractMaster, Cell
from peers.fmpy_fmus import Container


class Master(AbstractMaster):
    """A container written by fmpy's own functions."""

    def __init__(self, cell: Cell, folder: Path, how: str = "") -> None:
        names = [f"y_{i}_{k}" for i in range(cell.n) for k in range(cell.connections)]
        path = _write(cell, folder, names)
        self._container = Container(path, cell, folder, names, at_once=how == "at_once")

    def run(self, n_steps: int) -> float:
        return self._container.run(n_steps)

    def outputs(self) -> list[float]:
        return self._container.outputs()


def _write(cell: Cell, folder: Path, names: list[str]) -> Path:
    from fmpy import read_model_description
    from fmpy.container_fmu.cli import create_container_fmu
    from fmpy.container_fmu.config import Component, Configuration, Connection
    from fmpy.model_description import CoSimulation, DefaultExperiment, ModelDescription, ModelVariable, Unknown

    inner = read_model_description(cell.fmu)
    variables = {variable.name: variable for variable in inner.modelVariables}
    for variable in variables.values():
        variable.type = "Float64"  # fmpy writes FMI 2.0's names of types, which its own container refuses
    components = [Component(f"c{i}", Path(cell.fmu), inner) for i in range(cell.n)]
    outputs = [ModelVariable(name=name, type="Real", causality="output", variability="continuous", valueReference=j)
               for j, name in enumerate(names)]  # fmt: skip
    # The container counts its own variables from 1; 0 is the time.
    time = ModelVariable(name="time", type="Real", causality="independent", variability="continuous", valueReference=0)
    description = ModelDescription(
        fmiVersion="2.0", modelName="Container", instantiationToken="container",
        coSimulation=CoSimulation(modelIdentifier="container_fmu", fixedInternalStepSize=STEP),
        defaultExperiment=DefaultExperiment(stepSize=str(STEP)), modelVariables=[time, *outputs],
        outputs=[Unknown(variable=variable) for variable in outputs],
    )  # fmt: skip
    joined: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for i, k, j, m in cell.links:
        joined.setdefault((i, j), []).append((k, m))
    connections = [
        Connection(
            components[i], [variables[f"y{k}"] for k, _ in pairs], components[j], [variables[f"u{m}"] for _, m in pairs]
        )
        for (i, j), pairs in joined.items()
    ]
    mappings = {
        variable: [(components[index // cell.connections], variables[f"y{index % cell.connections}"])]
        for index, variable in enumerate(outputs)
    }
    configuration = Configuration(False, description, components, connections, _Mappings(mappings))
    path, unpacked = folder / "container.fmu", folder / "writing"
    unpacked.mkdir()
    create_container_fmu(configuration, unpacked, path)
    return path


class _Mappings(dict):
    """fmpy asks for the items only."""
