"""Filters and a centrifuge beside their closed forms."""

import json
import math

import numpy as np
from library_fmu import LIBRARY
from scipy.integrate import cumulative_simpson
from verification.check import Fmus
from verification.course import Comparison, Curve, march, parameters

CLOSED = "closed form"
SPECIES_FILE = LIBRARY / "Resources" / "species.json"


def _retained(r: float, load: float, capacity: float, hold: float, flow: float, times: np.ndarray) -> np.ndarray:
    """Return what of a load [kg/s] that takes up less and less has left a mixed housing [kg].

    What enters it is load (1 − r exp(−b t)), b = r load/capacity; what leaves it is a m, a = flow/hold.
    """
    a, b = flow / hold, r * load / capacity
    held = load * (1.0 - np.exp(-a * times)) / a - r * load * (np.exp(-b * times) - np.exp(-a * times)) / (a - b)
    taken = capacity * (1.0 - np.exp(-b * times))
    return load * times - taken - held


def sterile_filter(fmus: Fmus) -> Comparison:
    """A constant flow through standard blocking: pressure, and antibody that the membrane takes up less and less."""
    fmu = fmus["BioProcess.Fmus.SterileFilter"]
    p = parameters(fmu, ["area", "J_clean", "p_nominal", "K_standard", "volume_hold", "retention_mab", "capacity_mab"])
    flow, c, times = 2e-5, 10.0, np.arange(0.0, 6001.0, 60.0)
    inlet = {"feed.V_flow": flow, "feed.T": 298.15, "feed.c_mab": c}
    reached = march(fmu, ["pressure_drop", "permeate.m_mab_total"], times, [(0.0, inlet)])
    relative = (1.0 - p["K_standard"] * flow * times / p["area"] / 2.0) ** 2
    drop = p["p_nominal"] * flow / p["area"] / p["J_clean"] / relative
    sent = _retained(p["retention_mab"], flow * c, p["capacity_mab"] * p["area"], p["volume_hold"], flow, times)
    return Comparison("sterile filter at a constant flow", CLOSED, (
        Curve("pressure drop [Pa]", times[1:], drop[1:], reached[1:, 0], 1e-7),
        Curve("antibody that has passed [kg]", times, sent, reached[:, 1], 1e-7),
    ))  # fmt: skip


def depth_filter(fmus: Fmus) -> Comparison:
    """A constant flow of broth: DNA and host cell protein that the filter holds back less and less."""
    fmu = fmus["BioProcess.Fmus.DepthFilter"]
    p = parameters(fmu, ["area", "volume_hold", "J_clean", "p_nominal", "K_standard", "retention_hcp", "capacity_hcp",
                         "retention_dna", "capacity_dna"])  # fmt: skip
    flow, load, times = 4e-4, {"hcp": 0.3, "dna": 0.02}, np.arange(0.0, 14401.0, 120.0)
    inlet = {"feed.V_flow": flow, "feed.T": 298.15} | {f"feed.c_{name}": c for name, c in load.items()}
    names = ["pressure_drop", *(f"permeate.m_{name}_total" for name in load)]
    reached = march(fmu, names, times, [(0.0, inlet)])
    relative = (1.0 - p["K_standard"] * flow * times / p["area"] / 2.0) ** 2
    drop = p["p_nominal"] * flow / p["area"] / p["J_clean"] / relative
    curves = [Curve("pressure drop [Pa]", times[1:], drop[1:], reached[1:, 0], 1e-7)]
    for i, (name, c) in enumerate(load.items(), 1):
        capacity = p[f"capacity_{name}"] * p["area"]
        sent = _retained(p[f"retention_{name}"], flow * c, capacity, p["volume_hold"], flow, times)
        curves.append(Curve(f"{name.upper()} that has passed [kg]", times, sent, reached[:, i], 1e-7))
    return Comparison("depth filter at a constant flow", CLOSED, tuple(curves))


