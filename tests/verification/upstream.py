"""Verification cases of the bioreactor: gas transfer, probes, bicarbonate, continuous culture."""

import math

from library_fmu import simulate
from scipy.optimize import brentq
from verification.check import Check, Fmus

_TESTS = "BioProcess.Tests."
HOUR = 3600.0
SIX_MINUTES = 0.1 * HOUR


def chemostat(fmus: Fmus) -> list[Check]:
    """Ks 0.1, Sf 10 g/L, mu_max 0.5, D 0.3 1/h, Y 0.5, after 200 h; at D 0.45 too."""
    checks = []
    for dilution, substrate, biomass in ((0.3, 0.15, 4.925), (0.45, 0.9, 4.55)):
        course = simulate(
            fmus[_TESTS + "Chemostat"], ["S", "X", "D_washout"], stop=200 * HOUR, interval=HOUR, tolerance=1e-10,
            D=dilution / HOUR,
        )  # fmt: skip
        checks.append(Check(f"S at D = {dilution} 1/h [g/L]", substrate, course["S", 200 * HOUR], 1e-6))
        checks.append(Check(f"X at D = {dilution} 1/h [g/L]", biomass, course["X", 200 * HOUR], 1e-6))
    checks.append(Check("washout [1/h]", 0.49504950495, course["D_washout", HOUR] * HOUR, 1e-6))
    course = simulate(
        fmus[_TESTS + "Chemostat"], ["X"], stop=2000 * HOUR, interval=100 * HOUR, tolerance=1e-8, D=0.52 / HOUR
    )
    checks.append(Check("X at D = 0.52 1/h [g/L]", 0.0, course["X", 2000 * HOUR], 1e-6, is_absolute=True))
    return checks


def oxygen_transfer(fmus: Fmus) -> list[Check]:
    """kLa 8 1/h, C* 0.2 mM, OUR 0 or 0.8 mM/h; a probe of 30 s."""
    fmu = fmus[_TESTS + "OxygenTransfer"]
    rise = simulate(fmu, ["c", "reading"], stop=SIX_MINUTES, interval=SIX_MINUTES, tolerance=1e-10)
    fall = simulate(fmu, ["c"], stop=SIX_MINUTES, interval=SIX_MINUTES, tolerance=1e-10, uptake=0.8 / HOUR, c_start=0.2)
    expected = 0.287823136624
    late = simulate(fmu, ["c"], stop=expected * HOUR, interval=expected * HOUR, tolerance=1e-10)
    reached = expected + math.log((0.2 - late["c", expected * HOUR]) / 0.02) / 8.0
    return [
        Check("C(0.1 h) from 0 [mM]", 0.110134207177, rise["c", SIX_MINUTES], 1e-6),
        Check("time of 90 % [h]", expected, reached, 1e-6),
        Check("C(0.1 h) under uptake [mM]", 0.144932896412, fall["c", SIX_MINUTES], 1e-6),
        Check("probe of 30 s at 0.1 h [mM]", 0.103715309749, rise["reading", SIX_MINUTES], 1e-6),
    ]


def transfer_coefficient(fmus: Fmus) -> list[Check]:
    """20 W/m3 and 0.5 mm/s: arithmetic, below the range of the correlation."""
    names = ["kLa_coalescing", "kLa_non_coalescing", "H_oxygen", "H_carbon_dioxide"]
    course = simulate(fmus[_TESTS + "TransferCoefficient"], names, stop=1.0, interval=1.0, tolerance=1e-6)
    return [
        Check("coalescing [1/h]", 6.93702, course["kLa_coalescing", 1.0] * HOUR, 1e-5),
        Check("non-coalescing [1/h]", 12.8188, course["kLa_non_coalescing", 1.0] * HOUR, 1e-5),
        Check("solubility of oxygen at 25 degC [mol/(m3.Pa)]", 1.3e-5, course["H_oxygen", 1.0], 1e-6),
        Check("solubility of carbon dioxide at 25 degC [mol/(m3.Pa)]", 3.3e-4, course["H_carbon_dioxide", 1.0], 1e-6),
    ]


def bicarbonate(fmus: Fmus) -> list[Check]:
    """pK' 6.1, 0.03 mM/mmHg."""
    checks = []
    for molarity, mmhg, expected in ((24.0, 40.0, 7.401030), (20.0, 60.0, 7.145757)):
        course = simulate(
            fmus[_TESTS + "TransferCoefficient"], ["pH"], stop=1.0, interval=1.0, tolerance=1e-6,
            bicarbonate=molarity, p_carbon_dioxide=mmhg * 133.322368,
        )  # fmt: skip
        checks.append(Check(f"pH of {molarity:g} mM at {mmhg:g} mmHg", expected, course["pH", 1.0], 1e-6))
    return checks


def perfusion(fmus: Fmus) -> list[Check]:
    """Steady state: growth equals bleed, and the substrate balances over permeate, bleed and cells."""
    mu_max, half, cell_yield, feed, volume = 0.03 / HOUR, 0.5, 4e12, 30.0, 2.25e-15
    checks = []
    for dilution, cells in ((1.5, 5e13), (2.5, 1e14)):
        rate, liquid = dilution / 24 / HOUR, 1.0 - volume * cells

        def surplus(s: float, rate: float = rate, liquid: float = liquid, cells: float = cells) -> float:
            mu = mu_max * s / (half + s)
            return rate * feed - (rate - mu) * s / liquid - mu * (s + cells / cell_yield)

        substrate = brentq(surplus, 0.0, feed, xtol=1e-12)
        course = simulate(
            fmus[_TESTS + "PerfusionSteadyState"], ["X", "S", "bleed_rate"], stop=720 * HOUR, interval=720 * HOUR,
            tolerance=1e-9, D=rate, X_set=cells,
        )  # fmt: skip
        label = f"at {dilution:g} volumes a day, {cells * 1e-12:g}e6 cells/mL"
        bleed = mu_max * substrate / (half + substrate)
        checks.append(Check(f"cells {label} [1/m3]", cells, course["X", 720 * HOUR], 1e-6))
        checks.append(Check(f"substrate {label} [mM]", substrate, course["S", 720 * HOUR], 1e-6))
        checks.append(Check(f"bleed {label} [1/h]", bleed * HOUR, course["bleed_rate", 720 * HOUR] * HOUR, 1e-6))
    return checks
