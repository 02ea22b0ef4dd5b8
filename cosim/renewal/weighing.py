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
from cosim.surrogate.parse import parse_training
from cosim.surrogate.transfer import require_same_kind


def weigh(file: TrainingFile, candidate: Package, in_service: Package | None) -> dict[str, Any]:
    """Return the errors of both on runs not seen, over the outputs by which people judge.

    The runs are the test runs of the training, or as many later ones of its design where the one in service has
    learned from the same FMU and has seen more: designs of one FMU may be the beginning of one another. The error is
    the median over the runs of the mean, over the outputs, of the RMS error as a share of the range.

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
    first = max(file.runs.total - file.runs.test, _seen(in_service, sha256))
    runs = runs_from(first, file, plan, sha256)
    names = [item.text for item in file.focus] or list(candidate.model.judged_names)
    own = _weighed(candidate, plan, names, runs)
    other = None if in_service is None else _weighed(in_service, plan, names, runs)
    return {
        "fmu": sha256,
        "runs": len(runs),
        "first_run": first,
        "outputs": names,
        "candidate": own,
        "in_service": other,
        "is_better": _is_below(own["error"], None if other is None else other["error"]),
    }


def _is_below(error: float | None, other: float | None) -> bool:
    """Tell whether an error is smaller; None is that of a surrogate that breaks down, or is not there."""
    return error is not None and (other is None or error < other)


def _seen(package: Package | None, sha256: str) -> int:
    """Return from which run on ``package`` has neither learned from nor been calibrated by those of an FMU."""
    training = {} if package is None else package.document["training"]
    if package is None or package.fmu_sha256 != sha256 or "runs" not in training:  # a hybrid learns from experiments
        return 0
    file, _ = parse_training(training["file"], package.folder / "training.yaml")
    if file is None:
        raise StudyError(f"'{package.folder}' does not tell which runs it has learned from. Train it again.")
    return file.runs.total - file.runs.test


def runs_from(first: int, file: TrainingFile, plan: Plan, sha256: str) -> Runs:
    """Return as many runs as a training is tested by, from ``first`` on; sampled where they are not kept."""
    store = store_of(plan, sha256, cache_folder())
    wanted = range(first, first + file.runs.test)
    missing = [run for run in wanted if not store.has(run)]
    if missing:
        points = parameter_points(plan, wanted.stop)
        with Sampler(file, store) as sampler:
            for run in missing:
                sampler.make(Task(run, tuple(points[run].tolist())))
    good = [run for run in wanted if store.has(run)]
    if not good:
        raise StudyError(f"None of the {file.runs.test} runs to compare by of '{file.path.name}' could be made.")
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
