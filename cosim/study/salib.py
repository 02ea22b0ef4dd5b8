"""What is used of SALib, which the extra ``study`` installs."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np

from cosim.study.problem import Array


def not_installed(method: str) -> Sequence[str]:
    """Object where SALib is not there."""
    if importlib.util.find_spec("SALib") is not None:
        return ()
    return (f"Method '{method}' needs SALib: pip install 'bioprocess-cosim[study]'.",)


def _problem(k: int) -> dict[str, Any]:
    return {"num_vars": k, "names": [f"x{i}" for i in range(k)], "bounds": [[0.0, 1.0]] * k}


def sobol_points(k: int, n: int, seed: int) -> Array:
    """Return points (n·(k + 2), k) of the unit cube for ``sobol_indices``: Saltelli's blocks of k + 2."""
    from SALib.sample import sobol

    return np.asarray(sobol.sample(_problem(k), n, calc_second_order=False, seed=seed))


def sobol_indices(k: int, values: Array, confidence: float, seed: int) -> tuple[Array, Array, Array, Array]:
    """Return first-order indices (k,), half their confidence intervals, total indices, half theirs."""
    from SALib.analyze import sobol

    found = sobol.analyze(  # a seed of 0 would be none
        _problem(k), values, calc_second_order=False, num_resamples=200, conf_level=confidence, seed=seed + 1
    )
    first, first_half, total, total_half = (np.asarray(found[key]) for key in ("S1", "S1_conf", "ST", "ST_conf"))
    return first, first_half, total, total_half


def morris_points(k: int, n: int, levels: int, seed: int) -> Array:
    """Return points (n·(k + 1), k) of the unit cube: ``n`` trajectories of k + 1, on ``levels``."""
    from SALib.sample import morris

    return np.asarray(morris.sample(_problem(k), n, num_levels=levels, seed=seed))


def morris_effects(
    points: Array, values: Array, levels: int, confidence: float, seed: int
) -> tuple[Array, Array, Array, Array]:
    """Return mean absolute effect (k,), half its confidence interval, mean effect, standard deviation of effects."""
    from SALib.analyze import morris

    found = morris.analyze(
        _problem(points.shape[1]), points, values, num_levels=levels, conf_level=confidence, seed=seed + 1
    )
    star, half, mean, spread = (np.ma.filled(found[key], np.nan) for key in ("mu_star", "mu_star_conf", "mu", "sigma"))
    return star, half, mean, spread
