"""What a shadow kept, as the section of its report: plant, twin, estimates, forecasts, alerts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cosim.clock import format_ticks, to_ticks
from cosim.live.tag import Tag, TagMap, Use
from cosim.results.plant_section import Line, PlantAlert, PlantChart, PlantSection
from cosim.shadowing.comparison import FOLDER as COMPARED
from cosim.shadowing.comparison import compared_rows
from cosim.shadowing.estimates import FOLDER as ESTIMATED
from cosim.shadowing.estimates import estimated_rows

MOST: Final = 48
"""Tags that have a chart: those of the laboratory first, then instruments."""


class _Estimated:
    """What was estimated: soft sensors, the forecast that is shown, alerts, and how long which health lasted."""

    def __init__(self, folder: Path) -> None:
        self.outputs: dict[str, tuple[str, Line]] = {}
        self.forecasts: dict[float, dict[str, Line]] = {}
        """By when they were made."""
        self._alerts: list[tuple[float, PlantAlert]] = []
        self.health: dict[str, float] = {}
        self.end = 0.0
        self._open: dict[tuple[str, str], tuple[float, str]] = {}
        now, since = "", 0.0
        for _, time, kind, name, unit, at, value, low, high, text in estimated_rows(folder):
            self.end = time
            if kind == "output":
                self.outputs.setdefault(name, (unit, Line()))[1].add(time, value, low, high)
            elif kind == "forecast":
                self.forecasts.setdefault(time, {}).setdefault(name, Line()).add(at, value, low, high)
            elif kind == "health":
                self._last(now, time - since)
                now, since = name, time
            elif kind in ("alert", "over"):
                self._hear(time, unit, name, text, is_over=kind == "over")
        self._last(now, self.end - since)
        for about, name in list(self._open):
            self._close(about, name, "")

    @property
    def alerts(self) -> list[PlantAlert]:
        """All alerts, as they began."""
        return [alert for _, alert in sorted(self._alerts, key=lambda item: item[0])]

    def _last(self, health: str, time: float) -> None:
        if health:
            self.health[health] = self.health.get(health, 0.0) + time

    def _hear(self, time: float, about: str, name: str, text: str, *, is_over: bool) -> None:
        if not is_over:
            self._open[about, name] = time, text
        elif (about, name) in self._open:
            self._close(about, name, format_ticks(to_ticks(time)))

    def _close(self, about: str, name: str, over: str) -> None:
        begun, text = self._open.pop((about, name))
        self._alerts.append((begun, PlantAlert(format_ticks(to_ticks(begun)), over, name or about, text)))

    def forecast(self) -> tuple[str, dict[str, Line]]:
        """Return the last forecast, or where nothing is left to forecast the one made halfway, and when it was made."""
        ahead = [
            time for time, lines in self.forecasts.items() if any(line.times[-1] > self.end for line in lines.values())
        ]
        chosen = ahead[-1:] or sorted(self.forecasts, key=lambda time: abs(time - 0.5 * self.end))[:1]
        return (format_ticks(to_ticks(chosen[0])), self.forecasts[chosen[0]]) if chosen else ("", {})


def plant_section(folder: Path, tags: TagMap) -> PlantSection:
    """Return what the shadow in ``folder`` kept of its plant, for its report."""
    estimated = _Estimated(folder / ESTIMATED)
    made, forecast = estimated.forecast()
    chosen = [*tags.of(Use.SAMPLES), *tags.of(Use.MEASURES)][:MOST]
    charts = {tag.name: _chart(tag, estimated, made, forecast) for tag in chosen}
    for _, kind, tag, time, measured, _, twin in compared_rows(folder / COMPARED):
        if (chart := charts.get(tag)) is None:
            continue
        if kind in ("measured", "laboratory"):
            (chart.shown if kind == "measured" else chart.samples).add(time, measured)
        if kind in ("measured", "twin"):
            chart.twin.add(time, twin)
    soft = {tag.variable for tag in chosen if tag.use is Use.SAMPLES}
    more = [PlantChart(name, unit, estimate=line, forecast=forecast.get(name, Line()), forecast_made=made)
            for name, (unit, line) in estimated.outputs.items() if name not in soft]  # fmt: skip
    found = [*_in_order(charts, Use.SAMPLES, tags), *more, *_in_order(charts, Use.MEASURES, tags)]
    total = sum(estimated.health.values())
    health = [(word, time / total) for word, time in estimated.health.items() if total > 0.0]
    return PlantSection([chart for chart in found if chart.drawing], estimated.alerts, health)


def _chart(tag: Tag, estimated: _Estimated, made: str, forecast: dict[str, Line]) -> PlantChart:
    name = f"{tag.name} · {tag.variable}"
    if tag.use is Use.SAMPLES and tag.variable in estimated.outputs:
        _, line = estimated.outputs[tag.variable]
        ahead = forecast.get(tag.variable, Line())
        return PlantChart(name, tag.unit, estimate=line, forecast=ahead, forecast_made=made if ahead.times else "")
    return PlantChart(name, tag.unit)


def _in_order(charts: dict[str, PlantChart], use: Use, tags: TagMap) -> Iterator[PlantChart]:
    return (charts[tag.name] for tag in tags.of(use) if tag.name in charts)
