"""Makes scale_up_2L_2000L.csv: two batches in 2 L to be fitted and one to be checked, with a truth that is known.

Run it in this folder: python scale_up_2L_2000L.py
"""

import csv
import tempfile
from pathlib import Path

import numpy as np

import cosim

FOLDER = Path(__file__).parent
TRUTH = {
    "reactor.mu_max": "0.0365 1/h",
    "reactor.kinetics.q_mab_max": "50 pg/d",
    "reactor.correlation.calibration": "2.6",
}
BATCHES = {"batch_1": ("fit", 0.4), "batch_2": ("fit", 0.6), "batch_3": ("check", 0.5)}
"""How each is used, and its inoculum in 1e6 cells per mL."""
HEADS = (
    "experiment", "use", "time [h]", "set reactor.cells_start [1e6/mL]", "reactor.viable_cells [1e6/mL]",
    "sd reactor.viable_cells [1e6/mL]", "reactor.titre [g/L]", "sd reactor.titre [g/L]", "reactor.oxygen [1]",
    "sd reactor.oxygen [1]",
)  # fmt: skip


def rows(name: str, use: str, cells: float, rng: np.random.Generator) -> list[list[str]]:
    """Return the samples of a batch, twice a day, with noise of 5 % (cells), 0.012 g/L and 0.02 (oxygen)."""
    with tempfile.TemporaryDirectory() as folder:
        values = {**TRUTH, "reactor.cells_start": f"{cells} 1e6/mL"}
        result = cosim.run(FOLDER.parent / "scale_up_2L.yaml", values, out=Path(folder) / "run")
        found = []
        for i, hour in enumerate(range(12, 145, 12)):
            row = [name, use if i == 0 else "", str(hour), f"{cells}" if i == 0 else ""]
            for variable, unit, share, least in (
                ("viable_cells", "1e6/mL", 0.05, 0.0),
                ("titre", "g/L", 0.0, 0.012),
                ("oxygen", "1", 0.0, 0.02),
            ):
                course = result[f"reactor.{variable}"].to(unit)
                true = float(np.interp(hour * 3600.0, course.time, course.values))
                sd = max(share * true, least)
                row += [f"{true + sd * rng.standard_normal():.4g}", f"{sd:.3g}"]
            found.append(row)
        return found


def main() -> None:
    """Write the table."""
    rng = np.random.default_rng(2026)
    told = ", ".join(f"{name} {value}" for name, value in TRUTH.items())
    with (FOLDER / "scale_up_2L_2000L.csv").open("w", newline="", encoding="utf-8") as file:
        file.write(f"# Made by scale_up_2L_2000L.py with scenarios/scale_up_2L.yaml, seed 2026, and {told}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADS)
        for name, (use, cells) in BATCHES.items():
            writer.writerows(rows(name, use, cells, rng))


if __name__ == "__main__":
    main()
