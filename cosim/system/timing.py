"""What is known of the times of phases before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.system.experiment import Duration, Experiment, Phase

Starts = Mapping[str, Ticks | None]
LONGEST: Final = Ticks(100 * 31_557_600 * TICKS_PER_SECOND)
"""Longest phase, step and wait: 100 years of 365.25 days."""


def length(phase: Phase) -> Ticks | None:
    """Return how long ``phase`` lasts over all cycles; None where a condition or volume decides."""
    endings = [phase.ending] if phase.ending is not None else [step.ending for step in phase.steps]
    total = 0
    for ending in endings:
        if not isinstance(ending, Duration):
            return None
        total += ending.duration
    return Ticks(total * phase.repeat)


def latest_end(phases: Sequence[Phase]) -> Ticks | None:
    """Return when the last phase has ended at the latest; None where one never starts."""
    by_name = {phase.name: phase for phase in phases}
    ends: dict[str, tuple[int, int]] = {}
    for _ in phases:  # every pass settles at least one more
        for phase in phases:
            start = phase.start
            if start.after is not None and start.after not in ends:
                continue
            begin, end = ends[start.after] if start.after in by_name and start.after is not None else (0, 0)
            begin = (begin if start.edge == "start" else end) + start.delay
            ends[phase.name] = begin, begin + _longest(phase)
        if len(ends) == len(by_name):
            break
    return Ticks(max((end for _, end in ends.values()), default=0)) if len(ends) == len(by_name) else None


def _longest(phase: Phase) -> int:
    """Return how long ``phase`` lasts at most, over all cycles."""
    endings = [phase.ending] if phase.ending is not None else [step.ending for step in phase.steps]
    return phase.repeat * sum(item.duration if isinstance(item, Duration) else item.at_most for item in endings)


def known_starts(experiment: Experiment) -> dict[str, Ticks | None]:
    """Return the start of each phase; None where a condition or volume decides, or where it never starts."""
    starts: dict[str, Ticks | None] = {phase.name: None for phase in experiment.phases}
    by_name = {phase.name: phase for phase in experiment.phases}
    for _ in experiment.phases:  # every pass settles at least one more
        for phase in experiment.phases:
            start = phase.start
            if start.after is None:
                starts[phase.name] = start.delay
                continue
            other = by_name.get(start.after)
            begin = starts.get(start.after)
            lasts = Ticks(0) if start.edge == "start" else length(other) if other else None
            if begin is not None and lasts is not None:
                starts[phase.name] = Ticks(begin + lasts + start.delay)
    return starts


def may_meet(first: Phase, second: Phase, starts: Starts) -> bool:
    """Tell whether two phases are seen to run at the same time at some point."""
    for one, other in ((first, second), (second, first)):
        if one.start.after == other.name and one.start.edge == "start":
            lasts = length(other)
            return lasts is None or one.start.delay < lasts
    begins = starts[first.name], starts[second.name]
    if begins[0] is None or begins[1] is None:
        return False
    earlier, later = (first, begins[1]) if begins[0] <= begins[1] else (second, begins[0])
    lasts = length(earlier)
    begin = starts[earlier.name]
    return lasts is None or (begin is not None and later < begin + lasts)


def are_apart(first: Phase, second: Phase, starts: Starts, phases: Sequence[Phase]) -> bool:
    """Tell whether two phases are known never to run at the same time, whatever conditions decide."""
    if starts[first.name] is not None and starts[second.name] is not None:
        return not may_meet(first, second, starts)
    by_name = {phase.name: phase for phase in phases}
    return _begins_after_end(first, second, by_name) or _begins_after_end(second, first, by_name)


def _begins_after_end(phase: Phase, other: Phase, by_name: Mapping[str, Phase]) -> bool:
    """Tell whether ``phase`` waits, itself or through those it waits for, until ``other`` has ended."""
    for _ in by_name:
        after = phase.start.after
        if after is None or after not in by_name:
            return False
        if after == other.name:
            return phase.start.edge == "end"
        phase = by_name[after]
    return False
