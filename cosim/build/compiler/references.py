"""References to variables: by name, by subscripts, into arrays of components, for all points of a loop at once."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import casadi as ca
import numpy as np

from cosim.build.compiler import operators
from cosim.build.compiler.space import Ids
from cosim.build.compiler.values import SX, Points, Value, elementwise, is_number, settle
from cosim.build.frontend.flat import Colon, Expression, Field, Indexed, Part, Reference, Subscript
from cosim.errors import ModelError

if TYPE_CHECKING:
    from cosim.build.compiler.expressions import Environment, Evaluator


class References:
    """Looks references up for an evaluator."""

    def __init__(self, evaluator: "Evaluator") -> None:
        self._evaluator = evaluator
        self._names = evaluator.names
        self._symbols = evaluator.symbols

    def value(self, node: Reference, environment: "Environment") -> Value:
        """Evaluate a reference."""
        first = node.parts[0] if node.parts else Part(node.name, node.subscripts)
        if node.name in environment:
            return self.subscripted(environment[node.name], node.subscripts, environment)
        if first.name in environment:
            return self._local_field(node, environment)
        if node.name == "time":
            return self._symbols.of(self._symbols.space.time)
        return self._variable(node, environment)

    def _local_field(self, node: Reference, environment: "Environment") -> Value:
        value = environment[node.parts[0].name]
        for position, part in enumerate(node.parts):
            if position:
                value = member_of(value, part.name)
            value = self.subscripted(value, part.subscripts, environment)
        return value

    def _variable(self, node: Reference, environment: "Environment") -> Value:
        for name, subscripts in self._spellings(node, environment):
            found = self._named(name, subscripts, environment)
            if found is not None:
                return found
        if any(part.subscripts for part in node.parts[:-1]):
            return self.member(node.parts, environment, self._names.ids)
        raise ModelError(f"The name {node.name} is not a variable, constant or enumeration literal of the model.")

    def _named(self, name: str, subscripts: tuple[Subscript, ...], environment: "Environment") -> Value | None:
        constant = self._names.constant(name)
        if constant is not None:
            return self.subscripted(constant, subscripts, environment)
        ids = self._names.ids(name)
        if ids is not None:
            return self.symbols_of(ids, subscripts, environment)
        fields = self._names.record(name)
        if fields is None:
            return None
        return {field: self._variable(Reference(flat, (), ()), environment) for field, flat in fields.items()}

    def _spellings(self, node: Reference, environment: "Environment") -> Sequence[tuple[str, tuple[Subscript, ...]]]:
        """List how the flat model may spell a reference: with component subscripts inside the name, or after it."""
        plain = [(node.name, node.subscripts)]
        if not any(part.subscripts for part in node.parts[:-1]):
            return plain
        owners = self._component_names(node.parts[:-1], environment)
        if len(owners) != 1:
            return plain
        last = node.parts[-1]
        return [*plain, (f"{owners[0]}.{last.name}", node.subscripts or last.subscripts)]

    def _component_names(self, parts: Sequence[Part], environment: "Environment") -> list[str]:
        """Return the flat name of a component in an array: one for all points, or one for each."""
        names = [""]
        for part in parts:
            items = [
                self._evaluator.value(item, environment) for item in part.subscripts if not isinstance(item, Colon)
            ]
            if len(items) < len(part.subscripts) or any(isinstance(item, SX | np.ndarray) for item in items):
                raise ModelError(f"The components {part.name} are indexed by a slice or a variable. Use a for loop.")
            texts = [part.name]
            if items:
                width = self._symbols.n_points if any(isinstance(item, Points) for item in items) else 1
                columns = zip(*(_column(item, width) for item in items), strict=True)
                texts = [f"{part.name}[{','.join(str(int(index)) for index in column)}]" for column in columns]
            width = max(len(names), len(texts))
            names, texts = names * (width // len(names)), texts * (width // len(texts))
            names = [f"{name}.{text}" if name else text for name, text in zip(names, texts, strict=True)]
        return names

    def member(self, parts: Sequence[Part], environment: "Environment", lookup: Callable[[str], Ids | None]) -> Value:
        """Look a member up in the component that belongs to each point."""
        last = parts[-1]
        names = [f"{owner}.{last.name}" for owner in self._component_names(parts[:-1], environment)]
        constants = [self._names.constant(name) for name in names]
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
            return self._symbols.of(stacked)
        every = np.empty(stacked.shape[1:], dtype=object)
        for index in np.ndindex(*every.shape):
            every[index] = self._symbols.of(stacked[(slice(None), *index)])
        return self.subscripted(every, last.subscripts, environment)

    def symbols_of(self, ids: Ids, subscripts: tuple[Subscript, ...], environment: "Environment") -> Value:
        """Return the symbol of a variable's scalar, or an array of symbols."""
        index = self._indices(ids.shape, subscripts, environment)
        if any(isinstance(item, Points) for item in index):
            return self._symbols_at_points(ids, index)
        if any(isinstance(item, SX) for item in index):
            every = elementwise(self._symbols.of, ids.astype(object))
            return self._select(every, index)
        chosen = ids[operators.mesh(index, ids.shape)]
        if np.ndim(chosen) == 0:
            return self._symbols.of(int(chosen))
        return elementwise(self._symbols.of, chosen.astype(object))

    def _symbols_at_points(self, ids: Ids, index: Sequence[Value]) -> Value:
        """Look up one scalar per point; dimensions indexed by a range give an array of symbols."""
        n_points = self._symbols.n_points
        wide = [position for position, item in enumerate(index) if isinstance(item, np.ndarray | slice)]
        ranges = {position: np.arange(ids.shape[position])[index[position]] for position in wide}
        result = np.empty([len(ranges[position]) for position in wide], dtype=object)
        for choice in np.ndindex(*result.shape):
            picks = dict(zip(wide, choice, strict=True))
            columns = [
                np.full(n_points, ranges[position][picks[position]]) if position in picks else _column(item, n_points)
                for position, item in enumerate(index)
            ]
            result[choice] = self._symbols.of(ids[tuple(columns)])
        return result if wide else result[()]

    def _indices(
        self, shape: tuple[int, ...], subscripts: tuple[Subscript, ...], environment: "Environment"
    ) -> list[Value]:
        index: list[Value] = []
        for position, item in enumerate(subscripts):
            if isinstance(item, Colon):
                index.append(slice(None))
                continue
            value = self._evaluator.value(item, {**environment, "end": shape[position]})
            index.append(operators.zero_based(value, shape[position]))
        return index + [slice(None)] * (len(shape) - len(index))

    def subscripted(self, value: Value, subscripts: tuple[Subscript, ...], environment: "Environment") -> Value:
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
            n_points = self._symbols.n_points
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
            result = elementwise(lambda a, b, hit=hit: self._evaluator.choose(hit, a, b), value[position], result)
        return result

    def twin(
        self, node: Expression, environment: "Environment", lookup: Callable[[str], Ids | None], operator: str
    ) -> Value:
        """Evaluate ``der(reference)`` or ``pre(reference)``."""
        path = component_path(node)
        if not isinstance(node, Reference) and path is not None:
            return self.member(path, environment, lookup)
        if not isinstance(node, Reference):
            raise ModelError(f"{operator}() of an expression is not supported. Introduce a variable for it.")
        for name, subscripts in self._spellings(node, environment):
            ids = lookup(name)
            if ids is not None:
                return self.symbols_of(ids, subscripts, environment)
            if operator == "pre" and self._names.constant(name) is not None:
                return self._evaluator.value(node, environment)
        if any(part.subscripts for part in node.parts[:-1]):
            return self.member(node.parts, environment, lookup)
        raise ModelError(f"{operator}({node.name}) is not defined for this variable.", variable=node.name)


