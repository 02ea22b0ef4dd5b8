"""Derivatives of one group's outputs with respect to what it reads."""

from dataclasses import dataclass

import casadi as ca
import numpy as np
from numpy.typing import NDArray

from cosim.build.compiler.groups import Group


@dataclass(frozen=True, slots=True, eq=False)
class LocalDerivatives:
    """Nonzero ``d outputs[rows[k]] / d symbols[columns[k]]``, through the iterates where there are any."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: tuple[ca.SX, ...]


def _compute(group: Group) -> LocalDerivatives:
    outputs, reads = ca.vertcat(*group.outputs), ca.vertcat(*group.symbols)
    if not group.symbols:
        empty = np.empty(0, np.int64)
        return LocalDerivatives(empty, empty, ())
    total = ca.jacobian(outputs, reads)
    if group.iterates:
        iterates, residuals = ca.vertcat(*group.iterates), ca.vertcat(*group.residuals)
        slopes = ca.solve(ca.jacobian(residuals, iterates), -ca.jacobian(residuals, reads))
        total = total + ca.jacobian(outputs, iterates) @ slopes
    total = ca.cse(ca.sparsify(total))
    rows, columns = total.sparsity().get_triplet()
    values = tuple(total.nz[index] for index in range(total.nnz()))
    return LocalDerivatives(np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64), values)


class DerivativeTable:
    """Local derivatives of groups, computed when first needed."""

    def __init__(self) -> None:
        self._known: dict[int, LocalDerivatives] = {}

    def of(self, group: Group) -> LocalDerivatives:
        """Return the local derivatives of ``group``."""
        if id(group) not in self._known:
            self._known[id(group)] = _compute(group)
        return self._known[id(group)]
