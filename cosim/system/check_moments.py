"""What will act late because a component can neither go back in time nor step to it: told before the run."""

from __future__ import annotations

from collections.abc import Iterator

from cosim.clock import Ticks, format_ticks
from cosim.system.component import Capabilities
from cosim.system.experiment import Experiment, Phase, Until
from cosim.system.structure import SystemStructure
from cosim.system.timing import known_starts, length


def late_moments(structure: SystemStructure, experiment: Experiment) -> list[str]:
    """Return one sentence for each phase in which conditions are noticed late, and for each time that is not met."""
    warnings = []
    starts = known_starts(experiment)
    moments = list(_moments(experiment))
    for phase in experiment.phases:
        size = max([phase.step_sizes.get(name, phase.step_size) for name in phase.active], default=Ticks(0))
        known = [(name, structure.components[name].description.capabilities) for name in phase.active]
        rigid = [name for name, capabilities in known if not _can_vary_step(capabilities)]
        unable = [name for name, capabilities in known if name in rigid or not capabilities.can_get_and_set_state]
        if unable and size > experiment.event_tolerance and _has_conditions(phase, experiment):
            warnings.append(
                f"In phase '{phase.name}' conditions act at the next communication point, up to {format_ticks(size)} "
                f"late: {', '.join(unable)} cannot go back in time. A smaller step makes them earlier."
            )
        begin, lasts = starts[phase.name], length(phase)
        if not rigid or begin is None:
            continue
        for what, time in moments:
            is_during = begin < time and (lasts is None or time < begin + lasts)
            if is_during and (time - begin) % size:
                late = Ticks(size - (time - begin) % size)
                warnings.append(
                    f"{what} at {format_ticks(time)} comes {format_ticks(late)} late, at the next communication point "
                    f"of phase '{phase.name}': {', '.join(rigid)} cannot vary its step. Choose a step that divides it."
                )
    return warnings


def _can_vary_step(capabilities: Capabilities) -> bool:
    return capabilities.can_vary_step and capabilities.fixed_step is None


def _has_conditions(phase: Phase, experiment: Experiment) -> bool:
    endings = [phase.ending, *(step.ending for step in phase.steps)]
    collects = [item for step in phase.steps for item in step.collects]
    watched = [event.condition for event in experiment.events if event.condition is not None]
    return bool(collects or watched or any(isinstance(ending, Until) for ending in endings))


def _moments(experiment: Experiment) -> Iterator[tuple[str, Ticks]]:
    """Yield what happens at times that are known."""
    for event in experiment.events:
        if event.time is not None:
            yield "The event", event.time
    starts = known_starts(experiment)
    for phase in experiment.phases:
        begin, lasts = starts[phase.name], length(phase)
        if begin is not None:
            yield f"The beginning of phase '{phase.name}'", begin
        if begin is not None and lasts is not None:
            yield f"The end of phase '{phase.name}'", Ticks(begin + lasts)
