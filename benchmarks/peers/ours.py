"""cosim: a scenario prepared as by ``cosim run``, stepped by Jacobi; recorded into memory."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import numpy as np

from cosim.algorithm.compiled import KERNEL
from cosim.clock import Ticks
from cosim.execution.execution import Execution
from cosim.execution.observer import AbstractBlockObserver, AbstractObserver, Progress, SampleBlock
from cosim.execution.outcome import Happening, Outcome
from cosim.instantiation import instantiate
from cosim.native import load
from cosim.preparation import prepare
from cosim.run import ALGORITHMS
from peers.cell import STEP, AbstractMaster, Cell


class Master(AbstractMaster):
    """Kind 'ring-full' has unit factors, an armed condition, and components in the ledger."""

    def __init__(self, cell: Cell, folder: Path, how: str = "") -> None:
        path = folder / "system.yaml"
        path.write_text(_scenario(cell), encoding="utf-8")
        prepared = prepare(path, None, ALGORITHMS)
        self._stack = ExitStack()
        instances = instantiate(prepared, self._stack)
        self._memory = _Memory()
        self._cell = cell
        self._execution = Execution(
            prepared.bound.structure,
            prepared.bound.experiment,
            instances,
            prepared.algorithm,
            (self._memory,) if cell.recorded else (),
            kernel=None if how == "python" else load(KERNEL),
        )
        self._execution.start()
        self._size = round(STEP * 1e9)

    def run(self, n_steps: int) -> float:
        execution = self._execution
        end = execution.time + n_steps * self._size
        self._memory.reserve(n_steps)
        began = perf_counter()
        while execution.time < end:
            execution.advance(end)
        return perf_counter() - began

    def outputs(self) -> list[float]:
        names = tuple(f"y{k}" for k in range(self._cell.connections))
        values = np.empty((self._cell.n, len(names)))
        for i in range(self._cell.n):  # not every output is read while stepping
            participant = self._execution.system.participants[f"c{i}"]
            participant.instance.read(participant.subgroup(names), values[i])
        return values.ravel().tolist()


class _Memory(AbstractObserver, AbstractBlockObserver):
    """Keeps all samples of a run, in memory that is there before."""

    def __init__(self) -> None:
        self._columns: dict[str, slice] = {}
        self._rows = np.empty((0, 0))
        self._times = np.empty(0, dtype=np.int64)
        self._n = 0

    def reserve(self, n: int) -> None:
        """Forget all samples, and make room for those of ``n`` steps."""
        self._rows = np.zeros((n, sum(item.stop - item.start for item in self._columns.values()))) + 0.0
        self._times, self._n = np.zeros(n, dtype=np.int64) + 0, 0

    def started(self, time: Ticks, recorded: Mapping[str, tuple[str, ...]]) -> None:
        ends = np.cumsum([len(names) for names in recorded.values()]).tolist()
        self._columns = {
            name: slice(end - len(names), end) for (name, names), end in zip(recorded.items(), ends, strict=True)
        }
        self.reserve(1)

    def sampled(self, component: str, time: Ticks, values: np.ndarray) -> None:
        if self._n == 0 or self._times[self._n - 1] != time:
            self._n += 1
        self._times[self._n - 1] = time
        self._rows[self._n - 1, self._columns[component]] = values

    def sampled_block(self, block: SampleBlock) -> None:
        begin, self._n = self._n, self._n + len(block.times)
        self._times[begin : self._n] = block.times
        self._rows[begin : self._n] = block.values

    def happened(self, happening: Happening) -> None:
        pass

    def progressed(self, progress: Progress) -> None:
        pass

    def finished(self, outcome: Outcome) -> None:
        pass


def _scenario(cell: Cell) -> str:
    components = "\n".join(f"  c{i}: {{source: {Path(cell.fmu).resolve()}, host: inline}}" for i in range(cell.n))
    connections = "\n".join(f"  - c{i}.y{k} -> c{j}.u{m}" for i, k, j, m in cell.links)
    names = ", ".join(f"c{i}" for i in range(cell.n))
    record = ", ".join(f"c*.y{k}" for k in range(cell.connections)) if cell.recorded else ""
    text = f"scenario: system\ncomponents:\n{components}\nconnections:\n{connections}\nphases:\n"
    text += f"  run: {{active: [{names}], duration: 10 d, step: {STEP * 1e3:g} ms}}\n"
    if cell.kind.endswith("-full"):
        text += "events:\n  - {when: c0.y0 > 1e9 g, set: {c0.u19: 1 kg}}\n"
    return text + f"algorithm: jacobi\nrecord: [{record}]\n"
