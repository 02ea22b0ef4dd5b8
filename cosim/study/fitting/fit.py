"""A fit from its starts to its intervals, as a generator of points to run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats
from scipy.stats import qmc

from cosim.errors import StudyError
from cosim.study.fitting.asking import Asking, together
from cosim.study.fitting.curvature import Curvature, curvature
from cosim.study.fitting.descent import Descended, descend, neighbours, slopes
from cosim.study.fitting.problem import FitProblem, first_sigmas, next_sigmas, penalties, weights
from cosim.study.fitting.profile import Profile, Walk, walk
from cosim.study.problem import Array

MOST_ROUNDS: Final = 20
"""Of estimating standard deviations and fitting anew."""
SETTLED: Final = 1e-3
"""Relative change of standard deviations below which they have settled."""
COARSE: Final = 1e-4
"""Tolerance of the searches from all starts."""
FINE: Final = 1e-10
"""Tolerance of the search for the optimum."""
MOST_RESTARTS: Final = 3
"""How often a better optimum, met on a profile, is gone on from."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a fit is made; see the method 'calibration' for their meaning."""

    starts: int = 5
    confidence: float = 0.95
    step: float = 1e-3
    most_steps: int = 100
    has_profiles: bool = True
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Fit:
    """The optimum with its confidence.

    ``optima`` are coordinates and weighted sums of squares of all starts that came to an end, the best first;
    ``sigmas`` are the estimated standard deviations by group and ``freedoms`` theirs; ``intervals`` (p, 2) are from
    profiles, infinite where there is no limit within the bounds, and ``linear`` from the covariance, in values.
    """

    problem: FitProblem
    options: Options
    z: Array
    predictions: Array
    chi2: float
    sigmas: dict[int, float]
    freedoms: dict[int, float]
    curvature: Curvature
    profiles: tuple[Profile, ...]
    optima: tuple[tuple[Array, float], ...]
    n_starts_failed: int
    complaints: tuple[str, ...]

    @property
    def values(self) -> Array:
        """Return the parameters' values (p,)."""
        return np.asarray(self.problem.points(self.z[None, :])[0])

    @property
    def weights(self) -> Array:
        """Return 1 / standard deviation (n,) of all samples."""
        return weights(self.problem, self.sigmas)

    def threshold(self, j: int) -> float:
        """Return the rise of the weighted sum of squares at the limits of the interval of parameter ``j``."""
        return threshold(self.options.confidence, float(self.curvature.freedoms[j]))

    @property
    def linear(self) -> Array:
        """Return intervals (p, 2) from the covariance."""
        found = []
        for j, parameter in enumerate(self.problem.parameters):
            half = np.sqrt(self.threshold(j)) * self.curvature.errors[j]
            ends = [self.z[j] - half, self.z[j] + half]
            found.append([np.exp(x) if parameter.is_log else x for x in ends])
        return np.array(found)

    @property
    def intervals(self) -> Array:
        """Return intervals (p, 2) from profiles, or from the covariance where none were made."""
        if not self.profiles:
            return self.linear
        found = []
        for parameter, profile in zip(self.problem.parameters, self.profiles, strict=True):
            low = -np.inf if profile.below.limit is None else parameter.value(profile.below.limit)
            high = np.inf if profile.above.limit is None else parameter.value(profile.above.limit)
            found.append([low, high])
        return np.array(found)


def threshold(confidence: float, freedoms: float) -> float:
    """Return the square of the quantile of Student's t, or of the Gaussian where ``freedoms`` is infinite."""
    p = 0.5 + 0.5 * confidence
    return float(stats.norm.ppf(p) if np.isinf(freedoms) else stats.t.ppf(p, freedoms)) ** 2


def fit(problem: FitProblem, predict: Callable[[Array], Array], options: Options | None = None) -> Fit:
    """Fit with ``predict``, which turns points (m, p) into predictions (m, n).

    Raises
    ------
    StudyError
        When no start can be run.
    """
    asked = search(problem, options or Options())
    points = next(asked)
    while True:
        try:
            points = asked.send(predict(points))
        except StopIteration as stop:
            found: Fit = stop.value
            return found


