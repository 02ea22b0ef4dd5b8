"""What is used of optuna, which the extra ``study`` installs: samplers that are asked for batches and told of them."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cosim.study.fitting.asking import Asking
from cosim.study.optimising.aims import Aims
from cosim.study.optimising.space import DIGITS
from cosim.study.problem import Array, Factor, Problem

if TYPE_CHECKING:
    import optuna

SAMPLERS: Final = ("tpe", "nsga2")
_EXCESSES: Final = "excesses"
"""Attribute of a trial under which its excesses over limits are kept."""


def not_installed(method: str, sampler: str) -> Sequence[str]:
    """Object where optuna is not there."""
    if importlib.util.find_spec("optuna") is not None:
        return ()
    return (f"Solver '{sampler}' of method '{method}' needs optuna: pip install 'bioprocess-cosim[study]'.",)


def sampled(problem: Problem, aims: Aims, sampler: str, batch: int) -> Asking[None]:
    """Ask for ``batch`` runs (batch, k) of the unit cube again and again, beginning with those of the sampler itself.

    Whoever asks no more closes this generator.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is experimental, and of what later versions leave out
        study = optuna.create_study(
            sampler=_sampler(sampler, batch, problem, aims), directions=["minimize"] * len(aims.objectives)
        )
    axes = {f"x{i:03d}": _axis(factor) for i, factor in enumerate(problem.factors)}
    tell = _Teller(study, aims)
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of optuna's own making, and nothing a reader could change
            trials = [study.ask(axes) for _ in range(batch)]
        cube = np.array([[_place(trial.params[name], axes[name]) for name in axes] for trial in trials])
        values = yield np.round(cube, DIGITS)
        tell(trials, values)


def _sampler(name: str, batch: int, problem: Problem, aims: Aims) -> optuna.samplers.BaseSampler:
    from optuna import samplers

    def excesses(trial: optuna.trial.FrozenTrial) -> Sequence[float]:
        return trial.user_attrs[_EXCESSES]  # type: ignore[no-any-return]

    seed = problem.seed % 2**32  # of which numpy wants no more
    limits: dict[str, Any] = {"constraints_func": excesses}
    if name == "tpe":
        return samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True, n_startup_trials=batch, **limits)
    has_ranges = any(not factor.is_discrete for factor in problem.factors)
    crossover = samplers.nsgaii.SBXCrossover() if has_ranges else None
    return samplers.NSGAIISampler(seed=seed, population_size=batch, crossover=crossover, **limits)


def _axis(factor: Factor) -> optuna.distributions.BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if not factor.is_discrete:
        return FloatDistribution(0.0, 1.0)
    n = len(factor.distribution.values)  # type: ignore[attr-defined]
    return CategoricalDistribution(tuple(range(n))) if factor.is_categorical else IntDistribution(0, n - 1)


def _place(value: float, axis: optuna.distributions.BaseDistribution) -> float:
    """Return the place in the unit cube of what a trial chose."""
    from optuna.distributions import CategoricalDistribution, IntDistribution

    if isinstance(axis, CategoricalDistribution):
        return (value + 0.5) / len(axis.choices)
    return (value + 0.5) / (axis.high + 1) if isinstance(axis, IntDistribution) else float(value)


class _Teller:
    """Tells a study what its trials gave."""

    def __init__(self, study: optuna.Study, aims: Aims) -> None:
        self._study, self._aims = study, aims
        self._worst = np.full(len(aims.objectives), -np.inf)
        self._spans: Array | None = None

    def __call__(self, trials: Sequence[optuna.Trial], values: Array) -> None:
        """Tell of a batch; a run without values is as bad as the worst so far, and misses a limit by all it spans."""
        judged = self._aims.judged(values)
        if self._spans is None:
            self._spans = judged.spans
        if judged.is_there.any():
            self._worst = np.maximum(self._worst, judged.costs[judged.is_there].max(axis=0))
        worst = np.where(np.isfinite(self._worst), self._worst, 0.0)
        for i, trial in enumerate(trials):
            is_there = bool(judged.is_there[i])
            excesses = judged.excesses[i] / self._spans if is_there else np.ones(len(self._spans))
            trial.set_user_attr(_EXCESSES, [*excesses.tolist(), 0.0 if is_there else 1.0])
            self._study.tell(trial, (judged.costs[i] if is_there else worst).tolist())
