"""Arrays that note what numpy is asked to do with them, instead of doing it.

A traced array is an array of places in the memory of a program. Whatever only moves numbers (indexing, writing into a
view, joining, reshaping) is done by numpy on the places; what computes is noted as an instruction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from cosim.surrogate.program.builder import Builder
from cosim.surrogate.program.program import BINARY, UNARY, Kind, Places

MOVES: Final = (
    np.broadcast_to, np.reshape, np.transpose, np.swapaxes, np.moveaxis, np.expand_dims, np.squeeze, np.ravel,
    np.tile, np.repeat, np.roll, np.flip, np.take, np.copy, np.atleast_2d,
)  # fmt: skip
"""Functions that move the numbers of their first argument."""
JOINS: Final = (np.concatenate, np.stack, np.column_stack, np.hstack, np.vstack)
"""Functions that join a sequence of arrays."""


class Traced(NDArrayOperatorsMixin):
    """An array whose numbers will stand at ``places``."""

    def __init__(self, builder: Builder, places: Places) -> None:
        self._builder = builder
        self.places = places

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self.places.shape

    @property
    def ndim(self) -> int:
        """How many dimensions it has."""
        return self.places.ndim

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return self.places.size

    @property
    def T(self) -> Traced:
        """Its transpose."""
        return self._like(self.places.T)

    def __len__(self) -> int:
        return len(self.places)

    def __bool__(self) -> bool:
        raise TypeError("A step may not decide by a number that it computes; write np.where.")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("A step may not turn what it computes into an array of numpy: leave out np.asarray.")

    def _like(self, places: Places) -> Traced:
        return Traced(self._builder, places)

    def _places(self, value: Any) -> Places:
        return value.places if isinstance(value, Traced) else self._builder.constant(value)

    def __getitem__(self, index: Any) -> Traced:
        return self._like(np.asarray(self.places[index]))

    def __setitem__(self, index: Any, value: Any) -> None:
        self.places[index] = self._places(value)

    def copy(self) -> Traced:
        """Return another that may be written into."""
        return self._like(self.places.copy())

    def reshape(self, *shape: Any) -> Traced:
        """Return it in another shape."""
        return self._like(self.places.reshape(*shape))

    def sum(self, axis: Any = None, keepdims: bool = False) -> Traced:
        """Return the sum over ``axis``."""
        return self._reduced("sum", axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Traced:
        """Return the largest over ``axis``."""
        return self._reduced("max", axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Traced:
        """Return the least over ``axis``."""
        return self._reduced("min", axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Traced:
        """Return the mean over ``axis``."""
        total = self._reduced("sum", axis, keepdims)
        mean: Traced = total / (self.size / max(total.size, 1))
        return mean

    def std(self, axis: Any = None, keepdims: bool = False) -> Traced:
        """Return the standard deviation over ``axis``."""
        apart = self - self.mean(axis, keepdims=True)
        deviation: Any = np.sqrt((apart * apart).mean(axis, keepdims))
        return self._like(deviation.places)

    def _reduced(self, operation: str, axis: Any, keepdims: bool) -> Traced:
        axes = range(self.ndim) if axis is None else np.atleast_1d(axis) % self.ndim
        rest = [i for i in range(self.ndim) if i not in axes]
        sizes = (math.prod(self.shape[i] for i in rest), math.prod(self.shape[i] for i in axes))
        source = self._builder.together(self.places.transpose(*rest, *axes))
        found = self._builder.emit(Kind.REDUCTION, operation, [source], sizes, sizes[0])
        kept = [1 if i in axes else n for i, n in enumerate(self.shape)]
        return self._like(found.reshape(kept if keepdims else [self.shape[i] for i in rest]))

    # numpy's functions ------------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        out = options.pop("out", None)
        if method != "__call__" or options:
            return NotImplemented
        found = self._computed(ufunc.__name__, [self._places(value) for value in inputs])
        if found is None:
            return NotImplemented
        if out is None:
            return self._like(found)
        (target,) = out
        target.places[...] = found
        return target

    def _computed(self, name: str, operands: list[Places]) -> Places | None:
        name = {"true_divide": "divide", "abs": "absolute"}.get(name, name)
        if name == "matmul":
            return self._product(*operands)
        if name == "square":
            return self._computed("multiply", operands * 2)
        if name == "power" and operands[1].size == 1 and operands[1].item() == self._builder.constant(2.0).item():
            return self._computed("multiply", operands[:1] * 2)
        if name in UNARY:
            (a,) = operands
            sizes: tuple[int, ...] = (a.size,)
            return self._builder.emit(Kind.UNARY, name, [self._builder.together(a)], sizes, a.size).reshape(a.shape)
        return self._pairwise(name, *operands) if name in BINARY else None

    def _pairwise(self, name: str, a: Places, b: Places) -> Places:
        shape = np.broadcast_shapes(a.shape, b.shape)
        n = math.prod(shape)
        strides = [0 if one.size == 1 < n else 1 for one in (a, b)]
        spread = [one if one.size == 1 else np.broadcast_to(one, shape) for one in (a, b)]
        operands = [self._builder.together(one) for one in spread]
        return self._builder.emit(Kind.BINARY, name, operands, (n, *strides), n).reshape(shape)

    def _product(self, a: Places, b: Places) -> Places:
        (m, k), n = a.shape[-2:], b.shape[-1]
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        n_batch = math.prod(batch)
        is_same_a, is_same_b = math.prod(a.shape[:-2]) == 1, math.prod(b.shape[:-2]) == 1
        if is_same_b:  # all rows in one product
            rows = self._builder.together(np.broadcast_to(a, (*batch, m, k)))
            sizes = (1, n_batch * m, k, n)
        else:
            rows = self._builder.together(a if is_same_a else np.broadcast_to(a, (*batch, m, k)))
            sizes = (n_batch, m, k, n)
        columns = self._builder.together(b if is_same_b else np.broadcast_to(b, (*batch, k, n)))
        operation = "shared" if is_same_a and not is_same_b else "other"
        found = self._builder.emit(Kind.MATMUL, operation, [rows, columns], sizes, n_batch * m * n)
        return found.reshape((*batch, m, n))

    def __array_function__(self, function: Callable[..., Any], _: Any, given: Any, options: Mapping[str, Any]) -> Any:
        if function in JOINS:
            arrays, *rest = given
            return self._like(function([self._places(one) for one in arrays], *rest, **options))
        if function in MOVES:
            first, *rest = given
            return self._like(np.array(function(self._places(first), *rest, **options)))
        own = {
            np.sum: Traced.sum, np.mean: Traced.mean, np.std: Traced.std, np.max: Traced.max, np.amax: Traced.max,
            np.min: Traced.min, np.amin: Traced.min,
        }.get(function)  # fmt: skip
        if own is not None:
            return own(*given, **options)
        rule = _RULES.get(function)
        return NotImplemented if rule is None else rule(self, *given, **options)

    def _chosen(self, condition: Any, one: Any, other: Any) -> Traced:
        parts = [self._places(value) for value in (condition, one, other)]
        shape = np.broadcast_shapes(*(part.shape for part in parts))
        n = math.prod(shape)
        operands = [self._builder.together(np.broadcast_to(part, shape)) for part in parts]
        return self._like(self._builder.emit(Kind.CHOICE, "", operands, (n,), n).reshape(shape))

    def _clipped(self, value: Any, low: Any = None, high: Any = None) -> Any:
        value = value if low is None else np.maximum(value, low)
        return value if high is None else np.minimum(value, high)

    def _filled(self, value: Traced, number: float) -> Traced:
        return self._like(np.broadcast_to(self._builder.constant(number), value.shape).copy())

    def _summed_up(self, value: Traced, axis: int = -1) -> Traced:
        along = np.moveaxis(value.places, axis, -1)
        total: Any = self._like(along) @ np.triu(np.ones((along.shape[-1],) * 2))
        return self._like(np.moveaxis(total.places, -1, axis))

    def _differences(self, value: Traced, axis: int = -1) -> Any:
        along = np.moveaxis(value.places, axis, -1)
        found = self._like(along[..., 1:]) - self._like(along[..., :-1])
        return self._like(np.moveaxis(found.places, -1, axis))


_RULES: Final[Mapping[Any, Callable[..., Any]]] = {
    np.where: Traced._chosen,
    np.clip: Traced._clipped,
    np.zeros_like: lambda self, value: self._filled(value, 0.0),
    np.ones_like: lambda self, value: self._filled(value, 1.0),
    np.full_like: lambda self, value, number: self._filled(value, number),
    np.cumsum: Traced._summed_up,
    np.diff: lambda self, value, axis=-1: self._differences(value, axis),
}
"""How functions that are no ufuncs are noted."""
