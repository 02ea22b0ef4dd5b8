"""Which derivatives of a Model Exchange FMU depend on which states, and what follows for the linear equations."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.fmu.xml import ReadDescription

Places = NDArray[np.int64]

MOST_DENSE: Final = 500
"""States up to which a Jacobian of unknown pattern is computed column by column from directional derivatives."""
MOST_FACTORISED: Final = 1500
"""States up to which a dense Jacobian is factorised, which takes 2 s then; above, the equations are iterated."""


@dataclass(frozen=True, slots=True)
class StateStructure:
    """The continuous states of an FMU, in its own order.

    ``states`` and ``derivatives`` are value references, ``dependencies`` the places of the states that each derivative
    depends on; all are None where the description does not tell, or has arrays of states.
    """

    states: tuple[int, ...] | None
    derivatives: tuple[int, ...] | None
    dependencies: tuple[tuple[int, ...], ...] | None
    provides_derivatives: bool
    needs_completed_step: bool


UNKNOWN: Final = StateStructure(None, None, None, provides_derivatives=False, needs_completed_step=True)


def read_structure(read: ReadDescription) -> StateStructure:
    """Read what ModelStructure tells of the derivatives (FMI 2.0.4, 2.2.8; FMI 3.0.1, 2.4.8)."""
    model = read.content
    interface = model.modelExchange
    if interface is None or not model.fmiVersion or model.fmiVersion.startswith("1"):
        return UNKNOWN
    found = [unknown for unknown in model.derivatives if unknown.variable is not None]
    states = [unknown.variable.derivative for unknown in found if unknown.variable is not None]
    is_known = all(state is not None and not state.dimensions for state in states)
    numbers = tuple(state.valueReference for state in states if state is not None)
    place = {number: index for index, number in enumerate(numbers)}
    has_dependencies = is_known and all(unknown.dependencies is not None for unknown in found)
    return StateStructure(
        states=numbers if is_known else None,
        derivatives=tuple(unknown.variable.valueReference for unknown in found) if is_known else None,
        dependencies=tuple(
            tuple(sorted({place[item.valueReference] for item in unknown.dependencies if item.valueReference in place}))
            for unknown in found
        )
        if has_dependencies
        else None,
        provides_derivatives=bool(interface.providesDirectionalDerivative)
        or "ModelExchange" in read.provides_derivatives,
        needs_completed_step=bool(interface.needsCompletedIntegratorStep),
    )


@dataclass(frozen=True, slots=True)
class Groups:
    """Columns of the Jacobian in groups that share no row, so that one evaluation serves a whole group.

    Group g has ``columns[column_begin[g]:column_begin[g + 1]]`` and the entries (``rows``, ``entry_columns``) from
    ``entry_begin[g]`` to ``entry_begin[g + 1]``; all are places in the order of the integrator.
    """

    column_begin: Places
    columns: Places
    entry_begin: Places
    rows: Places
    entry_columns: Places


@dataclass(frozen=True, slots=True)
class JacobianPlan:
    """How the states are ordered (None: as in the FMU), the half bandwidths (None: dense), and the groups if known."""

    n_states: int
    order: Places | None
    bandwidths: tuple[int, int] | None
    groups: Groups | None

    @property
    def is_iterative(self) -> bool:
        """True where the matrix would be too large to factorise."""
        return self.bandwidths is None and self.n_states > MOST_FACTORISED


def plan_jacobian(structure: StateStructure, n_states: int) -> JacobianPlan:
    """Choose a band where that takes fewer multiplications than a dense matrix."""
    dependencies = structure.dependencies
    if dependencies is None or len(dependencies) != n_states or not n_states:
        is_small = structure.provides_derivatives and structure.states is not None and n_states <= MOST_DENSE
        every = tuple(range(n_states))
        usable = is_small and n_states and structure.states is not None and len(structure.states) == n_states
        return JacobianPlan(n_states, None, None, _groups([every] * n_states) if usable else None)
    order = _cuthill_mckee(dependencies)
    rank = np.empty(n_states, dtype=np.int64)
    rank[order] = np.arange(n_states)
    distances = [int(rank[row] - rank[column]) for row, columns in enumerate(dependencies) for column in columns]
    lower, upper = max([0, *distances]), max([0, *(-distance for distance in distances)])
    if 3 * lower * (lower + upper) >= n_states * n_states:  # n·l·(2l+2u) against 2/3·n³
        return JacobianPlan(n_states, None, None, _groups(dependencies))
    ranked = [tuple(int(rank[column]) for column in dependencies[row]) for row in order]
    return JacobianPlan(n_states, order, (lower, upper), _groups(ranked))


def _cuthill_mckee(dependencies: Sequence[Sequence[int]]) -> Places:
    """Return the states in reverse Cuthill–McKee order (George & Liu 1981), which brings neighbours together."""
    neighbours: list[set[int]] = [set() for _ in dependencies]
    for row, columns in enumerate(dependencies):
        for column in columns:
            if column != row:
                neighbours[row].add(column)
                neighbours[column].add(row)
    degree = [len(found) for found in neighbours]
    order: list[int] = []
    seen = [False] * len(degree)
    for start in sorted(range(len(degree)), key=degree.__getitem__):
        queue = deque([] if seen[start] else [start])
        seen[start] = True
        while queue:
            state = queue.popleft()
            order.append(state)
            for other in sorted(neighbours[state], key=degree.__getitem__):
                if not seen[other]:
                    seen[other] = True
                    queue.append(other)
    return np.array(order[::-1], dtype=np.int64)


def _groups(dependencies: Sequence[Sequence[int]]) -> Groups:
    """Put each column into the first group whose rows it does not touch (Curtis, Powell & Reid 1974)."""
    rows_of: list[list[int]] = [[] for _ in dependencies]
    for row, columns in enumerate(dependencies):
        for column in columns:
            rows_of[column].append(row)
    groups_of_row: list[set[int]] = [set() for _ in dependencies]
    members: list[list[int]] = []
    for column, rows in enumerate(rows_of):
        taken = set().union(*(groups_of_row[row] for row in rows))
        chosen = next(number for number in range(len(members) + 1) if number not in taken)
        if chosen == len(members):
            members.append([])
        members[chosen].append(column)
        for row in rows:
            groups_of_row[row].add(chosen)
    entries = [[(row, column) for column in columns for row in rows_of[column]] for columns in members]
    return Groups(
        column_begin=np.cumsum([0, *(len(columns) for columns in members)], dtype=np.int64),
        columns=np.array([column for columns in members for column in columns], dtype=np.int64),
        entry_begin=np.cumsum([0, *(len(found) for found in entries)], dtype=np.int64),
        rows=np.array([row for found in entries for row, _ in found], dtype=np.int64),
        entry_columns=np.array([column for found in entries for _, column in found], dtype=np.int64),
    )
