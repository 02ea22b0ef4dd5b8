"""The error of the columns as their cells are doubled, for each transport and isotherm; and a shock through them."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from library_fmu import LIBRARY, simulate

from cosim.build.builder import build

COLUMNS = (
    "lumped rate, no binding", "lumped rate, linear", "lumped rate, Langmuir", "lumped rate, Langmuir equilibrium",
    "lumped rate, Langmuir over pH", "lumped rate, steric mass action", "lumped pores, linear",
    "lumped pores, Langmuir", "general rate, linear", "general rate, Langmuir equilibrium",
)  # fmt: skip
CELLS = (20, 40, 80)
STOP = 3000.0


@dataclass(frozen=True, slots=True)
class Convergence:
    """Of one column: differences between each two grids, over the height of the peak, and what a shock does."""

    column: str
    coarse: float
    fine: float
    lowest: float
    highest: float

    @property
    def order(self) -> float:
        """Return the order that the two differences show."""
        return float(np.log2(self.coarse / self.fine))


def build_columns(folder: Path) -> dict[int, Path]:
    """Build the columns of this test on each grid."""
    found = {}
    for n in CELLS:
        (fmu,) = build(
            ["ConvergingColumns"], search_path=(Path(__file__).parent, LIBRARY.parent), output=folder / str(n),
            fmi_versions=("2.0",), structure={"n": n}, jobs=1,
        )  # fmt: skip
        found[n] = fmu.path
    return found


def courses(fmu: Path, *, sharp: bool) -> np.ndarray:
    """Return time × column: what leaves when a smooth pulse, or a pulse of constant height, enters."""
    names = [f"c[{i + 1}]" for i in range(len(COLUMNS))]
    course = simulate(fmu, names, stop=STOP, interval=5.0, tolerance=1e-8, sharp=1.0 if sharp else 0.0)
    return np.column_stack([course.all(name) for name in names])


def convergence(fmus: dict[int, Path]) -> list[Convergence]:
    """Return what halving the cells twice, and a shock through the finest grid, show of each column."""
    grids = [courses(fmus[n], sharp=False) for n in CELLS]
    shock = courses(fmus[CELLS[-1]], sharp=True)
    found = []
    for i, column in enumerate(COLUMNS):
        height = grids[-1][:, i].max()
        differences = [float(np.abs(a[:, i] - b[:, i]).mean() / height) for a, b in pairwise(grids)]
        found.append(Convergence(column, *differences, float(shock[:, i].min()), float(shock[:, i].max())))
    return found
