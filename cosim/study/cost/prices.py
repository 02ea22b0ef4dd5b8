"""A table of prices: CSV with the columns item, category, price, lifetime and source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cosim.errors import CosimError, ScenarioError, SourceLocation, raise_all
from cosim.scenario.csv_rows import read_rows
from cosim.system.nearest import nearest
from cosim.units import parse_quantity, read_unit

COLUMNS: Final = ("item", "category", "price", "lifetime", "source")
_KIND: Final = "table of prices"
_MONEY: Final = re.compile(
    r"(?P<number>[^A-Za-z/€$£¥]*?(?:[eE][+-]?\d+)?)\s*(?P<currency>[A-Z]{3}|€|\$|£|¥)\s*(?:/\s*(?P<per>.+))?"
)
_SYMBOLS: Final[Mapping[str, str]] = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_WHOLES: Final = ("batch", "piece", "campaign")
"""What a price may be for besides a unit: one of it."""


@dataclass(frozen=True, slots=True)
class Money:
    """``value`` of ``currency`` for one ``per``, a unit, '1' for a piece."""

    value: float
    currency: str
    per: str


@dataclass(frozen=True, slots=True)
class Price:
    """A row of the table; what it buys serves ``lifetime`` times."""

    item: str
    category: str
    money: Money
    lifetime: float
    source: str
    location: SourceLocation


def parse_money(text: str) -> Money:
    """Read ``12.5 EUR/L``, ``60 EUR/h`` or ``25000 EUR/batch``.

    Raises
    ------
    ScenarioError
        When it is no price, or its unit is not known.
    """
    match = _MONEY.fullmatch(text.strip())
    if match is None or not match["number"]:
        raise ScenarioError(f"'{text}' is not a price. Write a number, a currency and a unit, as in '12.5 EUR/L'.")
    per = (match["per"] or "1").strip()
    per = "1" if per in _WHOLES else per
    try:
        value = float(parse_quantity(match["number"]).value)
        read_unit(per)
    except CosimError as error:
        raise ScenarioError(f"'{text}' cannot be read as a price: {error.message}") from error
    if value < 0.0:
        raise ScenarioError(f"The price '{text}' is below zero.")
    return Money(value, _SYMBOLS.get(match["currency"], match["currency"]), per)


def read_prices(path: Path) -> Mapping[str, Price]:
    """Read the table at ``path``, by item.

    Raises
    ------
    ScenarioError, ProblemList
        All that is wrong in it, with lines; prices of different currencies too.
    """
    problems: list[CosimError] = []
    found: dict[str, Price] = {}
    for line, cells in read_rows(path, _KIND, COLUMNS, ("item", "price")):
        location = SourceLocation(path, line)
        try:
            price = _price(cells, location)
            _require_fitting(price, found)
        except CosimError as error:
            problems.append(ScenarioError(error.message, location=location))
        else:
            found[price.item] = price
    if not found and not problems:
        raise ScenarioError(f"The {_KIND} '{path}' has no rows.")
    raise_all(problems)
    return found


def _price(cells: Mapping[str, str], location: SourceLocation) -> Price:
    item = cells["item"]
    if not item:
        raise ScenarioError("This row names no item.")
    money = parse_money(cells["price"])
    written = cells.get("lifetime", "")
    lifetime = float(parse_quantity(written).to("1")) if written else 1.0
    if not lifetime > 0.0:
        raise ScenarioError(f"The lifetime of '{item}' is {written}; it should be above zero: how often it serves.")
    return Price(item, cells.get("category", "") or "other", money, lifetime, cells.get("source", ""), location)


def _require_fitting(price: Price, found: Mapping[str, Price]) -> None:
    if price.item in found:
        raise ScenarioError(f"'{price.item}' has a price already, in line {found[price.item].location.line}.")
    first = next(iter(found.values()), price)
    if price.money.currency != first.money.currency:
        raise ScenarioError(
            f"'{price.item}' is in {price.money.currency}, and '{first.item}' in line {first.location.line} in "
            f"{first.money.currency}. Convert one: all prices of a table have one currency."
        )


def price_of(item: str, prices: Mapping[str, Price], path: Path) -> Price:
    """Return the price called ``item``.

    Raises
    ------
    ScenarioError
        When there is none.
    """
    if item not in prices:
        raise ScenarioError(f"There is no price of '{item}' in '{path}'.{nearest(item, prices)}")
    return prices[item]
