"""What a factor acts on: a start value, or a time, limit or setting of a phase, step, event or course of an input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeVar

import numpy as np

from cosim.clock import Ticks, format_ticks, to_ticks
from cosim.errors import CosimError, StructureError
from cosim.study.faults.entries import LABELS
from cosim.system.experiment import (
    Comparison,
    DeliveredVolume,
    Duration,
    Event,
    Experiment,
    Phase,
    PhaseStep,
    Setting,
    Signal,
    StartValue,
    Until,
)
from cosim.system.nearest import nearest
from cosim.system.variable import VariableName
from cosim.units import duration_ticks

Part = TypeVar("Part", Phase, PhaseStep, Event)
PHASES: Final = "phases"
INPUTS: Final = "inputs"
EVENTS: Final = "events"
_AT: Final = ".at."
_SHOWN: Final = 6
"""Times of a course listed in a message."""
_USAGE: Final = (
    "Write 'component.variable', 'phases.<phase>.duration', '.delay', '.until', '.volume' or "
    "'.set.<component.variable>', or the same of a step, 'phases.<phase>.<step>.…'; "
    "'inputs.<component.variable>.at.<time>'; 'events.<number>.at' or 'events.<number>.set.<component.variable>'."
)
Kind = Literal["start", "duration", "delay", "set", "until", "volume", "course", "event_time", "event_set", "label"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a value goes: a start value, or part of what happens in a run.

    ``variable`` is the one whose value it is; of ``until`` the one that a condition compares; None of times and
    volumes. ``event`` counts from 0, and ``time`` is that of a row of a course. A 'label' says which fault a run has,
    and acts through that alone.
    """

    kind: Kind
    variable: VariableName | None = None
    phase: str = ""
    step: str = ""
    event: int = 0
    time: Ticks = Ticks(0)


def find_target(text: str, experiment: Experiment, components: Sequence[str]) -> Target:
    """Return what ``text`` means in ``experiment``.

    Raises
    ------
    StructureError
        When there is no such thing.
    """
    if text in LABELS:
        return Target("label")
    head, _, rest = text.partition(".")
    if head not in components:
        if head == PHASES:
            return _in_phase(text, rest, experiment)
        if head == INPUTS:
            return _in_course(text, rest, experiment)
        if head == EVENTS:
            return _in_event(text, rest, experiment)
    try:
        return Target("start", VariableName.parse(text))
    except ValueError as error:
        raise StructureError(f"'{text}' cannot be a factor. {_USAGE}") from error


def _in_phase(text: str, rest: str, experiment: Experiment) -> Target:
    name, _, rest = rest.partition(".")
    phase = next((item for item in experiment.phases if item.name == name), None)
    if phase is None:
        hint = nearest(name, [item.name for item in experiment.phases])
        raise StructureError(f"'{text}' cannot be a factor: there is no phase '{name}'.{hint}")
    what, _, more = rest.partition(".")
    step = next((item for item in phase.steps if item.name == what), None)
    if step is not None:
        what, _, more = more.partition(".")
    part = step or phase
    place = Target("duration", phase=name, step=step.name if step else "")
    if what == "duration" and not more:
        if not isinstance(part.ending, Duration):
            raise StructureError(f"'{text}' cannot be a factor: it ends otherwise than after a 'duration'.")
        return place
    if what == "volume" and not more:
        if not isinstance(part.ending, DeliveredVolume):
            raise StructureError(f"'{text}' cannot be a factor: it ends otherwise than after a 'volume'.")
        return replace(place, kind="volume")
    if what == "delay" and not more and step is None:
        return replace(place, kind="delay")
    if what == "until":
        return replace(place, kind="until", variable=_compared(text, more, part))
    if what == "set":
        return replace(place, kind="set", variable=_setting(text, more, part.settings))
    raise StructureError(f"'{text}' cannot be a factor. {_USAGE}")


def _compared(text: str, more: str, part: Phase | PhaseStep) -> VariableName:
    """Return the variable of the condition meant: the only one, or the one that compares ``more``."""
    if not isinstance(part.ending, Until):
        raise StructureError(f"'{text}' cannot be a factor: it ends otherwise than by 'until'.")
    known = {str(item.left): item for item in part.ending.conditions}
    if not more and len(part.ending.conditions) > 1:
        raise StructureError(
            f"'{text}' cannot be a factor: several conditions end it. Write '{text}.{next(iter(known))}'."
        )
    condition = known.get(more) if more else part.ending.conditions[0]
    if condition is None:
        raise StructureError(
            f"'{text}' cannot be a factor: no condition there compares '{more}'.{nearest(more, known)}"
        )
    if isinstance(condition.right, VariableName):
        raise StructureError(f"'{text}' cannot be a factor: '{condition.text}' compares two variables.")
    return condition.left


