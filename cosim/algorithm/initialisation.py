"""Initialising components together: inputs and outputs that depend on each other, in order, loops by iteration.

All participants are in initialisation mode, where inputs may be set and outputs read as often as needed. What follows
from what is known by variable: connections and streams lead from output to input, the models state which outputs depend
on which inputs at initialisation. Tarjan's order makes single values and loops of them; a loop that every model states
to be one is solved by Newton's method, a possible one by passing values on as long as that helps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.algorithm.exchange import SMOOTH_TYPES
from cosim.algorithm.loop_solver import Array, LoopSolver, LoopState, begin, left_open, named_residuals, proceed
from cosim.algorithm.participant import Participant
from cosim.clock import to_seconds
from cosim.errors import ConvergenceError
from cosim.instance.abilities import AbstractDifferentiable
from cosim.instance.contract import VariableGroup
from cosim.system.graph import strongly_connected

DIFFERENCE: Final = 1.5e-8
"""Share of an input's size by which it is changed to find what follows: the square root of double precision."""
SMALLEST_SCALE: Final = 1e-280
"""Below which a scale counts as none: a difference of numbers so small has no digits left, or is zero."""

MOST_NAMED: Final = 20
"""Inputs that a message names."""

Node = tuple[str, str, int]
"""Component, 'in' or 'out', index among its inputs or outputs."""


@dataclass(frozen=True, slots=True)
class Coupling:
    """An input that is to become ``factor`` × output + ``offset`` of a component that is initialised with it."""

    sender: Participant
    source: int
    receiver: Participant
    target: int
    factor: float = 1.0
    offset: float = 0.0
    least: float = -np.inf

    def value(self) -> float:
        """Return what the output gives now."""
        return max(self.factor * float(self.sender.outputs[self.source]) + self.offset, self.least)

    def pass_on(self) -> None:
        """Set the input from the output as it is; one that is not a number yet leaves the start value."""
        value = self.value()
        if np.isfinite(value):
            self.receiver.inputs[self.target] = value

    @property
    def name(self) -> str:
        """The input, qualified."""
        return f"{self.receiver.name}.{self.receiver.input_names[self.target]}"

    @property
    def is_smooth(self) -> bool:
        """True where the input is a real number."""
        kind = self.receiver.instance.description.variables[self.receiver.input_names[self.target]].type
        return kind in SMOOTH_TYPES

    @property
    def nominal(self) -> float:
        """The input's nominal size, 0 where none is stated."""
        name = self.receiver.input_names[self.target]
        return abs(self.receiver.instance.description.variables[name].nominal or 0.0)


