"""Verification of virus inactivation and filtration against closed forms."""

import math

import numpy as np
from library_fmu import simulate
from scipy.integrate import solve_ivp
from scipy.optimize import brentq
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


_PASSING = {"filtering": True, "heel": 0.0}


def diafiltration(fmus: Fmus) -> list[Check]:
    """Constant volume: solutes of sieving 1 and 0.95, product of sieving 0.001; after 7 diavolumes."""
    checks = []
    names = ["diavolumes", "held_acetate", "held_mab"]
    for sieving, expected in ((1.0, 9.11881966e-4), (0.95, 1.294022105e-3)):
        course = simulate(
            fmus[_FMUS + "UltrafiltrationDiafiltration"], names, stop=8000.0, interval=10.0, tolerance=1e-9,
            **{"volume_start": 0.1, "mab_start": 50.0, "buffer_start.acetate": 1000.0, "diafiltering": True,
               "sieving_small": sieving, "sieving_mab": 0.001, **_PASSING},
        )  # fmt: skip
        row = int(np.abs(course.all("diavolumes") - 7.0).argmin())
        late = math.exp(course.all("diavolumes")[row] - 7.0)
        left = float(course.all("held_acetate")[row]) / 100.0 * late**sieving
        checks.append(Check(f"sieving {sieving:g}: left after 7 diavolumes", expected, left, 1e-6))
        kept = float(course.all("held_mab")[row]) / 5.0 * late**0.001
        checks.append(Check("product of sieving 0.001: yield", 0.9930244429, kept, 1e-6))
    return checks


def gel_polarisation(fmus: Fmus) -> list[Check]:
    """Gel flux of 20 L/(m2 h) ln(250/c): 100 L from 10 to 80 g/L over 2 m2."""
    stop = 0.9237664779 * 3600.0
    course = simulate(
        fmus[_FMUS + "UltrafiltrationDiafiltration"], ["flux", "titre", "volume"], stop=stop, interval=stop / 2000,
        tolerance=1e-9,
        **{"volume_start": 0.1, "mab_start": 10.0, "area": 2.0, "sieving_mab": 0.0, "law.k": 20 * LMH,
           "law.c_gel": 250.0, **_PASSING},
    )  # fmt: skip
    flux, titre = course.all("flux") / LMH, course.all("titre")
    return [
        Check("J(20 g/L) [L/(m2 h)]", 50.51457289, float(np.interp(20.0, titre, flux)), 1e-5),
        Check("volume at 0.9237664779 h [L]", 12.5, 1e3 * float(course.all("volume")[-1]), 1e-5),
        Check("antibody at 0.9237664779 h [g/L]", 80.0, float(titre[-1]), 1e-5),
    ]


def cheapest_diafiltration(fmus: Fmus) -> list[Check]:
    """The concentration at which exchanging the buffer takes the least time and area, where c J is largest."""
    found = []
    for titre in (91.5, 92.0, 92.5):
        course = simulate(
            fmus[_FMUS + "UltrafiltrationDiafiltration"], ["flux"], stop=1.0, interval=1.0, tolerance=1e-9,
            **{"volume_start": 0.1, "mab_start": titre, "diafiltering": True, "sieving_mab": 0.0, **_PASSING},
        )  # fmt: skip
        found.append(titre * course["flux", 0.0] / LMH)
    curve = np.polyfit((91.5, 92.0, 92.5), found, 2)
    return [Check("cheapest concentration [g/L]", 91.96986, float(-curve[1] / (2 * curve[0])), 1e-4)]


def osmotic_concentration(fmus: Fmus) -> list[Check]:
    """Against the same flux law in scipy: 100 L of 10 g/L on 20 m2, 1 bar, for 1,500 s."""
    permeability, k, a = 2e-11, 6e-6, (16.75, 0.1, 5e-3)

    def flux(c: float) -> float:
        def excess(j: float) -> float:
            w = c * math.exp(j / k)
            return permeability * (1e5 - w * (a[0] + w * (a[1] + w * a[2]))) - j

        return float(brentq(excess, 0.0, 2e-6, xtol=1e-18)) if excess(0.0) > 0 else 0.0

    reference = solve_ivp(lambda _, v: [-20.0 * flux(1.0 / v[0])], (0.0, 1500.0), [0.1], rtol=1e-10, atol=1e-13)
    volume = float(reference.y[0, -1])
    course = simulate(
        fmus[_FMUS + "OsmoticUltrafiltration"], ["flux", "volume"], stop=1500.0, interval=1500.0, tolerance=1e-9,
        **{"volume_start": 0.1, "mab_start": 10.0, "area": 20.0, "sieving_mab": 0.0, "law.k": k,
           "law.permeability": permeability, "pressure": 1e5, **_PASSING},
    )  # fmt: skip
    return [
        Check("volume after 1,500 s [m3]", volume, course["volume", 1500.0], 1e-5),
        Check("flux after 1,500 s [m/s]", flux(1.0 / volume), course["flux", 1500.0], 1e-5),
    ]


def stability(fmus: Fmus) -> list[Check]:
    """Against scipy: 50 L of 150 g/L warm from 5 to 40 degC and age for 60 days."""
    gas, day = 8.314462618, 86400.0
    k_aggregate, k_acidic, lag = 6.4e-12, 7.7e-9, 3600.0

    def speed(t: float, m: np.ndarray) -> list[float]:
        temperature = 313.15 - 35.0 * math.exp(-t / lag)
        factors = [math.exp(e / gas * (1 / 298.15 - 1 / temperature)) for e in (1.0e5, 9.0e4)]
        loss = k_aggregate * factors[0] * m[0] / 0.05
        return [-loss * m[0], k_acidic * factors[1] * (m[0] - m[1]) - loss * m[1]]

    mab, acidic = solve_ivp(speed, (0.0, 60 * day), [7.5, 0.0], method="LSODA", rtol=1e-10, atol=1e-12).y[:, -1]
    course = simulate(
        fmus[_FMUS + "FormulationTank"], ["held_mab", "held_mab_acidic", "held_mab_aggregate"], stop=60 * day,
        interval=day, tolerance=1e-9,
        **{"volume_start": 0.05, "mab_start": 150.0, "T_start": 278.15, "T_jacket": 313.15, "tau_jacket": lag},
    )  # fmt: skip
    return [
        Check("aggregates after 60 d [kg]", 7.5 - mab, course["held_mab_aggregate", 60 * day], 1e-5),
        Check("antibody after 60 d [kg]", mab, course["held_mab", 60 * day], 1e-6),
        Check("acidic variants after 60 d [kg]", acidic, course["held_mab_acidic", 60 * day], 1e-5),
    ]
