"""The plant's columns, solved with scipy on their own grid and on a finer one, from the equations on their page."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.polynomial import Polynomial
from scipy.integrate import solve_ivp
from scipy.special import roots_jacobi
from verification.check import Fmus
from verification.chemistry import buffering, charge, protons_lost
from verification.course import Comparison, Curve, Setting, march, parameters

FLOW = 600e-3 / 3600.0
Piece = tuple[float, float, Mapping[str, float]]
"""From one time to another [s], what flows in [mol/m3 or kg/m3]."""
BED = ("diameter", "length", "porosity", "porosity_small", "dispersivity", "tau_pH", "pH_start")


def fluxes(c: np.ndarray, c_in: np.ndarray) -> np.ndarray:
    """Return concentrations at the faces of cells × solutes: Hemker's and Koren's limiter of the ratio of slopes."""
    slopes = np.diff(np.vstack([2.0 * c_in - c[0], c]), axis=0)
    before, after = slopes[:-1], slopes[1:]
    safe = np.where(np.abs(before) < 1e-300, 1.0, before)
    r = np.minimum(np.where(before * after > 0.0, after / safe, 0.0), 1e9)
    limiter = (2.0 * r * r + r) / (2.0 * r * r - r + 2.0)
    return np.vstack([c_in, c[:-1] + 0.5 * limiter * before, c[-1]])


def transport(c: np.ndarray, c_in: np.ndarray, bed: Mapping[str, float]) -> np.ndarray:
    """Return what flow and dispersion change in the liquid of each cell [amount/(m3.s)]."""
    n = len(c)
    volume = np.pi / 4 * bed["diameter"] ** 2 * bed["length"]
    return -np.diff(passing(c, c_in, bed), axis=0) * n / (bed["porosity"] * volume)


def passing(c: np.ndarray, c_in: np.ndarray, bed: Mapping[str, float]) -> np.ndarray:
    """Return what flow and dispersion carry over each face [amount/s]."""
    faces = bed["flow"] * fluxes(c, c_in)
    faces[1:-1] -= len(c) * bed["dispersivity"] / bed["length"] * bed["flow"] * np.diff(c, axis=0)
    return faces


def solve(
    speed: Callable[[float, np.ndarray, Mapping[str, float]], np.ndarray],
    start: np.ndarray,
    pieces: Sequence[Piece],
    times: np.ndarray,
    band: tuple[int, int],
) -> tuple[np.ndarray, Callable[[float], np.ndarray]]:
    """Return the states at ``times``, and at any time, through pieces of constant inlet."""
    rows, dense, y = [start], [], start
    for begin, end, inlet in pieces:
        found = solve_ivp(lambda t, y, c=inlet: speed(t, y, c), (begin, end), y, method="LSODA", rtol=3e-6, atol=1e-8,
                          dense_output=True, lband=band[0], uband=band[1])  # fmt: skip
        rows += [found.sol(t) for t in times[(times > begin) & (times <= end)]]
        dense.append((end, found.sol))
        y = found.y[:, -1]
    return np.array(rows), lambda t: next(sol for end, sol in dense if t <= end)(t)


def small_solutes(
    n: int,
    ions: Sequence[str],
    start: Mapping[str, float],
    bed: Mapping[str, float],
    pieces: Sequence[Piece],
    times: np.ndarray,
) -> tuple[np.ndarray, Callable[[float], np.ndarray]]:
    """Return pH in each of ``n`` tanks in series at ``times``, and as a function of time."""
    volume = np.pi / 4 * bed["diameter"] ** 2 * bed["length"] * bed["porosity_small"]
    width = len(ions) + 1

    def speed(_: float, y: np.ndarray, inlet: Mapping[str, float]) -> np.ndarray:
        c = y.reshape(n, width)
        before = np.vstack([[*(inlet.get(name, 0.0) for name in ions), 0.0], c[:-1]])
        rate = n * bed["flow"] / volume * (before - c)
        totals = {name: c[:, i] for i, name in enumerate(ions)}
        rate[:, -1] = charge(c[:, -1], totals) / (buffering(c[:, -1], totals) * bed["tau_pH"])
        return rate.ravel()

    first = np.tile([*(start.get(name, 0.0) for name in ions), bed["pH_start"]], n)
    rows, dense = solve(speed, first, pieces, times, (2 * width - 1, width - 1))
    return rows.reshape(-1, n, width)[:, :, -1], lambda t: dense(t).reshape(n, width)[:, -1]


BUFFERS = {
    "equilibration": {"sodium": 100.0, "chloride": 120.6, "tris": 25.0},
    "wash": {"sodium": 500.0, "chloride": 520.6, "tris": 25.0},
    "elution": {"sodium": 2.3, "acetate": 50.0},
}
HARVEST = {"mab": 4.36, "hcp": 0.35, "sodium": 155.0, "chloride": 107.0, "carbonate": 48.0, "phosphate": 3.0}
CAPTURE: tuple[Piece, ...] = (
    (0.0, 2500.0, HARVEST), (2500.0, 3300.0, BUFFERS["wash"]), (3300.0, 5000.0, BUFFERS["elution"]),
)  # fmt: skip


def settings(pieces: Sequence[Piece], load: int, flow: float = FLOW) -> list[Setting]:
    """Return pieces as inputs: the first ``load`` of them through the port for the load."""
    found: list[Setting] = []
    species = sorted({name for _, _, inlet in pieces for name in inlet})
    for i, (begin, _, inlet) in enumerate(pieces):
        on, off = ("load", "buffer") if i < load else ("buffer", "load")
        values = {f"{on}.c_{name}": inlet.get(name, 0.0) for name in species}
        found.append((begin, values | {f"{on}.V_flow": flow, f"{off}.V_flow": 0.0}))
    return found


def _affinity(
    n: int,
    k: Mapping[str, float],
    bed: Mapping[str, float],
    pH: Callable[[float], np.ndarray],
    name: str,
    times: np.ndarray,
) -> np.ndarray:
    """Return what leaves of a protein that binds by pH: q_max c/(K + c) at rest, K = K_n (1 + 10^(s (pH_b − pH)))."""
    ratio = bed["porosity"] / (1.0 - bed["porosity"])

    def speed(t: float, y: np.ndarray, inlet: Mapping[str, float]) -> np.ndarray:
        c, q = y[0::2], y[1::2]
        local = np.repeat(pH(t), n // 20)
        half = k[f"K_{name}"] * (1.0 + 10.0 ** (k[f"slope_{name}"] * (k[f"pH_{name}"] - local)))
        bound = k[f"k_{name}"] * (c - (c + half) * q / k[f"q_{name}"])
        flow = transport(c[:, None], np.array([inlet.get(name, 0.0)]), bed)[:, 0]
        return np.column_stack([flow - bound / ratio, bound]).ravel()

    return solve(speed, np.zeros(2 * n), CAPTURE, times, (5, 5))[0][:, -2]


def protein_a(fmus: Fmus) -> Comparison:
    """Load, wash and elution by pH, on 60 cells as in the FMU and on 240."""
    fmu = fmus["BioProcess.Fmus.ProteinA"]
    names = [f"{what}_{protein}" for protein in ("mab", "hcp") for what in ("k", "q", "K", "pH", "slope")]
    k, bed = parameters(fmu, names), parameters(fmu, BED) | {"flow": FLOW}
    times = np.arange(0.0, 5010.0, 10.0)
    ions = ("sodium", "chloride", "acetate", "tris", "carbonate", "phosphate")
    pH, pH_at = small_solutes(20, ions, BUFFERS["equilibration"], bed, CAPTURE, times)
    reached = march(fmu, ["pH", "outlet.c_mab", "outlet.c_hcp"], times, settings(CAPTURE, 1))
    mab, hcp = (_affinity(60, k, bed, pH_at, name, times) for name in ("mab", "hcp"))
    fine = _affinity(240, k, bed, pH_at, "mab", times)
    return Comparison("Protein A column", "its equations solved with scipy", (
        Curve("pH behind the column", times, pH[:, -1], reached[:, 0], 1e-5),
        Curve("antibody [g/L]", times, mab, reached[:, 1], 1e-4),
        Curve("host cell protein [g/L]", times, hcp, reached[:, 2], 1e-4),
        Curve("antibody, reference on 240 cells [g/L]", times, fine, reached[:, 1], 0.03),
    ))  # fmt: skip


Particle = tuple[np.ndarray, np.ndarray, float]
"""Shares of a sphere's volume, exchange between them over D/R², and how far the last is below the surface, over R."""


