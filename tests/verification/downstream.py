"""Verification of virus inactivation and filtration against closed forms."""

import math

import numpy as np
from scipy.integrate import simpson, solve_ivp
from scipy.optimize import brentq
from verification.check import Check, Route

LMH = 1e-3 / 3600.0
"""Litre per square metre and hour [m/s]."""


def residence_time(run: Route) -> list[Check]:
    """Step of a tracer into 5 and 20 tanks, tau 10 s."""
    five = run("tanks_in_series", ["tanks.F"])
    checks = [
        Check(f"5 tanks: F({time})", expected, five["tanks.F", float(time)], 1e-6)
        for time, expected in ((5, 0.108821981086), (10, 0.559506714935), (20, 0.970747311923))
    ]
    # mean and variance from the moments of 1 - F
    time, left = five.time("tanks.F"), 1.0 - five.all("tanks.F")
    mean, second = simpson(left, x=time), simpson(2.0 * time * left, x=time)
    checks.append(Check("5 tanks: variance [s2]", 20.0, float(second - mean**2), 1e-6))
    twenty = run("coil_tracer", ["coil.outlet.c_histidine"])
    for instant in (8.0, 12.0):
        x = 20 * instant / 10.0
        expected = 1.0 - math.exp(-x) * sum(x**k / math.factorial(k) for k in range(20))
        reached = twenty["coil.outlet.c_histidine", instant]
        checks.append(Check(f"20 tanks: F({instant:g})", expected, reached, 1e-6))
    return checks


def inactivation(run: Route) -> list[Check]:
    """First order, k 0.4 1/min, 30 min: a batch, one stirred tank, 5 and 20 tanks."""
    five = run("tanks_in_series", ["tanks.log_reduction"], {"tanks.k_virus": "1.2 1/s"})
    return [
        Check("batch [decades]", 5.2115337828, run("virus_batch", ["tank.log_reduction"])["tank.log_reduction"], 1e-5),
        Check("one stirred tank [decades]", 1.1139433523,
              run("virus_stirred", ["tank.log_reduction"])["tank.log_reduction"], 1e-5),
        Check("5 tanks [decades]", 2.6573945852, five["tanks.log_reduction"], 1e-5),
        Check("20 tanks [decades]", 4.0823996531,
              run("coil_virus", ["coil.log_reduction"])["coil.log_reduction"], 1e-5),
    ]  # fmt: skip


def titration(run: Route) -> list[Check]:
    """100 L of 50 mM acetate at pH 3.60: the base that the tank takes to reach the pH of 2, 4 and 5 L of 1 M tris."""
    checks = []
    for litres, pH in ((2, 4.69025), (4, 5.53904), (5, 6.92278)):
        course = run("titration", ["tank.pH", "tank.base_total"], {"tank.pH_set": pH})
        checks.append(Check(f"pH with {litres} L", pH, course["tank.pH"], 1e-4, is_absolute=True))
        checks.append(Check(f"base for pH {pH} [L]", litres, 1e3 * course["tank.base_total"], 1e-4))
    return checks


def diafiltration(run: Route) -> list[Check]:
    """Constant volume: solutes of sieving 1 and 0.95, product of sieving 0.001; after 7 diavolumes."""
    checks = []
    for sieving, expected in ((1.0, 9.11881966e-4), (0.95, 1.294022105e-3)):
        names = ["tank.held_acetate", "tank.held_mab", "tank.diavolumes"]
        course = run("diafiltration", names, {"tank.sieving_small": sieving})
        late = math.exp(course["tank.diavolumes"] - 7.0)  # the end is located to a millisecond
        left, kept = course["tank.held_acetate"] / 100.0 * late**sieving, course["tank.held_mab"] / 5.0 * late**0.001
        checks.append(Check(f"sieving {sieving:g}: left after 7 diavolumes", expected, left, 1e-6))
        checks.append(Check("product of sieving 0.001: yield", 0.9930244429, kept, 1e-6))
    return checks


