"""Pieces of drawings as SVG that take their colours from the page around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from cosim.results.display import number, pretty_unit

WIDTH: Final = 720
"""Of a drawing [px]."""


def nice_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers between ``low`` and ``high``, at most about ``most``."""
    raw = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1.0, 2.0, 2.5, 5.0, 10.0) if power * m >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


class Axis:
    """From values between ``low`` and ``high`` to places between ``begin`` and ``end`` [px]."""

    def __init__(self, low: float, high: float, begin: float, end: float) -> None:
        if not high > low:
            low, high = low - (abs(low) or 1.0) * 0.5, high + (abs(high) or 1.0) * 0.5
        self.low, self.high, self._begin, self._end = low, high, begin, end

    def __call__(self, value: float) -> float:
        """Return the place of ``value``."""
        share = (value - self.low) / (self.high - self.low)
        return round(self._begin + share * (self._end - self._begin), 2)


def svg(width: float, height: float, body: Sequence[str], title: str) -> str:
    """Put ``body`` into a drawing."""
    head = f'<svg class="plot" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">'
    return f"{head}<title>{escape(title)}</title>{''.join(body)}</svg>"


def text(x: float, y: float, content: str, kind: str = "") -> str:
    """Write ``content``, escaped."""
    return f'<text x="{x:g}" y="{y:g}" class="{kind}">{escape(content)}</text>'


def bottom_axis(axis: Axis, top: float, bottom: float, label: str, unit: str = "") -> list[str]:
    """Draw ticks with grid lines, and what they are."""
    parts = []
    for tick in nice_ticks(axis.low, axis.high):
        parts.append(f'<line class="grid" x1="{axis(tick)}" x2="{axis(tick)}" y1="{top:g}" y2="{bottom:g}"/>')
        parts.append(text(axis(tick), bottom + 16, number(tick), "tick mid"))
    shown = f"{label} [{pretty_unit(unit)}]" if pretty_unit(unit) else label
    return [*parts, text(axis((axis.low + axis.high) / 2), bottom + 36, shown, "label mid")]
