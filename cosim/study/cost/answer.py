"""What a cost study answers: cost per gram, where it comes from, what the next batch waits for."""

from __future__ import annotations

from cosim.results.display import number, pretty_unit
from cosim.study.cost.account import Account, Occupation
from cosim.study.cost.drawing import schedule, stacked, tornado
from cosim.study.method import Answer, Section, Table


def answer(found: Account, change: float) -> Answer:
    """Return the answer in sections; ``change`` of each price is what the tornado shows."""
    sections = (categories(found), items(found), bottleneck(found), prices(found, change), year(found))
    return Answer(verdict(found), sections, warnings(found))


def verdict(found: Account) -> str:
    """Say what a gram costs, what most of that is, and what the next batch waits for."""
    model = found.model
    name, most = max(found.by_category.items(), key=lambda item: item[1])
    wait = found.bottleneck
    return (
        f"A gram costs {number(found.per_gram)} {model.currency}, {most / found.total:.0%} of it {words(name)}; a "
        f"{model.whole} makes {number(found.product / 1e3)} kg in {hours(found.batch)}, and the next can begin "
        f"{hours(found.cycle)} after it: {words(wait.name)} is the bottleneck, "
        f"{words(wait.longest)} its longest phase."
    )


def hours(time: float) -> str:
    """Write a time [h] in days from two days on."""
    return f"{number(time / 24.0, 3)} d" if time >= 48.0 else f"{number(time, 3)} h"


def words(name: str) -> str:
    """Write a name as words."""
    return name.replace("_", " ")


def warnings(found: Account) -> tuple[str, ...]:
    """Tell of prices without a source, amounts below zero, and a campaign shorter than what was simulated."""
    told = []
    bare = [price.item for price in found.model.prices.values() if not price.source]
    if bare:
        told.append(f"No source is given for the price of {', '.join(bare)}.")
    negative = [words(line.item.name) for line in found.lines if line.amount < 0.0]
    if negative:
        told.append(f"The amount of {', '.join(negative)} is below zero, which lowers the cost: is it consumed?")
    if found.extra < 0.0:
        told.append(f"The campaign is {hours(-found.extra)} shorter than what was simulated: amounts are scaled down.")
    return tuple(told)


def categories(found: Account) -> Section:
    """Return cost by category."""
    currency, whole = found.model.currency, found.model.whole
    rows = [
        (words(name), cost / found.product, cost, 100.0 * cost / found.total)
        for name, cost in sorted(found.by_category.items(), key=lambda item: -item[1])
    ]
    rows.append(("together", found.per_gram, found.total, 100.0))
    units = ("", f"{currency}/g", currency, "%")
    drawing = stacked({"": found}, currency)
    text = (
        f"What a gram costs, by category; all {found.model.lines} lines together."
        if found.model.lines > 1
        else ("What a gram costs, by category.")
    )
    table = Table(("category", "per gram", f"per {whole}", "share"), tuple(rows), units)
    return Section("categories", "Cost of a gram", text, table, drawing)


def items(found: Account) -> Section:
    """Return what is consumed, in the unit of its price: buffers by kind, media, resin, membranes, hours."""
    rows = []
    for line in found.lines:
        price = line.item.price
        money = price.money
        told = f"{number(money.value)} {money.currency}{'' if money.per == '1' else f'/{pretty_unit(money.per)}'}"
        if price.lifetime != 1.0:
            told = f"{told}, {number(price.lifetime)} uses"
        names = words(line.item.name), words(price.category), pretty_unit(money.per)
        amounts = line.amount, line.amount / found.product
        rows.append((*names, *amounts, told, line.cost, line.cost / found.product))
    whole, currency = found.model.whole, found.model.currency
    columns = ("item", "category", "in", f"per {whole}", "per gram", "price", f"cost per {whole}", "cost per gram")
    units = ("", "", "", "", "", "", currency, f"{currency}/g")
    text = "What lasts for several uses is paid for by the use: amounts are those of all uses."
    return Section("items", "What is consumed", text, Table(columns, tuple(rows), units))


def bottleneck(found: Account) -> Section:
    """Return how long each piece of equipment is taken, and by which phases."""
    rows = tuple(
        (words(one.name), hours(one.time), one.parallel, one.cycle, 100.0 * one.cycle / found.cycle, _phases(one))
        for one in sorted(found.occupations, key=lambda one: -one.cycle)
    )
    columns = ("equipment", "taken for", "in parallel", "next batch after", "of the bottleneck", "phases")
    text = (
        "Equipment is taken from its first phase to the end of its last, and through its turnaround. The one that is "
        "taken longest, divided by how many there are, decides when the next batch can begin."
    )
    table = Table(columns, rows, ("", "", "", "h", "%", ""))
    return Section("bottleneck", "What the next batch waits for", text, table, schedule(found))


def _phases(one: Occupation) -> str:
    """Tell how long each phase takes it, the longest first."""
    longest = sorted(one.spans, key=lambda span: span[1] - span[2])
    told = [f"{words(name)} {hours(end - start)}" for name, start, end in longest]
    return ", ".join([*told, f"turnaround {hours(one.turnaround)}"] if one.turnaround > 0.0 else told)


def prices(found: Account, change: float) -> Section:
    """Return by how much the cost of a gram moves with each price."""
    moved = sorted(found.by_price.items(), key=lambda item: -item[1])
    base, currency = found.per_gram, found.model.currency
    effects = {words(name): change * cost / found.product for name, cost in moved}
    sources = {words(name): price.source or None for name, price in found.model.prices.items()}
    rows = tuple(
        (name, base - effect, base + effect, 100.0 * effect / base, sources[name]) for name, effect in effects.items()
    )
    text = f"The cost of a gram with each price {change:.0%} lower and higher, the others and the run as they are."
    columns = ("price", f"{change:.0%} lower", f"{change:.0%} higher", "moves it by ±", "source")
    table = Table(columns, rows, ("", f"{currency}/g", f"{currency}/g", "%", ""))
    return Section("prices", "Which price matters", text, table, tornado(effects, base, f"{currency}/g"))


def year(found: Account) -> Section:
    """Return what a year makes and costs."""
    model, n = found.model, found.batches_per_year
    whole, currency = model.whole, model.currency
    rows = (
        (f"time of a {whole}", found.batch, "h"),
        (f"from one {whole} to the next", found.cycle, "h"),
        ("operating time of a year", model.operating, "h"),
        (f"{'batches' if whole == 'batch' else 'campaigns'} per year", n, ""),
        (f"product of a {whole}", found.product, "g"),
        ("product of a year", found.product * n / 1e3, "kg"),
        ("product of a day", 24.0 * found.product / found.cycle, "g"),
        (f"cost of a {whole}", found.total, currency),
        ("cost of a day", 24.0 * found.total / found.cycle, currency),
        ("cost of a year", found.total * n, currency),
    )
    text = "The mean over years: operating time over the time from one to the next. A day is one of operating time."
    return Section("year", "A year", text, Table(("", "is", "unit"), rows))
