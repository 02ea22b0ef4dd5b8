"""CVODE, the integrator of SUNDIALS, as far as Model Exchange needs it: one step at a time, stopping at roots.

fmpy carries SUNDIALS as binaries for the common platforms; its own wrapper leaves memory behind, this one does not.
"""

import ctypes
from dataclasses import dataclass
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
_PRECONDITION_LEFT: Final = 1
_KRYLOV_DIRECTIONS: Final = 20
"""Directions that GMRES keeps."""
_PRECONDITIONED_DIAGONALS: Final = 10
"""Below and above the main one."""
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

DERIVATIVES: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_double, *[ctypes.c_void_p] * 3)
INDICATORS: Final = DERIVATIVES
"""C types of what CVODE calls: with time [s], states (N_Vector), result (N_Vector or array), user data."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What CVODE calls, as C functions, and the user data that they get; they return 0, RETRY or a negative number."""

    derivatives: Any
    indicators: Any
    jacobian: Any = None
    """None: by differences, column by column or, of a band, in groups."""
    data: int | None = None


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
        libraries.sundials_sunmatrixdense: ("SUNDenseMatrix", "SUNDenseMatrix_Data"),
        libraries.sundials_sunlinsoldense: ("SUNLinSol_Dense",),
        libraries.sundials_cvode: (
            "CVodeCreate",
            "SUNBandMatrix",
            "SUNBandMatrix_Data",
            "SUNLinSol_Band",
            "SUNLinSol_SPGMR",
        ),
    }
    integers = {
        libraries.sundials_core: ("SUNContext_Create", "SUNContext_Free", "SUNContext_ClearErrHandlers"),
        libraries.sundials_nvecserial: ("N_VDestroy_Serial",),
        libraries.sundials_sunmatrixdense: ("SUNMatDestroy_Dense",),
        libraries.sundials_sunlinsoldense: ("SUNLinSolFree_Dense",),
        libraries.sundials_cvode: (
            "SUNMatDestroy_Band", "SUNLinSolFree_Band", "CVode", "CVodeInit", "CVodeReInit", "CVodeSVtolerances",
            "CVodeRootInit", "CVodeSetNoInactiveRootWarn", "CVodeSetMaxHnilWarns", "CVodeSetStopTime",
            "CVodeSetMaxStep", "CVodeSetLinearSolver", "CVodeSetUserData", "CVodeSetJacFn", "CVodeGetDky",
            "CVodeGetCurrentStep", "CVodeFree", "SUNLinSolFree_SPGMR", "CVBandPrecInit",
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
    """Integrator of ``n_states`` > 0 equations (BDF, Newton), watching ``n_roots`` functions change their sign.

    ``bandwidths`` are the numbers of diagonals below and above the main one that the Jacobian has; None: it is dense.
    ``is_iterative`` solves linear equations by GMRES, which needs no matrix, preconditioned by some diagonals.
    ``states`` and ``absolute_tolerances`` are CVODE's own memory; ``restart`` makes it take changes into account.
    """

    def __init__(
        self,
        n_states: int,
        n_roots: int,
        callbacks: Callbacks,
        bandwidths: tuple[int, int] | None = None,
        *,
        is_iterative: bool = False,
    ) -> None:
        self._do = load()
        self._callbacks, self._n_roots = callbacks, n_roots
        self._kind = "SPGMR" if is_iterative else "Dense" if bandwidths is None else "Band"
        self._context = ctypes.c_void_p()
        self._time, self._size = ctypes.c_double(), ctypes.c_double()
        self._is_begun = False
        self._call("SUNContext_Create", ctypes.c_int(0), ctypes.byref(self._context))
        self._call("SUNContext_ClearErrHandlers", self._context)
        n = ctypes.c_int64(n_states)
        self.vector = self._new("N_VNew_Serial", n, self._context)
        self._tolerances = self._new("N_VNew_Serial", n, self._context)
        self._slopes = self._new("N_VNew_Serial", n, self._context)
        self._make_solver(n, bandwidths)
        self.memory = self._new("CVodeCreate", ctypes.c_int(_BDF), self._context)
        self.states = self._array(self.vector, n_states)
        self.absolute_tolerances = self._array(self._tolerances, n_states)
        self._slope_values = self._array(self._slopes, n_states)

    def _make_solver(self, n: ctypes.c_int64, bandwidths: tuple[int, int] | None) -> None:
        self._matrix = ctypes.c_void_p()
        if self._kind == "SPGMR":
            options = (ctypes.c_int(_PRECONDITION_LEFT), ctypes.c_int(_KRYLOV_DIRECTIONS), self._context)
            self._solver = self._new("SUNLinSol_SPGMR", self.vector, *options)
            return
        if bandwidths is None:
            self._matrix = self._new("SUNDenseMatrix", n, n, self._context)
        else:
            lower, upper = (ctypes.c_int64(width) for width in bandwidths)
            self._matrix = self._new("SUNBandMatrix", n, upper, lower, self._context)
        self._solver = self._new(f"SUNLinSol_{self._kind}", self.vector, self._matrix, self._context)

    def restart(self, time: float, relative_tolerance: float) -> None:
        """Begin anew at ``time`` [s] with ``states`` and the tolerances as they are now."""
        t = ctypes.c_double(time)
        if self._is_begun:
            self._call("CVodeReInit", self.memory, t, self.vector)
        else:
            self._call("CVodeInit", self.memory, self._callbacks.derivatives, t, self.vector)
        self._call("CVodeSVtolerances", self.memory, ctypes.c_double(relative_tolerance), self._tolerances)
        if not self._is_begun:
            self._is_begun = True
            self._set_up()

    def _set_up(self) -> None:
        callbacks = self._callbacks
        self._call("CVodeSetUserData", self.memory, ctypes.c_void_p(callbacks.data))
        self._call("CVodeRootInit", self.memory, ctypes.c_int(self._n_roots), callbacks.indicators)
        self._call("CVodeSetNoInactiveRootWarn", self.memory)
        self._call("CVodeSetMaxHnilWarns", self.memory, ctypes.c_int(-1))  # they would go to the standard output
        self._call("CVodeSetLinearSolver", self.memory, self._solver, self._matrix)
        if self._kind == "SPGMR":
            diagonals = ctypes.c_int64(_PRECONDITIONED_DIAGONALS)
            self._call("CVBandPrecInit", self.memory, ctypes.c_int64(len(self.states)), diagonals, diagonals)
        elif callbacks.jacobian is not None:
            self._call("CVodeSetJacFn", self.memory, callbacks.jacobian)

    def limit(self, size: float) -> None:
        """Make no step larger than ``size`` [s]; 0 takes the limit away."""
        self._call("CVodeSetMaxStep", self.memory, ctypes.c_double(size))

    def stop_at(self, stop: float) -> None:
        """Go nowhere beyond ``stop`` [s]."""
        self._call("CVodeSetStopTime", self.memory, ctypes.c_double(stop))

    def advance(self, stop: float) -> tuple[float, bool]:
        """Make one step towards ``stop`` [s]; return the time reached and whether a root stopped it.

        Raises
        ------
        IntegrationFailed
            When it cannot; only ``restart`` is legal then.
        """
        arguments = (self.memory, ctypes.c_double(stop), self.vector, ctypes.byref(self._time))
        code = self._do["CVode"](*arguments, ctypes.c_int(_ONE_STEP))
        if code < 0:
            raise IntegrationFailed(code)
        return self._time.value, code == _ROOT_RETURN

    def slopes(self, time: float) -> NDArray[np.float64]:
        """Return the derivatives of the states as they were found at ``time`` [s], the end of the last step."""
        self._call("CVodeGetDky", self.memory, ctypes.c_double(time), ctypes.c_int(1), self._slopes)
        return self._slope_values

    @property
    def next_step(self) -> float:
        """The size [s] of the next step, as far as CVODE knows."""
        self._call("CVodeGetCurrentStep", self.memory, ctypes.byref(self._size))
        return self._size.value

    def close(self) -> None:
        """Free all memory; the arrays must not be used any more."""
        if not self._context:
            return
        del self.states, self.absolute_tolerances, self._slope_values
        self._do["CVodeFree"](ctypes.byref(self.memory))
        self._do[f"SUNLinSolFree_{self._kind}"](self._solver)
        if self._matrix:
            self._do[f"SUNMatDestroy_{self._kind}"](self._matrix)
        for vector in (self.vector, self._tolerances, self._slopes):
            self._do["N_VDestroy_Serial"](vector)
        self._do["SUNContext_Free"](ctypes.byref(self._context))
        self._context = ctypes.c_void_p()
        del self._callbacks  # they refer back here

    def address(self, vector: int) -> int:
        """Return the address of the first number of an N_Vector."""
        return self._do["N_VGetArrayPointer_Serial"](ctypes.c_void_p(vector))  # type: ignore[no-any-return]

    def _array(self, vector: ctypes.c_void_p, size: int) -> NDArray[np.float64]:
        address = self.address(vector.value or 0)
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
