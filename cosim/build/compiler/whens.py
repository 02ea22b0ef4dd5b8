"""When clauses: discrete variables as equations, reinitialised states, messages and conditions."""

from collections.abc import Sequence
from dataclasses import dataclass

import casadi as ca
import numpy as np

from cosim.build.compiler.declarations import Declarations, Role
from cosim.build.compiler.equations import EquationFamily
from cosim.build.compiler.expressions import Evaluator
from cosim.build.compiler.kernel import Kernel, Symbols
from cosim.build.compiler.messages import message_text
from cosim.build.compiler.space import Ids, Origin
from cosim.build.compiler.values import SX, Value, elementwise, flatten
from cosim.build.frontend.flat import (
    ArrayOf,
    Assertion,
    Assignment,
    Builtin,
    Expression,
    Reference,
    Reinitialisation,
    Termination,
    When,
    WhenBranch,
)
from cosim.build.frontend.walk import nodes
from cosim.build.model import Message
from cosim.errors import ModelError


@dataclass(frozen=True, slots=True)
class Reinit:
    """A state's value after the event."""

    state: int
    kernel: Kernel


@dataclass(frozen=True, slots=True)
class WhenSystem:
    """Everything that the when clauses of a model do."""

    equations: tuple[EquationFamily, ...]
    reinits: tuple[Reinit, ...]
    conditions: tuple[Kernel, ...]
    fired: tuple[Kernel, ...]
    messages: tuple[Message, ...]


def when_system(declarations: Declarations) -> WhenSystem:
    """Compile every when clause."""
    builder = _Builder(declarations)
    for when in declarations.flat.whens:
        builder.add(when)
    builder.keep_the_others()
    return builder.system()


