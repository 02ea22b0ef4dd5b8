"""Total derivatives, row by row: the chain rule on index arrays, with one product for each pair of nonzeros."""

from typing import TYPE_CHECKING

import casadi as ca
import numpy as np
from numpy.typing import NDArray

from cosim.build.compiler.columns import entries, picked, summed
from cosim.build.compiler.kernel import Kernel
from cosim.build.compiler.local import LocalDerivatives
from cosim.build.compiler.space import Ids
from cosim.build.compiler.sparse import SparseColumns

if TYPE_CHECKING:
    from cosim.build.compiler.looped import Looped

Index = NDArray[np.int64]
_SEED = 0  # the vector that holds the number 1, the derivative of a seed with respect to itself


class Propagation:
    """The nonzero derivatives of every scalar with respect to the seeds, as slots in a list of vectors."""

    def __init__(self, n_scalars: int, seeds: Ids) -> None:
        self._n_seeds = len(seeds)
        self._first = np.zeros(n_scalars, dtype=np.int64)
        self._count = np.zeros(n_scalars, dtype=np.int64)
        self._first[seeds] = np.arange(len(seeds))
        self._count[seeds] = 1
        self._columns = np.arange(len(seeds), dtype=np.int64)
        self._vector_of = np.zeros(len(seeds), dtype=np.int64)
        self._position = np.zeros(len(seeds), dtype=np.int64)
        self._vectors: list[ca.MX] = [ca.MX(1.0)]

    def reaches(self, ids: Ids) -> bool:
        """Tell whether any of ``ids`` depends on a seed."""
        return bool(self._count[ids].any())

    def add(self, reads: Ids, writes: Ids, local: LocalDerivatives, slopes: ca.MX) -> None:
        """Derive the scalars ``writes`` (one row per instance) from those that their group reads."""
        n_outputs = writes.shape[1]
        sources = reads[:, local.columns].ravel()
        targets = (np.arange(len(writes))[:, None] * n_outputs + local.rows[None, :]).ravel()
        places, columns, values = self._products(sources, targets, slopes)
        self._store(writes.ravel(), places, columns, values)

    def _products(self, sources: Index, targets: Index, slopes: ca.MX) -> tuple[Index, Index, ca.MX]:
        """Return row and column of each nonzero of the result, sorted, with the sums of products."""
        counts = self._count[sources]
        entry = np.repeat(np.arange(len(sources)), counts)
        within = np.arange(len(entry)) - np.repeat(np.cumsum(counts) - counts, counts)
        slots = self._first[sources][entry] + within
        keys = targets[entry] * self._n_seeds + self._columns[slots]
        distinct, place = np.unique(keys, return_inverse=True)
        factors = picked(slopes, entry)
        if bool((self._vector_of[slots] != _SEED).any()):
            factors = factors * self._gathered(slots)
        return distinct // self._n_seeds, distinct % self._n_seeds, summed(factors, place.ravel(), len(distinct))

    def _gathered(self, slots: Index) -> ca.MX:
        used = np.unique(self._vector_of[slots])
        lengths = np.array([self._vectors[index].shape[0] for index in used])
        offset = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        index = self._position[slots] + offset[np.searchsorted(used, self._vector_of[slots])]
        stack: ca.MX = self._vectors[used[0]] if len(used) == 1 else ca.vertcat(*[self._vectors[item] for item in used])
        return entries(stack, index)

    def _store(self, writes: Ids, rows: Index, columns: Index, values: ca.MX) -> None:
        counts = np.bincount(rows, minlength=len(writes))
        self._first[writes] = len(self._columns) + np.cumsum(counts) - counts
        self._count[writes] = counts
        self._columns = np.concatenate([self._columns, columns])
        self._vector_of = np.concatenate([self._vector_of, np.full(len(columns), len(self._vectors))])
        self._position = np.concatenate([self._position, np.arange(len(columns))])
        self._vectors.append(values)

    def rows(self, targets: Ids) -> SparseColumns:
        """Return the derivatives of ``targets``."""
        counts = self._count[targets]
        rows = np.repeat(np.arange(len(targets)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        slots = self._first[targets][rows] + within if len(rows) else np.empty(0, np.int64)
        values = self._gathered(slots) if len(slots) else ca.MX(0, 1)
        return SparseColumns(rows, self._columns[slots], values, len(targets))

    def of_kernel(self, model: "Looped", kernel: Kernel) -> SparseColumns:
        """Return the derivatives of a kernel's one expression at all its points."""
        matrix = ca.jacobian(kernel.expressions[0], ca.vertcat(*kernel.symbols))
        _, columns = matrix.sparsity().get_triplet()
        if not columns:
            empty = np.empty(0, np.int64)
            return SparseColumns(empty, empty, ca.MX(0, 1), kernel.n_points)
        values = ca.vertcat(*[matrix.nz[index] for index in range(matrix.nnz())])
        slopes = model.kernel(Kernel(kernel.symbols, kernel.ids, (values,)))[0]
        targets = np.repeat(np.arange(kernel.n_points), len(columns))
        rows, seeds, result = self._products(kernel.ids[:, columns].ravel(), targets, slopes)
        return SparseColumns(rows, seeds, result, kernel.n_points)
