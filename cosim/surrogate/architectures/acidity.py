"""The pH of buffers from what they are made of: where strong ions, weak acids and bases and water have no net charge.

    Σ c (z − α(h)) + h − K_w/h = 0,     α(h) = Σ k tₖ/(1 + Σ tₖ),     tₖ = K₁…Kₖ/hᵏ

with the charge z of a species that has kept all its protons and the mean number α of those that it has lost. Activities
count as concentrations. Source of the constants, at 25 °C: CRC Handbook of Chemistry and Physics, and for carbonate the
sum with dissolved gas, as in BioProcess.Media.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

ACIDS: Final[Mapping[str, tuple[float, tuple[float, ...]]]] = {
    "sodium": (1.0, ()),
    "chloride": (-1.0, ()),
    "acetate": (0.0, (4.76,)),
    "lactate": (0.0, (3.86,)),
    "ammonia": (1.0, (9.25,)),
    "tris": (1.0, (8.07,)),
    "carbonate": (0.0, (6.10, 10.33)),
    "phosphate": (0.0, (2.15, 7.20, 12.35)),
    "citrate": (0.0, (3.13, 4.76, 6.40)),
    "histidine": (2.0, (1.80, 6.04, 9.33)),
}
"""Charge with all protons, and pK values, by species."""
WATER: Final = 1e-8
"""Ionic product of water at 25 °C [mol²/m⁶]."""
LARGEST_MOVE: Final = 1.0
"""Units of pH that a step of Newton's method goes at most: between buffers charge hardly changes with the pH."""
_LN_10: Final = float(np.log(10.0))


def hydrogen(acidity: Any) -> Any:
    """Return the concentration of hydrogen ions [mol/m³] at a pH."""
    return np.exp(_LN_10 * (3.0 - acidity))


def lost_protons(h: Any, names: Sequence[str]) -> tuple[Any, Any]:
    """Return mean and variance (…, n_names) of how many protons species have lost at ``h`` (…, 1) [mol/m³]."""
    most = max((len(ACIDS[name][1]) for name in names), default=0)
    term: Any = 1.0
    total, first, second = np.ones(len(names)), np.zeros(len(names)), np.zeros(len(names))
    for k in range(most):
        constants = [10.0 ** (3.0 - ACIDS[name][1][k]) if k < len(ACIDS[name][1]) else 0.0 for name in names]
        term = term * (np.array(constants) / h)
        total, first, second = total + term, first + (k + 1) * term, second + (k + 1) ** 2 * term
    mean = first / total
    return mean, second / total - mean * mean


def solve_acidity(acidity: Any, names: Sequence[str], concentrations: Any, n_iterations: int) -> Any:
    """Return the pH (…) of ``concentrations`` (…, n_names) [mol/m³] by Newton's method from ``acidity`` (…)."""
    kept = (concentrations * np.array([ACIDS[name][0] for name in names])).sum(-1)
    weak = weak_places(names)
    c, weak_names = concentrations[..., weak], [names[i] for i in weak]
    for _ in range(n_iterations):
        h = hydrogen(acidity)
        charge, slope = kept + h - WATER / h, h + WATER / h
        if weak:
            lost, variance = lost_protons(h[..., None], weak_names)
            charge, slope = charge - (c * lost).sum(-1), slope + (c * variance).sum(-1)
        acidity = acidity + np.clip(charge / (_LN_10 * slope), -LARGEST_MOVE, LARGEST_MOVE)
    return acidity


def weak_places(names: Sequence[str]) -> list[int]:
    """Return the places of weak acids and bases among ``names``."""
    return [i for i, name in enumerate(names) if ACIDS[name][1]]
