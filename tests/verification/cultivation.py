"""The fed-batch reactor and a passage of the seed train, run by cosim, beside the equations on their pages."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from verification.check import Fmus
from verification.chemistry import GAS_CONSTANT, charge, equilibrium, protons_lost
from verification.course import Comparison, Setting, compared, integrate, parameters, through_scenario
from verification.culture import IONS, NAMES, SOLUTES, rates
from verification.reactors import MEDIUM

HOUR = 3600.0
VARIANTS = ("mab_acidic", "mab_basic", "glycan_galactose", "glycan_high_mannose", "mab_aggregate")
SCALE = {"cells_viable": 1e12, "cells_dead": 1e11, "glutamine": 1.0, "asparagine": 1.0, "ammonia": 1.0, "mab": 0.1,
         "hcp": 0.01, "sodium": 100.0, "chloride": 100.0, "phosphate": 1.0, "mab_acidic": 0.02, "mab_basic": 0.02,
         "glycan_galactose": 1e-3, "glycan_high_mannose": 1e-4, "mab_aggregate": 1e-3}  # fmt: skip
"""Typical concentrations, 10 unless said otherwise: the solver of the reference sees all of the size of 1."""


def scale(species: Sequence[str]) -> np.ndarray:
    """Return typical concentrations of ``species``."""
    return np.array([SCALE.get(name, 10.0) for name in species])


def gas(c: Mapping[str, float], p: Mapping[str, float]) -> float:
    """Return the carbon dioxide that holds the pH, per volume: as much as charge is left over at the set point."""
    excess = float(charge(p["pH_set"], {name: c[name] for name in IONS}))
    rate = p["k_pH"] * excess / float(protons_lost((6.10, 10.33), p["pH_set"]))
    return rate if rate > 0.0 else rate * c["carbonate"] / (0.1 + c["carbonate"])


def balance(c: Mapping[str, float]) -> float:
    """Return the pH of a broth."""
    return equilibrium({name: c[name] for name in IONS})


FED_BATCH = {
    "mu_max": 1.3e-5, "cells_start": 3.5e11, "viability_start": 0.93, "volume_start": 1.1, "pH_set": 6.85,
    "k_pH": 3e-4, "T": 308.65, "bolus_volume": 0.02, "bolus_duration": 1800.0, "bolus_first": 30 * HOUR,
    "bolus_interval": 20 * HOUR, "bolus_count": 3.0, "bolus_medium.glucose": 300.0, "medium.glucose": 28.0,
    "medium.glutamine": 4.5, "kinetics.age_half": 6e5, "kinetics.n_age": 2.5, "kinetics.mu_death": 4e-7,
    "kinetics.q_mab_max": 9e-19, "kinetics.Y_lactate": 1.5, "kinetics.hcp_cell": 6e-14,
    "kinetics.published.KI_lactate": 45.0, "quality.antibody.acidic": 0.2,
    "quality.antibody.stability.k_acidic": 6e-7, "quality.antibody.stability.k_aggregation": 1e-8,
}  # fmt: skip
"""Numbers other than those of the flagship process."""
FEED = {"glucose": 150.0, "glutamine": 40.0, "asparagine": 20.0, "amino_acids": 120.0, "carbonate": 20.0,
        "sodium": 170.0, "chloride": 120.0, "phosphate": 6.0}  # fmt: skip
SEED = {"cells_viable": 5e12, "cells_dead": 4e11, "glucose": 8.0, "lactate": 22.0, "ammonia": 3.0, "carbonate": 25.0,
        "sodium": 155.0, "chloride": 107.0, "mab": 0.2, "hcp": 0.02, "mab_acidic": 0.05, "mab_basic": 0.03,
        "glycan_galactose": 1.2e-3, "glycan_high_mannose": 2e-4, "mab_aggregate": 4e-3}  # fmt: skip
FED_BATCH_PLAN: tuple[Setting, ...] = (
    (0.0, {f"feed.c_{name}": value for name, value in FEED.items()}
        | {f"inoculum.c_{name}": value for name, value in SEED.items()}
        | {"galactose_content": 1.1, "high_mannose_content": 0.1}),
    (12 * HOUR, {"inoculum.V_flow": 1e-5}), (15 * HOUR, {"inoculum.V_flow": 0.0, "feed.V_flow": 4e-7}),
    (60 * HOUR, {"bolus": 1}), (80 * HOUR, {"bolus": 0, "harvest_flow": 3e-5, "high_mannose_content": 0.2}),
    (83 * HOUR, {"harvest_flow": 0.0, "feed.V_flow": 9e-7}), (120 * HOUR, {"harvest_flow": 2e-6}),
)  # fmt: skip
"""A second inoculum, a feed, an addition on demand beside three scheduled ones, a cut, a bleed."""


def _ageing(c: Mapping[str, float], made: float, u: Mapping[str, float], p: Mapping[str, float]) -> dict[str, float]:
    """Return the net rate of the variants, of the aggregates, and what aggregates take of the antibody."""
    a = {name.rpartition(".")[2]: value for name, value in p.items() if name.startswith("quality.")}
    warm = (1.0 / a["T_nominal"] - 1.0 / p["T"]) / GAS_CONSTANT
    sour = balance(c) - a["pH_nominal"]
    k = (a["k_aggregation_first"] + a["k_aggregation"] * c["mab"]) * math.exp(a["E_aggregation"] * warm)
    k *= 10.0 ** (a["slope_aggregation"] * sour)
    turned = a["k_acidic"] * math.exp(a["E_acidic"] * warm) * 10.0 ** (a["slope_acidic"] * sour)
    turned *= c["mab"] - c["mab_acidic"] - c["mab_basic"]
    clipped = a["k_clipping"] * math.exp(a["E_clipping"] * warm) * c["mab_basic"]
    return {
        "mab": -k * c["mab"], "mab_aggregate": k * c["mab"],
        "mab_acidic": a["acidic"] * made + turned - k * c["mab_acidic"],
        "mab_basic": a["basic"] * made - clipped - k * c["mab_basic"],
        "glycan_galactose": u["galactose_content"] * made / 148.0 - k * c["glycan_galactose"],
        "glycan_high_mannose": u["high_mannose_content"] * made / 148.0 - k * c["glycan_high_mannose"],
    }  # fmt: skip


_STABILITY = [f"quality.antibody.stability.{name}" for name in (
    "k_aggregation", "k_aggregation_first", "E_aggregation", "slope_aggregation", "k_acidic", "E_acidic",
    "slope_acidic", "pH_nominal", "T_nominal")]  # fmt: skip
_ANTIBODY = [f"quality.antibody.{name}" for name in ("acidic", "basic", "k_clipping", "E_clipping")]


def fed_batch_reactor(fmus: Fmus) -> Comparison:
    """A culture of a week with other numbers: inocula, feed, additions, harvest, ageing of the antibody."""
    names = [*(f"kinetics.{name}" for name in NAMES), *_STABILITY, *_ANTIBODY,
             *(f"{of}.{name}" for of in ("medium", "bolus_medium") for name in MEDIUM)]  # fmt: skip
    p = parameters(fmus["BioProcess.Fmus.FedBatchReactor"], names) | FED_BATCH
    k = {name.removeprefix("kinetics."): value for name, value in p.items()}
    species = (*SOLUTES, *VARIANTS)
    size = scale(species)

    def speed(t: float, y: np.ndarray, u: Mapping[str, float]) -> np.ndarray:
        volume, c = y[0], dict(zip(species, y[1:] * size / y[0], strict=True))
        net = rates(c, t, k)
        ageing = _ageing(c, net["mab"], u, p)
        flows = {name: u.get(f"{name}.V_flow", 0.0) for name in ("feed", "inoculum")}
        added, out = u["addition"], u.get("harvest_flow", 0.0)
        m = [
            sum(flow * u.get(f"{port}.c_{name}", 0.0) for port, flow in flows.items())
            + added * p.get(f"bolus_medium.{name}", 0.0)
            + volume * (net.get(name, 0.0) + ageing.get(name, 0.0))
            - out * c[name]
            for name in species
        ]
        m[species.index("carbonate")] += volume * gas(c, p)
        return np.array([sum(flows.values()) + added - out, *(m / size)])

    begins = [p["bolus_first"] + i * p["bolus_interval"] for i in range(round(p["bolus_count"]))]
    begins += [at for at, values in FED_BATCH_PLAN if values.get("bolus")]
    flow = p["bolus_volume"] / p["bolus_duration"]
    pulses = [(at, {"addition": flow}) for at in begins] + [
        (at + p["bolus_duration"], {"addition": 0.0}) for at in begins
    ]
    plan = sorted([(0.0, {"addition": 0.0}), *FED_BATCH_PLAN, *pulses], key=lambda setting: setting[0])
    held = {name: p[f"medium.{name}"] for name in MEDIUM} | {"cells_viable": p["cells_start"]}
    held["cells_dead"] = p["cells_start"] * (1.0 / p["viability_start"] - 1.0)
    times = np.arange(0.0, 168 * HOUR + 1.0, HOUR)
    start = [p["volume_start"], *(p["volume_start"] * np.array([held.get(name, 0.0) for name in species]) / size)]
    found = integrate(speed, start, _merged(plan), times)
    c = dict(zip(species, (found[:, 1:] * size / found[:, :1]).T, strict=True))
    shown = ("viable_cells", "viability", "glucose", "glutamine", "lactate", "ammonia", "titre", "hcp", "pH", "volume",
             "acidic", "basic", "aggregates", "held_glycan_galactose", "held_glycan_high_mannose",
             "held_amino_acids", "held_carbonate")  # fmt: skip
    reached = through_scenario(fmus, "FedBatchReactor", shown, times, FED_BATCH_PLAN, step=HOUR, **FED_BATCH)
    pH = np.array([balance({name: value[i] for name, value in c.items()}) for i in range(len(times))])
    expected = (
        c["cells_viable"], c["cells_viable"] / (c["cells_viable"] + c["cells_dead"]), c["glucose"], c["glutamine"],
        c["lactate"], c["ammonia"], c["mab"], c["hcp"], pH, found[:, 0], c["mab_acidic"] / np.maximum(c["mab"], 1e-9),
        c["mab_basic"] / np.maximum(c["mab"], 1e-9),
        c["mab_aggregate"] / np.maximum(c["mab"] + c["mab_aggregate"], 1e-9),
        *(c[name] * found[:, 0] for name in ("glycan_galactose", "glycan_high_mannose", "amino_acids", "carbonate")),
    )  # fmt: skip
    labels = ("viable cells [1/m³]", "viability [1]", "glucose [mM]", "glutamine [mM]", "lactate [mM]", "ammonia [mM]",
              "antibody [g/L]", "host cell protein [g/L]", "pH", "volume [m³]", "acidic variants [1]",
              "basic variants [1]", "aggregates [1]", "galactose [mol]", "high-mannose glycans [mol]",
              "amino acids [mol]", "carbonate [mol]")  # fmt: skip
    return compared("fed-batch reactor", times, labels, expected, reached, 1e-5)


def _merged(plan: Sequence[Setting]) -> list[Setting]:
    """Return settings with those of the same time joined."""
    joined: dict[float, dict[str, float]] = {}
    for at, values in plan:
        joined.setdefault(at, {}).update(values)
    return list(joined.items())


BY_DENSITY = {
    "mu_max": 1.2e-5, "lag": 30000.0, "volume_max": 0.02, "density": 6e11, "cells_next": 1.2e10, "medium_flow": 4e-6,
    "pH_set": 7.1, "k_pH": 5e-4, "medium.glucose": 30.0, "kinetics.mu_late": 1.5e-6, "kinetics.t_late": 30000.0,
    "kinetics.q_mab_max": 7e-19,
}  # fmt: skip
BY_RATIO = {
    "mu_max": 9e-6, "volume_max": 0.05, "dilution": 3.5, "split": 0.6, "medium_flow": 2e-6, "volume_start": 0.002,
    "cells_start": 8e11, "viability_start": 0.9, "medium.glutamine": 5.0, "T": 307.0,
}  # fmt: skip
ARRIVING = {"cells_viable": 3e12, "cells_dead": 2e11, "glucose": 9.0, "lactate": 18.0, "ammonia": 2.5,
            "carbonate": 30.0, "sodium": 150.0, "chloride": 104.0, "phosphate": 2.0, "mab": 0.1,
            "hcp": 0.01}  # fmt: skip
PASSAGE: tuple[Setting, ...] = (
    (0.0, {f"inoculum.c_{name}": value for name, value in ARRIVING.items()} | {"inoculum.V_flow": 1e-6}),
    (3600.0, {"inoculum.V_flow": 0.0}), (50 * HOUR, {"transfer_flow": 2e-6}), (54 * HOUR, {"transfer_flow": 0.0}),
)  # fmt: skip
"""3.6 L arrive, are topped up, grow for two days; a part is sent on."""


def _passage(fmus: Fmus, rule: float, chosen: Mapping[str, float], times: np.ndarray) -> tuple[list, np.ndarray]:
    """Return the courses expected and reached; rule 1 is by density, 2 by ratio."""
    names = [*(f"kinetics.{name}" for name in NAMES), *(f"medium.{name}" for name in MEDIUM)]
    plain = ("volume_start", "cells_start", "viability_start", "lag", "density", "dilution", "cells_next", "split",
             "pH_set", "k_pH", "kinetics.mu_late", "kinetics.t_late")  # fmt: skip
    p = parameters(fmus["BioProcess.Fmus.SeedReactor"], [*names, *plain]) | chosen
    k = {name.removeprefix("kinetics."): value for name, value in p.items()}
    size, small = 1e-2 * scale(SOLUTES), 1e-5 * p["volume_max"]
    medium = np.array([p.get(f"medium.{name}", 0.0) for name in SOLUTES])
    plan = [(0.0, {**PASSAGE[0][1], "rule": rule}), *PASSAGE[1:]]

    def ramp(left: float) -> float:
        return min(max(left / small, 0.0), 1.0)

    def speed(_: float, y: np.ndarray, u: Mapping[str, float]) -> np.ndarray:
        """Of volume, amounts, age, growth; received volume and cells, medium, volume and cells that left."""
        volume, age, got, cells, added, gone, cells_gone = y[0], *y[[15, 17, 18, 19, 20, 21]]
        c = dict(zip(SOLUTES, y[1:15] * size / max(volume, small), strict=True))
        ready = 1.0 / (1.0 + (math.exp(p["mu_max"] * p["lag"]) - 1.0) * math.exp(-p["mu_max"] * age))
        net = rates(c, age, k, growth=ready, stress=k["mu_late"] * math.exp(-age / k["t_late"]))
        wanted = cells * 1e10 / p["density"] if rule == 1 else p["dilution"] * got
        pump = p["medium_flow"] * ramp(min(p["volume_max"], wanted) - got - added)
        if rule == 1:
            left = min(max(p["cells_next"] - cells_gone * 1e10, 0.0) / max(c["cells_viable"], 1.0), volume)
        else:
            left = max(p["split"] * (volume + gone) - gone, 0.0)
        out = u.get("transfer_flow", 0.0) * ramp(left)
        here = 1.0 if volume > small else 0.0
        mu = (net["cells_viable"] + net["cells_dead"]) / max(c["cells_viable"], 1.0)
        inflow = u["inoculum.V_flow"] * np.array([ARRIVING.get(name, 0.0) for name in SOLUTES])
        m = inflow + pump * medium + volume * np.array([net.get(name, 0.0) for name in SOLUTES])
        m -= out * np.array(list(c.values()))
        m[SOLUTES.index("carbonate")] += volume * gas(c, p)
        flow = u["inoculum.V_flow"]
        tail = [
            here,
            mu * here,
            flow,
            flow * ARRIVING["cells_viable"] / 1e10,
            pump,
            out,
            out * c["cells_viable"] / 1e10,
        ]
        return np.array([flow + pump - out, *(m / size), *tail])

    held = {name: p[f"medium.{name}"] for name in MEDIUM} | {"cells_viable": p["cells_start"]}
    held["cells_dead"] = p["cells_start"] * (1.0 / p["viability_start"] - 1.0)
    first = p["volume_start"]
    m0 = first * np.array([held.get(name, 0.0) for name in SOLUTES]) / size
    found = integrate(
        speed, [first, *m0, 0, 0, first, first * p["cells_start"] / 1e10, 0, 0, 0], plan, np.r_[0.0, times]
    )[1:]
    volume, c = found[:, 0], dict(zip(SOLUTES, (found[:, 1:15] * size / found[:, :1]).T, strict=True))
    pH = [balance({name: value[i] for name, value in c.items()}) for i in range(len(times))]
    expected = [volume, c["cells_viable"], c["cells_viable"] / (c["cells_viable"] + c["cells_dead"]), c["glucose"],
                np.array(pH), found[:, 16] / math.log(2.0), found[:, 20], found[:, 21] * 1e10,
                c["lactate"] * volume, c["mab"] * volume]  # fmt: skip
    shown = ("volume", "viable_cells", "viability", "glucose", "pH", "doublings", "outlet.V_total",
             "outlet.m_cells_viable_total", "held_lactate", "held_mab")  # fmt: skip
    return expected, through_scenario(fmus, "SeedReactor", shown, times, plan, step=600.0, **chosen)


def seed_reactor(fmus: Fmus) -> Comparison:
    """Two passages with other numbers: an empty vessel by density after a lag, one with contents by ratio."""
    times = np.arange(HOUR, 72 * HOUR + 1.0, HOUR)
    courses = [_passage(fmus, rule, chosen, times) for rule, chosen in ((1, BY_DENSITY), (2, BY_RATIO))]
    labels = ("volume [m³]", "viable cells [1/m³]", "viability [1]", "glucose [mM]", "pH", "doublings", "sent on [m³]",
              "cells sent on", "lactate [mol]", "antibody [kg]")  # fmt: skip
    both = [f"{label.partition(' [')[0]} by {rule}{' [' if '[' in label else ''}{label.partition(' [')[2]}"
            for rule in ("density", "ratio") for label in labels]  # fmt: skip
    return compared("passage", times, both, [*courses[0][0], *courses[1][0]],
                    np.hstack([reached for _, reached in courses]), 1e-5)  # fmt: skip