def component_path(node: Expression) -> list[Part] | None:
    """Read ``c[i].u[j]`` that the front end spells as field accesses and subscripts; None for other expressions."""
    if isinstance(node, Reference):
        return _absolute(node)
    if isinstance(node, Field):
        path = component_path(node.base)
        return None if path is None else [*path, Part(node.field, ())]
    if isinstance(node, Indexed):
        path = component_path(node.base)
        if path is None or path[-1].subscripts:
            return None
        return [*path[:-1], Part(path[-1].name, node.subscripts)]
    return None


def _absolute(node: Reference) -> list[Part]:
    """Return the parts of a reference from the model's root; inside a component the front end leaves its name out."""
    if not node.parts:
        return [Part(node.name, node.subscripts)]
    written = ".".join(part.name for part in node.parts)
    owner = node.name.removesuffix(written) if node.name.endswith(f".{written}") else ""
    first, *rest = node.parts
    return [Part(owner + first.name, first.subscripts), *rest]


def _column(item: Value, n_points: int) -> Ids:
    return item.values if isinstance(item, Points) else np.full(n_points, item)


def member_of(value: Value, name: str) -> Value:
    """Return a field of a record, or of each record in an array."""
    if isinstance(value, dict) and name in value:
        return value[name]
    if isinstance(value, np.ndarray):
        return elementwise(lambda item: member_of(item, name), value)
    raise ModelError(f"The record has no field {name}.")
