"""Sparse matrices whose values are expressions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class SparseColumns:
    """Nonzeros of a matrix: row and column of each, and their values as one column."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: Any  # ca.SX or ca.MX
    n_rows: int = 0
