"""Sensors that are off for a while: their lasting errors are estimated along with the states."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cosim.clock import Ticks, to_seconds
from cosim.estimation.belief import Array
from cosim.estimation.process import AbstractProcess


class Offsets(AbstractProcess):
    """``model`` with ``n`` states, and after them an error for each sensor of ``places`` (k,), in what it shows.

    An error fades with the time ``lasting`` [s]; with a noise of 2 σ² / ``lasting`` per second its variance stays σ².
    Without it, an error that is the same in a hundred measurements counts as a hundred that agree.

    Source: Gelb 1974, Applied Optimal Estimation, 3.8 (exponentially correlated errors as states).
    """

    def __init__(self, model: AbstractProcess, n: int, places: NDArray[np.intp], lasting: float) -> None:
        self._model, self._n, self._places, self._lasting = model, n, places, lasting

    def advance(self, states: Array, start: Ticks, end: Ticks) -> Array:  # noqa: D102
        left = np.exp(-to_seconds(Ticks(end - start)) / self._lasting)
        return np.hstack([self._model.advance(states[:, : self._n], start, end), left * states[:, self._n :]])

    def observe(self, states: Array) -> Array:  # noqa: D102
        shown = self._model.observe(states[:, : self._n]).copy()
        shown[:, self._places] += states[:, self._n :]
        return shown

    def save(self) -> object:  # noqa: D102
        return self._model.save()

    def restore(self, saved: object) -> None:  # noqa: D102
        self._model.restore(saved)
