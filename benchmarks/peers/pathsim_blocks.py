"""pathsim with its Co-Simulation block; it evaluates events and blocks, recorded by a scope."""

from __future__ import annotations

import warnings
from pathlib import Path
from time import perf_counter

from peers.cell import STEP, AbstractMaster, Cell


class Master(AbstractMaster):
    """Blocks that step by schedule."""

    def __init__(self, cell: Cell, folder: Path) -> None:
        warnings.simplefilter("ignore")
        from pathsim import Connection, Simulation
        from pathsim.blocks import Scope
        from pathsim.blocks.fmu import CoSimulationFMU

        self._cell, self._n_early = cell, 1  # the first run also takes the step that begins at its end
        self._blocks = [CoSimulationFMU(cell.fmu, f"c{i}", dt=STEP) for i in range(cell.n)]
        connections = [Connection(self._blocks[i][f"y{k}"], self._blocks[j][f"u{m}"]) for i, k, j, m in cell.links]
        others = []
        if cell.recorded:
            scope = Scope()
            others = [scope]
            places = [(i, k) for i in range(cell.n) for k in range(cell.connections)]
            connections += [Connection(self._blocks[i][f"y{k}"], scope[p]) for p, (i, k) in enumerate(places)]
        self._simulation = Simulation([*self._blocks, *others], connections, dt=STEP, log=False)

    def run(self, n_steps: int) -> float:
        duration = (n_steps - self._n_early) * STEP
        self._n_early = 0
        began = perf_counter()
        self._simulation.run(duration, reset=False, adaptive=False)
        return perf_counter() - began

    def outputs(self) -> list[float]:
        c = self._cell.connections
        return [float(value) for block in self._blocks for value in block.outputs.to_array()[:c]]
