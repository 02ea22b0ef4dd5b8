"""Document nodes → tolerances, signals and numbers of a case."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from cosim.clock import TICKS_PER_SECOND
from cosim.regression.suite import NumberEntry
from cosim.regression.tolerance import NumberRule, Pattern, Tolerance
from cosim.scenario.document import Entry, Node, Scalar
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.expressions import parse_measure
from cosim.scenario.reading import Problems, duration_of, entries_of, fields_of, number_of, scalar_of, scalars_of
from cosim.units import Quantity, parse_quantity

TOLERANCE_KEYS: Final = ("relative", "absolute", "time")
"""Keys of a tolerance; one for all signals has no ``absolute``, for their units differ."""
_LONGEST_REACH: Final = 100 * 365 * 86_400 * TICKS_PER_SECOND
_LARGEST: Final = 10**100
"""In whatever unit: a float holds it in any other."""
_NUMBER_KEYS: Final = ("value", "unit", "relative", "absolute", "at_least", "at_most")


def share(entry: Entry, what: str, problems: Problems) -> float | None:
    """Read a number from zero on."""
    value = number_of(entry.value, what, problems)
    if value is not None and value < 0:
        problems.add(f"{what} is {value:g}; it should be zero or more.", entry.origin)
        return None
    return value


def read_tolerance(node: Node, what: str, known: Tolerance, problems: Problems, *, of_one: bool = False) -> Tolerance:
    """Read what replaces parts of ``known``; ``of_one`` kind of signal, which may have an absolute tolerance."""
    fields = fields_of(node, TOLERANCE_KEYS if of_one else ("relative", "time"), what, problems)
    relative = share(fields["relative"], f"'relative' of {what}", problems) if "relative" in fields else None
    if relative is not None and relative > 1:
        problems.add(
            f"'relative' of {what} is {relative:g}: more than the whole range of a signal. Write at most 1.",
            fields["relative"].origin,
        )
    reach = (
        duration_of(fields["time"].value, f"'time' of {what}", problems, may_be_zero=True) if "time" in fields else None
    )
    if reach is not None and reach > _LONGEST_REACH:
        problems.add(f"'time' of {what} is longer than a hundred years.", fields["time"].origin)
    absolute = _quantity(fields["absolute"], f"'absolute' of {what}", problems) if "absolute" in fields else None
    if absolute is not None and absolute.value < 0:
        problems.add(f"'absolute' of {what} is {absolute.text}; it should be zero or more.", fields["absolute"].origin)
    return Tolerance(
        known.relative if relative is None else relative,
        known.absolute if absolute is None else absolute,
        known.reach if reach is None else int(reach),
    )


def _quantity(entry: Entry, what: str, problems: Problems) -> Quantity | None:
    scalar = scalar_of(entry.value, what, problems)
    if scalar is None:
        return None
    quantity = problems.attempt(lambda: parse_quantity(scalar.text), scalar.origin, f"{what}: ")
    if quantity is not None and abs(quantity.value) > _LARGEST:
        problems.add(f"{what} is {scalar.text}; no signal is so large. Write at most 1e100.", scalar.origin)
        return None
    return quantity


def read_signals(fields: Mapping[str, Entry], what: str, tolerance: Tolerance, problems: Problems) -> Sequence[Pattern]:
    """Read ``signals``: a list of patterns, or patterns each with its tolerance; without it, all signals."""
    if "signals" not in fields:
        return ()
    node = fields["signals"].value
    if not isinstance(node, MappingNode):
        patterns = [Pattern(scalar.text, tolerance) for scalar in scalars_of(node, f"'signals' of {what}", problems)]
    else:
        patterns = [
            Pattern(entry.key, tolerance)
            if isinstance(entry.value, Scalar) and entry.value.is_null
            else Pattern(entry.key, read_tolerance(entry.value, f"'{entry.key}'", tolerance, problems, of_one=True))
            for entry in node.entries
        ]
    if not patterns:
        problems.add(f"{what} has no 'signals'. Leave the key out to compare all.", fields["signals"].origin)
    return patterns


def read_numbers(
    fields: Mapping[str, Entry], what: str, tolerance: Tolerance, problems: Problems
) -> tuple[list[NumberEntry], dict[str, NumberRule]]:
    """Read ``kpis: {titre: {value: final(reactor.titre), unit: g/L, relative: 1e-3, at_least: 3 g/L}}``."""
    entries, rules = [], {}
    for entry in entries_of(fields["kpis"].value, f"'kpis' of {what}", problems) if "kpis" in fields else ():
        if not re.fullmatch(r"[A-Za-z_]\w{0,99}", entry.key, re.ASCII):
            problems.add(f"'{entry.key}' cannot name a number: use letters, digits and underscores.", entry.origin)
            continue
        number = _number(entry, tolerance, problems)
        if number is not None:
            entries.append(number[0])
            rules[entry.key] = number[1]
    return entries, rules


def _number(entry: Entry, tolerance: Tolerance, problems: Problems) -> tuple[NumberEntry, NumberRule] | None:
    what = f"The number '{entry.key}'"
    parts: dict[str, Entry] = {"value": entry}
    if isinstance(entry.value, MappingNode):
        parts = fields_of(entry.value, _NUMBER_KEYS, what, problems)
    if "value" not in parts:
        problems.add(f"{what} has no 'value'. Write {{value: final(reactor.titre), unit: g/L}}.", entry.origin)
        return None
    written = scalar_of(parts["value"].value, what, problems)
    if written is None:
        return None
    measure = problems.attempt(lambda: parse_measure(written.text, written.origin), written.origin)
    rule = NumberRule(
        _tolerance(parts, what, tolerance, problems),
        _quantity(parts["at_least"], f"'at_least' of {what}", problems) if "at_least" in parts else None,
        _quantity(parts["at_most"], f"'at_most' of {what}", problems) if "at_most" in parts else None,
    )
    unit = scalar_of(parts["unit"].value, f"'unit' of {what}", problems) if "unit" in parts else None
    return None if measure is None else (NumberEntry(entry.key, measure, unit, entry.origin), rule)


def _tolerance(parts: Mapping[str, Entry], what: str, known: Tolerance, problems: Problems) -> Tolerance:
    given = tuple(parts[key] for key in ("relative", "absolute") if key in parts)
    if not given:
        return replace(known, absolute=None)
    return read_tolerance(MappingNode(given, given[0].origin), what, known, problems, of_one=True)
