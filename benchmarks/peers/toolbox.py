"""The container FMU of fmu-manipulation-toolbox, a call per step."""

from __future__ import annotations

from pathlib import Path

from peers.cell import STEP, AbstractMaster, Cell
from peers.fmpy_fmus import Container


class Master(AbstractMaster):
    """A container written by the toolbox; its outputs get names of our choice."""

    def __init__(self, cell: Cell, folder: Path) -> None:
        from fmu_manipulation_toolbox.assembly import AssemblyNode

        node = AssemblyNode("container.fmu", step_size=STEP, auto_link=False, auto_input=False, auto_output=False)
        names = []
        for i in range(cell.n):
            node.add_fmu(f"c{i}", str(Path(cell.fmu).resolve()))
            for k in range(cell.connections):
                names.append(f"y_{i}_{k}")
                node.add_output(f"c{i}", f"y{k}", names[-1])
        for i, k, j, m in cell.links:
            node.add_link(f"c{i}", f"y{k}", f"c{j}", f"u{m}")
        node.make_fmu(folder)
        self._container = Container(folder / "container.fmu", cell, folder, names)

    def run(self, n_steps: int) -> float:
        return self._container.run(n_steps)

    def outputs(self) -> list[float]:
        return self._container.outputs()
