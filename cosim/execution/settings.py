"""Values that phases, steps, collects and events give to inputs and tunable parameters."""

from __future__ import annotations

from collections.abc import Iterable

from cosim.algorithm.outlet import Array
from cosim.system.experiment import Setting
from cosim.system.variable import VariableName


class Settings:
    """Layers of values: each owner's holds while it lasts, then the value below it is back.

    An event changes the value that is on top when it happens.
    """

    VARYING = ("n_changes", "_layers")
    """What a checkpoint holds."""

    def __init__(self, board: Array, places: dict[VariableName, int]) -> None:
        self._board, self._places = board, places
        self.n_changes = 0
        """How often a value has become another."""
        self._layers: dict[VariableName, list[tuple[object, float]]] = {}

    def apply(self, owner: object, settings: Iterable[Setting]) -> None:
        """Put the values of ``settings`` on top, until ``withdraw`` with the same ``owner``."""
        for setting in settings:
            self.put(owner, setting.target, setting.value)

    def put(self, owner: object, target: VariableName, value: float) -> None:
        """Put one value on top, in place of an earlier one of the same ``owner``."""
        layers = self._of(target)
        for i, (other, _) in enumerate(layers):
            if other is owner:
                layers[i] = (owner, value)
                break
        else:
            layers.append((owner, value))
        self._show(target)

    def withdraw(self, owner: object) -> None:
        """Take away every value of ``owner``."""
        for target, layers in self._layers.items():
            kept = [layer for layer in layers if layer[0] is not owner]
            if len(kept) < len(layers):
                self._layers[target] = kept
                self._show(target)

    def overwrite(self, settings: Iterable[Setting]) -> None:
        """Change the values on top."""
        for setting in settings:
            layers = self._of(setting.target)
            layers[-1] = (layers[-1][0], setting.value)
            self._show(setting.target)

    def _of(self, target: VariableName) -> list[tuple[object, float]]:
        if target not in self._layers:
            self._layers[target] = [(None, float(self._board[self._places[target]]))]
        return self._layers[target]

    def _show(self, target: VariableName) -> None:
        place, value = self._places[target], self._layers[target][-1][1]
        if self._board[place] != value:
            self._board[place] = value
            self.n_changes += 1
