"""Verification cases of product quality: charge variants and aggregates, glycans."""

import math

import numpy as np
from library_fmu import simulate
from scipy.integrate import solve_ivp
from verification.check import Check, Fmus

_TESTS = "BioProcess.Tests."
_GAS = 8.314462618
_DAY = 86400.0


def ageing_culture(fmus: Fmus) -> list[Check]:
    """Against scipy: antibody made at a constant rate, in broth that warms or cools by 6 K from 36.8 degC."""
    names = ("mab", "acidic", "basic", "aggregate", "galactose", "high_mannose")
    made, galactose, mannose, stop = 4e-6, 1.1, 0.1, 14 * _DAY
    checks = []
    for heating, pH in ((5e-6, 7.1), (-5e-6, 6.8)):

        def speed(t: float, c: np.ndarray, heating: float = heating, pH: float = pH) -> list[float]:
            excess = (1 / 309.95 - 1 / (309.95 + heating * t)) / _GAS
            aggregation = (8e-9 + 2e-10 * c[0]) * math.exp(1.5e5 * excess) * 10 ** (-0.3 * (pH - 7.0))
            acid = 3e-7 * math.exp(9e4 * excess) * 10 ** (0.8 * (pH - 7.0)) * (c[0] - c[1] - c[2])
            clipping = 2e-6 * math.exp(5e4 * excess)
            fresh = [made, 0.12 * made + acid, 0.20 * made - clipping * c[2], aggregation * c[0]]
            fresh += [galactose * made / 148, mannose * made / 148]
            return [f - (aggregation * v if i != 3 else 0.0) for i, (f, v) in enumerate(zip(fresh, c, strict=True))]

        reference = solve_ivp(speed, (0.0, stop), [0.0] * 6, method="LSODA", rtol=1e-11, atol=1e-15).y[:, -1]
        course = simulate(
            fmus[_TESTS + "AgeingCulture"], names, stop=stop, interval=stop, tolerance=1e-9, heating=heating, pH=pH
        )
        checks += [
            Check(f"{name} after 14 d at pH {pH:g}", expected, course[name, stop], 1e-6)
            for name, expected in zip(names, reference, strict=True)
        ]
    return checks
