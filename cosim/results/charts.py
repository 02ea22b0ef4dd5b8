"""The data of the charts, decimated and packed for the page's script."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.results.decimation import keep_extremes
from cosim.results.document import Document
from cosim.results.signals import Panel, Selection

_BUDGET: Final = 1_150_000
"""Bytes of base64 text for all trajectories of a page."""
_BYTES_PER_POINT: Final = 4 * 2 * 4 / 3
_FEWEST, _MOST = 240, 2400
PANELS_SHOWN: Final = 6
"""Charts per component that are open; the others wait behind a click."""
_LONGEST: Final = 4e9
"""Largest count that a time may be on the page, just below 2³²."""

Spans = Sequence[tuple[float, float]]


def chart_data(selections: Sequence[Selection], active: Mapping[str, Spans]) -> Document:
    """Return every chart's series: times as uint32 in units of ``tick`` [s], values as float32, both in base64."""
    panels = [panel for selection in selections for panel in selection.panels]
    n_series = sum(len(panel.signals) for panel in panels)
    n_points = int(np.clip(_BUDGET / _BYTES_PER_POINT / max(n_series, 1), _FEWEST, _MOST))
    last = max((float(s.trajectory.time[-1]) for panel in panels for s in panel.signals), default=1.0)
    tick = max(1e-3, last / _LONGEST)
    packed = [_panel(panel, active.get(panel.component, ()), n_points, tick) for panel in panels]
    return {"tick": tick, "panels": list(packed)}


def affordable(selections: Sequence[Selection]) -> list[Selection]:
    """Drop the least telling charts of a system so large that the page would be too."""
    most = int(_BUDGET / _BYTES_PER_POINT / _FEWEST)
    kept, n_series = [], 0
    room = max(PANELS_SHOWN, most // max(len(selections), 1))
    for selection in selections:
        panels = selection.panels[:room] if n_series < most else ()
        n_series += sum(len(panel.signals) for panel in panels)
        kept.append(Selection(selection.component, panels, selection.constants))
    return kept


def _panel(panel: Panel, active: Spans, n_points: int, tick: float) -> Document:
    return {
        "component": panel.component,
        "unit": panel.unit,
        "series": [
            {
                "name": signal.variable.name,
                "about": signal.variable.description,
                **_packed(signal.trajectory.time, signal.shown, active, n_points, tick),
            }
            for signal in panel.signals
        ],
    }


def _packed(
    time: NDArray[np.float64], values: NDArray[np.float64], active: Spans, n_points: int, tick: float
) -> dict[str, Document]:
    kept = keep_extremes(values, n_points)
    time, values = _with_gaps(time[kept], values[kept], active)
    with np.errstate(over="ignore"):
        small = values.astype("<f4")
    return {"t": _base64(np.rint(time / tick).astype("<u4")), "v": _base64(small)}


def _with_gaps(
    time: NDArray[np.float64], values: NDArray[np.float64], active: Spans
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Break the line where the component slept, so that no slope is drawn through the time between."""
    if len(active) < 2 or len(time) < 2:
        return time, values
    breaks: list[int] = []
    for (_, end), (start, _) in itertools.pairwise(active):
        place = int(np.searchsorted(time, (start + end) / 2))
        if start - end > 1e-6 and 0 < place < len(time) and place not in breaks:
            breaks.append(place)
    gap_times = (time[breaks] + time[np.array(breaks, dtype=int) - 1]) / 2 if breaks else np.empty(0)
    return np.insert(time, breaks, gap_times), np.insert(values, breaks, np.nan)


def _base64(array: NDArray[np.generic]) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")
