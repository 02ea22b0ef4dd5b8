"""Expressions shared by all points of a loop: symbols for what differs, and a table of what each symbol stands for."""

from collections.abc import Sequence
from dataclasses import dataclass

import casadi as ca
import numpy as np
from numpy.typing import NDArray

from cosim.build.compiler.space import Ids, Space
from cosim.build.compiler.values import SX, Points, Value, is_number


class Symbols:
    """The symbols of one equation while it is compiled for ``n_points`` points of its loop."""

    def __init__(self, space: Space, n_points: int) -> None:
        self.space = space
        self.n_points = n_points
        self._columns: dict[bytes, int] = {}
        self.symbols: list[ca.SX] = []
        self.ids: list[Ids] = []

    def of(self, ids: Ids | int) -> ca.SX:
        """Return the symbol of a scalar (one number), or of one scalar for each point."""
        column = np.full(self.n_points, ids, dtype=np.int64) if np.ndim(ids) == 0 else np.asarray(ids, dtype=np.int64)
        key = column.tobytes()
        if key not in self._columns:
            self._columns[key] = len(self.symbols)
            self.symbols.append(SX.sym(f"w{len(self.symbols)}"))
            self.ids.append(column)
        return self.symbols[self._columns[key]]

    def symbolic(self, value: Value) -> ca.SX:
        """Turn any scalar into a symbol expression."""
        if isinstance(value, Points):
            common = value.uniform()
            if common is not None:
                return SX(float(common))
            return self.of(np.array([self.space.constant(item) for item in value.values]))
        return SX(float(value)) if is_number(value) else value

    def kernel(self, expressions: Sequence[ca.SX]) -> "Kernel":
        """Close expressions over the symbols they use."""
        used = {symbol.element_hash() for symbol in ca.symvar(ca.vertcat(*expressions))} if expressions else set()
        columns = [index for index, symbol in enumerate(self.symbols) if symbol.element_hash() in used]
        ids = np.column_stack([self.ids[index] for index in columns]) if columns else np.empty((self.n_points, 0))
        return Kernel(
            tuple(self.symbols[index] for index in columns), ids.astype(np.int64), tuple(map(SX, expressions))
        )


@dataclass(frozen=True, slots=True)
class Kernel:
    """Expressions of ``symbols``; row ``i`` of ``ids`` says which scalars the symbols are at point ``i``."""

    symbols: tuple[ca.SX, ...]
    ids: NDArray[np.int64]
    expressions: tuple[ca.SX, ...]

    @property
    def n_points(self) -> int:
        """How many points share the expressions."""
        return int(self.ids.shape[0])

    def rows(self, points: NDArray[np.int64]) -> "Kernel":
        """Keep some of the points."""
        return Kernel(self.symbols, self.ids[points], self.expressions)

    def signature(self) -> str:
        """Text that is equal for kernels with equal expressions, whatever their symbols are called."""
        stand_ins = [SX.sym(f"a{index}") for index in range(len(self.symbols))]
        replaced = ca.substitute(list(self.expressions), list(self.symbols), stand_ins)
        return str(replaced)
