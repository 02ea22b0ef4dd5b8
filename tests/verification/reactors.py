"""Aerated and compartmented reactors, solved with scipy from the equations on their pages."""

from collections.abc import Mapping

import numpy as np
from scipy.integrate import solve_ivp
from verification.check import Fmus
from verification.chemistry import GAS_CONSTANT, buffering, charge, dissolved_gas, equilibrium, henry
from verification.course import Comparison, Curve, march, parameters
from verification.culture import IONS, NAMES, SOLUTES, rates

HOUR = 3600.0
MEDIUM = ("glucose", "glutamine", "asparagine", "amino_acids", "carbonate", "sodium", "chloride", "phosphate")
AIR, ATMOSPHERE, DENSITY, HEAT_CAPACITY = 0.2095, 101325.0, 993.0, 4.18e6
SCALE = np.array([1e12, 1e11, 10.0, 1.0, 1.0, 10.0, 10.0, 1.0, 10.0, 0.1, 0.01, 100.0, 100.0, 1.0])
"""Typical amounts of the solutes in a cubic metre: the solver of the reference sees all of the size of 1."""


def cardinal_temperature(t: float, low: float, best: float, high: float) -> float:
    """Return the share of growth at a temperature: Rosso, Lobry and Flandrois 1993."""
    t = min(max(t, low), high)
    under = (best - low) * ((best - low) * (t - best) - (best - high) * (best + low - 2.0 * t))
    return (t - high) * (t - low) ** 2 / under


def cardinal_ph(x: float, low: float, best: float, high: float) -> float:
    """Return the share of growth at a pH: Rosso et al. 1995."""
    x = min(max(x, low), high)
    product = (x - low) * (x - high)
    return product / (product - (x - best) ** 2)


_CONDITIONS = ("T_min", "T_opt", "T_max", "pH_min", "pH_opt", "pH_max", "cold_gain", "q_oxygen", "K_oxygen")
_VESSEL = ("tank_diameter", "impeller_diameter", "n_impellers", "power_number", "headspace", "kLa_ratio", "U",
           "heat_per_oxygen", "p", "correlation.K", "correlation.alpha", "correlation.beta", "volume_start", "T",
           "mu_max")  # fmt: skip
BASE = {"sodium": 1000.0, "carbonate": 500.0}
FEED = {"glucose": 176.0, "glutamine": 20.0, "amino_acids": 100.0, "sodium": 155.0, "chloride": 155.0}
PLAN = (
    (0.0, {"stirrer_speed": 1.0, "gas_flow": 0.03, "gas_oxygen": 0.3, "gas_carbon_dioxide": 0.08,
           "jacket_temperature": 309.5}),
    (20 * HOUR, {"base.V_flow": 2e-6, "feed.V_flow": 5e-6, "jacket_temperature": 306.0}),
    (30 * HOUR, {"base.V_flow": 0.0, "feed.V_flow": 0.0, "harvest_flow": 1e-5, "gas_oxygen": 0.6,
                 "stirrer_speed": 0.7}),
)  # fmt: skip
"""Two days of an aerated reactor: a colder jacket, base, feed, harvest, richer gas."""


