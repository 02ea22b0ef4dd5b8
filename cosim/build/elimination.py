"""How the runtime factorises ``diagonal I - J``: an elimination order and its storage, chosen when the FMU is built.

Two candidates, compared by their multiplications: banded LU with partial pivoting in reverse Cuthill-McKee order (a
column of cells) and sparse LU without pivoting in minimum-degree order (everything else). Source: T. A. Davis, *Direct
Methods for Sparse Linear Systems*, SIAM 2006, chapters 6 and 7.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from cosim.build.model import SparsityPattern

SPARSE_OVERHEAD = 3.0
"""Cost of one multiplication through an index list, in multiplications on contiguous numbers (measured, gcc -O2)."""


class Method(Enum):
    """The runtime's factorisations; the value is the code in ``model.h``."""

    BANDED = 0
    SPARSE = 1


@dataclass(frozen=True, slots=True)
class EliminationPlan:
    """Where each nonzero of the Jacobian goes in the factor's storage; see ``LinearPlan`` in ``model.h``.

    ``position[i]`` is the place of state ``i`` in the elimination order. ``row_start`` and ``column`` describe the
    sparse factor and are empty for the banded one, whose bandwidths are ``lower`` and ``upper``.
    """

    method: Method
    n_storage: int
    position: tuple[int, ...]
    jac_slot: tuple[int, ...]
    diag_slot: tuple[int, ...]
    lower: int
    upper: int
    row_start: tuple[int, ...]
    column: tuple[int, ...]
    multiplications: float


def plan_elimination(pattern: SparsityPattern) -> EliminationPlan:
    """Return the cheaper of the banded and the sparse factorisation of ``diagonal I - J``."""
    neighbours = _symmetric_neighbours(pattern)
    banded = _plan_banded(pattern, _cuthill_mckee(neighbours))
    sparse_at_best = 2.0 * len(pattern.rows) * SPARSE_OVERHEAD
    if banded.multiplications <= sparse_at_best:
        return banded
    sparse = _plan_sparse(pattern, _minimum_degree(neighbours))
    return min(banded, sparse, key=lambda plan: plan.multiplications)


def _symmetric_neighbours(pattern: SparsityPattern) -> list[set[int]]:
    neighbours: list[set[int]] = [set() for _ in range(pattern.n_rows)]
    for i, j in zip(pattern.rows, pattern.columns, strict=True):
        if i != j:
            neighbours[i].add(j)
            neighbours[j].add(i)
    return neighbours


def _cuthill_mckee(neighbours: Sequence[set[int]]) -> list[int]:
    """Return the position of each node after reverse Cuthill-McKee, component by component."""
    degree = [len(adjacent) for adjacent in neighbours]
    order: list[int] = []
    seen = [False] * len(degree)
    for root in sorted(range(len(degree)), key=degree.__getitem__):
        if seen[root]:
            continue
        order += _breadth_first(_far_end(root, neighbours), neighbours, degree, seen)
    position = [0] * len(order)
    for place, node in enumerate(reversed(order)):
        position[node] = place
    return position


def _far_end(root: int, neighbours: Sequence[set[int]]) -> int:
    """Walk to a node of greatest distance: a breadth-first search from an end gives a narrow band."""
    for _ in range(2):
        layer, seen, last = [root], {root}, [root]
        while layer:
            last = layer
            reached = {other for node in layer for other in neighbours[node]} - seen
            seen |= reached
            layer = sorted(reached)
        root = min(last, key=lambda node: len(neighbours[node]))
    return root


def _breadth_first(root: int, neighbours: Sequence[set[int]], degree: Sequence[int], seen: list[bool]) -> list[int]:
    order = [root]
    seen[root] = True
    for node in order:
        for other in sorted(neighbours[node], key=lambda k: (degree[k], k)):
            if not seen[other]:
                seen[other] = True
                order.append(other)
    return order


def _minimum_degree(neighbours: Sequence[set[int]]) -> list[int]:
    """Return the position of each node when the node with the fewest neighbours is always eliminated next."""
    graph = [set(adjacent) for adjacent in neighbours]
    queue = [(len(adjacent), node) for node, adjacent in enumerate(graph)]
    heapq.heapify(queue)
    position = [-1] * len(graph)
    place = 0
    while queue:
        degree, node = heapq.heappop(queue)
        if position[node] >= 0 or degree != len(graph[node]):
            continue
        position[node] = place
        place += 1
        clique = graph[node]
        for other in clique:
            before = len(graph[other])
            graph[other] |= clique
            graph[other] -= {other, node}
            if len(graph[other]) != before:
                heapq.heappush(queue, (len(graph[other]), other))
        graph[node] = set()
    return position


def _plan_banded(pattern: SparsityPattern, position: list[int]) -> EliminationPlan:
    rows = [position[i] for i in pattern.rows]
    columns = [position[j] for j in pattern.columns]
    lower = max((i - j for i, j in zip(rows, columns, strict=True)), default=0)
    upper = max((j - i for i, j in zip(rows, columns, strict=True)), default=0)
    lower, upper = max(lower, 0), max(upper, 0)
    leading = 2 * lower + upper + 1
    diagonal = lower + upper
    n = pattern.n_rows
    return EliminationPlan(
        method=Method.BANDED,
        n_storage=n * leading,
        position=tuple(position),
        jac_slot=tuple(j * leading + diagonal + i - j for i, j in zip(rows, columns, strict=True)),
        diag_slot=tuple(i * leading + diagonal for i in range(n)),
        lower=lower,
        upper=upper,
        row_start=(),
        column=(),
        multiplications=float(n) * lower * (1 + lower + upper),
    )


def _plan_sparse(pattern: SparsityPattern, position: list[int]) -> EliminationPlan:
    entries: list[set[int]] = [{i} for i in range(pattern.n_rows)]
    for i, j in zip(pattern.rows, pattern.columns, strict=True):
        entries[position[i]].add(position[j])
    multiplications = _fill_in(entries)
    rows = [sorted(row) for row in entries]
    row_start = [0]
    for row in rows:
        row_start.append(row_start[-1] + len(row))
    slot = {(i, j): row_start[i] + k for i, row in enumerate(rows) for k, j in enumerate(row)}
    return EliminationPlan(
        method=Method.SPARSE,
        n_storage=row_start[-1],
        position=tuple(position),
        jac_slot=tuple(slot[position[i], position[j]] for i, j in zip(pattern.rows, pattern.columns, strict=True)),
        diag_slot=tuple(slot[i, i] for i in range(pattern.n_rows)),
        lower=0,
        upper=0,
        row_start=tuple(row_start),
        column=tuple(j for row in rows for j in row),
        multiplications=multiplications * SPARSE_OVERHEAD,
    )


def _fill_in(entries: list[set[int]]) -> float:
    """Add to each row of ``entries`` the nonzeros that elimination creates; return the multiplications it takes."""
    multiplications = 0.0
    above: list[list[int]] = []
    for i, row in enumerate(entries):
        pending = [j for j in row if j < i]
        heapq.heapify(pending)
        while pending:
            pivots = above[heapq.heappop(pending)]
            multiplications += len(pivots) + 1
            for j in pivots:
                if j not in row:
                    row.add(j)
                    if j < i:
                        heapq.heappush(pending, j)
        above.append(sorted(j for j in row if j > i))
    return multiplications