def _setting(text: str, more: str, settings: Sequence[Setting]) -> VariableName:
    known = {str(setting.target): setting.target for setting in settings}
    if more not in known:
        raise StructureError(f"'{text}' cannot be a factor: '{more}' is not set there.{nearest(more, known)}")
    return known[more]


def _in_course(text: str, rest: str, experiment: Experiment) -> Target:
    name, _, when = rest.rpartition(_AT)
    courses = {str(signal.target): signal for signal in experiment.signals}
    if not name or name not in courses:
        hint = nearest(name or rest, courses)
        raise StructureError(
            f"'{text}' cannot be a factor: under 'inputs' no file gives a course for '{name or rest}'.{hint} {_USAGE}"
        )
    signal = courses[name]
    try:
        time = duration_ticks(when)
    except CosimError as error:
        raise StructureError(f"'{text}' cannot be a factor: {error.message}") from error
    if int(time) not in signal.times:
        listed = ", ".join(format_ticks(Ticks(int(tick))) for tick in signal.times[:_SHOWN])
        raise StructureError(
            f"'{text}' cannot be a factor: the course has no row at {format_ticks(time)}. It has rows at {listed}"
            + (", …" if len(signal.times) > _SHOWN else "")
            + ": add one to the file."
        )
    return Target("course", signal.target, time=time)


def _in_event(text: str, rest: str, experiment: Experiment) -> Target:
    number, _, rest = rest.partition(".")
    n = len(experiment.events)
    if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= n:
        raise StructureError(f"'{text}' cannot be a factor: of {n} events, counted from 1, none is '{number}'.")
    event = experiment.events[int(number) - 1]
    what, _, more = rest.partition(".")
    if what == "at" and not more:
        if event.time is None:
            raise StructureError(f"'{text}' cannot be a factor: the event waits for a condition.")
        return Target("event_time", event=int(number) - 1)
    if what == "set":
        return Target("event_set", _setting(text, more, event.settings), event=int(number) - 1)
    raise StructureError(f"'{text}' cannot be a factor. {_USAGE}")


def apply(experiment: Experiment, targets: Sequence[Target], values: Sequence[float]) -> Experiment:
    """Return ``experiment`` with ``values`` for ``targets``: in the variables' own units, times in s, volumes in m3."""
    starts: dict[str, dict[str, StartValue]] = {name: dict(own) for name, own in experiment.start_values.items()}
    phases = {phase.name: phase for phase in experiment.phases}
    signals = {signal.target: signal for signal in experiment.signals}
    events = list(experiment.events)
    for target, value in zip(targets, values, strict=True):
        if target.kind in ("event_time", "event_set"):
            events[target.event] = _with(events[target.event], target, value)
        elif target.phase:
            phases[target.phase] = _changed(phases[target.phase], target, value)
        elif target.kind != "label":
            assert target.variable is not None
            if target.kind == "course":
                signals[target.variable] = _bent(signals[target.variable], target.time, value)
            else:
                starts.setdefault(target.variable.component, {})[target.variable.variable] = value
    return replace(
        experiment,
        start_values=starts,
        phases=tuple(phases.values()),
        signals=tuple(signals.values()),
        events=tuple(events),
    )


def _changed(phase: Phase, target: Target, value: float) -> Phase:
    if target.kind == "delay":
        return replace(phase, start=replace(phase.start, delay=to_ticks(value)))
    if not target.step:
        return _with(phase, target, value)
    steps = tuple(_with(step, target, value) if step.name == target.step else step for step in phase.steps)
    return replace(phase, steps=steps)


def _with(part: Part, target: Target, value: float) -> Part:
    if isinstance(part, Event):
        if target.kind == "event_time":
            return replace(part, time=to_ticks(value))
    elif target.kind == "duration":
        return replace(part, ending=Duration(to_ticks(value)))
    elif isinstance(part.ending, DeliveredVolume) and target.kind == "volume":
        return replace(part, ending=replace(part.ending, volume=value))
    elif isinstance(part.ending, Until) and target.kind == "until":
        conditions = tuple(_moved(item, target, value) for item in part.ending.conditions)
        return replace(part, ending=replace(part.ending, conditions=conditions))
    settings = tuple(
        replace(setting, value=value) if setting.target == target.variable else setting for setting in part.settings
    )
    return replace(part, settings=settings)


def _moved(condition: Comparison, target: Target, value: float) -> Comparison:
    is_meant = condition.left == target.variable and not isinstance(condition.right, VariableName)
    return replace(condition, right=value, text="") if is_meant else condition


def _bent(signal: Signal, time: Ticks, value: float) -> Signal:
    """Return ``signal`` with ``value`` at ``time``."""
    return replace(signal, values=np.where(signal.times == int(time), value, signal.values))
