"""Start values as functions of the parameters, and which states the initial equations determine."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosim.build.compiler.declarations import Declarations
from cosim.build.compiler.kernel import Kernel
from cosim.build.compiler.space import Ids, Origin
from cosim.build.compiler.values import SX, flatten
from cosim.build.frontend.flat import Variable
from cosim.errors import ModelError


@dataclass(frozen=True, slots=True)
class Starts:
    """Start values: ``numbers`` for all, replaced at the positions of each of the ``kernels``."""

    numbers: NDArray[np.float64]
    kernels: tuple[tuple[NDArray[np.int64], Kernel], ...]


def start_values(declarations: Declarations, ids: Ids) -> Starts:
    """Return the start values of ``ids``; those that depend on parameters as kernels with all their points."""
    owners = _owners(declarations)
    cache: dict[str, list[float | Kernel]] = {}
    numbers = np.zeros(len(ids))
    alike: dict[str, list[tuple[int, Kernel]]] = {}
    for index, number in enumerate(ids):
        if int(number) not in owners:
            continue
        variable, position = owners[int(number)]
        if variable.name not in cache:
            cache[variable.name] = _starts(declarations, variable)
        items = cache[variable.name]
        item = items[position if len(items) > 1 else 0]
        if isinstance(item, Kernel):
            alike.setdefault(item.signature(), []).append((index, item))
        else:
            numbers[index] = item
    return Starts(numbers, tuple(_together(members) for members in alike.values()))


def _together(members: Sequence[tuple[int, Kernel]]) -> tuple[NDArray[np.int64], Kernel]:
    first = members[0][1]
    ids = np.vstack([kernel.ids for _, kernel in members])
    return np.array([index for index, _ in members]), Kernel(first.symbols, ids, first.expressions)


def _owners(declarations: Declarations) -> dict[int, tuple[Variable, int]]:
    return {
        int(number): (declarations.flat.variables[name], position)
        for name, numbers in declarations.numbers.items()
        for position, number in enumerate(numbers.ravel())
    }


def _starts(declarations: Declarations, variable: Variable) -> list[float | Kernel]:
    node = variable.start
    if variable.variability == "Parameter" and variable.binding is not None:
        node = variable.binding
    if node is None:
        return [0.0]
    evaluator = declarations.evaluator(events=False)
    items = flatten(evaluator.value(node, {}))
    size = int(np.prod(variable.dimensions, dtype=np.int64))
    if len(items) not in (1, size):
        raise ModelError(
            f"{variable.name} has {size} elements, but its start value has {len(items)}.", variable=variable.name
        )
    return [evaluator.symbols.kernel([item]) if isinstance(item, SX) else float(item) for item in items]


def free_states(declarations: Declarations, dependencies: Sequence[set[int]]) -> list[int]:
    """Choose the states that the initial equations determine; return their positions.

    ``dependencies`` lists for each initial equation the positions of the states it depends on.

    Raises
    ------
    ModelError
        There are more initial equations than states without a fixed start, or fewer than there are parameters and
        states with ``fixed=false``.
    """
    fixed, open_ones = _fixed_positions(declarations)
    matching = _Matching([found - fixed for found in dependencies], frozenset(open_ones))
    for row, found in enumerate(dependencies):
        if not matching.add(row):
            raise _overdetermined(declarations, row, found)
    left = [position for position in sorted(open_ones) if not matching.claim(position)]
    if left:
        raise _underdetermined(declarations, left)
    return sorted(matching.rows)


def _overdetermined(declarations: Declarations, row: int, found: Collection[int]) -> ModelError:
    names = _state_names(declarations, sorted(found)[:5])
    why = f"{', '.join(names)} has fixed=true or follows from another one" if names else "it depends on no state"
    return ModelError(
        f"The initialisation is over-determined: initial equation {row + 1} finds nothing to determine, since {why}. "
        "Remove an initial equation or a fixed=true.",
        variable=names[0] if names else None,
    )


def _underdetermined(declarations: Declarations, left: Sequence[int]) -> ModelError:
    names = _state_names(declarations, left)
    listed = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    return ModelError(
        f"The initialisation is under-determined: {listed} with fixed=false, but no initial equation determines "
        f"{'it' if len(names) == 1 else 'them'}. Add {len(names)} initial equation{'' if len(names) == 1 else 's'}, or "
        "give a value and leave fixed=false out.",
        variable=names[0],
    )


def _state_names(declarations: Declarations, positions: Sequence[int]) -> list[str]:
    space = declarations.space
    numbers = np.flatnonzero(space.origins() == Origin.STATE)
    by_position = dict(zip(space.positions()[numbers].tolist(), numbers.tolist(), strict=True))
    return [space.name(by_position[position]) for position in positions]


class _Matching:
    """One state for each initial equation; those in ``wanted`` before the others."""

    def __init__(self, candidates: Sequence[set[int]], wanted: frozenset[int]) -> None:
        self._candidates = candidates
        self._wanted = wanted
        self.rows: dict[int, int] = {}

    def add(self, row: int, seen: set[int] | None = None) -> bool:
        """Give ``row`` a state, moving other rows to other states if need be."""
        seen = set() if seen is None else seen
        for position in sorted(self._candidates[row], key=lambda item: (item not in self._wanted, item)):
            if position not in seen:
                seen.add(position)
                if position not in self.rows or self.add(self.rows[position], seen):
                    self.rows[position] = row
                    return True
        return False

    def claim(self, position: int, seen: set[int] | None = None) -> bool:
        """Take for ``position`` a row whose state can do without one."""
        if position in self.rows:
            return True
        return self._take(position, set() if seen is None else seen)

    def _take(self, position: int, seen: set[int]) -> bool:
        owners = {row: other for other, row in self.rows.items()}
        for row, other in owners.items():
            if row not in seen and position in self._candidates[row]:
                seen.add(row)
                if other not in self._wanted or self._take(other, seen):
                    if self.rows.get(other) == row:
                        del self.rows[other]
                    self.rows[position] = row
                    return True
        return False


def _fixed_positions(declarations: Declarations) -> tuple[set[int], set[int]]:
    """Return the states whose start is fixed, and those declared with ``fixed=false``."""
    positions = declarations.space.positions()
    fixed: set[int] = set()
    open_ones: set[int] = set()
    for name in declarations.derivatives:
        flags = declarations.flat.variables[name].fixed
        if flags is None:
            continue
        own = declarations.numbers[name].ravel()
        flags = flags if len(flags) == len(own) else flags[:1] * len(own)
        for number, flag in zip(own, flags, strict=True):
            (fixed if flag else open_ones).add(int(positions[number]))
    return fixed, open_ones
