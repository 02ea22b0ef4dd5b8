"""What a scale-up tells: how sure predictions are, how much of the room to a limit they use, what to verify first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cosim.study.problem import Array, Response
from cosim.study.scale_up.search import Scaled
from cosim.study.summaries import NEGLIGIBLE, present


@dataclass(frozen=True, slots=True)
class Prediction:
    """One response at one scale: best value, interval, probability to meet its limits (None without any).

    ``change`` from small scale and ``spread``, half the interval, are shares of the room that small scale leaves to the
    limit; of the small-scale value where there is no limit.
    """

    response: Response
    where: str
    value: float
    low: float
    high: float
    chance: float | None
    change: float
    spread: float

    @property
    def score(self) -> float:
        """Return the larger of the two: 1 where the room is used up."""
        return max(self.change, self.spread)


def predictions(scaled: Scaled) -> dict[str, list[Prediction]]:
    """Return predictions by where: at small scale, and for each criterion held."""
    found = {}
    for i, held in enumerate((scaled.small, *scaled.held)):
        found[held.name] = [
            _prediction(scaled, response, held.name, float(held.predictions[j]), scaled.samples[i, :, j], j)
            for j, response in enumerate(scaled.scales.predicted)
        ]
    return found


def _prediction(scaled: Scaled, response: Response, where: str, value: float, samples: Array, j: int) -> Prediction:
    kept = present(samples)
    tail = 0.5 * (1.0 - scaled.found.fit.options.confidence)
    low, high = (float(x) for x in np.quantile(kept, (tail, 1.0 - tail))) if len(kept) else (math.nan, math.nan)
    chance = float(np.mean(response.meets(kept))) if response.has_limits and len(kept) else None
    base = float(scaled.small.predictions[j])
    worse = [
        limit - base
        for limit, is_reached in ((response.at_least, value < base), (response.at_most, value >= base))
        if limit is not None and is_reached
    ]
    limits = [limit - base for limit in (response.at_least, response.at_most) if limit is not None]
    room = abs(worse[0]) if worse else min(map(abs, limits)) if limits else abs(base)
    moved = abs(value - base) if worse or not limits else 0.0  # towards a limit; away from all is no harm
    spread = 0.5 * (high - low)
    return Prediction(response, where, value, low, high, chance, _share(moved, room), _share(spread, room))


def _share(part: float, whole: float) -> float:
    if part <= NEGLIGIBLE * whole:
        return 0.0
    return part / whole if whole > 0.0 else math.inf if part > 0.0 else 0.0


def chances(scaled: Scaled) -> dict[str, float]:
    """Return, by criterion held, the share of samples in which all limits are met at once."""
    found = {}
    for held, samples in zip(scaled.held, scaled.samples[1:], strict=True):
        kept = np.isfinite(samples).all(axis=1)
        for j, response in enumerate(scaled.scales.predicted):
            kept &= response.meets(samples[:, j])
        found[held.name] = float(np.mean(kept))
    return found


def ranked(found: dict[str, list[Prediction]], where: str) -> list[Prediction]:
    """Return the predictions at ``where``, what is to be verified first on top."""
    return sorted(found[where], key=lambda one: -one.score)


def chosen(scaled: Scaled, found: dict[str, list[Prediction]]) -> str:
    """Return the criterion that most likely keeps all limits; among equals the one that leaves most room."""
    likely = chances(scaled)
    return min(likely, key=lambda name: (-likely[name], max((one.score for one in found[name]), default=0.0)))