def virus_filter(fmus: Fmus) -> Comparison:
    """A constant flow through intermediate blocking: the log reduction falls with the flux that is left."""
    fmu = fmus["BioProcess.Fmus.VirusFilter"]
    p = parameters(fmu, ["area", "K_intermediate", "lrv_clean", "lrv_loss"])
    flow, times = 1.5e-5, np.linspace(0.0, 1.2e5, 401)
    reached = march(fmu, ["lrv_now", "lrv"], times, [(0.0, {"feed.V_flow": flow, "feed.T": 298.15})])
    now = p["lrv_clean"] - p["lrv_loss"] * (1.0 - np.exp(-p["K_intermediate"] * flow * times / p["area"]))
    passed = cumulative_simpson(10.0**-now, x=times, initial=0.0)
    so_far = np.array([p["lrv_clean"], *-np.log10(passed[1:] / times[1:])])
    return Comparison("virus filter at a constant flow", CLOSED, (
        Curve("log reduction at this moment", times, now, reached[:, 0], 1e-7),
        Curve("log reduction so far", times, so_far, reached[:, 1], 1e-6),
    ))  # fmt: skip


def disk_stack(fmus: Fmus) -> Comparison:
    """Broth at three flows, until the bowl is at rest: cells that slip through, and liquid lost with the solids."""
    fmu = fmus["BioProcess.Fmus.DiskStack"]
    p = parameters(fmu, ["n_disks", "r_outer", "r_inner", "omega", "angle", "efficiency", "d_viable", "delta_rho",
                         "eta", "bypass", "packing", "lysis", "d_debris", "debris_cell", "hcp_cell"])  # fmt: skip
    cells, hcp, g = 1.5e13, 0.3, 9.80665
    radii = p["r_outer"] ** 3 - p["r_inner"] ** 3
    sigma = 2.0 * math.pi * p["n_disks"] * p["omega"] ** 2 * radii / (3.0 * g * math.tan(p["angle"]))
    names = ["centrate.c_cells_viable", "centrate.c_hcp", "solids.V_flow"]
    flows, rows = np.array([5e-5, 1.5e-4, 3e-4]), []
    for flow in flows:
        inlet = {"feed.V_flow": flow, "feed.T": 300.0, "feed.c_cells_viable": cells, "feed.c_hcp": hcp}
        rows.append(march(fmu, names, [2e4], [(0.0, inlet)])[0])

    def kept(d: float) -> np.ndarray:
        capacity = p["delta_rho"] * d**2 * g / (18.0 * p["eta"]) * sigma * p["efficiency"]
        return (1.0 - p["bypass"]) * (1.0 - np.exp(-((0.865**2 * capacity / flows) ** 1.04)))

    whole, debris = cells * (1.0 - p["lysis"]), p["debris_cell"] * p["lysis"] * cells
    volume = {name: facts.get("volume", 0.0) for name, facts in json.loads(SPECIES_FILE.read_text()).items()}
    phi = volume["cells_viable"] * whole + volume["debris"] * debris
    packed = kept(p["d_viable"]) * volume["cells_viable"] * whole + kept(p["d_debris"]) * volume["debris"] * debris
    split = packed / p["packing"]
    dissolved = hcp + p["hcp_cell"] * p["lysis"] * cells
    left = 1.0 - split * (1.0 - p["packing"]) / (1.0 - phi)
    expected = np.column_stack([
        whole * (1.0 - kept(p["d_viable"])) / (1.0 - split), dissolved * left / (1.0 - split), split * flows,
    ])  # fmt: skip
    labels = ("cells in the centrate [1/m³]", "host cell protein in the centrate [g/L]", "solids [m³/s]")
    return Comparison("centrifuge at rest, over the flow", CLOSED, tuple(
        Curve(label, flows, expected[:, i], np.array(rows)[:, i], 1e-6) for i, label in enumerate(labels)
    ))  # fmt: skip
