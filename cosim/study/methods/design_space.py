"""Design space: with which probability all specifications are met, over the factors that are set."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from cosim.algorithm.option import option
from cosim.study.design_space.answer import Answering, answer, not_fitted
from cosim.study.design_space.field import AbstractField, Interpolated, OnSurfaces, Space
from cosim.study.design_space.grid import Roles, levels_of, mesh, roles_of, set_point_of
from cosim.study.design_space.surfaces import Fitted, best_fit, scaling_of
from cosim.study.gaussian_process import MOST_POINTS
from cosim.study.method import MOST_RUNS, AbstractMethod, Answer, Batches, Runs, categorical
from cosim.study.problem import Array, Problem, Response

MOST_DESIGN: int = 3
"""Factors that a map shows."""


@dataclass(frozen=True, slots=True)
class DesignSpace(AbstractMethod):
    """Factors with a range are set, those with another distribution scatter about what they are.

    Source: ICH Q8(R2) 2009, Pharmaceutical development, glossary: design space, proven acceptable range; probability
    as the measure of assurance after Peterson 2008, doi:10.1080/10543400802278197.
    """

    levels: int = option(7, "of each factor that is set", least=3, most=200)
    draws: int = option(100, "of the factors that scatter, at each point of the grid", least=10, most=100_000)
    probability: float = option(0.9, "demanded", least=0.01, most=1.0)
    confidence: float = option(0.95, "of the intervals", least=0.5, most=0.999)
    surface: str = option(
        "none",
        "fitted to the runs in place of runs at every point",
        choices=("none", "best", "quadratic", "gaussian_process"),
    )
    samples: int = option(128, "runs that a surface is fitted to, a power of two", least=16, most=MOST_POINTS)
    least_fit: float = option(0.9, "share of the variance that a surface has to predict", least=0.0, most=1.0)

    def objections(self, problem: Problem) -> Sequence[str]:
        roles = roles_of(problem)
        found = [*categorical(problem, "design_space"), *_correlated_design(problem, roles)]
        if not 1 <= len(roles.design) <= MOST_DESIGN:
            found.append(
                f"{len(roles.design)} factors have a range; a design space is drawn over 1 to {MOST_DESIGN}. Give the "
                "others a distribution such as {mean: …, sd: …}, or write their value under 'parameters'."
            )
        if not _limited(problem):
            found.append("No response has a specification. Write 'at_least' or 'at_most' with those to be met.")
        if self.surface != "none" and self.samples & (self.samples - 1):
            text = f"'samples' is {self.samples}; the sequence is even at powers of two only"
            found.append(f"{text}. Write {2 ** self.samples.bit_length()}.")
        if not found and self.surface == "none" and self._n_runs(problem, roles) > MOST_RUNS:
            n = self._n_runs(problem, roles)
            found.append(f"{n:,} runs are too many. Take fewer levels or draws, or 'surface: best'.")
        return found

    def _n_draws(self, roles: Roles) -> int:
        return self.draws if roles.noise else 1

    def _axes(self, problem: Problem, roles: Roles) -> list[Array]:
        return [levels_of(problem.factors[i], self.levels) for i in roles.design]

    def _n_runs(self, problem: Problem, roles: Roles) -> int:
        return math.prod(len(axis) for axis in self._axes(problem, roles)) * self._n_draws(roles)

    def batches(self, problem: Problem) -> Batches:
        roles = roles_of(problem)
        if self.surface != "none":
            sequence = qmc.Sobol(len(problem.factors), seed=np.random.default_rng(problem.seed))
            cube = sequence.random_base2(self.samples.bit_length() - 1)
            yield _placed(self._sampled(problem, roles, cube), roles)
            return
        points = mesh(self._axes(problem, roles))
        scatter = problem.scattered(roles.noise, self._n_draws(roles))
        pairs = np.hstack([np.repeat(points, len(scatter), axis=0), np.tile(scatter, (len(points), 1))])
        yield _placed(pairs, roles)

    def _sampled(self, problem: Problem, roles: Roles, cube: Array) -> Array:
        points = scaling_of(problem, roles).points(cube)
        for j, i in enumerate(roles.design):
            points[:, j] = problem.factors[i].distribution.quantile(cube[:, j])
        return points

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        roles, limited = roles_of(problem), _limited(problem)
        values = runs.values[:, [j for j, _ in limited]]
        responses = tuple(response for _, response in limited)
        fits: tuple[Fitted, ...] = ()
        if self.surface == "none":
            field: AbstractField = self._interpolated(problem, roles, values)
        else:
            found = self._fits(problem, roles, runs.points, values)
            fits = tuple(fit for fit in found if fit is not None)
            if len(fits) < len(found) or min(fit.explained for fit in fits) < self.least_fit:
                return not_fitted(problem, runs, responses, found, self.least_fit)
            field = self._on_surfaces(problem, roles, fits)
        space = Space(
            tuple(problem.factors[i] for i in roles.design),
            np.array([set_point_of(problem.factors[i]) for i in roles.design]),
            responses,
            field,
            _scales(values),
            self.probability,
            self.confidence,
        )
        return answer(Answering(problem, runs, space, self._axes(problem, roles), fits, bool(roles.noise)))

    def _interpolated(self, problem: Problem, roles: Roles, values: Array) -> Interpolated:
        return Interpolated(self._axes(problem, roles), values.reshape(-1, self._n_draws(roles), values.shape[1]))

    def _fits(self, problem: Problem, roles: Roles, points: Array, values: Array) -> list[Fitted | None]:
        x = scaling_of(problem, roles).all(points[:, [*roles.design, *roles.noise]])
        there = np.isfinite(values)
        return [best_fit(self.surface, x[there[:, j]], values[there[:, j], j]) for j in range(values.shape[1])]

    def _on_surfaces(self, problem: Problem, roles: Roles, fits: Sequence[Fitted]) -> OnSurfaces:
        scatter = problem.scattered(roles.noise, self.draws)
        errors = np.random.default_rng((problem.seed, 1)).standard_normal((self.draws, len(fits)))
        return OnSurfaces(fits, scaling_of(problem, roles), scatter, errors)


def _limited(problem: Problem) -> list[tuple[int, Response]]:
    return [(j, response) for j, response in enumerate(problem.responses) if response.has_limits]


def _correlated_design(problem: Problem, roles: Roles) -> list[str]:
    if problem.correlations is None:
        return []
    tied = np.abs(problem.correlations - np.eye(len(problem.factors)))[list(roles.design)].sum(axis=1)
    names = [problem.factors[i].name for i, amount in zip(roles.design, tied, strict=True) if amount > 0.0]
    return [f"{', '.join(names)} is set, and correlated with another factor. Remove the correlation."] if names else []


def _placed(points: Array, roles: Roles) -> Array:
    """Put columns, those that are set first, into the order of the factors."""
    found = np.empty_like(points)
    found[:, [*roles.design, *roles.noise]] = points
    return found


def _scales(values: Array) -> Array:
    """Return the spread of each response (m,), 1 for one that does not vary."""
    found = np.ones(values.shape[1])
    for j in range(values.shape[1]):
        there = values[np.isfinite(values[:, j]), j]
        spread = float(np.std(there)) if len(there) > 1 else 0.0
        found[j] = spread if spread > 0.0 else 1.0
    return found
