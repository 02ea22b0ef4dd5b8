"""Small models as plain scalar expressions: every group written out for each of its instances."""

from collections.abc import Mapping, Sequence

import casadi as ca
import numpy as np

from cosim.build.compiler.groups import Group, needed_groups
from cosim.build.compiler.kernel import Kernel
from cosim.build.compiler.local import DerivativeTable
from cosim.build.compiler.space import Ids, Origin, Space
from cosim.build.compiler.sparse import SparseColumns
from cosim.build.compiler.values import SX


class Unrolled:
    """The values of all scalars as expressions of the argument vectors.

    With ``event`` the discrete variables are computed by their when equations; otherwise they are arguments.
    """

    Symbol = ca.SX

    def __init__(
        self,
        space: Space,
        groups: Sequence[Group],
        vectors: Mapping[Origin, ca.SX],
        table: DerivativeTable,
        *,
        event: bool = False,
    ) -> None:
        self._space = space
        self._table = table
        self._origins, self._positions = space.origins(), space.positions()
        self._values = np.empty(space.total, dtype=object)
        for number in range(space.total):
            self._values[number] = self._argument(number, vectors, event)
        self._groups = [group for group in groups if event or not self._is_discrete(group)]
        for group in self._groups:
            self._evaluate(group)

    def _is_discrete(self, group: Group) -> bool:
        return bool(self._origins[group.output_ids[0, 0]] == Origin.DISCRETE)

    def _argument(self, number: int, vectors: Mapping[Origin, ca.SX], event: bool) -> ca.SX | None:
        origin, position = Origin(self._origins[number]), int(self._positions[number])
        if origin is Origin.CONSTANT:
            return SX(self._space.constants[position])
        if origin in vectors:
            return vectors[origin][position]
        return None

    def _evaluate(self, group: Group) -> None:
        function = ca.Function(
            "group", [ca.vertcat(*group.symbols, *group.iterates)], [ca.vertcat(*group.outputs)], {"cse": True}
        )
        for instance in range(group.n_instances):
            if self._lacks_argument(group, instance):
                continue
            result = function(ca.vertcat(*self._reads(group, instance)))
            for position, number in enumerate(group.output_ids[instance]):
                self._values[number] = result[position]

    def _lacks_argument(self, group: Group, instance: int) -> bool:
        """Tell whether a group needs an argument that this function does not get (start values see parameters only)."""
        lacking = any(self._values[number] is None for number in group.ids[instance])
        return lacking or (group.iterate_ids is not None and self._values[group.iterate_ids[instance, 0]] is None)

    def _reads(self, group: Group, instance: int) -> list[ca.SX]:
        reads = [self._value(number) for number in group.ids[instance]]
        if group.iterate_ids is not None:
            reads += [self._value(number) for number in group.iterate_ids[instance]]
        return reads

    def _value(self, number: int) -> ca.SX:
        value: ca.SX | None = self._values[number]
        if value is None:
            raise KeyError(self._space.name(int(number)))
        return value

    def values(self, ids: Ids) -> ca.SX:
        """Return the values of scalars as a column."""
        return ca.vertcat(*[self._value(number) for number in ids]) if len(ids) else SX(0, 1)

    def kernel(self, kernel: Kernel) -> list[ca.SX]:
        """Return each expression of a kernel as a column over its points."""
        columns: list[list[ca.SX]] = [[] for _ in kernel.expressions]
        for point in kernel.ids:
            reads = [self._value(number) for number in point]
            replaced = ca.substitute(list(kernel.expressions), list(kernel.symbols), reads)
            for column, value in zip(columns, replaced, strict=True):
                column.append(value)
        return [ca.vertcat(*column) for column in columns]

    def residuals(self) -> tuple[ca.SX, SparseColumns]:
        """Return the residuals of the torn blocks in the order of the iterates, and their block Jacobian."""
        residuals: dict[int, ca.SX] = {}
        rows, columns, slopes = [], [], []
        for group in (item for item in self._groups if item.iterates):
            stacked, iterates = ca.vertcat(*group.residuals), ca.vertcat(*group.iterates)
            slopes_of = ca.densify(ca.jacobian(stacked, iterates))
            inputs = ca.vertcat(*group.symbols, *group.iterates)
            function = ca.Function("residual", [inputs], [stacked, slopes_of], {"cse": True})
            assert group.iterate_ids is not None
            for instance, numbers in enumerate(group.iterate_ids):
                value, slope = function(ca.vertcat(*self._reads(group, instance)))
                places = self._positions[numbers]
                for row, place in enumerate(places):
                    residuals[int(place)] = value[row]
                    for column, other in enumerate(places):
                        rows.append(place)
                        columns.append(other)
                        slopes.append(slope[row, column])
        ordered = [residuals[place] for place in sorted(residuals)]
        return _stack(ordered), SparseColumns(np.array(rows, int), np.array(columns, int), _stack(slopes))

    def jacobian(self, seeds: Ids, extra: Sequence[Kernel], targets: Ids) -> tuple[SparseColumns, SparseColumns]:
        """Return total derivatives with respect to ``seeds`` of ``targets`` and of the ``extra`` kernels."""
        rows = self._propagate(seeds, needed_groups(self._groups, [targets, *(item.ids for item in extra)]))
        found = [rows.get(int(number), {}) for number in targets]
        others = [entry for kernel in extra for entry in self._kernel_rows(kernel, rows)]
        return _sparse(found), _sparse(others)

    def _propagate(self, seeds: Ids, groups: Sequence[Group]) -> dict[int, dict[int, ca.SX]]:
        known: dict[int, dict[int, ca.SX]] = {int(number): {column: SX(1)} for column, number in enumerate(seeds)}
        for group in groups:
            if not any(int(number) in known for number in np.unique(group.ids)):
                continue
            local = self._table.of(group)
            if not local.values:
                continue
            inputs = ca.vertcat(*group.symbols, *group.iterates)
            function = ca.Function("slopes", [inputs], [ca.vertcat(*local.values)], {"cse": True})
            for instance in range(group.n_instances):
                slopes = function(ca.vertcat(*self._reads(group, instance)))
                entries = [
                    (group.output_ids[instance, row], group.ids[instance, column])
                    for row, column in zip(local.rows, local.columns, strict=True)
                ]
                _accumulate(known, entries, slopes)
        return known

    def _kernel_rows(self, kernel: Kernel, known: Mapping[int, Mapping[int, ca.SX]]) -> list[dict[int, ca.SX]]:
        matrix = ca.jacobian(ca.vertcat(*kernel.expressions), ca.vertcat(*kernel.symbols))
        rows, columns = matrix.sparsity().get_triplet()
        result = []
        for point in kernel.ids:
            reads = [self._value(number) for number in point]
            slopes = ca.substitute([matrix], list(kernel.symbols), reads)[0] if rows else matrix
            found: list[dict[int, ca.SX]] = [{} for _ in kernel.expressions]
            for row, column in zip(rows, columns, strict=True):
                _add(found[row], known.get(int(point[column]), {}), slopes[row, column])
            result += found
        return result

    def directional(self, tangents: Mapping[Origin, ca.SX], targets: Ids) -> ca.SX:
        """Return the directional derivative of ``targets`` along the ``tangents`` of the argument vectors."""
        known: dict[int, dict[int, ca.SX]] = {}
        for number in range(self._space.total):
            origin = Origin(self._origins[number])
            if origin in tangents:
                known[number] = {0: tangents[origin][int(self._positions[number])]}
        for group in self._groups:
            local = self._table.of(group)
            if not local.values:
                continue
            inputs = ca.vertcat(*group.symbols, *group.iterates)
            function = ca.Function("slopes", [inputs], [ca.vertcat(*local.values)], {"cse": True})
            for instance in range(group.n_instances):
                slopes = function(ca.vertcat(*self._reads(group, instance)))
                entries = [
                    (group.output_ids[instance, row], group.ids[instance, column])
                    for row, column in zip(local.rows, local.columns, strict=True)
                ]
                _accumulate(known, entries, slopes)
        return _stack([known.get(int(number), {}).get(0, SX(0)) for number in targets])


def _accumulate(known: dict[int, dict[int, ca.SX]], entries: Sequence[tuple[int, int]], slopes: ca.SX) -> None:
    for position, (target, source) in enumerate(entries):
        if int(source) in known:
            _add(known.setdefault(int(target), {}), known[int(source)], slopes[position])


def _add(row: dict[int, ca.SX], other: Mapping[int, ca.SX], slope: ca.SX) -> None:
    for column, value in other.items():
        product = slope * value
        row[column] = row[column] + product if column in row else product


def _sparse(rows: Sequence[Mapping[int, ca.SX]]) -> SparseColumns:
    places = [(row, column) for row, entries in enumerate(rows) for column in sorted(entries)]
    values = [rows[row][column] for row, column in places]
    table = np.array(places, dtype=np.int64).reshape(-1, 2)
    return SparseColumns(table[:, 0], table[:, 1], _stack(values))


def _stack(items: Sequence[ca.SX]) -> ca.SX:
    return ca.vertcat(*items) if items else SX(0, 1)
