"""CVODE and the FMU connected in C (exchange.c), so that no Python runs between two communication points or events."""

import ctypes
import logging
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from cosim import native
from cosim.fmu.calls import AbstractCalls, CallRefused
from cosim.fmu.cvode import Callbacks, Cvode, IntegrationFailed, load
from cosim.fmu.equations import AbstractEquations
from cosim.fmu.evaluation import AbstractEvaluation, Advance, PythonEvaluation, not_finite
from cosim.fmu.jacobian import JacobianPlan, StateStructure
from cosim.fmu.stepping import StepFailed

SOURCE: Final = Path(__file__).parent / "exchange.c"
_log: Final = logging.getLogger("cosim.fmu")
_AT_ONCE: Final = 1000
"""Steps of CVODE between two looks at the signals of the process (Ctrl-C)."""
_ROOT, _ASKED, _TERMINATED, _REFUSED = 1, 2, 3, 5
_ROLES: Final = ("", "set_time", "set_states", "get_derivatives", "get_indicators", "complete_step", "directional")
_NOT_FINITE: Final = 7
_REAL, _PLACE = ctypes.c_double, ctypes.c_int64


class _Exchange(ctypes.Structure):
    """``Exchange`` of exchange.c."""

    _fields_: ClassVar = [
        ("version", ctypes.c_int32),
        ("has_order", ctypes.c_int32),
        *((name, ctypes.c_void_p) for name in ("instance", *_ROLES[1:])),
        *((name, ctypes.c_void_p) for name in ("cvode", "vector_data", "matrix_data", "memory", "states")),
        ("n_states", ctypes.c_size_t),
        ("n_indicators", ctypes.c_size_t),
        ("order", ctypes.c_void_p),
        *((name, ctypes.c_void_p) for name in ("x", "f", "seed", "sensitivity", "accepted", "scale")),
        ("n_groups", _PLACE),
        *((name, ctypes.c_void_p) for name in ("column_begin", "group_columns", "entry_begin", "rows", "columns")),
        ("known_references", ctypes.c_void_p),
        ("unknown_references", ctypes.c_void_p),
        ("matrix_stride", _PLACE),
        ("matrix_offset", _PLACE),
        ("time", _REAL),
        ("function", ctypes.c_int32),
        ("status", ctypes.c_int32),
        ("refused_at", _REAL),
        ("value", _REAL),
        ("refused_state", _PLACE),
        ("n_steps", _PLACE),
        ("n_refused", _PLACE),
    ]


def make_evaluation(
    calls: AbstractCalls, equations: AbstractEquations, structure: StateStructure, plan: JacobianPlan, n_indicators: int
) -> AbstractEvaluation:
    """Return the fastest evaluation that there is on this machine: without a C compiler, that in Python."""
    library = native.load(SOURCE)
    if library is None:
        _say_slow()
        return PythonEvaluation(equations, plan, needs_completed_step=structure.needs_completed_step)
    return NativeEvaluation(library, calls, equations, structure, plan, n_indicators)


@cache
def _say_slow() -> None:
    _log.warning(
        "Model Exchange is integrated through Python, ten to fifty times slower than it could be: no C compiler was "
        "found, or the cache folder cannot be written. Install one (see 'cosim doctor')."
    )


