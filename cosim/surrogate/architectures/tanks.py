"""Mixed tanks in series through which a flow passes: exact shares, positive, and none is lost.

With a the volume that passed in a step over that of a tank, what was in a tank moves on by k tanks with Poisson's
probability e^(−a) aᵏ/k!; what entered evenly over the step is k tanks far with P(N > k)/a.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LEAST: Final = 1e-6
"""Volumes over that of a tank below this count as this, which moves nothing that could be seen."""


def _probabilities(xp: Any, passed: Any, n: int) -> Any:
    """Return the probabilities (…, n) of moving on by 0 to n − 1 tanks, for ``passed`` (…, 1)."""
    terms = [xp.exp(-passed)]
    for k in range(1, n):
        terms.append(terms[-1] * (passed / k))
    return xp.concatenate(terms, -1)


def staying_shares(xp: Any, passed: Any, n: int) -> Any:
    """Return which share (…, n, n) of what was in one tank is in another after ``passed`` (…, 1) volumes of a tank."""
    chances = _probabilities(xp, passed, n)
    padded = xp.concatenate([chances, xp.zeros_like(chances[..., :1])], -1)
    return padded[..., _places(n)]


def kept_shares(xp: Any, entering: Any) -> Any:
    """Return which share (…, n, n) of what came into one tank over a step is in another at its end."""
    n = entering.shape[-1]
    padded = xp.concatenate([entering, xp.zeros_like(entering[..., :1])], -1)
    return padded[..., _places(n)]


def _places(n: int) -> NDArray[np.intp]:
    """Return by how much each tank is behind each other; ``n`` for before it."""
    apart = np.arange(n)[None, :] - np.arange(n)[:, None]
    return np.where(apart < 0, n, apart)


def entering_shares(xp: Any, passed: Any, n: int) -> Any:
    """Return which share (…, n) of what enters evenly over a step is in each tank at its end."""
    passed = xp.maximum(passed, LEAST * xp.ones_like(passed))
    beyond = 1.0 - xp.cumsum(_probabilities(xp, passed, n), -1)
    return xp.maximum(beyond, xp.zeros_like(beyond)) / passed
