"""Which of the recorded variables a reader wants to see first, and which of them share a chart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.results.display import Scale, scale_for
from cosim.results.result import RecordedVariable, Result
from cosim.results.trajectory import Trajectory

_BOOKKEEPING: Final = re.compile(r"(^|\.)(held|made|consumed)_|_total$|(^|\.)demand$")
_PARAMETERS: Final = ("parameter", "calculatedParameter", "structuralParameter", "independent")
_SERIES_PER_PANEL: Final = 4
_LARGEST_RATIO: Final = 25.0
"""Signals whose sizes differ by more do not share a chart."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A recorded variable with how it is shown and how much it matters."""

    variable: RecordedVariable
    trajectory: Trajectory
    scale: Scale
    score: float

    @property
    def shown(self) -> NDArray[np.float64]:
        """The values in the unit shown."""
        return self.trajectory.values * self.scale.factor + self.scale.offset

    @property
    def size(self) -> float:
        """The largest magnitude."""
        finite = self.shown[np.isfinite(self.shown)]
        return float(np.max(np.abs(finite))) if len(finite) else 0.0

    @property
    def is_constant(self) -> bool:
        """True when it never moves by more than round-off."""
        finite = self.shown[np.isfinite(self.shown)]
        return len(finite) == 0 or float(np.ptp(finite)) <= 1e-9 * max(self.size, 1e-300)


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart: signals of one component in one unit."""

    component: str
    port: str
    unit: str
    signals: tuple[Signal, ...]

    @property
    def score(self) -> float:
        """The score of its most important signal."""
        return max(signal.score for signal in self.signals)


@dataclass(frozen=True, slots=True)
class Selection:
    """The charts of one component, most telling first, and what stayed constant but not zero."""

    component: str
    panels: tuple[Panel, ...]
    constants: tuple[Signal, ...]


def select(result: Result) -> list[Selection]:
    """Choose and group the signals of every component, in the order of the scenario."""
    wanted = [variable for variable in result.variables.values() if _may_be_shown(variable)]
    interest = _interest(result.run, result)
    signals: dict[str, list[Signal]] = {}
    trajectories = result.read([variable.full_name for variable in wanted])
    for variable, trajectory in zip(wanted, trajectories, strict=True):
        if len(trajectory):
            scale = scale_for(variable.unit, variable.display_unit)
            signal = Signal(variable, trajectory, scale, _score(variable, interest))
            signals.setdefault(variable.component, []).append(signal)
    order = [*result.run.get("structure", {}).get("components", {}), *signals]
    return [_selection(name, signals[name]) for name in dict.fromkeys(order) if name in signals]


def _may_be_shown(variable: RecordedVariable) -> bool:
    is_parameter = variable.causality in _PARAMETERS or variable.variability in ("constant", "fixed")
    return not is_parameter and not _BOOKKEEPING.search(variable.name)


def _interest(run: Mapping[str, Any], result: Result) -> dict[str, float]:
    """Score the variables that the scenario itself points at."""
    interest: dict[str, float] = {}

    def add(names: Iterable[str], score: float) -> None:
        for name in names:
            interest[name] = interest.get(name, 0.0) + score

    texts = [*run.get("expectations", []), *(finding.text for finding in result.expectations)]
    add({name for name in result for text in texts if re.search(rf"\b{re.escape(name)}\b", text)}, 5.0)
    add(run.get("watched", []), 4.0)
    product = {f"c_{text[len('yield(') :].partition(',')[0].strip()}" for text in texts if text.startswith("yield(")}
    add((name for name in result if name.rpartition(".")[2] in product), 3.0)
    add((wire["source"] for wire in run.get("structure", {}).get("connections", [])), 2.0)
    return interest


def _score(variable: RecordedVariable, interest: Mapping[str, float]) -> float:
    score = interest.get(variable.full_name, 0.0)
    score += 3.0 if variable.causality == "output" else 0.0
    score += 0.5 if variable.description else 0.0
    score += 1.0 if variable.display_unit else 0.0
    port, _, member = variable.name.rpartition(".")
    if port:
        score -= 2.0 if member.startswith("c_") else 2.5
        score -= 2.0 if member == "T" else 0.0
    return score


def _selection(component: str, signals: Sequence[Signal]) -> Selection:
    moving = _distinct([signal for signal in signals if not signal.is_constant])
    panels = sorted(_panels(component, moving), key=lambda panel: -panel.score)
    constants = [signal for signal in signals if signal.is_constant and signal.size > 0]
    return Selection(component, tuple(panels), tuple(sorted(constants, key=lambda signal: -signal.score)))


def _distinct(signals: Sequence[Signal]) -> list[Signal]:
    """Leave out what shows the same as a more telling signal, as an outlet's composition shows that of the vessel."""
    kept: dict[tuple[Scale, bytes], Signal] = {}
    for signal in sorted(signals, key=lambda signal: -signal.score):
        kept.setdefault((signal.scale, (signal.shown + 0.0).tobytes()), signal)  # -0.0 becomes 0.0, its equal
    return list(kept.values())


def _panels(component: str, signals: Sequence[Signal]) -> list[Panel]:
    """Put signals of one port and unit into one chart, as long as one axis can serve them."""
    panels: list[Panel] = []
    for signal in sorted(signals, key=lambda signal: -signal.score):
        port = signal.variable.name.rpartition(".")[0]
        for index, panel in enumerate(panels):
            if (panel.port, panel.unit) == (port, signal.scale.unit) and _fits(panel, signal):
                panels[index] = Panel(component, port, panel.unit, (*panel.signals, signal))
                break
        else:
            panels.append(Panel(component, port, signal.scale.unit, (signal,)))
    return panels


def _fits(panel: Panel, signal: Signal) -> bool:
    if not panel.unit or len(panel.signals) >= _SERIES_PER_PANEL:
        return False
    sizes = [max(other.size, 1e-300) for other in (*panel.signals, signal)]
    return max(sizes) / min(sizes) <= _LARGEST_RATIO
