"""Points inside spheres on which solutes diffuse: their shares of the volume, and the exchange between each two.

Gauss–Radau points in ξ = r²/R² with the weight √ξ, ξ = 1 among them; shares 3/2 ∫ ℓᵢ √ξ dξ, exchange
−6 ∫ ξ^(3/2) ℓᵢ' ℓⱼ' dξ over D/R². Source: Villadsen and Stewart 1967, Chemical Engineering Science 22:1483.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import Polynomial
from numpy.polynomial.legendre import leggauss
from scipy.special import roots_jacobi

from cosim.surrogate.model import Array


def collocation(n: int) -> tuple[Array, Array]:
    """Return shares (n,) and exchange (n, n) of ``n`` points, from the centre to the surface."""
    inner = (roots_jacobi(n - 1, 1.0, 0.5)[0] + 1.0) / 2.0 if n > 1 else np.empty(0)
    points = np.append(inner, 1.0)
    basis = [Polynomial(np.linalg.solve(np.vander(points, increasing=True), row)) for row in np.eye(n)]
    nodes, weights = leggauss(4 * n)
    r, weights = (nodes + 1.0) / 2.0, weights / 2.0
    slopes = np.array([2.0 * r * part.deriv()(r**2) for part in basis])
    shares = np.array([np.sum(weights * 3.0 * r**2 * part(r**2)) for part in basis])
    return shares, -(slopes * weights * 3.0 * r**2) @ slopes.T
