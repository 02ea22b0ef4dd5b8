"""The envelope of earlier good batches: where their courses lay, and whether this batch is outside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from scipy.stats import t as student

from cosim.clock import TICKS_PER_SECOND, Ticks, format_ticks, to_seconds
from cosim.errors import CosimError, ScenarioError
from cosim.estimation.belief import Array
from cosim.results import load
from cosim.shadowing.estimates import FOLDER as ESTIMATED
from cosim.shadowing.estimates import estimated_rows
from cosim.shadowing.estimating import Shown
from cosim.shadowing.outlook import LEVEL, Alert, Concern, Course, Estimate

LEAST: Final = 3
"""Batches that an envelope is made of, at least."""
LASTING: Final = Ticks(6 * 3600 * TICKS_PER_SECOND)
"""For how long a batch has to be outside before that is told."""


def envelope(folder: Path, shown: Sequence[Shown], times: Sequence[Ticks]) -> tuple[Course, ...]:
    """Return where 95 of 100 batches like those in ``folder`` would lie at ``times``.

    Each folder below it that holds a result is a batch: of a session with estimates, those count, else the run.
    An interval is that of the next value of a normal distribution, from mean and scatter of ``n`` values.

    Raises
    ------
    ScenarioError
        When there are too few batches.
    """
    batches = [batch for path in _runs(folder) if (batch := _courses(path, shown, times))]
    if len(batches) < LEAST:
        raise ScenarioError(
            f"There are {len(batches)} batches in '{folder}', and an envelope takes {LEAST} at least. Give the folder "
            "that holds the folders of earlier runs or sessions."
        )
    found = []
    for item in shown:
        values = np.array([batch[item.name] for batch in batches if item.name in batch])
        if len(values) < LEAST:
            continue
        n = np.isfinite(values).sum(axis=0)
        known = n >= LEAST
        mean, deviation = np.nanmean(values[:, known], axis=0), np.nanstd(values[:, known], axis=0, ddof=1)
        half = student.ppf(0.5 + 0.5 * LEVEL, n[known] - 1) * deviation * np.sqrt(1.0 + 1.0 / n[known])
        low = np.maximum(mean - half, item.low)
        at = tuple(time for time, is_known in zip(times, known, strict=True) if is_known)
        found.append(
            Course(item.name, item.unit, at, tuple(mean.tolist()), tuple(low.tolist()), tuple((mean + half).tolist()))
        )
    return tuple(found)


class EnvelopeWatch:
    """Tells when the whole interval of an estimate has been outside the envelope for some time."""

    def __init__(self, courses: Sequence[Course]) -> None:
        self.courses = tuple(courses)
        self.since: dict[str, Ticks] = {}

    def alerts(self, time: Ticks, estimates: Sequence[Estimate]) -> list[Alert]:
        """Return which estimates are outside at ``time``."""
        found = []
        by_name = {item.name: item for item in estimates}
        for course in self.courses:
            item = by_name.get(course.name)
            if item is None or not course.times[0] <= time <= course.times[-1]:
                continue
            seconds = np.array([to_seconds(at) for at in course.times])
            low, high = (float(np.interp(to_seconds(time), seconds, side)) for side in (course.low, course.high))
            if item.high >= low and item.low <= high:
                self.since.pop(course.name, None)
                continue
            since = self.since.setdefault(course.name, time)
            if time - since >= LASTING:
                side = "below" if item.high < low else "above"
                text = (
                    f"{item.name} has been {side} all good batches since {format_ticks(since)}: {item.value:.4g} "
                    f"{item.unit}, where {low:.4g} to {high:.4g} is usual."
                )
                found.append(Alert(Concern.ENVELOPE, item.name, text, "", since))
        return found


def _runs(folder: Path) -> Iterator[Path]:
    """Yield the folders below ``folder`` that hold a result, in the order of their names."""
    if not folder.is_dir():
        raise ScenarioError(f"There is no folder '{folder}' of earlier batches.")
    for name in sorted(os.listdir(folder)):
        if (folder / name / "result.h5").is_file():
            yield folder / name


def _courses(run: Path, shown: Sequence[Shown], times: Sequence[Ticks]) -> dict[str, Array]:
    """Return the course of each variable that ``run`` has at ``times``, NaN where it had not come to."""
    at = np.array([to_seconds(time) for time in times])
    found: dict[str, Array] = {}
    if (run / ESTIMATED).is_dir():
        points: dict[str, list[tuple[float, float]]] = {}
        for _, end, kind, name, unit, _, value, *_ in estimated_rows(run / ESTIMATED):
            if kind == "output" and any(item.name == name and item.unit == unit for item in shown):
                points.setdefault(name, []).append((end, value))
        for name, pairs in points.items():
            seconds, values = np.array(pairs).T
            found[name] = np.interp(at, seconds, values, left=np.nan, right=np.nan)
        if found:
            return found
    result = load(run)
    for item in shown:
        try:
            series = result[item.name]
        except CosimError:
            continue
        values = series.values * item.change.factor + item.change.offset
        found[item.name] = np.interp(at, series.time, values, left=np.nan, right=np.nan)
    return found
