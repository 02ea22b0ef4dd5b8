"""What the report shows, worked out into texts and places; the templates only lay it out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cosim.clock import TICKS_PER_SECOND, format_ticks, to_ticks
from cosim.execution.outcome import LedgerEntry, SpeciesLedger
from cosim.results.display import amount, duration, number, power_of_ten, pretty_unit, scale_for, seconds
from cosim.results.flowsheet import Drawing, Edge, PlacedEdge
from cosim.results.flowsheet_rows import draw_in_rows
from cosim.results.result import Result
from cosim.system.stream import Exit

_MARGINAL: Final = 10.0
"""A closure up to this many times the tolerance is shown as near."""
_TRACE: Final = 1e-4
"""Share of the largest stream of product below which a stream does not tell it."""
_GLYPHS: Final = (
    ("reactor", ("reactor", "ferment", "perfusion", "culture", "seed", "thaw")),
    ("column", ("protein", "column", "chromat", "capture", "resin", "exchange")),
    ("centrifuge", ("centrifuge", "diskstack", "disk")),
    ("filter", ("filter", "ufdf", "membrane")),
    ("valve", ("divert", "valve", "split")),
    ("source", ("feed", "buffer", "source", "manifold", "medium")),
    ("tank", ("tank", "hold", "pool", "vessel", "inactivation", "fill")),
    ("control", ("control", "pid", "sensor")),
)

_FAILURE: Final = {"inputs": "last input", "time": "beginning of the step"}
"""What details of a failure are called, where that is not their key."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The run in two words and a sentence; ``tone`` is 'good', 'doubt' or 'bad'."""

    tone: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the run."""

    label: str
    value: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Closure:
    """A balance's closure: as text, as short text for a matrix, and whether it is 'good', 'doubt', 'bad' or 'none'."""

    text: str
    short: str
    tone: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One balance as texts, in the order of the table's columns."""

    name: str
    cells: tuple[str, ...]
    closure: Closure


@dataclass(frozen=True, slots=True)
class SpeciesView:
    """A species' balances: over the flowsheet, per unit, and what passed each stream; whether there was any of it."""

    name: str
    is_present: bool
    flowsheet: LedgerRow
    units: tuple[LedgerRow, ...]
    matrix: tuple[Closure | None, ...]
    streams: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ElementRow:
    """What reactions made and consumed of an element: made, consumed, difference and its share as texts."""

    element: str
    unit: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CostRow:
    """What a component cost; ``share`` in percent of all components."""

    name: str
    steps: str
    seconds: str
    per_step: str
    share: float


@dataclass(frozen=True, slots=True)
class EdgeView:
    """An edge with its labels."""

    placed: PlacedEdge
    label: str
    second: str
    title: str
    width: float


def verdict(result: Result) -> Verdict:
    """Judge the run as a reader would."""
    n, held = len(result.expectations), sum(finding.holds for finding in result.expectations)
    expected = f"{held} of {n} expectations hold" if n else "Nothing was expected of it"
    if result.status == "failed":
        return Verdict("bad", "Failed", _where(result))
    if result.status == "stopped":
        return Verdict("doubt", "Stopped", result.outcome.reason or "The run was stopped before its end.")
    if held < n:
        return Verdict("bad", "Not as expected", f"Completed, but only {expected}.")
    if n == 0:
        return Verdict("good", "Completed", f"{expected}; the ledger {_ledger_words(result)}.")
    whole = {1: "The expectation holds", 2: "Both expectations hold"}.get(n, f"All {n} expectations hold")
    return Verdict("good", "As expected", f"{whole}; the ledger {_ledger_words(result)}.")


def _where(result: Result) -> str:
    """Say in few words where a run failed; the whole reason stands below."""
    component = result.outcome.failure.get("component")
    place = f" in {component}" if component else ""
    return f"After {duration(result.outcome.time)}{place}: see below."


def _ledger_words(result: Result) -> str:
    worst = _worst(result)
    return f"closes to {power_of_ten(worst[1])}" if worst and worst[1] else "closes" if worst else "is empty"


def _worst(result: Result) -> tuple[str, float] | None:
    closures = [(name, ledger.flowsheet.closure) for name, ledger in result.ledger.items()]
    finite = [item for item in closures if math.isfinite(item[1])]
    return max(finite, key=lambda item: item[1], default=None)


