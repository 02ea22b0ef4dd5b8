"""What cannot be bettered in one objective without loss in another, and how much of the space it commands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cosim.study.problem import Array


def front(costs: Array) -> list[int]:
    """Return which of ``costs`` (n, o) no other undercuts in one objective without exceeding it in another.

    In the order of the first objective; of equal ones the first stands for all.
    """
    _, first = np.unique(costs, axis=0, return_index=True)
    kept: list[int] = []
    for i in first.tolist():  # sorted by the first objective, then the next: who undercuts comes before
        if not (costs[kept] <= costs[i]).all(axis=1).any():
            kept.append(i)
    return kept


def hypervolume(costs: Array, reference: Array) -> float:
    """Return the volume of what ``costs`` (n, o) undercut below ``reference`` (o,).

    By slices along the last objective (While et al. 2006, doi:10.1109/TEVC.2005.851275).
    """
    inside = costs[np.all(costs < reference, axis=1)]
    if len(inside) == 0:
        return 0.0
    if inside.shape[1] == 1:
        return float(reference[0] - inside.min())
    order = inside[np.argsort(inside[:, -1], kind="stable")]
    ends = [*order[1:, -1].tolist(), float(reference[-1])]
    volume = 0.0
    for i, end in enumerate(ends):
        depth = end - float(order[i, -1])
        if depth > 0.0:
            below = order[: i + 1, :-1]
            volume += depth * hypervolume(below[front(below)], reference[:-1])
    return volume


def commanded(costs: Array, parts: Sequence[Array]) -> list[float]:
    """Return which share of the box around the front of ``costs`` (n, o) each of ``parts`` (i, o) commands.

    The box reaches a tenth of the front beyond its worst values, so that its ends count.
    """
    best = costs[front(costs)]
    low, high = best.min(axis=0), best.max(axis=0)
    sizes = np.where(high > low, high - low, 1.0)
    reference = np.full(costs.shape[1], 1.1)
    scaled = [(part - low) / sizes for part in parts]
    return [hypervolume(part[front(part)], reference) / float(np.prod(reference)) for part in scaled]


def compromise(costs: Array) -> int:
    """Return which of a front ``costs`` (n, o) lies nearest to the best of all objectives, each over its span."""
    low, high = costs.min(axis=0), costs.max(axis=0)
    scaled = (costs - low) / np.where(high > low, high - low, 1.0)
    return int(np.argmin(np.linalg.norm(scaled, axis=1)))
