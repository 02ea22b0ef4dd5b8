"""The anion exchanger, run by cosim, beside the equations on its page: every protein, and glycans on the antibody."""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.integrate import solve_ivp
from verification.check import Fmus
from verification.columns import BED, Piece, counter_ions, passing, settings, small_solutes, solve, transport
from verification.course import Comparison, compared, parameters, through_scenario

PROTEINS = ("mab", "mab_acidic", "mab_basic", "mab_aggregate", "antigen", "hcp", "dna", "protein_a")
"""In the order of the exchanger; the first here is what is neither acidic nor basic."""
CELLS, TANKS = 45, 15
CHOSEN = {
    "diameter": 0.2, "length": 0.25, "porosity": 0.78, "porosity_small": 0.82, "dispersivity": 7e-4, "pH_start": 8.0,
    "exchanger.Lambda": 800.0, "exchanger.c_reference": 300.0, "exchanger.pH_reference": 7.3,
    "exchanger.k_transfer": 0.2, "exchanger.K[2]": 0.4, "exchanger.K[3]": 0.6, "exchanger.K[5]": 0.3,
    "exchanger.K[7]": 0.5, "exchanger.nu[7]": 3.0,
    "exchanger.sigma[2]": 100.0, "storage.sodium": 60.0, "storage.chloride": 75.0,
    "storage.tris": 40.0,
}  # fmt: skip
"""Another bed, resin and buffer than those of the flagship process."""
FLOW = 4e-5
LOAD = {"sodium": 120.0, "chloride": 110.0, "tris": 30.0, "acetate": 20.0, "mab": 12.0, "mab_acidic": 2.5,
        "mab_basic": 1.2, "glycan_galactose": 0.1, "mab_aggregate": 0.3, "antigen": 0.2, "hcp": 0.05, "dna": 1e-3,
        "protein_a": 2e-3}  # fmt: skip
PIECES: tuple[Piece, ...] = (
    (0.0, 600.0, {"sodium": 60.0, "chloride": 75.0, "tris": 40.0}), (600.0, 2400.0, LOAD),
    (2400.0, 2900.0, {"sodium": 60.0, "chloride": 75.0, "tris": 40.0}),
    (2900.0, 4200.0, {"sodium": 1000.0, "chloride": 1015.0, "tris": 40.0}),
)  # fmt: skip
"""Rinse, load, chase, strip."""
State = Callable[[float], np.ndarray]


