"""``resources/state_layout.json``: where our own FMUs keep which number in their serialised state."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LAYOUT_FILE: Final = "resources/state_layout.json"
MAX_LAYOUT_FILE: Final = 64 * 1024**2
"""Largest layout [bytes]; one entry has about 120."""
_FORMAT: Final = ("cosim FMU state", 1, "little")
_KINDS: Final = ("state", "parameter")
"""What may be edited; all else is how the FMU keeps its own books."""


@dataclass(frozen=True, slots=True)
class StateLayout:
    """Continuous states and parameters by name: their ``units`` and ``offsets`` [bytes] in a state of ``size`` bytes.

    ``parameters`` are the names of those that are parameters.
    """

    size: int = 0
    units: Mapping[str, str] = field(default_factory=dict)
    offsets: Mapping[str, int] = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()

    def read(self, state: NDArray[np.uint8], names: Sequence[str]) -> NDArray[np.float64]:
        """Return the numbers ``names`` of ``state``."""
        return state.view("<f8")[self._places(names)]

    def write(self, state: NDArray[np.uint8], names: Sequence[str], values: NDArray[np.float64]) -> None:
        """Put ``values`` in place of the numbers ``names`` of ``state``."""
        state.view("<f8")[self._places(names)] = values

    def _places(self, names: Sequence[str]) -> NDArray[np.intp]:
        return np.array([self.offsets[name] // 8 for name in names], dtype=np.intp)


@lru_cache(maxsize=64)
def layout_in(path: Path) -> StateLayout:
    """Read the layout that an unpacked FMU brings; an empty one where it brings none, or one that is not ours.

    It takes some milliseconds, which only those pay who ask.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_LAYOUT_FILE else b""
    except OSError:
        return StateLayout()
    return read_layout(data)


def read_layout(data: bytes) -> StateLayout:
    """Read a layout; an empty one where it is not ours."""
    try:
        document: Any = json.loads(data)
        if (document["format"], document["version"], document["byte_order"]) != _FORMAT:
            return StateLayout()
        size = int(document["size"])
        entries = [item for item in document["entries"] if item["description"] in _KINDS and item["type"] == "float64"]
        units = {str(item["name"]): str(item["unit"]) for item in entries}
        offsets = {str(item["name"]): int(item["offset"]) for item in entries}
        parameters = frozenset(str(item["name"]) for item in entries if item["description"] == "parameter")
    except (ValueError, KeyError, TypeError, RecursionError):
        return StateLayout()
    if size % 8 or not all(0 <= offset <= size - 8 and offset % 8 == 0 for offset in offsets.values()):
        return StateLayout()
    return StateLayout(size, units, offsets, parameters)
