"""CVODE, the integrator of SUNDIALS, as far as Model Exchange needs it: one step at a time, stopping at roots.

fmpy carries SUNDIALS as binaries for the common platforms; its own wrapper leaves memory behind, this one does not.
"""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.errors import FmuError

RETRY: Final = 1
"""Returned by a right-hand side that could not be computed here but may be with a smaller step."""
REPEATED_REFUSALS: Final = -10
ROOT_FUNCTION_FAILED: Final = -12
_BDF: Final = 2
_ONE_STEP: Final = 2
_ROOT_RETURN: Final = 2
_REASONS: Final = {
    -2: "the tolerance is tighter than the precision of the machine allows",
    -3: "the error stays above the tolerance even with the smallest step",
    -4: "the equations of a step cannot be solved even with the smallest step",
    -6: "the linear equations of a step cannot be set up",
    -7: "the linear equations of a step cannot be solved",
    -8: "the derivatives cannot be computed",
    -9: "the derivatives cannot be computed at the beginning of the step",
    REPEATED_REFUSALS: "the derivatives cannot be computed even with the smallest step",
    -11: "the derivatives cannot be computed",
    ROOT_FUNCTION_FAILED: "the event indicators cannot be computed",
    -27: "the step is too small for the precision of the machine",
}

Evaluation = Callable[[float, int, int], int]
"""Called with time [s], address of the states and address of the result; returns 0, RETRY or a negative number."""
_CALLBACK: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_double, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


class IntegrationFailed(Exception):
    """CVODE gave up; ``code`` is its return value."""

    def __init__(self, code: int) -> None:
        super().__init__(_REASONS.get(code, f"CVODE returned {code}"))
        self.code = code


@cache
def load() -> dict[str, Any]:
    """Load SUNDIALS once; return the functions used, by name, with their result types stated.

    Raises
    ------
    FmuError
        When there is none for this machine.
    """
    try:
        from fmpy.sundials import libraries
    except (ImportError, OSError) as error:
        raise FmuError(
            "Model Exchange needs the integrator CVODE, which fmpy brings for Linux and Windows on x86_64 and for "
            f"macOS; it cannot be loaded here ({error}). Export the FMU for Co-Simulation."
        ) from error
    pointers = {
        libraries.sundials_nvecserial: ("N_VNew_Serial", "N_VGetArrayPointer_Serial"),
        libraries.sundials_sunmatrixdense: ("SUNDenseMatrix",),
        libraries.sundials_sunlinsoldense: ("SUNLinSol_Dense",),
        libraries.sundials_cvode: ("CVodeCreate",),
    }
    integers = {
        libraries.sundials_core: ("SUNContext_Create", "SUNContext_Free", "SUNContext_ClearErrHandlers"),
        libraries.sundials_nvecserial: ("N_VDestroy_Serial",),
        libraries.sundials_sunmatrixdense: ("SUNMatDestroy_Dense",),
        libraries.sundials_sunlinsoldense: ("SUNLinSolFree_Dense",),
        libraries.sundials_cvode: tuple(
            f"CVode{name}"
            for name in ("", "Init", "ReInit", "SVtolerances", "RootInit", "SetNoInactiveRootWarn", "SetStopTime",
                         "SetMaxStep", "SetLinearSolver", "Free")
        ),
    }  # fmt: skip
    found: dict[str, Any] = {}
    for result, groups in ((ctypes.c_void_p, pointers), (ctypes.c_int, integers)):
        for library, names in groups.items():
            for name in names:
                found[name] = library[name]
                found[name].restype = result
    return found


