"""The key ``cost`` of a study file → CostEntry, with every problem noted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cosim.scenario.document import Entry, Mapping, Node, Scalar
from cosim.scenario.document import Sequence as SequenceNode
from cosim.scenario.expressions import is_number_like, parse_measure
from cosim.scenario.reading import (
    Problems,
    boolean_of,
    entries_of,
    fields_of,
    integer_of,
    scalar_of,
    scalars_of,
    text_of,
)
from cosim.study.cost.entries import AmountEntry, CampaignEntry, CostEntry, EquipmentEntry, ItemEntry, Span

_KEYS: Final = ("prices", "product", "operating_time", "lines", "campaign", "equipment", "items")
_NAME: Final = re.compile(r"[A-Za-z_]\w{0,99}", re.ASCII)
_SPANS: Final[dict[str, Span]] = {"batch": "batch", "cycle": "cycle", "year": "year"}
_OCCUPATION: Final = re.compile(r"occupation\(\s*(\w+)\s*\)")


def read_cost(entry: Entry, folder: Path, problems: Problems) -> CostEntry | None:
    """Read ``entry``, whose paths are relative to ``folder``; None where something that is needed is missing."""
    fields = fields_of(entry.value, _KEYS, "'cost'", problems)
    example = {
        "prices": "prices: prices.csv",
        "product": "product: final(line.filled.m_mab_total)",
        "items": "items: {medium: {amount: increase(feeder.outlet.V_total)}}",
    }
    lacking = [key for key in example if key not in fields]
    for key in lacking:
        problems.add(f"'cost' has no '{key}'. Write '{example[key]}'.", entry.origin)
    if lacking:
        return None
    prices = text_of(fields["prices"].value, "'prices'", problems)
    written = scalar_of(fields["product"].value, "'product'", problems)
    product = problems.attempt(lambda: parse_measure(written.text, written.origin), written.origin) if written else None
    items = [_item(item, problems) for item in entries_of(fields["items"].value, "'items'", problems)]
    if not items:
        problems.add("There are no 'items' to pay for.", fields["items"].origin)
    equipment = fields.get("equipment")
    machines = entries_of(equipment.value, "'equipment'", problems) if equipment else ()
    lines = integer_of(fields["lines"].value, "'lines'", problems, least=1) if "lines" in fields else 1
    if product is not None and product.function == "cost":
        problems.add("'product' should be an amount, such as final(line.filled.m_mab_total).", product.origin)
        return None
    if prices is None or product is None:
        return None
    return CostEntry(
        prices=folder / prices,
        product=product,
        operating_time=_scalar(fields, "operating_time", problems),
        items=tuple(item for item in items if item is not None),
        equipment=tuple(_equipment(machine, problems) for machine in machines),
        campaign=_campaign(fields["campaign"], problems) if "campaign" in fields else None,
        lines=lines or 1,
        origin=entry.origin,
    )


def _scalar(fields: dict[str, Entry], key: str, problems: Problems) -> Scalar | None:
    return scalar_of(fields[key].value, f"'{key}'", problems) if key in fields else None


def _named(entry: Entry, kind: str, problems: Problems) -> None:
    if not _NAME.fullmatch(entry.key):
        problems.add(f"'{entry.key}' cannot name {kind}: use letters, digits and underscores.", entry.origin)


def _item(entry: Entry, problems: Problems) -> ItemEntry | None:
    """Read ``resin: {price: protein_a, amount: final(capture.bed_volume), times: repetitions(capture)}``."""
    _named(entry, "an item", problems)
    what = f"Item '{entry.key}'"
    fields = fields_of(entry.value, ("price", "amount", "times", "shared"), what, problems)
    if "amount" not in fields:
        problems.add(f"{what} has no 'amount'. Write {{amount: increase(feeder.outlet.V_total)}}.", entry.origin)
        return None
    price = text_of(fields["price"].value, f"'price' of {what}", problems) if "price" in fields else entry.key
    node = fields["amount"].value
    written: Sequence[Node] = node.items if isinstance(node, SequenceNode) else (node,)
    amounts = [_amount(one, f"'amount' of {what}", problems) for one in written]
    if not amounts:
        problems.add(f"'amount' of {what} is an empty list.", entry.origin)
    times = _amount(fields["times"].value, f"'times' of {what}", problems) if "times" in fields else None
    shared = boolean_of(fields["shared"].value, f"'shared' of {what}", problems) if "shared" in fields else False
    return ItemEntry(
        entry.key, price or entry.key, tuple(one for one in amounts if one is not None), times, bool(shared),
        entry.origin,
    )  # fmt: skip


def _amount(node: Node, what: str, problems: Problems) -> AmountEntry | None:
    written = scalar_of(node, what, problems)
    if written is None:
        return None
    text = written.text.strip()
    if is_number_like(text):
        return AmountEntry(written)
    if text in _SPANS:
        return AmountEntry(written, span=_SPANS[text])
    occupation = _OCCUPATION.fullmatch(text)
    if occupation is not None:
        return AmountEntry(written, span="occupation", equipment=occupation[1])
    if "(" not in text:
        problems.add(
            f"{what} is '{text}'. Write a function of a run such as increase(feeder.outlet.V_total), a quantity such "
            "as 4 h, 'batch', 'cycle', 'year' or occupation(…).",
            written.origin,
        )
        return None
    measure = problems.attempt(lambda: parse_measure(text, written.origin), written.origin)
    if measure is not None and measure.function == "cost":
        problems.add(f"{what} is '{text}': what it costs cannot be what is consumed.", written.origin)
        return None
    return None if measure is None else AmountEntry(written, measure)


def _equipment(entry: Entry, problems: Problems) -> EquipmentEntry:
    """Read ``bioreactor: {units: [reactor], parallel: 2, turnaround: 48 h}``."""
    _named(entry, "equipment", problems)
    what = f"Equipment '{entry.key}'"
    if isinstance(entry.value, Mapping):
        fields = fields_of(entry.value, ("units", "parallel", "turnaround"), what, problems)
    else:
        problems.add(f"{what} should be written {{units: [reactor], turnaround: 24 h}}.", entry.origin)
        fields = {}
    units = scalars_of(fields["units"].value, f"'units' of {what}", problems) if "units" in fields else ()
    if "units" not in fields:
        units = (Scalar(entry.key, False, entry.origin),)
    parallel = (
        integer_of(fields["parallel"].value, f"'parallel' of {what}", problems, least=1) if "parallel" in fields else 1
    )
    return EquipmentEntry(entry.key, units, parallel or 1, _scalar(fields, "turnaround", problems), entry.origin)


def _campaign(entry: Entry, problems: Problems) -> CampaignEntry | None:
    """Read ``campaign: {phase: steady, lasts: 53 d}``."""
    fields = fields_of(entry.value, ("phase", "lasts"), "'campaign'", problems)
    if len(fields) < 2:
        problems.add("'campaign' is written {phase: steady, lasts: 53 d}.", entry.origin)
        return None
    phase, lasts = (scalar_of(fields[key].value, f"'{key}' of 'campaign'", problems) for key in ("phase", "lasts"))
    return None if phase is None or lasts is None else CampaignEntry(phase, lasts)
