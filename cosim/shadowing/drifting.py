"""Drift of the model: parameters that a batch moves further from what was expected than chance does, on record."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from cosim.clock import TICKS_PER_SECOND, Ticks, format_ticks
from cosim.errors import CosimError
from cosim.estimation.belief import Array
from cosim.live.cycle import Cycle
from cosim.release.drift import Drift, DriftedModel, DriftSignal, write_drift
from cosim.shadowing.estimating import Setup
from cosim.shadowing.outlook import Alert, Concern, Estimate

LIMIT: Final = 3.0
"""Standard deviations of its prior beyond which a parameter has drifted."""
SURE: Final = 0.5
"""Of the prior's standard deviation that of the estimate may be at most: the batch has told something of it."""
LASTING: Final = Ticks(12 * 3600 * TICKS_PER_SECOND)
"""For how long it has to be so."""
_NS: Final = 1_000_000_000


class DriftWatch:
    """Watches parameters of models in the run of ``folder``; writes ``drift.json`` there when one has drifted."""

    def __init__(self, folder: Path, setup: Setup, prior: Array, warn: Callable[[str], None]) -> None:
        chosen = slice(setup.n_states, None)
        self._folder, self._warn = folder, warn
        self._prior = prior[chosen]
        self._spreads = setup.spreads[chosen] * np.abs(self._prior)
        self._components = [item.component for item in setup.estimated[chosen]]
        self._since: dict[str, tuple[Ticks, int]] = {}
        self._told: list[str] = []

    def notes(self) -> dict[str, Any]:
        """Return what ``recall`` takes, as plain values."""
        return {"since": dict(self._since), "told": self._told}

    def recall(self, notes: Mapping[str, Any]) -> None:
        """Go on from ``notes``."""
        self._since = {name: (Ticks(time), wall) for name, (time, wall) in notes["since"].items()}
        self._told = list(notes["told"])

    def alerts(self, cycle: Cycle, parameters: Sequence[Estimate], batch: str) -> list[Alert]:
        """Return what has drifted; put it on record when something new has."""
        found: dict[str, tuple[float, str]] = {}
        for item, prior, spread, component in zip(
            parameters, self._prior, self._spreads, self._components, strict=True
        ):
            statistic = abs(item.value - prior) / spread if spread > 0.0 else 0.0
            is_known = item.high - item.value < SURE * 1.96 * spread
            if statistic <= LIMIT or not is_known:
                self._since.pop(item.name, None)
                continue
            since, _ = self._since.setdefault(item.name, (cycle.end, cycle.received))
            if cycle.end - since >= LASTING:
                found[item.name] = statistic, component
        if set(found) - set(self._told):
            self._told = sorted(found)
            self._record(cycle, found, batch)
        return [self._alert(name, statistic) for name, (statistic, _) in found.items()]

    def _alert(self, name: str, statistic: float) -> Alert:
        since = self._since[name][0]
        text = (
            f"{name} has been more than {LIMIT:g} standard deviations from what was expected of it since "
            f"{format_ticks(since)}: now {statistic:.1f}."
        )
        return Alert(Concern.DRIFT, name, text, "The model describes this plant no longer.", since)

    def _record(self, cycle: Cycle, found: Mapping[str, tuple[float, str]], batch: str) -> None:
        signals = tuple(
            DriftSignal(name, "1", statistic, LIMIT, _wall(self._since[name][1]))
            for name, (statistic, _) in found.items()
        )
        component = next(iter(found.values()))[1]
        try:
            model = _model(self._folder, component)
            write_drift(self._folder, Drift(_wall(cycle.received), batch, signals, model))
        except (CosimError, OSError, ValueError, KeyError) as error:
            self._warn(f"The drift of {', '.join(found)} cannot be put on record: {error}")


def _wall(time: int) -> str:
    return datetime.fromtimestamp(time / _NS, UTC).isoformat(timespec="seconds")


def _model(folder: Path, component: str) -> DriftedModel:
    """Return the file of ``component`` in the run of ``folder``."""
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    found = run["fmus"][component]
    return DriftedModel(str(found["file"]), str(found["sha256"]))
