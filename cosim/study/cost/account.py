"""What one run costs: the arithmetic, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cosim.study.cost.model import Amount, CostModel, Item

YEAR: Final = 365.25 * 24.0
"""[h]"""


@dataclass(frozen=True, slots=True)
class Line:
    """What an item costs per batch or campaign; ``amount`` is in the unit of its price, all uses together."""

    item: Item
    amount: float
    cost: float


@dataclass(frozen=True, slots=True)
class Occupation:
    """How long equipment is taken by a batch [h]: phases with their beginnings and ends, then its turnaround."""

    name: str
    spans: tuple[tuple[str, float, float], ...]
    turnaround: float
    parallel: int

    @property
    def time(self) -> float:
        """Return how long one of them is taken [h]."""
        return self.spans[-1][2] - self.spans[0][1] + self.turnaround if self.spans else 0.0

    @property
    def cycle(self) -> float:
        """Return how soon after a batch the next may begin there [h]."""
        return self.time / self.parallel

    @property
    def longest(self) -> str:
        """Return the phase that takes most of it."""
        return max(self.spans, key=lambda span: span[2] - span[1], default=("", 0.0, 0.0))[0]


@dataclass(frozen=True, slots=True)
class Account:
    """A batch, or a campaign: what it makes [g], costs and takes [h], all lines together."""

    model: CostModel
    product: float
    lines: tuple[Line, ...]
    occupations: tuple[Occupation, ...]
    batch: float
    extra: float
    """[h] by which the campaign is longer than what was simulated."""

    @property
    def bottleneck(self) -> Occupation:
        """Return the equipment that the next batch waits for."""
        return max(self.occupations, key=lambda one: one.cycle)

    @property
    def cycle(self) -> float:
        """Return the time from one batch to the next [h]."""
        return self.bottleneck.cycle

    @property
    def total(self) -> float:
        """Return what the batch costs."""
        return math.fsum(line.cost for line in self.lines)

    @property
    def per_gram(self) -> float:
        """Return what a gram costs."""
        return self.total / self.product

    @property
    def batches_per_year(self) -> float:
        """Return how many fit into the operating time, on average over years."""
        return self.model.operating / self.cycle

    @property
    def by_category(self) -> Mapping[str, float]:
        """Return what a batch costs by category."""
        found = dict.fromkeys(self.model.categories, 0.0)
        for line in self.lines:
            found[line.item.price.category] += line.cost
        return found

    @property
    def by_price(self) -> Mapping[str, float]:
        """Return what a batch costs by price of the table."""
        found = dict.fromkeys((line.item.price.item for line in self.lines), 0.0)
        for line in self.lines:
            found[line.item.price.item] += line.cost
        return found


def account(model: CostModel, values: Sequence[float]) -> Account | None:
    """Compute from the numbers of a run, ``values`` (m,); None without product, cost or time."""
    extra = _extra(model, values)
    occupations = _occupations(model, values, extra)
    ends = [_later(model, values, phase.end, extra) for phase in model.phases]
    batch = max(ends) - min(values[phase.start] for phase in model.phases)
    bare = Account(model, 0.0, (), occupations, batch, extra)
    reading = _Reading(bare, values)
    product = reading.amount(model.product) * model.lines
    lines = tuple(_line(item, reading, model.lines) for item in model.items)
    found = Account(model, product, lines, occupations, batch, extra)
    return found if product > 0.0 and 0.0 < found.per_gram < math.inf and found.cycle > 0.0 else None


def _line(item: Item, reading: _Reading, n_lines: int) -> Line:
    n = 1 if item.is_shared else n_lines
    amount = math.fsum(reading.amount(one) for one in item.amounts) * reading.amount(item.times) * n
    return Line(item, amount, amount * item.price.money.value / item.price.lifetime)


class _Reading:
    """Reads amounts from the numbers of a run whose schedule is known."""

    def __init__(self, bare: Account, values: Sequence[float]) -> None:
        self._bare, self._values = bare, values
        campaign = bare.model.campaign
        chosen = [phase for phase in bare.model.phases if campaign and phase.name == campaign.phase]
        self._simulated = values[chosen[0].end] - values[chosen[0].start] if chosen else math.nan

    def amount(self, amount: Amount) -> float:
        """Return ``amount``, extended by what more there is of it in a longer campaign."""
        if amount.span is not None:
            return amount.factor * self._time(amount)
        if amount.place is None:
            return amount.factor
        value = self._values[amount.place]
        if amount.rate is not None:
            value += self._bare.extra * self._values[amount.rate] / self._simulated
        return amount.factor * value

    def _time(self, amount: Amount) -> float:
        if amount.span == "batch":
            return self._bare.batch
        if amount.span == "cycle":
            return self._bare.cycle
        if amount.span == "year":
            return self._bare.cycle / self._bare.model.operating * YEAR
        return next(one.time for one in self._bare.occupations if one.name == amount.equipment)


def _extra(model: CostModel, values: Sequence[float]) -> float:
    if model.campaign is None:
        return 0.0
    phase = next(one for one in model.phases if one.name == model.campaign.phase)
    return model.campaign.lasts - (values[phase.end] - values[phase.start])


def _later(model: CostModel, values: Sequence[float], place: int, extra: float) -> float:
    """Return the time at ``place`` [h], later where it is after the phase that lasts longer."""
    if model.campaign is None:
        return values[place]
    end = next(phase.end for phase in model.phases if phase.name == model.campaign.phase)
    return values[place] + (extra if values[place] >= values[end] else 0.0)


def _occupations(model: CostModel, values: Sequence[float], extra: float) -> tuple[Occupation, ...]:
    found = []
    for equipment in model.equipment:
        spans = [
            (phase.name, _later(model, values, phase.start, extra), _later(model, values, phase.end, extra))
            for phase in model.phases
            if set(phase.active) & set(equipment.units)
        ]
        spans.sort(key=lambda span: span[1:])
        found.append(Occupation(equipment.name, tuple(spans), equipment.turnaround, equipment.parallel))
    return tuple(found)
