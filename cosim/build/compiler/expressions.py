"""Evaluate expressions of the flat model to values, for all points of a loop at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import casadi as ca
import numpy as np

from cosim.build.compiler import operators
from cosim.build.compiler.kernel import Symbols
from cosim.build.compiler.references import References, component_path, member_of
from cosim.build.compiler.space import Ids
from cosim.build.compiler.values import SX, Value, array_of, elementwise, is_number, settle
from cosim.build.frontend.flat import (
    ArrayOf,
    Binary,
    Builtin,
    Call,
    Comprehension,
    Conditional,
    Expression,
    Field,
    Indexed,
    Literal,
    Range,
    Reference,
    Unary,
)
from cosim.errors import ModelError

Environment = dict[str, Value]


class Names(Protocol):
    """What an expression may refer to."""

    def constant(self, name: str) -> Value | None:
        """Return the value of a constant, an enumeration literal or a structural parameter."""

    def ids(self, name: str) -> Ids | None:
        """Return the numbers of a variable's scalars, in its shape."""

    def derivative_ids(self, name: str) -> Ids | None:
        """Return the numbers of a state's derivatives."""

    def pre_ids(self, name: str) -> Ids | None:
        """Return the numbers of a variable's values before the event."""

    def record(self, name: str) -> Mapping[str, str] | None:
        """Return the fields of a record variable: field name → flat variable name."""

    def relation(self, symbols: Symbols, difference: ca.SX, *, is_strict: bool) -> ca.SX:
        """Return the frozen truth of ``difference > 0`` (or ``>= 0``)."""

    def sample(self, symbols: Symbols, start: Value, interval: Value) -> ca.SX:
        """Return the truth that a sample instant has come."""

    def call(self, evaluator: "Evaluator", call: Call, environment: Environment) -> list[Value]:
        """Return the outputs of a user-defined function."""


