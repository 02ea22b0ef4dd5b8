"""Process capability and the share out of specification, with confidence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from cosim.study.problem import Array, Response

MOVING_RANGE: Final = 2.0 / math.sqrt(math.pi)
"""Expected range of two normal numbers over their standard deviation, d2 = 1.128 (Montgomery 2013, appendix VI)."""


@dataclass(frozen=True, slots=True)
class Capability:
    """``cpk`` and ``ppk`` with interval; ``share`` out of specification with interval; None where not defined."""

    ppk: float | None
    ppk_interval: tuple[float, float] | None
    cpk: float | None
    n_outside: int
    share: float
    share_interval: tuple[float, float]
    normality: float | None
    """Probability of values as far from normal as these if they were normal."""


def capability(response: Response, values: Array, confidence: float) -> Capability:
    """Judge ``values`` (n,), in the order of the runs, by the limits of ``response``.

    Ppk = min(upper − mean, mean − lower) / 3 s with the standard deviation s of all values; Cpk the same with the
    short-term one from moving ranges of two. Both estimate one number where runs are independent, as here.

    Source: Montgomery 2013, Introduction to Statistical Quality Control, 8.2 to 8.4; interval of Bissell 1990,
    doi:10.2307/2347383; share by Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404.
    """
    n_outside, n = int(np.sum(~response.meets(values))), len(values)
    spread = float(np.std(values, ddof=1)) if n > 1 else 0.0
    short_term = float(np.mean(np.abs(np.diff(values)))) / MOVING_RANGE if n > 1 else 0.0
    ppk = _index(response, values, spread)
    z = float(stats.norm.ppf(0.5 + confidence / 2.0))
    half = None if ppk is None else z * math.sqrt(1.0 / (9.0 * n) + ppk**2 / (2.0 * (n - 1)))
    interval = None if ppk is None or half is None else (ppk - half, ppk + half)
    return Capability(
        ppk,
        interval,
        _index(response, values, short_term),
        n_outside,
        n_outside / n,
        proportion_interval(n_outside, n, confidence),
        float(stats.normaltest(values).pvalue) if n >= 20 and spread > 0 else None,
    )


def _index(response: Response, values: Array, spread: float) -> float | None:
    if not spread > 1e-12 * float(np.max(np.abs(values))):
        return None
    mean = float(np.mean(values))
    rooms = []
    if response.at_least is not None:
        rooms.append(mean - response.at_least)
    if response.at_most is not None:
        rooms.append(response.at_most - mean)
    return min(rooms) / (3.0 * spread)


def proportion_interval(k: int, n: int, confidence: float) -> tuple[float, float]:
    """Return between which shares the true one lies where ``k`` of ``n`` were found (Clopper and Pearson)."""
    found = stats.binomtest(k, n).proportion_ci(confidence, method="exact")
    return float(found.low), float(found.high)
