"""Trajectories as a picture through matplotlib, or as text for the terminal."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.clock import TICKS_PER_SECOND
from cosim.errors import RequestError, ResultError
from cosim.results.decimation import keep_extremes
from cosim.results.display import Scale, number, scale_for
from cosim.results.result import Result
from cosim.results.tables import replace_file
from cosim.results.timeline import spans, time_unit
from cosim.results.trajectory import Trajectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS: Final = (".png", ".svg", ".pdf")
_COLOURS: Final = ("#0072b2", "#d55e00", "#1b8a5a", "#b0458c", "#8a6d00", "#5b5fc7", "#007d8a", "#7a4b2b")
_DASHES: Final = ("-", "--", ":", "-.")
_POINTS: Final = 8000
_NEGLIGIBLE: Final = 1e-9
"""Share of the largest value below which a label says 0."""
_BRAILLE: Final = 0x2800
_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille sign, by row and column (Unicode 1.1, block U+2800)."""


def choose(result: Result, patterns: Sequence[str]) -> list[str]:
    """Return the recorded names that match ``patterns``, in the order given; ``reactor.*`` stands for many.

    Raises
    ------
    ResultError
        When one matches nothing.
    """
    chosen: dict[str, None] = {}
    for pattern in patterns:
        if any(sign in pattern for sign in "*?"):
            found = fnmatch.filter(result, pattern)
            if not found:
                raise RequestError(f"Nothing that was recorded in '{result.path}' matches '{pattern}'.")
            chosen.update(dict.fromkeys(found))
        else:
            chosen[result.find(pattern).full_name] = None
    return list(chosen)


def plot_file(result: Result, names: Sequence[str], path: Path) -> None:
    """Draw ``names`` over time into ``path`` (PNG, SVG or PDF), one axis per unit, phases shaded.

    Raises
    ------
    ResultError
        When matplotlib is not installed, the format is unknown, a name was not recorded or the file cannot be written.
    """
    if path.suffix.lower() not in FORMATS:
        raise RequestError(f"Cannot draw '{path}': its name must end in {', '.join(FORMATS)}.")
    trajectories = [trajectory for trajectory in result.read(choose(result, names)) if len(trajectory)]
    if not trajectories:
        raise ResultError(f"There is nothing to draw: no sample of {', '.join(names)} was recorded.")
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ResultError(
            "Pictures need matplotlib: pip install 'bioprocess-cosim[plot]'. Without --out the plot is shown as text."
        ) from error
    groups = _by_unit(trajectories)
    figure = Figure(figsize=(9.0, 0.9 + 2.3 * len(groups)), layout="constrained", dpi=150)
    axes = figure.subplots(len(groups), 1, sharex=True, squeeze=False)[:, 0]
    start, end = _span(trajectories)
    unit, size = time_unit(end - start)
    for axis, (shown_unit, members) in zip(axes, groups.items(), strict=True):
        _draw(axis, shown_unit, members, size)
        _shade(axis, result, start, end, size)
    axes[-1].set_xlabel(f"time [{unit}]")
    axes[-1].set_xlim(start / size, end / size)
    figure.suptitle(f"{result.run.get('scenario', '')} · {result.run.get('run_id', '')}", fontsize=9, color="0.4")
    metadata: dict[str, Any] = {"Date": None} if path.suffix.lower() == ".svg" else {}
    replace_file(path, lambda temporary: figure.savefig(temporary, metadata=metadata))


def _by_unit(trajectories: Sequence[Trajectory]) -> Mapping[str, list[tuple[Trajectory, Scale]]]:
    groups: dict[str, list[tuple[Trajectory, Scale]]] = {}
    for trajectory in trajectories:
        scale = scale_for(trajectory.unit, trajectory.display_unit)
        # Bare numbers (a pH, an absorbance) have nothing in common but the lack of a unit.
        key = scale.unit or trajectory.name
        groups.setdefault(key, []).append((trajectory, scale))
    return groups


def _span(trajectories: Sequence[Trajectory]) -> tuple[float, float]:
    start = min(float(trajectory.time[0]) for trajectory in trajectories)
    end = max(float(trajectory.time[-1]) for trajectory in trajectories)
    return start, end if end > start else start + 1.0


