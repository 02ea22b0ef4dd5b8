"""Seed train, virus inactivation, ultrafiltration and filling, solved with scipy from the equations on their pages."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import brentq
from verification.check import Fmus
from verification.chemistry import GAS_CONSTANT, charge, equilibrium, protons_lost
from verification.course import Comparison, Setting, compared, integrate, march, parameters
from verification.culture import IONS, NAMES, SOLUTES, rates
from verification.reactors import MEDIUM


def smoothstep(x: float) -> float:
    """Return the share of a flow that contents can meet: 3x² − 2x³ between 0 and 1."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


def thaw(fmus: Fmus) -> Comparison:
    """One vial in a flask for four days: dilution, lag, late death, growth, carbon dioxide that holds the pH."""
    fmu = fmus["BioProcess.Fmus.Thaw"]
    k = parameters(fmu, [f"kinetics.{name}" for name in (*NAMES, "t_late")])
    k = {name.removeprefix("kinetics."): value for name, value in k.items()}
    v = parameters(fmu, ["mu_max", "lag", "mu_late", "vials", "vial_volume", "cells_vial", "viability_thaw", "density",
                         "medium_flow", "volume_max", "pH_set", "k_pH"])  # fmt: skip
    medium = {name: parameters(fmu, [f"medium.{name}"])[f"medium.{name}"] for name in MEDIUM}
    k["mu_max"] = v["mu_max"]
    first = v["vials"] * v["vial_volume"]
    viable = v["cells_vial"] * v["viability_thaw"]
    target = min(v["volume_max"], viable * first / v["density"])
    held = medium | {"cells_viable": viable, "cells_dead": viable * (1 / v["viability_thaw"] - 1)}
    scale = 1e-4 * np.array([1e12, 1e11, 10, 1, 1, 10, 10, 1, 10, 0.1, 0.01, 100, 100, 1.0])

    def speed(t: float, y: np.ndarray, _: Mapping[str, float]) -> np.ndarray:
        volume, c = y[0], dict(zip(SOLUTES, y[1:] * scale / y[0], strict=True))
        share = min(max((target - volume) / (1e-5 * v["volume_max"]), 0.0), 1.0)
        flow = v["medium_flow"] * share
        ready = 1.0 / (1.0 + (math.exp(v["mu_max"] * v["lag"]) - 1.0) * math.exp(-v["mu_max"] * t))
        net = rates(c, t, k, growth=ready, stress=v["mu_late"] * math.exp(-t / k["t_late"]))
        excess = float(charge(v["pH_set"], {name: c[name] for name in IONS}))
        gas = v["k_pH"] * excess / float(protons_lost((6.10, 10.33), v["pH_set"]))
        gas *= 1.0 if gas > 0.0 else c["carbonate"] / (0.1 + c["carbonate"])
        m = np.array([flow * medium.get(name, 0.0) + volume * net.get(name, 0.0) for name in SOLUTES])
        m[SOLUTES.index("carbonate")] += volume * gas
        return np.array([flow, *(m / scale)])

    times = np.arange(0.0, 4 * 86400.0 + 1.0, 3600.0)
    start = [first, *(np.array([held.get(name, 0.0) * first for name in SOLUTES]) / scale)]
    found = integrate(speed, start, [(0.0, {})], times)
    c = found[:, 1:] * scale / found[:, :1]
    names = ["viable_cells", "viability", "glucose", "pH", "volume"]
    reached = march(fmu, names, times)
    pH = [equilibrium(dict(zip(IONS, row[[SOLUTES.index(name) for name in IONS]], strict=True))) for row in c]
    expected = (c[:, 0], c[:, 0] / (c[:, 0] + c[:, 1]), c[:, 2], np.array(pH), found[:, 0])
    labels = ("viable cells [1/m³]", "viability [1]", "glucose [mM]", "pH", "volume [m³]")
    return compared("thaw in a flask", times, labels, expected, reached, 1e-5)