def _radau(n: int) -> Particle:
    """Return ``n`` points of collocation, from polynomials in r² through them.

    The points are those of Gauss and Radau in r², weight √(r²), the last at the surface: there, and where the Jacobi
    polynomial of the others is zero. Exchange is minus the stiffness ∫ φ_i' φ_j' over the sphere's volume.
    """
    inner = roots_jacobi(n - 1, 1.0, 0.5)[0]
    x = np.append(np.sqrt((inner + 1.0) / 2.0), 1.0)
    basis = [Polynomial(np.linalg.solve(np.vander(x**2, increasing=True), row)) for row in np.eye(n)]
    nodes, weights = np.polynomial.legendre.leggauss(4 * n)
    r, weights = (nodes + 1.0) / 2.0, weights / 2.0
    shares = np.array([np.sum(weights * 3.0 * r**2 * phi(r**2)) for phi in basis])
    slopes = np.array([2.0 * r * phi.deriv()(r**2) for phi in basis])
    return shares, -(slopes * weights * 3.0 * r**2) @ slopes.T, 0.0


def _shells(n: int) -> Particle:
    """Return ``n`` shells of equal thickness."""
    faces = np.linspace(0.0, 1.0, n + 1)
    between = 3.0 * faces[1:-1] ** 2 * n
    exchange = np.diag(between, 1) + np.diag(between, -1)
    return np.diff(faces**3), exchange - np.diag(exchange.sum(1)), 0.5 / n


