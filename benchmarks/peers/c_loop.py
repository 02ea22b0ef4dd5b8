"""A C loop over the FMU's functions: the limit."""

from __future__ import annotations

import ctypes
import zipfile
from pathlib import Path
from time import perf_counter

import numpy as np

from peers.cell import FIRST_OUTPUT, STEP, AbstractMaster, Cell, compile_c


class Master(AbstractMaster):
    """Jacobi."""

    def __init__(self, cell: Cell, folder: Path) -> None:
        with zipfile.ZipFile(cell.fmu) as archive:
            archive.extractall(folder)
        compile_c(Path(__file__).with_name("loop.c"), folder / "loop.so")
        self._loop = ctypes.CDLL(str(folder / "loop.so"))
        fmu = ctypes.CDLL(str(folder / "binaries/linux64/lag.so"))
        fmu.fmi2Instantiate.restype = ctypes.c_void_p
        self._cell, self._time, c = cell, 0.0, cell.connections
        self._components = np.array(
            [fmu.fmi2Instantiate(b"x", 1, b"lag", b"", None, 0, 0) for _ in range(cell.n)], dtype=np.uintp
        )
        self._functions = [ctypes.cast(fmu[name], ctypes.c_void_p) for name in ("fmi2GetReal", "fmi2SetReal")]
        self._functions.append(ctypes.cast(fmu.fmi2DoStep, ctypes.c_void_p))
        self._inputs = np.arange(c, dtype=np.uint32)
        self._outputs = np.arange(FIRST_OUTPUT, FIRST_OUTPUT + c, dtype=np.uint32)
        self._y, self._u = np.tile(0.1 * np.arange(c), cell.n), np.zeros(cell.n * c)
        self._from = np.zeros(cell.n * c, dtype=np.intp)
        for source, k, target, m in cell.links:
            self._from[target * c + m] = source * c + k

    def run(self, n_steps: int) -> float:
        cell, size = self._cell, ctypes.c_size_t
        record = np.empty((n_steps if cell.recorded else 0, cell.n * cell.connections))
        record.fill(0.0)  # so that its memory is there
        began = perf_counter()
        failed = self._loop.run(
            size(cell.n), size(cell.connections), _address(self._components), *self._functions,
            _address(self._inputs), _address(self._outputs), _address(self._y), _address(self._u),
            _address(self._from), size(1 if cell.kind == "chain" else 0), size(n_steps),
            ctypes.c_double(self._time), ctypes.c_double(STEP), _address(record) if cell.recorded else None,
        )  # fmt: skip
        seconds = perf_counter() - began
        if failed:
            raise SystemExit("The FMU refused a call of the C loop.")
        self._time += n_steps * STEP
        return seconds

    def outputs(self) -> list[float]:
        return self._y.tolist()


def _address(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
