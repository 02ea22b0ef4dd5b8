"""Model Exchange: the FMU gives derivatives, we integrate them and handle its events.

FMI 2.0.4, chapter 3, and FMI 3.0.1, chapter 3. The states are taken from the FMU after every event, so that what it
changes there counts.
"""

import ctypes
import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Final

import numpy as np

from cosim.fmu.calls import DISCARD, AbstractCalls, CallRefused, StepReport
from cosim.fmu.cvode import REPEATED_REFUSALS, RETRY, ROOT_FUNCTION_FAILED, Cvode, IntegrationFailed
from cosim.fmu.stepping import MOST_EVENTS, AbstractEvents, AbstractStepper, StepFailed, settle

DEFAULT_TOLERANCE: Final = 1e-6
"""Relative tolerance where neither scenario nor FMU states one."""
NOMINAL_FRACTION: Final = 0.01
"""Absolute tolerance as a fraction of relative tolerance times nominal value."""
MOST_REFUSALS: Final = 100
"""Steps of the integrator, within one communication step, that may be made smaller because the FMU refused."""
MOST_STEPS: Final = 1_000_000
"""Steps of the integrator within one communication step."""
_SMALLEST: Final = 100 * float(np.finfo(float).eps)
"""Steps below this fraction of the time are beyond CVODE's precision and are made by Euler's method."""
_HALVINGS: Final = 20
"""How often the step is halved when event indicators cannot be computed."""


class AbstractEquations(AbstractEvents):
    """The Model Exchange functions of an instance; addresses are of arrays with one number per state or indicator."""

    @abstractmethod
    def sizes(self) -> tuple[int, int]:
        """Return the number of continuous states and of event indicators."""

    @abstractmethod
    def set_time(self, time: float) -> None:
        """Set the time [s]."""

    @abstractmethod
    def set_states(self, address: int) -> None:
        """Set the continuous states."""

    @abstractmethod
    def get_states(self, address: int) -> None:
        """Read the continuous states."""

    @abstractmethod
    def get_derivatives(self, address: int) -> None:
        """Compute the derivatives of the continuous states."""

    @abstractmethod
    def get_indicators(self, address: int) -> None:
        """Compute the event indicators."""

    @abstractmethod
    def get_nominals(self, address: int) -> None:
        """Read the nominal values of the continuous states."""

    @abstractmethod
    def complete_step(self) -> tuple[bool, bool]:
        """Tell that a step was accepted; return whether it asks for Event Mode, and whether for the end."""


