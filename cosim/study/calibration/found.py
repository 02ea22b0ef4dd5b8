"""What a calibration has found: the fit, and what it predicts of all experiments, those held out among them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from cosim.errors import StudyError
from cosim.study.calibration.case import Case, Signal
from cosim.study.fitting import Fit
from cosim.study.fitting.asking import Asking
from cosim.study.fitting.descent import neighbours, slopes
from cosim.study.fitting.doubts import autocorrelation
from cosim.study.problem import Array

UNLIKELY: Final = 0.01
"""Probability below which a test is told."""
FOLLOWING: Final = 0.5
"""Correlation of residuals with the next above which it is told."""


@dataclass(frozen=True, slots=True)
class Found:
    """Predictions (e, r) of all responses in all experiments at the optimum, and their standard errors (e, r)."""

    case: Case
    fit: Fit
    predictions: Array
    errors: Array


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a signal and its prediction agree: ``error`` is the root mean square of their difference.

    ``deviation`` is that of measurement, NaN where nobody knows it; ``ratio`` compares the difference with measurement
    and prediction error together, about 1 where the model is right; ``p`` is how likely it is to be that large.
    """

    error: float
    deviation: float
    ratio: float
    p: float
    following: float


def expanded(case: Case, asked: Asking[Fit]) -> Asking[Fit]:
    """Let ``asked`` ask for runs of all experiments that are fitted.

    Raises
    ------
    StudyError
        When a sample lies where no run comes.
    """
    try:
        points = next(asked)
        while True:
            responses = yield case.points(points, case.fitted)
            unreached = case.unreached(responses)
            if unreached:
                raise StudyError(unreached)
            points = asked.send(case.predictions(responses))
    except StopIteration as stop:
        return stop.value  # type: ignore[no-any-return]
    finally:
        asked.close()


def look_around(case: Case, fit: Fit) -> Asking[Found]:
    """Run all experiments at the optimum and beside it."""
    every = range(len(case.experiments))
    beside, spans = neighbours(fit.problem, fit.z, np.arange(len(fit.z)), fit.options.step)
    values = fit.problem.points(np.vstack([fit.z[None, :], beside]))
    responses = yield case.points(values, every)
    rows = responses.reshape(len(values), len(case.experiments), -1)
    here = rows[0]
    errors = [
        fit.curvature.of_predictions(slopes(here[k], rows[1:, k, :], spans)) for k in range(len(case.experiments))
    ]
    return Found(case, fit, here, np.array(errors))


def deviations(found: Found, signal: Signal) -> Array:
    """Return standard deviations (n,) of the samples of ``signal``, stated or estimated; NaN where neither is there."""
    estimated = found.fit.sigmas.get(signal.group, math.nan)
    return np.asarray(np.where(np.isnan(signal.series.deviations), estimated, signal.series.deviations))


def residuals(found: Found, signal: Signal) -> Array:
    """Return what was measured minus what is predicted."""
    return np.asarray(signal.series.values - found.predictions[signal.experiment, signal.responses])


def agreement(found: Found, signal: Signal) -> Agreement:
    """Compare ``signal`` with its prediction."""
    rest = residuals(found, signal)
    sd = deviations(found, signal)
    is_held_out = found.case.experiments[signal.experiment].is_held_out
    band = found.errors[signal.experiment, signal.responses] if is_held_out else 0.0
    weighted = rest / np.sqrt(sd**2 + band**2)
    square = float(weighted @ weighted)
    return Agreement(
        error=float(np.sqrt(np.mean(rest**2))),
        deviation=float(np.sqrt(np.mean(sd**2))),
        ratio=math.sqrt(square / len(rest)),
        p=float(stats.chi2.sf(square, len(rest))) if math.isfinite(square) else math.nan,
        following=autocorrelation(list(weighted)) if math.isfinite(square) else 0.0,
    )


def misfits(found: Found) -> list[str]:
    """Tell of signals that the model does not describe, or does not predict."""
    told = []
    for signal in found.case.signals:
        experiment, seen = found.case.experiments[signal.experiment], agreement(found, signal)
        name = f"{signal.series.variable} in '{experiment.name}'"
        if math.isnan(seen.error):
            told.append(f"{name} has no prediction at every sample: the run failed, or ended before.")
        elif math.isnan(seen.deviation):
            told.append(f"How well {name} is predicted cannot be judged: nobody states its standard deviation.")
        elif seen.p < UNLIKELY and experiment.is_held_out:
            told.append(
                f"{name} was held out and is {seen.ratio:.1f} times as far from its prediction as measurement and "
                "parameters explain: the model lacks something there."
            )
        elif seen.p < UNLIKELY and not np.isnan(signal.series.deviations).any():
            told.append(
                f"{name} is {seen.ratio:.1f} times as far from the fit as its stated standard deviations: these are "
                "too small, or the model lacks something, and the intervals are too narrow."
            )
        elif not experiment.is_held_out and seen.following > FOLLOWING:
            told.append(
                f"What is left of {name} after the fit follows a course of its own (correlation of neighbours "
                f"{seen.following:.2f}): the model lacks something, and the intervals are too narrow."
            )
    return told
