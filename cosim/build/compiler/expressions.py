"""Evaluate expressions of the flat model to values, for all points of a loop at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import casadi as ca
import numpy as np

from cosim.build.compiler import operators
from cosim.build.compiler.kernel import Symbols
from cosim.build.compiler.space import Ids
from cosim.build.compiler.values import SX, Points, Value, array_of, elementwise, is_number, settle
from cosim.build.frontend.flat import (
    ArrayOf,
    Binary,
    Builtin,
    Call,
    Colon,
    Comprehension,
    Conditional,
    Expression,
    Field,
    Indexed,
    Literal,
    Part,
    Range,
    Reference,
    Subscript,
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
        self._readers: dict[type, Callable[..., Value]] = {
            Literal: lambda node, environment: node.value,
            Reference: self._reference,
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

    def _reference(self, node: Reference, environment: Environment) -> Value:
        first = node.parts[0] if node.parts else Part(node.name, node.subscripts)
        if node.name in environment:
            return self.subscripted(environment[node.name], node.subscripts, environment)
        if first.name in environment:
            return self._local_field(node, environment)
        if node.name == "time":
            return self.symbols.of(self.symbols.space.time)
        return self._variable(node, environment)

    def _local_field(self, node: Reference, environment: Environment) -> Value:
        value = environment[node.parts[0].name]
        for position, part in enumerate(node.parts):
            if position:
                value = _member(value, part.name)
            value = self.subscripted(value, part.subscripts, environment)
        return value

    def _variable(self, node: Reference, environment: Environment) -> Value:
        for name, subscripts in self._spellings(node, environment):
            found = self._named(name, subscripts, environment)
            if found is not None:
                return found
        if any(part.subscripts for part in node.parts[:-1]):
            return self._component_member(node.parts, environment, self.names.ids)
        raise ModelError(f"The name {node.name} is not a variable, constant or enumeration literal of the model.")

    def _named(self, name: str, subscripts: tuple[Subscript, ...], environment: Environment) -> Value | None:
        constant = self.names.constant(name)
        if constant is not None:
            return self.subscripted(constant, subscripts, environment)
        ids = self.names.ids(name)
        if ids is not None:
            return self.symbols_of(ids, subscripts, environment)
        fields = self.names.record(name)
        if fields is None:
            return None
        return {field: self._variable(Reference(flat, (), ()), environment) for field, flat in fields.items()}

    def _spellings(self, node: Reference, environment: Environment) -> Sequence[tuple[str, tuple[Subscript, ...]]]:
        """List how the flat model may spell a reference: with component subscripts inside the name, or after it."""
        plain = [(node.name, node.subscripts)]
        if not any(part.subscripts for part in node.parts[:-1]):
            return plain
        owners = self._component_names(node.parts[:-1], environment)
        if len(owners) != 1:
            return plain
        last = node.parts[-1]
        return [*plain, (f"{owners[0]}.{last.name}", node.subscripts or last.subscripts)]

    def _component_names(self, parts: Sequence[Part], environment: Environment) -> list[str]:
        """Return the flat name of a component in an array: one for all points, or one for each."""
        names = [""]
        for part in parts:
            items = [self.value(item, environment) for item in part.subscripts if not isinstance(item, Colon)]
            if len(items) < len(part.subscripts) or any(isinstance(item, SX | np.ndarray) for item in items):
                raise ModelError(f"The components {part.name} are indexed by a slice or a variable. Use a for loop.")
            texts = [part.name]
            if items:
                width = self.symbols.n_points if any(isinstance(item, Points) for item in items) else 1
                columns = zip(*(_column(item, width) for item in items), strict=True)
                texts = [f"{part.name}[{','.join(str(int(index)) for index in column)}]" for column in columns]
            width = max(len(names), len(texts))
            names, texts = names * (width // len(names)), texts * (width // len(texts))
            names = [f"{name}.{text}" if name else text for name, text in zip(names, texts, strict=True)]
        return names

    def _component_member(
        self, parts: Sequence[Part], environment: Environment, lookup: Callable[[str], Ids | None]
    ) -> Value:
        """Look a member up in the component that belongs to each point."""
        last = parts[-1]
        names = [f"{owner}.{last.name}" for owner in self._component_names(parts[:-1], environment)]
        constants = [self.names.constant(name) for name in names]
        if all(is_number(item) for item in constants):
            return Points(np.array(constants)) if len(constants) > 1 else constants[0]
        found = [lookup(name) for name in names]
        shapes = {ids.shape for ids in found if ids is not None}
        if any(ids is None for ids in found) or len(shapes) != 1:
            raise ModelError(f"The name {names[0]} is not a variable of the model.")
        stacked = np.stack([ids for ids in found if ids is not None])
        if stacked.shape[0] == 1:
            return self.symbols_of(stacked[0], last.subscripts, environment)
        if stacked.ndim == 1:
            return self.symbols.of(stacked)
        every = np.empty(stacked.shape[1:], dtype=object)
        for index in np.ndindex(*every.shape):
            every[index] = self.symbols.of(stacked[(slice(None), *index)])
        return self.subscripted(every, last.subscripts, environment)

    def symbols_of(self, ids: Ids, subscripts: tuple[Subscript, ...], environment: Environment) -> Value:
        """Return the symbol of a variable's scalar, or an array of symbols."""
        index = self._indices(ids.shape, subscripts, environment)
        if any(isinstance(item, Points) for item in index):
            return self._symbols_at_points(ids, index)
        if any(isinstance(item, SX) for item in index):
            every = elementwise(self.symbols.of, ids.astype(object))
            return self._select(every, index)
        chosen = ids[operators.mesh(index, ids.shape)]
        if np.ndim(chosen) == 0:
            return self.symbols.of(int(chosen))
        return elementwise(self.symbols.of, chosen.astype(object))

    def _symbols_at_points(self, ids: Ids, index: Sequence[Value]) -> Value:
        """Look up one scalar per point; dimensions indexed by a range give an array of symbols."""
        n_points = self.symbols.n_points
        wide = [position for position, item in enumerate(index) if isinstance(item, np.ndarray | slice)]
        ranges = {position: np.arange(ids.shape[position])[index[position]] for position in wide}
        result = np.empty([len(ranges[position]) for position in wide], dtype=object)
        for choice in np.ndindex(*result.shape):
            picks = dict(zip(wide, choice, strict=True))
            columns = [
                np.full(n_points, ranges[position][picks[position]]) if position in picks else _column(item, n_points)
                for position, item in enumerate(index)
            ]
            result[choice] = self.symbols.of(ids[tuple(columns)])
        return result if wide else result[()]

    def _indices(
        self, shape: tuple[int, ...], subscripts: tuple[Subscript, ...], environment: Environment
    ) -> list[Value]:
        index: list[Value] = []
        for position, item in enumerate(subscripts):
            if isinstance(item, Colon):
                index.append(slice(None))
                continue
            value = self.value(item, {**environment, "end": shape[position]})
            index.append(operators.zero_based(value, shape[position]))
        return index + [slice(None)] * (len(shape) - len(index))

    def subscripted(self, value: Value, subscripts: tuple[Subscript, ...], environment: Environment) -> Value:
        """Apply subscripts to an array value."""
        if not subscripts:
            return value
        if not isinstance(value, np.ndarray):
            raise ModelError("Subscripts are applied to a scalar.")
        index = self._indices(value.shape, subscripts, environment)
        if any(isinstance(item, SX) for item in index):
            return self._select(value, index)
        if any(isinstance(item, Points) for item in index):
            return self._at_points(value, index)
        return value[operators.mesh(index, value.shape)]

    def _at_points(self, value: Value, index: Sequence[Value]) -> Value:
        """Index an array of numbers by one index per point; other arrays split the loop."""
        numeric = all(is_number(item) for item in value.ravel())
        if numeric and all(isinstance(item, Points) or is_number(item) for item in index):
            n_points = self.symbols.n_points
            columns = tuple(_column(item, n_points) for item in index)
            return Points(np.array([item for item in value[columns]]))
        return value[operators.mesh([settle(item) for item in index], value.shape)]

    def _select(self, value: Value, index: Sequence[Value]) -> Value:
        """Choose an element by an index known only at run time."""
        if len(index) != 1:
            raise ModelError("A matrix is indexed by a variable. Use a vector, or an if expression.")
        result: Value = value[0]
        for position in range(1, len(value)):
            hit = ca.eq(index[0], position)
            result = elementwise(lambda a, b, hit=hit: self._merge(hit, a, b), value[position], result)
        return result

    def _merge(self, condition: ca.SX, yes: Value, no: Value) -> ca.SX:
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
            result = elementwise(lambda yes, no, truth=truth: self._merge(truth, yes, no), value, result)
        return result

    def merge(self, condition: Value, yes: Value, no: Value) -> Value:
        """Choose between two values of one shape by a condition known only at run time."""
        return elementwise(lambda a, b: self._merge(condition, a, b), yes, no)

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
        path = _component_path(node)
        if path is not None and path[0].name not in environment and len(path) > 1:
            return self._component_member(path, environment, self.names.ids)
        return self.subscripted(self.value(node.base, environment), node.subscripts, environment)

    def _field(self, node: Field, environment: Environment) -> Value:
        path = _component_path(node)
        if path is not None and path[0].name not in environment:
            return self._component_member(path, environment, self.names.ids)
        return _member(self.value(node.base, environment), node.field)

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
        return self._twin(arguments[0], environment, self.names.derivative_ids, "der")

    def _pre_operator(self, arguments: Sequence[Expression], environment: Environment) -> Value:
        return self._twin(arguments[0], environment, self.names.pre_ids, "pre")

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

    def _twin(
        self, node: Expression, environment: Environment, lookup: Callable[[str], Ids | None], operator: str
    ) -> Value:
        """Evaluate ``der(reference)`` or ``pre(reference)``."""
        path = _component_path(node)
        if not isinstance(node, Reference) and path is not None:
            return self._component_member(path, environment, lookup)
        if not isinstance(node, Reference):
            raise ModelError(f"{operator}() of an expression is not supported. Introduce a variable for it.")
        for name, subscripts in self._spellings(node, environment):
            ids = lookup(name)
            if ids is not None:
                return self.symbols_of(ids, subscripts, environment)
            if operator == "pre" and self.names.constant(name) is not None:
                return self.value(node, environment)
        if any(part.subscripts for part in node.parts[:-1]):
            return self._component_member(node.parts, environment, lookup)
        raise ModelError(f"{operator}({node.name}) is not defined for this variable.", variable=node.name)


def _component_path(node: Expression) -> list[Part] | None:
    """Read ``c[i].u[j]`` that the front end spells as field accesses and subscripts; None for other expressions."""
    if isinstance(node, Reference):
        return list(node.parts) or [Part(node.name, node.subscripts)]
    if isinstance(node, Field):
        path = _component_path(node.base)
        return None if path is None else [*path, Part(node.field, ())]
    if isinstance(node, Indexed):
        path = _component_path(node.base)
        if path is None or path[-1].subscripts:
            return None
        return [*path[:-1], Part(path[-1].name, node.subscripts)]
    return None


def _column(item: Value, n_points: int) -> Ids:
    return item.values if isinstance(item, Points) else np.full(n_points, item)


def _member(value: Value, name: str) -> Value:
    if isinstance(value, dict) and name in value:
        return value[name]
    if isinstance(value, np.ndarray):
        return elementwise(lambda item: _member(item, name), value)
    raise ModelError(f"The record has no field {name}.")
