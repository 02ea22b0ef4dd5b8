"""What a reader of the result would check: measures of a run compared with limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cosim.execution.outcome import Outcome
from cosim.scenario.lookup import Lookup
from cosim.scenario.measures import OPERATORS, Measure, Read, Surroundings, bind_measure, in_unit, value_of
from cosim.scenario.model import ExpectationEntry
from cosim.system.experiment import Operator
from cosim.units import parse_quantity


@dataclass(frozen=True, slots=True)
class Expectation:
    """A bound expectation; ``limit`` is in the unit in which ``measure`` is computed."""

    measure: Measure
    operator: Operator
    limit: float


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether an expectation holds; ``value`` is in ``unit``, None when the run gives no value."""

    text: str
    holds: bool
    value: float | None
    unit: str
    reason: str = ""


def bind_expectations(
    entries: Sequence[ExpectationEntry], around: Surroundings, lookup: Lookup
) -> tuple[Expectation, ...]:
    """Look up what expectations name and convert their limits."""
    found = (_bind(entry, around, lookup) for entry in entries)
    return tuple(expectation for expectation in found if expectation is not None)


def _bind(entry: ExpectationEntry, around: Surroundings, lookup: Lookup) -> Expectation | None:
    measure = bind_measure(entry.measure, around, lookup)
    if measure is None:
        return None
    return lookup.problems.attempt(
        lambda: _compared(measure, entry, lookup),
        entry.measure.origin,
        f"Cannot compare {entry.measure.text} with '{entry.right}': ",
    )


def _compared(measure: Measure, entry: ExpectationEntry, lookup: Lookup) -> Expectation:
    limit = limit_of(measure, entry.right, lookup)
    told = in_unit(measure, parse_quantity(entry.right).unit or "1", lookup.aliases)
    return Expectation(replace(told, text=entry.text), entry.operator, limit)


def limit_of(measure: Measure, text: str, lookup: Lookup) -> float:
    """Return the quantity ``text`` in the unit in which ``measure`` is computed.

    Raises
    ------
    StructureError
        When it is no quantity, or has another dimension.
    """
    quantity = parse_quantity(text)
    if not measure.computed_in and not quantity.unit:
        return float(quantity.value)
    return quantity.to(measure.computed_in or "1", aliases=lookup.aliases)


def evaluate(expectations: Sequence[Expectation], read: Read, outcome: Outcome) -> tuple[Finding, ...]:
    """Compute each expectation's value; one that has no value in this run does not hold."""
    return tuple(_finding(expectation, read, outcome) for expectation in expectations)


def _finding(expectation: Expectation, read: Read, outcome: Outcome) -> Finding:
    measure = expectation.measure
    value, reason = value_of(measure, read, outcome)
    if value is None:
        return Finding(measure.text, False, None, measure.unit, reason)
    holds = OPERATORS[expectation.operator](value, expectation.limit)
    return Finding(measure.text, holds, measure.shown(value), measure.unit)
