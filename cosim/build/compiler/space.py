"""One numbering for every scalar that an equation can mention, whichever runtime vector it lives in."""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


class Origin(IntEnum):
    """Where the value of a scalar comes from when a function of the generated C is called."""

    TIME = 0
    INITIAL = 1
    STATE = 2
    DERIVATIVE = 3
    INPUT = 4
    PARAMETER = 5
    DISCRETE = 6
    PRE = 7
    RELATION = 8
    CONDITION = 9
    CONSTANT = 10
    UNKNOWN = 11
    ITERATE = 12


class Space:
    """Numbers of scalars, handed out in blocks; each has an origin and a position in that origin's vector."""

    def __init__(self) -> None:
        self._origins: list[int] = []
        self._positions: list[int] = []
        self._names: list[str] = []
        self._continuous: list[bool] = []
        self._sizes = dict.fromkeys(Origin, 0)
        self._arrays: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
        self._constants: dict[float, int] = {}
        self.constants: list[float] = []
        self.time = int(self.allocate(Origin.TIME, ["time"], is_continuous=True)[0])
        self.initial = int(self.allocate(Origin.INITIAL, ["initial()"])[0])

    def allocate(self, origin: Origin, names: Sequence[str], *, is_continuous: bool = False) -> Ids:
        """Give new scalars numbers; ``is_continuous`` ones can change between events."""
        self._arrays = None
        first = len(self._origins)
        count = len(names)
        self._origins += [int(origin)] * count
        self._positions += range(self._sizes[origin], self._sizes[origin] + count)
        self._names += names
        self._continuous += [is_continuous] * count
        self._sizes[origin] += count
        return np.arange(first, first + count, dtype=np.int64)

    def constant(self, value: float) -> int:
        """Return the number of a numeric constant, the same one for the same value."""
        key = float(value)
        if key not in self._constants:
            self._constants[key] = int(self.allocate(Origin.CONSTANT, [repr(key)])[0])
            self.constants.append(key)
        return self._constants[key]

    def size(self, origin: Origin) -> int:
        """Return how many scalars have ``origin``."""
        return self._sizes[origin]

    def name(self, number: int) -> str:
        """Return the Modelica name of a scalar."""
        return self._names[number]

    @property
    def total(self) -> int:
        """How many scalars there are."""
        return len(self._origins)

    def origins(self) -> NDArray[np.int64]:
        """Return the origin of every scalar."""
        return self._tables()[0]

    def positions(self) -> NDArray[np.int64]:
        """Return the position of every scalar in its origin's vector."""
        return self._tables()[1]

    def _tables(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if self._arrays is None:
            self._arrays = (np.array(self._origins, dtype=np.int64), np.array(self._positions, dtype=np.int64))
        return self._arrays

    def is_continuous(self, numbers: Ids) -> bool:
        """Tell whether any of ``numbers`` can change between events."""
        return any(self._continuous[number] for number in numbers)

    def continuous(self) -> NDArray[np.bool_]:
        """Tell for every scalar whether it can change between events."""
        return np.array(self._continuous, dtype=bool)
