"""Pictures of cost: stacked bars by category, when equipment is taken, what prices move."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from cosim.results.display import number
from cosim.study.cost.account import Account, Occupation
from cosim.study.drawing import ROW, WIDTH, Axis, bottom_axis, svg, text

_N_COLOURS: Final = 8
_CHARACTER: Final = 9.0
"""Width of a character [px], about."""
_LEGEND: Final = 20.0
"""Height of a row of the legend [px]."""


def _rect(kind: str, left: float, right: float, top: float, height: float, told: str) -> str:
    width = max(right - left, 0.6)
    return (
        f'<rect class="{kind}" x="{left:.2f}" y="{top:.2f}" width="{width:.2f}" height="{height:g}">'
        f"<title>{escape(told)}</title></rect>"
    )


def _left(names: Sequence[str]) -> float:
    return min(max((len(name) for name in names), default=0) * _CHARACTER, 240.0) + 16.0


def _legend(names: Sequence[str], left: float) -> tuple[list[str], float]:
    """Return the legend with as many rows as it needs, and its height."""
    body, x, y = [], left, 0.0
    for i, name in enumerate(names):
        width = 30.0 + len(name) * _CHARACTER
        if x + width > WIDTH and x > left:
            x, y = left, y + _LEGEND
        body.append(f'<rect class="c{i % _N_COLOURS}" x="{x:g}" y="{y + 4:g}" width="14" height="10"/>')
        body.append(text(x + 20, y + 13, name, "tick"))
        x += width
    return body, y + _LEGEND + 6.0


def stacked(accounts: Mapping[str, Account], currency: str) -> str:
    """Draw the cost of a gram by category, one bar for each account, in equal colours."""
    totals: dict[str, float] = {}
    for found in accounts.values():
        for name, cost in found.by_category.items():
            totals[name] = totals.get(name, 0.0) + cost / found.product
    categories = [name for name, _ in sorted(totals.items(), key=lambda item: -item[1])]
    names = [name.replace("_", " ") for name in accounts]
    left = _left(names)
    body, top = _legend([name.replace("_", " ") for name in categories], left)
    height = 40.0
    bottom = top + (height + 12.0) * len(accounts)
    axis = Axis(0.0, max(found.per_gram for found in accounts.values()), left, WIDTH - 70.0)
    body += bottom_axis(axis, top, bottom, "cost of a gram", f"{currency}/g")
    for row, (name, found) in enumerate(zip(names, accounts.values(), strict=True)):
        y, reached = top + (height + 12.0) * row + 6.0, 0.0
        body.append(text(left - 10, y + height / 2 + 4, name, "name"))
        for i, category in enumerate(categories):
            part = found.by_category.get(category, 0.0) / found.product
            if part <= 0.0:
                continue
            begin, end = axis(reached), axis(reached + part)
            told = f"{category.replace('_', ' ')}: {number(part, 3)} {currency}/g"
            body.append(_rect(f"c{i % _N_COLOURS}", begin, end, y, height, told))
            if end - begin > 34.0:
                body.append(text((begin + end) / 2, y + height / 2 + 4, number(part, 3), "inside mid"))
            reached += part
        body.append(text(axis(reached) + 8, y + height / 2 + 4, number(found.per_gram, 3), "value"))
    return svg(WIDTH, bottom + 44.0, body, "Cost of a gram by category")


def schedule(found: Account) -> str:
    """Draw when equipment is taken by a batch, in the order in which it is needed."""
    rows = sorted((one for one in found.occupations if one.spans), key=lambda one: (one.spans[0][1], one.spans[-1][2]))
    names = [one.name.replace("_", " ") for one in rows]
    last = max(one.spans[-1][2] + one.turnaround for one in rows)
    unit, size = ("d", 24.0) if last >= 72.0 else ("h", 1.0)
    left, top = _left(names), 6.0
    bottom = top + ROW * len(rows)
    axis = Axis(0.0, last / size, left, WIDTH - 90.0)
    body = bottom_axis(axis, top, bottom, "time from the beginning of the batch", unit)
    for i, (name, one) in enumerate(zip(names, rows, strict=True)):
        middle = top + ROW * (i + 0.5)
        body.append(text(left - 10, middle + 4, name, "name"))
        body += _taken(one, axis, size, middle, is_worst=one is found.bottleneck)
    return svg(WIDTH, bottom + 44.0, body, "When equipment is taken")


def _taken(one: Occupation, axis: Axis, size: float, middle: float, *, is_worst: bool) -> list[str]:
    """Draw one row: the time between phases pale, phases full, the turnaround as an outline, then the cycle."""
    begin, end = one.spans[0][1] / size, one.spans[-1][2] / size
    body = [_rect("bar second", axis(begin), axis(end), middle - 8, 16, "taken")]
    for phase, start, stop in one.spans:
        told = f"{phase.replace('_', ' ')}: {number((stop - start) / size, 3)}"
        body.append(
            _rect("bar outside" if is_worst else "bar", axis(start / size), axis(stop / size), middle - 8, 16, told)
        )
    reach = end + one.turnaround / size
    if one.turnaround > 0.0:
        body.append(_rect("turnaround", axis(end), axis(reach), middle - 8, 16, "turnaround"))
    told = number(one.cycle / size, 3) + (f" ({one.parallel}×)" if one.parallel > 1 else "")
    return [*body, text(axis(reach) + 6, middle + 4, told, "value")]


def tornado(effects: Mapping[str, float], base: float, unit: str, label: str = "cost of a gram") -> str:
    """Draw how far each of ``effects`` moves ``base`` down and up, the largest on top."""
    shown = dict(sorted(effects.items(), key=lambda item: -abs(item[1]))[:20])
    names = list(shown)
    reach = max((abs(effect) for effect in shown.values()), default=0.0) or abs(base) or 1.0
    left, top = _left(names), 6.0
    bottom = top + ROW * len(names)
    axis = Axis(base - 1.08 * reach, base + 1.08 * reach, left, WIDTH - 70.0)
    body = bottom_axis(axis, top, bottom, label, unit)
    for i, (name, effect) in enumerate(shown.items()):
        middle = top + ROW * (i + 0.5)
        body.append(text(left - 10, middle + 4, name, "name"))
        low, high = sorted((axis(base - effect), axis(base + effect)))
        body.append(
            _rect("bar second", low, axis(base), middle - 8, 16, f"{name} lower: {number(base - effect)} {unit}")
        )
        body.append(_rect("bar", axis(base), high, middle - 8, 16, f"{name} higher: {number(base + effect)} {unit}"))
        if math.isfinite(effect):
            body.append(text(high + 6, middle + 4, f"± {number(abs(effect), 3)}", "value"))
    body.append(f'<line class="zero" x1="{axis(base)}" x2="{axis(base)}" y1="{top:g}" y2="{bottom:g}"/>')
    return svg(WIDTH, bottom + 44.0, body, f"What prices move: {label}")
