"""Error against number of FMU steps on four coupled problems, for every co-simulation algorithm.

    python benchmarks/accuracy.py [--json] [--out FILE] [--problem NAME]

Each problem is split in two FMUs, compiled from ``TwoMass.mo`` and ``Coupled.mo``. The error is the root mean square of
the states' deviation from the reference at the recorded times, relative to that of the reference: a closed form for
the two masses, otherwise the whole system integrated by SciPy with a relative tolerance of 1e-12. Every step of every
FMU counts, those that were taken back too.

Methods are measured with three kinds of FMU: as they are compiled (``-derivatives``: of inputs and of outputs), with
derivatives of inputs only (``-inputs``), and without any.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp

import cosim
from cosim.build.builder import build

FOLDER = Path(__file__).parent
MODELS = (FOLDER / "TwoMass.mo", FOLDER / "Coupled.mo")
KINDS = ("", "-inputs", "-derivatives")
SCENARIO = """\
scenario: accuracy
components:
  a: {{source: {a}, host: inline}}
  b: {{source: {b}, host: inline}}
connections: [{connections}]
phases:
  run: {{active: [a, b], duration: {duration} s, step: {step:.9f} s}}
algorithm: {algorithm}
tolerance: 1e-10
"""
FIXED = {
    "cosim-jacobi": "jacobi",
    "cosim-gauss-seidel": "gauss_seidel",
    "cosim-jacobi-linear": "{name: jacobi, extrapolation: 1}",
    "cosim-jacobi-quadratic": "{name: jacobi, extrapolation: 2}",
    "cosim-gauss-seidel-linear": "{name: gauss_seidel, extrapolation: 1}",
    "cosim-gauss-seidel-quadratic": "{name: gauss_seidel, extrapolation: 2}",
    "cosim-iterated": "iterated",
    "cosim-iterated-loose": "{name: iterated, relative: 1e-3, absolute: 1e-3}",
}
ADAPTIVE = {"doubling": (1e-4, 1e-5, 2e-6, 1e-6), "predictor": (1e-3, 1e-4, 6e-5)}
HELD = ("cosim-jacobi", "cosim-gauss-seidel")
"""Methods for which derivatives make no difference."""

States = np.ndarray
Derivative = Callable[[float, States], list[float]]


def two_mass(t: float, x: States) -> list[float]:
    """Left x, v; right x, v; m = 1 kg, springs of 1 and 100 N/m, dampers of 0.1 and 1 N.s/m."""
    force = 100 * (x[2] - x[0]) + x[3] - x[1]
    return [x[1], force - x[0] - 0.1 * x[1], x[3], -force - x[2] - 0.1 * x[3]]


def two_tank(t: float, x: States) -> list[float]:
    """Levels; the first tank fills a hundred times as fast as the second."""
    flow, recycle = 0.5 * (x[0] - x[1]), 0.02 * x[1]
    return [(0.02 + recycle - flow) / 0.1, (flow - 2 * recycle) / 10]


def controlled_reactor(t: float, x: States) -> list[float]:
    """Concentration, temperature, integral of the controller."""
    rate = 0.1 * x[0] * np.exp(10 * (x[1] - 300) / x[1])
    cooling = 2 * (x[1] - 305) + 0.5 * x[2]
    return [0.2 * (1 - x[0]) - rate, 0.2 * (300 - x[1]) + 60 * rate - 0.5 * (x[1] - 300 + cooling), x[1] - 305]


def separator_recycle(t: float, x: States) -> list[float]:
    """Concentrations in reactor and separator."""
    return [((2 - x[0]) + 3 * (1.2 * x[1] - x[0])) / 2 - 0.5 * x[0] ** 2, 4 * (x[0] - x[1]) / 0.5]


@dataclass(frozen=True, slots=True)
class Problem:
    """A system split in two; ``outputs`` are the states that are compared, by their place in ``derivative``."""

    classes: tuple[str, str]
    connections: str
    duration: float
    derivative: Derivative
    start: tuple[float, ...]
    outputs: dict[str, int]
    n_steps: tuple[int, ...]
    offsets: tuple[float, ...] = ()
    """What is subtracted from outputs, so that an error is not small because zero is far away."""


PROBLEMS = {
    "two_mass": Problem(
        ("TwoMass.Left", "TwoMass.Right"),
        "a.x -> b.x_left, a.v -> b.v_left, b.force -> a.force",
        10.0,
        two_mass,
        (1.0, 0.0, 0.0, 0.0),
        {"a.x": 0, "b.x": 2},
        (1000, 2000, 2500, 5000),
    ),
    "two_tank": Problem(
        ("Coupled.HeadTank", "Coupled.LargeTank"),
        "a.outflow -> b.inflow, b.recycle -> a.recycle, b.level -> a.level_below",
        20.0,
        two_tank,
        (2.0, 0.5),
        {"a.level": 0, "b.level": 1},
        (200, 800, 3200),
    ),
    "controlled_reactor": Problem(
        ("Coupled.Reactor", "Coupled.Controller"),
        "a.T -> b.T, b.cooling -> a.cooling",
        40.0,
        controlled_reactor,
        (1.0, 300.0, 0.0),
        {"a.T": 1},
        (200, 800, 3200),
        (300.0,),
    ),
    "separator_recycle": Problem(
        ("Coupled.RecycleReactor", "Coupled.Separator"),
        "a.c -> b.c_feed, b.c_recycle -> a.c_recycle",
        10.0,
        separator_recycle,
        (0.2, 0.0),
        {"a.c": 0},
        (200, 800, 3200),
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One run."""

    problem: str
    method: str
    fmu_steps: int
    error: float