class Integrator(AbstractStepper):
    """Integrates an FMU with CVODE; at a communication point it is in Event Mode only if something was written."""

    def __init__(self, calls: AbstractCalls, equations: AbstractEquations, default_tolerance: float | None) -> None:
        self._calls, self._equations = calls, equations
        self._default_tolerance = default_tolerance or DEFAULT_TOLERANCE
        self._tolerance = self._default_tolerance
        self._solver: Cvode | None = None
        self._n_states = self._n_indicators = 0
        self._failure: BaseException | None = None
        self._n_steps = self._n_refused = 0
        self._now, self._next_event = 0.0, math.inf
        self._is_event_mode, self._is_due, self._is_terminated = True, False, False
        self._must_restart = self._must_scale = True

    def begin(self, time: float, tolerance: float | None) -> None:
        self.close()
        self._tolerance = tolerance or self._default_tolerance
        self._n_states, self._n_indicators = self._equations.sizes()
        self._solver = Cvode(
            max(self._n_states, 1), self._n_indicators, derivatives=self._derivatives, roots=self._indicators
        )
        self._now, self._is_event_mode, self._is_terminated = time, True, False
        self._must_scale = True
        self._settle()

    def before_write(self) -> None:
        if not self._is_event_mode:
            self._equations.enter()
            self._is_event_mode = True
        self._is_due = True

    def step(self, time: float, size: float) -> StepReport | None:
        if abs(time - self._now) > _SMALLEST * max(abs(time), abs(self._now)):  # less is round-off of time + size
            self._equations.set_time(time)
            self._now, self._must_restart = time, True
        if self._next_event <= time:
            self.before_write()
        if self._is_due:
            self._settle()
        end = time + size
        self._n_steps = self._n_refused = 0
        for _ in range(MOST_EVENTS):
            if self._is_terminated:
                return StepReport(self._now, is_early=self._now < end, is_terminated=True)
            if self._now >= end:
                return None
            if self._is_event_mode:
                self._equations.leave()
                self._is_event_mode = False
            self._advance_to_event(end)
        raise StepFailed(
            f"integration at {self._now:.9g} s",
            f"there were {MOST_EVENTS} events since {time:.9g} s, so that the model chatters between its branches.",
        )

    def snapshot(self) -> object:
        return self._is_event_mode, self._is_due, self._is_terminated, self._next_event, self._now

    def restore(self, snapshot: object) -> None:
        assert isinstance(snapshot, tuple)
        self._is_event_mode, self._is_due, self._is_terminated, self._next_event, self._now = snapshot
        self._must_restart = True

    def close(self) -> None:
        if self._solver is not None:
            self._solver.close()
            self._solver = None

    def _advance_to_event(self, end: float) -> None:
        """Integrate until ``end`` or an event, and handle the event."""
        stop = min(end, self._next_event)
        is_event = is_root = asks = False
        while self._now < stop and not is_event and not self._is_terminated:
            is_root = self._integrate(stop)
            asks, self._is_terminated = self._equations.complete_step()
            is_event = is_root or asks
        if (is_event or self._now >= self._next_event) and not self._is_terminated:
            self._equations.enter()
            self._is_event_mode = True
            is_step_event = asks and not is_root and self._now < self._next_event
            must_restart = self._must_restart
            if not self._settle() and is_step_event:
                self._must_restart = must_restart  # it had no consequences

    def _integrate(self, stop: float) -> bool:
        """Make one step of the integrator, not beyond ``stop``; tell whether an event indicator ended it."""
        solver = self._begun_solver()
        is_root = False
        if stop - self._now <= _SMALLEST * max(abs(self._now), abs(stop)):
            self._step_by_euler(solver, stop)
        else:
            self._now, is_root = self._step_by_cvode(solver, stop)
        self._equations.set_time(self._now)
        if self._n_states:
            self._equations.set_states(solver.states.ctypes.data)
        return is_root

    def _begun_solver(self) -> Cvode:
        """Return the solver, restarted if the FMU's states have changed otherwise than by integration."""
        solver = self._solver
        assert solver is not None
        if self._must_scale:
            solver.absolute_tolerances[:] = 1.0
            if self._n_states:
                self._equations.get_nominals(solver.absolute_tolerances.ctypes.data)
            scale = np.abs(solver.absolute_tolerances)
            usable = np.isfinite(scale) & (scale > 0)
            solver.absolute_tolerances[:] = np.where(usable, scale, 1.0) * (NOMINAL_FRACTION * self._tolerance)
        if self._must_restart or self._must_scale:
            solver.states[:] = 0.0
            if self._n_states:
                self._equations.get_states(solver.states.ctypes.data)
            solver.restart(self._now, self._tolerance)
            self._must_restart = self._must_scale = False
        return solver

    def _step_by_cvode(self, solver: Cvode, stop: float) -> tuple[float, bool]:
        before = solver.states.copy()
        size = stop - self._now
        for attempt in range(_HALVINGS + 1):
            self._failure = None
            try:
                reached = solver.advance(stop)
            except IntegrationFailed as failed:
                is_refused = isinstance(self._failure, CallRefused) and self._failure.status == DISCARD
                if failed.code == ROOT_FUNCTION_FAILED and is_refused and attempt < _HALVINGS:
                    size /= 2
                    solver.states[:] = before
                    solver.restart(self._now, self._tolerance)
                    solver.limit(size)
                    continue
                raise self._explain(failed) from failed
            if attempt:
                solver.limit(0.0)
            self._count_step()
            return reached
        raise AssertionError("the last attempt returns or raises")

    def _count_step(self) -> None:
        """Give up when steps go on but lead nowhere, as before a time from which the FMU refuses everything."""
        self._n_steps += 1
        self._n_refused += self._failure is not None
        if self._n_refused > MOST_REFUSALS:
            raise self._explain(IntegrationFailed(REPEATED_REFUSALS))
        if self._n_steps > MOST_STEPS:
            raise StepFailed(f"integration at {self._now:.9g} s", f"{MOST_STEPS} steps did not reach the end.")

    def _explain(self, failed: IntegrationFailed) -> BaseException:
        failure = self._failure
        if isinstance(failure, CallRefused):
            failure.detail = f"The integration stopped at {self._now:.9g} s: {failed}."
            return failure
        if failure is not None:
            return failure
        return StepFailed(f"integration at {self._now:.9g} s", f"{failed}.")

    def _step_by_euler(self, solver: Cvode, stop: float) -> None:
        if self._n_states:
            slopes = np.empty_like(solver.states)
            self._equations.get_derivatives(slopes.ctypes.data)
            solver.states += (stop - self._now) * slopes
        self._now, self._must_restart = stop, True

    def _settle(self) -> bool:
        """Handle the event at the present time in Event Mode; tell whether anything changed."""
        update = settle(self._equations, self._now)
        self._is_due = False
        self._must_restart = True
        self._must_scale |= update.nominals_changed
        self._is_terminated, self._next_event = update.is_terminated, update.next_event
        return update.states_changed or update.nominals_changed or update.had_more

    def _derivatives(self, time: float, states: int, result: int) -> int:
        def evaluate() -> int:
            self._equations.set_time(time)
            slopes = np.ctypeslib.as_array((ctypes.c_double * max(self._n_states, 1)).from_address(result))
            if not self._n_states:
                slopes[:] = 0.0
                return 0
            self._equations.set_states(states)
            self._equations.get_derivatives(result)
            if np.isfinite(slopes).all():
                return 0
            which = int(np.flatnonzero(~np.isfinite(slopes))[0])
            self._failure = StepFailed(
                f"integration at {time:.9g} s", f"the derivative of state {which + 1} is {slopes[which]}."
            )
            return RETRY

        return self._guarded(evaluate)

    def _indicators(self, time: float, states: int, result: int) -> int:
        def evaluate() -> int:
            self._equations.set_time(time)
            if self._n_states:
                self._equations.set_states(states)
            self._equations.get_indicators(result)
            return 0

        return self._guarded(evaluate)

    def _guarded(self, evaluate: Callable[[], int]) -> int:
        """Keep what is raised until CVODE has returned: an exception cannot cross its C code."""
        try:
            return evaluate()
        except CallRefused as refusal:
            self._failure = refusal
            return RETRY if refusal.status == DISCARD else -1
        except BaseException as error:  # Ctrl-C included: it is raised again once CVODE has returned
            self._failure = error
            return -1
