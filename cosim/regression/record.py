"""What is compared of a run: curves, numbers, moments, balances, interfaces, effort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cosim.regression.curve import Curve

Interface = Mapping[str, Any]
"""``variables`` by name and ``capabilities`` of a component, as plain values."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a run in ``unit``; without a ``value``, ``reason`` says why."""

    value: float | None
    unit: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something began, ended or happened [ns]; ``kind`` and ``subject`` as in happenings."""

    time: int
    kind: str
    subject: str


@dataclass(frozen=True, slots=True)
class Record:
    """A run as it is compared; ``status`` is 'completed', or 'failed' with a ``reason``.

    ``ledger`` holds the closure of each species over the flowsheet. ``flow`` are pairs of components of which the first
    feeds the second, in the order of the scenario. ``models`` tells which model each component was.
    """

    curves: Mapping[str, Curve]
    numbers: Mapping[str, Number] = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()
    ledger: Mapping[str, float] = field(default_factory=dict)
    interface: Mapping[str, Interface] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    flow: tuple[tuple[str, str], ...] = ()
    unmet: tuple[str, ...] = ()
    """Expectations of the scenario that do not hold."""
    end: int = 0
    steps: int = 0
    seconds: float = 0.0
    status: str = "completed"
    reason: str = ""
    is_measured: bool = False
    """Of a plant, not of a simulation: points with nothing known between them."""
