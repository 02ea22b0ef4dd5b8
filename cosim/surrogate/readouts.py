"""Outputs that follow from what a surrogate keeps: found by comparing numbers of sampled runs, else learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from cosim.surrogate.model import Array

Kind = Literal["constant", "slot", "quantity", "ratio", "share", "learned"]
SAME: Final = 1e-7
"""Relative difference up to which two columns of numbers count as the same."""
_QUOTIENTS: Final = ("ratio", "share")
SMALL: Final = 1e-9
"""Share of the largest denominator below which a ratio says nothing."""


@dataclass(frozen=True, slots=True)
class Readout:
    """How an output is told: a constant, one taken at the start, a quantity, a/b, a/(a + b), or by the network.

    ``a`` and ``b`` are places among the quantities that the architecture offers; ``value`` that of a constant, or of a
    ratio without a denominator.
    """

    name: str
    kind: Kind
    a: int = 0
    b: int = 0
    value: float = 0.0


def find_readout(name: str, values: Array, quantities: Array) -> Readout:
    """Return how ``values`` (n_runs, n_times) follow from ``quantities`` (n_runs, n_times, n); 'learned' if not."""
    first = float(values.flat[0])
    if np.all(values == first):
        return Readout(name, "constant", value=first)
    if np.all(values == values[:, :1]):
        return Readout(name, "slot")
    same = np.abs(quantities - values[..., None]).max((0, 1)) <= SAME * np.abs(values).max()
    if same.any():
        return Readout(name, "quantity", int(np.argmax(same)))
    return _find_quotient(name, values, quantities) or Readout(name, "learned")


def _find_quotient(name: str, values: Array, quantities: Array) -> Readout | None:
    """Look for two quantities whose ratio or share it is."""
    largest = np.abs(quantities).max((0, 1))
    present = np.flatnonzero(largest)
    sparse = np.random.default_rng(0).choice(values.size, min(values.size, 200), replace=False)
    y, q = values.reshape(-1)[sparse], quantities.reshape(-1, quantities.shape[-1])[sparse]
    for b in present:
        for a in present:
            for kind in ("ratio", "share"):
                if a == b or not _fits(y, q[:, a], q[:, b], kind, largest[b]):
                    continue
                whole, below = quantities[..., a], quantities[..., b]
                if _fits(values.reshape(-1), whole.reshape(-1), below.reshape(-1), kind, largest[b]):
                    empty = values[np.abs(below) <= SMALL * largest[b]]
                    return Readout(name, kind, int(a), int(b), float(empty[0]) if len(empty) else 0.0)
    return None


def _fits(y: Array, a: Array, b: Array, kind: str, largest: float) -> bool:
    below = b if kind == "ratio" else a + b
    told = np.abs(below) > SMALL * largest
    if told.sum() < 3:
        return False
    return bool(np.all(np.abs(a[told] / below[told] - y[told]) <= SAME * np.abs(y).max()))


class Teller:
    """Tells many outputs at once."""

    def __init__(self, readouts: Sequence[Readout]) -> None:
        self.readouts = tuple(readouts)
        places = [self._places(*kinds) for kinds in (("constant",), ("slot",), ("quantity",), ("learned",), _QUOTIENTS)]
        constants, _, quantities, _, quotients = places
        self._order = np.argsort(np.concatenate([np.array(part, dtype=int) for part in places]))
        self._constants = np.array([[readouts[i].value for i in constants]])
        self._sources = [readouts[i].a for i in quantities]
        self._above, self._below = [readouts[i].a for i in quotients], [readouts[i].b for i in quotients]
        self._otherwise = np.array([[readouts[i].value for i in quotients]])
        self._adds = np.array([readouts[i].kind == "share" for i in quotients])

    def _places(self, *kinds: str) -> list[int]:
        return [i for i, readout in enumerate(self.readouts) if readout.kind in kinds]

    def tell(self, quantities: Array, slots: Array, learned: Array) -> Array:
        """Return the outputs (n, n_readouts) at ``quantities`` (n, n), ``slots`` and what the network says."""
        above, below = quantities[:, self._above], quantities[:, self._below]
        below = np.where(self._adds, above + below, below)
        is_told = below != 0
        quotients = np.where(is_told, above / np.where(is_told, below, 1.0), self._otherwise)
        constants = np.tile(self._constants, (len(quantities), 1))
        parts = [constants, slots, quantities[:, self._sources], learned, quotients]
        return np.concatenate(parts, -1)[:, self._order]


def document(readouts: Sequence[Readout]) -> list[dict[str, Any]]:
    """Return them for JSON."""
    return [{"name": r.name, "kind": r.kind, "a": r.a, "b": r.b, "value": r.value} for r in readouts]


def read(entries: Sequence[Mapping[str, Any]]) -> tuple[Readout, ...]:
    """Read what ``document`` wrote."""
    return tuple(Readout(e["name"], e["kind"], int(e["a"]), int(e["b"]), float(e["value"])) for e in entries)
