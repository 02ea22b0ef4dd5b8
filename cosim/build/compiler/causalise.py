"""Who computes what, in which order: matching, strongly connected blocks, levels, all on index arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, maximum_bipartite_matching

from cosim.build.compiler.equations import EquationFamily
from cosim.build.compiler.space import Ids, Space
from cosim.errors import ModelError

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class System:
    """Equation families with a common numbering of their points (rows) and of the unknowns (columns).

    ``incidence`` lists (row, column) once each; ``unknowns`` are the numbers of the columns' scalars.
    """

    families: tuple[EquationFamily, ...]
    offsets: Rows
    unknowns: Ids
    rows: Rows
    columns: Rows

    @property
    def n_rows(self) -> int:
        """How many scalar equations there are."""
        return int(self.offsets[-1])

    def family_of(self, row: int) -> tuple[int, int]:
        """Return the family of a row, and its point."""
        family = int(np.searchsorted(self.offsets, row, side="right")) - 1
        return family, row - int(self.offsets[family])


@dataclass(frozen=True, slots=True)
class Order:
    """``solved`` column of each row; ``block`` and ``level`` of each row: a block needs only lower levels."""

    solved: Rows
    block: Rows
    level: Rows


def assemble(families: Sequence[EquationFamily], unknowns: Ids, space: Space) -> System:
    """Give rows and columns numbers and find which row mentions which column."""
    column_of = np.full(space.total, -1, dtype=np.int64)
    column_of[unknowns] = np.arange(len(unknowns))
    sizes = [family.kernel.n_points for family in families]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    rows, columns = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for family, offset in zip(families, offsets, strict=False):
        local = column_of[family.kernel.ids]
        points, positions = np.nonzero(local >= 0)
        rows.append(points + offset)
        columns.append(local[points, positions])
    pairs = np.unique(np.column_stack([np.concatenate(rows), np.concatenate(columns)]), axis=0)
    return System(tuple(families), offsets, unknowns, pairs[:, 0], pairs[:, 1])


def order(system: System, space: Space) -> Order:
    """Match rows with columns and sort them.

    Raises
    ------
    ModelError
        The numbers of equations and unknowns differ, or some unknowns cannot be computed (index above 1).
    """
    _check_count(system, space)
    solved = _match(system, space)
    row_of = np.empty(system.n_rows, dtype=np.int64)
    row_of[solved] = np.arange(system.n_rows)
    producer = row_of[system.columns]
    other = producer != system.rows
    users, makers = system.rows[other], producer[other]
    graph = csr_matrix((np.ones(len(users)), (users, makers)), shape=(system.n_rows, system.n_rows))
    _, block = connected_components(graph, directed=True, connection="strong")
    return Order(solved, block, _levels(block, users, makers)[block])


def _check_count(system: System, space: Space) -> None:
    if system.n_rows != len(system.unknowns):
        raise ModelError(
            f"The model has {system.n_rows} equations for {len(system.unknowns)} unknowns. Add or remove equations; "
            "an input of an inner component that is not connected is an unknown too."
        )


def _match(system: System, space: Space) -> Rows:
    shape = (system.n_rows, len(system.unknowns))
    matrix = csr_matrix((np.ones(len(system.rows)), (system.rows, system.columns)), shape=shape)
    solved = maximum_bipartite_matching(matrix, perm_type="column") if system.n_rows else np.empty(0, np.int64)
    unmatched = np.flatnonzero(solved < 0)
    if len(unmatched):
        raise ModelError(_singular(system, space, unmatched, solved))
    return np.asarray(solved, dtype=np.int64)


def _singular(system: System, space: Space, unmatched: Rows, solved: Rows) -> str:
    free = np.setdiff1d(np.arange(len(system.unknowns)), solved[solved >= 0])
    names = ", ".join(space.name(int(system.unknowns[column])) for column in free[:5])
    rows = [system.family_of(int(row)) for row in unmatched[:3]]
    known = "; ".join(_constraint(system, space, family, point) for family, point in rows)
    return (
        f"The model cannot be solved for {names}: an equation between {known} has no unknown left. Two states are "
        "tied by an algebraic equation (index above 1), or an equation is redundant. Index reduction is not "
        "supported: remove one of the states, or differentiate the constraint by hand."
    )


def _constraint(system: System, space: Space, family: int, point: int) -> str:
    ids = system.families[family].kernel.ids[point]
    return " and ".join(dict.fromkeys(space.name(int(number)) for number in ids[:4])) or "constants"


def _levels(block: Rows, users: Rows, makers: Rows) -> Rows:
    """Return each block's level: one more than the highest of the blocks it needs."""
    n_blocks = int(block.max()) + 1 if len(block) else 0
    level = np.zeros(n_blocks, dtype=np.int64)
    pairs = np.column_stack([block[makers], block[users]])
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0) if len(pairs) else pairs
    if not len(pairs):
        return level
    waiting = np.bincount(pairs[:, 1], minlength=n_blocks)
    starts = np.searchsorted(pairs[:, 0], np.arange(n_blocks + 1))
    ready = np.flatnonzero(waiting == 0)
    current = 0
    while len(ready):
        level[ready] = current
        current += 1
        spans = [np.arange(starts[item], starts[item + 1]) for item in ready]
        following = pairs[np.concatenate(spans), 1]
        np.subtract.at(waiting, following, 1)
        candidates = np.unique(following)
        ready = candidates[waiting[candidates] == 0]
    return level
