"""Numbers, moments, balances and effort of two runs compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cosim.clock import Ticks, format_ticks
from cosim.errors import StructureError
from cosim.regression.finding import Finding
from cosim.regression.record import Moment, Number, Record
from cosim.regression.tolerance import NumberRule, Rules
from cosim.units import Quantity, conversion


def compare_numbers(baseline: Record, candidate: Record, rules: Rules) -> Iterator[Finding]:
    """Compare the numbers that ``rules`` name, and those that only one run has.

    Raises
    ------
    StructureError
        When a tolerance or limit is in another dimension than its number.
    """
    for name, number in candidate.numbers.items():
        rule = rules.numbers.get(name) or NumberRule(rules.tolerance)
        before = baseline.numbers.get(name)
        if before is not None:
            yield from _changed(name, before, number, rule)
        elif not baseline.is_measured:
            yield Finding("new", name, f"The number '{name}' is not in the baseline.")
        yield from _beyond(name, number, rule)
    for name in baseline.numbers:
        if name not in candidate.numbers:
            yield Finding("missing", name, f"The number '{name}' is in the baseline, and not in this run.")


def _changed(name: str, before: Number, after: Number, rule: NumberRule) -> Iterator[Finding]:
    if before.value is None or after.value is None:
        if (before.value is None) != (after.value is None):
            yield Finding("kpi", name, f"{name} is {_told(after)}, and was {_told(before)}.")
        return
    value = after.value
    if before.unit != after.unit:
        try:
            change = conversion(after.unit, before.unit)
        except StructureError:
            yield Finding("unit", name, f"{name} is in [{after.unit}], and was in [{before.unit}].")
            return
        value = value * change.factor + change.offset
    allowed = rule.tolerance.absolute_in(before.unit) + rule.tolerance.relative * abs(before.value)
    difference = abs(value - before.value)
    if not difference <= allowed:
        size = difference / allowed if allowed > 0 else None
        times = f" ({size:.3g} × tolerance)" if size is not None else ""
        shown = _told(Number(value, before.unit))
        yield Finding("kpi", name, f"{name} is {shown}, and was {_told(before)}{times}.", size=size)


def _beyond(name: str, number: Number, rule: NumberRule) -> Iterator[Finding]:
    for limit, word, sign in ((rule.at_least, "at least", 1), (rule.at_most, "at most", -1)):
        if limit is not None and (number.value is None or sign * (number.value - _in(number.unit, limit)) < 0):
            yield Finding("limit", name, f"{name} is {_told(number)}; the suite asks for {word} {limit.text}.")


def _in(unit: str, limit: Quantity) -> float:
    """Convert ``limit``; one that is in ``unit`` already needs no library of units, which takes 0.3 s to load."""
    return float(limit.value) if limit.unit == unit else limit.to(unit)


def _told(number: Number) -> str:
    if number.value is None:
        return f"without a value ({number.reason})"
    return f"{number.value:.6g} {number.unit}" if number.unit not in ("", "1") else f"{number.value:.6g}"


def compare_moments(baseline: Record, candidate: Record, reach: int) -> Iterator[Finding]:
    """Compare when phases, steps and events were: one after the other, those of one name with each other."""
    before, after = _by_name(baseline.moments), _by_name(candidate.moments)
    for name, times in before.items():
        others = after.get(name, [])
        kind, subject = name
        what = f"{_WORDS.get(kind, kind)} of '{subject}'"
        for i, (old, new) in enumerate(zip(times, others, strict=False)):
            if abs(new - old) > reach:
                which = f" (number {i + 1} of {len(times)})" if len(times) > 1 else ""
                shift = f"{format_ticks(Ticks(abs(new - old)))} {'later' if new > old else 'earlier'}"
                text = f"The {what}{which} is at {format_ticks(Ticks(new))}, {shift}."
                yield Finding("event", subject, text, min(old, new), abs(new - old) / reach if reach else None)
                break
        if len(others) != len(times):
            at = [*times, *others][min(len(times), len(others))] if len(others) < len(times) else others[len(times)]
            text = f"The {what} happens {_often(len(others))}; it was {_often(len(times))}."
            yield Finding("event", subject, text, at)
    for (kind, subject), times in after.items():
        if (kind, subject) not in before:
            text = f"The {_WORDS.get(kind, kind)} of '{subject}' at {format_ticks(Ticks(times[0]))} is new."
            yield Finding("event", subject, text, times[0])


_WORDS = {
    "phase-start": "beginning of the phase",
    "phase-end": "end of the phase",
    "step-start": "beginning of the step",
    "step-end": "end of the step",
    "event": "event",
    "collect": "change of collecting",
}
KEPT_MOMENTS = tuple(_WORDS)
"""Kinds of happenings that are compared."""


def _by_name(moments: Sequence[Moment]) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for moment in moments:
        found.setdefault((moment.kind, moment.subject), []).append(moment.time)
    return found


def _often(n: int) -> str:
    return {0: "never", 1: "once"}.get(n, f"{n} times")


def compare_ledgers(baseline: Record, candidate: Record, largest: float | None) -> Iterator[Finding]:
    """Compare which species are booked; judge how well their balances close."""
    for species in baseline.ledger:
        if species not in candidate.ledger:
            yield Finding("missing", species, f"The ledger of '{species}' is in the baseline, and not in this run.")
    for species, closure in candidate.ledger.items():
        if species not in baseline.ledger and not baseline.is_measured:
            yield Finding("new", species, f"The ledger of '{species}' is not in the baseline.")
        if largest is not None and not closure <= largest:
            size = closure / largest if largest > 0 else None
            text = f"The balance of '{species}' closes to {closure:.2g}; the suite asks for {largest:.2g}."
            yield Finding("ledger", species, text, size=size)


def compare_effort(baseline: Record, candidate: Record, rules: Rules) -> Iterator[Finding]:
    """Judge steps, and seconds where both runs were measured side by side."""
    sides = (
        ("steps", rules.steps, baseline.steps, candidate.steps),
        ("seconds", rules.seconds, baseline.seconds, candidate.seconds),
    )
    for kind, most, before, after in sides:
        if most is not None and before > 0 and after > most * before:
            ratio = after / before
            text = f"It takes {after:.4g} {kind}, {ratio:.3g} × as many as the baseline; {most:g} × are allowed."
            yield Finding(kind, kind, text, size=ratio / most if most > 0 else None)
