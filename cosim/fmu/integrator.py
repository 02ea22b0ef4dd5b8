"""Model Exchange: the FMU gives derivatives, we integrate them and handle its events.

FMI 2.0.4, chapter 3, and FMI 3.0.1, chapter 3. The states are taken from the FMU after every event, so that what it
changes there counts.
"""

import math
from typing import Final

import numpy as np

from cosim.fmu.calls import DISCARD, AbstractCalls, CallRefused, StepReport
from cosim.fmu.clocks import Clocks
from cosim.fmu.cvode import REPEATED_REFUSALS, ROOT_FUNCTION_FAILED, Cvode, IntegrationFailed
from cosim.fmu.equations import AbstractEquations
from cosim.fmu.evaluation import AbstractEvaluation, Advance
from cosim.fmu.exchange import make_evaluation
from cosim.fmu.jacobian import StateStructure, plan_jacobian
from cosim.fmu.stepping import MOST_EVENTS, AbstractStepper, StepFailed, settle

DEFAULT_TOLERANCE: Final = 1e-6
"""Relative tolerance where neither scenario nor FMU states one."""
SAFETY: Final = 0.01
"""Local tolerance of the integrator as a fraction of the tolerance asked for: the errors of many steps add up.

Measured on the models of tests/modelica: the largest error is then 0.5 times the tolerance, at 1.2 times the cost.
"""
TIGHTEST: Final = 1e-13
"""Smallest relative tolerance that CVODE is asked for."""
NOMINAL_FRACTION: Final = 0.1
"""Absolute tolerance as a fraction of the integrator's relative tolerance times nominal value."""
LARGEST_JUMP: Final = 100.0
"""Change of the next step, in units of its tolerance, that inputs may bring about without a restart."""
MOST_REFUSALS: Final = 100
"""Steps of the integrator, within one communication step, that may be made smaller because the FMU refused."""
MOST_STEPS: Final = 1_000_000
"""Steps of the integrator within one communication step."""
_SMALLEST: Final = 100 * float(np.finfo(float).eps)
"""Steps below this fraction of the time are beyond CVODE's precision and are made by Euler's method."""
_HALVINGS: Final = 20
"""How often the step is halved when event indicators cannot be computed."""