def tiles(result: Result) -> list[Tile]:
    """Return the figures under the title."""
    outcome = result.outcome
    found = [Tile("simulated", duration(outcome.time))]
    if outcome.wall_seconds > 0:
        faster = outcome.time / TICKS_PER_SECOND / outcome.wall_seconds
        found.append(Tile("wall time", seconds(outcome.wall_seconds), f"{number(faster, 2)} × real time"))
    if result.costs:
        steps = sum(cost.steps for cost in result.costs.values())
        found.append(Tile("communication steps", number(steps, 9), f"{len(result.costs)} components"))
    for finding in result.expectations[:4]:
        value = "–" if finding.value is None else f"{number(finding.value)} {pretty_unit(finding.unit)}".rstrip()
        name, _, limit = _split_expectation(finding.text)
        found.append(Tile(name, value, f"expected {limit}", "good" if finding.holds else "bad"))
    worst = _worst(result)
    if worst is not None:
        tone = closure(worst[1], _tolerance(result, None)).tone
        found.append(Tile("worst closure", power_of_ten(worst[1]) if worst[1] else "0", worst[0], tone))
    return found


def _split_expectation(text: str) -> tuple[str, str, str]:
    for operator in (">=", "<=", ">", "<"):
        left, found, right = text.partition(operator)
        if found:
            sign = {">=": "≥", "<=": "≤"}.get(operator, operator)
            return left.strip(), sign, f"{sign} {right.strip()}"
    return text, "", ""


def _tolerance(result: Result, component: str | None) -> float:
    stated = result.run.get("ledger_tolerance") or {}
    default = stated.get("flowsheet", 1e-9)
    return float(default if component is None else stated.get("components", {}).get(component, default))


def closure(value: float, tolerance: float) -> Closure:
    """Tell a closure and how it stands against ``tolerance``."""
    if not math.isfinite(value):
        return Closure("–", "–", "bad")
    text = power_of_ten(value) if value else "0"
    tone = "good" if value <= tolerance else "doubt" if value <= _MARGINAL * tolerance else "bad"
    return Closure(text, f"{value:.0e}".replace("e-0", "e-") if value else "0", tone)


def _row(name: str, entry: LedgerEntry, tolerance: float) -> LedgerRow:
    unit = entry.unit
    values = (entry.start, entry.entered, entry.made, entry.left, entry.consumed, entry.held, entry.in_transit)
    cells = [amount(value, unit) if value else "0" for value in values]
    cells.append(amount(entry.unexplained, unit, 2) if entry.unexplained else "0")
    return LedgerRow(name, tuple(cells), closure(entry.closure, tolerance))


def ledger_units(result: Result) -> list[str]:
    """Return the components that have a balance, in the order of the scenario."""
    found = {unit for ledger in result.ledger.values() for unit in ledger.units}
    order = list(result.run.get("structure", {}).get("components", {}))
    return [name for name in dict.fromkeys([*order, *sorted(found)]) if name in found]


def species_views(result: Result) -> list[SpeciesView]:
    """Return every species' balances as texts."""
    units = ledger_units(result)
    return [_species(result, name, ledger, units) for name, ledger in result.ledger.items()]


def _species(result: Result, name: str, ledger: SpeciesLedger, units: Sequence[str]) -> SpeciesView:
    rows = {unit: _row(unit, entry, _tolerance(result, unit)) for unit, entry in ledger.units.items()}
    streams = tuple((stream, amount(passed, ledger.flowsheet.unit)) for stream, passed in ledger.streams.items())
    return SpeciesView(
        name,
        any(any((entry.start, entry.entered, entry.made, entry.held)) for entry in ledger.units.values()),
        _row(name, ledger.flowsheet, _tolerance(result, None)),
        tuple(rows[unit] for unit in units if unit in rows),
        tuple(rows[unit].closure if unit in rows else None for unit in units),
        streams,
    )


def element_rows(result: Result) -> list[ElementRow]:
    """Return what was made and consumed of each element in all, and per unit where there are several."""
    rows = []
    for element, ledger in result.elements.items():
        rows.append(_element(element, "all units" if len(ledger.units) > 1 else next(iter(ledger.units), ""), ledger))
        if len(ledger.units) > 1:
            rows += [_element("", unit, SpeciesLedger(entry, {})) for unit, entry in ledger.units.items()]
    return rows


def _element(element: str, unit: str, ledger: SpeciesLedger) -> ElementRow:
    entry = ledger.flowsheet
    cells = [amount(value, entry.unit) if value else "0" for value in (entry.made, entry.consumed, entry.unexplained)]
    return ElementRow(element, unit, (*cells, closure(entry.closure, math.inf).text))


