"""What a person should look at: limits that the batch has left or will leave, with the likely cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from cosim.clock import Ticks, format_ticks
from cosim.estimation.belief import Array
from cosim.shadowing.estimating import Setup
from cosim.shadowing.forecasting import Deviation, Forecaster, Limit
from cosim.shadowing.outlook import Alert, Concern, Estimate

UNUSUAL: Final = 1.5
"""Standard deviations of its prior from which on a parameter is named as a cause."""


class Watch:
    """Watches the limits of a forecast; an alert ends when less than half the share that began it is left."""

    def __init__(self, setup: Setup, prior: Array, share: float) -> None:
        self._setup, self._prior, self._share = setup, prior, share
        self._begun: dict[str, Ticks] = {}

    def notes(self) -> dict[str, Any]:
        """Return what ``recall`` takes, as plain values."""
        return dict(self._begun)

    def recall(self, notes: Mapping[str, Any]) -> None:
        """Go on from ``notes``."""
        self._begun = {name: Ticks(time) for name, time in notes.items()}

    def alerts(
        self, time: Ticks, forecaster: Forecaster, estimates: Sequence[Estimate], parameters: Sequence[Estimate]
    ) -> list[Alert]:
        """Return the limits that are left now, or will be."""
        found = []
        for limit in forecaster.limits:
            now = next((item for item in estimates if item.name == limit.name), None)
            is_out = now is not None and not limit.low <= now.value <= limit.high
            due, share, side = (
                (None, 1.0, _side(limit, now.value)) if is_out and now else _crossing(limit, time, forecaster)
            )
            enough = self._share if limit.name not in self._begun else 0.5 * self._share
            if share < enough:
                self._begun.pop(limit.name, None)
                continue
            begun = self._begun.setdefault(limit.name, time)
            text = _text(limit, side, time, due, share=share)
            cause = _cause(forecaster.deviations, self._unusual(parameters))
            found.append(Alert(Concern.LIMIT, limit.name, text, cause, begun, due, share))
        return found

    def _unusual(self, parameters: Sequence[Estimate]) -> list[tuple[str, float]]:
        """Return the parameter furthest from what was expected of it, and their ratio."""
        chosen = slice(self._setup.n_states, None)
        spreads = self._setup.spreads[chosen] * np.abs(self._prior[chosen])
        found = [
            (abs(item.value - prior) / spread, item.name, item.value / prior)
            for item, prior, spread in zip(parameters, self._prior[chosen], spreads, strict=True)
            if spread > 0.0
        ]
        return [(name, ratio) for size, name, ratio in sorted(found, reverse=True)[:1] if size > UNUSUAL]


def _side(limit: Limit, value: float) -> str:
    return "below" if value < limit.low else "above"


def _crossing(limit: Limit, time: Ticks, forecaster: Forecaster) -> tuple[Ticks | None, float, str]:
    """Return when half of those members that leave ``limit`` have left it, what share leaves it, and to which side."""
    place = next(k for k, item in enumerate(forecaster.shown) if item.name == limit.name)
    ahead = [i for i, at in enumerate(forecaster.times) if at > time]
    courses = forecaster.courses[:, ahead, place]
    courses = courses[np.isfinite(courses).any(axis=1)]
    if not courses.size:
        return None, 0.0, ""
    below, above = courses < limit.low, courses > limit.high
    beyond = np.maximum.accumulate(below | above, axis=1)
    shares = beyond.sum(axis=0) / len(courses)
    share = float(shares[-1])
    due = forecaster.times[ahead[int(np.argmax(shares >= 0.5 * share))]] if share > 0.0 else None
    return due, share, "below" if below.sum() >= above.sum() else "above"


def _text(limit: Limit, side: str, time: Ticks, due: Ticks | None, *, share: float) -> str:
    bound = limit.low if side == "below" else limit.high
    where = f"{side} {bound:.4g} {limit.unit}"
    if due is None:
        return f"{limit.name} is {where}."
    return (
        f"{limit.name} will be {where} at {format_ticks(due)}, in {format_ticks(Ticks(due - time))}, "
        f"by {share:.0%} of the ensemble."
    )


def _cause(deviations: Sequence[Deviation], unusual: Sequence[tuple[str, float]]) -> str:
    texts = [f"{item.tag} is {item.shown:.3g} where {item.planned:.3g} {item.unit} is planned." for item in deviations]
    texts += [f"{name} is {ratio:.2f} times what was expected." for name, ratio in unusual]
    return " ".join(texts)
