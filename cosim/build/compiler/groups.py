"""Sorted equations as groups that are computed together: explicit, solved symbolically, or torn with iterates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import casadi as ca
import numpy as np
from numpy.typing import NDArray

from cosim.build.compiler.causalise import Order, System
from cosim.build.compiler.kernel import Kernel
from cosim.build.compiler.space import Ids, Origin, Space
from cosim.build.compiler.tearing import Torn, solve_block
from cosim.build.compiler.values import SX
from cosim.errors import ModelError

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Group:
    """``outputs`` as functions of ``symbols`` (row i of ``ids`` at instance i) and, if torn, of ``iterates``.

    The iterates make the ``residuals`` zero; ``iterate_ids`` and ``output_ids`` have one row per instance.
    """

    level: int
    symbols: tuple[ca.SX, ...]
    ids: Ids
    outputs: tuple[ca.SX, ...]
    output_ids: Ids
    iterates: tuple[ca.SX, ...] = ()
    iterate_ids: Ids | None = None
    residuals: tuple[ca.SX, ...] = ()

    @property
    def n_instances(self) -> int:
        """How often the group's expressions occur."""
        return int(self.output_ids.shape[0])

    def iterated_ids(self) -> Ids:
        """Return the unknowns that the iterates stand for, in the shape of ``iterate_ids``."""
        hashes = [output.element_hash() for output in self.outputs]
        return self.output_ids[:, [hashes.index(iterate.element_hash()) for iterate in self.iterates]]


def needed_groups(groups: Sequence[Group], targets: Sequence[Ids]) -> list[Group]:
    """Return the groups that ``targets`` depend on, in their order."""
    wanted: set[int] = {int(number) for ids in targets for number in ids.ravel()}
    chosen = []
    for group in reversed(groups):
        if not wanted.isdisjoint(group.output_ids.ravel().tolist()):
            wanted.update(group.ids.ravel().tolist())
            chosen.append(group)
    return chosen[::-1]


def make_groups(system: System, order: Order, space: Space, preferred: frozenset[int]) -> list[Group]:
    """Group equal blocks of one level; ``preferred`` unknowns are chosen first as iterates."""
    sizes = np.bincount(order.block) if len(order.block) else np.empty(0, np.int64)
    is_single = sizes[order.block] == 1 if len(order.block) else np.empty(0, bool)
    groups = list(_single_groups(system, order, is_single, space, preferred))
    groups += _block_groups(system, order, is_single, space, preferred)
    return sorted(groups, key=lambda group: group.level)


def _single_groups(
    system: System, order: Order, is_single: NDArray[np.bool_], space: Space, preferred: frozenset[int]
) -> Iterable[Group]:
    for index, family in enumerate(system.families):
        begin, end = int(system.offsets[index]), int(system.offsets[index + 1])
        points = np.flatnonzero(is_single[begin:end])
        if not len(points):
            continue
        targets = system.unknowns[order.solved[begin + points]]
        mask = family.kernel.ids[points] == targets[:, None]
        key = np.column_stack([order.level[begin + points], np.packbits(mask, axis=1)])
        for group in _equal_rows(key):
            level = int(order.level[begin + points[group[0]]])
            block = _Block([family.kernel.rows(points[group])], [mask[group[0]]], targets[group][:, None])
            yield block.group(level, space, preferred)


def _equal_rows(key: NDArray[np.int64]) -> Iterable[Rows]:
    _, inverse = np.unique(key, axis=0, return_inverse=True)
    inverse = inverse.ravel()
    by_group = np.argsort(inverse, kind="stable")
    return np.split(by_group, np.cumsum(np.bincount(inverse))[:-1])


def _block_groups(
    system: System, order: Order, is_single: NDArray[np.bool_], space: Space, preferred: frozenset[int]
) -> Iterable[Group]:
    rows = np.flatnonzero(~is_single)
    members: dict[int, list[int]] = {}
    for row in rows:
        members.setdefault(int(order.block[row]), []).append(int(row))
    alike: dict[tuple[object, ...], list[_Instance]] = {}
    for block_rows in members.values():
        instance = _Instance(system, block_rows, order)
        alike.setdefault((int(order.level[block_rows[0]]), *instance.signature), []).append(instance)
    for key, instances in alike.items():
        level = key[0]
        assert isinstance(level, int)
        yield _joined(system, instances).group(level, space, preferred)


class _Instance:
    """One strongly connected block: its equations and the local numbers of its unknowns."""

    def __init__(self, system: System, rows: Sequence[int], order: Order) -> None:
        self.places = [system.family_of(row) for row in rows]
        self.unknowns = system.unknowns[order.solved[list(rows)]]
        local = {int(number): index for index, number in enumerate(self.unknowns)}
        self.local = [
            np.array([local.get(int(number), -1) for number in system.families[family].kernel.ids[point]])
            for family, point in self.places
        ]
        self.signature = tuple(
            (family, item.tobytes()) for (family, _), item in zip(self.places, self.local, strict=True)
        )