def costs(result: Result) -> list[CostRow]:
    """Return what components cost, the dearest first."""
    total = sum(cost.seconds for cost in result.costs.values()) or 1.0
    ranked = sorted(result.costs.items(), key=lambda item: -item[1].seconds)
    return [
        CostRow(
            name,
            number(cost.steps, 9),
            seconds(cost.seconds),
            f"{number(cost.seconds / cost.steps * 1e6, 3)} µs" if cost.steps else "–",
            100 * cost.seconds / total,
        )
        for name, cost in ranked
    ]


def flowsheet(result: Result) -> tuple[Drawing, list[EdgeView]]:
    """Draw the flowsheet and label its streams with what passed them."""
    structure = result.run.get("structure", {})
    components = list(structure.get("components", {}))
    edges, exits, passed = [], [], []
    for index, stream in enumerate(structure.get("streams", [])):
        source, _, port = stream["source"].partition(".")
        if stream["target"] is None:
            exits.append(f"{stream.get('exit', Exit.WASTE)}:{index}")
            edges.append(Edge(source, exits[-1], True, port))
        else:
            target, _, target_port = stream["target"].partition(".")
            edges.append(Edge(source, target, True, port, target_port))
        passed.append(f"{stream['source']} => {stream['target'] or stream.get('exit', Exit.WASTE)}")
    for wire in structure.get("connections", []):
        source, _, variable = wire["source"].partition(".")
        target, _, entry = wire["target"].partition(".")
        edges.append(Edge(source, target, False, variable, entry))
    drawing = draw_in_rows(components, edges, exits)
    names = dict(zip(map(id, edges), [*passed, *("" for _ in edges)], strict=False))
    largest = max((volume for ledger in _volumes(result) for volume in ledger.streams.values()), default=0.0)
    return drawing, [_edge_view(result, placed, names[id(placed.edge)], largest) for placed in drawing.edges]


def _edge_view(result: Result, placed: PlacedEdge, stream: str, largest: float) -> EdgeView:
    edge = placed.edge
    if not edge.is_stream:
        title = f"{edge.source}.{edge.source_port} -> {edge.target}.{edge.target_port}"
        return EdgeView(placed, edge.source_port if placed.is_feedback else "", "", title, 1.4)
    amounts = {name: ledger.streams[stream] for name, ledger in result.ledger.items() if stream in ledger.streams}
    lines = [f"{name}: {amount(value, result.ledger[name].flowsheet.unit)}" for name, value in amounts.items()]
    volume = amounts.get("volume")
    width = 3.0 + 4.0 * math.sqrt(max(volume, 0.0) / largest) if volume is not None and largest > 0 else 4.0
    product = product_of(result)
    most = max(result.ledger[product].streams.values(), default=0.0) if product else 0.0
    is_told = amounts.get(product, 0.0) > _TRACE * most
    second = amount(amounts[product], result.ledger[product].flowsheet.unit, 3) if is_told else ""
    label = amount(volume, "m3") if volume is not None else ""
    return EdgeView(placed, label, second, "\n".join([stream, *lines]), width)


def _volumes(result: Result) -> list[SpeciesLedger]:
    return [result.ledger["volume"]] if "volume" in result.ledger else []


def product_of(result: Result) -> str:
    """Return the species that the scenario asks the yield of, '' when it asks of none."""
    for finding in result.expectations:
        if finding.text.startswith("yield("):
            name = finding.text[len("yield(") :].partition(",")[0].strip()
            return name if name in result.ledger else ""
    return ""


def glyph(name: str, model: str) -> str:
    """Choose the picture of a component by what its model, else its name, is called."""
    for text in (model.rpartition(".")[2].lower(), name.lower()):
        for found, words in _GLYPHS:
            if any(word in text for word in words):
                return found
    return "box"


def failure(result: Result) -> list[tuple[str, str]]:
    """Return what is known of the failed step, one line each, in the units of the field."""
    known = result.outcome.failure
    units = known.get("units")
    lines = []
    for key, value in known.items():
        if key == "units" or value is None:
            continue
        items = value.items() if isinstance(value, Mapping) else [("", value)]
        for name, item in items:
            unit = str(units.get(name, "")) if key == "inputs" and isinstance(units, Mapping) else ""
            shown = _time(item) if key in ("time", "step_size") else _told(item, unit)
            lines.append((f"{_FAILURE.get(key, key.replace('_', ' '))} {name}".strip(), shown))
    return lines


def _time(seconds: object) -> str:
    return format_ticks(to_ticks(seconds)) if isinstance(seconds, float) and math.isfinite(seconds) else str(seconds)


def _told(value: object, unit: str) -> str:
    if not isinstance(value, float):
        return str(value)
    scale = scale_for(unit)
    return f"{scale.factor * value + scale.offset:.9g} {scale.unit}".rstrip()
