"""Predictions at both scales as points with intervals, against their limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from cosim.results.display import number
from cosim.study.drawing import WIDTH, Axis, bottom_axis, svg, text
from cosim.study.scale_up.verdicts import Prediction

_ROW: Final = 30.0
_CHARACTER: Final = 9.0


def intervals(rows: Sequence[Prediction], names: Sequence[str]) -> str:
    """Draw one row for each of ``rows``, which are predictions of one response, called ``names``."""
    response = rows[0].response
    limits = [
        (word, limit)
        for word, limit in (("at least", response.at_least), ("at most", response.at_most))
        if limit is not None
    ]
    ends = [x for row in rows for x in (row.value, row.low, row.high) if math.isfinite(x)]
    ends += [limit for _, limit in limits]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    left = max(len(name) for name in names) * _CHARACTER + 16.0
    top = 26.0 if limits else 8.0
    bottom = top + _ROW * len(rows)
    axis = Axis(low - margin, high + margin, left, WIDTH - 80.0)
    body = bottom_axis(axis, top, bottom, response.name.replace("_", " "), response.unit)
    for word, limit in limits:
        body.append(f'<line class="limit" x1="{axis(limit)}" x2="{axis(limit)}" y1="{top - 6:g}" y2="{bottom:g}"/>')
        body.append(text(axis(limit), top - 10, f"{word} {number(limit)}", "limit-name mid"))
    for i, (name, row) in enumerate(zip(names, rows, strict=True)):
        middle = top + _ROW * (i + 0.5)
        body.append(text(left - 10, middle + 4, name, "name"))
        if not math.isfinite(row.value):
            continue
        if math.isfinite(row.low):
            a, b = axis(row.low), axis(row.high)
            body.append(
                f'<path class="whisker" d="M{a:g} {middle - 5:g}v10M{a:g} {middle:g}H{b:g}M{b:g} {middle - 5:g}v10"/>'
            )
        kind = "sample" if row.chance is None or row.chance >= 0.5 else "sample lost"
        body.append(f'<circle class="{kind}" cx="{axis(row.value)}" cy="{middle:g}" r="5"/>')
        body.append(text(max(axis(row.value), axis(row.high) if math.isfinite(row.high) else 0.0) + 10, middle + 4,
                         number(row.value, 3), "value"))  # fmt: skip
    return svg(WIDTH, bottom + 44.0, body, f"{response.name} at both scales")
