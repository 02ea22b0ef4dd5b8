"""How good a surrogate is on runs it has not seen: errors over ranges, bands that hold as often as they say."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.surrogate.architectures.contract import AbstractModel, roll_out
from cosim.surrogate.model import Array, Runs

LEVEL: Final = 0.9
"""Nominal coverage of the bands."""
NEARLY_NONE: Final = 0.01
"""Share of the range below which a value at the end is too small to divide by."""
SMALL: Final = 1e-12
"""Range, over the largest value, below which an output counts as constant."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Errors of outputs (n_runs, n_outputs) as shares of their ranges, over whole runs; worst moments; final values."""

    nrmse: Array
    worst: Array
    """Largest error in a run, over the range."""
    final: Array
    """Error at the end, over the value there or, where that is nearly none, over a hundredth of the range."""
    is_varying: NDArray[np.bool_]
    is_judged: NDArray[np.bool_]
    coordinates: Array
    spreads: Array

    @property
    def by_run(self) -> Array:
        """Mean NRMSE of the judged outputs (n_runs,)."""
        return np.asarray(self.nrmse[:, self.is_judged & self.is_varying].mean(1))

    def summary(self, names: Sequence[str], focus: Sequence[str]) -> dict[str, float]:
        """Return the figures people look at."""
        by_run = self.by_run
        found = {"NRMSE, median": float(np.median(by_run)), "NRMSE, 95th percentile": float(np.quantile(by_run, 0.95))}
        medians = np.median(self.nrmse, 0)
        worst = int(np.argmax(medians))
        found[f"worst output ({names[worst]}), NRMSE, median"] = float(medians[worst])
        for name in focus:
            i = list(names).index(name)
            found[f"{name}, NRMSE, median"] = float(np.median(self.nrmse[:, i]))
            found[f"{name}, final error, 95th percentile"] = float(np.quantile(self.final[:, i], 0.95))
        return found


def ranges(runs: Runs) -> Array:
    """Return the range of each output over ``runs``, 0 where it does not vary."""
    outputs = runs.outputs
    span = np.ptp(outputs, axis=(0, 1))
    return np.where(span > SMALL * np.abs(outputs).max((0, 1)), span, 0.0)


def judge(model: AbstractModel, tensors: Mapping[str, Array], runs: Runs) -> Judgement:
    """Take ``runs`` with the surrogate and compare."""
    outputs, coordinates, spreads = roll_out(model, tensors, runs)
    span = ranges(runs)
    is_varying = span > 0
    scale = np.where(is_varying, span, 1.0)
    error = np.abs(outputs - runs.outputs) / scale
    last = np.maximum(np.abs(runs.outputs[:, -1]), NEARLY_NONE * span)
    final = np.abs(outputs[:, -1] - runs.outputs[:, -1]) / np.where(last > 0, last, 1.0)
    nrmse = np.sqrt((error**2).mean(1))
    is_judged = np.isin(model.output_names, model.judged_names)
    return Judgement(nrmse, error.max(1), final, is_varying, is_judged, coordinates, spreads)


def score(model: AbstractModel, tensors: Mapping[str, Array], runs: Runs) -> float:
    """Return the median over runs of the mean NRMSE of judged outputs, infinite where the surrogate breaks down."""
    with np.errstate(all="ignore"):
        found = float(np.median(judge(model, tensors, runs).by_run))
    return found if math.isfinite(found) else math.inf


def audit_errors(model: AbstractModel, tensors: Mapping[str, Array], runs: Runs, n_steps: int) -> Array:
    """Return errors (n_windows, n_outputs) after ``n_steps`` from where the FMU was, for windows without a gap.

    Where outputs do not tell the state, by how much errors grow over the window in runs from the beginning.
    """
    if not model.is_told:
        apart = roll_out(model, tensors, runs)[0] - runs.outputs
        begins = np.arange(0, runs.inputs.shape[1] - n_steps + 1, n_steps)
        return np.concatenate(np.abs(apart[:, begins + n_steps] - apart[:, begins]))
    found = []
    true = model.encode(runs.outputs[:, 0], np.zeros(len(runs)))
    for begin in range(0, runs.inputs.shape[1] - n_steps + 1, n_steps):
        state = true
        for k in range(begin, begin + n_steps):
            state = model.advance(tensors, state, runs.inputs[:, k], runs.parameters, model.step_size).state
            time = np.full(len(runs), (k + 1) * model.step_size)
            true = model.follow(true, runs.inputs[:, k], runs.outputs[:, k + 1], time)
        last = runs.inputs[:, begin + n_steps - 1]
        error = model.outputs(tensors, state, last, runs.parameters) - runs.outputs[:, begin + n_steps]
        found.append(np.abs(error))
    return np.concatenate(found)


def conformal_half_widths(worst: Array, level: float = LEVEL) -> Array:
    """Return half widths (n_outputs) over the range that a whole new run stays within, with probability ``level``.

    Split conformal prediction: the ⌈(n + 1) level⌉-th smallest of the largest errors of ``n`` calibration runs; the
    largest where there are too few. Source: Vovk, Gammerman and Shafer 2005, Algorithmic Learning in a Random World.
    """
    n = len(worst)
    rank = min(math.ceil((n + 1) * level), n)
    return np.asarray(np.sort(worst, axis=0)[rank - 1])


def coverage(worst: Array, half_widths: Array) -> Array:
    """Return for each output the share of runs that stay within their band."""
    return np.asarray((worst <= half_widths).mean(0))