class Evaluator:
    """Evaluates expressions with the symbols of one equation; ``events`` is False where relations are not events."""

    def __init__(self, names: Names, symbols: Symbols, *, events: bool = True) -> None:
        self.names = names
        self.symbols = symbols
        self.events = events
        self.references = References(self)
        self._readers: dict[type, Callable[..., Value]] = {
            Literal: lambda node, environment: node.value,
            Reference: self.references.value,
            Unary: self._unary,
            Binary: self._binary,
            Conditional: self._conditional,
            ArrayOf: self._array,
            Range: self._range,
            Comprehension: self._comprehension,
            Builtin: self._builtin,
            Call: lambda node, environment: self.names.call(self, node, environment)[0],
            Indexed: self._indexed,
            Field: self._field,
        }

    def value(self, node: Expression, environment: Environment) -> Value:
        """Evaluate ``node``; ``environment`` holds loop indices, function variables and arguments."""
        return self._readers[type(node)](node, environment)

    def without_events(self) -> "Evaluator":
        """Return the evaluator to use inside ``noEvent`` and functions."""
        return self if not self.events else Evaluator(self.names, self.symbols, events=False)

    def choose(self, condition: ca.SX, yes: Value, no: Value) -> ca.SX:
        """Choose between two scalars by a condition known only at run time."""
        return ca.if_else(condition, self.symbols.symbolic(yes), self.symbols.symbolic(no))

    def _unary(self, node: Unary, environment: Environment) -> Value:
        return elementwise(
            lambda item: operators.unary(node.operator, item, self.symbols), self.value(node.operand, environment)
        )

    def _binary(self, node: Binary, environment: Environment) -> Value:
        left, right = self.value(node.left, environment), self.value(node.right, environment)
        if isinstance(left, str) or isinstance(right, str):
            return operators.text(node.operator, left, right)
        if isinstance(left, dict) and isinstance(right, dict):
            return {
                key: elementwise(lambda a, b: operators.subtract(a, b, self.symbols), left[key], right[key])
                for key in left
            }
        return operators.binary(node.operator, left, right, self)

    def compare(self, operator: str, left: Value, right: Value) -> Value:
        """Compare scalars; a comparison that can change between events is frozen as a relation."""
        if not isinstance(left, SX) and not isinstance(right, SX):
            return operators.compare_numbers(operator, left, right)
        a, b = self.symbols.symbolic(left), self.symbols.symbolic(right)
        if operator in ("Eq", "Neq", "Ne"):
            return ca.eq(a, b) if operator == "Eq" else ca.ne(a, b)
        difference = a - b if operator in ("Gt", "Ge") else b - a
        is_strict = operator in ("Gt", "Lt")
        if self.events and self._is_continuous(difference):
            return self.names.relation(self.symbols, difference, is_strict=is_strict)
        return difference > 0 if is_strict else difference >= 0

    def _is_continuous(self, expression: ca.SX) -> bool:
        kernel = self.symbols.kernel([expression])
        return self.symbols.space.is_continuous(np.unique(kernel.ids))

    def _conditional(self, node: Conditional, environment: Environment) -> Value:
        open_branches: list[tuple[ca.SX, Value]] = []
        result: Value = None
        for condition, value in node.branches:
            truth = settle(self.value(condition, environment))
            if isinstance(truth, SX):
                open_branches.append((truth, self.value(value, environment)))
            elif truth:
                result = self.value(value, environment)
                break
        else:
            result = self.value(node.otherwise, environment)
        for truth, value in reversed(open_branches):
            result = elementwise(lambda yes, no, truth=truth: self.choose(truth, yes, no), value, result)
        return result

    def merge(self, condition: Value, yes: Value, no: Value) -> Value:
        """Choose between two values of one shape by a condition known only at run time."""
        return elementwise(lambda a, b: self.choose(condition, a, b), yes, no)

    def _array(self, node: ArrayOf, environment: Environment) -> Value:
        return array_of([self.value(element, environment) for element in node.elements])

    def _range(self, node: Range, environment: Environment) -> Value:
        start, stop = settle(self.value(node.start, environment)), settle(self.value(node.stop, environment))
        step = 1 if node.step is None else settle(self.value(node.step, environment))
        if not all(is_number(item) for item in (start, stop, step)):
            raise ModelError("The bounds of a range depend on a variable. Use constants or structural parameters.")
        count = int(np.floor((stop - start) / step + 1e-9)) + 1
        return array_of([start + index * step for index in range(max(count, 0))])

    def _comprehension(self, node: Comprehension, environment: Environment) -> Value:
        (name, items), rest = node.indices[0], node.indices[1:]
        body: Expression = Comprehension(node.body, rest) if rest else node.body
        values = self.value(items, environment)
        return array_of([self.value(body, {**environment, name: item}) for item in values])

    def _indexed(self, node: Indexed, environment: Environment) -> Value:
        path = component_path(node)
        if path is not None and path[0].name not in environment and len(path) > 1:
            return self.references.member(path, environment, self.names.ids)
        return self.references.subscripted(self.value(node.base, environment), node.subscripts, environment)

    def _field(self, node: Field, environment: Environment) -> Value:
        path = component_path(node)
        if path is not None and path[0].name not in environment:
            return self.references.member(path, environment, self.names.ids)
        return member_of(self.value(node.base, environment), node.field)

    def _builtin(self, node: Builtin, environment: Environment) -> Value:
        special = getattr(self, f"_{node.function.lower()}_operator", None)
        if special is not None:
            return special(node.arguments, environment)
        arguments = [self.value(argument, environment) for argument in node.arguments]
        return operators.builtin(node.function, arguments, self.symbols)

    def _noevent_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        return self.without_events().value(arguments[0], environment)

    def _smooth_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        return self.without_events().value(arguments[1], environment)

    def _homotopy_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        return self.value(arguments[0], environment)

    def _initial_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        return self.symbols.of(self.symbols.space.initial)

    def _terminal_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        raise ModelError("terminal() is not supported: an FMU learns too late that it ends. Use a when on time.")

    def _delay_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        raise ModelError(
            "delay() is not supported. Approximate it by a chain of first-order lags (tanks in series), or put the "
            "delay into the connection between two FMUs."
        )

    def _der_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        return self.references.twin(arguments[0], environment, self.names.derivative_ids, "der")

    def _pre_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        return self.references.twin(arguments[0], environment, self.names.pre_ids, "pre")

    def _edge_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        now, before = self.value(arguments[0], environment), self._pre_operator(arguments, environment)
        return elementwise(lambda a, b: ca.logic_and(self.symbols.symbolic(a), ca.logic_not(b)), now, before)

    def _change_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        now, before = self.value(arguments[0], environment), self._pre_operator(arguments, environment)
        return elementwise(lambda a, b: ca.ne(self.symbols.symbolic(a), b), now, before)

    def _sample_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        start, interval = (self.value(argument, environment) for argument in arguments[-2:])
        return self.names.sample(self.symbols, start, interval)

    def _size_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        shape = np.shape(self.value(arguments[0], environment))
        if len(arguments) == 1:
            return array_of(list(shape))
        return shape[int(settle(self.value(arguments[1], environment))) - 1]
