"""Arithmetic, comparison and built-in functions on compile-time values and symbols."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import casadi as ca
import numpy as np

from cosim.build.compiler.kernel import Symbols
from cosim.build.compiler.values import SX, Points, Value, array_of, elementwise, is_number, power, settle
from cosim.errors import ModelError

if TYPE_CHECKING:
    from cosim.build.compiler.expressions import Evaluator

_COMPARISONS: Mapping[str, Callable[[Value, Value], Value]] = {
    "Lt": lambda a, b: a < b,
    "Le": lambda a, b: a <= b,
    "Gt": lambda a, b: a > b,
    "Ge": lambda a, b: a >= b,
    "Eq": lambda a, b: a == b,
    "Neq": lambda a, b: a != b,
    "Ne": lambda a, b: a != b,
}
_ARITHMETIC: Mapping[str, Callable[[Value, Value], Value]] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Div": lambda a, b: a / b,
    "Exp": power,
    "Pow": power,
}


def _pair(a: Value, b: Value, symbols: Symbols) -> tuple[Value, Value]:
    """Bring two scalars to one kind: symbols if one is a symbol, plain arrays over the points otherwise."""
    if isinstance(a, SX) or isinstance(b, SX):
        return (
            a if is_number(a) else symbols.symbolic(a),
            b if is_number(b) else symbols.symbolic(b),
        )
    return a, b


def _on_points(function: Callable[[Value, Value], Value], a: Value, b: Value) -> Value:
    if isinstance(a, Points) or isinstance(b, Points):
        left = a.values if isinstance(a, Points) else a
        right = b.values if isinstance(b, Points) else b
        return Points(np.asarray(function(left, right)))
    return function(a, b)


def arithmetic(operator: str, a: Value, b: Value, symbols: Symbols) -> Value:
    """Add, subtract, multiply, divide or raise two scalars."""
    left, right = _pair(a, b, symbols)
    function = _ARITHMETIC[operator]
    if isinstance(left, Points) or isinstance(right, Points):
        if operator in ("Exp", "Pow"):
            return _on_points(lambda x, y: np.asarray(x, dtype=float) ** y, left, right)
        return _on_points(function, left, right)
    try:
        return function(left, right)
    except ZeroDivisionError as error:
        raise ModelError("A constant expression divides by zero.") from error


def subtract(a: Value, b: Value, symbols: Symbols) -> Value:
    """Subtract scalars."""
    return arithmetic("Sub", a, b, symbols)


def unary(operator: str, item: Value, symbols: Symbols) -> Value:
    """Negate, or invert a truth value."""
    if operator in ("Plus", "PlusElem"):
        return item
    if operator in ("Minus", "MinusElem"):
        return Points(-item.values) if isinstance(item, Points) else -item
    if operator == "Not":
        if isinstance(item, Points):
            return Points(~item.values.astype(bool))
        return ca.logic_not(item) if isinstance(item, SX) else not item
    raise ModelError(f"The operator {operator} is not supported.")


def text(operator: str, left: Value, right: Value) -> Value:
    """Join or compare texts."""
    if operator == "Add":
        return f"{left}{right}"
    if operator in _COMPARISONS:
        return _COMPARISONS[operator](left, right)
    raise ModelError(f"The operator {operator} is not defined for text.")


def compare_numbers(operator: str, left: Value, right: Value) -> Value:
    """Compare numbers known at compile time."""
    result = _on_points(_COMPARISONS[operator], left, right)
    return result if isinstance(result, Points) else bool(result)


def binary(operator: str, left: Value, right: Value, evaluator: "Evaluator") -> Value:
    """Apply a binary operator to scalars or arrays."""
    symbols = evaluator.symbols
    if operator in _COMPARISONS:
        return elementwise(lambda a, b: evaluator.compare(operator, a, b), left, right)
    if operator in ("And", "Or"):
        return elementwise(lambda a, b: _logic(operator, a, b, symbols), left, right)
    if operator == "Mul" and isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return _product(left, right, symbols)
    if operator == "Exp" and isinstance(left, np.ndarray):
        return _matrix_power(left, right, symbols)
    plain = operator.removesuffix("Elem")
    if plain in _ARITHMETIC:
        return elementwise(lambda a, b: arithmetic(plain, a, b, symbols), left, right)
    raise ModelError(f"The operator {operator} is not supported.")


def _logic(operator: str, a: Value, b: Value, symbols: Symbols) -> Value:
    dominant = operator == "Or"
    for first, second in ((a, b), (b, a)):
        if is_number(first):
            return first if bool(first) == dominant else second
    if isinstance(a, Points) and isinstance(b, Points):
        return Points(np.logical_or(a.values, b.values) if dominant else np.logical_and(a.values, b.values))
    left, right = symbols.symbolic(a), symbols.symbolic(b)
    return ca.logic_or(left, right) if dominant else ca.logic_and(left, right)


def _product(left: Value, right: Value, symbols: Symbols) -> Value:
    """Multiply vectors (scalar product) and matrices."""
    if left.ndim == 1 and right.ndim == 1:
        return total([arithmetic("Mul", a, b, symbols) for a, b in zip(left, right, strict=True)], symbols)
    if left.ndim == 2:
        return array_of([_product(row, right, symbols) for row in left])
    return array_of([_product(left, column, symbols) for column in right.T])


def _matrix_power(base: Value, exponent: Value, symbols: Symbols) -> Value:
    """Multiply a square matrix by itself; ``.^`` is what raises each element."""
    is_whole = is_number(exponent) and float(exponent).is_integer() and exponent >= 0
    if base.ndim != 2 or base.shape[0] != base.shape[1] or not is_whole:
        raise ModelError("The power ^ of an array needs a square matrix and a whole number. For each element write .^")
    result: Value = np.eye(len(base)).astype(object)
    for _ in range(int(exponent)):
        result = _product(result, base, symbols)
    return result


def total(items: Sequence[Value], symbols: Symbols) -> Value:
    """Add scalars."""
    result: Value = 0
    for item in items:
        result = arithmetic("Add", result, item, symbols) if not (is_number(result) and result == 0) else item
    return result


def zero_based(value: Value, extent: int) -> Value:
    """Turn a Modelica index, checked against the extent of the dimension, into one that starts at 0."""
    if isinstance(value, SX):
        return value - 1
    if isinstance(value, Points):
        _check_index(value.values, extent)
        return Points(value.values.astype(np.int64) - 1)
    if isinstance(value, np.ndarray):
        numbers = np.array([int(settle(item)) for item in value], dtype=np.int64)
        _check_index(numbers, extent)
        return numbers - 1
    _check_index(np.array([int(value)]), extent)
    return int(value) - 1


def _check_index(numbers: Value, extent: int) -> None:
    bad = [int(item) for item in np.atleast_1d(numbers) if not 1 <= item <= extent]
    if bad:
        raise ModelError(f"Index {bad[0]} is outside 1..{extent} of its array.")


def mesh(index: Sequence[Value], shape: Sequence[int]) -> tuple[Value, ...]:
    """Make several vector indices select a block, as in Modelica, instead of a diagonal, as in numpy."""
    vectors = [position for position, item in enumerate(index) if isinstance(item, np.ndarray)]
    if len(vectors) < 2:
        return tuple(index)
    full = [
        np.arange(extent)[item] if isinstance(item, slice) else item for item, extent in zip(index, shape, strict=True)
    ]
    wide = [item for item in full if isinstance(item, np.ndarray)]
    grids = iter(np.ix_(*wide))
    return tuple(next(grids) if isinstance(item, np.ndarray) else item for item in full)


def _maximum(a: Value, b: Value, symbols: Symbols) -> Value:
    left, right = _pair(a, b, symbols)
    return ca.fmax(left, right) if isinstance(left, SX) or isinstance(right, SX) else _on_points(np.maximum, a, b)


def _minimum(a: Value, b: Value, symbols: Symbols) -> Value:
    left, right = _pair(a, b, symbols)
    return ca.fmin(left, right) if isinstance(left, SX) or isinstance(right, SX) else _on_points(np.minimum, a, b)


def _extreme(function: Callable[..., Value]) -> Callable[[Sequence[Value], Symbols], Value]:
    def apply(arguments: Sequence[Value], symbols: Symbols) -> Value:
        if len(arguments) == 2:
            return elementwise(lambda a, b: _plain(function(a, b, symbols)), *arguments)
        items = list(arguments[0].ravel())
        result = items[0]
        for item in items[1:]:
            result = _plain(function(result, item, symbols))
        return result

    return apply


def _plain(value: Value) -> Value:
    return value.item() if isinstance(value, np.generic) else value


def _fill(arguments: Sequence[Value]) -> Value:
    result = np.empty([int(settle(item)) for item in arguments[1:]], dtype=object)
    for index in np.ndindex(*result.shape):
        result[index] = arguments[0]
    return result


def _linspace(arguments: Sequence[Value], symbols: Symbols) -> Value:
    first, last, count = arguments[0], arguments[1], int(settle(arguments[2]))
    span = subtract(last, first, symbols)
    steps = [arithmetic("Mul", span, index / (count - 1), symbols) for index in range(count)]
    return array_of([arithmetic("Add", first, step, symbols) for step in steps])


def _floor(item: Value, symbols: Symbols) -> Value:
    if isinstance(item, SX):
        return ca.floor(item)
    return Points(np.floor(item.values).astype(np.int64)) if isinstance(item, Points) else math.floor(item)


def _quotient(a: Value, b: Value, symbols: Symbols) -> Value:
    left, right = _pair(a, b, symbols)
    if isinstance(left, SX) or isinstance(right, SX):
        ratio = left / right
        return ca.if_else(ratio >= 0, ca.floor(ratio), ca.ceil(ratio))
    return (
        _on_points(lambda x, y: np.trunc(np.asarray(x) / y).astype(np.int64), left, right)
        if isinstance(left, Points) or isinstance(right, Points)
        else math.trunc(left / right)
    )


def _modulo(a: Value, b: Value, symbols: Symbols) -> Value:
    left, right = _pair(a, b, symbols)
    if isinstance(left, SX) or isinstance(right, SX):
        return left - ca.floor(left / right) * right
    return (
        _on_points(lambda x, y: x - np.floor(x / y) * y, left, right)
        if isinstance(left, Points) or isinstance(right, Points)
        else left - math.floor(left / right) * right
    )


def _remainder(a: Value, b: Value, symbols: Symbols) -> Value:
    return subtract(a, arithmetic("Mul", _quotient(a, b, symbols), b, symbols), symbols)


def _identity(arguments: Sequence[Value], symbols: Symbols) -> Value:
    size = int(settle(arguments[0]))
    return array_of([array_of([1.0 if row == column else 0.0 for column in range(size)]) for row in range(size)])


def _diagonal(arguments: Sequence[Value], symbols: Symbols) -> Value:
    items = arguments[0]
    size = len(items)
    rows = [[items[row] if row == column else 0.0 for column in range(size)] for row in range(size)]
    return array_of([array_of(row) for row in rows])


def _multiply_all(arguments: Sequence[Value], symbols: Symbols) -> Value:
    result: Value = 1
    for item in arguments[0].ravel():
        result = arithmetic("Mul", result, item, symbols)
    return result


_FUNCTIONS: Mapping[str, tuple[Callable[..., Value], Callable[..., Value]]] = {
    "Abs": (ca.fabs, np.abs),
    "Sqrt": (ca.sqrt, np.sqrt),
    "Exp": (ca.exp, np.exp),
    "Log": (ca.log, np.log),
    "Log10": (ca.log10, np.log10),
    "Sin": (ca.sin, np.sin),
    "Cos": (ca.cos, np.cos),
    "Tan": (ca.tan, np.tan),
    "Asin": (ca.asin, np.arcsin),
    "Acos": (ca.acos, np.arccos),
    "Atan": (ca.atan, np.arctan),
    "Sinh": (ca.sinh, np.sinh),
    "Cosh": (ca.cosh, np.cosh),
    "Tanh": (ca.tanh, np.tanh),
    "Sign": (ca.sign, np.sign),
    "Ceil": (ca.ceil, np.ceil),
}

_AGGREGATES: Mapping[str, Callable[[Sequence[Value], Symbols], Value]] = {
    "Max": _extreme(_maximum),
    "Min": _extreme(_minimum),
    "Sum": lambda a, s: total(list(a[0].ravel()) if isinstance(a[0], np.ndarray) else [a[0]], s),
    "Product": _multiply_all,
    "Zeros": lambda a, s: _fill([0.0, *a]),
    "Ones": lambda a, s: _fill([1.0, *a]),
    "Fill": lambda a, s: _fill(a),
    "Linspace": _linspace,
    "Cat": lambda a, s: np.concatenate(a[1:], axis=int(settle(a[0])) - 1),
    "Transpose": lambda a, s: a[0].T,
    "Identity": _identity,
    "Diagonal": _diagonal,
    "Ndims": lambda a, s: np.ndim(a[0]),
    "Scalar": lambda a, s: a[0].ravel()[0] if isinstance(a[0], np.ndarray) else a[0],
    "Vector": lambda a, s: a[0].ravel() if isinstance(a[0], np.ndarray) else array_of([a[0]]),
    "Integer": lambda a, s: elementwise(lambda item: _floor(item, s), a[0]),
    "Floor": lambda a, s: elementwise(lambda item: _floor(item, s), a[0]),
    "Div": lambda a, s: elementwise(lambda x, y: _quotient(x, y, s), *a),
    "Mod": lambda a, s: elementwise(lambda x, y: _modulo(x, y, s), *a),
    "Rem": lambda a, s: elementwise(lambda x, y: _remainder(x, y, s), *a),
    "Atan2": lambda a, s: elementwise(lambda y, x: ca.atan2(s.symbolic(y), s.symbolic(x)), *a),
    "Array": lambda a, s: array_of(list(a)),
}


def builtin(name: str, arguments: Sequence[Value], symbols: Symbols) -> Value:
    """Apply a built-in function to evaluated arguments."""
    if name in _FUNCTIONS:
        return elementwise(lambda item: _apply(name, item), arguments[0])
    if name in _AGGREGATES:
        return _AGGREGATES[name](arguments, symbols)
    if name == "String":
        return str(arguments[0])
    raise ModelError(
        f"The function {name.lower()}() is not supported by the compiler. Rewrite the equation without it."
    )


def _apply(name: str, item: Value) -> Value:
    symbolic, numeric = _FUNCTIONS[name]
    if isinstance(item, SX):
        return symbolic(item)
    if isinstance(item, Points):
        return Points(_defined(name, numeric, item.values.astype(float)))
    return float(_defined(name, numeric, np.float64(item)))


def _defined(name: str, function: Callable[..., Value], numbers: Value) -> Value:
    """Apply a function to numbers of its domain."""
    with np.errstate(all="ignore"):
        result = function(numbers)
    if bool(np.isnan(result).any()):
        raise ModelError(f"{name.lower()}() is applied to a constant outside its domain, such as {np.min(numbers)}.")
    return result
