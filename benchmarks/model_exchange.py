"""What it costs to integrate an FMU ourselves (Model Exchange) instead of letting it step itself (Co-Simulation).

    python benchmarks/model_exchange.py [--json] [--repeats 5] [--tolerance 1e-6]

Models of ``tests/modelica/models``, and the library's reactor. Each is built once with both interface types and stepped
over the same communication points by both in turn; the medians of their times and the largest difference between their
outputs, relative to the largest value, are printed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from cosim.build.builder import build
from cosim.clock import Ticks, to_ticks
from cosim.fmu import FmuFile, open_fmu
from cosim.system.variable import Causality, Variability, Variable, VariableType

MODELS = Path(__file__).resolve().parents[1] / "tests" / "modelica" / "models"


@dataclass(frozen=True)
class Case:
    """A class, how long and in which communication steps [s] it runs, and what changes in between."""

    class_name: str
    stop: float
    step: float
    start: Mapping[str, float]
    moved: str = ""
    """An input that changes a little at every communication point, as one that another component drives."""
    structure: Mapping[str, object] | None = None
    amplitude: float = 0.1
    """Relative size of that change."""

    @property
    def name(self) -> str:
        """What the case is called in the results."""
        cells = "".join(f" {key}={value}" for key, value in (self.structure or {}).items())
        return self.class_name.rpartition(".")[2] + cells + (" driven" if self.moved else "")


CASES = (
    Case("Cases.Chemostat", 40, 0.5, {"F_in": 40.0, "c_in": 20.0}),
    Case("Cases.Chemostat", 40, 0.5, {"F_in": 40.0, "c_in": 20.0}, "c_in"),
    Case("Cases.ChargeBalance", 40, 0.5, {"base": 0.01}),
    Case("Cases.SampledController", 10, 0.05, {}),
    Case("Cases.KineticColumn", 5, 0.05, {"c_in": 1.0}),
    Case("Cases.KineticColumn", 5, 0.05, {"c_in": 1.0}, "c_in"),
    Case("Cases.LangmuirColumn", 3, 0.02, {}),
    Case("Cases.KineticColumn", 5, 0.05, {"c_in": 1.0}, structure={"N": 200}),
    Case("Cases.KineticColumn", 5, 0.05, {"c_in": 1.0}, "c_in", structure={"N": 200}),
    Case("Cases.GeneralRateColumn", 200, 2.0, {}, structure={"N": 20, "R": 5}),
    Case("BioProcess.Fmus.FedBatchReactor", 86400, 600, {}),
)


def trajectory(file: FmuFile, case: Case, tolerance: float) -> tuple[float, np.ndarray]:
    """Return the time [s] spent in steps, and the outputs at each communication point."""
    n_steps, size = round(case.stop / case.step), to_ticks(case.step)
    outputs = [name for name, item in file.description.variables.items() if is_compared(item)]
    with file.instantiate("model") as instance:
        instance.set_start(case.start)
        instance.enter_initialization(Ticks(0), stop_time=None, tolerance=tolerance)
        instance.exit_initialization()
        found, group = np.empty((n_steps, len(outputs))), instance.group(outputs)
        moved = instance.group([case.moved]) if case.moved else None
        began = perf_counter()
        for number in range(n_steps):
            if moved is not None:
                instance.write(moved, np.array([case.start[case.moved] * (1 + case.amplitude * np.sin(0.3 * number))]))
            instance.step(Ticks(number * size), size)
            instance.read(group, found[number])
        seconds = perf_counter() - began
        instance.terminate()
    return seconds, found


def is_compared(variable: Variable) -> bool:
    """Tell whether the model computes this real number over time; derivatives jump and are left out."""
    is_computed = variable.causality in (Causality.OUTPUT, Causality.LOCAL) and not variable.name.startswith("der(")
    return is_computed and variable.type is VariableType.FLOAT64 and variable.variability is Variability.CONTINUOUS


def measure(case: Case, folder: Path, repeats: int, tolerance: float) -> dict[str, object]:
    """Run both interface types in turn; return medians [s], their ratio, the largest relative difference."""
    structure = dict(case.structure) if case.structure else None
    built = build([case.class_name], search_path=[MODELS], output=folder, fmi_versions=["2.0"], structure=structure)
    times: dict[str, list[float]] = {"Co-Simulation": [], "Model Exchange": []}
    found = {}
    for _ in range(repeats):
        for interface, taken in times.items():
            with open_fmu(built[0].path, interface) as file:  # type: ignore[arg-type]
                seconds, found[interface] = trajectory(file, case, tolerance)
            taken.append(seconds)
    cosimulation, exchange = (median(taken) for taken in times.values())
    first, second = found.values()
    scale = np.maximum(np.abs(first).max(axis=0), 1e-12)
    return {
        "case": case.name,
        "co_simulation_s": cosimulation,
        "model_exchange_s": exchange,
        "ratio": exchange / cosimulation,
        "difference": float((np.abs(first - second) / scale).max()),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print a list of records")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tolerance", type=float, default=1e-6)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    options = parser.parse_args()
    rows = []
    with TemporaryDirectory() as folder:
        for case in CASES:
            if options.only in case.name:
                row = measure(case, Path(folder), options.repeats, options.tolerance)
                rows.append(row)
                if not options.json:
                    print(
                        f"{row['case']:32} CS {row['co_simulation_s']:.4f} s  ME {row['model_exchange_s']:.4f} s  "
                        f"ratio {row['ratio']:.1f}  difference {row['difference']:.1e}",
                        flush=True,
                    )
    if options.json:
        print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
