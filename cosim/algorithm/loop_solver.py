"""Newton's method with damping for the inputs of an algebraic loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SUFFICIENT_DECREASE: Final = 1e-4
"""Share of the decrease that a linear model promises, which a step has to bring (Armijo's rule)."""
SLOW: Final = 0.1
"""Share of the residual left by a step that gains little: Newton's method leaves less, unless its slopes are wrong."""
SMALL: Final = 1e-6
"""Share of its start value below which an input without a nominal value counts as zero."""

SINGULAR: Final = 1e-7
"""Share of the largest singular value below which one is 0: well above what difference quotients leave of a 0."""
BALANCINGS: Final = 5
"""Rounds after which units are near enough to the best ones."""
PARTAKES: Final = 1e-3
"""Share of a change (of length 1) above which an input takes part in it."""


@dataclass(frozen=True, slots=True)
class LoopState:
    """How far the solution has come: ``residual`` = what the loop makes of ``inputs``, minus ``inputs``."""

    inputs: Array
    residual: Array
    floor: Array
    """Size of each input below which its residual is not judged any more strictly."""
    n_iterations: int = 0

    @property
    def scale(self) -> Array:
        """The size of each input."""
        sizes: Array = np.maximum.reduce([np.abs(self.inputs), np.abs(self.inputs + self.residual), self.floor])
        return sizes

    @property
    def error(self) -> float:
        """The largest residual as a share of its input's size; infinite where the loop gives no finite number."""
        return self.error_in(self.scale)

    def error_in(self, scale: Array) -> float:
        """Return the largest residual as a share of ``scale``."""
        if not np.isfinite(self.residual).all():
            return np.inf
        sizes = np.abs(self.residual)
        # what has no size and a residual all the same is as wrong as can be
        shares = np.divide(sizes, scale, out=np.where(sizes > 0.0, np.inf, 0.0), where=scale > 0.0)
        return float(np.max(shares, initial=0.0))


@dataclass(frozen=True, slots=True)
class LoopSolver:
    """Solves u = g(u), with steps Δ of (1 − ∂g/∂u) Δ = g(u) − u, shortened until the residual decreases.

    ``smooth`` inputs are real numbers; the others (integers, Booleans) take what the loop gives.
    """

    tolerance: float = 1e-8
    """Largest residual allowed, as a share of the size of each input."""
    goal: float = 1e-13
    """Residual at which to stop; between it and ``tolerance``, full steps are taken as long as they help."""
    most_iterations: int = 50
    shortest_step: float = 2.0**-12
    """Share of a full step below which a residual that does not decrease ends the search."""

    def is_solved(self, state: LoopState) -> bool:
        """Tell whether the residual is within the tolerance."""
        return state.error <= self.tolerance

    def solve(
        self,
        evaluate: Callable[[Array], Array],
        slopes: Sequence[Callable[[LoopState], Array]],
        start: LoopState,
        smooth: NDArray[np.bool_],
    ) -> LoopState:
        """Return the last state reached, solved or not.

        ``evaluate`` gives g(u), each of ``slopes`` ∂g/∂u (n, n): the first is used until a step with it gains little,
        then the next.
        """
        state = start
        remaining = list(slopes)
        while self.goal < state.error < np.inf and state.n_iterations < self.most_iterations:
            following = self._step(evaluate, remaining[0](state), state, smooth)
            is_slow = following is None or following.error > SLOW * state.error
            if following is not None:
                is_solved = self.is_solved(state)
                state = following
                if is_slow and is_solved:  # as near as the models' own accuracy lets it come
                    return state
            if is_slow and len(remaining) > 1:
                remaining.pop(0)
            elif following is None:
                return replace(state, n_iterations=state.n_iterations + 1)
        return state

    def _step(
        self, evaluate: Callable[[Array], Array], slope: Array, state: LoopState, smooth: NDArray[np.bool_]
    ) -> LoopState | None:
        step = state.residual.copy()
        matrix = (np.eye(len(step)) - slope)[np.ix_(smooth, smooth)]
        step[smooth] = _solved(matrix, state.residual[smooth])
        scale = state.scale  # of one point for both: far out, anything is small compared with the inputs
        share, shortest = 1.0, 1.0 if self.is_solved(state) else self.shortest_step
        while share >= shortest:
            # a Boolean cannot go half the way: what is not smooth takes its step in full
            inputs = state.inputs + np.where(smooth, share, 1.0) * step
            trial = proceed(state, inputs, evaluate(inputs))
            goal = (1.0 - SUFFICIENT_DECREASE * share) * state.error
            if trial.error_in(scale) <= goal or not bool(np.all(smooth | (state.residual == 0.0))):
                return trial
            share /= 2.0
        return None


def begin(inputs: Array, outputs: Array, nominal: Array) -> LoopState:
    """Return the state at the start values; ``nominal`` is 0 where none is stated."""
    sizes = np.where(np.isfinite(outputs), np.maximum(np.abs(inputs), np.abs(outputs)), np.abs(inputs))
    return LoopState(inputs, outputs - inputs, np.where(nominal > 0.0, nominal, SMALL * sizes))


def proceed(state: LoopState, inputs: Array, outputs: Array) -> LoopState:
    """Return the state at other ``inputs``, for which the loop gives ``outputs``."""
    return LoopState(inputs, outputs - inputs, state.floor, state.n_iterations + 1)


def _solved(matrix: Array, right: Array) -> Array:
    try:
        solution: Array = np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
    except np.linalg.LinAlgError:  # singular: the shortest of the steps that come nearest
        solution = np.asarray(np.linalg.lstsq(matrix, right, rcond=None)[0], dtype=np.float64)
    return solution


def left_open(slope: Array, smooth: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which inputs can change together without any residual changing; none where ∂g/∂u leaves nothing open."""
    found = np.zeros(len(smooth), dtype=np.bool_)
    own = slope[np.ix_(smooth, smooth)]
    if not np.isfinite(own).all():
        return found
    core = _not_settled(own)
    own = own[np.ix_(core, core)]
    if not len(own):
        return found
    _, singular, directions = np.linalg.svd(np.eye(len(own)) - _balanced(own))
    unseen = np.abs(directions[singular <= SINGULAR * singular[0]])
    found[np.flatnonzero(smooth)[core]] = (unseen > PARTAKES).any(axis=0)
    return found


def _not_settled(slope: Array) -> NDArray[np.bool_]:
    """Tell which inputs follow from each other: not from none, nor from those alone that do."""
    remaining = np.ones(len(slope), dtype=np.bool_)
    while True:
        follows = (slope[np.ix_(remaining, remaining)] != 0.0).any(axis=1)
        if follows.all():
            return remaining
        remaining[remaining] = follows


def _balanced(slope: Array) -> Array:
    """Return ``slope`` in units of its inputs in which each gets as much as it gives (Osborne's iteration)."""
    result = slope.copy()
    for _ in range(BALANCINGS):
        for i in range(len(result)):
            own, result[i, i] = result[i, i], 0.0
            given, got = np.linalg.norm(result[:, i]), np.linalg.norm(result[i])
            if given > 0.0 and got > 0.0:
                unit = np.sqrt(got / given)
                result[:, i] *= unit
                result[i] /= unit
            result[i, i] = own
    return result


def named_residuals(names: Sequence[str], state: LoopState, most: int = 20) -> str:
    """List inputs with value and residual, the worst first."""
    scale = state.scale
    shares = np.abs(state.residual) / np.where(scale > 0.0, scale, 1.0)
    order = np.argsort(-np.where(np.isfinite(shares), shares, np.inf), kind="stable")
    shown = [f"{names[i]} = {state.inputs[i]:.9g} (residual {state.residual[i]:.3g})" for i in order[:most]]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown) + more
