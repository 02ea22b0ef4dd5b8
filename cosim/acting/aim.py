"""What a batch is worth, and what it has to keep, read from an execution that runs ahead."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.errors import CosimError, ScenarioError, SourceLocation, raise_all
from cosim.live.acting import Advising, Harvest, Kept, Price
from cosim.opened import OpenExecution
from cosim.units import parse_quantity, si_base

Bound = TypeVar("Bound")
_DAY: Final = 86_400 * TICKS_PER_SECOND


@dataclass(frozen=True, slots=True)
class _Term:
    """``factor`` · variable + ``offset`` is a part of the worth."""

    variable: str
    factor: float
    offset: float


@dataclass(frozen=True, slots=True)
class _Limit:
    """A variable between numbers in its own unit; what exceeds them counts as a share of ``scale``."""

    variable: str
    low: float
    high: float
    scale: float


class Aim:
    """The worth and the limits that ``advising`` states, for a scenario like ``execution``.

    Raises
    ------
    CosimError
        When a variable does not exist or a unit does not fit, all problems at once.
    """

    def __init__(self, advising: Advising, execution: OpenExecution) -> None:
        problems: list[CosimError] = []
        self.harvest: Harvest | None = advising.harvest
        self._terms = _bind([(price.origin, partial(_term, price, execution)) for price in advising.worth], problems)
        self._limits = _bind([(kept.origin, partial(_limit, kept, execution)) for kept in advising.kept], problems)
        raise_all(problems)

    def worth(self, execution: OpenExecution, time: Ticks) -> float:
        """Return what the batch is worth when it ends now, at ``time``."""
        total = sum(term.factor * execution[term.variable] + term.offset for term in self._terms)
        return total - (self.harvest.per_day * time / _DAY if self.harvest is not None else 0.0)

    def excess(self, execution: OpenExecution) -> float:
        """Return by how much the worst limit is exceeded, as a share of its range; negative inside, NaN if unknown."""
        found = [-1.0]
        for limit in self._limits:
            value = execution[limit.variable]
            found.append(max(limit.low - value, value - limit.high) / limit.scale)
        return max(found, key=lambda excess: math.inf if math.isnan(excess) else excess)


def _bind(
    items: Sequence[tuple[SourceLocation | None, Callable[[], Bound]]], problems: list[CosimError]
) -> list[Bound]:
    found = []
    for origin, read in items:
        try:
            found.append(read())
        except CosimError as error:
            problems.append(ScenarioError(f"'advice': {error.message}", location=origin))
    return found


def _term(price: Price, execution: OpenExecution) -> _Term:
    quantity = parse_quantity(price.price)
    unit = execution.variable(price.variable).unit or "1"
    factor, offset, exponents = si_base(unit)
    _, _, priced = si_base(quantity.unit or "1")
    if any(exponents.get(base, 0) + priced.get(base, 0) for base in {*exponents, *priced}):
        raise ScenarioError(
            f"a price of '{price.price}' for {price.variable} [{unit}] gives no plain number. Give it per unit of "
            "that, as in '1 L/g' for g/L."
        )
    number = quantity.to_si()
    return _Term(price.variable, number * factor, number * offset)


def _limit(kept: Kept, execution: OpenExecution) -> _Limit:
    unit = execution.variable(kept.variable).unit
    low = parse_quantity(kept.low).to(unit) if kept.low is not None else float("-inf")
    high = parse_quantity(kept.high).to(unit) if kept.high is not None else float("inf")
    if not low < high:
        raise ScenarioError(f"{kept.variable} cannot be kept between {kept.low} and {kept.high}: they do not rise.")
    ends = [abs(end) for end in (low, high) if abs(end) < float("inf")]
    scale = high - low if len(ends) == 2 else max(ends[0], 1e-12)
    return _Limit(kept.variable, low, high, scale)
