"""What a batch costs, bound: every amount with its place among the numbers of a run, every time in h."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cosim.study.cost.entries import Span
from cosim.study.cost.prices import Price


@dataclass(frozen=True, slots=True)
class Amount:
    """``factor`` times the number at ``place``, or times what ``span`` says [h]; ``factor`` itself without either.

    ``rate`` is the place of its increase over the phase that a campaign makes longer.
    """

    factor: float
    place: int | None = None
    rate: int | None = None
    span: Span | None = None
    equipment: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """Something paid for: amounts in the unit of its price, so many times."""

    name: str
    price: Price
    amounts: tuple[Amount, ...]
    times: Amount
    is_shared: bool


@dataclass(frozen=True, slots=True)
class PhaseTimes:
    """A phase, the components active in it, and the places of its start and end [h]."""

    name: str
    active: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Equipment:
    """Components that are occupied as one, from their first phase to the end of their last, and ``turnaround`` [h]."""

    name: str
    units: tuple[str, ...]
    parallel: int = 1
    turnaround: float = 0.0


@dataclass(frozen=True, slots=True)
class Campaign:
    """A phase that lasts ``lasts`` [h], not what was simulated of it."""

    phase: str
    lasts: float


@dataclass(frozen=True, slots=True)
class CostModel:
    """All of it; ``operating`` is the time in a year [h], ``product`` is in g."""

    prices: Mapping[str, Price]
    items: tuple[Item, ...]
    product: Amount
    phases: tuple[PhaseTimes, ...]
    equipment: tuple[Equipment, ...]
    operating: float
    campaign: Campaign | None = None
    lines: int = 1

    @property
    def currency(self) -> str:
        """Return that of all prices."""
        return next(iter(self.prices.values())).money.currency

    @property
    def categories(self) -> tuple[str, ...]:
        """Return those of the items, in their order."""
        return tuple(dict.fromkeys(item.price.category for item in self.items))

    @property
    def whole(self) -> str:
        """Return what one round of production is called."""
        return "campaign" if self.campaign else "batch"
