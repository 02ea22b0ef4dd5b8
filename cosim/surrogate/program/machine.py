"""Programs run by C: one small library for every surrogate, compiled once for a machine."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from cosim import native
from cosim.surrogate.model import Array
from cosim.surrogate.program.program import Program

SOURCE: Final = Path(__file__).parent / "machine.c"


def load_machine() -> ctypes.CDLL | None:
    """Return the library; None where there is no C compiler."""
    return native.load(SOURCE)


class Machine:
    """A program with a memory: what is written into ``inputs`` is what ``run`` computes ``outputs`` from."""

    def __init__(self, library: ctypes.CDLL, program: Program) -> None:
        self._memory: Array = np.zeros(program.size)
        constants = program.constants
        self._memory[constants.first : constants.first + constants.n] = program.values
        self.inputs = {name: self._memory[r.first : r.first + r.n] for name, r in program.inputs.items()}
        self.outputs = {name: self._memory[r.first : r.first + r.n] for name, r in program.outputs.items()}
        self._code, self._places = program.code()
        run = library.cosim_run_program
        run.argtypes = (ctypes.c_void_p, ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)
        run.restype = None
        arrays = (self._code, self._places, self._memory)
        code, places, memory = (ctypes.c_void_p(array.ctypes.data) for array in arrays)
        n_instructions = len(self._code)
        self.run: Callable[[], None] = lambda: run(code, n_instructions, places, memory)
