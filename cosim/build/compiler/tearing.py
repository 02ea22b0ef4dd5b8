"""Solve a block of equations: explicitly, by symbolic elimination, or torn to few iterates with residuals."""

from collections.abc import Sequence
from dataclasses import dataclass

import casadi as ca
import numpy as np
from numpy.typing import NDArray

from cosim.build.compiler.inversion import inverted
from cosim.build.compiler.values import SX
from cosim.errors import ModelError

LARGEST_SEARCH = 40  # candidates for which the consequences of tearing are counted
POINTS_TRIED = 20  # values of the symbols in a linear system before it counts as singular for all
SMALLEST_SINGULAR = 1e-13  # singular value of a scaled matrix that is round-off
LARGEST_SYMBOLIC = 6  # unknowns of a linear system solved in closed form; larger ones are iterated


@dataclass(frozen=True, slots=True)
class Torn:
    """All unknowns of a block as ``outputs`` of knowns and ``iterates``; ``positions`` of the iterates in the block."""

    outputs: tuple[ca.SX, ...]
    iterates: tuple[ca.SX, ...] = ()
    positions: tuple[int, ...] = ()
    residuals: tuple[ca.SX, ...] = ()


def solve_block(sides: Sequence[tuple[ca.SX, ca.SX]], unknowns: Sequence[ca.SX], preferred: Sequence[bool]) -> Torn:
    """Solve ``left = right`` of each side for ``unknowns``; ``preferred`` ones are torn first."""
    if len(unknowns) == 1:
        explicit = _explicit(*sides[0], unknowns[0])
        if explicit is not None:
            return Torn((explicit,))
    residuals = [left - right for left, right in sides]
    if len(unknowns) <= LARGEST_SYMBOLIC and _is_linear(residuals, unknowns):
        return Torn(tuple(_eliminated(residuals, unknowns)))
    return _tear(sides, residuals, unknowns, preferred)


def _explicit(left: ca.SX, right: ca.SX, unknown: ca.SX) -> ca.SX | None:
    """Solve one equation that is linear in its unknown."""
    for one, other in ((left, right), (right, left)):
        if ca.is_equal(one, unknown, 0) and not ca.depends_on(other, unknown):
            return other
    residual = left - right
    if not _is_linear([residual], [unknown]):
        return inverted(left, right, unknown)
    slope = ca.jacobian(residual, unknown)
    constant = ca.substitute(residual, unknown, SX(0))
    if slope.is_constant() and abs(float(slope)) == 1.0:
        return -constant if float(slope) > 0 else constant
    return -constant / slope


def _is_linear(residuals: Sequence[ca.SX], unknowns: Sequence[ca.SX]) -> bool:
    return not any(ca.which_depends(ca.vertcat(*residuals), ca.vertcat(*unknowns), 2, False))


def _eliminated(residuals: Sequence[ca.SX], unknowns: Sequence[ca.SX]) -> list[ca.SX]:
    stacked, vector = ca.vertcat(*residuals), ca.vertcat(*unknowns)
    matrix = ca.jacobian(stacked, vector)
    constant = ca.substitute(stacked, vector, SX.zeros(len(unknowns)))
    if _is_singular(matrix):
        raise ModelError("Some equations repeat or contradict one another, so that they have no one solution.")
    solution = ca.solve(matrix, -constant)
    return [solution[index] for index in range(len(unknowns))]


def _is_singular(matrix: ca.SX) -> bool:
    """Tell whether a matrix has no inverse whatever its symbols stand for: at no point that is tried, up to round-off.

    The points are of all sizes and signs, and some symbols are 0, because coefficients may vanish in a branch.
    """
    symbols = ca.vertcat(*ca.symvar(matrix))
    function = ca.Function("matrix", [symbols], [ca.densify(matrix)])
    generator = np.random.default_rng(1)
    n, is_known = symbols.numel(), False
    for _ in range(POINTS_TRIED if n else 1):
        sizes = 10.0 ** generator.uniform(-2, 2, n) * generator.choice([1.0, 1.0, 1.0, -1.0, 0.0], n)
        values = function(sizes).full()
        if np.isfinite(values).all():
            is_known = True
            if _has_full_rank(values):
                return False
    return is_known


