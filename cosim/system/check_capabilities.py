"""What phases ask of instances that cannot do everything."""

from __future__ import annotations

from cosim.clock import Ticks, format_ticks, to_ticks
from cosim.errors import CapabilityError
from cosim.system.checking import Checker
from cosim.system.component import Component
from cosim.system.experiment import Duration, Experiment, Phase


def check_capabilities(checker: Checker, experiment: Experiment) -> None:
    """Refuse steps that an instance cannot make: another size than its own, or a last one that would be shorter."""
    for phase in experiment.phases:
        for name in phase.active:
            component = checker.structure.components.get(name)
            if component is None:
                continue
            capabilities = component.description.capabilities
            size = phase.step_sizes.get(name, phase.step_size)
            if capabilities.fixed_step is not None and size != to_ticks(capabilities.fixed_step):
                _refuse(
                    checker,
                    component,
                    phase,
                    f"accepts communication steps of {capabilities.fixed_step:g} s only, and phase '{phase.name}' "
                    f"steps it by {format_ticks(size)}. Write 'step: {capabilities.fixed_step:g} s'",
                )
            elif not capabilities.can_vary_step or capabilities.fixed_step is not None:
                _check_division(checker, component, phase, size)


def _check_division(checker: Checker, component: Component, phase: Phase, size: Ticks) -> None:
    window = max([phase.step_sizes.get(name, phase.step_size) for name in phase.active])
    if size > 0 and window % size:
        _refuse(
            checker,
            component,
            phase,
            f"cannot vary its step of {format_ticks(size)}, which does not divide the largest step in phase "
            f"'{phase.name}', {format_ticks(window)}. Choose steps that divide each other",
        )
    endings = [phase.ending, *(step.ending for step in phase.steps)]
    for ending in endings:
        if isinstance(ending, Duration) and window > 0 and ending.duration % window:
            _refuse(
                checker,
                component,
                phase,
                f"cannot vary its step, and {format_ticks(ending.duration)} in phase '{phase.name}' is not a whole "
                f"number of steps of {format_ticks(window)}: the last would have to be shorter. Choose a step that "
                "divides it",
            )


def _refuse(checker: Checker, component: Component, phase: Phase, text: str) -> None:
    checker.problems.append(
        CapabilityError(f"'{component.name}' {text}.", component=component.name, location=phase.origin)
    )
