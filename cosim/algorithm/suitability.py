"""What an algorithm needs and some component or phase does not give: told before the first step."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from cosim.algorithm.contract import AbstractAlgorithm
from cosim.clock import Ticks
from cosim.system.component import Capabilities
from cosim.system.experiment import Experiment, Phase
from cosim.system.graph import in_loops_of_connections
from cosim.system.structure import SystemStructure
from cosim.system.timing import known_starts, may_meet


def degradations(
    algorithm: AbstractAlgorithm[Any], name: str, structure: SystemStructure, experiment: Experiment
) -> tuple[str, ...]:
    """Return one sentence for everything that makes ``algorithm`` fall back on less, and on what."""
    warnings = _unequal_steps(name, experiment) if algorithm.needs_equal_steps else []
    concerned = in_loops_of_connections(structure) if algorithm.solves_loops else frozenset(structure.components)
    active = {component for phase in experiment.phases for component in phase.active}
    for component in structure.components.values():
        capabilities = component.description.capabilities
        if component.name not in active:
            continue
        if algorithm.needs_variable_step and not _can_vary_step(capabilities):
            warnings.append(
                f"'{component.name}' cannot vary its step: where it is active, algorithm '{name}' takes the phase's "
                "step, without control of the error."
            )
        elif algorithm.needs_rollback and not capabilities.can_get_and_set_state and component.name in concerned:
            warnings.append(
                f"'{component.name}' cannot go back in time: where it is active, with algorithm '{name}' "
                f"{algorithm.without_rollback}. The first steps after an event are the least accurate."
            )
    return tuple(warnings)


def _unequal_steps(name: str, experiment: Experiment) -> list[str]:
    what = "these are taken, without control of the error. Give"
    warnings = [
        f"Algorithm '{name}' has no say in phase '{phase.name}', which gives components steps of their own: {what} the "
        "phase one step."
        for phase in experiment.phases
        if len(_sizes(phase)) > 1
    ]
    starts = known_starts(experiment)
    warnings += [
        f"Algorithm '{name}' has no say while phases '{one.name}' and '{other.name}' run at the same time with "
        f"different steps: {what} both the same step."
        for one, other in combinations(experiment.phases, 2)
        if len(_sizes(one)) == len(_sizes(other)) == 1 and _sizes(one) != _sizes(other) and may_meet(one, other, starts)
    ]
    return warnings


def _sizes(phase: Phase) -> set[Ticks]:
    return {phase.step_sizes.get(active, phase.step_size) for active in phase.active}


def _can_vary_step(capabilities: Capabilities) -> bool:
    return capabilities.can_vary_step and capabilities.fixed_step is None
