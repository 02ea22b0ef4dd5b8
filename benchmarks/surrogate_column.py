"""What a trained column is worth to people who capture: breakthrough, yield, purity; what scipy and others take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np
from numpy.polynomial import Polynomial
from scipy.integrate import solve_ivp
from scipy.sparse import diags
from scipy.special import roots_jacobi
from surrogate_guard import Case

from cosim.build.builder import build
from cosim.clock import Ticks
from cosim.fmu import open_fmu
from cosim.surrogate.architectures.contract import roll_out
from cosim.surrogate.model import Array

BROKEN_THROUGH = 0.1
"""Share of the load's concentration that leaves at breakthrough."""
CUT = 0.5
"""UV absorbance [AU] from and to which an eluate is collected."""
HARVEST = {"mab": 4.36, "hcp": 0.35, "sodium": 155.0, "chloride": 107.0, "carbonate": 48.0, "phosphate": 3.0}
LIBRARY = Path(__file__).parents[1] / "modelica"
FIVE_SECONDS = Ticks(5_000_000_000)
N_CELLS, N_POINTS = 60, 4
Constants = tuple[float, ...]
CONSTANTS: dict[str, Constants] = {
    "mab": (1.0, 157.0, 0.02, 5.7, 1.5, 1.6e-5, 1e-11), "hcp": (0.02, 0.3, 0.05, 5.0, 1.0, 2.5e-5, 2e-11),
}  # fmt: skip
"""Start values of ProteinAGeneralRate: rate, capacity, half saturation, pH of binding, slope, film, diffusivity."""


@dataclass(frozen=True, slots=True)
class Capture:
    """The first cycle of a run: when 10 % broke through [s], inf where it did not; what was collected of what."""

    breakthrough: float
    collected: float
    impurity: float


def captures(case: Case) -> tuple[list[Capture], list[Capture], Array]:
    """Return the first cycles by the surrogate and by the FMU, and what was loaded in each [kg]."""
    package, runs = case.package, case.unseen
    told = roll_out(package.model, package.tensors, runs)[0]
    loads = [loaded(case, run) for run in range(len(runs))]
    ours, theirs = ([capture(case, values[run], run) for run in range(len(runs))] for values in (told, runs.outputs))
    return ours, theirs, np.array(loads)


def _phases(case: Case, run: int) -> tuple[slice, slice]:
    """Return the steps of the first load, and of the first elution behind it."""
    names, inputs = case.package.input_names, case.unseen.inputs[run]
    is_loading = inputs[:, names.index("load.V_flow")] > 0
    first = int(np.argmax(is_loading))
    last = first + int(np.argmin(is_loading[first:]))
    acetate = inputs[:, names.index("buffer.c_acetate")]
    is_eluting = (acetate > 40) & (acetate < 60) & (np.arange(len(acetate)) >= last)
    begin = int(np.argmax(is_eluting))
    left = is_eluting[begin:]
    end = begin + (int(np.argmin(left)) if not left.all() else len(left))
    return slice(first, last), slice(begin, end)


def loaded(case: Case, run: int) -> float:
    names, inputs = case.package.input_names, case.unseen.inputs[run]
    flow, c = (inputs[_phases(case, run)[0], names.index(f"load.{what}")] for what in ("V_flow", "c_mab"))
    return float((flow * c).sum() * case.package.step)


def capture(case: Case, outputs: Array, run: int) -> Capture:
    names, step = list(case.package.output_names), case.package.step
    load, elution = _phases(case, run)
    feed = case.unseen.inputs[run, load.start, case.package.input_names.index("load.c_mab")]
    leaving = outputs[load.start : load.stop + 1, names.index("outlet.c_mab")] / feed
    above = np.flatnonzero(leaving >= BROKEN_THROUGH)
    time = np.inf
    if len(above) and above[0] > 0:
        k = int(above[0])
        time = step * (k - 1 + (BROKEN_THROUGH - leaving[k - 1]) / (leaving[k] - leaving[k - 1]))
    uv = outputs[elution.start : elution.stop + 1, names.index("uv280")]
    is_collected = (uv[1:] > CUT) & (uv[:-1] > CUT)
    grown = {
        name: np.diff(outputs[elution.start : elution.stop + 1, names.index(f"outlet.m_{name}_total")])[is_collected]
        for name in ("mab", "hcp")
    }
    return Capture(time, float(grown["mab"].sum()), float(grown["hcp"].sum()))


def largest_closure(case: Case) -> float:
    """Return the largest closure of any species over the unseen runs."""
    package, runs = case.package, case.unseen
    outputs = roll_out(package.model, package.tensors, runs)[0]
    place = {name: i for i, name in enumerate(package.output_names)}
    inputs = {name: i for i, name in enumerate(package.input_names)}
    worst = 0.0
    for held in (name for name in place if name.startswith("held_") and name != "held_volume"):
        species = held.removeprefix("held_")
        entered = sum(
            runs.inputs[..., inputs[f"{port}.V_flow"]] * runs.inputs[..., inputs[f"{port}.c_{species}"]]
            for port in ("load", "buffer")
        )
        sources = outputs[:, 0, place[held]] + package.step * np.asarray(entered).sum(1)
        made = f"made_{species}_total"
        sources = sources + (outputs[:, -1, place[made]] if made in place else 0.0)
        balance = sources - outputs[:, -1, place[held]] - outputs[:, -1, place[f"outlet.m_{species}_total"]]
        worst = max(worst, float((np.abs(balance) / np.maximum(sources, 1e-12)).max()))
    return worst


