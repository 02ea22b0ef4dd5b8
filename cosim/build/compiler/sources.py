"""Where in which vector expression each scalar's value is found."""

import casadi as ca
import numpy as np
from numpy.typing import NDArray

from cosim.build.compiler.columns import entries
from cosim.build.compiler.space import Ids

MX = ca.MX


class Sources:
    """Vector expressions, with the vector and the position of every scalar that has a value."""

    def __init__(self, n_scalars: int) -> None:
        self._vectors: list[ca.MX] = []
        self._vector_of = np.full(n_scalars, -1, dtype=np.int64)
        self._position = np.zeros(n_scalars, dtype=np.int64)
        self._stacks: dict[bytes, ca.MX] = {}

    def add(self, ids: Ids, positions: NDArray[np.int64], vector: ca.MX) -> None:
        """Say that the scalars ``ids`` are at ``positions[ids]`` of ``vector``."""
        self._vector_of[ids] = len(self._vectors)
        self._position[ids] = positions[ids]
        self._vectors.append(vector)

    def add_column(self, ids: Ids, column: ca.MX) -> None:
        """Say that ``column`` holds the scalars ``ids`` in this order."""
        self._vector_of[ids] = len(self._vectors)
        self._position[ids] = np.arange(len(ids))
        self._vectors.append(column)

    def has(self, ids: Ids) -> bool:
        """Tell whether all ``ids`` have a value."""
        return bool((self._vector_of[ids] >= 0).all())

    def which(self, ids: Ids) -> NDArray[np.bool_]:
        """Tell which of ``ids`` have a value."""
        return self._vector_of[ids] >= 0

    def gather(self, ids: Ids) -> ca.MX:
        """Return the values of ``ids`` as a column."""
        if not self.has(ids):
            raise KeyError(f"scalar {ids[self._vector_of[ids] < 0][0]} has no value yet")
        used = np.unique(self._vector_of[ids])
        positions = self._position[ids]
        if len(used) == 1:
            return _taken(self._vectors[used[0]], positions)
        lengths = np.array([self._vectors[index].shape[0] for index in used])
        offset = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        key = used.tobytes()
        if key not in self._stacks:
            self._stacks[key] = ca.vertcat(*[self._vectors[index] for index in used])
        return _taken(self._stacks[key], positions + offset[np.searchsorted(used, self._vector_of[ids])])

    def gather_or_zero(self, ids: Ids) -> ca.MX:
        """Return the values of ``ids`` as a column, 0 for those that have none."""
        known = self.which(ids)
        if not known.any():
            return MX(ca.DM.zeros(len(ids)))
        values = ca.vertcat(self.gather(ids[known]), MX(0))
        index = np.full(len(ids), int(known.sum()))
        index[known] = np.arange(int(known.sum()))
        return _taken(values, index)


def _taken(vector: ca.MX, positions: NDArray[np.int64]) -> ca.MX:
    count = len(positions)
    if count == vector.shape[0] and bool((positions == np.arange(count)).all()):
        return vector
    first = int(positions[0])
    if count > 1 and bool((positions == first + np.arange(count)).all()):
        return vector[first : first + count]
    return entries(vector, positions)
