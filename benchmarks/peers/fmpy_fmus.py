"""FMUs behind fmpy's classes, for masters that are FMUs themselves, and to write systems for fmpy."""

from __future__ import annotations

import ctypes
from pathlib import Path
from time import perf_counter

import numpy as np

from peers.cell import STEP, Cell


class Container:
    """An FMU that holds the whole system, stepped by ctypes with as little as possible around it."""

    def __init__(self, path: Path, cell: Cell, folder: Path, names: list[str], *, at_once: bool = False) -> None:
        """``names`` are its outputs; ``at_once``: a single call for all steps."""
        from fmpy import extract, read_model_description
        from fmpy.fmi2 import FMU2Slave

        description = read_model_description(str(path), validate=False)
        references = {variable.name: variable.valueReference for variable in description.modelVariables}
        self._fmu = FMU2Slave(
            guid=description.guid,
            unzipDirectory=extract(str(path), unzipdir=str(folder / "unpacked")),
            modelIdentifier=description.coSimulation.modelIdentifier,
            instanceName="container",
        )
        self._fmu.instantiate()
        self._fmu.setupExperiment(startTime=0.0)
        self._fmu.enterInitializationMode()
        self._fmu.exitInitializationMode()
        self._cell, self._at_once, self._step = cell, at_once, 0
        self._references = np.array([references[name] for name in names], dtype=np.uint32)

    def run(self, n_steps: int) -> float:
        library, component = self._fmu.dll, self._fmu.component
        step, get = library.fmi2DoStep, library.fmi2GetReal
        step.argtypes = [ctypes.c_void_p, ctypes.c_double, ctypes.c_double, ctypes.c_int]
        get.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
        first, self._step = self._step, self._step + n_steps
        if self._at_once:
            began = perf_counter()
            failed = step(component, first * STEP, n_steps * STEP, 1)
            return _checked(failed, perf_counter() - began)
        failed, n = 0, len(self._references)
        if not self._cell.recorded:
            began = perf_counter()
            for k in range(first, first + n_steps):
                failed |= step(component, k * STEP, STEP, 1)
            return _checked(failed, perf_counter() - began)
        record = np.empty((n_steps, n))
        record.fill(0.0)  # so that its memory is there
        references, address, stride = self._references.ctypes.data, record.ctypes.data, 8 * n
        began = perf_counter()
        for k in range(first, first + n_steps):
            failed |= step(component, k * STEP, STEP, 1) | get(component, references, n, address)
            address += stride
        return _checked(failed, perf_counter() - began)

    def outputs(self) -> list[float]:
        return list(self._fmu.getReal(self._references.tolist()))


def _checked(failed: int, seconds: float) -> float:
    if failed:
        raise SystemExit("The container refused a step.")
    return seconds