POOL = {"sodium": 2.3, "acetate": 50.0, "mab": 15.0}
INACTIVATION: tuple[Setting, ...] = (
    (0.0, {"inlet.V_flow": 5e-4, "inlet.T": 290.0}), (600.0, {"inlet.V_flow": 0.0}),
    (700.0, {"titrating": 1, "pH_set": 3.55}), (1500.0, {"titrating": 0}), (4200.0, {"titrating": 1, "pH_set": 5.5}),
)  # fmt: skip


def virus_inactivation(fmus: Fmus) -> Comparison:
    """Fill with a cold pool, acidify, hold, neutralise."""
    fmu = fmus["BioProcess.Fmus.VirusInactivation"]
    names = [f"rates.{name}" for name in ("k_virus", "slope_virus", "E_virus", "k_aggregation", "slope_aggregation",
                                          "E_aggregation", "pH_nominal", "T_nominal")]  # fmt: skip
    p = parameters(fmu, [*names, "titrant_flow", "band", "heel", "acid.chloride", "base.tris"])
    species = ("sodium", "chloride", "acetate", "tris", "mab", "mab_aggregate")

    def state(y: np.ndarray) -> tuple[float, float]:
        c = dict(zip(species, y[1:7] / y[0], strict=True))
        return equilibrium({name: c[name] for name in species[:4]}), 298.15 + y[7] * 1e6 / (4.18e6 * y[0])

    def speed(_: float, y: np.ndarray, u: Mapping[str, float]) -> Sequence[float]:
        pH, temperature = state(y)

        def rate(what: str) -> float:
            warm = math.exp(p[f"rates.E_{what}"] / GAS_CONSTANT * (1 / p["rates.T_nominal"] - 1 / temperature))
            return p[f"rates.k_{what}"] * 10.0 ** (p[f"rates.slope_{what}"] * (p["rates.pH_nominal"] - pH)) * warm

        distance = (pH - u.get("pH_set", pH)) / p["band"]
        ready = smoothstep((y[0] - p["heel"]) / 1e-4) * u.get("titrating", 0)
        acid, base = (p["titrant_flow"] * min(max(x, 0.0), 1.0) * ready for x in (distance, -distance))
        flow, lost = u["inlet.V_flow"], rate("aggregation") * y[5]
        fed = flow / max(y[9], 1e-4) * (math.exp(min(y[8], 20.0)) - 1.0)
        m = [flow * POOL.get(name, 0.0) for name in species]
        m[1] += acid * p["acid.chloride"]
        m[3] += base * p["base.tris"]
        m[4] -= lost
        m[5] += lost
        return [flow + acid + base, *m, 4.18 * flow * (u["inlet.T"] - 298.15), rate("virus") - fed, flow]

    # a little of the pool is there at the start, so that its pH is defined; the FMU has the same
    small = 0.01
    times = np.arange(0.0, 5405.0, 15.0)
    start = [small, *(small * POOL.get(name, 0.0) for name in species), 0.0, 0.0, small]
    found = integrate(speed, start, INACTIVATION, times)
    given = [state(row) for row in found]
    held = {"volume_start": small, "mab_start": POOL["mab"], "buffer_start.sodium": POOL["sodium"],
            "buffer_start.acetate": POOL["acetate"]}  # fmt: skip
    ports = {f"inlet.c_{name}": value for name, value in POOL.items()}
    reached = march(fmu, ["pH", "log_reduction", "aggregates", "volume"], times, [(0.0, ports), *INACTIVATION], **held)
    share = found[:, 6] / (found[:, 5] + found[:, 6])
    expected = ([pH for pH, _ in given], found[:, 8] / math.log(10.0), share, found[:, 0])
    labels = ("pH", "log reduction [decades]", "aggregates [1]", "volume [m³]")
    return compared("virus inactivation", times, labels, expected, reached, 1e-5)


MEMBRANE: tuple[Setting, ...] = (
    (0.0, {"filtering": 1, "pressure": 1.2e5}), (1500.0, {"diafiltering": 1}), (3000.0, {"diafiltering": 0}),
    (3300.0, {"filtering": 0, "cleaning": 1}),
)  # fmt: skip