def _joined(system: System, instances: Sequence[_Instance]) -> "_Block":
    first = instances[0]
    kernels, locals_ = [], []
    for position, (family, _) in enumerate(first.places):
        points = np.array([instance.places[position][1] for instance in instances])
        kernels.append(system.families[family].kernel.rows(points))
        locals_.append(first.local[position])
    return _Block(kernels, locals_, np.array([instance.unknowns for instance in instances]))


class _Block:
    """Equations to be solved together for ``unknowns`` (one row per instance).

    ``local`` gives for each symbol of each equation the local number of the unknown it stands for, -1 for others; for
    a single equation it may be the mask of the symbols that stand for its unknown.
    """

    def __init__(self, kernels: Sequence[Kernel], local: Sequence[NDArray[np.generic]], unknowns: Ids) -> None:
        self._unknowns = unknowns
        self._columns: dict[bytes, int] = {}
        self._symbols: list[ca.SX] = []
        self._ids: list[Ids] = []
        self._own = [SX.sym(f"u{index}") for index in range(unknowns.shape[1])]
        self._sides = [self._renamed(kernel, numbers) for kernel, numbers in zip(kernels, local, strict=True)]

    def _renamed(self, kernel: Kernel, local: NDArray[np.generic]) -> tuple[ca.SX, ca.SX]:
        numbers = np.where(local, 0, -1) if local.dtype == np.bool_ else local
        stand_ins = [
            self._own[int(number)] if number >= 0 else self._outside(kernel.ids[:, column])
            for column, number in enumerate(numbers)
        ]
        left, right = ca.substitute(list(kernel.expressions), list(kernel.symbols), stand_ins)
        return left, right

    def _outside(self, ids: Ids) -> ca.SX:
        key = np.ascontiguousarray(ids).tobytes()
        if key not in self._columns:
            self._columns[key] = len(self._symbols)
            self._symbols.append(SX.sym(f"v{len(self._symbols)}"))
            self._ids.append(ids)
        return self._symbols[self._columns[key]]

    def group(self, level: int, space: Space, preferred: frozenset[int]) -> Group:
        """Solve the block, symbolically as far as possible."""
        first = self._unknowns[0]
        self._refuse_discrete_loops(space)
        self._refuse_silent_changes(space)
        try:
            torn = solve_block(self._sides, self._own, [int(number) in preferred for number in first])
        except ModelError as error:
            names = ", ".join(space.name(int(number)) for number in first[:5])
            raise ModelError(
                f"{names} cannot be computed: {error.message}", variable=space.name(int(first[0]))
            ) from error
        self._refuse_iterated_discretes(torn, space)
        n_instances = self._unknowns.shape[0]
        ids = np.column_stack(self._ids) if self._ids else np.empty((n_instances, 0), np.int64)
        return Group(
            level=level,
            symbols=tuple(self._symbols),
            ids=ids,
            outputs=torn.outputs,
            output_ids=self._unknowns,
            iterates=torn.iterates,
            iterate_ids=self._iterate_ids(torn, space),
            residuals=torn.residuals,
        )

    def _iterate_ids(self, torn: Torn, space: Space) -> Ids | None:
        if not torn.iterates:
            return None
        chosen = self._unknowns[:, list(torn.positions)]
        names = [space.name(int(number)) for number in chosen.ravel()]
        return space.allocate(Origin.ITERATE, names, is_continuous=True).reshape(chosen.shape)

    def _refuse_discrete_loops(self, space: Space) -> None:
        is_discrete = space.origins()[self._unknowns] == Origin.DISCRETE
        if self._unknowns.shape[1] > 1 and bool(is_discrete.any()):
            row = self._unknowns[int(np.flatnonzero(is_discrete.any(axis=1))[0])]
            names = ", ".join(space.name(int(number)) for number in row[:4])
            raise ModelError(f"{names} depend on one another at an event. Use pre() of one of them.")

    def _refuse_iterated_discretes(self, torn: Torn, space: Space) -> None:
        iterated = self._unknowns[:, list(torn.positions)].ravel()
        for number in iterated[~space.continuous()[iterated]] if len(iterated) else ():
            name = space.name(int(number))
            raise ModelError(
                f"{name} is discrete, but its equation cannot be solved for it. Write it as {name} = ….", variable=name
            )

    def _refuse_silent_changes(self, space: Space) -> None:
        """Refuse a Boolean, Integer or enumeration that changes with a continuous variable, but without an event."""
        continuous = space.continuous()
        is_settled = (space.origins()[self._unknowns] == Origin.UNKNOWN) & ~continuous[self._unknowns]
        if not self._ids or not bool(is_settled.any()):
            return
        reads = np.column_stack(self._ids)
        bad = np.flatnonzero(is_settled.any(axis=1) & continuous[reads].any(axis=1))
        for row in bad[:1]:
            name = space.name(int(self._unknowns[row][is_settled[row]][0]))
            cause = space.name(int(reads[row][continuous[reads[row]]][0]))
            raise ModelError(
                f"{name} is discrete, but follows the continuous {cause} without an event. Use a comparison outside "
                "noEvent, or assign it in a when.",
                variable=name,
            )