def lumped_rate() -> tuple[float, float]:
    """Return the CPU time [s] of the lumped-rate column, loaded to breakthrough in steps of 5 s: in all, and a step."""
    made = build(["BioProcess.Fmus.ProteinA"], search_path=[LIBRARY], fmi_versions=("3.0",))[0]
    with open_fmu(made.path, None) as file, file.instantiate("lumped") as column:
        column.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
        column.exit_initialization()
        names = ["load.V_flow", *(f"load.c_{name}" for name in HARVEST)]
        column.write(column.group(names), np.array([600e-3 / 3600, *HARVEST.values()]))
        told, leaving, n_steps = column.group(["outlet.c_mab"]), np.zeros(1), 0
        began = process_time()
        while leaving[0] < BROKEN_THROUGH * HARVEST["mab"]:
            column.step(Ticks(n_steps * FIVE_SECONDS), FIVE_SECONDS)
            column.read(told, leaving)
            n_steps += 1
        seconds = process_time() - began
    return seconds, seconds / n_steps


def scipy_seconds(case: Case, run: int = 0) -> tuple[float, int]:
    """Return the CPU time of scipy's BDF over the first cycle of a run, and its steps.

    Two proteins with the same cells, points, limiter and constants as the FMU's. The pH is not solved for, but taken
    from the run behind the column; small solutes and what rides on the antibody are left out: the FMU and the surrogate
    do more. Tolerances are those of the FMU, 1e-6 relative.
    """
    names, inputs = case.package.input_names, case.unseen.inputs[run]
    end = _phases(case, run)[1].stop
    flow = inputs[:, names.index("load.V_flow")] + inputs[:, names.index("buffer.V_flow")]
    share = inputs[:, names.index("load.V_flow")] / flow
    acidity = case.unseen.outputs[run, :, case.package.output_names.index("pH")]
    step, width = case.package.step, 1 + 2 * N_POINTS
    sparsity = diags([np.ones(N_CELLS * width)] * (4 * width + 1), range(-2 * width, 2 * width + 1),
                     shape=(N_CELLS * width,) * 2)  # fmt: skip
    changes = [k for k in range(end) if not k or (flow[k], share[k]) != (flow[k - 1], share[k - 1])]
    began = process_time()
    for name, constants in CONSTANTS.items():
        state = np.zeros(N_CELLS * width)
        feed = share * inputs[:, names.index(f"load.c_{name}")]
        for k, stop in zip(changes, [*changes[1:], end], strict=True):

            def speed(t: float, y: Array, k: int = k, feed: Array = feed, constants: Constants = constants) -> Array:
                pH = float(np.interp(t / step, np.arange(len(acidity)), acidity))
                return _speed(y, flow[k], feed[k], pH, constants)

            found = solve_ivp(speed, (k * step, stop * step), state, method="BDF", rtol=1e-6, atol=1e-8,
                              jac_sparsity=sparsity, t_eval=np.arange(k + 1, stop + 1) * step)  # fmt: skip
            state = found.y[:, -1]
    return process_time() - began, end


def _speed(y: Array, flow: float, feed: float, pH: float, constants: Constants) -> Array:
    """Return the rates of change of a protein in a column: limited fluxes, film, pores and Langmuir over pH."""
    k, capacity, K, pH_bind, slope, film, diffusivity = constants
    y = y.reshape(N_CELLS, -1)
    c, inside, q = y[:, 0], y[:, 1::2], y[:, 2::2]
    volume, between, pores, radius = np.pi / 4 * 0.6**2 * 0.24, 0.35, 0.3 / 0.65, 4.25e-5
    half = K * (1.0 + 10.0 ** (slope * (pH_bind - pH)))
    bound = k * (inside - (inside + half) * q / capacity)
    uptake = 3.0 / radius * film * (c - inside[:, -1])
    slopes = np.diff(np.concatenate([[2.0 * feed - c[0]], c]))
    before, after = slopes[:-1], slopes[1:]
    ratio = np.where(before * after > 0, after / np.where(before == 0, 1.0, before), 0.0)
    limiter = (2.0 * ratio**2 + ratio) / (2.0 * ratio**2 - ratio + 2.0)
    faces = np.concatenate([[feed], c[:-1] + 0.5 * limiter * before, c[-1:]])
    faces[1:-1] -= N_CELLS * 1e-3 / 0.24 * np.diff(c)
    new = np.empty_like(y)
    new[:, 0] = flow * -np.diff(faces) * N_CELLS / (between * volume) - uptake * (1.0 - between) / between
    new[:, 1::2] = diffusivity / radius**2 * inside @ EXCHANGE / SHARES - (1.0 - pores) / pores * bound
    new[:, -2] += uptake / pores / SHARES[-1]
    new[:, 2::2] = bound
    return new.ravel()


def _collocation(n: int) -> tuple[Array, Array]:
    """Return the shares of a sphere's volume of ``n`` Gauss–Radau points in r², and the exchange between them."""
    x = np.append(np.sqrt((roots_jacobi(n - 1, 1.0, 0.5)[0] + 1.0) / 2.0), 1.0)
    basis = [Polynomial(np.linalg.solve(np.vander(x**2, increasing=True), row)) for row in np.eye(n)]
    nodes, weights = np.polynomial.legendre.leggauss(4 * n)
    r, weights = (nodes + 1.0) / 2.0, weights / 2.0
    slopes = np.array([2.0 * r * phi.deriv()(r**2) for phi in basis])
    shares = np.array([np.sum(weights * 3.0 * r**2 * phi(r**2)) for phi in basis])
    return shares, -(slopes * weights * 3.0 * r**2) @ slopes.T


SHARES, EXCHANGE = _collocation(N_POINTS)
