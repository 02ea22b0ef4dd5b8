"""Phases, steps, settings, conditions and events as written → in ticks and in each variable's own unit."""

from __future__ import annotations

from collections.abc import Sequence

from cosim.errors import SourceLocation
from cosim.scenario.bind_streams import delivered_volume
from cosim.scenario.lookup import Aliases, Lookup
from cosim.scenario.model import (
    Assignment,
    CollectEntry,
    Condition,
    EndingEntry,
    EventEntry,
    PhaseEntry,
    StepEntry,
)
from cosim.system.experiment import (
    Collect,
    Comparison,
    DeliveredVolume,
    Duration,
    Ending,
    Event,
    Phase,
    PhaseStep,
    Setting,
    Until,
)
from cosim.system.nearest import nearest
from cosim.system.ports import LIQUID_FLOW
from cosim.system.stream import Medium, Port, PortDirection, PortName
from cosim.system.variable import Causality, Variability, Variable, VariableName
from cosim.units import conversion, parse_quantity

COLLECTING = "collecting"
"""The input of a diverting component that ``collect`` switches."""


def bind_phases(entries: Sequence[PhaseEntry], lookup: Lookup, aliases: Aliases) -> tuple[Phase, ...]:
    """Bind every phase; names of phases and components are checked here, their meaning in the engine."""
    known = {entry.name for entry in entries}
    return tuple(_phase(entry, known, lookup, aliases) for entry in entries)


def _phase(entry: PhaseEntry, known: set[str], lookup: Lookup, aliases: Aliases) -> Phase:
    what = f"phase '{entry.name}'"
    active = tuple(name for name in entry.active if lookup.component(name, entry.origin) is not None)
    for name in (*entry.step_sizes, *entry.fresh):
        if name not in entry.active:
            hint = nearest(name, entry.active)
            lookup.problems.add(f"'{name}' is not active in {what}.{hint}", entry.origin)
    if entry.start.after is not None and entry.start.after not in known:
        hint = nearest(entry.start.after, known)
        lookup.problems.add(
            f"There is no phase '{entry.start.after}', after which {what} should come.{hint}", entry.origin
        )
    _warn_of_sleepers(entry, what, lookup)
    for carried in entry.carry:
        lookup.variable(carried, entry.origin)
    return Phase(
        name=entry.name,
        active=active,
        step_size=entry.step_size,
        ending=_ending(entry.ending, f"{what[0].upper()}{what[1:]}", lookup, aliases) if entry.ending else None,
        start=entry.start,
        steps=tuple(step for item in entry.steps if (step := _step(item, entry.name, lookup, aliases))),
        repeat=entry.repeat,
        settings=bind_settings(entry.settings, lookup),
        step_sizes=entry.step_sizes,
        fresh=entry.fresh,
        carry=entry.carry,
        origin=entry.origin,
    )


def _warn_of_sleepers(entry: PhaseEntry, what: str, lookup: Lookup) -> None:
    """Warn of conditions on components that this phase leaves asleep, so that their values stand still."""
    endings = [entry.ending, *(step.ending for step in entry.steps)]
    conditions = [condition for ending in endings if ending for condition in ending.until]
    conditions += [item for step in entry.steps for collect in step.collects for item in (collect.start, collect.stop)]
    for condition in conditions:
        name = condition.left.component
        if name not in entry.active and name in lookup.descriptions:
            lookup.warnings.append(
                f"'{condition.text}' in {what} reads '{name}', which is not active there: it stands still unless "
                "another phase runs it."
            )


def _step(entry: StepEntry, phase: str, lookup: Lookup, aliases: Aliases) -> PhaseStep | None:
    ending = _ending(entry.ending, f"Step '{phase}.{entry.name}'", lookup, aliases)
    settings = bind_settings(entry.settings, lookup)
    collects = tuple(collect for item in entry.collects if (collect := _collect(item, lookup)))
    return PhaseStep(entry.name, ending, settings, collects, entry.origin) if ending else None


def _ending(entry: EndingEntry, what: str, lookup: Lookup, aliases: Aliases) -> Ending | None:
    if entry.duration is not None:
        return Duration(entry.duration)
    if entry.volume is not None:
        return _volume_ending(entry, what, lookup, aliases)
    conditions = tuple(bound for item in entry.until if (bound := bind_condition(item, lookup)))
    if len(conditions) < len(entry.until):
        return None
    return Until(conditions, entry.at_most, entry.continue_at_limit)


