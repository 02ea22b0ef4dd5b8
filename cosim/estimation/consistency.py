"""Whether measurements scatter about what a filter expects as much as it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from scipy.stats import chi2

from cosim.estimation.belief import Innovation

LEVEL: Final = 0.975
"""Of χ² beyond which the scatter is taken for more than chance."""


def is_unlikely(squares: Sequence[float], chance: float) -> bool:
    """Tell whether a right filter's normalised ``squares`` come to so much with less than ``chance``."""
    return bool(squares) and sum(squares) > _limit(chance, len(squares))


@cache
def _limit(chance: float, n: int) -> float:
    return float(chi2.isf(chance, n))


@dataclass(frozen=True, slots=True)
class Consistency:
    """The last ``window`` innovations: their normalised squares, and how many values each had.

    ``inflation``, at most ``most``, is what the next covariances are multiplied with. It grows while the filter is too
    sure, and then follows the ratio until it is 1 again: log λ gains ``rate`` · log ratio with every measurement.

    Source of the test: Bar-Shalom, Li and Kirubarajan 2001, 5.4.2 (time-average normalised innovation squared).
    """

    window: int = 20
    most: float = 4.0
    rate: float = 0.05
    squares: Sequence[float] = ()
    freedoms: Sequence[int] = ()
    inflation: float = 1.0

    def after(self, innovation: Innovation) -> Consistency:
        """Return what is known after one more ``innovation``."""
        if not len(innovation.difference):
            return self
        squares = (*self.squares, innovation.squared)[-self.window :]
        freedoms = (*self.freedoms, len(innovation.difference))[-self.window :]
        seen = replace(self, squares=squares, freedoms=freedoms)
        if not seen.is_too_sure and seen.inflation == 1.0:
            return seen
        inflation = seen.inflation * max(seen.ratio, 1e-3) ** self.rate
        return replace(seen, inflation=min(max(inflation, 1.0), self.most))

    @property
    def ratio(self) -> float:
        """The mean square per value: 1 where the filter is right, more where it is too sure."""
        return sum(self.squares) / sum(self.freedoms) if self.squares else 1.0

    @property
    def is_too_sure(self) -> bool:
        """True where measurements scatter more than the filter says."""
        return bool(self.squares) and sum(self.squares) > float(chi2.ppf(LEVEL, sum(self.freedoms)))

    @property
    def is_too_unsure(self) -> bool:
        """True where measurements scatter less than the filter says, over a whole window."""
        is_full = len(self.squares) == self.window
        return is_full and sum(self.squares) < float(chi2.ppf(1.0 - LEVEL, sum(self.freedoms)))