def _steric(k: Mapping[str, float], bed: Mapping[str, float], pH: State, times: np.ndarray) -> tuple[np.ndarray, State]:
    """Return salt and proteins along the bed, dissolved and bound: steric mass action over pH, limited in rate."""
    width = len(PROTEINS)
    row = {what: np.array([k[f"exchanger.{what}[{i + 2}]"] for i in range(width)])
           for what in ("K", "nu", "nu_pH", "sigma", "molar_mass")}  # fmt: skip
    ratio, fast = bed["porosity"] / (1.0 - bed["porosity"]), k["exchanger.k_transfer"]
    sites, at_rest = k["exchanger.Lambda"], k["exchanger.k_des"]

    def speed(t: float, y: np.ndarray, inlet: Mapping[str, float]) -> np.ndarray:
        state = y.reshape(CELLS, 2 * width + 1)
        c, q, tanks = state[:, : width + 1], state[:, width + 1 :], pH(t)
        local = np.repeat(tanks, CELLS // TANKS)[:, None]
        z = np.maximum(row["nu"] + row["nu_pH"] * (local - k["exchanger.pH_reference"]), 0.0)
        free = sites - (q * (row["nu"] + row["sigma"]) / row["molar_mass"]).sum(axis=1)
        on = at_rest * row["K"] * (np.maximum(free, 1e-6) / sites)[:, None] ** z
        off = at_rest * (np.maximum(c[:, :1], 1e-3) / k["exchanger.c_reference"]) ** z
        bound = (on * c[:, 1:] - off * q) / (1.0 + (on + off) / fast)
        flow = transport(c, entering(inlet, tanks[0]), bed)
        flow[:, 1:] -= bound / ratio
        return np.hstack([flow, bound]).ravel()

    start = np.zeros((CELLS, 2 * width + 1))
    start[:, 0] = counter_ions(bed["pH_start"], PIECES[0][2])
    rows, dense = solve(speed, start.ravel(), PIECES, times, (5 * width + 2, 3 * width + 1))
    shape = (CELLS, 2 * width + 1)
    return rows.reshape(-1, *shape), lambda t: dense(t).reshape(shape)


def entering(inlet: Mapping[str, float], pH: float) -> np.ndarray:
    """Return salt and proteins that enter; the pH that counts their ions is that of the first tank."""
    of = np.array([inlet.get(name, 0.0) for name in PROTEINS])
    of[0] -= of[1] + of[2]
    return np.array([counter_ions(pH, inlet), *of])


def _galactose(bed: Mapping[str, float], proteins: State, pH: State, times: np.ndarray) -> np.ndarray:
    """Return galactose that leaves: each tank passes it on in proportion to its antibody, bound or not."""
    volume = np.pi / 4 * bed["diameter"] ** 2 * bed["length"] / CELLS
    per = CELLS // TANKS

    def antibody(t: float, inlet: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray, float]:
        """Return what the tanks hold of antibody, what passes their faces, what leaves."""
        state = proteins(t)
        mass = bed["porosity"] * volume * state[:, 1:4] + (1.0 - bed["porosity"]) * volume * state[:, 9:12]
        faces = passing(state[:, :4], entering(inlet, 7.0)[:4], bed)[:, 1:].sum(axis=1)
        return mass.sum(axis=1).reshape(TANKS, per).sum(axis=1), faces[::per], state[-1, 1:4].sum()

    def share(t: float, m: np.ndarray, inlet: Mapping[str, float]) -> np.ndarray:
        return m / (np.maximum(antibody(t, inlet)[0], 0.0) + 1e-12)

    rows, m = [0.0], np.zeros(TANKS)
    for begin, end, inlet in PIECES:

        def speed(t: float, m: np.ndarray, inlet: Mapping[str, float] = inlet) -> np.ndarray:
            y, faces = share(t, m, inlet), antibody(t, inlet)[1]
            moved = faces[1:] * y
            first = bed["flow"] * inlet.get("glycan_galactose", 0.0)
            return np.array([first, *moved[:-1]]) - moved

        here = times[(times > begin) & (times <= end)]
        found = solve_ivp(speed, (begin, end), m, "BDF", np.unique([*here, end]), rtol=1e-6, atol=1e-10)
        rows += [max(antibody(t, inlet)[2], 0.0) * share(t, state, inlet)[-1]
                 for t, state in zip(here, found.y.T, strict=False)]  # fmt: skip
        m = found.y[:, -1]
    return np.array(rows)


def anion_exchange(fmus: Fmus) -> Comparison:
    """Rinse, load at pH 7.5, chase and strip of another bed, on the 45 cells of the FMU."""
    names = [f"exchanger.{what}[{i}]" for what in ("K", "nu", "nu_pH", "sigma", "molar_mass") for i in range(2, 10)]
    resin = ("exchanger.Lambda", "exchanger.k_transfer", "exchanger.k_des", "exchanger.c_reference",
             "exchanger.pH_reference")  # fmt: skip
    k = parameters(fmus["BioProcess.Fmus.AnionExchange"], [*names, *resin, *BED]) | CHOSEN
    bed = {name: k[name] for name in BED} | {"flow": FLOW}
    times = np.arange(0.0, 4201.0, 20.0)
    ions = ("sodium", "chloride", "acetate", "tris")
    pH, pH_at = small_solutes(TANKS, ions, PIECES[0][2], bed, PIECES, times)
    rows, proteins = _steric(k, bed, pH_at, times)
    out = rows[:, -1]
    plan = settings(PIECES, 0, FLOW)
    plan[1] = settings([PIECES[1]], 1, FLOW)[0]
    shown = ("pH", "salt", *(f"outlet.c_{name}" for name in PROTEINS), "bound", "outlet.c_glycan_galactose")
    reached = through_scenario(fmus, "AnionExchange", shown, times, plan, step=20.0, tolerance=1e-8, **CHOSEN)
    bound = (1.0 - bed["porosity"]) * rows[:, :, 9:12].sum(axis=(1, 2)) / CELLS
    bound += bed["porosity"] * rows[:, :, 1:4].sum(axis=(1, 2)) / CELLS
    antigen = ((1.0 - bed["porosity"]) * rows[:, :, 13] + bed["porosity"] * rows[:, :, 5]).sum(axis=1) / CELLS
    expected = (pH[:, -1], out[:, 0], out[:, 1:4].sum(axis=1), *out[:, 2:9].T, bound + antigen,
                _galactose(bed, proteins, pH_at, times))  # fmt: skip
    labels = ("pH", "salt [mM]", "antibody [g/L]", "acidic variants [g/L]", "basic variants [g/L]",
              "aggregates [g/L]", "antigen [g/L]", "host cell protein [g/L]", "DNA [g/L]", "Protein A [g/L]",
              "product in the bed [g/L]", "galactose [mM]")  # fmt: skip
    return compared("anion exchanger", times, labels, expected, reached, 1e-4)
