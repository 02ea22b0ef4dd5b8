"""Large models as loops: one call per group that CasADi writes as a C loop over the group's instances."""

from collections.abc import Mapping, Sequence
from typing import Any

import casadi as ca
import numpy as np

from cosim.build.compiler.columns import picked, summed
from cosim.build.compiler.groups import Group, needed_groups
from cosim.build.compiler.kernel import Kernel
from cosim.build.compiler.local import DerivativeTable, LocalDerivatives
from cosim.build.compiler.propagation import Propagation
from cosim.build.compiler.sources import Sources
from cosim.build.compiler.space import Ids, Origin, Space
from cosim.build.compiler.sparse import SparseColumns

MX = ca.MX
MOST_SEPARATE_READS = 8  # more reads of one group are gathered in one loop


class Looped:
    """The values of all scalars as vector expressions of the argument vectors.

    With ``event`` the discrete variables are computed by their when equations; otherwise they are arguments.
    """

    Symbol = ca.MX

    def __init__(
        self,
        space: Space,
        groups: Sequence[Group],
        vectors: Mapping[Origin, ca.MX],
        table: DerivativeTable,
        *,
        event: bool = False,
    ) -> None:
        self._space = space
        self._table = table
        self._origins, self._positions = space.origins(), space.positions()
        self._sources = Sources(space.total)
        self._slopes: dict[int, ca.MX] = {}
        for origin, vector in vectors.items():
            self._sources.add(np.flatnonzero(self._origins == origin), self._positions, vector)
        constants = np.flatnonzero(self._origins == Origin.CONSTANT)
        if len(constants):
            self._sources.add(constants, self._positions, MX(ca.DM(space.constants)))
        self._groups = [group for group in groups if event or self._origins[group.output_ids[0, 0]] != Origin.DISCRETE]
        for group in self._groups:
            if self._is_computable(group):
                self._evaluate(group)

    def _is_computable(self, group: Group) -> bool:
        reads = [group.ids.ravel()] + ([] if group.iterate_ids is None else [group.iterate_ids.ravel()])
        return self._sources.has(np.concatenate(reads))

    def _evaluate(self, group: Group) -> None:
        columns = self._call(group, group.outputs)
        if group.n_instances == 1:
            self._sources.add_column(group.output_ids[0], ca.vertcat(*columns))
            return
        for place, column in enumerate(columns):
            self._sources.add_column(group.output_ids[:, place], column)

    def _call(self, group: Group, results: Sequence[ca.SX]) -> list[ca.MX]:
        """Evaluate ``results`` of a group's symbols for all its instances, as columns (or stacked, for vectors)."""
        reads = list(group.ids.T)
        symbols = list(group.symbols)
        if group.iterate_ids is not None:
            reads += list(group.iterate_ids.T)
            symbols += group.iterates
        return call(self._sources, symbols, reads, results, group.n_instances)

    def values(self, ids: Ids) -> ca.MX:
        """Return the values of scalars as a column."""
        return self._sources.gather(np.asarray(ids)) if len(ids) else MX(0, 1)

    def kernel(self, kernel: Kernel) -> list[ca.MX]:
        """Return each expression of a kernel as a column over its points."""
        return call(self._sources, kernel.symbols, list(kernel.ids.T), kernel.expressions, kernel.n_points)

    def residuals(self) -> tuple[ca.MX, SparseColumns]:
        """Return the residuals of the torn blocks in the order of the iterates, and their block Jacobian."""
        places, residuals = [np.empty(0, np.int64)], []
        rows, columns = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        slopes = []
        for group in (item for item in self._groups if item.iterates):
            assert group.iterate_ids is not None
            size = len(group.iterates)
            stacked = ca.vertcat(*group.residuals)
            slopes_of = ca.vec(ca.densify(ca.jacobian(stacked, ca.vertcat(*group.iterates))))
            value, slope = self._call(group, [stacked, slopes_of])
            numbers = self._positions[group.iterate_ids]
            places.append(numbers.ravel())
            residuals.append(value)
            rows.append(np.tile(numbers, (1, size)).ravel())
            columns.append(np.repeat(numbers, size, axis=1).ravel())
            slopes.append(slope)
        order = np.argsort(np.concatenate(places))
        vector = ca.vertcat(*residuals)[order.tolist()] if residuals else MX(0, 1)
        matrix = ca.vertcat(*slopes) if slopes else MX(0, 1)
        return vector, SparseColumns(np.concatenate(rows), np.concatenate(columns), matrix)

    def slopes(self, group: Group) -> tuple[LocalDerivatives, ca.MX]:
        """Return a group's local derivatives, and their values: all of the first instance, then the next."""
        local = self._table.of(group)
        if id(group) not in self._slopes:
            self._slopes[id(group)] = self._call(group, [ca.vertcat(*local.values)])[0]
        return local, self._slopes[id(group)]

    def jacobian(self, seeds: Ids, extra: Sequence[Kernel], targets: Ids) -> tuple[SparseColumns, SparseColumns]:
        """Return total derivatives with respect to ``seeds`` of ``targets`` and of the ``extra`` kernels."""
        groups = needed_groups(self._groups, [targets, *(kernel.ids for kernel in extra)])
        propagation = Propagation(self._space.total, seeds)
        for group in groups:
            local = self._table.of(group)
            if len(local.values) and propagation.reaches(group.ids):
                propagation.add(group.ids, group.output_ids, local, self.slopes(group)[1])
        others = [propagation.of_kernel(self, kernel) for kernel in extra]
        return propagation.rows(targets), _joined(others)

    def directional(self, tangents: Mapping[Origin, ca.MX], targets: Ids) -> ca.MX:
        """Return the directional derivative of ``targets`` along the ``tangents`` of the argument vectors."""
        known = Sources(self._space.total)
        for origin, vector in tangents.items():
            known.add(np.flatnonzero(self._origins == origin), self._positions, vector)
        for group in needed_groups(self._groups, [targets]):
            local = self._table.of(group)
            if not len(local.values):
                continue
            reads = group.ids[:, local.columns]
            moving = known.which(reads)
            if not moving.any():
                continue
            slopes = self.slopes(group)[1]
            n_outputs = group.output_ids.shape[1]
            writes = np.arange(group.n_instances)[:, None] * n_outputs + local.rows[None, :]
            products = picked(slopes, np.flatnonzero(moving.ravel())) * known.gather(reads[moving])
            result = summed(products, writes[moving], group.output_ids.size)
            known.add_column(group.output_ids.ravel(), result)
        return known.gather_or_zero(np.asarray(targets)) if len(targets) else MX(0, 1)


