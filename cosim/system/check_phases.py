"""Phases, steps, conditions, events: what can be seen to go wrong before anything runs."""

from __future__ import annotations

from typing import Final

from cosim.clock import format_ticks
from cosim.errors import SourceLocation
from cosim.system.checking import Checker
from cosim.system.experiment import (
    Comparison,
    DeliveredVolume,
    Duration,
    Ending,
    Experiment,
    Phase,
    PhaseStep,
    Setting,
    Until,
)
from cosim.system.nearest import nearest
from cosim.system.ports import flow_variable
from cosim.system.stream import PortDirection
from cosim.system.timing import LONGEST, known_starts, may_meet
from cosim.system.variable import VariableName

MOST_STEPS: Final = 10**9
"""Communication steps of one phase or step that are not a slip of the pen."""


def check_phases(checker: Checker, experiment: Experiment) -> None:
    """Check each phase by itself, then how they follow one another, then events and what is recorded."""
    if not experiment.phases:
        checker.add("There is no phase, so nothing would run. Write at least one.", None)
    names = [phase.name for phase in experiment.phases]
    for phase in experiment.phases:
        if names.count(phase.name) > 1 and phase is experiment.phases[names.index(phase.name)]:
            checker.add(f"Two phases are called '{phase.name}'. Give each its own name.", phase.origin)
        _check_phase(checker, phase)
    _check_order(checker, experiment)
    _check_overlaps(checker, experiment)
    _check_sleepers(checker, experiment)
    _check_events(checker, experiment)
    for component, variables in experiment.recorded.items():
        for variable in variables:
            checker.variable(VariableName(component, variable), None, "The record")
    for component, starts in experiment.start_values.items():
        found = checker.component(component, None, "A start value")
        for variable in starts if found else ():
            if found and variable not in found.description.variables:
                hint = nearest(variable, found.description.variables)
                checker.add(f"Cannot set {component}.{variable}: there is no such variable.{hint}", found.origin)


def _check_phase(checker: Checker, phase: Phase) -> None:
    what = f"Phase '{phase.name}'"
    if not phase.active:
        checker.add(f"{what} has no active component.", phase.origin)
    for name in phase.active:
        checker.component(name, phase.origin, what)
        if phase.step_sizes.get(name, phase.step_size) <= 0:
            checker.add(f"{what} steps '{name}' by a time that is not above zero.", phase.origin, component=name)
    if phase.repeat < 1:
        checker.add(f"{what} is repeated {phase.repeat} times; it takes at least 1.", phase.origin)
    if phase.start.delay < 0:
        checker.add(
            f"{what} has a negative delay, {format_ticks(phase.start.delay)}. A delay is zero or more.", phase.origin
        )
    if phase.ending is None and not phase.steps:
        checker.add(f"{what} never ends. Give it a duration, a volume, a condition, or steps.", phase.origin)
    if phase.ending is not None:
        _check_ending(checker, phase, phase.ending, what, phase.origin)
    _check_settings(checker, phase, phase.settings, what)
    steps = [step.name for step in phase.steps]
    for i, step in enumerate(phase.steps):
        if step.name in steps[:i]:
            checker.add(f"{what} has two steps called '{step.name}'.", step.origin)
        _check_step(checker, phase, step)


def _check_step(checker: Checker, phase: Phase, step: PhaseStep) -> None:
    what = f"Step '{phase.name}.{step.name}'"
    _check_ending(checker, phase, step.ending, what, step.origin)
    _check_settings(checker, phase, step.settings, what)
    for collect in step.collects:
        for comparison in (collect.start, collect.stop):
            _check_comparison(checker, comparison, what, step.origin)


def _check_settings(checker: Checker, phase: Phase, settings: tuple[Setting, ...], what: str) -> None:
    for setting in settings:
        name = setting.target.component
        if name in checker.structure.components and name not in phase.active:
            checker.add(
                f"{what} sets {setting.target}, but '{name}' is not active in phase '{phase.name}'. Add it to "
                "'active', or remove the setting.",
                setting.origin or phase.origin,
                component=name,
                variable=setting.target.variable,
            )


