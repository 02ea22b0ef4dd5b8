"""Load, wash and gradient elution on columns: cost and error of our FMUs, beside CVODES on the same equations.

    python benchmarks/columns.py [--write] [--repeats 9]

General rate with 2 components (salt and a protein, steric mass action) and lumped rate with 100 cells are FMUs
of ``benchmarks/Columns.mo``. The error is the largest difference of the protein at the outlet from a refined solution,
over the height of the peak; ``benchmarks/refined_column.py`` solves it with scipy, by other means than the FMUs.

The peer is CVODES of SUNDIALS, as compiled into CasADi's wheel, with an exact sparse Jacobian, a sparse direct solver
and the equations compiled to machine code, on the same cells, points and limiter. It is the best compiled solver that
the package index has for this: CADET-Core has no wheel there (cadet-python is the interface alone), scikits.odes and
numbalsoda come as sources without SUNDIALS. Times are CPU seconds of one core, medians of interleaved runs; ``--write``
keeps them in ``benchmarks/results/columns.json``.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from time import process_time

import casadi as ca
import numpy as np
from numpy.typing import NDArray
from refined_column import refined_general_rate, refined_lumped_rate

from cosim.build.builder import build
from cosim.clock import Ticks, to_ticks
from cosim.fmu import open_fmu

HERE = Path(__file__).resolve().parent
LIBRARY = HERE.parent / "modelica"
STEP, STOP = 5.0, 1500.0
Curve = NDArray[np.float64]


def fmu(class_name: str, structure: Mapping[str, object], folder: Path) -> Path:
    """Build a class of ``Columns.mo``."""
    built = build([class_name], search_path=[HERE, LIBRARY], output=folder, fmi_versions=("2.0",), structure=structure)
    return built[0].path


def run_fmu(path: Path, tolerance: float) -> tuple[Curve, float]:
    """Return the protein that leaves at every communication point, and the CPU time of initialisation and steps."""
    with open_fmu(path, "Co-Simulation") as file, file.instantiate("column") as instance:
        began = process_time()
        instance.enter_initialization(Ticks(0), stop_time=None, tolerance=tolerance)
        instance.exit_initialization()
        group, size = instance.group(["protein"]), to_ticks(STEP)
        curve = np.empty((round(STOP / STEP), 1))
        for number in range(len(curve)):
            instance.step(Ticks(number * size), size)
            instance.read(group, curve[number])
        return curve[:, 0].copy(), process_time() - began


def collocation(n: int) -> tuple[Curve, Curve]:
    """Return the weights and exchange of ``n`` points, from the library."""
    text = (LIBRARY / "BioProcess" / "Chromatography" / "Collocation.mo").read_text(encoding="utf-8")
    tables = [
        np.array([float(x) for x in re.findall(r"-?\d[\d.e-]*", body)]) for body in re.findall(r"{(.*?)}", text, re.S)
    ]
    first, start = n * (n - 1) // 2, (n - 1) * n * (2 * n - 1) // 6
    exchange = tables[1][start : start + n * n].reshape(n, n)
    return tables[0][first : first + n], exchange - np.diag(exchange.sum(axis=1))


def _face(before: ca.SX, c: ca.SX, after: ca.SX) -> ca.SX:
    a, b = c - before, after - c
    return ca.if_else(a * b > 0, c + 0.5 * a * b * (2 * b + a) / (2 * b**2 - a * b + 2 * a**2 + 1e-24), c)


def _binding(c: ca.SX, q: ca.SX) -> ca.SX:
    """Return what binds of the protein; columns are salt and protein."""
    free = 1200 - q[:, 1] * (4.7 + 11.83)
    free = 0.5 * (free + ca.sqrt(free**2 + 1.2e-6**2))
    salt = 0.5 * (c[:, 0] + ca.sqrt(c[:, 0] ** 2 + 1e-6))
    a, d = 35.5 * free**4.7, 1000 * salt**4.7
    return (a * c[:, 1] - d * q[:, 1]) / (1 + (a + d) / 1e3)


def peer_equations(n: int, points: int) -> tuple[ca.SX, ca.SX, ca.SX, Curve]:
    """Return state, inlet, derivative and start of the general-rate column, concentrations as states."""
    weights, exchange = collocation(points)
    x, inlet = ca.SX.sym("x", n * 2 * (1 + 2 * points)), ca.SX.sym("inlet", 2)
    c = ca.reshape(x[: 2 * n], n, 2)
    pore = ca.reshape(x[2 * n : 2 * n * (1 + points)], n * points, 2)
    q = ca.reshape(x[2 * n * (1 + points) :], n * points, 2)
    velocity, h = 5.75e-4, 0.014 / n
    mirrored = 2 * inlet.T - c[0, :]
    columns = ca.vertcat(mirrored, c)
    faces = ca.vertcat(
        inlet.T, *(_face(columns[i, :], columns[i + 1, :], columns[i + 2, :]) for i in range(n - 1)), c[n - 1, :]
    )
    spread = ca.vertcat(ca.SX.zeros(1, 2), (c[1:, :] - c[:-1, :]) * 5.75e-8 / h, ca.SX.zeros(1, 2))
    flux = velocity * faces - spread
    surface = pore[[(i + 1) * points - 1 for i in range(n)], :]
    uptake = 3 * 6.9e-6 / 4.5e-5 * (c - surface)
    dc = (flux[:-1, :] - flux[1:, :]) / h - 0.63 / 0.37 * uptake
    r = _binding(pore, q)
    dq = ca.horzcat(-4.7 * r, r)
    dpore = []
    for i in range(n):
        cell = pore[i * points : (i + 1) * points, :]
        inward = ca.horzcat(*(ca.mtimes(exchange, cell[:, k]) * d / 4.5e-5**2 for k, d in ((0, 7e-10), (1, 6.07e-11))))
        film = ca.vertcat(ca.SX.zeros(points - 1, 2), uptake[i, :] / 0.75)
        dpore.append((inward + film) / ca.repmat(ca.DM(weights), 1, 2))
    derivative = ca.vertcat(ca.vec(dc), ca.vec(ca.vertcat(*dpore) - 0.25 / 0.75 * dq), ca.vec(dq))
    start = np.concatenate([np.full(n, 50.0), np.zeros(n), np.full(n * points, 50.0), np.zeros(n * points),
                            np.full(n * points, 1200.0), np.zeros(n * points)])  # fmt: skip
    return x, inlet, derivative, start


def peer(n: int, points: int, tolerance: float) -> Callable[[], tuple[Curve, float]]:
    """Return a run of CVODES over the same times."""
    x, inlet, derivative, start = peer_equations(n, points)
    t = ca.SX.sym("t")
    times = np.arange(1, round(STOP / STEP) + 1) * STEP
    segments = ((0.0, 10.0, 50 + 0 * t, 1.0), (10.0, 90.0, 50 + 0 * t, 0.0), (90.0, STOP, 100 + 0.2 * (t - 90), 0.0))
    options = {"abstol": 1e-3 * tolerance, "reltol": tolerance, "newton_scheme": "direct", "linear_solver": "csparse",
               "linear_multistep_method": "bdf", "max_num_steps": 100000, "jit": True, "compiler": "shell",
               "jit_options": {"flags": ["-O2"], "verbose": False}}  # fmt: skip
    solvers = []
    for begin, end, salt, protein in segments:
        ode = ca.substitute(derivative, inlet, ca.vertcat(salt, protein))
        grid = [time for time in times if begin < time <= end]
        solvers.append(ca.integrator("column", "cvodes", {"x": x, "t": t, "ode": ode}, begin, grid, options))

    def run() -> tuple[Curve, float]:
        state, curves, began = start, [], process_time()
        for solver in solvers:
            states = np.asarray(solver(x0=state)["xf"])
            state = states[:, -1]
            curves.append(states[2 * n - 1])
        return np.concatenate(curves), process_time() - began

    return run


def measure(repeats: int, folder: Path) -> list[dict[str, object]]:
    """Return a row for each column and solver."""
    general = {"n_cells": 30, "n_radial": 3}
    refined = {
        "general rate": refined_general_rate(STEP, STOP),
        "lumped rate": refined_lumped_rate(STEP, STOP),
    }
    paths = {
        "general rate": fmu("Columns.GeneralRate", general, folder),
        "lumped rate": fmu("Columns.LumpedRate", {"n_cells": 100}, folder),
    }
    runs: dict[tuple[str, str], Callable[[], tuple[Curve, float]]] = {
        (kind, "cosim"): lambda path=path: run_fmu(path, 1e-4) for kind, path in paths.items()
    }
    runs["general rate", "CVODES"] = peer(30, 3, 1e-4)
    results: dict[tuple[str, str], list[tuple[Curve, float]]] = {key: [] for key in runs}
    for _ in range(repeats):
        for key, run in runs.items():
            results[key].append(run())
    cells = {"general rate": "30 cells, 3 points", "lumped rate": "100 cells"}
    return [
        {
            "column": kind, "grid": cells[kind], "solver": solver,
            "seconds": round(median(time for _, time in found), 4),
            "error": round(float(np.abs(found[0][0] - refined[kind]).max() / refined[kind].max()), 5),
        }
        for (kind, solver), found in results.items()
    ]  # fmt: skip


def main() -> None:
    """Print a table, and write it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--repeats", type=int, default=9)
    arguments = parser.parse_args()
    rows = measure(arguments.repeats, HERE.parent / "build" / "columns")
    if arguments.write:
        text = json.dumps({"repeats": arguments.repeats, "rows": rows}, indent=1)
        (HERE / "results" / "columns.json").write_text(text + "\n", encoding="utf-8")
    for row in rows:
        print(f"{row['column']:14}{row['grid']:22}{row['solver']:10}{row['seconds']:8.3f} s  error {row['error']:.4f}")


if __name__ == "__main__":
    main()