def reference(problem: Problem, times: np.ndarray) -> np.ndarray:
    """Return the outputs at ``times`` (n,), as (n, n_outputs)."""
    places = list(problem.outputs.values())
    if problem.derivative is two_mass:
        matrix = np.column_stack([two_mass(0.0, unit) for unit in np.eye(4)])
        values, vectors = np.linalg.eig(matrix)
        shares = np.linalg.solve(vectors, np.array(problem.start, dtype=complex))
        return np.real((vectors[places] @ (np.exp(np.outer(values, times)) * shares[:, None])).T)
    span = (0.0, problem.duration)
    found = solve_ivp(
        problem.derivative, span, problem.start, method="DOP853", t_eval=times, rtol=1e-12, atol=1e-14, max_step=0.05
    )
    return found.y[places].T


def declare_less(source: Path, target: Path, kind: str) -> Path:
    """Copy an FMI 2.0 FMU that declares only the derivatives of ``kind``."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.infolist():
            data = before.read(item)
            if item.filename == "modelDescription.xml" and kind != "-derivatives":
                data = re.sub(rb'maxOutputDerivativeOrder="\d+"', b'maxOutputDerivativeOrder="0"', data)
                if not kind:
                    data = data.replace(b'canInterpolateInputs="true"', b'canInterpolateInputs="false"')
            after.writestr(item, data)
    return target


def compile_all(problems: Sequence[str], folder: Path) -> None:
    """Leave every FMU in ``folder``, in three kinds."""
    classes = [name for problem in problems for name in PROBLEMS[problem].classes]
    for model in MODELS:
        (folder / model.name).write_bytes(model.read_bytes())
    for fmu in build(classes, search_path=(folder,), output=folder / "built", fmi_versions=("2.0",)):
        for kind in KINDS:
            declare_less(fmu.path, folder / f"{fmu.class_name}{kind}.fmu", kind)


def measure(name: str, method: str, algorithm: str, n_steps: int, folder: Path) -> Row | None:
    """Run once; None where the run ends with an error, as where a loop does not converge."""
    problem = PROBLEMS[name]
    kind = next(kind for kind in reversed(KINDS) if method.endswith(kind))
    a, b = (f"{item}{kind}.fmu" for item in problem.classes)
    path = folder / "accuracy.yaml"
    step = problem.duration / n_steps
    text = SCENARIO.format(
        a=a, b=b, connections=problem.connections, duration=problem.duration, step=step, algorithm=algorithm
    )
    path.write_text(text, encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=folder) as out:
        result = cosim.run(path, out=Path(out) / "run")
        if result.status != "completed":
            return None
        found = np.column_stack([result[output].values for output in problem.outputs])
        times = np.asarray(result[next(iter(problem.outputs))].time)
        steps = sum(cost.steps for cost in result.costs.values())
    offsets = np.array(problem.offsets or (0.0,) * len(problem.outputs))
    expected = reference(problem, times)
    error = np.linalg.norm(found - expected) / np.linalg.norm(expected - offsets)
    return Row(name, method, steps, float(f"{error:.3g}"))


def measure_all(name: str, folder: Path) -> Iterator[Row | None]:
    """Run every method at every step or tolerance."""
    n_steps = PROBLEMS[name].n_steps
    for method, text in FIXED.items():
        for kind in ("",) if method in HELD else KINDS:
            for n in n_steps:
                yield measure(name, method + kind, text, n, folder)
    for estimate, tolerances in ADAPTIVE.items():
        for kind in KINDS:
            for relative in tolerances:
                text = f"{{name: adaptive, relative: {relative:g}, estimate: {estimate}}}"
                yield measure(name, f"cosim-adaptive-{estimate}{kind}", text, n_steps[0] // 2, folder)


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--problem", choices=PROBLEMS, action="append")
    arguments = parser.parse_args()
    problems = arguments.problem or list(PROBLEMS)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        compile_all(problems, Path(folder))
        for problem in problems:
            for row in filter(None, measure_all(problem, Path(folder))):
                rows.append(row)
                if not arguments.json:
                    print(f"{row.problem:20s} {row.method:42s} {row.fmu_steps:7d} {row.error:9.2e}", flush=True)
    text = "[\n" + ",\n".join("  " + json.dumps(asdict(row)) for row in rows) + "\n]\n"
    if arguments.out is not None:
        arguments.out.write_text(text, encoding="utf-8")
    if arguments.json:
        print(text, end="")


if __name__ == "__main__":
    main()