def _aerated_speed(u: Mapping[str, float], k: Mapping[str, float], v: Mapping[str, float], t: float, y: np.ndarray):
    """Return the derivatives of solutes, volume, oxygen, enthalpy and gas, and what is compared."""
    amounts, (volume, oxygen, enthalpy, gas_o2, gas_co2) = y[:14] * SCALE, y[14:]
    c = dict(zip(SOLUTES, amounts / volume, strict=True))
    temperature = v["T"] + enthalpy * 1e7 / (HEAT_CAPACITY * volume)
    pH = equilibrium({name: c[name] for name in IONS})
    dissolved = oxygen / volume
    breath = dissolved / (k["K_oxygen"] + dissolved)
    warm = cardinal_temperature(temperature, k["T_min"], k["T_opt"], k["T_max"])
    sour = cardinal_ph(pH, k["pH_min"], k["pH_opt"], k["pH_max"])
    cold = 1.0 + k["cold_gain"] * min(max(k["T_opt"] - temperature, 0.0), k["T_opt"] - k["T_min"]) / 5.0
    net = rates(c, t, k, growth=warm * sour * breath, product=cold * sour * breath)
    uptake = k["q_oxygen"] * warm * c["cells_viable"] * breath
    power = min(volume / v["volume_start"], 1.0) * v["n_impellers"] * v["power_number"] * DENSITY
    power *= u["stirrer_speed"] ** 3 * v["impeller_diameter"] ** 5
    velocity = u["gas_flow"] * GAS_CONSTANT * temperature / v["p"] / (np.pi / 4 * v["tank_diameter"] ** 2)
    kla = v["correlation.K"] * (power / volume) ** v["correlation.alpha"] * velocity ** v["correlation.beta"]
    h_o2, h_co2 = henry("oxygen", temperature), henry("carbon_dioxide", temperature)
    transfer = kla * (h_o2 * v["p"] * gas_o2 - dissolved)
    free = c["carbonate"] * float(dissolved_gas(pH))
    strip = v["kLa_ratio"] * kla * (free - h_co2 * v["p"] * gas_co2)
    f_base, f_feed, f_out = (u.get(name, 0.0) for name in ("base.V_flow", "feed.V_flow", "harvest_flow"))
    speed = np.array([volume * net.get(name, 0.0) - f_out * c[name] for name in SOLUTES])
    speed += f_base * np.array([BASE.get(name, 0.0) for name in SOLUTES])
    speed += f_feed * np.array([FEED.get(name, 0.0) for name in SOLUTES])
    speed[SOLUTES.index("carbonate")] -= volume * strip
    o2 = volume * (transfer - uptake) + (f_base + f_feed) * h_o2 * AIR * ATMOSPHERE - f_out * dissolved
    heat = v["U"] * 4.0 * volume / v["tank_diameter"] * (u["jacket_temperature"] - temperature) + power
    heat += volume * v["heat_per_oxygen"] * uptake
    heat += HEAT_CAPACITY * ((f_base + f_feed) * (298.15 - v["T"]) - f_out * (temperature - v["T"]))
    n_gas = v["headspace"] * v["volume_start"] * v["p"] / (GAS_CONSTANT * v["T"])
    to_broth = volume * (transfer - strip)
    d_o2 = u["gas_flow"] * (u["gas_oxygen"] - gas_o2) - volume * transfer + gas_o2 * to_broth
    d_co2 = u["gas_flow"] * (u["gas_carbon_dioxide"] - gas_co2) + volume * strip + gas_co2 * to_broth
    derivative = np.array([*(speed / SCALE), f_base + f_feed - f_out, o2, heat / 1e7, d_o2 / n_gas, d_co2 / n_gas])
    seen = (pH, temperature, dissolved / (h_o2 * AIR * ATMOSPHERE), free / h_co2, gas_o2, c["glucose"], c["mab"],
            c["cells_viable"])  # fmt: skip
    return derivative, seen


def production_reactor(fmus: Fmus) -> Comparison:
    """Gas transfer, pH, heat and growth over two days."""
    fmu = fmus["BioProcess.Fmus.ProductionReactor"]
    k = parameters(fmu, [f"kinetics.{name}" for name in (*NAMES, *_CONDITIONS)])
    k = {name.removeprefix("kinetics."): value for name, value in k.items()}
    v = parameters(fmu, _VESSEL)
    medium = parameters(fmu, [f"medium.{name}" for name in MEDIUM])
    cells = parameters(fmu, ["cells_start", "viability_start"])
    k["mu_max"] = v["mu_max"]
    start = {name.removeprefix("medium."): value for name, value in medium.items()}
    start |= {"cells_viable": 2e12, "cells_dead": 2e12 * (1 / cells["viability_start"] - 1)}
    volume = v["volume_start"]
    y = np.array([start.get(name, 0.0) * volume for name in SOLUTES]) / SCALE
    y = np.array([*y, volume, volume * henry("oxygen", v["T"]) * AIR * ATMOSPHERE, 0.0, AIR, 0.0004])
    times = np.arange(0.0, 48.5 * HOUR, HOUR / 2)
    inputs: dict[str, float] = {}
    rows = []
    for (begin, change), end in zip(PLAN, [*(at for at, _ in PLAN[1:]), times[-1] + 1.0], strict=True):
        inputs |= change
        here = times[(times >= begin) & (times < end)]
        found = solve_ivp(
            lambda t, y, u=dict(inputs): _aerated_speed(u, k, v, t, y)[0], (begin, min(end, times[-1])), y,
            method="LSODA", rtol=1e-9, atol=1e-10, t_eval=np.unique([*here, min(end, times[-1])]),
        )  # fmt: skip
        rows += [_aerated_speed(inputs, k, v, t, y)[1] for t, y in zip(here, found.y.T, strict=False)]
        y = found.y[:, -1]
    names = ["pH", "temperature", "oxygen", "p_carbon_dioxide", "offgas_oxygen", "glucose", "titre", "viable_cells",
             "harvest.c_mab_aggregate"]  # fmt: skip
    ports = {f"base.c_{name}": c for name, c in BASE.items()} | {f"feed.c_{name}": c for name, c in FEED.items()}
    plan = [(0.0, ports), *PLAN]
    reached = march(fmu, names, times, plan, tolerance=1e-8, cells_start=2e12)
    reached[:, 6] += reached[:, 8]  # the reference does not tell aggregates from antibody
    labels = ["pH", "temperature [K]", "oxygen over that under air [1]", "carbon dioxide [Pa]",
              "oxygen in the off-gas [1]", "glucose [mM]", "antibody and aggregates [g/L]",
              "viable cells [1/m³]"]  # fmt: skip
    curves = [Curve(label, times, np.array([row[i] for row in rows]), reached[:, i], 1e-5)
              for i, label in enumerate(labels)]  # fmt: skip
    return Comparison("aerated reactor over two days", "its balances solved with scipy", tuple(curves))


