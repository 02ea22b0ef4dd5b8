"""What should make one doubt a fit, in words: what the data cannot tell, and where the theory does not hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from cosim.study.fitting.fit import Fit
from cosim.study.fitting.problem import Parameter
from cosim.study.fitting.profile import AT_BOUND

CORRELATED: Final = 0.95
"""Correlations beyond this are told."""
DISAGREEING: Final = 0.25
"""Share of the half width by which limits from the covariance and from the profile may differ."""


def doubts(fit: Fit) -> tuple[str, ...]:
    """Return what should make one doubt the parameters of ``fit``, the gravest first."""
    found = [*_undetermined(fit), *_at_bounds(fit), *_profiles(fit), *_correlated(fit), *_disagreeing(fit)]
    return (*found, *_search(fit))


def _names(parameters: Sequence[Parameter], chosen: Sequence[int]) -> str:
    names = [parameters[i].name for i in chosen]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _undetermined(fit: Fit) -> list[str]:
    found = []
    for group in fit.curvature.undetermined:
        names = _names(fit.problem.parameters, group)
        found.append(
            f"{names} has no effect on what was measured: the data cannot tell it. Leave it out of the factors."
            if len(group) == 1
            else f"The data determine only a combination of {names}: one can make up for another. Fix all but one of "
            "them, or measure what tells them apart."
        )
    return found


def _at_bounds(fit: Fit) -> list[str]:
    found = []
    for parameter, z in zip(fit.problem.parameters, fit.z, strict=True):
        for word, bound in zip(("lower", "upper"), parameter.bounds, strict=True):
            if abs(z - bound) <= AT_BOUND * parameter.width:
                found.append(
                    f"{parameter.name} is at the {word} end of its range, {_with_unit(parameter, bound)}: the best "
                    "value may lie beyond. Widen the range, or ask what the model lacks."
                )
    return found


def _with_unit(parameter: Parameter, z: float) -> str:
    unit = "" if parameter.unit == "1" else f" {parameter.unit}"
    return f"{parameter.value(z):g}{unit}"


def _profiles(fit: Fit) -> list[str]:
    """Tell of intervals that are open, of parameters of which that was not told already."""
    told = {j for group in fit.curvature.undetermined for j in group}
    found = []
    for j, profile in enumerate(fit.profiles):
        name = fit.problem.parameters[j].name
        if profile.is_flat and j not in told:
            found.append(
                f"The profile of {name} is flat: any value in its range fits about as well. The data cannot tell it."
            )
        elif not profile.is_flat and (profile.below.limit is None or profile.above.limit is None):
            side, way = ("lower", "down") if profile.below.limit is None else ("upper", "up")
            found.append(
                f"The data give {name} no {side} limit: its profile does not rise enough {way} to the end of its range."
            )
        for word, one in (("lower", profile.below), ("upper", profile.above)):
            if one.held:
                others = _names(fit.problem.parameters, one.held)
                found.append(
                    f"The {word} limit of {name} comes from the range of {others}, not from the data: widen that "
                    "range, or fix one of them."
                )
        n_failed = profile.below.n_failed + profile.above.n_failed
        if n_failed:
            found.append(
                f"On the profile of {name} {n_failed} points could not be run: its limits may lie farther out."
            )
    return found


def _correlated(fit: Fit) -> list[str]:
    parameters, found = fit.problem.parameters, []
    for i in range(len(parameters)):
        for j in range(i):
            correlation = fit.curvature.correlation(j, i)
            if abs(correlation) > CORRELATED:
                found.append(
                    f"{parameters[j].name} and {parameters[i].name} are strongly correlated ({correlation:+.3f}): the "
                    "data tell a combination of them far better than either."
                )
    return found


def _disagreeing(fit: Fit) -> list[str]:
    """Tell where linear theory and profile differ: there the model is curved over the interval."""
    found = []
    for j, profile in enumerate(fit.profiles):
        half = math.sqrt(profile.threshold) * float(fit.curvature.errors[j])
        ends = (profile.below.limit, profile.above.limit)
        reaches = [abs(end - fit.z[j]) for end in ends if end is not None]
        if half > 0.0 and any(abs(reach - half) > DISAGREEING * half for reach in reaches):
            low, high = (f"{x:.4g}" for x in fit.linear[j])
            found.append(
                f"The covariance would give {fit.problem.parameters[j].name} {low} to {high}, which the profile does "
                "not confirm: the model is curved there. Trust the profile."
            )
    return found


def _search(fit: Fit) -> list[str]:
    found = [f"The fit is not to be trusted: {text}." for text in fit.complaints]
    if fit.n_starts_failed:
        found.append(f"{fit.n_starts_failed} of {fit.options.starts} starts could not be run.")
    best = fit.optima[0][1]
    close = [chi2 for _, chi2 in fit.optima if chi2 <= best * (1.0 + 1e-3) + 1e-6]
    if len(fit.optima) > 2 and len(close) == 1:
        found.append(
            f"Only one of {len(fit.optima)} starts came to the best fit: there may be a better one yet. Raise 'starts'."
        )
    return found


def autocorrelation(residuals: Sequence[float]) -> float:
    """Return the correlation of weighted residuals with those that follow them, 0 where there are too few."""
    rows = np.asarray(residuals)
    total = float(rows @ rows)
    return float(rows[1:] @ rows[:-1]) / total if len(rows) >= 5 and total > 0.0 else 0.0
