"""Verification of virus inactivation and filtration against closed forms."""

import math

from library_fmu import simulate
from verification.check import Check, Fmus

_FMUS, _TESTS = "BioProcess.Fmus.", "BioProcess.Tests."
LMH = 1e-3 / 3600.0
"""Litre per square metre and hour [m/s]."""

PURE_DECAY = {"rates.slope_virus": 0.0, "rates.E_virus": 0.0}


def residence_time(fmus: Fmus) -> list[Check]:
    """Step of a tracer into 5 and 20 tanks, tau 10 s."""
    five = simulate(fmus[_TESTS + "TanksInSeries"], ["F"], stop=100.0, interval=0.05, tolerance=1e-9)
    checks = [
        Check(f"5 tanks: F({time})", expected, five["F", float(time)], 1e-6)
        for time, expected in ((5, 0.108821981086), (10, 0.559506714935), (20, 0.970747311923))
    ]
    # mean and variance from the moments of 1 - F, by the trapezoidal rule
    left, width = 1.0 - five.all("F"), 0.05
    mean = float((left[1:] + left[:-1]).sum() / 2 * width)
    second = float(2 * ((five.time * left)[1:] + (five.time * left)[:-1]).sum() / 2 * width)
    checks.append(Check("5 tanks: variance [s2]", 20.0, second - mean**2, 1e-4))
    twenty = simulate(
        fmus[_FMUS + "PlugFlowInactivation"], ["outlet.c_sucrose"], stop=12.0, interval=1.0, tolerance=1e-9,
        **{"reactor_volume": 0.01, "inlet.V_flow": 1e-3, "inlet.c_sucrose": 1.0},
    )  # fmt: skip
    for time in (8.0, 12.0):
        x = 20 * time / 10.0
        expected = 1.0 - math.exp(-x) * sum(x**k / math.factorial(k) for k in range(20))
        checks.append(Check(f"20 tanks: F({time:g})", expected, twenty["outlet.c_sucrose", time], 1e-6))
    return checks


def inactivation(fmus: Fmus) -> list[Check]:
    """First order, k 0.4 1/min, 30 min: a batch, one stirred tank, 5 and 20 tanks."""
    tank, rate = fmus[_FMUS + "VirusInactivation"], {"rates.k_virus": 0.4 / 60.0, **PURE_DECAY}
    batch = simulate(tank, ["log_reduction"], stop=1800.0, interval=1800.0, tolerance=1e-8, volume_start=0.5, **rate)
    through = {"inlet.V_flow": 1e-4, "demand": 1e-4, "heel": 0.0, "volume_start": 0.18}
    stirred = simulate(tank, ["log_reduction"], stop=5e4, interval=5e4, tolerance=1e-8, **rate, **through)
    coil = simulate(
        fmus[_FMUS + "PlugFlowInactivation"], ["log_reduction"], stop=2e4, interval=2e4, tolerance=1e-8,
        **{"reactor_volume": 0.018, "inlet.V_flow": 1e-5, **rate},
    )  # fmt: skip
    five = simulate(
        fmus[_TESTS + "TanksInSeries"], ["log_reduction"], stop=100.0, interval=100.0, tolerance=1e-8,
        **{"coil.rates.k_virus": 1.2},
    )  # fmt: skip
    return [
        Check("batch [decades]", 5.2115337828, batch["log_reduction", 1800.0], 1e-5),
        Check("one stirred tank [decades]", 1.1139433523, stirred["log_reduction", 5e4], 1e-5),
        Check("5 tanks [decades]", 2.6573945852, five["log_reduction", 100.0], 1e-5),
        Check("20 tanks [decades]", 4.0823996531, coil["log_reduction", 2e4], 1e-5),
    ]


def titration(fmus: Fmus) -> list[Check]:
    """100 L of 50 mM acetate at pH 3.60: the base that the tank takes to reach the pH of 2, 4 and 5 L of 1 M tris."""
    h = 10**-3.6 * 1e3
    sodium = 50.0 / (1.0 + h / 10 ** (3 - 4.76)) - h
    start = {"volume_start": 0.1, "buffer_start.acetate": 50.0, "buffer_start.sodium": sodium, "heel": 0.0}
    checks = []
    for litres, pH in ((2, 4.69025), (4, 5.53904), (5, 6.92278)):
        course = simulate(
            fmus[_FMUS + "VirusInactivation"], ["pH", "base_total"], stop=7200.0, interval=7200.0, tolerance=1e-8,
            pH_set=pH, titrating=True, **start,
        )  # fmt: skip
        checks.append(Check(f"pH with {litres} L", pH, course["pH", 7200.0], 1e-4, is_absolute=True))
        checks.append(Check(f"base for pH {pH} [L]", litres, 1e3 * course["base_total", 7200.0], 1e-4))
    return checks