class Integrator(AbstractStepper):
    """Integrates an FMU with CVODE; at a communication point it is in Event Mode only if that is needed.

    Continuous inputs may change in Continuous-Time Mode. A change that switches no event indicator and moves the next
    step little is followed without a restart, so that inputs driven by another component do not take CVODE back to
    first order at every communication point.
    """

    def __init__(
        self,
        calls: AbstractCalls,
        equations: AbstractEquations,
        default_tolerance: float | None,
        structure: StateStructure,
        clocks: Clocks | None = None,
    ) -> None:
        self._calls, self._equations, self._structure, self._clocks = calls, equations, structure, clocks
        self._default_tolerance = default_tolerance or DEFAULT_TOLERANCE
        self._tolerance = TIGHTEST
        self._solver: Cvode | None = None
        self._evaluation: AbstractEvaluation | None = None
        self._n_states = 0
        self._indicators = np.zeros(0)
        self._now, self._next_event = 0.0, math.inf
        self._is_event_mode, self._is_due, self._is_terminated = True, False, False
        self._is_moved = False
        self._must_restart = self._must_scale = True

    def begin(self, time: float, tolerance: float | None) -> None:
        self.close()
        self._tolerance = max(SAFETY * (tolerance or self._default_tolerance), TIGHTEST)
        self._n_states, n_indicators = self._equations.sizes()
        plan = plan_jacobian(self._structure, self._n_states)
        self._order = np.arange(self._n_states) if plan.order is None else plan.order
        self._evaluation = make_evaluation(self._calls, self._equations, self._structure, plan, n_indicators)
        self._solver = Cvode(
            max(self._n_states, 1),
            n_indicators,
            self._evaluation.callbacks,
            plan.bandwidths,
            is_iterative=plan.is_iterative,
        )
        self._indicators = np.zeros(n_indicators)
        self._now, self._is_event_mode, self._is_terminated = time, True, False
        self._is_moved, self._must_scale = False, True
        self._settle()

    def before_write(self, *, is_continuous: bool = False) -> None:
        if is_continuous and not self._is_event_mode:
            if not self._is_moved and len(self._indicators):
                self._equations.get_indicators(self._indicators.ctypes.data)
            self._is_moved = True
            return
        if not self._is_event_mode:
            self._equations.enter()
            self._is_event_mode = True
        self._is_due = True

    def step(self, time: float, size: float) -> StepReport | None:
        if abs(time - self._now) > _SMALLEST * max(abs(time), abs(self._now)):  # less is round-off of time + size
            self._equations.set_time(time)
            self._now, self._must_restart = time, True
        if self._next_event <= time or (self._is_moved and not self._is_event_mode and self._has_switched()):
            self.before_write()
        if self._is_due:
            self._settle()
        end = time + size
        evaluation = self._evaluation
        assert evaluation is not None
        evaluation.n_steps = evaluation.n_refused = 0
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
        clocks = self._clocks.snapshot() if self._clocks is not None else None
        return self._is_event_mode, self._is_due, self._is_terminated, self._next_event, self._now, clocks

    def restore(self, snapshot: object) -> None:
        assert isinstance(snapshot, tuple)
        self._is_event_mode, self._is_due, self._is_terminated, self._next_event, self._now, clocks = snapshot
        if self._clocks is not None:
            self._clocks.restore(clocks)
        self._must_restart, self._is_moved = True, False

    def close(self) -> None:
        if self._solver is not None:
            self._solver.close()
            self._solver = None
        if self._evaluation is not None:
            self._evaluation.close()
            self._evaluation = None

    def _has_switched(self) -> bool:
        """Tell whether changed inputs change the sign of an event indicator, or have to be restarted from."""
        self._is_moved = False
        before = self._indicators
        if len(before):
            self._indicators = np.empty_like(before)
            self._equations.get_indicators(self._indicators.ctypes.data)
            if np.any(np.sign(before) != np.sign(self._indicators)):
                return True
        if self._n_states and not self._must_restart:
            self._must_restart = not self._jump() <= LARGEST_JUMP
        return False

    def _jump(self) -> float:
        """Return how far changed inputs move the next step, as a root mean square in units of the tolerance."""
        solver, slopes = self._solver, np.empty(self._n_states)
        assert solver is not None
        self._equations.get_derivatives(slopes.ctypes.data)
        change = solver.next_step * (slopes[self._order] - solver.slopes(self._now))
        scale = self._tolerance * np.abs(solver.states) + solver.absolute_tolerances
        return float(np.sqrt(np.mean(np.square(change / scale))))

    def _advance_to_event(self, end: float) -> None:
        """Integrate until ``end`` or an event, and handle the event."""
        stop = min(end, self._next_event)
        reached = Advance(self._now)
        is_event = False
        while self._now < stop and not is_event and not self._is_terminated:
            reached = self._integrate(stop)
            self._is_terminated = reached.is_terminated
            is_event = reached.is_root or reached.asks_for_event
        if (is_event or self._now >= self._next_event) and not self._is_terminated:
            self._equations.enter()
            self._is_event_mode = True
            is_step_event = reached.asks_for_event and not reached.is_root and self._now < self._next_event
            must_restart = self._must_restart
            if not self._settle() and is_step_event:
                self._must_restart = must_restart  # it had no consequences

    def _integrate(self, stop: float) -> Advance:
        """Go on towards ``stop``; the FMU has the states reached."""
        if stop - self._now <= _SMALLEST * max(abs(self._now), abs(stop)):
            return self._step_by_euler(stop)
        reached = self._step_by_cvode(self._begun_solver(), stop)
        self._now = reached.time
        return reached

    def _begun_solver(self) -> Cvode:
        """Return the solver, restarted if the FMU's states have changed otherwise than by integration."""
        solver, evaluation = self._solver, self._evaluation
        assert solver is not None
        assert evaluation is not None
        if self._must_scale:
            nominals = np.ones(max(self._n_states, 1))
            if self._n_states:
                self._equations.get_nominals(nominals.ctypes.data)
                nominals = np.abs(nominals[self._order])
            evaluation.nominals[:] = np.where(np.isfinite(nominals) & (nominals > 0), nominals, 1.0)
            solver.absolute_tolerances[:] = evaluation.nominals * (NOMINAL_FRACTION * self._tolerance)
        if self._must_restart or self._must_scale:
            states = np.zeros(max(self._n_states, 1))
            if self._n_states:
                self._equations.get_states(states.ctypes.data)
                states = states[self._order]
            solver.states[:] = states
            solver.restart(self._now, self._tolerance)
            self._must_restart = self._must_scale = False
        evaluation.time = self._now
        return solver

    def _step_by_cvode(self, solver: Cvode, stop: float) -> Advance:
        """Go on, from step to step, with shorter steps where the event indicators cannot be computed."""
        evaluation = self._evaluation
        assert evaluation is not None
        size = stop - self._now
        for attempt in range(_HALVINGS + 1):
            try:
                reached = evaluation.advance(solver, stop)
            except IntegrationFailed as failed:
                failure = evaluation.failure
                is_refused = isinstance(failure, CallRefused) and failure.status == DISCARD
                if failed.code == ROOT_FUNCTION_FAILED and is_refused and attempt < _HALVINGS:
                    size /= 2
                    self._now = evaluation.time
                    solver.states[:] = evaluation.states
                    solver.restart(self._now, self._tolerance)
                    solver.limit(size)
                    continue
                raise self._explain(failed, evaluation) from failed
            if attempt:
                solver.limit(0.0)
            self._check_effort(evaluation)
            return reached
        raise AssertionError("the last attempt returns or raises")

    def _check_effort(self, evaluation: AbstractEvaluation) -> None:
        """Give up when steps go on but lead nowhere, as before a time from which the FMU refuses everything."""
        self._now = evaluation.time
        if evaluation.n_refused > MOST_REFUSALS:
            raise self._explain(IntegrationFailed(REPEATED_REFUSALS), evaluation)
        if evaluation.n_steps > MOST_STEPS:
            raise StepFailed(f"integration at {self._now:.9g} s", f"{MOST_STEPS} steps did not reach the end.")

    def _explain(self, failed: IntegrationFailed, evaluation: AbstractEvaluation) -> BaseException:
        failure = evaluation.failure
        if isinstance(failure, CallRefused):
            failure.detail = f"The integration stopped at {evaluation.time:.9g} s: {failed}."
            return failure
        if failure is not None:
            return failure
        return StepFailed(f"integration at {evaluation.time:.9g} s", f"{failed}.")

    def _step_by_euler(self, stop: float) -> Advance:
        if self._n_states:
            states, slopes = np.empty(self._n_states), np.empty(self._n_states)
            self._equations.get_states(states.ctypes.data)
            self._equations.get_derivatives(slopes.ctypes.data)
            states += (stop - self._now) * slopes
            self._equations.set_time(stop)
            self._equations.set_states(states.ctypes.data)
        else:
            self._equations.set_time(stop)
        self._now, self._must_restart = stop, True
        asks, ends = self._equations.complete_step() if self._structure.needs_completed_step else (False, False)
        return Advance(stop, asks_for_event=asks, is_terminated=ends)

    def _settle(self) -> bool:
        """Handle the event at the present time in Event Mode; tell whether anything changed."""
        update = settle(self._equations, self._now, self._clocks)
        self._is_due = self._is_moved = False
        self._must_restart = True
        self._must_scale |= update.nominals_changed
        self._is_terminated, self._next_event = update.is_terminated, update.next_event
        return update.states_changed or update.nominals_changed or update.had_more
