"""Verification cases of the bioreactor: gas transfer, probes, bicarbonate, continuous culture."""

import math

from scipy.optimize import brentq
from verification.check import Check, Route

HOUR = 3600.0


def chemostat(run: Route) -> list[Check]:
    """Ks 0.1, Sf 10 g/L, mu_max 0.5, D 0.3 1/h, Y 0.5, after 200 h; at D 0.45 too."""
    checks, names = [], ["culture.S", "culture.X", "culture.D_washout"]
    for dilution, substrate, biomass in ((0.3, 0.15, 4.925), (0.45, 0.9, 4.55)):
        course = run("chemostat", names, {"culture.D": f"{dilution} 1/h"})
        checks.append(Check(f"S at D = {dilution} 1/h [g/L]", substrate, course["culture.S"], 1e-6))
        checks.append(Check(f"X at D = {dilution} 1/h [g/L]", biomass, course["culture.X"], 1e-6))
    checks.append(Check("washout [1/h]", 0.49504950495, course["culture.D_washout"] * HOUR, 1e-6))
    course = run("chemostat_washout", ["culture.X"])
    checks.append(Check("X at D = 0.52 1/h [g/L]", 0.0, course["culture.X"], 1e-6, is_absolute=True))
    return checks


def oxygen_transfer(run: Route) -> list[Check]:
    """kLa 8 1/h, C* 0.2 mM, OUR 0 or 0.8 mM/h; a probe of 30 s."""
    rise = run("oxygen_transfer", ["liquid.c", "liquid.reading"])
    fall = run("oxygen_transfer", ["liquid.c"], {"liquid.uptake": "0.8 mol/(m3.h)", "liquid.c_start": "0.2 mol/m3"})
    late = run("oxygen_rise", ["liquid.c"])
    reached = late.ends[0] / HOUR + math.log((0.2 - late["liquid.c"]) / 0.02) / 8.0
    return [
        Check("C(0.1 h) from 0 [mM]", 0.110134207177, rise["liquid.c"], 1e-6),
        Check("time of 90 % [h]", 0.287823136624, reached, 1e-6),
        Check("C(0.1 h) under uptake [mM]", 0.144932896412, fall["liquid.c"], 1e-6),
        Check("probe of 30 s at 0.1 h [mM]", 0.103715309749, rise["liquid.reading"], 1e-6),
    ]


def transfer_coefficient(run: Route) -> list[Check]:
    """20 W/m3 and 0.5 mm/s: arithmetic, below the range of the correlation."""
    names = ["kLa_coalescing", "kLa_non_coalescing", "H_oxygen", "H_carbon_dioxide"]
    course = run("transfer_coefficient", [f"liquid.{name}" for name in names])
    return [
        Check("coalescing [1/h]", 6.93702, course["liquid.kLa_coalescing"] * HOUR, 1e-5),
        Check("non-coalescing [1/h]", 12.8188, course["liquid.kLa_non_coalescing"] * HOUR, 1e-5),
        Check("solubility of oxygen at 25 degC [mol/(m3.Pa)]", 1.3e-5, course["liquid.H_oxygen"], 1e-6),
        Check("solubility of carbon dioxide at 25 degC [mol/(m3.Pa)]", 3.3e-4, course["liquid.H_carbon_dioxide"], 1e-6),
    ]


def bicarbonate(run: Route) -> list[Check]:
    """pK' 6.1, 0.03 mM/mmHg."""
    checks = []
    for molarity, mmhg, expected in ((24.0, 40.0, 7.401030), (20.0, 60.0, 7.145757)):
        values = {"liquid.bicarbonate": f"{molarity} mol/m3", "liquid.p_carbon_dioxide": mmhg * 133.322368}
        course = run("transfer_coefficient", ["liquid.pH"], values)
        checks.append(Check(f"pH of {molarity:g} mM at {mmhg:g} mmHg", expected, course["liquid.pH"], 1e-6))
    return checks


def perfusion(run: Route) -> list[Check]:
    """Steady state: growth equals bleed, and the substrate balances over permeate, bleed and cells."""
    mu_max, half, cell_yield, feed, volume = 0.03 / HOUR, 0.5, 4e12, 30.0, 2.25e-15
    checks = []
    for dilution, cells in ((1.5, 5e13), (2.5, 1e14)):
        rate, liquid = dilution / 24 / HOUR, 1.0 - volume * cells

        def surplus(s: float, rate: float = rate, liquid: float = liquid, cells: float = cells) -> float:
            mu = mu_max * s / (half + s)
            return rate * feed - (rate - mu) * s / liquid - mu * (s + cells / cell_yield)

        substrate = brentq(surplus, 0.0, feed, xtol=1e-12)
        names = ["culture.X", "culture.S", "culture.bleed_rate"]
        course = run("perfusion", names, {"culture.D": rate, "culture.X_set": cells})
        label = f"at {dilution:g} volumes a day, {cells * 1e-12:g}e6 cells/mL"
        bleed = mu_max * substrate / (half + substrate)
        checks.append(Check(f"cells {label} [1/m3]", cells, course["culture.X"], 1e-6))
        checks.append(Check(f"substrate {label} [mM]", substrate, course["culture.S"], 1e-6))
        checks.append(Check(f"bleed {label} [1/h]", bleed * HOUR, course["culture.bleed_rate"] * HOUR, 1e-6))
    return checks
