"""Two surrogates weighed on runs of the new model that neither has learned from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cosim.audit.plain import hash_of
from cosim.errors import StudyError, raise_all
from cosim.native import cache_folder
from cosim.scenario.reading import Problems
from cosim.study.executor import Task
from cosim.substitution.sampler import Sampler
from cosim.substitution.source import open_source
from cosim.substitution.teaching import store_of
from cosim.surrogate.bind import bind_plan
from cosim.surrogate.design import parameter_points
from cosim.surrogate.judging import judge
from cosim.surrogate.model import Array, Plan, Runs, TrainingFile
from cosim.surrogate.package import MANIFEST, Package
from cosim.surrogate.transfer import require_same_kind


def weigh(file: TrainingFile, candidate: Package, in_service: Package | None) -> dict[str, Any]:
    """Return the errors of both on the test runs of the training, over the outputs by which people judge.

    The error is the median over the runs of the mean, over the outputs, of the RMS error as a share of the range.

    Raises
    ------
    CosimError
        When the one in service takes or gives other variables, so that there is nothing to compare.
    """
    problems = Problems()
    with open_source(file) as source:
        plan = bind_plan(file, source.description, problems)
        raise_all(problems.found)
        if in_service is not None:
            require_same_kind(in_service, plan, source.description)
        sha256 = source.sha256
    runs = unseen_runs(file, plan, sha256)
    names = [item.text for item in file.focus] or list(candidate.model.judged_names)
    own = _weighed(candidate, plan, names, runs)
    other = None if in_service is None else _weighed(in_service, plan, names, runs)
    return {
        "fmu": sha256,
        "runs": len(runs),
        "outputs": names,
        "candidate": own,
        "in_service": other,
        "is_better": other is None or _is_below(own["error"], other["error"]),
    }


def _is_below(error: float | None, other: float | None) -> bool:
    """Tell whether an error is smaller; None is that of a surrogate that breaks down."""
    return error is not None and (other is None or error < other)


def unseen_runs(file: TrainingFile, plan: Plan, sha256: str) -> Runs:
    """Return the test runs of a training, sampled anew where they are not kept any more."""
    store = store_of(plan, sha256, cache_folder())
    n = file.runs.total
    missing = [run for run in range(n - file.runs.test, n) if not store.has(run)]
    if missing:
        points = parameter_points(plan, n)
        with Sampler(file, store) as sampler:
            for run in missing:
                sampler.make(Task(run, tuple(points[run].tolist())))
    good = [run for run in range(n - file.runs.test, n) if store.has(run)]
    if not good:
        raise StudyError(f"None of the {file.runs.test} test runs of '{file.path.name}' could be made.")
    return store.load(good, plan)


def _weighed(package: Package, plan: Plan, names: list[str], runs: Runs) -> dict[str, Any]:
    with np.errstate(all="ignore"):  # one that breaks down has no error that is a number
        by_run = _errors(package, plan, names, runs)
    return {
        "surrogate": package.name,
        "sha256": package.sha256,
        "manifest": hash_of(package.folder / MANIFEST)[0],
        "error": _number(float(np.median(by_run))),
        "error_95th_percentile": _number(float(np.quantile(by_run, 0.95))),
    }


def _errors(package: Package, plan: Plan, names: list[str], runs: Runs) -> Array:
    judgement = judge(package.model, package.tensors, runs)
    chosen = np.isin(plan.output_names, names) & judgement.is_varying
    if not chosen.any():
        raise StudyError(f"None of {', '.join(names)} varies in the test runs. Widen the ranges of the training file.")
    return np.asarray(judgement.nrmse[:, chosen].mean(1))


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
