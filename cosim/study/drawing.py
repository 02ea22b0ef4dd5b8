"""Plots of a study as SVG that takes its colours from the page around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cosim.results.display import number
from cosim.results.drawing import WIDTH, Axis, bottom_axis, nice_ticks, svg, text

__all__ = ["ROW", "WIDTH", "Axis", "bars", "bottom_axis", "nice_ticks", "svg", "text"]

ROW: Final = 26
_FOOT: Final = 44
_CHARACTER: Final = 8.2
"""Width of a character of a label [px], about."""


def bars(
    names: Sequence[str],
    values: Sequence[float],
    label: str,
    unit: str = "1",
    *,
    intervals: Sequence[tuple[float, float]] = (),
    seconds: Sequence[float] = (),
    legend: Sequence[str] = (),
    span: tuple[float, float] | None = None,
) -> str:
    """Draw one bar per name from zero, the first on top.

    ``intervals`` are drawn as whiskers; ``seconds`` are a wider and paler bar behind each; ``legend`` names both.
    """
    ends = [0.0, *values, *seconds, *(limit for interval in intervals for limit in interval)]
    low, high = span or (min(ends), max(ends))
    left = min(max(len(name) for name in names) * _CHARACTER, 300.0) + 16
    top = 24.0 if legend else 6.0
    bottom = top + ROW * len(names)
    axis = Axis(low, high, left, WIDTH - (110 if seconds else 70))
    body = bottom_axis(axis, top, bottom, label, unit)
    for i, (name, value) in enumerate(zip(names, values, strict=True)):
        middle = top + ROW * (i + 0.5)
        body.append(text(left - 10, middle + 4, _short(name), "name"))
        if seconds:
            body.append(_bar(axis, seconds[i], middle, 18, "bar second"))
        body.append(_bar(axis, value, middle, 12, "bar"))
        if intervals:
            body.append(_whisker(axis, intervals[i], middle))
        reach = max([value, *(seconds[i : i + 1]), *(intervals[i] if intervals else ()), 0.0])
        told = " · ".join(number(one, 3) for one in (value, *seconds[i : i + 1]))
        body.append(text(axis(reach) + 6, middle + 4, told, "value"))
    body.append(f'<line class="zero" x1="{axis(0)}" x2="{axis(0)}" y1="{top:g}" y2="{bottom:g}"/>')
    for i, entry in enumerate(legend):
        x = left + 170 * i
        body.append(f'<rect class="bar{" second" if i else ""}" x="{x:g}" y="4" width="14" height="10"/>')
        body.append(text(x + 20, 13, entry, "tick"))
    return svg(WIDTH, bottom + _FOOT, body, label)


def _short(name: str) -> str:
    return name if len(name) <= 42 else f"{name[:20]}…{name[-20:]}"


def _bar(axis: Axis, value: float, middle: float, height: float, kind: str) -> str:
    begin, end = sorted((axis(0.0), axis(value)))
    return (
        f'<rect class="{kind}" x="{begin:g}" y="{middle - height / 2:g}" width="{end - begin:.2f}" '
        f'height="{height:g}" rx="2"/>'
    )


def _whisker(axis: Axis, interval: tuple[float, float], middle: float) -> str:
    begin, end = (axis(limit) for limit in interval)
    top = middle - 5
    return f'<path class="whisker" d="M{begin:g} {top:g}v10M{begin:g} {middle:g}H{end:g}M{end:g} {top:g}v10"/>'
