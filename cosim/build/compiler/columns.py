"""Operations on columns of values that CasADi writes as short C loops."""

import casadi as ca
import numpy as np
from numpy.typing import NDArray

MX = ca.MX


def entries(values: ca.MX, index: NDArray[np.int64]) -> ca.MX:
    """Take entries of a column as a column; CasADi makes a row of the entries of a scalar."""
    return ca.vec(values[index.tolist()])


def picked(values: ca.MX, index: NDArray[np.int64]) -> ca.MX:
    """Take entries of a column, none copied where all are taken in order."""
    if len(index) == values.shape[0] and bool((index == np.arange(len(index))).all()):
        return values
    return entries(values, index) if len(index) else MX(0, 1)


def summed(values: ca.MX, places: NDArray[np.int64], size: int) -> ca.MX:
    """Add up the entries of ``values`` that have the same place in the result."""
    sparsity = ca.Sparsity.triplet(size, len(places), places.tolist(), list(range(len(places))))
    if len(places) == size and len(np.unique(places)) == size:
        return picked(values, np.argsort(places))
    return ca.densify(ca.mtimes(ca.DM(sparsity, 1.0), values))