class Initialisation:
    """Finds consistent inputs for participants that are all in initialisation mode."""

    def __init__(
        self, participants: Sequence[Participant], couplings: Sequence[Coupling], solver: LoopSolver | None = None
    ) -> None:
        """Take ``participants`` with senders first; ``couplings`` are between them."""
        self._participants, self._couplings = participants, couplings
        self._solver = solver or LoopSolver()
        self._by_target = {(item.receiver.name, item.target): item for item in couplings}
        self._evaluated: dict[str, bytes] = {}

    def solve(self) -> None:
        """Set all inputs; a loop of which some model does not tell is one too.

        Raises
        ------
        ConvergenceError
            When a loop has no solution that can be found.
        StepError
            When a model fails; it is then dead.
        """
        edges, unstated = self._edges()
        for part in strongly_connected(list(edges), edges):
            component, side, index = part[0]
            if len(part) > 1:
                inside = set(part)
                loop = [item for item in self._couplings if (item.receiver.name, "in", item.target) in inside]
                self._solve_loop(loop, is_stated=unstated.isdisjoint(inside))
            elif side == "in":
                self._pass_on([self._by_target[component, index]])
        for item in self._couplings:
            self._evaluate(item.sender)
        if not all(self._agrees(item) for item in self._couplings):
            self._solve_loop(self._couplings, is_stated=False)

    def _edges(self) -> tuple[dict[Node, list[Node]], set[Node]]:
        """Return what follows from each input and output, and the outputs whose dependencies are not stated."""
        edges: dict[Node, list[Node]] = {}
        unstated: set[Node] = set()
        entered: dict[str, list[int]] = {}
        left: dict[str, dict[int, None]] = {}
        for item in self._couplings:
            entered.setdefault(item.receiver.name, []).append(item.target)
            left.setdefault(item.sender.name, {})[item.source] = None
        for participant in self._participants:
            name = participant.name
            for target in entered.get(name, ()):
                edges[name, "in", target] = []
            for source in left.get(name, ()):
                edges[name, "out", source] = []
                known = participant.instance.description.initial_dependencies.get(participant.output_names[source])
                if known is None:
                    unstated.add((name, "out", source))
                for target in entered.get(name, ()):
                    if known is None or participant.input_names[target] in known:
                        edges[name, "in", target].append((name, "out", source))
        for item in self._couplings:
            edges[item.sender.name, "out", item.source].append((item.receiver.name, "in", item.target))
        return edges, unstated

    def _pass_on(self, couplings: Sequence[Coupling]) -> None:
        for item in couplings:
            self._evaluate(item.sender)
            item.pass_on()

    def _evaluate(self, participant: Participant) -> None:
        """Read the outputs of ``participant`` if its inputs have changed since."""
        inputs = participant.inputs.tobytes()
        if self._evaluated.get(participant.name) != inputs:
            participant.write()
            participant.instance.read(participant.output_group, participant.outputs)
            self._evaluated[participant.name] = inputs

    def _agrees(self, item: Coupling) -> bool:
        value, found = item.value(), float(item.receiver.inputs[item.target])
        size = max(abs(value), abs(found), item.nominal)
        return not np.isfinite(value) or abs(value - found) <= self._solver.tolerance * size

    def _solve_loop(self, loop: Sequence[Coupling], *, is_stated: bool) -> None:
        nominal = np.array([item.nominal for item in loop])
        inputs = np.array([float(item.receiver.inputs[item.target]) for item in loop])
        state = begin(inputs, self._around(loop, inputs), nominal)
        if not is_stated:
            state = self._sweep(loop, state)
        smooth = np.array([item.is_smooth for item in loop])
        stated = _stated_derivatives(loop)
        slopes = [lambda at: self._slopes(loop, at, stated), lambda at: self._slopes(loop, at, {})]
        state = self._solver.solve(
            lambda values: self._around(loop, values), slopes if stated else slopes[1:], state, smooth
        )
        undetermined = self._undetermined_in(loop, state, smooth)
        if not self._solver.is_solved(state):
            raise self._unsolved(loop, state, is_singular=bool(undetermined))
        if undetermined:
            raise self._undetermined(undetermined)

    def _undetermined_in(self, loop: Sequence[Coupling], state: LoopState, smooth: NDArray[np.bool_]) -> list[Coupling]:
        """Return the connected inputs that the loop leaves open.

        What streams carry in a circle keeps its start value where nothing else tells: zero flow has a composition.
        """
        self._around(loop, state.inputs)
        if not np.isfinite(state.error):
            return []
        is_open = left_open(self._slopes(loop, state, {}), smooth)
        return [item for item, one in zip(loop, is_open, strict=True) if one and item.target < item.receiver.n_wires]

    def _around(self, loop: Sequence[Coupling], inputs: Array) -> Array:
        """Return what the loop makes of its ``inputs``."""
        for item, value in zip(loop, inputs.tolist(), strict=True):
            item.receiver.inputs[item.target] = value
        for item in loop:
            self._evaluate(item.sender)
        return np.array([item.value() for item in loop])

    def _sweep(self, loop: Sequence[Coupling], start: LoopState) -> LoopState:
        """Pass values on from one to the next while that brings them nearer, which settles what is no loop."""
        state = start
        entering: dict[str, list[Coupling]] = {}
        for item in loop:
            entering.setdefault(item.receiver.name, []).append(item)
        for _ in entering:
            if self._solver.is_solved(state):
                return state
            for participant in self._participants:
                self._pass_on(entering.get(participant.name, ()))
            inputs = np.array([float(item.receiver.inputs[item.target]) for item in loop])
            following = proceed(state, inputs, self._around(loop, inputs))
            if not following.error_in(state.scale) < state.error:
                break
            state = following
        return state

    def _slopes(self, loop: Sequence[Coupling], state: LoopState, stated: Mapping[int, Derivatives]) -> Array:
        """Return ∂(what the loop makes of its inputs)/∂inputs, by column from ``stated``, else by differences."""
        self._around(loop, state.inputs)
        slopes = np.zeros((len(loop), len(loop)))
        sent: dict[str, list[int]] = {}
        for row, item in enumerate(loop):
            sent.setdefault(item.sender.name, []).append(row)
        for column, item in enumerate(loop):
            rows = sent.get(item.receiver.name, [])
            if rows:
                following = [loop[row] for row in rows]
                slopes[rows, column] = (
                    stated[column].read(following)
                    if column in stated
                    else self._differences(item, following, state.scale[column])
                )
        return slopes

    def _differences(self, item: Coupling, following: Sequence[Coupling], scale: float) -> list[float]:
        """Return by how much ``following`` change with the input of ``item``, by changing it a little."""
        participant, target = item.receiver, item.target
        before = [other.value() for other in following]
        value = float(participant.inputs[target])
        maximum = participant.instance.description.variables[participant.input_names[target]].maximum
        size = DIFFERENCE * (scale if scale > SMALLEST_SCALE else 1.0)
        participant.inputs[target] = value - size if maximum is not None and value + size > maximum else value + size
        change = float(participant.inputs[target]) - value
        self._evaluate(participant)
        slopes = [(other.value() - old) / change for other, old in zip(following, before, strict=True)]
        participant.inputs[target] = value
        self._evaluate(participant)
        return slopes

    def _undetermined(self, loop: Sequence[Coupling]) -> ConvergenceError:
        names = ", ".join(f"{item.name} = {float(item.receiver.inputs[item.target]):.9g}" for item in loop[:MOST_NAMED])
        more = f" and {len(loop) - MOST_NAMED} more" if len(loop) > MOST_NAMED else ""
        return ConvergenceError(
            f"Cannot initialise the algebraic loop of {_members(loop)} at t = {to_seconds(loop[0].receiver.time):g} s: "
            f"it does not determine {names}{more}, which could change together without a contradiction. Let something "
            "else drive one of them, or break the loop with a state, such as a first-order lag.",
            component=loop[0].receiver.name,
            variable=loop[0].receiver.input_names[loop[0].target],
        )

    def _unsolved(self, loop: Sequence[Coupling], state: LoopState, *, is_singular: bool) -> ConvergenceError:
        at, n = to_seconds(loop[0].receiver.time), state.n_iterations
        advice = (
            "There the loop's equations depend on each other: any values contradict them, unless far from these. Let "
            "something else drive one of these inputs"
            if is_singular
            else "Give these inputs start values nearer to the solution under 'parameters'"
        )
        return ConvergenceError(
            f"Cannot initialise the algebraic loop of {_members(loop)} at t = {at:g} s: after {n} "
            f"{'iteration' if n == 1 else 'iterations'} the residual is {state.error:.3g} of the values' size, with "
            f"{self._solver.tolerance:g} allowed. {named_residuals([item.name for item in loop], state)}. {advice}, "
            "or break the loop with a state, such as a first-order lag.",
            component=loop[0].receiver.name,
            variable=loop[0].receiver.input_names[loop[0].target],
            details={"iterations": state.n_iterations, "tolerance": self._solver.tolerance},
        )