def _general_rate(
    n: int,
    particle: Particle,
    k: Mapping[str, float],
    bed: Mapping[str, float],
    pH: Callable[[float], np.ndarray],
    name: str,
    times: np.ndarray,
) -> np.ndarray:
    """Return what leaves of a protein that passes a film, diffuses and binds."""
    shares, exchange, depth = particle
    width = 1 + 2 * len(shares)
    between, radius = bed["porosity_bed"], bed["d_particle"] / 2.0
    pores = (bed["porosity"] - between) / (1.0 - between)
    own = {**bed, "porosity": between}
    diffusion = k[f"D_pore_{name}"] / radius**2
    film = 3.0 / radius / (1.0 / k[f"k_film_{name}"] + depth / (pores * diffusion * radius))

    def speed(t: float, y: np.ndarray, inlet: Mapping[str, float]) -> np.ndarray:
        y = y.reshape(n, width)
        c, inside, q = y[:, :1], y[:, 1::2], y[:, 2::2]
        local = np.repeat(pH(t), n // 20)[:, None]
        half = k[f"K_{name}"] * (1.0 + 10.0 ** (k[f"slope_{name}"] * (k[f"pH_{name}"] - local)))
        bound = k[f"k_{name}"] * (inside - (inside + half) * q / k[f"q_{name}"])
        uptake = film * (c[:, 0] - inside[:, -1])
        new = np.empty_like(y)
        new[:, :1] = transport(c, np.array([inlet.get(name, 0.0)]), own) - (uptake * (1.0 - between) / between)[:, None]
        new[:, 1::2] = diffusion * inside @ exchange / shares - (1.0 - pores) / pores * bound
        new[:, -2] += uptake / pores / shares[-1]
        new[:, 2::2] = bound
        return new.ravel()

    return solve(speed, np.zeros(n * width), CAPTURE, times, (2 * width, 2 * width))[0][:, -width]


def protein_a_general_rate(fmus: Fmus) -> Comparison:
    """Load, wash and elution by pH through film and pores, on the 60 cells of the FMU."""
    fmu = fmus["BioProcess.Fmus.ProteinAGeneralRate"]
    what = ("k", "q", "K", "pH", "slope", "k_film", "D_pore")
    k = parameters(fmu, [f"{name}_{protein}" for protein in ("mab", "hcp") for name in what])
    bed = parameters(fmu, (*BED, "porosity_bed", "d_particle")) | {"flow": FLOW}
    times = np.arange(0.0, 5010.0, 10.0)
    ions = ("sodium", "chloride", "acetate", "tris", "carbonate", "phosphate")
    _, pH_at = small_solutes(20, ions, BUFFERS["equilibration"], bed, CAPTURE, times)
    reached = march(fmu, ["outlet.c_mab", "outlet.c_hcp"], times, settings(CAPTURE, 1))
    mab, hcp = (_general_rate(60, _radau(4), k, bed, pH_at, name, times) for name in ("mab", "hcp"))
    shells = _general_rate(60, _shells(24), k, bed, pH_at, "mab", times)
    return Comparison("Protein A column, general rate", "its equations solved with scipy", (
        Curve("antibody [g/L]", times, mab, reached[:, 0], 1e-4),
        Curve("host cell protein [g/L]", times, hcp, reached[:, 1], 1e-4),
        Curve("antibody, reference with 24 shells in a particle [g/L]", times, shells, reached[:, 0], 0.01),
    ))  # fmt: skip


A = {"sodium": 36.7, "chloride": 0.0, "acetate": 50.0}
B = {"sodium": 536.7, "chloride": 500.0, "acetate": 50.0}
POOL = {"sodium": 2.3, "acetate": 50.0, "tris": 34.4, "mab": 10.0, "mab_acidic": 2.0, "mab_aggregate": 0.2}


def _stairs(share: float, begin: float, width: float, n: int) -> list[Piece]:
    """Return a gradient from A to a share of B in stairs."""
    shares = [share * (i + 0.5) / n for i in range(n)]
    return [(begin + width * i, begin + width * (i + 1), {name: (1 - b) * A[name] + b * B[name] for name in A})
            for i, b in enumerate(shares)]  # fmt: skip


GRADIENT: list[Piece] = [(0.0, 1500.0, POOL), (1500.0, 1900.0, A), *_stairs(0.6, 1900.0, 240.0, 16)]


def counter_ions(pH: float, c: Mapping[str, float]) -> float:
    """Return the equivalents of cations: sodium and protonated tris."""
    return c.get("sodium", 0.0) + c.get("tris", 0.0) * (1.0 - float(protons_lost((8.07,), pH)))


def _steric(
    n: int, k: Mapping[str, float], bed: Mapping[str, float], pH: Callable[[float], np.ndarray], times: np.ndarray
) -> np.ndarray:
    """Return salt, main form, acidic form and aggregates that leave: steric mass action over pH, limited in rate."""
    places = (2, 3, 5)
    row = {what: np.array([k[f"exchanger.{what}[{i}]"] for i in places])
           for what in ("K", "nu", "nu_pH", "sigma", "molar_mass")}  # fmt: skip
    ratio = bed["porosity"] / (1.0 - bed["porosity"])
    sites, fast = k["exchanger.Lambda"], k["exchanger.k_transfer"]

    def speed(t: float, y: np.ndarray, inlet: Mapping[str, float]) -> np.ndarray:
        state = y.reshape(n, 7)
        c, q = state[:, :4], state[:, 4:]
        tanks = pH(t)
        local = np.repeat(tanks, n // 15)[:, None]
        z = row["nu"] + row["nu_pH"] * (local - k["exchanger.pH_reference"])
        free = sites - (q * (row["nu"] + row["sigma"]) / row["molar_mass"]).sum(axis=1)
        on = k["exchanger.k_des"] * row["K"] * np.exp(z * np.log(np.maximum(free, 1e-6) / sites)[:, None])
        salt = np.maximum(c[:, :1], 1e-3)
        off = k["exchanger.k_des"] * np.exp(z * np.log(salt / k["exchanger.c_reference"]))
        bound = (on * c[:, 1:] - off * q) / (1.0 + (on + off) / fast)
        mab, acidic = inlet.get("mab", 0.0), inlet.get("mab_acidic", 0.0)
        entering = np.array([counter_ions(tanks[0], inlet), mab - acidic, acidic, inlet.get("mab_aggregate", 0.0)])
        flow = transport(c, entering, bed)
        flow[:, 1:] -= bound / ratio
        return np.hstack([flow, bound]).ravel()

    start = np.zeros((n, 7))
    start[:, 0] = counter_ions(bed["pH_start"], A)
    return solve(speed, start.ravel(), GRADIENT, times, (20, 13))[0].reshape(-1, n, 7)[:, -1, :4]


def cation_exchange(fmus: Fmus) -> Comparison:
    """Load at pH 5.2, wash, elution by a gradient of salt, on the 45 cells of the FMU."""
    fmu = fmus["BioProcess.Fmus.CationExchange"]
    what = [f"exchanger.{name}[{i}]" for name in ("K", "nu", "nu_pH", "sigma", "molar_mass") for i in (2, 3, 5)]
    k = parameters(fmu, [*what, *(f"exchanger.{name}" for name in ("Lambda", "k_transfer", "k_des", "c_reference",
                                                                   "pH_reference"))])  # fmt: skip
    bed = parameters(fmu, BED) | {"flow": FLOW}
    times = np.arange(0.0, 5741.0, 20.0)
    _, pH_at = small_solutes(15, ("sodium", "chloride", "acetate", "tris"), A, bed, GRADIENT, times)
    names = ["salt", "outlet.c_mab", "outlet.c_mab_acidic", "outlet.c_mab_aggregate"]
    reached = march(fmu, names, times, settings(GRADIENT, 1), tolerance=1e-8)
    own = _steric(45, k, bed, pH_at, times)
    return Comparison("cation exchanger", "its equations solved with scipy", (
        Curve("salt [mM]", times, own[:, 0], reached[:, 0], 1e-4),
        Curve("antibody [g/L]", times, own[:, 1] + own[:, 2], reached[:, 1], 1e-3),
        Curve("acidic variants [g/L]", times, own[:, 2], reached[:, 2], 1e-3),
        Curve("aggregates [g/L]", times, own[:, 3], reached[:, 3], 1e-3),
    ))  # fmt: skip