FLOWS = np.array([
    [0.00, 0.08, 0.00, 0.02, 0.00, 0.00],
    [0.05, 0.00, 0.06, 0.00, 0.00, 0.00],
    [0.00, 0.03, 0.00, 0.05, 0.02, 0.00],
    [0.05, 0.00, 0.00, 0.00, 0.04, 0.01],
    [0.00, 0.00, 0.04, 0.00, 0.00, 0.06],
    [0.00, 0.00, 0.00, 0.03, 0.04, 0.00],
])  # fmt: skip
"""From the zone of the row to the zone of the column [m3/s]; each zone gets what it gives."""
SHARES = {
    "volume_share": np.array([0.10, 0.20, 0.20, 0.15, 0.15, 0.20]),
    "feed_share": np.array([0.8, 0.2, 0.0, 0.0, 0.0, 0.0]),
    "base_share": np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
    "harvest_share": np.array([0.0, 0.0, 0.0, 0.0, 0.3, 0.7]),
    "kLa_share": np.array([0.5, 1.0, 1.5, 1.0, 1.2, 0.8]),
    "depth": np.array([0.5, 1.0, 1.5, 2.0, 2.5, 3.0]),
}
DOSES = (
    (0.0, {"feed.V_flow": 2e-4, "base.V_flow": 0.0, "kLa": 0.004, "gas_oxygen": 0.4, "gas_carbonate": 0.1,
           "harvest_flow": 0.0}),
    (300.0, {"base.V_flow": 1e-4}),
    (420.0, {"base.V_flow": 0.0, "harvest_flow": 3e-4}),
)  # fmt: skip
"""Feed at the top, base in the fourth zone for two minutes, then harvest."""
_ZONES = ("volume_start", "T", "q_oxygen", "K_oxygen", "H_oxygen", "H_carbonate", "kLa_ratio", "p_surface", "tau_pH")


def _zones_speed(u: Mapping[str, float], k: Mapping[str, float], v: Mapping[str, float], t: float, y: np.ndarray):
    """Return the derivatives of volume and, in each zone, of solutes, oxygen and pH."""
    volume, m, oxygen, pH = y[0], y[1:85].reshape(6, 14) * SCALE, y[85:91], y[91:]
    zone = SHARES["volume_share"] * volume
    c = m / zone[:, None]
    by_name = dict(zip(SOLUTES, c.T, strict=True))
    net = rates(by_name, t, k)
    dissolved = oxygen / zone
    pressure = v["p_surface"] + DENSITY * 9.80665 * SHARES["depth"]
    kla = u["kLa"] * SHARES["kLa_share"]
    strip = v["kLa_ratio"] * kla * (by_name["carbonate"] * dissolved_gas(pH)
                                    - v["H_carbonate"] * u["gas_carbonate"] * pressure)  # fmt: skip
    breath = v["q_oxygen"] * by_name["cells_viable"] * dissolved / (v["K_oxygen"] + dissolved)
    gain = kla * (v["H_oxygen"] * u["gas_oxygen"] * pressure - dissolved) - breath
    f_in = u["feed.V_flow"] * SHARES["feed_share"]
    f_base, f_out = u["base.V_flow"] * SHARES["base_share"], u["harvest_flow"] * SHARES["harvest_share"]
    growth = u["feed.V_flow"] + u["base.V_flow"] - u["harvest_flow"]
    surplus = f_in + f_base - f_out - SHARES["volume_share"] * growth

    def moved(x: np.ndarray) -> np.ndarray:
        """Return what exchange, harvest and the spill of surplus volume bring to each zone."""
        send, take = np.maximum(surplus, 0.0), np.maximum(-surplus, 0.0)
        spilled = send @ x / max(send.sum(), 1e-12)
        outflow = FLOWS.sum(axis=1) + f_out + send
        columns = (outflow[:, None], take[:, None]) if x.ndim == 2 else (outflow, take)
        return FLOWS.T @ x - columns[0] * x + columns[1] * spilled

    made = np.array([net.get(name, np.zeros(6)) for name in SOLUTES]).T * zone[:, None]
    made[:, SOLUTES.index("carbonate")] -= strip * zone
    entering = np.outer(f_in, [FEED.get(name, 0.0) for name in SOLUTES])
    entering += np.outer(f_base, [BASE.get(name, 0.0) for name in SOLUTES])
    d_oxygen = zone * gain + moved(dissolved) + f_in * v["H_oxygen"] * AIR * v["p_surface"]
    ions = {name: by_name[name] for name in IONS}
    d_ph = charge(pH, ions) / (buffering(pH, ions) * v["tau_pH"])
    return np.array([growth, *((made + entering + moved(c)) / SCALE).ravel(), *d_oxygen, *d_ph])


