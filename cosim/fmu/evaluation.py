"""What CVODE calls while it integrates an FMU, and the loop over its steps, in Python; exchange.py is the fast one."""

import ctypes
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosim.fmu.calls import DISCARD, CallRefused
from cosim.fmu.cvode import DERIVATIVES, INDICATORS, RETRY, Callbacks, Cvode
from cosim.fmu.equations import AbstractEquations
from cosim.fmu.jacobian import JacobianPlan
from cosim.fmu.stepping import StepFailed


@dataclass(frozen=True, slots=True)
class Advance:
    """Where the integrator came to [s], and why it came back."""

    time: float
    is_root: bool = False
    asks_for_event: bool = False
    is_terminated: bool = False


class AbstractEvaluation(ABC):
    """Evaluates the equations of one FMU for CVODE and drives it from step to step.

    ``failure`` is what last stood in the way, ``time`` [s] and ``states`` are those of the last step that was accepted,
    ``n_steps`` and ``n_refused`` count steps, and those before which the FMU refused something. ``nominals`` are the
    sizes of the states. All are in the order of the integrator.
    """

    def __init__(self, n_states: int) -> None:
        self.failure: BaseException | None = None
        self.time = 0.0
        self.states = np.zeros(max(n_states, 1))
        self.nominals = np.ones(max(n_states, 1))
        self.n_steps = self.n_refused = 0

    @property
    @abstractmethod
    def callbacks(self) -> Callbacks:
        """What CVODE is to call."""

    @abstractmethod
    def advance(self, solver: Cvode, stop: float) -> Advance:
        """Step until ``stop`` [s] or an event, or for some time; the FMU has the states reached.

        Raises
        ------
        IntegrationFailed
            When CVODE gives up; ``failure`` may tell why.
        CallRefused, StepFailed
            When the FMU refuses an accepted step.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of what CVODE called."""


class PythonEvaluation(AbstractEvaluation):
    """Evaluates through ctypes: one call of Python for each function that CVODE needs."""

    def __init__(self, equations: AbstractEquations, plan: JacobianPlan, *, needs_completed_step: bool) -> None:
        super().__init__(plan.n_states)
        self._needs_completed_step = needs_completed_step
        self._equations, self._n_states, self._order = equations, plan.n_states, plan.order
        self._inner, self._slopes = np.zeros((2, max(plan.n_states, 1)))
        self._callbacks = Callbacks(DERIVATIVES(self._derivatives), INDICATORS(self._indicators))
        self._solver: Cvode | None = None

    @property
    def callbacks(self) -> Callbacks:
        return self._callbacks

    def advance(self, solver: Cvode, stop: float) -> Advance:
        self._solver, self.failure = solver, None
        self.states[:] = solver.states
        solver.stop_at(stop)
        self.time, is_root = solver.advance(stop)
        self.states[:] = solver.states
        self.n_steps += 1
        self.n_refused += self.failure is not None
        self._put(self.time, solver.states)
        asks, ends = self._equations.complete_step() if self._needs_completed_step else (False, False)
        return Advance(self.time, is_root, asks, ends)

    def close(self) -> None:
        del self._callbacks  # they refer back here
        self._solver = None

    def _put(self, time: float, states: NDArray[np.float64]) -> None:
        self._equations.set_time(time)
        if self._n_states:
            if self._order is None:
                self._inner[:] = states
            else:
                self._inner[self._order] = states
            self._equations.set_states(self._inner.ctypes.data)

    def _derivatives(self, time: float, states: int, result: int, _: int | None) -> int:
        def evaluate() -> int:
            slopes = self._view(result)
            slopes[:] = 0.0
            self._put(time, self._view(states))
            if not self._n_states:
                return 0
            self._equations.get_derivatives(self._slopes.ctypes.data)
            if not np.isfinite(self._slopes).all():
                which = int(np.flatnonzero(~np.isfinite(self._slopes))[0])
                self.failure = not_finite(time, which, self._slopes[which])
                return RETRY
            slopes[:] = self._slopes if self._order is None else self._slopes[self._order]
            return 0

        return self._guarded(evaluate)

    def _indicators(self, time: float, states: int, result: int, _: int | None) -> int:
        def evaluate() -> int:
            self._put(time, self._view(states))
            self._equations.get_indicators(result)
            return 0

        return self._guarded(evaluate)

    def _view(self, vector: int) -> NDArray[np.float64]:
        assert self._solver is not None
        size = max(self._n_states, 1)
        return np.ctypeslib.as_array((ctypes.c_double * size).from_address(self._solver.address(vector)))

    def _guarded(self, evaluate: Callable[[], int]) -> int:
        """Keep what is raised until CVODE has returned: an exception cannot cross its C code."""
        try:
            return evaluate()
        except CallRefused as refusal:
            self.failure = refusal
            return RETRY if refusal.status == DISCARD else -1
        except BaseException as error:  # Ctrl-C included: it is raised again once CVODE has returned
            self.failure = error
            return -1


def not_finite(time: float, state: int, slope: float) -> StepFailed:
    """Say that a derivative is no finite number."""
    return StepFailed(f"integration at {time:.9g} s", f"the derivative of state {state + 1} is {slope}.")