def _volume_ending(entry: EndingEntry, what: str, lookup: Lookup, aliases: Aliases) -> DeliveredVolume | None:
    """Find the inlets to count at: those named by ``through``, else those of the component that defines the unit."""
    assert entry.volume is not None
    quantity = lookup.problems.attempt(lambda: parse_quantity(entry.volume.text), entry.origin)  # type: ignore[union-attr]
    if quantity is None:
        return None
    if quantity.value <= 0:
        lookup.problems.add(f"The volume of {what} is '{quantity.text}'; it should be above zero.", entry.origin)
        return None
    component = aliases.component(quantity.unit)
    if not entry.through and component is None:
        lookup.problems.add(
            f"{what} ends after '{quantity.text}' without saying where that is counted. Add 'through: component'.",
            entry.origin,
        )
        return None
    inlets: list[PortName] = []
    for text in entry.through or (component or "",):
        inlets.extend(_inlets(text, what, lookup, entry.origin))
    if not inlets:
        return None
    name = VariableName(inlets[0].component, f"{inlets[0].port}.{LIQUID_FLOW}")
    volume = delivered_volume(entry.volume.text, name, lookup, entry.origin)
    if volume is None:
        return None
    return DeliveredVolume(tuple(inlets), volume, entry.at_most, entry.continue_at_limit)


def _inlets(text: str, what: str, lookup: Lookup, origin: SourceLocation | None) -> list[PortName]:
    """Return the inlet ``component.port``, or all inlets of ``component``."""
    component, dot, port = text.partition(".")
    description = lookup.component(component, origin)
    if description is None:
        return []
    if dot:
        found = lookup.port(PortName(component, port), origin)
        if found is not None and not _is_liquid_inlet(found):
            kind = "an outlet" if found.direction is PortDirection.OUTLET else "a gas inlet"
            lookup.problems.add(f"{what} counts through {text}, which is {kind}. Name a liquid inlet.", origin)
            return []
        return [PortName(component, port)] if found else []
    inlets = [PortName(component, name) for name, item in description.ports.items() if _is_liquid_inlet(item)]
    if not inlets:
        lookup.problems.add(f"{what} counts through '{component}', which has no liquid inlet.", origin)
    return inlets


def _is_liquid_inlet(port: Port) -> bool:
    return port.direction is PortDirection.INLET and port.medium is Medium.LIQUID


def bind_condition(entry: Condition, lookup: Lookup) -> Comparison | None:
    """Convert the right side of a condition to the unit of its left side."""
    left = lookup.numeric(entry.left, entry.origin)
    if isinstance(entry.right, str):
        value = lookup.number(entry.left, left, entry.right, entry.origin) if left else None
        return Comparison(entry.left, entry.operator, value, text=entry.text) if value is not None else None
    right = lookup.numeric(entry.right, entry.origin)
    if left is None or right is None:
        return None
    change = lookup.problems.attempt(
        lambda: conversion(right.unit, left.unit),
        entry.origin,
        f"Cannot compare {entry.left} [{left.unit}] with {entry.right} [{right.unit}]: ",
    )
    if change is None:
        return None
    return Comparison(entry.left, entry.operator, entry.right, change.factor, change.offset, entry.text)


def bind_settings(entries: Sequence[Assignment], lookup: Lookup) -> tuple[Setting, ...]:
    """Convert the values of ``set``; only inputs and tunable parameters may change while running."""
    settings = []
    for entry in entries:
        variable = lookup.numeric(entry.target, entry.origin)
        if variable is None:
            continue
        if not _may_change(variable):
            lookup.problems.add(
                f"Cannot set {entry.target} while running: it is a {variable.variability.value} "
                f"{variable.causality.value}. Only inputs and tunable parameters can change.",
                entry.origin,
            )
            continue
        value = lookup.value(entry.target, variable, entry.value)
        if value is not None and not isinstance(value, str):
            settings.append(Setting(entry.target, float(value), entry.origin))
    return tuple(settings)


def _may_change(variable: Variable) -> bool:
    return variable.causality is Causality.INPUT or (
        variable.causality is Causality.PARAMETER and variable.variability is Variability.TUNABLE
    )


def _collect(entry: CollectEntry, lookup: Lookup) -> Collect | None:
    target = VariableName(entry.component, COLLECTING)
    variable = lookup.variable(target, entry.origin)
    if variable is not None and not _may_change(variable):
        lookup.problems.add(f"Cannot collect with {target}: it is not an input.", entry.origin)
    start, stop = bind_condition(entry.start, lookup), bind_condition(entry.stop, lookup)
    return Collect(target, start, stop) if variable and start and stop else None


def bind_events(entries: Sequence[EventEntry], lookup: Lookup) -> tuple[Event, ...]:
    """Bind timed and conditional events."""
    events = []
    for entry in entries:
        condition = bind_condition(entry.condition, lookup) if entry.condition else None
        settings = bind_settings(entry.settings, lookup)
        if entry.condition is None or condition is not None:
            events.append(Event(settings, entry.time, condition, entry.repeats, entry.origin))
    return tuple(events)