def osmotic_ultrafiltration(fmus: Fmus) -> Comparison:
    """Concentrate, exchange the buffer, concentrate, clean: flux by osmotic pressure, fouling, sieving of antibody."""
    fmu = fmus["BioProcess.Fmus.OsmoticUltrafiltration"]
    law = parameters(fmu, [f"law.{name}" for name in ("permeability", "k", "a1", "a2", "a3")])
    p = parameters(fmu, ["irreversible", "k_cleaning", "buffer.histidine"])
    area, sieving, fouling = 5.0, 0.01, 0.002

    def clean_flux(c: float, pressure: float) -> float:
        def excess(j: float) -> float:
            w = c * math.exp(j / law["law.k"])
            osmosis = w * (law["law.a1"] + w * (law["law.a2"] + w * law["law.a3"]))
            return law["law.permeability"] * (pressure - osmosis) - j

        return brentq(excess, 0.0, law["law.permeability"] * pressure, xtol=1e-16) if excess(0.0) > 0.0 else 0.0

    def flux(y: np.ndarray, u: Mapping[str, float]) -> float:
        return u["filtering"] * clean_flux(y[1] / y[0], u["pressure"]) / (1.0 + y[3] + y[4])

    def speed(_: float, y: np.ndarray, u: Mapping[str, float]) -> Sequence[float]:
        j = flux(y, u)
        volume, buffer = area * j, area * j * u.get("diafiltering", 0)
        deposit = fouling * j * y[1] / y[0]
        washed = p["k_cleaning"] * y[3] * u.get("cleaning", 0)
        return [buffer - volume, -sieving * volume * y[1] / y[0],
                buffer * p["buffer.histidine"] - volume * y[2] / y[0],
                (1.0 - p["irreversible"]) * deposit - washed, p["irreversible"] * deposit]  # fmt: skip

    times = np.arange(0.0, 4210.0, 30.0)
    found = integrate(speed, [0.1, 0.1 * 10.0, 0.0, 0.0, 0.0], MEMBRANE, times)
    start = {"volume_start": 0.1, "mab_start": 10.0, "area": area, "sieving_mab": sieving, "fouling": fouling}
    names = ["titre", "volume", "resistance", "held_histidine"]
    reached = march(fmu, names, times, MEMBRANE, **start)
    expected = (found[:, 1] / found[:, 0], found[:, 0], found[:, 3] + found[:, 4], found[:, 2])
    labels = ("antibody [g/L]", "volume [m³]", "fouling [1]", "histidine [mol]")
    return compared("ultrafiltration against osmosis", times, labels, expected, reached, 1e-5)


FILLING: tuple[Setting, ...] = (
    (0.0, {"inlet.V_flow": 5e-5, "filling": 0}), (200.0, {"filling": 1}), (600.0, {"inlet.V_flow": 0.0}),
)  # fmt: skip


def fill_line(fmus: Fmus) -> Comparison:
    """A surge vessel that is filled, then feeds the needles until only the heel is left."""
    fmu = fmus["BioProcess.Fmus.FillLine"]
    p = parameters(fmu, ["fill_flow", "container_volume", "rejected", "heel"])

    def speed(_: float, y: np.ndarray, u: Mapping[str, float]) -> Sequence[float]:
        flow = p["fill_flow"] * u["filling"] * smoothstep((y[0] - p["heel"]) / 1e-6)
        return [u["inlet.V_flow"] - flow, (1.0 - p["rejected"]) * flow, p["rejected"] * flow]

    times = np.arange(0.0, 1510.0, 10.0)
    found = integrate(speed, [0.0, 0.0, 0.0], FILLING, times)
    reached = march(fmu, ["volume", "containers", "rejects.V_total"], times, FILLING)
    labels = ("volume [m³]", "containers", "rejected [m³]")
    return compared("filling line", times, labels, (found[:, 0], found[:, 1] / p["container_volume"], found[:, 2]),
                       reached, 1e-5)  # fmt: skip
