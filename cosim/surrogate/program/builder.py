"""Writes a program operation by operation; what is computed twice is written once, what nobody reads is left out."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cosim.surrogate.model import Array
from cosim.surrogate.program.program import Instruction, Kind, Places, Program, Region


class Builder:
    """Regions follow one another; each is an input, a constant, or what one instruction writes."""

    def __init__(self) -> None:
        self._regions: list[Region] = []
        self._firsts: list[int] = []
        self._inputs: dict[str, Region] = {}
        self._constants: dict[int, Array] = {}
        self._instructions: list[Instruction] = []
        self._known: dict[object, Region] = {}
        self._size = 0

    def _allocate(self, n: int) -> Region:
        region = Region(self._size, n)
        if n:
            self._regions.append(region)
            self._firsts.append(region.first)
        self._size += n
        return region

    def input(self, name: str, n: int) -> Places:
        """Return the places (n,) of an input."""
        self._inputs[name] = self._allocate(n)
        return np.arange(n) + self._inputs[name].first

    def constant(self, values: Any) -> Places:
        """Return the places of constants, in their shape."""
        numbers = np.array(values, dtype=np.float64)
        if not numbers.size:
            return np.empty(numbers.shape, dtype=np.int64)
        key = hashlib.sha256(numbers.tobytes()).digest()
        if key not in self._known:
            self._known[key] = self._allocate(numbers.size)
            self._constants[self._known[key].first] = numbers.ravel()
        return (np.arange(numbers.size) + self._known[key].first).reshape(numbers.shape)

    def emit(self, kind: Kind, operation: str, operands: Sequence[int], sizes: tuple[int, ...], n: int) -> Places:
        """Return the ``n`` places that an operation writes."""
        if n == 0:
            return np.empty(0, dtype=np.int64)
        return self._write(Instruction(kind, operation, Region(0, n), tuple(operands), sizes))

    def together(self, places: Places) -> int:
        """Return where the numbers at ``places`` stand one after another, copied there if need be."""
        flat = places.ravel()
        if not flat.size:
            return 0
        if np.all(np.diff(flat) == 1):
            return int(flat[0])
        values = self._constants_at(flat)
        if values is not None:
            return int(self.constant(values).flat[0])
        n = flat.size
        return int(self._write(Instruction(Kind.GATHER, "", Region(0, n), (), (n,), tuple(flat.tolist())))[0])

    def _constants_at(self, places: Places) -> Array | None:
        """Return the numbers at ``places`` where all are constants."""
        owners = [self._owner(place) for place in places.tolist()]
        if not all(first in self._constants for first in set(owners)):
            return None
        return np.array([self._constants[first][p - first] for first, p in zip(owners, places.tolist(), strict=True)])

    def _owner(self, place: int) -> int:
        """Return where the region begins that ``place`` is in."""
        return self._firsts[bisect_right(self._firsts, place) - 1]

    def _owners(self, region: Region) -> list[int]:
        """Return where the regions begin that ``region`` is in."""
        first, last = (bisect_right(self._firsts, place) for place in (region.first, region.first + region.n - 1))
        return self._firsts[first - 1 : last] if region.n else []

    def _write(self, instruction: Instruction) -> Places:
        if instruction not in self._known:
            region = self._allocate(instruction.out.n)
            self._known[instruction] = region
            self._instructions.append(replace(instruction, out=region))
        region = self._known[instruction]
        return np.arange(region.n) + region.first

    def finish(self, outputs: Mapping[str, Places]) -> Program:
        """Return the program that computes ``outputs``, without what they do not need."""
        wanted = {name: Region(self.together(places), places.size) for name, places in outputs.items()}
        kept, needed = self._needed(wanted)
        moved, size, constants = self._moved(needed)

        def place(old: int) -> int:
            return old - self._owner(old) + moved[self._owner(old)]

        def region(old: Region) -> Region:
            return Region(place(old.first), old.n) if old.n else Region(0, 0)

        return Program(
            inputs={name: region(item) for name, item in self._inputs.items()},
            outputs={name: region(item) for name, item in wanted.items()},
            constants=constants,
            values=np.concatenate(
                [np.empty(0), *(self._constants[first] for first in self._constants if first in needed)]
            ),
            instructions=tuple(
                replace(
                    one,
                    out=region(one.out),
                    operands=tuple(map(place, one.operands)),
                    table=tuple(map(place, one.table)),
                )
                for one in kept
            ),
            size=size,
        )

    def _needed(self, wanted: Mapping[str, Region]) -> tuple[list[Instruction], set[int]]:
        """Return the instructions that ``wanted`` follows from, and where the regions begin that they use."""
        needed = {first for region in wanted.values() for first in self._owners(region)}
        kept = []
        for instruction in reversed(self._instructions):
            if instruction.out.first in needed:
                kept.append(instruction)
                needed.update(first for region in instruction.read() for first in self._owners(region))
        return kept[::-1], needed

    def _moved(self, needed: set[int]) -> tuple[dict[int, int], int, Region]:
        """Return the new place of each region that is needed: inputs, constants, the rest."""
        inputs = {region.first for region in self._inputs.values() if region.n}
        sizes = {region.first: region.n for region in self._regions}
        rest = [first for first in sizes if first in needed and first not in inputs and first not in self._constants]
        constants = [first for first in self._constants if first in needed]
        moved, size = {}, 0
        for first in (*sorted(inputs), *constants, *rest):
            moved[first] = size
            size += sizes[first]
        begin = sum(sizes[first] for first in inputs)
        return moved, size, Region(begin, sum(sizes[first] for first in constants))
