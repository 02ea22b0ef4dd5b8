"""Fewer points for drawing, with every extreme kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def keep_extremes(values: NDArray[np.float64], n_points: int) -> NDArray[np.int64]:
    """Choose at most about ``n_points`` of ``values`` (n,) such that a line through them looks the same.

    The samples are cut into buckets of equal count; of each the first, smallest and largest are kept, and the last of
    all. Buckets follow the samples, not the time, so that a finely sampled phase keeps its detail.

    Returns
    -------
    NDArray[np.int64]
        Indices in increasing order; all of them when there are no more than ``n_points``.
    """
    n = len(values)
    if n <= n_points:
        return np.arange(n, dtype=np.int64)
    width = -(-n // max(1, n_points // 3))
    n_buckets = -(-n // width)
    is_finite = np.zeros(n_buckets * width, dtype=bool)
    is_finite[:n] = np.isfinite(values)
    padded = np.zeros(n_buckets * width)
    padded[:n] = values
    buckets = np.arange(n_buckets) * width
    lowest = np.where(is_finite, padded, np.inf).reshape(n_buckets, width).argmin(axis=1)
    highest = np.where(is_finite, padded, -np.inf).reshape(n_buckets, width).argmax(axis=1)
    return np.unique(np.concatenate([buckets, buckets + lowest, buckets + highest, [n - 1]]))
