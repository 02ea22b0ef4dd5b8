"""What several cost studies answer together: where the difference comes from, and how firm it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cosim.results.display import number, pretty_unit
from cosim.study.cost.account import Account
from cosim.study.cost.answer import bottleneck, hours, warnings, words
from cosim.study.cost.drawing import stacked, tornado
from cosim.study.method import Answer, Cell, Section, Table

Accounts = Mapping[str, Account]


def compare(accounts: Accounts, change: float) -> Answer:
    """Return the answer about ``accounts``, by name, in one currency; the tornado has each price by ``change``."""
    cheap, dear = _extremes(accounts)
    effects = _effects(accounts[cheap], accounts[dear], change)
    taken = [
        replace(bottleneck(found), key=f"bottleneck.{name}", title=f"When equipment is taken: {words(name)}")
        for name, found in accounts.items()
    ]
    prices = _prices(cheap, dear, accounts, effects, change)
    sections = (_categories(accounts), _capacity(accounts), *taken, _consumption(accounts), prices)
    doubts = tuple(f"{words(name)}: {text}" for name, found in accounts.items() for text in warnings(found))
    return Answer(_verdict(cheap, dear, accounts, effects, change), sections, doubts)


def _extremes(accounts: Accounts) -> tuple[str, str]:
    """Return the names of those with the lowest and the highest cost of a gram."""
    ordered = sorted(accounts, key=lambda name: accounts[name].per_gram)
    return ordered[0], ordered[-1]


def _shares(found: Account) -> Mapping[str, float]:
    return {name: cost / found.product for name, cost in found.by_category.items()}


def _effects(cheap: Account, dear: Account, change: float) -> dict[str, float]:
    """Return by how much each price moves the difference, the largest first."""
    costs = [{name: cost / found.product for name, cost in found.by_price.items()} for found in (cheap, dear)]
    names = dict.fromkeys([*costs[1], *costs[0]])
    effects = {name: change * (costs[1].get(name, 0.0) - costs[0].get(name, 0.0)) for name in names}
    return dict(sorted(effects.items(), key=lambda item: -abs(item[1])))


def _verdict(cheap: str, dear: str, accounts: Accounts, effects: Mapping[str, float], change: float) -> str:
    low, high = accounts[cheap], accounts[dear]
    gap, currency = high.per_gram - low.per_gram, low.model.currency
    shares = [_shares(found) for found in (low, high)]
    gains = {name: shares[1].get(name, 0.0) - shares[0].get(name, 0.0) for name in (*shares[1], *shares[0])}
    most = max(gains, key=lambda name: gains[name])
    turning = [words(name) for name, effect in effects.items() if abs(effect) > gap]
    firm = (
        f"{change:.0%} more or less for {' or for '.join(turning)} alone can turn that round"
        if turning
        else f"no single price, {change:.0%} higher or lower, turns that round"
    )
    return (
        f"A gram costs {number(low.per_gram, 3)} {currency} by {words(cheap)}, {gap / high.per_gram:.0%} less than "
        f"{number(high.per_gram, 3)} {currency} by {words(dear)}; most of the difference, {number(gains[most], 3)} "
        f"{currency}, is {words(most)}; {firm}."
    )


def _categories(accounts: Accounts) -> Section:
    currency = next(iter(accounts.values())).model.currency
    shares = {name: _shares(found) for name, found in accounts.items()}
    names = dict.fromkeys(category for found in shares.values() for category in found)
    rows: list[tuple[Cell, ...]] = [
        (words(category), *(found.get(category, 0.0) for found in shares.values()))
        for category in sorted(names, key=lambda one: -max(found.get(one, 0.0) for found in shares.values()))
    ]
    rows.append(("together", *(found.per_gram for found in accounts.values())))
    columns = ("category", *map(words, accounts))
    table = Table(columns, tuple(rows), ("", *[f"{currency}/g"] * len(accounts)))
    text = "What a gram costs, by category."
    return Section("categories", "Cost of a gram", text, table, stacked(accounts, currency))


def _capacity(accounts: Accounts) -> Section:
    """Return time, bottleneck and what a year makes."""
    told: dict[str, list[Cell]] = {}
    currency = next(iter(accounts.values())).model.currency
    for found in accounts.values():
        wait, n, days = found.bottleneck, found.batches_per_year, found.cycle / 24.0
        cells: dict[str, Cell] = {
            "made in": f"a {found.model.whole} of {hours(found.batch)}",
            "the next can begin after": hours(found.cycle),
            "because of": f"{words(wait.name)}, {words(wait.longest)} most of the time",
            "rounds per year": n,
            "product of a round, kg": found.product / 1e3,
            "product of a year, kg": found.product * n / 1e3,
            "product of a day, g": found.product / days,
            f"cost of a day, {currency}": found.total / days,
            f"cost of a year, {currency}": found.total * n,
        }
        for name, cell in cells.items():
            told.setdefault(name, []).append(cell)
    rows = tuple((name, *row) for name, row in told.items())
    text = "The equipment that is taken longest decides when the next can begin. Days are those of operating time."
    return Section("capacity", "Time and capacity", text, Table(("", *map(words, accounts)), rows))


def _consumption(accounts: Accounts) -> Section:
    """Return what a gram takes of everything that has a price."""
    amounts: dict[str, dict[str, float]] = {}
    pers: dict[str, str] = {}
    for name, found in accounts.items():
        for line in found.lines:
            price = line.item.price
            pers.setdefault(price.item, price.money.per)
            by_price = amounts.setdefault(name, {})
            by_price[price.item] = by_price.get(price.item, 0.0) + line.amount / found.product
    rows = tuple(
        (words(item), pretty_unit(per), *(amounts[name].get(item) for name in accounts)) for item, per in pers.items()
    )
    text = "Per gram of product; of what serves several times, all uses."
    return Section("consumption", "What a gram takes", text, Table(("of", "unit", *map(words, accounts)), rows))


def _prices(cheap: str, dear: str, accounts: Accounts, effects: Mapping[str, float], change: float) -> Section:
    low, high = accounts[cheap], accounts[dear]
    gap, unit = high.per_gram - low.per_gram, f"{low.model.currency}/g"
    shown = {words(name): effect for name, effect in effects.items()}
    rows = tuple((name, gap - effect, gap + effect) for name, effect in shown.items())
    text = (
        f"What {words(dear)} costs more than {words(cheap)}, with each price {change:.0%} lower and higher in both; "
        "below zero the order is the other way round."
    )
    table = Table(("price", f"{change:.0%} lower", f"{change:.0%} higher"), rows, ("", unit, unit))
    drawing = tornado(shown, gap, unit, f"what {words(dear)} costs more")
    return Section("prices", "Which price matters for the difference", text, table, drawing)
