"""Which knowns each scalar depends on, through the sorted equations: structure only."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from cosim.build.compiler.groups import Group
from cosim.build.compiler.kernel import Kernel
from cosim.build.compiler.local import DerivativeTable
from cosim.build.compiler.space import Ids, Space


class Structure:
    """The pattern of d(scalar)/d(seed) for all scalars of the space."""

    def __init__(self, space: Space, groups: Sequence[Group], seeds: Ids, table: DerivativeTable) -> None:
        self._total = space.total
        self._n_seeds = len(seeds)
        self._known: dict[int, NDArray[np.int64]] = {int(n): np.array([c]) for c, n in enumerate(seeds)}
        for group in groups:
            local = table.of(group)
            self._add(group.ids, group.output_ids, local.rows, local.columns)

    def _add(self, reads: Ids, writes: Ids, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
        by_output: dict[int, list[int]] = {}
        for row, column in zip(rows, columns, strict=True):
            by_output.setdefault(int(row), []).append(int(column))
        for instance in range(writes.shape[0]):
            for row, places in by_output.items():
                found = self.union(reads[instance, places])
                if len(found):
                    self._known[int(writes[instance, row])] = found

    def union(self, ids: Iterable[int]) -> NDArray[np.int64]:
        """Return the seeds that any of ``ids`` depends on, sorted."""
        sets = [self._known[int(number)] for number in ids if int(number) in self._known]
        if not sets:
            return np.empty(0, np.int64)
        return sets[0] if len(sets) == 1 else np.unique(np.concatenate(sets))

    def of(self, number: int) -> NDArray[np.int64]:
        """Return the seeds that a scalar depends on."""
        return self._known.get(int(number), np.empty(0, np.int64))

    def of_kernel(self, kernel: Kernel) -> list[set[int]]:
        """Return the seeds that each point of a kernel reads."""
        return [set(map(int, self.union(point))) for point in kernel.ids]
