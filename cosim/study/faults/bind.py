"""Faults and signals as written → in numbers, checked against the scenario."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from cosim.clock import TICKS_PER_SECOND, to_seconds
from cosim.scenario.bind import Bound
from cosim.scenario.bind_phases import bind_settings
from cosim.scenario.lookup import Lookup
from cosim.scenario.model import Assignment, Scenario
from cosim.scenario.reading import Problems
from cosim.study.faults.entries import LABELS, FaultEntry, SignalsEntry, Span
from cosim.study.faults.fault import Fault, FaultSetting
from cosim.study.model import StudyFile
from cosim.system.timing import latest_end
from cosim.system.variable import VariableName, VariableType

Drivers = Mapping[VariableName, str]
MOST_NUMBERS: Final = 10_000_000
"""Of the signals of one run."""


def bind_faults(
    entries: Sequence[FaultEntry], scenario: Scenario, bound: Bound, drivers: Drivers, problems: Problems
) -> tuple[Fault, ...]:
    """Look up and convert faults."""
    descriptions = {name: component.description for name, component in bound.structure.components.items()}
    lookup = Lookup(scenario, descriptions, problems)
    return tuple(_fault(entry, bound, drivers, lookup) for entry in entries)


def latest_of(bound: Bound) -> float | None:
    """Return when a run ends at the latest [s], None where nobody knows."""
    latest = latest_end(bound.experiment.phases)
    return None if latest is None else to_seconds(latest)


def _fault(entry: FaultEntry, bound: Bound, drivers: Drivers, lookup: Lookup) -> Fault:
    latest = latest_of(bound)
    if latest is None:
        text = "a phase of the scenario ends with a volume or condition and no 'at_most'"
        lookup.problems.add(f"Fault '{entry.name}': nobody knows when it would end, for {text}.", entry.origin)
    elif entry.at.high >= latest * TICKS_PER_SECOND:
        hours = f"{latest / 3600.0:g} h"
        lookup.problems.add(f"Fault '{entry.name}' may begin after the run has ended, at {hours}.", entry.origin)
    settings = [found for pair in entry.settings if (found := _setting(entry, pair, bound, drivers, lookup))]
    return Fault(entry.name, _seconds(entry.at), _seconds(entry.lasts) if entry.lasts else None, tuple(settings))


def _seconds(span: Span) -> tuple[float, float]:
    return to_seconds(span.low), to_seconds(span.high)


def _setting(
    entry: FaultEntry, pair: tuple[Assignment, Assignment], bound: Bound, drivers: Drivers, lookup: Lookup
) -> FaultSetting | None:
    target = pair[0].target
    mild = bind_settings(pair[:1], lookup)
    severe = bind_settings(pair[1:], lookup) if mild and pair[1].value is not pair[0].value else mild
    if not mild or not severe:
        return None
    what = _in_the_way(target, bound, drivers)
    if what:
        text = f"Fault '{entry.name}' cannot set {target}: {what}. Name another variable."
        lookup.problems.add(text, pair[0].origin)
        return None
    variable = bound.structure.components[target.component].description.variables[target.variable]
    low, high = mild[0].value, severe[0].value
    if low != high and variable.type not in (VariableType.FLOAT32, VariableType.FLOAT64):
        text = (
            f"Fault '{entry.name}': {target} is no real number, of which there are none between two. Write one value."
        )
        lookup.problems.add(text, pair[0].origin)
        return None
    return FaultSetting(target, low, high)


def _in_the_way(target: VariableName, bound: Bound, drivers: Drivers) -> str:
    """Return what else decides the value of ``target``, or why there is none to go back to."""
    if target in drivers:
        return f"{drivers[target]} drives it"
    for phase in bound.experiment.phases:
        for settings in (phase.settings, *(step.settings for step in phase.steps)):
            if any(setting.target == target for setting in settings):
                return f"'{phase.name}' sets it"
    if any(setting.target == target for event in bound.experiment.events for setting in event.settings):
        return "an event of the scenario sets it"
    variable = bound.structure.components[target.component].description.variables[target.variable]
    known = bound.experiment.start_values.get(target.component, {}).get(target.variable, variable.start)
    return "the model tells no value to set it back to" if known is None else ""


def bind_signals(entry: SignalsEntry | None, bound: Bound, problems: Problems) -> tuple[str, ...]:
    """Return the variables that ``entry`` means, of those recorded."""
    if entry is None:
        return ()
    recorded = [f"{component}.{name}" for component, names in bound.experiment.recorded.items() for name in names]
    patterns = [_pattern(scalar.text) for scalar in entry.keep]
    for scalar, pattern in zip(entry.keep, patterns, strict=True):
        if not any(map(pattern.fullmatch, recorded)):
            problems.add(f"'{scalar.text}' in 'signals' matches no variable.", scalar.origin or entry.origin)
    names = [name for name in recorded if any(pattern.fullmatch(name) for pattern in patterns)]
    latest = latest_of(bound)
    if latest is not None and latest / to_seconds(entry.every) * len(names) > MOST_NUMBERS:
        n = round(latest / to_seconds(entry.every) * len(names))
        problems.add(f"'signals' may keep {n:,} numbers of each run. Keep fewer, or less often.", entry.origin)
    return tuple(names)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")))


def require_names(study: StudyFile, problems: Problems) -> None:
    """Note responses that have the name of a label, and faults that no method asks for."""
    for response in study.responses if study.faults else ():
        if response.name in LABELS:
            text = f"'{response.name}' cannot name a response of a study with 'faults': it is a label."
            problems.add(text, response.origin)
    method = study.method.name if study.method else None
    if study.faults and method is not None and method.text != "faults":
        problems.add(f"Method '{method.text}' brings about no faults. Write 'method: faults'.", study.faults[0].origin)
