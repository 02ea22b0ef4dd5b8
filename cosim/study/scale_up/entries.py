"""The key ``scale_up`` of a study: what differs between the scales, what is adjusted, which criteria are held."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cosim.errors import SourceLocation
from cosim.scenario.document import Entry, Mapping, Scalar
from cosim.scenario.expressions import parse_measure, parse_name
from cosim.scenario.model import MeasureEntry
from cosim.scenario.reading import Problems, entries_of, fields_of, scalar_of

_KEYS: Final = ("small", "large", "adjust", "criteria", "like")
_EXAMPLES: Final = {
    "small": "small: {reactor.volume_start: 2 L, reactor.stirrer_speed: 4 1/s}",
    "large": "large: {reactor.volume_start: 2000 L}",
    "adjust": "adjust: {reactor.stirrer_speed: {from: 0.1 1/s, to: 5 1/s}}",
    "criteria": 'criteria: {tip_speed: "at(reactor.tip_speed, 0 s)"}',
}
_NAME: Final = re.compile(r"[A-Za-z_]\w{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What is held constant, told in ``unit``."""

    measure: MeasureEntry
    unit: Scalar | None


@dataclass(frozen=True, slots=True)
class ScaleUpEntry:
    """Values at the two scales by variable; ``adjusted`` is sought between ``low`` and ``high`` at the large one.

    ``like`` names the experiment whose conditions are predicted; None for the first that is fitted.
    """

    small: dict[str, Scalar]
    large: dict[str, Scalar]
    adjusted: str
    low: Scalar
    high: Scalar
    criteria: dict[str, Criterion]
    like: Scalar | None
    origin: SourceLocation | None


def read_scale_up(entry: Entry, problems: Problems) -> ScaleUpEntry | None:
    """Read ``entry``; None where it has a problem, which is noted."""
    n_before = len(problems.found)
    fields = fields_of(entry.value, _KEYS, "'scale_up'", problems)
    for key, example in _EXAMPLES.items():
        if key not in fields:
            problems.add(f"'scale_up' has no '{key}'. Write '{example}'.", entry.origin)
    if len(problems.found) > n_before:
        return None
    small, large = (_values(fields[key], problems) for key in ("small", "large"))
    criteria = _criteria(fields["criteria"], problems)
    adjusted = _adjusted(fields["adjust"], problems)
    like = scalar_of(fields["like"].value, "'like'", problems) if "like" in fields else None
    if adjusted is None or len(problems.found) > n_before:
        return None
    name, low, high = adjusted
    if name not in small:
        problems.add(f"'small' has no {name}, which is adjusted. Give its value there.", fields["small"].origin)
    if name in large:
        problems.add(f"'large' has {name}, which is adjusted. Remove one of the two.", fields["large"].origin)
    for one, other, names in (("small", "large", small), ("large", "small", large)):
        for key in names:
            if key != name and key not in (large if one == "small" else small):
                problems.add(f"'{other}' has no {key}, which '{one}' has. Give it for both.", fields[other].origin)
    if len(problems.found) > n_before:
        return None
    return ScaleUpEntry(small, large, name, low, high, criteria, like, entry.origin)


def _values(entry: Entry, problems: Problems) -> dict[str, Scalar]:
    found = {}
    for item in entries_of(entry.value, f"'{entry.key}'", problems):
        name = problems.attempt(lambda item=item: parse_name(item.key, item.origin), item.origin)  # type: ignore[misc]
        value = scalar_of(item.value, item.key, problems)
        if name is not None and value is not None:
            found[str(name)] = value
    return found


def _criteria(entry: Entry, problems: Problems) -> dict[str, Criterion]:
    found = {}
    for item in entries_of(entry.value, "'criteria'", problems):
        if not _NAME.fullmatch(item.key):
            problems.add(f"'{item.key}' cannot name a criterion: use letters, digits and underscores.", item.origin)
        criterion = _criterion(item, problems)
        if criterion is not None:
            found[item.key] = criterion
    if not entries_of(entry.value, "'criteria'", Problems()):
        problems.add("There are no 'criteria' to hold constant.", entry.origin)
    return found


def _criterion(item: Entry, problems: Problems) -> Criterion | None:
    """Read ``tip_speed: at(reactor.tip_speed, 0 s)`` or ``tip_speed: {value: …, unit: m/s}``."""
    node, unit = item.value, None
    if isinstance(node, Mapping):
        fields = fields_of(node, ("value", "unit"), f"Criterion '{item.key}'", problems)
        if "value" not in fields:
            problems.add(f"Criterion '{item.key}' has no 'value'.", item.origin)
            return None
        node = fields["value"].value
        unit = scalar_of(fields["unit"].value, f"'unit' of '{item.key}'", problems) if "unit" in fields else None
    written = scalar_of(node, item.key, problems)
    if written is None:
        return None
    measure = problems.attempt(lambda: parse_measure(written.text, written.origin), item.origin)
    if measure is not None and measure.function == "cost":
        problems.add(f"Criterion '{item.key}' is a cost; hold something that a run tells.", item.origin)
        return None
    return None if measure is None else Criterion(measure, unit)


def _adjusted(entry: Entry, problems: Problems) -> tuple[str, Scalar, Scalar] | None:
    items = entries_of(entry.value, "'adjust'", problems)
    if len(items) != 1:
        problems.add("'adjust' names one variable: {reactor.stirrer_speed: {from: 0.1 1/s, to: 5 1/s}}.", entry.origin)
        return None
    fields = fields_of(items[0].value, ("from", "to"), items[0].key, problems)
    if len(fields) < 2:
        problems.add(f"'adjust' has no 'from' and 'to' of {items[0].key}: between them it is sought.", items[0].origin)
        return None
    low, high = (scalar_of(fields[key].value, f"'{key}' of {items[0].key}", problems) for key in ("from", "to"))
    return None if low is None or high is None else (items[0].key, low, high)
