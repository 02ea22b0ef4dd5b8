"""Whether an FMU that claims to go back in time does: tried once, before a run relies on it.

State access that is declared and wrong gives wrong results without a message. So each FMU that declares it is
initialised once more, apart from the run, saved, stepped, taken back, and stepped again. One that does not come back to
where it was counts as one without state access, and the run says so. An FMU that cosim built is known to come back; one
that cannot be stepped alone, with the inputs it starts with, is believed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.contract import AbstractAlgorithm
from cosim.clock import Ticks
from cosim.errors import CosimError
from cosim.instance.contract import AbstractInstance
from cosim.loading import LoadedComponent
from cosim.scenario.bind import Bound
from cosim.system.component import ComponentDescription
from cosim.system.experiment import Duration, Experiment
from cosim.system.variable import Causality

Values = NDArray[np.float64]

ROUND_OFF: Final = 1e-9
"""Relative difference of two values that count as equal."""
REPEATED: Final = 1e-3
"""Difference of a step taken twice, relative to what the step changed; a solver that starts anew is not exact."""


def try_claims(
    bound: Bound, components: Mapping[str, LoadedComponent], algorithm: AbstractAlgorithm[Any]
) -> tuple[Bound, dict[str, LoadedComponent]]:
    """Return ``bound`` and ``components`` without the claims that are wrong, and with a warning for each of them."""
    tried = dict(components)
    if not (algorithm.needs_rollback or _has_conditions(bound.experiment)):
        return bound, tried
    structure, warnings = dict(bound.structure.components), []
    for name, component in components.items():
        is_claimed = component.description.capabilities.can_get_and_set_state
        why = _why_not(name, component, bound.experiment) if is_claimed and component.distrust_state else ""
        if not why or component.distrust_state is None:
            continue
        component.distrust_state()
        description = _without_state(component.description)
        tried[name] = replace(component, description=description)
        structure[name] = replace(structure[name], description=description)
        warnings.append(
            f"'{name}' cannot go back in time although its FMU declares canGetAndSetFMUState: {why}. It is run as one "
            "without state access. Ask its author for a repair."
        )
    changed = replace(bound.structure, components=structure)
    return replace(bound, structure=changed, warnings=(*bound.warnings, *warnings)), tried


def _has_conditions(experiment: Experiment) -> bool:
    """Tell whether something happens at a time that is found by going back."""
    steps = [step for phase in experiment.phases for step in phase.steps]
    endings = [phase.ending for phase in experiment.phases] + [step.ending for step in steps]
    has_events = any(event.condition is not None for event in experiment.events)
    has_endings = any(ending is not None and not isinstance(ending, Duration) for ending in endings)
    return has_events or has_endings or any(step.collects for step in steps)


def _without_state(description: ComponentDescription) -> ComponentDescription:
    capabilities = replace(description.capabilities, can_get_and_set_state=False, can_serialise_state=False)
    return replace(description, capabilities=capabilities)


def _why_not(name: str, component: LoadedComponent, experiment: Experiment) -> str:
    """Try it; return what was wrong, '' where nothing was or it could not be tried."""
    sizes = [phase.step_sizes.get(name, phase.step_size) for phase in experiment.phases if name in phase.active]
    if not sizes:
        return ""
    try:
        with _unheard(), component.instantiate() as instance:
            instance.set_start(dict(experiment.start_values.get(name, {})))
            instance.enter_initialization(Ticks(0), stop_time=None, tolerance=experiment.tolerance)
            instance.exit_initialization()
            return _try(instance, min(sizes), experiment.tolerance or 0.0)
    except CosimError:
        return ""  # it fails in the run too, and is explained there


@contextmanager
def _unheard() -> Iterator[None]:
    """Keep what FMUs log to themselves: they say it again in the run."""
    log = logging.getLogger("cosim.fmu")

    def refuse(_: logging.LogRecord) -> bool:
        return False

    log.addFilter(refuse)
    try:
        yield
    finally:
        log.removeFilter(refuse)


def _try(instance: AbstractInstance, size: Ticks, tolerance: float) -> str:
    variables = instance.description.variables.values()
    names = [
        item.name for item in variables if _is_compared(item.causality) and item.type.is_numeric and not item.shape
    ]
    group = instance.group(names)
    begin, end, back, again = np.zeros((4, len(names)))
    instance.read(group, begin)
    try:
        state = instance.get_state()
    except CosimError as error:
        return error.message.rstrip(".")
    instance.step(Ticks(0), size)
    instance.read(group, end)
    try:
        instance.set_state(state)
    except CosimError as error:
        return error.message.rstrip(".")
    instance.read(group, back)
    scale = np.maximum(np.abs(begin), np.abs(end))
    wrong = np.abs(back - begin) > ROUND_OFF * scale
    if wrong.any():
        which = int(np.argmax(wrong))
        return f"{names[which]} was {begin[which]:.9g} when its state was saved and {back[which]:.9g} when restored"
    instance.step(Ticks(0), size)
    instance.read(group, again)
    wrong = np.abs(again - end) > ROUND_OFF * scale + REPEATED * np.abs(end - begin) + 10 * tolerance * scale
    if wrong.any():
        which = int(np.argmax(wrong))
        return f"{names[which]} came to {end[which]:.9g} in a step and to {again[which]:.9g} when that was repeated"
    instance.free_state(state)
    return ""


def _is_compared(causality: Causality) -> bool:
    return causality in (Causality.OUTPUT, Causality.LOCAL)