def gel_polarisation(run: Route) -> list[Check]:
    """Gel flux of 20 L/(m2 h) ln(250/c): 100 L from 10 to 80 g/L over 2 m2."""
    course = run("gel_polarisation", ["tank.flux", "tank.volume"])
    at_20, at_80 = course.ends
    return [
        Check("J(20 g/L) [L/(m2 h)]", 50.51457289, course["tank.flux", at_20] / LMH, 1e-5),
        Check("time of 80 g/L [h]", 0.9237664779, at_80 / 3600.0, 1e-5),
        Check("volume then [L]", 12.5, 1e3 * course["tank.volume"], 1e-5),
    ]


def cheapest_diafiltration(run: Route) -> list[Check]:
    """The concentration at which exchanging the buffer takes the least time and area, where c J is largest."""
    titres = (91.5, 92.0, 92.5)
    found = [
        titre * run("diafiltration_flux", ["tank.flux"], {"tank.mab_start": f"{titre} g/L"})["tank.flux", 0.0] / LMH
        for titre in titres
    ]
    curve = np.polyfit(titres, found, 2)
    return [Check("cheapest concentration [g/L]", 91.96986, float(-curve[1] / (2 * curve[0])), 1e-4)]


def osmotic_concentration(run: Route) -> list[Check]:
    """Against the same flux law in scipy: 100 L of 10 g/L on 20 m2, 1 bar, for 1,500 s."""
    permeability, k, a = 2e-11, 6e-6, (16.75, 0.1, 5e-3)

    def flux(c: float) -> float:
        def excess(j: float) -> float:
            w = c * math.exp(j / k)
            return permeability * (1e5 - w * (a[0] + w * (a[1] + w * a[2]))) - j

        return float(brentq(excess, 0.0, 2e-6, xtol=1e-18)) if excess(0.0) > 0 else 0.0

    reference = solve_ivp(lambda _, v: [-20.0 * flux(1.0 / v[0])], (0.0, 1500.0), [0.1], rtol=1e-10, atol=1e-13)
    volume = float(reference.y[0, -1])
    course = run("osmotic", ["tank.flux", "tank.volume"])
    return [
        Check("volume after 1,500 s [m3]", volume, course["tank.volume"], 1e-5),
        Check("flux after 1,500 s [m/s]", flux(1.0 / volume), course["tank.flux"], 1e-5),
    ]


def stability(run: Route) -> list[Check]:
    """Against scipy: 50 L of 150 g/L warm from 5 to 40 degC and age for 60 days."""
    gas, day = 8.314462618, 86400.0
    k_aggregate, k_acidic, lag = 6.4e-12, 7.7e-9, 3600.0

    def speed(t: float, m: np.ndarray) -> list[float]:
        temperature = 313.15 - 35.0 * math.exp(-t / lag)
        factors = [math.exp(e / gas * (1 / 298.15 - 1 / temperature)) for e in (1.0e5, 9.0e4)]
        loss = k_aggregate * factors[0] * m[0] / 0.05
        return [-loss * m[0], k_acidic * factors[1] * (m[0] - m[1]) - loss * m[1]]

    mab, acidic = solve_ivp(speed, (0.0, 60 * day), [7.5, 0.0], method="LSODA", rtol=1e-10, atol=1e-12).y[:, -1]
    course = run("stability", ["bulk.held_mab", "bulk.held_mab_acidic", "bulk.held_mab_aggregate"])
    return [
        Check("aggregates after 60 d [kg]", 7.5 - mab, course["bulk.held_mab_aggregate"], 1e-5),
        Check("antibody after 60 d [kg]", mab, course["bulk.held_mab"], 1e-6),
        Check("acidic variants after 60 d [kg]", acidic, course["bulk.held_mab_acidic"], 1e-5),
    ]
