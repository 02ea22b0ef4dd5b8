"""What explains a surrogate, as parts of its card: effects, dependences, what it was shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from cosim.results.drawing import WIDTH, svg, text
from cosim.surrogate.panels import Panel, draw, time_unit

MOST_PANELS: Final = 12
_ROW: Final = 26
_LONGEST: Final = 34
"""Characters of a name that are shown."""


def explanation(document: Mapping[str, Any]) -> list[str]:
    """Return the sections for the description of a package; none where it was made without them."""
    explained = document.get("explained")
    if explained is None:
        return []
    units = {name: unit or "1" for name, unit in document["units"].items()}
    parts = ["<h2>What drives what</h2>"]
    factors: Mapping[str, float] = next(iter(explained["effects"].values()), {})
    if factors:
        parts += [
            "<p>Share of the variance of an output that would be left if all but this parameter, or the course of this "
            f"input, were known (total effect, from {int(explained['runs'])} runs). Shares of a column add to more "
            "than 1 where several act together.</p>",
            _matrix(explained["effects"]),
        ]
    if explained["dependences"]:
        parts += [
            "<p>How an output follows one of them, the others as in the training: mean and, shaded, eight of ten "
            "runs.</p>",
            _dependences(explained["dependences"], units),
        ]
    parts += [
        "<h2>What it was shown</h2><p>The training runs: median, eight of ten, all.</p>",
        _envelope(explained["envelope"], units),
    ]
    return parts


def _matrix(effects: Mapping[str, Mapping[str, float]]) -> str:
    """Draw one row per factor, one column per output, a square whose area is the effect."""
    outputs, factors = list(effects), list(next(iter(effects.values())))
    left = 16 + 7.0 * min(max(len(name) for name in factors), _LONGEST)
    width = min((WIDTH - left) / len(outputs), 150.0)
    body = [
        text(left + width * (j + 0.5), 14 if len(outputs) < 4 or j % 2 else 28, _short(name), "tick mid")
        for j, name in enumerate(outputs)
    ]
    for i, factor in enumerate(factors):
        middle = 36 + _ROW * (i + 0.5)
        body.append(text(left - 8, middle + 4, _short(factor), "end"))
        for j, output in enumerate(outputs):
            value = effects[output][factor]
            side = (_ROW - 6) * min(value, 1.0) ** 0.5
            x = left + width * (j + 0.5) - 24
            body.append(
                f'<rect class="bar" x="{x - side / 2:.2f}" y="{middle - side / 2:.2f}" width="{side:.2f}" '
                f'height="{side:.2f}" rx="2"/>'
            )
            body.append(text(x + _ROW / 2 + 6, middle + 4, f"{value:.2f}", "tick"))
    return svg(WIDTH, 40 + _ROW * len(factors), body, "Total effects")


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 14]}…{name[-13:]}"


def _dependences(entries: Sequence[Mapping[str, Any]], units: Mapping[str, str]) -> str:
    panels = [
        Panel(
            entry["output"], units.get(entry["output"], "1"), entry["factor"],
            units.get(entry["factor"], "1"), entry["values"], [entry["mean"]], band=[entry["low"], entry["high"]],
        )
        for entry in entries[:MOST_PANELS]
    ]  # fmt: skip
    more = len(entries) - MOST_PANELS
    note = f"<p>{more} more in {escape('surrogate.json')}.</p>" if more > 0 else ""
    return draw(panels, "Dependences") + note


def _envelope(entry: Mapping[str, Any], units: Mapping[str, str]) -> str:
    unit, size = time_unit(entry["times"][-1])
    x = [time / size for time in entry["times"]]
    panels = []
    for name, (least, low, middle, high, most) in entry["outputs"].items():
        panels.append(
            Panel(name, units.get(name, "1"), "time", unit, x, [middle], band=[low, high], outer=[least, most])
        )
    return draw(panels, "What it was shown")
