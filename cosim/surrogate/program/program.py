"""A program: instructions on one memory of float64, with inputs, outputs and constants at places known beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.surrogate.model import Array

Places = NDArray[np.int64]
"""Places in the memory."""
N_FIELDS: Final = 10
"""Whole numbers of an instruction in C: kind, operation, out, three operands, four sizes."""


class Kind(IntEnum):
    """What an instruction does with its operands a, b, c and sizes s; the numbers are those of ``machine.c``.

    UNARY: out = f(a), s₀ numbers. BINARY: out = f(a, b), s₀ numbers, from one to the next in a by s₁ and in b by s₂
    (0 or 1). CHOICE: out = b where a is not zero, else c, s₀ numbers. MATMUL: s₀ times out (s₁, s₃) = a (s₁, s₂)
    b (s₂, s₃), with another a or one that is shared. REDUCTION: out (s₀) = f over rows of a (s₀, s₁).
    GATHER: out = the numbers at s₀ places, which stand from a on in the table of places.
    """

    UNARY = 0
    BINARY = 1
    CHOICE = 2
    MATMUL = 3
    REDUCTION = 4
    GATHER = 5


UNARY: Final = (
    "negative", "absolute", "exp", "log", "log1p", "expm1", "tanh", "sqrt", "arcsinh", "logical_not",
)  # fmt: skip
BINARY: Final = (
    "add", "subtract", "multiply", "divide", "minimum", "maximum", "greater", "greater_equal", "less", "less_equal",
    "equal", "not_equal", "logical_and", "logical_or",
)  # fmt: skip
REDUCTION: Final = ("sum", "max", "min")
OPERATIONS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.UNARY: UNARY,
    Kind.BINARY: BINARY,
    Kind.REDUCTION: REDUCTION,
    Kind.MATMUL: ("other", "shared"),
}
"""Names, mostly of numpy's functions; the place of a name is its number in C."""


@dataclass(frozen=True, slots=True)
class Region:
    """``n`` numbers from ``first`` on."""

    first: int
    n: int


@dataclass(frozen=True, slots=True)
class Instruction:
    """One operation; ``table`` holds the places of a GATHER."""

    kind: Kind
    operation: str
    out: Region
    operands: tuple[int, ...]
    sizes: tuple[int, ...]
    table: tuple[int, ...] = ()

    def read(self) -> Iterator[Region]:
        """Yield what is read, operand by operand; of a GATHER each place alone."""
        s = self.sizes
        match self.kind:
            case Kind.UNARY:
                lengths = [s[0]]
            case Kind.BINARY:
                lengths = [s[0] if s[1] else 1, s[0] if s[2] else 1]
            case Kind.CHOICE:
                lengths = [s[0]] * 3
            case Kind.MATMUL:
                lengths = [(1 if self.operation == "shared" else s[0]) * s[1] * s[2], s[0] * s[2] * s[3]]
            case Kind.REDUCTION:
                lengths = [s[0] * s[1]]
            case Kind.GATHER:
                yield from (Region(place, 1) for place in self.table)
                return
        for first, n in zip(self.operands, lengths, strict=True):
            yield Region(first, n)


@dataclass(frozen=True, slots=True)
class Program:
    """Memory: the inputs, the constants, then what instructions write. All numbers are of one unit, not of a batch."""

    inputs: Mapping[str, Region]
    outputs: Mapping[str, Region]
    constants: Region
    values: Array
    """Of the constants."""
    instructions: tuple[Instruction, ...]
    size: int
    """Numbers of the memory."""

    def code(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return instructions (n, N_FIELDS) and the table of places, for C."""
        rows = np.zeros((len(self.instructions), N_FIELDS), dtype=np.int32)
        places: list[int] = []
        for row, one in zip(rows, self.instructions, strict=True):
            operation = OPERATIONS[one.kind].index(one.operation) if one.kind in OPERATIONS else 0
            row[:3] = one.kind, operation, one.out.first
            operands = (len(places),) if one.kind is Kind.GATHER else one.operands
            row[3 : 3 + len(operands)] = operands
            row[6 : 6 + len(one.sizes)] = one.sizes
            places += one.table
        return rows, np.array(places, dtype=np.int32)