class _Builder:
    def __init__(self, declarations: Declarations) -> None:
        self._declarations = declarations
        self._equations: list[EquationFamily] = []
        self._reinits: list[Reinit] = []
        self._conditions: list[Kernel] = []
        self._fired: list[Kernel] = []
        self._messages: list[Message] = []
        self._assigned: dict[int, int] = {}

    def system(self) -> WhenSystem:
        return WhenSystem(
            tuple(self._equations),
            tuple(self._reinits),
            tuple(self._conditions),
            tuple(self._fired),
            tuple(self._messages),
        )

    def add(self, when: When) -> None:
        """Compile one when with its elsewhen branches; the first that becomes true is taken."""
        evaluator = self._declarations.evaluator()
        clause = _Clause(evaluator)
        taken = SX(0)
        for branch in when.branches:
            becomes = self._becomes_true(branch, evaluator)
            fires = ca.logic_and(becomes, ca.logic_not(taken))
            taken = ca.logic_or(taken, becomes)
            for item in branch.statements:
                self._statement(item, fires, clause)
        self._close(clause)

    def _becomes_true(self, branch: WhenBranch, evaluator: Evaluator) -> ca.SX:
        node = branch.condition
        elements = node.elements if isinstance(node, ArrayOf) else (node,)
        result = SX(0)
        for element in elements:
            result = ca.logic_or(result, self._element_becomes_true(element, evaluator))
        return result

    def _element_becomes_true(self, element: Expression, evaluator: Evaluator) -> ca.SX:
        symbols = evaluator.symbols
        initial = symbols.of(symbols.space.initial)
        if isinstance(element, Builtin) and element.function == "Initial":
            return initial
        if isinstance(element, Builtin) and element.function == "Sample":
            start, interval = (_scalar(evaluator.value(argument, {})) for argument in element.arguments[-2:])
            fires = self._declarations.relations.sample_fires(symbols, start, interval)
            self._before(fires, symbols)
            return fires
        now = symbols.symbolic(_scalar(evaluator.value(element, {})))
        before = self._before(now, symbols)
        if any(isinstance(item, Builtin) and item.function == "Initial" for item in nodes(element)):
            return ca.logic_and(now, ca.logic_or(initial, ca.logic_not(before)))
        return ca.logic_and(ca.logic_and(now, ca.logic_not(before)), ca.logic_not(initial))

    def _before(self, condition: ca.SX, symbols: Symbols) -> ca.SX:
        """Enter a condition into the vector that the runtime keeps; return its value before the event."""
        self._conditions.append(symbols.kernel([condition]))
        name = f"condition {len(self._conditions)}"
        return symbols.of(int(symbols.space.allocate(Origin.CONDITION, [name])[0]))

    def _statement(self, item: object, fires: ca.SX, clause: "_Clause") -> None:
        if isinstance(item, Assignment):
            for target, value in self._targets(item, clause.evaluator):
                clause.assign(target, fires, value)
        elif isinstance(item, Reinitialisation):
            clause.reinit(self._state(item.state), fires, item.value)
        elif isinstance(item, Assertion | Termination):
            self._message(item, fires, clause.evaluator)
        else:
            raise ModelError(f"A when holds a {type(item).__name__}, which is not supported. Use if expressions.")

    def _targets(self, item: Assignment, evaluator: Evaluator) -> list[tuple[int, Value]]:
        if len(item.targets) != 1 or item.targets[0] is None:
            raise ModelError("A when assigns several variables from one function call. Assign them one by one.")
        ids = self._ids(item.targets[0])
        value = evaluator.value(item.value, {})
        values = flatten(elementwise(lambda scalar: scalar, value))
        if len(values) not in (1, ids.size):
            raise ModelError(f"{item.targets[0].name} is assigned an array of another size in a when.")
        return list(zip(map(int, ids.ravel()), values * (ids.size // len(values)), strict=True))

    def _ids(self, target: Reference) -> Ids:
        ids = self._declarations.ids(target.name)
        if ids is None or self._declarations.roles[target.name] is not Role.DISCRETE:
            raise ModelError(
                f"{target.name} is assigned in a when, but it is not a discrete variable.", variable=target.name
            )
        return ids

    def _state(self, target: Reference) -> int:
        ids = self._declarations.ids(target.name)
        if ids is None or self._declarations.roles[target.name] is not Role.STATE:
            raise ModelError(f"reinit({target.name}, …): {target.name} is not a state.", variable=target.name)
        if ids.size != 1:
            raise ModelError(
                f"reinit of the array {target.name} is not supported. Reinitialise scalars.", variable=target.name
            )
        return int(ids.ravel()[0])

    def _message(self, item: Assertion | Termination, fires: ca.SX, evaluator: Evaluator) -> None:
        text = message_text(item.message, evaluator)
        if isinstance(item, Assertion):
            holds = evaluator.symbols.symbolic(evaluator.without_events().value(item.condition, {}))
            fires = ca.logic_and(fires, ca.logic_not(holds))
        level = item.level if isinstance(item, Assertion) else "terminate"
        self._messages.append(Message(level, text))
        self._fired.append(evaluator.symbols.kernel([fires]))

    def _close(self, clause: "_Clause") -> None:
        symbols = clause.evaluator.symbols
        for number, branches in clause.assignments.items():
            if number in self._assigned:
                name = symbols.space.name(number)
                raise ModelError(f"{name} is assigned in two when clauses. Join them with elsewhen.", variable=name)
            self._assigned[number] = len(self._equations)
            position = symbols.space.positions()[number]
            before = symbols.of(self._pre_number(number, int(position)))
            value = _chosen(branches, before, symbols.symbolic)
            if ca.depends_on(value, symbols.of(number)):
                name = symbols.space.name(number)
                raise ModelError(
                    f"{name} is assigned in a when from itself. Write pre({name}) on the right.", variable=name
                )
            kernel = symbols.kernel([symbols.of(number), value])
            self._equations.append(EquationFamily(kernel, "when", np.array([number])))
        for number, branches in clause.reinits.items():
            value = _chosen(branches, symbols.of(number), symbols.symbolic)
            self._reinits.append(Reinit(number, symbols.kernel([value])))

    def _pre_number(self, number: int, position: int) -> int:
        space = self._declarations.space
        return int(np.flatnonzero((space.origins() == Origin.PRE) & (space.positions() == position))[0])

    def keep_the_others(self) -> None:
        """Give the discrete elements that no when assigns their own value."""
        for variable in self._declarations.of_role(Role.DISCRETE):
            for number in self._declarations.numbers[variable.name].ravel():
                if int(number) not in self._assigned:
                    raise ModelError(
                        f"Element {self._declarations.space.name(int(number))} is never assigned.",
                        variable=variable.name,
                    )


class _Clause:
    """What one when chain assigns, per scalar in the order of its branches."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.assignments: dict[int, list[tuple[ca.SX, Value]]] = {}
        self.reinits: dict[int, list[tuple[ca.SX, Value]]] = {}

    def assign(self, number: int, fires: ca.SX, value: Value) -> None:
        self.assignments.setdefault(number, []).append((fires, value))

    def reinit(self, number: int, fires: ca.SX, value: Expression) -> None:
        result = _scalar(self.evaluator.value(value, {}))
        self.reinits.setdefault(number, []).append((fires, result))


def _scalar(value: Value) -> Value:
    items: Sequence[Value] = flatten(value)
    if len(items) != 1:
        raise ModelError("A when condition or reinit value is an array.")
    return items[0]


def _chosen(branches: Sequence[tuple[ca.SX, Value]], otherwise: ca.SX, symbolic: object) -> ca.SX:
    result = otherwise
    for fires, value in reversed(branches):
        result = ca.if_else(fires, symbolic(value), result)  # type: ignore[operator]
    return result
