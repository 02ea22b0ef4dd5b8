"""What to suppose next of the values that go round in a loop, from what its passes found: x = g(x) is sought."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from cosim.algorithm.outlet import Array

Passes = Sequence[tuple[Array, Array]]
"""Of each pass what it found and its residual, g(x) and g(x) − x; the oldest first."""
Pass = Callable[[Array], Array]
"""Takes the loop over the step once more from its beginning, supposing x; returns g(x)."""

SMALLEST_CHANGE: Final = 1e-10
"""Share of the largest singular value below which a difference between passes tells nothing."""
DISPLACEMENT: Final = 1e-6
"""Of a value, relative to its size, from which a difference quotient is taken: well above what solvers leave open."""
SLOW: Final = 0.1
"""Share of the residual that a Newton step leaves at most, unless its slopes are wrong."""


def relax(tried: Passes, share: float) -> Array:
    """Return the point at ``share`` of the way from what was supposed to what was found."""
    found, residual = tried[-1]
    supposed: Array = found - (1.0 - share) * residual
    return supposed


def aitken(tried: Passes, sizes: Array, share: float) -> Array:
    """Return the point at a share of the way that begins with ``share`` and follows from the residuals (Aitken's Δ²).

    Source: Küttler & Wall, Comput. Mech. 43 (2008) 61, doi:10.1007/s00466-008-0255-5, equation 44.
    """
    for (_, before), (_, residual) in pairwise(tried):
        change = (residual - before) / sizes
        length = float(change @ change)
        if length > 0.0:
            share *= -float((before / sizes) @ change) / length
    return relax(tried, share)


def quasi_newton(tried: Passes, sizes: Array) -> Array:
    """Return where the residual vanishes as far as the differences between passes tell (IQN-ILS)."""
    found, residual = tried[-1]
    if len(tried) == 1:
        return found
    changes = np.column_stack([residual - before for _, before in tried[:-1]])
    effects = np.column_stack([found - before for before, _ in tried[:-1]])
    shares = np.linalg.lstsq(changes / sizes[:, None], -residual / sizes, rcond=SMALLEST_CHANGE)[0]
    supposed: Array = found + effects @ shares
    return supposed


def differences(tried: Passes, sizes: Array, take_pass: Pass) -> Array:
    """Return ∂g/∂x by one more pass per value, in which it is displaced."""
    found, residual = tried[-1]
    supposed = found - residual
    slopes = np.empty((len(supposed), len(supposed)))
    for i, size in enumerate(sizes):
        displaced = supposed.copy()
        displaced[i] += max(DISPLACEMENT * abs(supposed[i]), size)
        slopes[:, i] = (take_pass(displaced) - found) / (displaced[i] - supposed[i])
    return slopes


def newton(tried: Passes, sizes: Array, slopes: Array) -> Array:
    """Return where the residual vanishes if it is linear, with ``slopes`` ∂g/∂x."""
    found, residual = tried[-1]
    scaled = (slopes - np.eye(len(found))) * sizes / sizes[:, None]
    solution: Array = found - residual - sizes * np.linalg.lstsq(scaled, residual / sizes, rcond=SMALLEST_CHANGE)[0]
    return solution


def gains_little(tried: Passes, sizes: Array) -> bool:
    """Tell whether the last pass left more than a share ``SLOW`` of the residual before it."""
    if len(tried) < 2:
        return False
    (_, before), (_, residual) = tried[-2:]
    return bool(np.max(np.abs(residual) / sizes) > SLOW * np.max(np.abs(before) / sizes))
