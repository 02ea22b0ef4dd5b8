"""Coil, membrane with a gel, formulation and hold beside closed forms and scipy, run by cosim from Modelica on."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.integrate import quad
from verification.check import Fmus
from verification.chemistry import GAS_CONSTANT, equilibrium
from verification.course import Comparison, Curve, Setting, compared, integrate, parameters, through_scenario

CLOSED = "closed form"
LMH = 1e-3 / 3600.0
"""Litre per square metre and hour [m/s]."""


def coil(fmus: Fmus) -> Comparison:
    """A tracer steps into 20 tanks, 1 − exp(−x) Σ x^k/k!; and virus at rest, n lg(1 + k τ/n), for five flows."""
    n, volume, flow, k = 20, 0.03, 2e-5, 3e-3
    times = np.arange(0.0, 4501.0, 50.0)
    plan: list[Setting] = [(0.0, {"inlet.V_flow": flow, "inlet.c_histidine": 1.0})]
    reached = through_scenario(fmus, "PlugFlowInactivation", ["outlet.c_histidine"], times, plan, step=50.0,
                               reactor_volume=volume)  # fmt: skip
    x = n * times * flow / volume
    left = sum(np.exp(-x) * x**j / math.factorial(j) for j in range(n))
    flows, ends = np.array([5e-6, 1e-5, 2e-5, 4e-5, 8e-5]), []
    rates = {"rates.k_virus": k, "rates.slope_virus": 0.0, "rates.E_virus": 0.0}
    for rate in flows:
        pump: list[Setting] = [(0.0, {"inlet.V_flow": float(rate), "inlet.c_acetate": 50.0, "inlet.c_sodium": 2.3})]
        found = through_scenario(fmus, "PlugFlowInactivation", ["log_reduction"], [24000.0], pump, step=1200.0,
                                 reactor_volume=volume, **rates)  # fmt: skip
        ends.append(found[0, 0])
    decades = n * np.log10(1.0 + k * volume / flows / n)
    return Comparison("coil", CLOSED, (
        Curve("tracer behind the coil [1]", times, 1.0 - left, reached[:, 0], 1e-6),
        Curve("decades of virus over the residence time", volume / flows, decades, np.array(ends), 1e-6),
    ))  # fmt: skip


def gel_ultrafiltration(fmus: Fmus) -> Comparison:
    """80 L are concentrated from 6 to 90 g/L over 3 m2 with a flux k ln(c_gel/c), then the buffer is exchanged."""
    area, k, gel, volume, c = 3.0, 30.0 * LMH, 200.0, 0.08, 6.0
    levels = np.geomspace(c, 90.0, 25)
    spent = [volume * c / area / k * quad(lambda x: 1.0 / (x * x * math.log(gel / x)), c, level, epsabs=1e-13)[0]
             for level in levels]  # fmt: skip
    turn = round(spent[-1])
    times = np.arange(0.0, turn + 1.0, 10.0)
    start = {"volume_start": volume, "mab_start": c, "heel": 0.0, "area": area, "sieving_mab": 0.0, "law.k": k,
             "law.c_gel": gel, "sieving_small": 0.9, "buffer_start.acetate": 100.0}  # fmt: skip
    names = ["titre", "held_acetate"]
    concentrated = through_scenario(fmus, "UltrafiltrationDiafiltration", names, times, [(0.0, {"filtering": 1})],
                                    step=10.0, **start)  # fmt: skip
    titre = np.interp(spent[:-1], times, concentrated[:, 0])
    exchange = np.arange(0.0, 3601.0, 60.0)
    plan: list[Setting] = [(0.0, {"filtering": 1, "diafiltering": 1})]
    exchanged = through_scenario(fmus, "UltrafiltrationDiafiltration", names, exchange, plan, step=60.0, **start)
    flux = area * k * math.log(gel / c)
    return Comparison("ultrafiltration against a gel", CLOSED, (
        Curve("antibody [g/L]", np.array(spent[:-1]), levels[:-1], titre, 1e-3),
        Curve("acetate while the buffer is exchanged [mol]", exchange, 8.0 * np.exp(-0.9 * flux * exchange / volume),
              exchanged[:, 1], 1e-6),
    ))  # fmt: skip


DOSES: tuple[Setting, ...] = (
    (0.0, {"T_jacket": 313.15}), (3600.0, {"stock_flow": 2e-6}), (10800.0, {"stock_flow": 0.0, "diluent_flow": 1e-6}),
    (18000.0, {"diluent_flow": 0.0}), (432000.0, {"T_jacket": 278.15, "demand": 2e-8}),
)  # fmt: skip
IONS = ("sodium", "chloride", "acetate", "tris", "phosphate", "citrate", "histidine")


def formulation_tank(fmus: Fmus) -> Comparison:
    """Excipients and diluent are dosed, the bulk warms, ages by rates that follow its pH, is cooled and drawn off."""
    stability = ("k_aggregation", "k_acidic", "E_aggregation", "E_acidic", "pH_nominal", "T_nominal")
    names = [f"stability.{name}" for name in stability] + [f"{of}.{ion}" for of in ("stock", "diluent") for ion in IONS]
    chosen = {"stability.slope_acidic": 0.8, "stability.slope_aggregation": -0.3, "stability.k_acidic": 4e-8,
              "stability.k_aggregation": 3e-11, "stock.histidine": 30.0, "stock.sucrose": 1200.0, "tau_jacket": 5400.0,
              "volume_start": 0.03, "mab_start": 120.0, "T_start": 290.0, "buffer_start.acetate": 25.0,
              "buffer_start.sodium": 18.0, "buffer_start.histidine": 5.0}  # fmt: skip
    p = parameters(fmus["BioProcess.Fmus.FormulationTank"], names) | chosen

    def speed(_: float, y: np.ndarray, u: Mapping[str, float]) -> Sequence[float]:
        volume, temperature, mab, acidic, _aggregates, sucrose, *ions = y
        warm = (1.0 / p["stability.T_nominal"] - 1.0 / temperature) / GAS_CONSTANT
        pH = equilibrium(dict(zip(IONS, np.array(ions) / volume, strict=True)))

        def rate(what: str) -> float:
            sour = 10.0 ** (p[f"stability.slope_{what}"] * (pH - p["stability.pH_nominal"]))
            return p[f"stability.k_{what}"] * math.exp(p[f"stability.E_{what}"] * warm) * sour

        k = rate("aggregation") * mab / volume
        stock, diluent = u.get("stock_flow", 0.0), u.get("diluent_flow", 0.0)
        out = u.get("demand", 0.0)
        cooled = (stock + diluent) * (p["T_start"] - temperature) / volume
        leaving = out / volume
        return [
            stock + diluent - out, (u["T_jacket"] - temperature) / p["tau_jacket"] + cooled, -(k + leaving) * mab,
            rate("acidic") * (mab - acidic) - (k + leaving) * acidic, k * mab - leaving * _aggregates,
            stock * p["stock.sucrose"] - leaving * sucrose,
            *(stock * p[f"stock.{ion}"] + diluent * p[f"diluent.{ion}"] - leaving * amount
              for ion, amount in zip(IONS, ions, strict=True)),
        ]  # fmt: skip

    times = np.arange(0.0, 10 * 86400.0 + 1.0, 3600.0)
    first, v0 = [p.get(f"buffer_start.{ion}", 0.0) for ion in IONS], p["volume_start"]
    start = [v0, p["T_start"], v0 * p["mab_start"], 0.0, 0.0, 0.0, *(v0 * c for c in first)]
    found = integrate(speed, start, DOSES, times)
    volume, mab = found[:, 0], found[:, 2]
    pH = np.array([equilibrium(dict(zip(IONS, row[6:] / row[0], strict=True))) for row in found])
    shown = ("temperature", "titre", "acidic", "aggregates", "sucrose", "pH", "volume")
    reached = through_scenario(fmus, "FormulationTank", shown, times, DOSES, step=3600.0, **chosen)
    expected = (found[:, 1], mab / volume, found[:, 3] / mab, found[:, 4] / (found[:, 4] + mab), found[:, 5] / volume,
                pH, volume)  # fmt: skip
    labels = ("temperature [K]", "antibody [g/L]", "acidic variants [1]", "aggregates [1]", "sucrose [mM]", "pH",
              "volume [m³]")  # fmt: skip
    return compared("formulation", times, labels, expected, reached, 1e-5)


WARM_POOL = {"mab": 20.0, "mab_acidic": 3.0, "mab_basic": 2.0, "glycan_galactose": 0.1, "mab_aggregate": 0.1}
HOLD: tuple[Setting, ...] = (
    (0.0, {f"inlet.c_{name}": value for name, value in WARM_POOL.items()} | {"inlet.V_flow": 1e-5, "inlet.T": 310.0}),
    (7200.0, {"inlet.V_flow": 0.0, "demand": 0.0}), (864000.0, {"demand": 1e-7}), (1296000.0, {"demand": 0.0}),
)  # fmt: skip


def ageing_hold(fmus: Fmus) -> Comparison:
    """A warm pool is collected, waits for ten days, is drawn off in part, and waits on, by its rates of ageing."""
    names = ["T_nominal", "E_aggregation", "E_acidic"]
    p = parameters(fmus["BioProcess.Fmus.HoldTank"], [f"stability.{name}" for name in names])
    rates = {"stability.k_aggregation": 4e-10, "stability.k_aggregation_first": 3e-9, "stability.k_acidic": 5e-8}
    warm = {what: math.exp(p[f"stability.E_{what}"] / GAS_CONSTANT * (1 / p["stability.T_nominal"] - 1 / 310.0))
            for what in ("aggregation", "acidic")}  # fmt: skip

    def speed(_: float, y: np.ndarray, u: Mapping[str, float]) -> Sequence[float]:
        volume, mab, acidic, basic, galactose, aggregates = y
        held, flow = max(volume, 1e-9), u["inlet.V_flow"]
        k = rates["stability.k_aggregation_first"] + rates["stability.k_aggregation"] * mab / held
        k, out = k * warm["aggregation"], u.get("demand", 0.0) / held
        turned = rates["stability.k_acidic"] * warm["acidic"] * (mab - acidic - basic)
        fed = [flow * value for value in WARM_POOL.values()]
        made = [-k * mab, turned - k * acidic, -k * basic, -k * galactose, k * mab]
        lost = [out * m for m in (mab, acidic, basic, galactose, aggregates)]
        return [flow - out * held, *(a + b - c for a, b, c in zip(fed, made, lost, strict=True))]

    times = np.arange(0.0, 30 * 86400.0 + 1.0, 7200.0)
    found = integrate(speed, [0.0] * 6, HOLD, times)
    shown = ("volume", "titre", "acidic", "aggregates", "held_glycan_galactose")
    reached = through_scenario(fmus, "HoldTank", shown, times, HOLD, step=7200.0, T_start=310.0, **rates)
    volume, mab, acidic, _, galactose, aggregates = found[1:].T
    expected = (volume, mab / volume, acidic / mab, aggregates / (mab + aggregates), galactose)
    labels = ("volume [m³]", "antibody [g/L]", "acidic variants [1]", "aggregates [1]", "galactose [mol]")
    return compared("hold with ageing", times[1:], labels, expected, reached[1:], 1e-5)
