"""What faults look like: kept signals of one run of each kind, each signal in a panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from cosim.results.dataset import Column
from cosim.results.display import number, scale_for
from cosim.study.drawing import Axis, nice_ticks, svg, text
from cosim.study.faults.fault import NONE
from cosim.study.problem import Array

MOST_SIGNALS: Final = 12
_COLUMNS: Final = 2
_WIDTH: Final = 900.0
_PANEL: Final = (370.0, 120.0)
_GAP: Final = (70.0, 62.0)
_BINS: Final = 150
_COLOURS: Final = 8


def examples(rows: Sequence[Mapping[str, Any]], kinds: Sequence[str]) -> dict[str, int]:
    """Return a completed run of each of ``kinds``: the most severe."""
    found: dict[str, int] = {}
    for kind in kinds:
        own = [row for row in rows if row["fault"] == kind and row["status"] == "completed"]
        if own:
            found[kind] = max(own, key=lambda row: (row["severity"], -row["run"]))["run"]
    return found


def fault_panels(signals: Sequence[Column], runs: Mapping[str, Mapping[str, Array]]) -> str:
    """Draw ``signals`` of ``runs`` by kind of fault, over time [h]; the run without a fault lies below."""
    shown = signals[:MOST_SIGNALS]
    kinds = [kind for kind in runs if kind != NONE]
    longest = max(float(run["time"][-1]) for run in runs.values())
    body = _key(kinds, NONE in runs)
    for i, signal in enumerate(shown):
        left = 58.0 + (i % _COLUMNS) * (_PANEL[0] + _GAP[0])
        top = 52.0 + (i // _COLUMNS) * (_PANEL[1] + _GAP[1])
        across = Axis(0.0, longest, left, left + _PANEL[0])
        body += _panel(signal, across, top, {kind: runs[kind] for kind in (NONE, *kinds) if kind in runs}, kinds)
    rows = (len(shown) + _COLUMNS - 1) // _COLUMNS
    return svg(_WIDTH, 52.0 + rows * (_PANEL[1] + _GAP[1]), body, "What faults look like")


def _key(kinds: Sequence[str], has_nominal: bool) -> list[str]:
    body, x = [], 58.0
    for i, kind in [(-1, "without a fault")] * has_nominal + list(enumerate(kinds)):
        body.append(f'<path class="{_class(i)}" d="M{x:g} 10h22"/>')
        body.append(text(x + 28, 14, kind, "tick"))
        x += 44.0 + 7.0 * len(kind)
    return body


def _class(i: int) -> str:
    return "curve" if i < 0 else f"edge c{i % _COLOURS}"


def _panel(
    signal: Column, across: Axis, top: float, runs: Mapping[str, Mapping[str, Array]], kinds: Sequence[str]
) -> list[str]:
    scale = scale_for(signal.unit or None)
    told = {kind: run[signal.name] * scale.factor + scale.offset for kind, run in runs.items()}
    there = np.concatenate([values[np.isfinite(values)] for values in told.values()])
    if not len(there):
        return []
    up = Axis(float(there.min()), float(there.max()), top + _PANEL[1], top)
    unit = f" [{scale.unit}]" if scale.unit else ""
    left, right = across(across.low), across(across.high)
    body = [text(left, top - 8, f"{signal.name}{unit}", "panel-name")]
    for tick in nice_ticks(up.low, up.high, 4):
        body.append(f'<line class="grid" x1="{left:g}" x2="{right:g}" y1="{up(tick):g}" y2="{up(tick):g}"/>')
        body.append(text(left - 6, up(tick) + 4, number(tick), "tick end"))
    for tick in nice_ticks(across.low, across.high, 6):
        body.append(text(across(tick), top + _PANEL[1] + 16, f"{number(tick)} h", "tick mid"))
    for kind, values in told.items():
        i = kinds.index(kind) if kind in kinds else -1
        path = "L".join(f"{across(x):g} {up(y):g}" for x, y in _thinned(runs[kind]["time"], values))
        body.append(f'<path class="{_class(i)}" d="M{path}"/>')
    return body


def _thinned(times: Array, values: Array) -> list[tuple[float, float]]:
    """Return few points that keep every peak: the least and the largest value of each stretch, in their order."""
    is_there = np.isfinite(values)
    times, values = times[is_there], values[is_there]
    kept: set[int] = {0, len(times) - 1} if len(times) else set()
    for part in np.array_split(np.arange(len(times)), min(_BINS, len(times)) or 1):
        if len(part):
            kept |= {int(part[np.argmin(values[part])]), int(part[np.argmax(values[part])])}
    return [(float(times[i]), float(values[i])) for i in sorted(kept)]