class NativeEvaluation(AbstractEvaluation):
    """Evaluates by the addresses of the FMU's functions; the Jacobian from directional derivatives, or in groups."""

    def __init__(
        self,
        library: ctypes.CDLL,
        calls: AbstractCalls,
        equations: AbstractEquations,
        structure: StateStructure,
        plan: JacobianPlan,
        n_indicators: int,
    ) -> None:
        super().__init__(plan.n_states)
        self._library, self._equations, self._calls = library, equations, calls
        self._kept: list[NDArray[Any]] = []
        work = np.ones((4, max(plan.n_states, 1)))
        exchange = self._exchange = _Exchange(version=equations.version, instance=calls.handle)
        exchange.n_states, exchange.n_indicators = plan.n_states, n_indicators
        exchange.x, exchange.f, exchange.seed, exchange.sensitivity = (self._keep(row) for row in work)
        exchange.accepted, exchange.scale = self._keep(self.states), self._keep(self.nominals)
        if plan.order is not None:
            exchange.has_order, exchange.order = 1, self._keep(plan.order)
        self._take_functions(structure)
        self._has_jacobian = plan.groups is not None and not plan.is_iterative
        if self._has_jacobian:
            self._take_jacobian(structure, plan)

    def _take_functions(self, structure: StateStructure) -> None:
        exchange, functions = self._exchange, self._equations.functions
        roles = ["set_time", *(("set_states", "get_derivatives") if exchange.n_states else ())]
        roles += ["get_indicators"] if exchange.n_indicators else []
        roles += ["complete_step"] if structure.needs_completed_step else []
        for role in roles:
            setattr(exchange, role, self._calls.address(getattr(functions, role)))
        sundials = load()
        exchange.cvode, exchange.vector_data = (
            _address(sundials["CVode"]),
            _address(sundials["N_VGetArrayPointer_Serial"]),
        )

    def _take_jacobian(self, structure: StateStructure, plan: JacobianPlan) -> None:
        exchange, groups = self._exchange, plan.groups
        assert groups is not None
        order = np.arange(plan.n_states) if plan.order is None else plan.order
        exchange.n_groups = len(groups.column_begin) - 1
        exchange.column_begin, exchange.entry_begin = self._keep(groups.column_begin), self._keep(groups.entry_begin)
        exchange.group_columns, exchange.columns = self._keep(groups.columns), self._keep(groups.entry_columns)
        exchange.rows = self._keep(groups.rows)
        if structure.provides_derivatives and structure.states is not None:
            states, derivatives = (
                np.array(item, dtype=np.uint32) for item in (structure.states, structure.derivatives)
            )
            exchange.known_references = self._keep(states[order[groups.columns]])
            exchange.unknown_references = self._keep(derivatives[order[groups.rows]])
            exchange.directional = self._calls.address(self._equations.functions.directional)
        kind = "Dense" if plan.bandwidths is None else "Band"
        exchange.matrix_data = _address(load()[f"SUN{kind}Matrix_Data"])
        exchange.matrix_stride, exchange.matrix_offset = plan.n_states, 0
        if plan.bandwidths is not None:  # SUNBandMatrix keeps room for the fill of the factorisation
            lower, upper = plan.bandwidths
            stored = min(plan.n_states - 1, lower + upper)
            exchange.matrix_stride, exchange.matrix_offset = stored + lower, stored

    @property
    def callbacks(self) -> Callbacks:
        jacobian = self._library.exchange_jacobian if self._has_jacobian else None
        own = self._library
        return Callbacks(own.exchange_derivatives, own.exchange_indicators, jacobian, ctypes.addressof(self._exchange))

    def advance(self, solver: Cvode, stop: float) -> Advance:
        exchange = self._exchange
        exchange.memory, exchange.states = solver.memory.value, solver.vector.value
        exchange.time, exchange.n_steps, exchange.n_refused = self.time, self.n_steps, self.n_refused
        solver.stop_at(stop)
        code = self._library.exchange_advance(ctypes.byref(exchange), ctypes.c_double(stop), _PLACE(_AT_ONCE))
        self.time, self.n_steps, self.n_refused = exchange.time, exchange.n_steps, exchange.n_refused
        self.failure = self._refusal() if exchange.function else None
        if code == _REFUSED:
            assert self.failure is not None
            raise self.failure
        if code < 0:
            raise IntegrationFailed(code)
        return Advance(self.time, code == _ROOT, code == _ASKED, code == _TERMINATED)

    def _refusal(self) -> CallRefused | StepFailed:
        exchange = self._exchange
        if exchange.function == _NOT_FINITE:
            return not_finite(exchange.refused_at, exchange.refused_state, exchange.value)
        return CallRefused(getattr(self._equations.functions, _ROLES[exchange.function]), exchange.status)

    def close(self) -> None:
        pass

    def _keep(self, values: NDArray[Any]) -> int:
        self._kept.append(np.ascontiguousarray(values))
        return int(self._kept[-1].ctypes.data)


def _address(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0
