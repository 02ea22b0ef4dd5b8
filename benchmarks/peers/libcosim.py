"""libcosim through libcosimpy; recorded by its time series observer."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from peers.cell import FIRST_OUTPUT, STEP, AbstractMaster, Cell


class Master(AbstractMaster):
    """Its fixed-step algorithm."""

    def __init__(self, cell: Cell, folder: Path) -> None:
        from libcosimpy.CosimEnums import CosimVariableType
        from libcosimpy.CosimExecution import CosimExecution
        from libcosimpy.CosimObserver import CosimObserver
        from libcosimpy.CosimSlave import CosimLocalSlave

        self._cell = cell
        self._execution = CosimExecution.from_step_size(round(STEP * 1e9))
        self._slaves = [CosimLocalSlave(fmu_path=cell.fmu, instance_name=f"c{i}") for i in range(cell.n)]
        indices = [self._execution.add_local_slave(slave) for slave in self._slaves]
        for i, k, j, m in cell.links:
            self._execution.connect_real_variables(indices[i], FIRST_OUTPUT + k, indices[j], m)
        self._observer = CosimObserver.create_last_value()
        self._execution.add_observer(self._observer)
        if cell.recorded:
            self._series = CosimObserver.create_time_series(buffer_size=1_000_000)
            self._execution.add_observer(self._series)
            for index in indices:
                for k in range(cell.connections):
                    self._series.start_time_series(index, FIRST_OUTPUT + k, CosimVariableType.REAL)
        self._indices = indices

    def run(self, n_steps: int) -> float:
        began = perf_counter()
        self._execution.step(n_steps)
        return perf_counter() - began

    def outputs(self) -> list[float]:
        references = [FIRST_OUTPUT + k for k in range(self._cell.connections)]
        return [value for i in self._indices for value in self._observer.last_real_values(i, references)]