class Cvode:
    """Integrator of ``n_states`` > 0 equations (BDF, dense Newton), watching ``n_roots`` functions change their sign.

    ``states`` and ``absolute_tolerances`` are CVODE's own memory; ``restart`` makes it take changes into account.
    """

    def __init__(self, n_states: int, n_roots: int, *, derivatives: Evaluation, roots: Evaluation) -> None:
        self._do = load()
        self._callbacks = (_CALLBACK(self._derivatives), _CALLBACK(self._roots))
        self._evaluate, self._watch = derivatives, roots
        self._n_roots = n_roots
        self._context = ctypes.c_void_p()
        self._time = ctypes.c_double()
        self._is_begun = False
        self._call("SUNContext_Create", ctypes.c_int(0), ctypes.byref(self._context))
        self._call("SUNContext_ClearErrHandlers", self._context)
        n = ctypes.c_int64(n_states)
        self._states = self._new("N_VNew_Serial", n, self._context)
        self._tolerances = self._new("N_VNew_Serial", n, self._context)
        self._matrix = self._new("SUNDenseMatrix", n, n, self._context)
        self._solver = self._new("SUNLinSol_Dense", self._states, self._matrix, self._context)
        self._memory = self._new("CVodeCreate", ctypes.c_int(_BDF), self._context)
        self.states = self._array(self._states, n_states)
        self.absolute_tolerances = self._array(self._tolerances, n_states)

    def restart(self, time: float, relative_tolerance: float) -> None:
        """Begin anew at ``time`` [s] with ``states`` and the tolerances as they are now."""
        t = ctypes.c_double(time)
        if self._is_begun:
            self._call("CVodeReInit", self._memory, t, self._states)
        else:
            self._call("CVodeInit", self._memory, self._callbacks[0], t, self._states)
        self._call("CVodeSVtolerances", self._memory, ctypes.c_double(relative_tolerance), self._tolerances)
        if not self._is_begun:
            self._is_begun = True
            self._call("CVodeRootInit", self._memory, ctypes.c_int(self._n_roots), self._callbacks[1])
            self._call("CVodeSetNoInactiveRootWarn", self._memory)
            self._call("CVodeSetLinearSolver", self._memory, self._solver, self._matrix)

    def limit(self, size: float) -> None:
        """Make no step larger than ``size`` [s]; 0 takes the limit away."""
        self._call("CVodeSetMaxStep", self._memory, ctypes.c_double(size))

    def advance(self, stop: float) -> tuple[float, bool]:
        """Make one step, not beyond ``stop`` [s]; return the time reached and whether a root stopped it.

        Raises
        ------
        IntegrationFailed
            When it cannot; only ``restart`` is legal then.
        """
        self._call("CVodeSetStopTime", self._memory, ctypes.c_double(stop))
        arguments = (self._memory, ctypes.c_double(stop), self._states, ctypes.byref(self._time))
        code = self._do["CVode"](*arguments, ctypes.c_int(_ONE_STEP))
        if code < 0:
            raise IntegrationFailed(code)
        return self._time.value, code == _ROOT_RETURN

    def close(self) -> None:
        """Free all memory; the arrays must not be used any more."""
        if not self._context:
            return
        del self.states, self.absolute_tolerances
        self._do["CVodeFree"](ctypes.byref(self._memory))
        self._do["SUNLinSolFree_Dense"](self._solver)
        self._do["SUNMatDestroy_Dense"](self._matrix)
        self._do["N_VDestroy_Serial"](self._states)
        self._do["N_VDestroy_Serial"](self._tolerances)
        self._do["SUNContext_Free"](ctypes.byref(self._context))
        self._context = ctypes.c_void_p()
        del self._callbacks, self._evaluate, self._watch  # they refer back here

    def _derivatives(self, time: float, states: int, result: int, _: int | None) -> int:
        return self._evaluate(time, self._address(states), self._address(result))

    def _roots(self, time: float, states: int, result: int, _: int | None) -> int:
        return self._watch(time, self._address(states), result)

    def _address(self, vector: int) -> int:
        return self._do["N_VGetArrayPointer_Serial"](ctypes.c_void_p(vector))  # type: ignore[no-any-return]

    def _array(self, vector: ctypes.c_void_p, size: int) -> NDArray[np.float64]:
        address = self._address(vector.value or 0)
        return np.ctypeslib.as_array((ctypes.c_double * size).from_address(address))

    def _new(self, name: str, *arguments: Any) -> ctypes.c_void_p:
        made = self._do[name](*arguments)
        if not made:
            raise MemoryError(f"SUNDIALS: {name} gave nothing")
        return ctypes.c_void_p(made)

    def _call(self, name: str, *arguments: Any) -> None:
        code = self._do[name](*arguments)
        if code < 0:
            raise IntegrationFailed(code)
