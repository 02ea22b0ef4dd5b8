"""Solve an equation whose unknown stands in one place, by undoing the operations around it."""

from collections.abc import Callable, Mapping

import casadi as ca

from cosim.build.compiler.values import SX

_UNDO: Mapping[int, Callable[[ca.SX], ca.SX]] = {
    ca.OP_NEG: lambda value: -value,
    ca.OP_EXP: ca.log,
    ca.OP_LOG: ca.exp,
    ca.OP_INV: lambda value: 1 / value,
    ca.OP_TWICE: lambda value: value / 2,
}


def inverted(left: ca.SX, right: ca.SX, unknown: ca.SX) -> ca.SX | None:
    """Return the unknown of ``left = right``, or None where an operation around it has no unique inverse."""
    on_left, on_right = ca.depends_on(left, unknown), ca.depends_on(right, unknown)
    if on_left == on_right:
        return None
    side, value = (left, right) if on_left else (right, left)
    while not side.is_symbolic():
        peeled = _peel(side, value, unknown)
        if peeled is None:
            return None
        side, value = peeled
    return value


def _peel(side: ca.SX, value: ca.SX, unknown: ca.SX) -> tuple[ca.SX, ca.SX] | None:
    """Undo the outermost operation of ``side``."""
    operation = side.op()
    if side.n_dep() == 1:
        inner = side.dep(0)
        return (inner, _UNDO[operation](value)) if operation in _UNDO else None
    first, second = side.dep(0), side.dep(1)
    in_first, in_second = ca.depends_on(first, unknown), ca.depends_on(second, unknown)
    if in_first and in_second:
        return None
    if in_first:
        return _peel_first(operation, first, second, value)
    return _peel_second(operation, first, second, value)


def _peel_first(operation: int, first: ca.SX, second: ca.SX, value: ca.SX) -> tuple[ca.SX, ca.SX] | None:
    if operation == ca.OP_ADD:
        return first, value - second
    if operation == ca.OP_SUB:
        return first, value + second
    if operation == ca.OP_DIV:
        return first, value * second
    if operation == ca.OP_MUL and second.is_constant():
        return first, value / second
    return None


def _peel_second(operation: int, first: ca.SX, second: ca.SX, value: ca.SX) -> tuple[ca.SX, ca.SX] | None:
    if operation == ca.OP_ADD:
        return second, value - first
    if operation == ca.OP_SUB:
        return second, first - value
    if operation == ca.OP_MUL and first.is_constant():
        return second, value / first
    if operation == ca.OP_DIV:
        return second, first / value
    is_power = operation in (ca.OP_POW, ca.OP_CONSTPOW)
    if is_power and first.is_constant() and float(first) > 0.0 and float(first) != 1.0:
        base = float(first)
        return second, ca.log10(value) if base == 10.0 else ca.log(value) / ca.log(SX(base))
    return None
