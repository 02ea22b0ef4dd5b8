"""Cost as part of a study: which numbers of a run it needs, and responses such as cost(per_gram) made of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cosim.errors import ScenarioError, StructureError
from cosim.scenario.document import Scalar
from cosim.scenario.measures import Measure
from cosim.scenario.reading import Problems
from cosim.study.bind_responses import goal_of
from cosim.study.cost.account import Account, account
from cosim.study.cost.model import CostModel
from cosim.study.cost.prices import parse_money
from cosim.study.executor import Done
from cosim.study.model import ResponseEntry
from cosim.study.problem import Problem, Response
from cosim.system.nearest import nearest
from cosim.units import conversion, parse_quantity, read_unit

_QUANTITIES: Final[Mapping[str, tuple[str, Callable[[Account], float]]]] = {
    "per_gram": ("money/g", lambda one: one.per_gram),
    "per_batch": ("money", lambda one: one.total),
    "per_day": ("money/d", lambda one: 24.0 * one.total / one.cycle),
    "per_year": ("money/year", lambda one: one.total * one.batches_per_year),
    "grams_per_batch": ("g", lambda one: one.product),
    "grams_per_year": ("g/year", lambda one: one.product * one.batches_per_year),
    "batches_per_year": ("1/year", lambda one: one.batches_per_year),
    "batch_time": ("h", lambda one: one.batch),
    "cycle_time": ("h", lambda one: one.cycle),
}
"""What ``cost(…)`` may ask for besides a category or an item, both per gram."""
_LACKING: Final = "there is no product, no cost or no time"


@dataclass(frozen=True, slots=True)
class Costing:
    """A cost model with the responses it reads, and whether they are shown among those of the study."""

    model: CostModel
    responses: tuple[Response, ...]
    is_shown: bool

    def account(self, values: Sequence[float | None]) -> Account | None:
        """Return what a run with ``values`` of ``responses`` costs."""
        numbers = [math.nan if value is None else float(value) for value in values]
        return account(self.model, numbers) if all(map(math.isfinite, numbers)) else None


def unit_of(quantity: str, model: CostModel) -> str:
    """Return the unit of what ``cost(quantity)`` asks for.

    Raises
    ------
    StructureError
        When there is no such thing.
    """
    if quantity in _QUANTITIES:
        return _QUANTITIES[quantity][0].replace("money", model.currency)
    names = (*model.categories, *(item.name for item in model.items))
    if quantity not in names:
        known = (*_QUANTITIES, *names)
        raise StructureError(f"there is no cost '{quantity}'; there are {', '.join(known)}.{nearest(quantity, known)}")
    return f"{model.currency}/g"


def quantity_of(quantity: str, found: Account) -> float:
    """Return what ``cost(quantity)`` asks for."""
    if quantity in _QUANTITIES:
        return _QUANTITIES[quantity][1](found)
    by_category = found.by_category
    if quantity in by_category:
        return by_category[quantity] / found.product
    return next(line.cost for line in found.lines if line.item.name == quantity) / found.product


def bind_derived(entry: ResponseEntry, model: CostModel, problems: Problems) -> Response | None:
    """Bind a response ``cost(…)`` with its limits."""
    return problems.attempt(lambda: _derived(entry, model), entry.origin, f"Response '{entry.name}': ")


def _derived(entry: ResponseEntry, model: CostModel) -> Response:
    quantity = entry.measure.arguments[0]
    unit = unit_of(quantity, model)
    if entry.unit is not None and entry.unit.text != unit:
        raise StructureError(f"'{entry.measure.text}' is in [{unit}]. Leave 'unit' out.")
    low, high = (_limit(written, unit, model.currency) for written in (entry.at_least, entry.at_most))
    if low is not None and high is not None and not low < high:
        raise StructureError("its 'at_least' is not below its 'at_most'.")
    measure = Measure(entry.measure.text, "cost", unit)
    return Response(entry.name, measure, low, high, entry.origin, goal_of(entry), derived=quantity)


def _limit(written: Scalar | None, unit: str, currency: str) -> float | None:
    """Return a limit in ``unit``, which may be of money."""
    if written is None:
        return None
    head, _, per = unit.partition("/")
    if head != currency:
        return parse_quantity(written.text).to(unit)
    money = parse_money(written.text)
    if money.currency != currency:
        raise ScenarioError(f"its limit '{written.text}' is in {money.currency}, the prices in {currency}.")
    if read_unit(money.per).dimension != read_unit(per or "1").dimension:
        raise ScenarioError(f"its limit '{written.text}' does not fit [{unit}].")
    return money.value / conversion(money.per, per or "1").factor


def told(problem: Problem, done: Done) -> Done:
    """Return ``done``, of which a run tells what was measured, with all responses of ``problem``."""
    costing = problem.costing
    if costing is None:
        return done
    places = [i for i, response in enumerate(problem.responses) if not response.derived]
    values: list[float | None] = [None] * len(problem.responses)
    for place, value in zip(places, done.values, strict=False):
        values[place] = value
    missing = {places[i]: text for i, text in done.missing.items() if i < len(places)}
    if done.status == "completed":
        found = costing.account(done.values[len(done.values) - len(costing.responses) :])
        lacking = "; ".join(text for i, text in done.missing.items() if i >= len(places)) or _LACKING
        for i, response in enumerate(problem.responses):
            if response.derived and found is not None:
                values[i] = quantity_of(response.derived, found)
            elif response.derived:
                missing[i] = lacking
    return replace(done, values=tuple(values), missing=missing)