@dataclass(frozen=True, slots=True)
class Derivatives:
    """Tells by how much outputs change with an input, where the model does."""

    instance: AbstractDifferentiable
    outputs: VariableGroup
    input: VariableGroup

    def read(self, following: Sequence[Coupling]) -> list[float]:
        """Return the slopes of ``following``, which take the outputs in order."""
        slopes = np.empty(len(following))
        self.instance.directional_derivative(self.outputs, self.input, np.ones(1), slopes)
        return [
            0.0 if other.value() == other.least else other.factor * slope
            for other, slope in zip(following, slopes.tolist(), strict=True)
        ]


def _stated_derivatives(loop: Sequence[Coupling]) -> dict[int, Derivatives]:
    """Return where in ``loop`` models tell derivatives, by the index of the input.

    Only of outputs that depend on the input while running, too: what follows from it by an initial equation alone is
    not among the derivatives that FMUs give.
    """
    found: dict[int, Derivatives] = {}
    sent: dict[str, list[Coupling]] = {}
    for item in loop:
        sent.setdefault(item.sender.name, []).append(item)
    for i, item in enumerate(loop):
        participant, following = item.receiver, sent.get(item.receiver.name, [])
        instance, name = participant.instance, participant.input_names[item.target]
        description = instance.description
        if not isinstance(instance, AbstractDifferentiable) or not item.is_smooth:
            continue
        outputs = [participant.output_names[other.source] for other in following]
        is_told = description.capabilities.provides_directional_derivatives and all(
            name in description.feedthrough.get(output, ()) and description.variables[output].type in SMOOTH_TYPES
            for output in outputs
        )
        if outputs and is_told:
            found[i] = Derivatives(instance, instance.group(outputs), instance.group([name]))
    return found


def _members(loop: Sequence[Coupling]) -> str:
    names = [f"'{name}'" for name in dict.fromkeys(item.receiver.name for item in loop)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
