"""What one unit holds, has made and has consumed, in the units of the ledger."""

from __future__ import annotations

import numpy as np

from cosim.algorithm.outlet import Array
from cosim.algorithm.participant import Participant
from cosim.system.structure import SystemStructure

_PREFIX = "held_"


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
        self._base: Array = np.zeros((2, n))
        self._passed: Array = np.zeros((2, n))
        self.start, self.entered, self.left = np.zeros(n), np.zeros(n), np.zeros(n)
        self.is_open = False
        self._was_opened = False

    def open(self) -> None:
        """Begin: what is held now was there at the start, or entered when the unit was initialised anew."""
        held, made, consumed = self._now()
        self._base = np.array([made, consumed])
        if self._was_opened:
            self.entered += held
        else:
            self.start += held
        self.is_open = self._was_opened = True

    def close(self) -> None:
        """End before a new initialisation: what is held leaves."""
        held, made, consumed = self._now()
        self.left += held
        self._passed += np.array([made, consumed]) - self._base
        self.is_open = False

    def balance(self) -> tuple[Array, Array, Array]:
        """Return held, made and consumed, per species."""
        if not self.is_open:
            return np.zeros(len(self.species)), self._passed[0], self._passed[1]
        held, made, consumed = self._now()
        return held, self._passed[0] + made - self._base[0], self._passed[1] + consumed - self._base[1]

    def _now(self) -> tuple[Array, Array, Array]:
        self._instance.read(self._group, self._read)
        values = np.append(self._read * self._factors, 0.0)[self._places]
        return values[0], values[1], values[2]


def _names(
    participant: Participant, species: tuple[str, ...]
) -> tuple[tuple[str, ...], np.ndarray[tuple[int, int], np.dtype[np.intp]]]:
    """Return the variables to read, and for held, made, consumed × species where each is among them (-1: zero)."""
    variables = participant.instance.description.variables
    wanted = [
        [f"held_{name}" for name in species],
        [f"made_{name}_total" for name in species],
        [f"consumed_{name}_total" for name in species],
    ]
    names = [name for row in wanted for name in row if name in variables]
    places = np.array(
        [[names.index(name) if name in variables else -1 for name in row] for row in wanted], dtype=np.intp
    )
    return tuple(names), places.reshape(3, len(species))
