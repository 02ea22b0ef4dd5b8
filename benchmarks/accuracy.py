"""Error against number of FMU steps on the two-mass oscillator, for every co-simulation algorithm.

    python benchmarks/accuracy.py [--json] [--out FILE]

Two FMUs compiled from ``TwoMass.mo`` run for 10 s. The error is the root mean square of both positions' deviation from
the closed form at the recorded times, relative to that of the closed form. Every step of every FMU counts, those that
were taken back too.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import cosim

MODEL = Path(__file__).with_name("TwoMass.mo")
SCENARIO = """\
scenario: two_mass
components:
  left: {{source: modelica:TwoMass.Left}}
  right: {{source: modelica:TwoMass.Right}}
connections: [left.x -> right.x_left, left.v -> right.v_left, right.force -> left.force]
phases:
  run: {{active: [left, right], duration: 10 s, step: {step}}}
algorithm: {algorithm}
tolerance: 1e-10
"""
STEPS = ("10 ms", "4 ms", "2 ms", "1 ms")
"""Communication steps; two FMU steps each."""
FIXED = {
    "cosim-jacobi": "jacobi",
    "cosim-gauss-seidel": "gauss_seidel",
    "cosim-jacobi-linear": "{name: jacobi, extrapolation: 1}",
    "cosim-jacobi-quadratic": "{name: jacobi, extrapolation: 2}",
    "cosim-gauss-seidel-linear": "{name: gauss_seidel, extrapolation: 1}",
    "cosim-gauss-seidel-quadratic": "{name: gauss_seidel, extrapolation: 2}",
}
ADAPTIVE = {
    "cosim-adaptive-doubling": ("doubling", (1e-4, 1e-5, 2e-6, 1e-6)),
    "cosim-adaptive-predictor": ("predictor", (1e-3, 1e-4, 6e-5)),
}
MATRIX = np.array([[0, 1, 0, 0], [-101, -1.1, 100, 1], [0, 0, 0, 1], [100, 1, -101, -1.1]], dtype=float)
"""Of the whole: x1, v1, x2, v2; m = 1 kg, springs of 1 and 100 N/m, dampers of 0.1 and 1 N.s/m."""


@dataclass(frozen=True, slots=True)
class Row:
    """One run."""

    problem: str
    method: str
    fmu_steps: int
    error: float


def exact(times: np.ndarray) -> np.ndarray:
    """Return both positions [m] at ``times`` (n,), as (n, 2)."""
    values, vectors = np.linalg.eig(MATRIX)
    shares = np.linalg.solve(vectors, np.array([1, 0, 0, 0], dtype=complex))
    return np.real((vectors[[0, 2]] @ (np.exp(np.outer(values, times)) * shares[:, None])).T)


def measure(method: str, algorithm: str, step: str, folder: Path) -> Row:
    """Run once."""
    path = folder / "two_mass.yaml"
    path.write_text(SCENARIO.format(step=step, algorithm=algorithm), encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=folder) as out:
        result = cosim.run(path, out=Path(out) / "run")
        left, right = result["left.x"], result["right.x"]
        found = np.column_stack([left.values, right.values])
        reference = exact(np.asarray(left.time))
        steps = sum(cost.steps for cost in result.costs.values())
    error = np.linalg.norm(found - reference) / np.linalg.norm(reference)
    return Row("two_mass", method, steps, float(f"{error:.3g}"))


def measure_all(folder: Path) -> list[Row]:
    """Run every method at every step or tolerance."""
    (folder / MODEL.name).write_bytes(MODEL.read_bytes())
    rows = [measure(method, text, step, folder) for method, text in FIXED.items() for step in STEPS]
    for method, (estimate, tolerances) in ADAPTIVE.items():
        for relative in tolerances:
            text = f"{{name: adaptive, relative: {relative:g}, estimate: {estimate}}}"
            rows.append(measure(method, text, "20 ms", folder))
    return rows


def main() -> None:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure_all(Path(folder))
    text = "[\n" + ",\n".join("  " + json.dumps(asdict(row)) for row in rows) + "\n]\n"
    if arguments.out is not None:
        arguments.out.write_text(text, encoding="utf-8")
    if arguments.json:
        print(text, end="")
        return
    for row in rows:
        print(f"{row.method:30s} {row.fmu_steps:7d} {row.error:9.2e}")


if __name__ == "__main__":
    main()