def _has_full_rank(values: NDArray[np.float64]) -> bool:
    """Tell whether a matrix is regular when its rows, then its columns, are scaled to a largest element of 1."""
    for axis in (1, 0):
        largest = np.abs(values).max(axis=axis, keepdims=True)
        if (largest == 0.0).any():
            return False
        values = values / largest
    return bool(np.linalg.svd(values, compute_uv=False)[-1] > SMALLEST_SINGULAR)


def _tear(
    sides: Sequence[tuple[ca.SX, ca.SX]],
    residuals: Sequence[ca.SX],
    unknowns: Sequence[ca.SX],
    preferred: Sequence[bool],
) -> Torn:
    plan = _Plan(sides, unknowns, preferred)
    plan.run()
    outputs = plan.in_iterates(list(unknowns))
    left_over = plan.in_iterates([residuals[index] for index in plan.remaining])
    positions = tuple(plan.torn)
    iterates = tuple(unknowns[index] for index in positions)
    if len(iterates) <= LARGEST_SYMBOLIC and _is_linear(left_over, iterates):
        values = _eliminated(left_over, iterates)
        return Torn(tuple(ca.substitute(outputs, list(iterates), values)))
    return Torn(tuple(outputs), iterates, positions, tuple(left_over))


class _Plan:
    """Assigns unknowns one by one from equations linear in them; tears one where none is left."""

    def __init__(
        self, sides: Sequence[tuple[ca.SX, ca.SX]], unknowns: Sequence[ca.SX], preferred: Sequence[bool]
    ) -> None:
        self._sides = sides
        self._unknowns = unknowns
        self._preferred = preferred
        self._open = set(range(len(unknowns)))
        index_of = {symbol.element_hash(): index for index, symbol in enumerate(unknowns)}
        self._uses = [
            {index_of[s.element_hash()] for s in ca.symvar(ca.vertcat(*side)) if s.element_hash() in index_of}
            for side in sides
        ]
        self.remaining = list(range(len(sides)))
        self.torn: list[int] = []
        self._assigned: list[tuple[int, ca.SX]] = []
        self._explicit: dict[tuple[int, int], ca.SX | None] = {}

    def _solved_for(self, equation: int, unknown: int) -> ca.SX | None:
        key = (equation, unknown)
        if key not in self._explicit:
            self._explicit[key] = _explicit(*self._sides[equation], self._unknowns[unknown])
        return self._explicit[key]

    def run(self) -> None:
        """Assign or tear every unknown."""
        while self._open:
            if not self._assign_one():
                self._tear_one()

    def _assign_one(self) -> bool:
        for equation in self.remaining:
            left = self._uses[equation] & self._open
            if len(left) == 1:
                unknown = next(iter(left))
                value = self._solved_for(equation, unknown)
                if value is not None:
                    self._assigned.append((unknown, value))
                    self._open.discard(unknown)
                    self.remaining.remove(equation)
                    return True
        return False

    def _tear_one(self) -> None:
        def rank(unknown: int) -> tuple[int, bool, int, int]:
            uses = sum(unknown in self._uses[equation] for equation in self.remaining)
            return (-self._consequences(unknown), not self._preferred[unknown], -uses, unknown)

        candidates = self._open if len(self._open) <= LARGEST_SEARCH else sorted(self._open)[:LARGEST_SEARCH]
        best = min(candidates, key=rank)
        self.torn.append(best)
        self._open.discard(best)

    def _consequences(self, candidate: int) -> int:
        """Count the unknowns that could be assigned once ``candidate`` is torn."""
        still_open = self._open - {candidate}
        equations = list(self.remaining)
        n_open = len(still_open)
        progress = True
        while progress:
            progress = False
            for equation in list(equations):
                left = self._uses[equation] & still_open
                if len(left) == 1 and self._solved_for(equation, next(iter(left))) is not None:
                    still_open -= left
                    equations.remove(equation)
                    progress = True
        return n_open - len(still_open)

    def in_iterates(self, expressions: list[ca.SX]) -> list[ca.SX]:
        """Replace the assigned unknowns, the last one first."""
        for unknown, value in reversed(self._assigned):
            expressions = ca.substitute(expressions, [self._unknowns[unknown]], [value])
        return list(expressions)
