"""What a scale-up runs: the calibration, the setting that holds each criterion, and samples of the parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from cosim.study.calibration.found import Found
from cosim.study.fitting import Fit
from cosim.study.fitting.asking import Asking
from cosim.study.problem import Array
from cosim.study.scale_up.case import ScaleCase

NEAR: Final = 1e-6
"""Relative distance to the criterion at which a setting is taken."""
MOST_STEPS: Final = 12
"""Of the search for one, all criteria side by side."""


@dataclass(frozen=True, slots=True)
class Held:
    """A criterion held at large scale by ``setting``; criteria (c,) and predictions (r,) there, at the best fit."""

    name: str
    setting: float
    criteria: Array
    predictions: Array


@dataclass(frozen=True, slots=True)
class Scaled:
    """What was found: at small scale and for each criterion; ``samples`` (1 + h, n, r) with the parameters' spread."""

    scales: ScaleCase
    found: Found
    small: Held
    held: tuple[Held, ...]
    samples: Array
    complaints: tuple[str, ...]


@dataclass(slots=True)
class _Seeker:
    """Seeks the setting at which a criterion is as at small scale, by secants over logarithms: powers take one."""

    place: int
    target: float
    low: float
    high: float
    known: list[tuple[float, float]] = field(default_factory=list)
    """Logarithms of settings and of the criterion over its target."""

    def learn(self, setting: float, value: float) -> None:
        """Take in what a run has told."""
        if math.isfinite(value) and value > 0.0:
            self.known.append((math.log(setting), math.log(value / self.target)))

    @property
    def best(self) -> tuple[float, float]:
        """Return the setting that came nearest, and how near."""
        x, y = min(self.known, key=lambda one: abs(one[1]), default=(math.nan, math.inf))
        return math.exp(x) if math.isfinite(x) else math.nan, abs(y)

    @property
    def next(self) -> float:
        """Return the setting to try next; NaN where there is none."""
        ordered = sorted(self.known, key=lambda one: abs(one[1]))
        if len(ordered) < 2 or ordered[0][1] == ordered[1][1]:
            return math.nan
        (x, y), (x_before, y_before) = ordered[:2]
        step = -y * (x - x_before) / (y - y_before)
        proposed = min(max(x + step, math.log(self.low)), math.log(self.high))
        return math.nan if any(abs(proposed - tried) < 1e-12 for tried, _ in self.known) else math.exp(proposed)


def scale(scales: ScaleCase, asked: Asking[Found], n_samples: int, seed: int) -> Asking[Scaled]:
    """Calibrate at small scale, then look at the large one."""
    found = yield from scales.embedded(asked)
    values = found.fit.values
    first = yield scales.point(values, scales.small, float(scales.small[-1]))[None, :]
    small = _held("small", float(scales.small[-1]), scales, first[0])
    settings, complaints = yield from _matched(scales, values, small)
    drawn = _drawn(found.fit, n_samples, seed)
    cases = [(scales.small, small.setting), *((scales.large, setting) for setting in settings.values())]
    points = [scales.point(row, at, setting) for at, setting in cases for row in (values, *drawn)]
    answers = yield np.array(points)
    rows = answers.reshape(len(cases), n_samples + 1, -1)
    held = tuple(
        _held(name, setting, scales, row[0]) for (name, setting), row in zip(settings.items(), rows[1:], strict=True)
    )
    samples = rows[:, 1:, : len(scales.predicted)]
    return Scaled(scales, found, small, held, samples, complaints)


def _held(name: str, setting: float, scales: ScaleCase, row: Array) -> Held:
    n = len(scales.predicted)
    return Held(name, setting, row[n : scales.n_before], row[:n])


def _matched(scales: ScaleCase, values: Array, small: Held) -> Asking[tuple[dict[str, float], tuple[str, ...]]]:
    """Find the setting for each criterion; return those found by name, and what is said of the others."""
    names = [response.name.partition(" ")[2] for response in scales.criteria]
    seekers = {
        name: _Seeker(i, float(small.criteria[i]), scales.low, scales.high)
        for i, name in enumerate(names)
        if math.isfinite(small.criteria[i]) and small.criteria[i] > 0.0
    }
    begin = [float(scales.small[-1]), _other(scales)]
    tried = yield np.array([scales.point(values, scales.large, setting) for setting in begin])
    for setting, row in zip(begin, tried, strict=True):
        for seeker in seekers.values():
            seeker.learn(setting, float(row[len(scales.predicted) + seeker.place]))
    for _ in range(MOST_STEPS):
        going = {name: one.next for name, one in seekers.items() if one.best[1] > NEAR}
        going = {name: setting for name, setting in going.items() if math.isfinite(setting)}
        if not going:
            break
        rows = yield np.array([scales.point(values, scales.large, setting) for setting in going.values()])
        for (name, setting), row in zip(going.items(), rows, strict=True):
            seekers[name].learn(setting, float(row[len(scales.predicted) + seekers[name].place]))
    settings = {name: one.best[0] for name, one in seekers.items() if one.best[1] <= 1e3 * NEAR}
    lost = [name.replace("_", " ") for name in names if name not in settings]
    text = "cannot be held at large scale: no setting between 'from' and 'to' gives its value of the small one."
    return settings, tuple(f"{name} {text}" for name in lost)


def _other(scales: ScaleCase) -> float:
    """Return a second setting to begin with."""
    half = 0.5 * float(scales.small[-1])
    return half if half >= scales.low else math.sqrt(float(scales.small[-1]) * scales.high)


def _drawn(fit: Fit, n: int, seed: int) -> Array:
    """Draw values (n, p) of the parameters: Student's t about the best fit with its covariance, within the ranges.

    What the data do not determine is drawn from its whole range.
    """
    rng = np.random.default_rng([seed, 1])
    low, high = fit.problem.bounds
    known = np.isfinite(np.diag(fit.curvature.covariance))
    z = low + rng.random((n, len(low))) * (high - low)
    covariance = fit.curvature.covariance[np.ix_(known, known)]
    normal = rng.standard_normal((n, int(known.sum()))) @ _root(covariance).T
    freedom = float(np.min(fit.curvature.freedoms[known], initial=np.inf))
    if math.isfinite(freedom):
        normal *= np.sqrt(freedom / rng.chisquare(freedom, n))[:, None]
    z[:, known] = np.clip(fit.z[known] + normal, low[known], high[known])
    return fit.problem.points(z)


def _root(covariance: Array) -> Array:
    """Return a square root of ``covariance``, which may be singular within rounding."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
