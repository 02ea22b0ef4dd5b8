"""Columns of V13, V14 and V16 with other numbers: Laplace transforms inverted numerically, and Thomas' integral."""

import cmath
import math
from collections.abc import Callable

import pytest
from scipy.integrate import quad
from scipy.special import i0e
from verification.routes import through_cosim

Transform = Callable[[complex], complex]


def inverted(transform: Transform, t: float, m: int = 14) -> float:
    """Abate and Whitt 2006, doi:10.1287/ijoc.1050.0137, the Euler algorithm."""
    weights = [0.5] + [1.0] * m + [0.0] * (m - 1) + [2.0**-m]
    for k in range(1, m):
        weights[2 * m - k] = weights[2 * m - k + 1] + 2.0**-m * math.comb(m, k)
    points = [m * math.log(10) / 3 + 1j * math.pi * k for k in range(2 * m + 1)]
    terms = ((-1) ** k * w * transform(p / t).real for k, (w, p) in enumerate(zip(weights, points, strict=True)))
    return 10 ** (m / 3) / t * sum(terms)


def pulse(column: Transform, length: float, t: float) -> float:
    """Response to a pulse of height 1, after it has ended."""
    steps = (inverted(lambda s: column(s) / s, time) for time in (t, t - length))
    return next(steps) - next(steps)


def column_of(s: complex, u: float, D: float, length: float) -> complex:
    """Dispersed plug flow with Danckwerts' conditions, ``s`` with what the particles take up."""
    a, peclet = cmath.sqrt(1 + 4 * s * D / u**2), u * length / D
    return 4 * a * cmath.exp(peclet / 2 * (1 - a)) / ((1 + a) ** 2 - (1 - a) ** 2 * cmath.exp(-a * peclet))


@pytest.mark.parametrize(("D", "k_ads", "k_des"), [(1e-3, 1.0, 1.0), (2e-5, 1.0, 1.0), (1e-4, 0.2, 0.2)])
def test_lumped_rate(D: float, k_ads: float, k_des: float) -> None:
    values = {"column.D": D, "column.k_ads": k_ads, "column.k_des": k_des}
    course = through_cosim("linear_column", ["column.c"], values)
    for t in (50.0, 60.0):
        expected = pulse(lambda s: column_of(s * (1 + 0.4 / 0.6 * k_ads / (s + k_des)), 1 / 30, D, 1.0), 10.0, t)
        assert course["column.c", t] == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize(("radius", "k_film"), [(9e-5, 6.9e-6), (4.5e-5, 2e-6)])
def test_general_rate(radius: float, k_film: float) -> None:
    pores, D_pore = 0.75, 6.07e-11

    def column(s: complex) -> complex:
        inside = s * (pores + (1 - pores) * 3.55 / (s + 0.1))
        x = cmath.sqrt(inside / (pores * D_pore)) * radius
        surface = k_film / (k_film + pores * D_pore / radius * (x / cmath.tanh(x) - 1))
        return column_of(s + 0.63 / 0.37 * 3 * k_film / radius * (1 - surface), 5.75e-4, 5.75e-8, 0.014)

    course = through_cosim("general_rate", ["column.c"], {"column.radius": radius, "column.k_film": k_film})
    for t in (300.0, 500.0):
        assert course["column.c", t] == pytest.approx(pulse(column, 10.0, t), rel=1e-2)


def _j(x: float, y: float) -> float:
    def slope(t: float) -> float:
        return math.exp(-((math.sqrt(y) - math.sqrt(t)) ** 2)) * float(i0e(2 * math.sqrt(y * t)))

    return 1.0 - float(quad(slope, 0.0, x, limit=500, epsabs=1e-12)[0])


@pytest.mark.parametrize(("k_ads", "K", "c_feed"), [(0.004, 1.0, 2.0), (0.002, 3.0, 2.0), (0.002, 1.0, 1.0)])
def test_thomas(k_ads: float, K: float, c_feed: float) -> None:
    course = through_cosim("thomas", ["column.ratio"], {"column.k_ads": k_ads, "column.K": K, "column.c_feed": c_feed})
    r, n = 1.0 + K * c_feed, k_ads * 50.0 * 1.5 * 100.0
    for t in (1800.0, 2500.0, 3000.0):
        y = (k_ads * c_feed + k_ads / K) * (t - 100.0)
        front, back = _j(n / r, y), _j(n, y / r)
        expected = front / (front + math.exp((1 - 1 / r) * (n - y)) * (1 - back))
        assert course["column.ratio", t] == pytest.approx(expected, abs=5e-4)
