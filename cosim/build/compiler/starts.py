"""Start values as functions of the parameters, and which states the initial equations determine."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosim.build.compiler.declarations import Declarations
from cosim.build.compiler.kernel import Kernel
from cosim.build.compiler.space import Ids
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
        There are more initial equations than states without a fixed start.
    """
    fixed = _fixed_positions(declarations)
    matched: dict[int, int] = {}
    for row in range(len(dependencies)):
        if not _augment(row, dependencies, fixed, matched, set()):
            raise ModelError(
                f"The {len(dependencies)} initial equations need as many states without fixed=true that they can "
                f"determine; equation {row + 1} finds none. Remove an initial equation or a fixed=true."
            )
    return sorted(matched)


def _augment(
    row: int, dependencies: Sequence[set[int]], fixed: set[int], matched: dict[int, int], seen: set[int]
) -> bool:
    for position in sorted(dependencies[row] - fixed):
        if position not in seen:
            seen.add(position)
            if position not in matched or _augment(matched[position], dependencies, fixed, matched, seen):
                matched[position] = row
                return True
    return False


def _fixed_positions(declarations: Declarations) -> set[int]:
    positions = declarations.space.positions()
    fixed: set[int] = set()
    for name, numbers in declarations.derivatives.items():
        variable = declarations.flat.variables[name]
        flags = variable.fixed or (False,)
        own = declarations.numbers[name].ravel()
        flags = flags if len(flags) == len(own) else flags[:1] * len(own)
        fixed.update(int(positions[number]) for number, flag in zip(own, flags, strict=True) if flag)
        assert numbers.size == own.size
    return fixed
