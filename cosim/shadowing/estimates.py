"""What a shadow has estimated, kept as Parquet beside the run, one segment from one checkpoint to the next."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cosim.clock import Ticks, to_seconds, to_ticks
from cosim.results.segments import Row, read_segment, write_segment
from cosim.shadowing.following import AbstractFollower, Compared
from cosim.shadowing.outlook import Course, Estimate, Outlook

FOLDER: Final = "estimated"
COLUMNS: Final = (
    ("cycle", "int64", "number of the cycle"),
    ("time", "float64", "time of the batch at its end [s]"),
    ("kind", "string", "output, parameter, forecast, filter, health, alert or over: an alert that has ended"),
    ("name", "string", "variable or parameter of the twin; ratio and inflation of the filter; what an alert is about"),
    ("unit", "string", "unit of the values; of an alert, its concern"),
    ("at", "float64", "time of the batch that is told of [s]: of a forecast, in the future; of an alert, when due"),
    ("value", "float64", "middle"),
    ("low", "float64", "lower end of the 95 % interval"),
    ("high", "float64", "upper end"),
    ("text", "string", "what is said of it"),
)


class Estimates(AbstractFollower):
    """Writes outlooks into segments in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows: list[Row] = []
        self._alerts: dict[tuple[str, str], str] = {}
        self._health = ""
        self._begins: Ticks | None = None
        """The first time of the last forecast that was written: one each time that a time has passed."""
        folder.mkdir(parents=True, exist_ok=True)
        self._number = -1
        for row in estimated_rows(folder):
            self._recall(row)

    def _recall(self, row: Row) -> None:
        """Take in a row of before."""
        number, _, kind, name, unit, at, _, _, _, text = row
        if kind == "health":
            self._health = f"{name} {text}".strip()
        elif kind == "alert":
            self._alerts[unit, name] = text
        elif kind == "over":
            del self._alerts[unit, name]
        elif kind == "forecast" and number != self._number:
            self._begins, self._number = to_ticks(at), number

    def follow(self, compared: Compared) -> None:  # noqa: D102
        if (outlook := compared.outlook) is None:
            return
        number, end = compared.cycle.number, to_seconds(outlook.time)
        for kind, items in (("output", outlook.estimates), ("parameter", outlook.parameters)):
            self._rows += [_estimated(number, end, kind, item) for item in items]
        for name in ("ratio", "inflation"):
            value = getattr(outlook, name)
            self._rows.append((number, end, "filter", name, "1", end, value, math.nan, math.nan, ""))
        self._rows += self._changes(number, end, outlook)
        begins = outlook.forecast[0].times[0] if outlook.forecast else None
        if begins != self._begins:
            self._rows += [row for course in outlook.forecast for row in _forecast(number, end, course)]
        self._begins = begins

    def _changes(self, number: int, end: float, outlook: Outlook) -> Iterator[Row]:
        """Yield health and alerts where they have changed."""
        health = f"{outlook.health.value} {outlook.reason}".strip()
        if health != self._health:
            yield number, end, "health", outlook.health.value, "", end, math.nan, math.nan, math.nan, outlook.reason
        now = {(alert.concern.value, alert.name): alert for alert in outlook.alerts}
        for (concern, name), alert in now.items():
            if (concern, name) not in self._alerts:
                due = math.nan if alert.due is None else to_seconds(alert.due)
                yield number, end, "alert", name, concern, due, alert.share, math.nan, math.nan, alert.text
        for (concern, name), text in self._alerts.items():
            if (concern, name) not in now:
                yield number, end, "over", name, concern, end, math.nan, math.nan, math.nan, text
        self._health = health
        self._alerts = {key: self._alerts.get(key, alert.text) for key, alert in now.items()}

    def settle(self) -> None:  # noqa: D102
        if self._rows:
            write_segment(self._folder / f"{int(self._rows[0][0]):08}.parquet", self._rows, COLUMNS)
            self._rows = []


def _estimated(number: int, end: float, kind: str, item: Estimate) -> Row:
    return number, end, kind, item.name, item.unit, end, item.value, item.low, item.high, ""


def _forecast(number: int, end: float, course: Course) -> Iterator[Row]:
    for at, middle, low, high in zip(course.times, course.middle, course.low, course.high, strict=True):
        yield number, end, "forecast", course.name, course.unit, to_seconds(at), middle, low, high, ""


def forget_after(folder: Path, time: Ticks) -> None:
    """Remove what was estimated after ``time``, a moment at which segments ended."""
    for path in sorted(folder.glob("*.parquet")):
        last = max((to_ticks(row[1]) for row in read_segment(path)), default=Ticks(0))
        if last > time:
            path.unlink()


def estimated_rows(folder: Path) -> Iterator[Row]:
    """Yield all that was estimated, in order; ``COLUMNS`` says what."""
    for path in sorted(folder.glob("*.parquet")):
        yield from read_segment(path)
