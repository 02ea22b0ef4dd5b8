"""Values of expressions while an equation is compiled: numbers, numbers per point of a loop, symbols, arrays, records.

A scalar is a Python number, ``Points`` (one number for each point of the loop being compiled) or a CasADi ``SX``
symbol expression that stands for all points at once. An array is a numpy object array of scalars, a record a dict.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import casadi as ca
import numpy as np
from numpy.typing import NDArray

from cosim.errors import ModelError

SX = ca.SX
Number: TypeAlias = bool | int | float
Value: TypeAlias = Any  # Number | Points | SX | NDArray[object] | dict[str, Value] | str
LARGEST_UNROLLED_POWER = 4


@dataclass(frozen=True, slots=True)
class Points:
    """One number for each point of the loop."""

    values: NDArray[Any]

    def uniform(self) -> Number | None:
        """Return the common number, or None where the points differ."""
        first = self.values[0]
        return first.item() if bool((self.values == first).all()) else None


class SplitNeeded(Exception):
    """The points of a loop take different paths; the equation is compiled once for each of ``groups``."""

    def __init__(self, values: NDArray[Any]) -> None:
        super().__init__("points take different paths")
        self.groups = [np.flatnonzero(values == value) for value in np.unique(values)]


def is_number(value: Value) -> bool:
    """Tell whether a value is one number for all points."""
    return isinstance(value, bool | int | float | np.number | np.bool_)


def settle(value: Value) -> Value:
    """Return one number for a decision that must not depend on the point; split the loop where it does."""
    if isinstance(value, Points):
        common = value.uniform()
        if common is None:
            raise SplitNeeded(value.values)
        return common
    return value


def elementwise(function: Callable[..., Value], *operands: Value) -> Value:
    """Apply ``function`` to scalars, or to the elements of arrays of one shape."""
    shapes = {operand.shape for operand in operands if isinstance(operand, np.ndarray)}
    if not shapes:
        return function(*operands)
    if len(shapes) > 1:
        raise ModelError(f"An operation joins arrays of sizes {sorted(shapes)}. Make them equal.")
    shape = shapes.pop()
    result = np.empty(shape, dtype=object)
    for index in np.ndindex(*shape):
        result[index] = function(*(item[index] if isinstance(item, np.ndarray) else item for item in operands))
    return result


def array_of(elements: list[Value]) -> Value:
    """Stack scalars to a vector, vectors to a matrix, and so on."""
    if elements and isinstance(elements[0], np.ndarray):
        return np.stack(elements)
    result = np.empty(len(elements), dtype=object)
    for index, element in enumerate(elements):
        result[index] = element
    return result


def power(base: Value, exponent: Value) -> Value:
    """Raise to a power; small whole exponents become products, which are faster and differentiable at 0."""
    if isinstance(base, SX) and is_number(exponent) and float(exponent).is_integer():
        count = int(exponent)
        if 1 <= count <= LARGEST_UNROLLED_POWER:
            result = base
            for _ in range(count - 1):
                result = result * base
            return result
    if is_number(base) and is_number(exponent):
        result = float(base) ** float(exponent)
        if isinstance(result, complex):
            raise ModelError(f"A constant expression raises {base} to the power {exponent}, which is no real number.")
        return result
    if isinstance(base, SX) and isinstance(exponent, SX):
        return _power_of_two_symbols(base, exponent)
    return base**exponent


def _power_of_two_symbols(base: SX, exponent: SX) -> SX:
    """Return base^exponent with derivatives at 0 too.

    CasADi's holds ln(base) × the change of the exponent, which is NaN at 0 though the exponent does not change.
    """
    is_zero = ca.logic_and(base == 0, exponent > 0)
    elsewhere = ca.if_else(is_zero, 1, base)
    return ca.if_else(is_zero, ca.if_else(exponent == 1, base, 0), elsewhere**exponent)


def flatten(value: Value) -> list[Value]:
    """List the scalars of a value in row-major order."""
    if isinstance(value, np.ndarray):
        return list(value.ravel())
    if isinstance(value, dict):
        return [scalar for item in value.values() for scalar in flatten(item)]
    return [value]