def _draw(axis: Axes, unit: str, members: Sequence[tuple[Trajectory, Scale]], size: float) -> None:
    for index, (trajectory, scale) in enumerate(members):
        kept = keep_extremes(trajectory.values, _POINTS)
        axis.plot(
            trajectory.time[kept] / size,
            trajectory.values[kept] * scale.factor + scale.offset,
            color=_COLOURS[index % len(_COLOURS)],
            linestyle=_DASHES[index % len(_DASHES)],
            linewidth=1.3,
            label=trajectory.name,
        )
    axis.set_ylabel(f"[{unit}]" if members[0][1].unit else "")
    axis.legend(loc="best", frameon=False, fontsize=8)
    axis.grid(visible=True, color="0.92")
    axis.spines[["top", "right"]].set_visible(False)


def _shade(axis: Axes, result: Result, start: float, end: float, size: float) -> None:
    phases, _ = spans(result.phases)
    for index, span in enumerate(phases):
        if index % 2 and span.end > start and span.start < end:
            axis.axvspan(max(span.start, start) / size, min(span.end, end) / size, color="0.96", zorder=0)


def plot_text(result: Result, names: Sequence[str], *, width: int = 76, height: int = 10) -> str:
    """Draw ``names`` over time with braille signs, one plot below the other.

    Parameters
    ----------
    width, height
        Of each plot, in signs, without its labels.
    """
    return "\n\n".join(_text_of(trajectory, width, height) for trajectory in result.read(choose(result, names)))


def _text_of(trajectory: Trajectory, width: int, height: int) -> str:
    scale = scale_for(trajectory.unit, trajectory.display_unit)
    shown = trajectory.values * scale.factor + scale.offset
    finite = np.isfinite(shown)
    head = f"{trajectory.name}{f' [{scale.unit}]' if scale.unit else ''}"
    if not finite.any():
        return f"{head}: nothing was recorded"
    low, high = float(np.min(shown[finite])), float(np.max(shown[finite]))
    low = 0.0 if abs(low) < _NEGLIGIBLE * high else low
    time = trajectory.time[finite]
    start, end = float(time[0]), float(time[-1])
    grid = _raster(time, shown[finite], (start, end, low, high), (width, height))
    labels = [number(high), *[""] * (height - 2), number(low)] if height > 1 else [number(high)]
    margin = max(len(label) for label in labels)
    lines = [f"{label:>{margin}} ┤{row}" for label, row in zip(labels, grid, strict=True)]
    last_value = float(shown[finite][-1])
    last_value = 0.0 if abs(last_value) < _NEGLIGIBLE * high else last_value
    unit, size = time_unit(end - start) if end > start else ("s", 1.0)
    first, last = f"{number(start / size)}", f"{number(end / size)} {unit}"
    foot = " " * (margin + 2) + first + " " * max(1, width - len(first) - len(last)) + last
    return "\n".join([f"{head}   {number(last_value)} at the end", *lines, foot])


def _raster(
    time: NDArray[np.float64],
    values: NDArray[np.float64],
    bounds: tuple[float, float, float, float],
    shape: tuple[int, int],
) -> list[str]:
    """Return rows of braille signs; each column of dots spans the values between its first and last sample."""
    start, end, low, high = bounds
    width, height = shape
    n_columns, n_rows = 2 * width, 4 * height
    signs = np.zeros((height, width), dtype=np.int64)
    columns = np.minimum(
        ((time - start) / max(end - start, 1 / TICKS_PER_SECOND) * n_columns).astype(int), n_columns - 1
    )
    rows = np.rint((high - values) / (high - low or math.inf) * (n_rows - 1)).astype(int)
    if high == low:
        rows[:] = n_rows // 2
    for index in range(len(time)):
        # Join each sample to the one before, so that a jump is a line and sparse samples leave no holes.
        before = max(index - 1, 0)
        for column, row in _line(columns[before], rows[before], columns[index], rows[index]):
            signs[row // 4, column // 2] |= _DOTS[row % 4][column % 2]
    return ["".join(chr(_BRAILLE + sign) for sign in row).rstrip(chr(_BRAILLE)) for row in signs]


def _line(x1: int, y1: int, x2: int, y2: int) -> list[tuple[int, int]]:
    n = max(abs(x2 - x1), abs(y2 - y1), 1)
    return [(round(x1 + (x2 - x1) * k / n), round(y1 + (y2 - y1) * k / n)) for k in range(n + 1)]
