"""Solve a block of equations: explicitly, by symbolic elimination, or torn to few iterates with residuals."""

from collections.abc import Sequence
from dataclasses import dataclass

import casadi as ca

from cosim.build.compiler.values import SX

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
        return None
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
    solution = ca.solve(matrix, -constant)
    return [solution[index] for index in range(len(unknowns))]


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
                value = _explicit(*self._sides[equation], self._unknowns[unknown])
                if value is not None:
                    self._assigned.append((unknown, value))
                    self._open.discard(unknown)
                    self.remaining.remove(equation)
                    return True
        return False

    def _tear_one(self) -> None:
        counts = {unknown: sum(unknown in self._uses[e] for e in self.remaining) for unknown in self._open}
        best = min(self._open, key=lambda unknown: (not self._preferred[unknown], -counts[unknown], unknown))
        self.torn.append(best)
        self._open.discard(best)

    def in_iterates(self, expressions: list[ca.SX]) -> list[ca.SX]:
        """Replace the assigned unknowns, the last one first."""
        for unknown, value in reversed(self._assigned):
            expressions = ca.substitute(expressions, [self._unknowns[unknown]], [value])
        return list(expressions)
