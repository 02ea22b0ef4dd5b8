"""What one unit holds, made, consumed, and exchanged through no port, in the units of the ledger."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cosim.algorithm.outlet import Array
from cosim.algorithm.participant import Participant
from cosim.system.structure import SystemStructure

_PREFIX = "held_"
_TOTALS = ("made", "consumed", "supplied", "vented")
"""Totals since the start: of reactions, and of what crosses the boundary of the flowsheet through no port, like gas."""


def balanced_species(participant: Participant) -> tuple[str, ...]:
    """Return the species, and volume, whose inventory ``participant`` exports; none: it is outside the ledger."""
    names = participant.instance.description.variables
    return tuple(name[len(_PREFIX) :] for name in names if name.startswith(_PREFIX))


class UnitBook:
    """Reads the inventory of a unit; keeps books over re-initialisations."""

    VARYING = ("_base", "_passed", "start", "entered", "left", "is_open", "_was_opened")
    """What a checkpoint holds."""

    def __init__(self, participant: Participant, structure: SystemStructure) -> None:
        self.name = participant.name
        self.species = balanced_species(participant)
        self._instance = participant.instance
        n = len(self.species)
        self._names, self._places = _names(participant, self.species)
        self._group = participant.instance.group(self._names)
        self._factors = np.array([structure.amount_factor(self.name, name) for name in self._names])
        self._read = np.zeros(len(self._names))
        self._base: Array = np.zeros((len(_TOTALS), n))
        self._passed: Array = np.zeros((len(_TOTALS), n))
        self.start, self.entered, self.left = np.zeros(n), np.zeros(n), np.zeros(n)
        self.is_open = False
        self._was_opened = False

    def open(self) -> None:
        """Begin: what is held now was there at the start, or entered when the unit was initialised anew."""
        held, self._base = self._now()
        if self._was_opened:
            self.entered += held
        else:
            self.start += held
        self.is_open = self._was_opened = True

    def close(self) -> None:
        """End before a new initialisation: what is held leaves."""
        held, totals = self._now()
        self.left += held
        self._passed += totals - self._base
        self.is_open = False

    def amend(self, edit: Callable[[], None]) -> None:
        """Let ``edit`` change what is held: what is more then has entered, what is less has left."""
        if not self.is_open:
            edit()
            return
        before, totals_before = (item.copy() for item in self._now())
        edit()
        after, totals = self._now()
        self.entered += np.maximum(after - before, 0.0)
        self.left += np.maximum(before - after, 0.0)
        self._base = self._base + (totals - totals_before)

    def balance(self) -> tuple[Array, Array]:
        """Return per species what is held, and as rows what was made, consumed, supplied and vented."""
        if not self.is_open:
            return np.zeros(len(self.species)), self._passed
        held, totals = self._now()
        return held, self._passed + totals - self._base

    def _now(self) -> tuple[Array, Array]:
        self._instance.read(self._group, self._read)
        values = np.append(self._read * self._factors, 0.0)[self._places]
        return values[0], values[1:]


def _names(
    participant: Participant, species: tuple[str, ...]
) -> tuple[tuple[str, ...], np.ndarray[tuple[int, int], np.dtype[np.intp]]]:
    """Return the variables to read, and for held and the totals × species where each is among them (-1: zero)."""
    variables = participant.instance.description.variables
    wanted = [
        [f"held_{name}" for name in species],
        *([f"{total}_{name}_total" for name in species] for total in _TOTALS),
    ]
    names = [name for row in wanted for name in row if name in variables]
    places = np.array(
        [[names.index(name) if name in variables else -1 for name in row] for row in wanted], dtype=np.intp
    )
    return tuple(names), places.reshape(1 + len(_TOTALS), len(species))