def _joined(parts: Sequence[SparseColumns]) -> SparseColumns:
    if not parts:
        empty = np.empty(0, np.int64)
        return SparseColumns(empty, empty, MX(0, 1))
    offset, rows = 0, []
    for part in parts:
        rows.append(part.rows + offset)
        offset += part.n_rows
    columns = np.concatenate([part.columns for part in parts])
    values: Sequence[Any] = [part.values for part in parts]
    return SparseColumns(np.concatenate(rows), columns, ca.vertcat(*values), offset)


def call(
    sources: Sources,
    symbols: Sequence[ca.SX],
    reads: Sequence[Ids],
    results: Sequence[ca.SX],
    n_instances: int,
) -> list[ca.MX]:
    """Evaluate ``results`` of ``symbols`` for every instance; what is one scalar throughout is read once."""
    is_common = [bool((ids == ids[0]).all()) for ids in reads]
    common = [index for index, flag in enumerate(is_common) if flag]
    varying = [index for index, flag in enumerate(is_common) if not flag]
    together = len(varying) > MOST_SEPARATE_READS
    blocks = [varying] if together else [[index] for index in varying]
    formal = [ca.vertcat(*[symbols[index] for index in block]) for block in blocks]
    actual = [_rows(sources, [reads[index] for index in block], n_instances) for block in blocks]
    if common:
        formal.append(ca.vertcat(*[symbols[index] for index in common]))
        actual.append(sources.gather(np.array([reads[index][0] for index in common])))
    function = ca.Function("k", formal, list(results), {"cse": True})
    if n_instances == 1:
        return list(function.call(actual))
    mapped = function.map("loop", "serial", n_instances, [len(blocks)] if common else [], [])
    return [ca.vec(value) for value in mapped.call(actual)]


def _rows(sources: Sources, reads: Sequence[Ids], n_instances: int) -> ca.MX:
    """Return a matrix with one row for each read and one column for each instance."""
    if len(reads) == 1:
        return sources.gather(reads[0]).T
    return ca.reshape(sources.gather(np.column_stack(reads).ravel()), len(reads), n_instances)
