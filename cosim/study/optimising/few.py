"""A better place found with a handful of runs, each of which takes long: COBYQA, cut off where the budget ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.optimize import Bounds, NonlinearConstraint

from cosim.study.optimising.space import DIGITS
from cosim.study.problem import Array

FIRST_STEP: Final = 0.25
"""Radius of the first trust region, as a share of each range: a handful of runs does not come far in small steps."""
LAST_STEP: Final = 0.01
"""Radius at which a search is at its end."""
Ask = Callable[[Array], tuple[float, float]]
"""Returns cost and excess of a place (k,) in the unit cube; what exceeds zero is not allowed."""


class _Spent(Exception):
    """The budget is at its end."""


def search_few(ask: Ask, start: Array, n: int) -> None:
    """Let ``ask`` look at up to ``n`` places from ``start`` (k,) on, each once; what it saw is the answer.

    Cost and excess should be of the order of 1.
    """
    from cobyqa import minimize

    known: dict[bytes, tuple[float, float]] = {}

    def look(x: Array) -> tuple[float, float]:
        place = np.asarray(np.round(np.clip(x, 0.0, 1.0), DIGITS), dtype=np.float64)
        key = place.tobytes()
        if key not in known:
            if len(known) >= n:
                raise _Spent
            known[key] = ask(place)
        return known[key]

    k = len(start)
    limit = NonlinearConstraint(lambda x: np.array([look(x)[1]]), -np.inf, 0.0)
    options = {"radius_init": FIRST_STEP, "radius_final": LAST_STEP, "maxfev": 100 * n, "maxiter": 100 * n}
    try:
        minimize(
            lambda x: look(x)[0], start, bounds=Bounds(np.zeros(k), np.ones(k)), constraints=[limit], options=options
        )
    except _Spent:
        return