def search(problem: FitProblem, options: Options) -> Asking[Fit]:
    """Return the search: starts side by side, standard deviations, curvature, profiles side by side.

    Raises
    ------
    StudyError
        When no start can be run.
    """
    sigmas = first_sigmas(problem)
    free = np.arange(len(problem.parameters))
    ended = yield from together(
        [
            descend(
                problem,
                weights(problem, sigmas),
                z,
                free=free,
                step=options.step,
                most_steps=options.most_steps,
                tolerance=COARSE,
            )
            for z in _starts(problem, options)
        ]
    )
    found = sorted((item for item in ended if item is not None), key=lambda item: item.chi2)
    if not found:
        raise StudyError(
            f"None of the {options.starts} points from which the fit could begin gives a value for every sample. "
            "Narrow the ranges of the factors to values with which the scenario runs, as far as the samples reach."
        )
    optima = tuple((item.z, item.chi2) for item in found)
    best = found[0]
    for _ in range(MOST_RESTARTS):
        best, sigmas, freedoms = yield from _settle(problem, options, best, sigmas)
        bent = yield from _curvature(problem, options, best, sigmas, freedoms)
        profiles = yield from _profiles(problem, options, best, sigmas, bent)
        better = next((s.better for p in profiles for s in (p.below, p.above) if s.better is not None), None)
        if better is None:
            break
        best = Descended(better, best.predictions, best.chi2)
    complaints = [item for item in (best.complaint,) if item]
    if better is not None:
        complaints.append("a profile met a better fit than the one reported, again and again")
    return Fit(
        problem, options, best.z, best.predictions, best.chi2, sigmas, freedoms, bent, profiles, optima,
        options.starts - len(found), tuple(complaints),
    )  # fmt: skip


def _starts(problem: FitProblem, options: Options) -> list[Array]:
    """Return the means of priors and the middle of ranges, and points of a Latin hypercube."""
    low, high = problem.bounds
    middle = np.array(
        [
            np.clip(p.prior[0], a, b) if p.prior is not None else 0.5 * (a + b)
            for p, a, b in zip(problem.parameters, low, high, strict=True)
        ]
    )
    cube = qmc.LatinHypercube(len(low), rng=options.seed).random(max(options.starts - 1, 1))
    return [middle, *(low + cube * (high - low))][: options.starts]


def _settle(
    problem: FitProblem, options: Options, best: Descended, sigmas: dict[int, float]
) -> Asking[tuple[Descended, dict[int, float], dict[int, float]]]:
    """Estimate standard deviations and fit anew, until neither changes; then fit finely."""
    free = np.arange(len(problem.parameters))

    def again(tolerance: float) -> Asking[Descended]:
        found = yield from descend(
            problem, weights(problem, sigmas), best.z, free=free, step=options.step, most_steps=options.most_steps,
            tolerance=tolerance,
        )  # fmt: skip
        return best if found is None else found

    complaint = f"standard deviations had not settled after {MOST_ROUNDS} rounds" if problem.estimated else ""
    for _ in range(MOST_ROUNDS if problem.estimated else 0):
        best = yield from again(COARSE)
        before, (sigmas, _) = sigmas, next_sigmas(problem, problem.values - best.predictions)
        if all(abs(sigmas[group] - before[group]) <= SETTLED * sigmas[group] for group in sigmas):
            complaint = ""
            break
    best = yield from again(FINE)
    sigmas, freedoms = next_sigmas(problem, problem.values - best.predictions)
    rows = (best.predictions - problem.values) * weights(problem, sigmas)
    chi2 = float(rows @ rows) + float(np.sum(penalties(problem, best.z) ** 2))
    return Descended(best.z, best.predictions, chi2, best.complaint or complaint), sigmas, freedoms


def _curvature(
    problem: FitProblem, options: Options, best: Descended, sigmas: dict[int, float], freedoms: dict[int, float]
) -> Asking[Curvature]:
    """Differentiate the predictions at the optimum."""
    points, spans = neighbours(problem, best.z, np.arange(len(problem.parameters)), options.step)
    rows = yield problem.points(points)
    return curvature(problem, slopes(best.predictions, rows, spans), weights(problem, sigmas), freedoms)


def _profiles(
    problem: FitProblem, options: Options, best: Descended, sigmas: dict[int, float], bent: Curvature
) -> Asking[tuple[Profile, ...]]:
    """Walk from the optimum along every parameter to both sides, all at the same time."""
    if not options.has_profiles:
        return ()
    scale = weights(problem, sigmas)
    limits = [threshold(options.confidence, float(freedom)) for freedom in bent.freedoms]
    walks = []
    for j, error in enumerate(bent.errors):
        expected = np.sqrt(limits[j]) * error
        is_known = np.isfinite(expected) and expected > 0.0
        first = expected if is_known else 0.1 * problem.widths[j]
        slope = np.nan_to_num(bent.covariance[:, j] / error**2) if is_known else np.zeros(len(best.z))
        for direction in (-1, 1):
            way = Walk(
                problem, scale, best.z, best.chi2, j, direction, first, slope, limits[j], options.step,
                options.most_steps,
            )  # fmt: skip
            walks.append(walk(way))
    sides = yield from together(walks)
    return tuple(Profile(sides[2 * j], sides[2 * j + 1], limits[j]) for j in range(len(problem.parameters)))