def _check_ending(checker: Checker, phase: Phase, ending: Ending, what: str, origin: SourceLocation | None) -> None:
    sizes = [phase.step_size, *phase.step_sizes.values()]
    step, smallest = max(sizes), min(sizes)
    if step > LONGEST:
        checker.add(f"{what} has a communication step of more than 100 years. Make the step smaller.", origin)
        return
    if isinstance(ending, Duration):
        if ending.duration > LONGEST:
            checker.add(f"{what} lasts more than 100 years. Give it a shorter duration.", origin)
        elif smallest > 0 and ending.duration // smallest > MOST_STEPS:
            checker.add(
                f"{what} lasts {format_ticks(ending.duration)}, which takes {ending.duration / smallest:.2g} "
                f"communication steps of {format_ticks(smallest)}; {MOST_STEPS:.0e} can be run. Make the step larger.",
                origin,
            )
        elif ending.duration <= 0:
            checker.add(f"{what} has a duration that is not above zero.", origin)
        elif step > ending.duration:
            checker.add(
                f"{what} lasts {format_ticks(ending.duration)}, less than one communication step of "
                f"{format_ticks(step)}. Make the step smaller.",
                origin,
            )
        return
    if ending.at_most <= 0:
        checker.add(f"{what} has an 'at_most' that is not above zero.", origin)
    if isinstance(ending, Until):
        if not ending.conditions:
            checker.add(f"{what} ends on a condition, but has none.", origin)
        for comparison in ending.conditions:
            _check_comparison(checker, comparison, what, origin)
        return
    _check_volume(checker, ending, what, origin)


def _check_volume(checker: Checker, ending: DeliveredVolume, what: str, origin: SourceLocation | None) -> None:
    if not ending.volume > 0.0:
        checker.add(f"{what} ends after a volume that is not above zero.", origin)
    for inlet in ending.inlets:
        port = checker.port(inlet, origin, what)
        if port is not None and port.direction is not PortDirection.INLET:
            checker.add(f"{what} counts through {inlet}, which is an outlet. Name an inlet.", origin)


def _check_comparison(checker: Checker, item: Comparison, what: str, origin: SourceLocation | None) -> None:
    checker.variable(item.left, origin, what)
    if isinstance(item.right, VariableName):
        checker.variable(item.right, origin, what)


def _check_order(checker: Checker, experiment: Experiment) -> None:
    """Find phases that never start because what they wait for does not exist or waits for them."""
    by_name = {phase.name: phase for phase in experiment.phases}
    for phase in experiment.phases:
        seen = [phase.name]
        after = phase.start.after
        while after is not None:
            if after not in by_name:
                if len(seen) == 1:
                    hint = nearest(after, by_name)
                    checker.add(
                        f"Phase '{phase.name}' never starts: it waits for phase '{after}', which does not exist.{hint}",
                        phase.origin,
                    )
                break
            if after in seen:
                if after == phase.name:
                    ring = " → ".join([*seen, after])
                    checker.add(f"Phase '{phase.name}' never starts: phases wait for each other, {ring}.", phase.origin)
                break
            seen.append(after)
            after = by_name[after].start.after


def _check_overlaps(checker: Checker, experiment: Experiment) -> None:
    """Find phases that run at the same time and step a component differently."""
    starts = known_starts(experiment)
    for i, first in enumerate(experiment.phases):
        for second in experiment.phases[i + 1 :]:
            if not may_meet(first, second, starts):
                continue
            for name in first.active:
                if name not in second.active:
                    continue
                sizes = [phase.step_sizes.get(name, phase.step_size) for phase in (first, second)]
                if sizes[0] != sizes[1]:
                    checker.add(
                        f"Phases '{first.name}' and '{second.name}' run at the same time and step '{name}' by "
                        f"{format_ticks(sizes[0])} and {format_ticks(sizes[1])}. Give '{name}' one step.",
                        second.origin,
                        component=name,
                    )


def _check_sleepers(checker: Checker, experiment: Experiment) -> None:
    """Find settings that open a flow into a component that is asleep."""
    starts = known_starts(experiment)
    for phase in experiment.phases:
        awake = set(phase.active)
        for other in experiment.phases:
            if other is not phase and may_meet(phase, other, starts):
                awake |= set(other.active)
        for setting in (*phase.settings, *(item for step in phase.steps for item in step.settings)):
            if setting.value != 0.0 and setting.target.component in phase.active:
                _check_opened(checker, phase, setting, awake)


def _check_opened(checker: Checker, phase: Phase, setting: Setting, awake: set[str]) -> None:
    for stream in checker.structure.streams:
        source = checker.structure.components.get(stream.source.component)
        if stream.target is None or source is None or source.name != setting.target.component:
            continue
        port = source.description.ports.get(stream.source.port)
        if port is None or stream.target.component in awake:
            continue
        if setting.target.variable in source.description.feedthrough.get(flow_variable(port), frozenset()):
            checker.add(
                f"Phase '{phase.name}' sets {setting.target}, which lets {stream.source} flow into {stream.target}, "
                f"but '{stream.target.component}' is asleep in this phase. Add it to 'active'.",
                setting.origin or phase.origin,
                component=stream.target.component,
            )


def _check_events(checker: Checker, experiment: Experiment) -> None:
    for event in experiment.events:
        if (event.time is None) == (event.condition is None):
            checker.add("An event needs either a time or a condition.", event.origin)
        if event.time is not None and event.time < 0:
            checker.add(
                f"An event has the time {format_ticks(event.time)}; times count from the start, which is 0 s.",
                event.origin,
            )
        if event.condition is not None:
            _check_comparison(checker, event.condition, "An event", event.origin)
