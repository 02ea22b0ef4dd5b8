"""Fewer points for drawing, with every extreme kept."""

from __future__ import annotations

import itertools

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
    n_buckets = max(1, n_points // 3)
    edges = np.linspace(0, n, n_buckets + 1).astype(np.int64)
    comparable = np.where(np.isfinite(values), values, np.nan)
    kept = {0, n - 1}
    for first, stop in itertools.pairwise(edges):
        kept.add(int(first))
        bucket = comparable[first:stop]
        if not np.all(np.isnan(bucket)):
            kept |= {int(first + np.nanargmin(bucket)), int(first + np.nanargmax(bucket))}
    return np.array(sorted(kept), dtype=np.int64)