def compartment_reactor(fmus: Fmus) -> Comparison:
    """Six uneven zones in a made-up flow field: feed, a pulse of base, harvest."""
    fmu = fmus["BioProcess.Fmus.CompartmentReactor"]
    aerated = fmus["BioProcess.Fmus.ProductionReactor"]  # which shows the parameters of the same culture
    k = parameters(aerated, [f"kinetics.{name}" for name in NAMES])
    k = {name.removeprefix("kinetics."): value for name, value in k.items()} | parameters(aerated, ["mu_max"])
    v = parameters(fmu, _ZONES)
    medium = parameters(fmu, [f"medium.{name}" for name in MEDIUM] + ["cells_start", "viability_start", "pH_start"])
    c = {name: medium[f"medium.{name}"] for name in MEDIUM} | {"cells_viable": medium["cells_start"]}
    c["cells_dead"] = medium["cells_start"] * (1 / medium["viability_start"] - 1)
    volumes = SHARES["volume_share"] * v["volume_start"]
    amounts = np.outer(volumes, [c.get(name, 0.0) for name in SOLUTES]) / SCALE
    oxygen = volumes * v["H_oxygen"] * AIR * v["p_surface"]
    y = np.array([v["volume_start"], *amounts.ravel(), *oxygen, *[medium["pH_start"]] * 6])
    times = np.arange(0.0, 905.0, 5.0)
    inputs: dict[str, float] = {}
    found_all = [y]
    for (begin, change), end in zip(DOSES, [*(at for at, _ in DOSES[1:]), times[-1]], strict=True):
        inputs |= change
        here = times[(times > begin) & (times <= end)]
        found = solve_ivp(lambda t, y, u=dict(inputs): _zones_speed(u, k, v, t, y), (begin, end), y, method="LSODA",
                          rtol=1e-9, atol=1e-11, t_eval=here)  # fmt: skip
        found_all += list(found.y.T)
        y = found.y[:, -1]
    course = np.array(found_all)
    zones = course[:, :1] * SHARES["volume_share"]
    glucose = (
        course[:, 1:85].reshape(-1, 6, 14)[:, :, SOLUTES.index("glucose")] * SCALE[SOLUTES.index("glucose")] / zones
    )
    air = v["H_oxygen"] * AIR * v["p_surface"]
    expected = {
        "pH_zone[4]": course[:, 94], "pH_zone[1]": course[:, 91], "oxygen_zone[3]": course[:, 87] / zones[:, 2] / air,
        "oxygen_zone[6]": course[:, 90] / zones[:, 5] / air, "glucose_zone[1]": glucose[:, 0],
        "glucose_zone[6]": glucose[:, 5], "volume": course[:, 0],
    }  # fmt: skip
    start = {f"{name}[{i + 1}]": float(x) for name, values in SHARES.items() for i, x in enumerate(values)}
    start |= {f"exchange_flow[{i + 1},{j + 1}]": float(FLOWS[i, j]) for i in range(6) for j in range(6)}
    ports = {f"base.c_{name}": x for name, x in BASE.items()} | {f"feed.c_{name}": x for name, x in FEED.items()}
    reached = march(fmu, list(expected), times, [(0.0, ports), *DOSES], tolerance=1e-8, **start)
    labels = ("pH, zone 4", "pH, zone 1", "oxygen, zone 3 [1]", "oxygen, zone 6 [1]", "glucose, zone 1 [mM]",
              "glucose, zone 6 [mM]", "volume [m³]")  # fmt: skip
    curves = [Curve(label, times, values, reached[:, i], 1e-5)
              for i, (label, values) in enumerate(zip(labels, expected.values(), strict=True))]  # fmt: skip
    return Comparison("six zones", "their balances solved with scipy", tuple(curves))
