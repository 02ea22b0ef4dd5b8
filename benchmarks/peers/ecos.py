"""Ecos; recorded by its CSV writer."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from peers.cell import STEP, AbstractMaster, Cell


class Master(AbstractMaster):
    """Its fixed-step algorithm."""

    def __init__(self, cell: Cell, folder: Path) -> None:
        from ecospy import EcosSimulation, EcosSimulationStructure

        self._cell = cell
        structure = EcosSimulationStructure()
        for i in range(cell.n):
            structure.add_model(f"c{i}", str(Path(cell.fmu).resolve()))
        for i, k, j, m in cell.links:
            structure.make_real_connection(f"c{i}::y{k}", f"c{j}::u{m}")
        self._names = [f"c{i}::y{k}" for i in range(cell.n) for k in range(cell.connections)]
        self._simulation = EcosSimulation(step_size=STEP, structure=structure)
        if cell.recorded:
            self._simulation.add_csv_writer(str(folder / "result.csv"), identifiers=self._names)
        self._simulation.init()

    def run(self, n_steps: int) -> float:
        began = perf_counter()
        self._simulation.step(n_steps)
        return perf_counter() - began

    def outputs(self) -> list[float]:
        return [self._simulation.get_real(name) for name in self._names]
