"""Faults and signals as a study writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cosim.clock import Ticks
from cosim.errors import SourceLocation
from cosim.scenario.document import Entry, Node, Scalar
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.expressions import parse_name
from cosim.scenario.model import Assignment
from cosim.scenario.reading import Problems, duration_of, entries_of, fields_of, scalar_of, scalars_of

LABELS: Final = ("fault", "onset", "end", "severity")
"""Columns that say which fault a run had."""
_KEYS: Final = ("at", "for", "set")


@dataclass(frozen=True, slots=True)
class Span:
    """Between two times [ticks]."""

    low: Ticks
    high: Ticks


@dataclass(frozen=True, slots=True)
class FaultEntry:
    """From ``at`` on, for ``lasts`` (None: to the end), each target has a value between a mild and a severe one."""

    name: str
    at: Span
    lasts: Span | None
    settings: tuple[tuple[Assignment, Assignment], ...]
    origin: SourceLocation | None


@dataclass(frozen=True, slots=True)
class SignalsEntry:
    """Trajectories to keep: patterns as in ``record``, and the time between two rows."""

    keep: tuple[Scalar, ...]
    every: Ticks
    origin: SourceLocation | None


def parse_faults(node: Node, problems: Problems) -> tuple[FaultEntry, ...]:
    """Read ``faults: {name: {at: {from, to}, for: {from, to}, set: {component.variable: {from, to}}}}``."""
    entries = entries_of(node, "'faults'", problems)
    if not entries:
        problems.add("There are no 'faults'. Write 'faults: {stop: {at: 2 d, set: {pump.speed: 0 1/s}}}'.", node.origin)
    return tuple(fault for entry in entries if (fault := _fault(entry, problems)) is not None)


def _fault(entry: Entry, problems: Problems) -> FaultEntry | None:
    what = f"Fault '{entry.key}'"
    if not entry.key.isidentifier() or not entry.key.isascii() or entry.key == "none":
        problems.add(
            f"'{entry.key}' cannot name a fault: use letters, digits and underscores, not 'none'.", entry.origin
        )
    fields = fields_of(entry.value, _KEYS, what, problems)
    for key in ("at", "set"):
        if key not in fields and isinstance(entry.value, MappingNode):
            problems.add(f"{what} has no '{key}'. Write when it begins, 'at', and what it does, 'set'.", entry.origin)
    at = _span(fields["at"].value, f"'at' of {what}", problems, may_be_zero=True) if "at" in fields else None
    lasts = _span(fields["for"].value, f"'for' of {what}", problems, may_be_zero=False) if "for" in fields else None
    settings = _settings(fields["set"], what, problems) if "set" in fields else ()
    return None if at is None else FaultEntry(entry.key, at, lasts, settings, entry.origin)


def _span(node: Node, what: str, problems: Problems, *, may_be_zero: bool) -> Span | None:
    """Read a time, or {from: …, to: …}."""
    if not isinstance(node, MappingNode):
        time = duration_of(node, what, problems, may_be_zero=may_be_zero)
        return None if time is None else Span(time, time)
    ends = _ends(node, what, problems)
    if ends is None:
        return None
    low, high = (duration_of(end, what, problems, may_be_zero=may_be_zero) for end in ends)
    if low is None or high is None:
        return None
    if low >= high:
        problems.add(f"{what} has no width or goes downwards. Write the earlier or shorter time first.", node.origin)
    return Span(low, high)


def _ends(node: MappingNode, what: str, problems: Problems) -> tuple[Scalar, Scalar] | None:
    fields = fields_of(node, ("from", "to"), what, problems)
    found = [scalar_of(fields[key].value, f"'{key}' of {what}", problems) for key in ("from", "to") if key in fields]
    if len(fields) < 2:
        problems.add(f"{what} should be one value or {{from: …, to: …}}.", node.origin)
    low, high = (*found, None, None)[:2]
    return (low, high) if low is not None and high is not None else None


def _settings(entry: Entry, what: str, problems: Problems) -> tuple[tuple[Assignment, Assignment], ...]:
    found: list[tuple[Assignment, Assignment]] = []
    entries = entries_of(entry.value, f"'set' of {what}", problems)
    if not entries:
        problems.add(f"'set' of {what} is empty, so that it does nothing.", entry.origin)
    for item in entries:
        name = problems.attempt(lambda item=item: parse_name(item.key, item.origin), item.origin)  # type: ignore[misc]
        if isinstance(item.value, MappingNode):
            ends = _ends(item.value, f"{item.key} of {what}", problems)
        else:
            value = scalar_of(item.value, item.key, problems)
            ends = None if value is None else (value, value)
        if name is not None and ends is not None:
            found.append((Assignment(name, ends[0], item.origin), Assignment(name, ends[1], item.origin)))
    return tuple(found)


def parse_signals(entry: Entry, problems: Problems) -> SignalsEntry | None:
    """Read ``signals: {keep: [reactor.*], every: 10 min}``."""
    fields = fields_of(entry.value, ("keep", "every"), "'signals'", problems)
    if len(fields) < 2:
        problems.add("'signals' is written {keep: [reactor.*], every: 10 min}.", entry.origin)
        return None
    keep = scalars_of(fields["keep"].value, "'keep' of 'signals'", problems)
    every = duration_of(fields["every"].value, "'every' of 'signals'", problems)
    if not keep:
        problems.add("'keep' of 'signals' is empty. Name variables, as in [reactor.*].", entry.origin)
    return SignalsEntry(keep, every, entry.origin) if keep and every is not None else None
