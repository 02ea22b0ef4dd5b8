"""What is written for a time, or of a component, that the phases never come to."""

from __future__ import annotations

from cosim.clock import Ticks, format_ticks
from cosim.errors import SourceLocation
from cosim.system.checking import Checker
from cosim.system.experiment import Duration, Experiment, Phase
from cosim.system.timing import LONGEST, latest_end


def check_horizon(checker: Checker, experiment: Experiment) -> None:
    """Refuse times beyond what can be counted; warn of what comes after the end, and of components that never run."""
    _check_limits(checker, experiment)
    for phase in experiment.phases:
        _check_steps_within(checker, phase)
    end = latest_end(experiment.phases)
    if end is not None and experiment.phases:
        _check_events(checker, experiment, end)
        _check_signals(checker, experiment, end)
    active = {name for phase in experiment.phases for name in phase.active}
    for component in checker.structure.components.values():
        if component.name not in active and experiment.phases:
            checker.warn(
                f"'{component.name}' is active in no phase, so that it never runs. Add it to 'active' of one, or "
                "remove it.",
                component.origin,
            )


def _check_limits(checker: Checker, experiment: Experiment) -> None:
    times: list[tuple[str, Ticks, SourceLocation | None]] = []
    for phase in experiment.phases:
        times.append((f"Phase '{phase.name}' waits for a delay of", phase.start.delay, phase.origin))
        endings = [(f"Phase '{phase.name}'", phase.ending, phase.origin)]
        endings += [(f"Step '{phase.name}.{step.name}'", step.ending, step.origin) for step in phase.steps]
        for what, ending, origin in endings:
            if ending is not None and not isinstance(ending, Duration):
                times.append((f"{what} has an 'at_most' of", ending.at_most, origin))
    times += [("An event has the time", event.time, event.origin) for event in experiment.events if event.time]
    for what, time, origin in times:
        if time > LONGEST:
            checker.add(f"{what} {format_ticks(time)}, more than 100 years. Make it shorter.", origin)


def _check_steps_within(checker: Checker, phase: Phase) -> None:
    """Compare the duration of ``phase`` with that of its steps, where both are known."""
    lasts = [step.ending.duration for step in phase.steps if isinstance(step.ending, Duration)]
    if not isinstance(phase.ending, Duration) or not phase.steps:
        return
    steps, whole = sum(lasts), phase.ending.duration
    if steps > whole:
        checker.add(
            f"Phase '{phase.name}' lasts {format_ticks(whole)}, and its steps {format_ticks(Ticks(steps))}: they would "
            "be cut off. Leave out the duration of the phase, which then ends with its last step.",
            phase.origin,
        )
    elif len(lasts) == len(phase.steps) and steps < whole:
        checker.warn(
            f"Phase '{phase.name}' lasts {format_ticks(whole)}, and its steps {format_ticks(Ticks(steps))}: after the "
            "last of them it goes on with the phase's own settings.",
            phase.origin,
        )


def _check_events(checker: Checker, experiment: Experiment, end: Ticks) -> None:
    for event in experiment.events:
        if event.time is not None and event.time > end:
            checker.warn(
                f"The event at {format_ticks(event.time)} never happens: the run ends at {format_ticks(end)} at the "
                "latest.",
                event.origin,
            )


def _check_signals(checker: Checker, experiment: Experiment, end: Ticks) -> None:
    for signal in experiment.signals:
        if len(signal.times) == 0:
            continue
        first, last = Ticks(int(signal.times[0])), Ticks(int(signal.times[-1]))
        if first > 0:
            checker.warn(
                f"The recorded signal for {signal.target} starts at {format_ticks(first)}: until then its first value "
                "holds.",
                signal.origin,
            )
        if last < end:
            checker.warn(
                f"The recorded signal for {signal.target} ends at {format_ticks(last)}, the run at "
                f"{format_ticks(end)} at the latest: from then on its last value holds.",
                signal.origin,
            )
