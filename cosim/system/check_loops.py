"""Algebraic loops of connections: outputs that follow from one another at once, without a state in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cosim.errors import SourceLocation
from cosim.system.checking import Checker
from cosim.system.experiment import Experiment
from cosim.system.graph import shortest_loop, strongly_connected
from cosim.system.structure import SystemStructure
from cosim.system.timing import are_apart, known_starts
from cosim.system.variable import Causality, VariableName

ITERATE: Final = "Choose 'algorithm: iterated', which solves it at every communication point,"
Edges = Mapping[str, Sequence[str]]


def guessed_inputs(structure: SystemStructure) -> frozenset[str]:
    """Return the connected inputs in loops at the start: a value given for them is where the search begins."""
    edges = _edges(structure, presume=True, initially=True)
    targets = {str(wire.target) for wire in structure.connections}
    return frozenset(name for part in _parts(edges) for name in part if name in targets)


def check_algebraic_loops(checker: Checker, experiment: Experiment, *, solves_loops: bool) -> None:
    """Refuse loops that every model states to be feedthrough; warn of those where a model does not state it.

    An algorithm that ``solves_loops`` does so where components can go back and phases give all the same step.

    Streams do not count: what comes late on them is in transit.
    """
    structure = checker.structure
    stated, possible = _edges(structure, presume=False), _edges(structure, presume=True)
    origins = {str(wire.source): wire.origin for wire in structure.connections}
    certain = set()
    for loop in _loops(stated):
        certain.update(loop)
        advice = _why_unsolved(structure, experiment, loop) if solves_loops else ITERATE
        if not advice:
            continue
        checker.add(
            f"The connections make an algebraic loop: {_path(loop)}. Each of these follows at once from the one before "
            f"it, so that none can be computed first. {advice} or give one of the models in the loop a state, such as "
            "a first-order lag, between its input and its output.",
            _place(loop, origins),
            component=VariableName.parse(loop[0]).component,
        )
    for loop in _loops(possible):
        if certain.isdisjoint(loop) and (not solves_loops or _why_unsolved(structure, experiment, loop)):
            checker.warn(
                f"The connections may make an algebraic loop: {_path(loop)}. Not all of these models state which "
                "outputs follow from their inputs at once; if they do, values pass late by a communication step."
            )


def _why_unsolved(structure: SystemStructure, experiment: Experiment, loop: Sequence[str]) -> str:
    """Return why an algorithm that solves loops cannot solve ``loop``, with advice; nothing where it can."""
    members = {VariableName.parse(name).component for name in loop}
    unable = sorted(
        name for name in members if not structure.components[name].description.capabilities.can_get_and_set_state
    )
    if unable:
        return f"'{unable[0]}' cannot go back in time, which solving the loop takes: use an FMU that can,"
    starts = known_starts(experiment)
    for phase in experiment.phases:
        others = [
            other
            for other in experiment.phases
            if other is phase or not are_apart(phase, other, starts, experiment.phases)
        ]
        steps = {other.step_sizes.get(name, other.step_size) for other in others for name in other.active}
        if members & set(phase.active) and len(steps) > 1:
            return f"Components run with unequal steps in phase '{phase.name}', which leaves it unsolved: give all one,"
    return ""


def _edges(structure: SystemStructure, *, presume: bool, initially: bool = False) -> dict[str, list[str]]:
    """Return what follows at once from each variable of a connection; ``presume``: also where that is not stated.

    At initialisation more may follow than while running, because an initial equation can make a state of an input.
    """
    edges: dict[str, list[str]] = {}
    entered: dict[str, list[VariableName]] = {}
    for wire in structure.connections:
        edges.setdefault(str(wire.source), []).append(str(wire.target))
        entered.setdefault(wire.target.component, []).append(wire.target)
    for source in dict.fromkeys(wire.source for wire in structure.connections):
        for target in entered.get(source.component, ()):
            if _follows(structure, source, target, presume=presume, initially=initially):
                edges.setdefault(str(target), []).append(str(source))
    return edges


def _follows(
    structure: SystemStructure, output: VariableName, entered: VariableName, *, presume: bool, initially: bool
) -> bool:
    component = structure.components.get(output.component)
    variable = component.description.variables.get(output.variable) if component else None
    if component is None or variable is None or variable.causality not in (Causality.OUTPUT, Causality.LOCAL):
        return False
    description = component.description
    known = (description.initial_dependencies if initially else description.feedthrough).get(output.variable)
    return presume if known is None else entered.variable in known


def _loops(edges: Edges) -> list[list[str]]:
    return [shortest_loop(part, edges) for part in _parts(edges)]


def _parts(edges: Edges) -> list[list[str]]:
    parts = strongly_connected(list(dict.fromkeys([*edges, *(n for after in edges.values() for n in after)])), edges)
    return [part for part in parts if len(part) > 1]


def _path(loop: Sequence[str]) -> str:
    return " -> ".join([*loop, loop[0]])


def _place(loop: Sequence[str], origins: Mapping[str, SourceLocation | None]) -> SourceLocation | None:
    return next((origins[name] for name in loop if origins.get(name)), None)
