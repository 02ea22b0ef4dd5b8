"""Numeric values of parameters, constants and attributes as the sources give them."""

import math

import numpy as np

from cosim.build.compiler import functions
from cosim.build.compiler.expressions import Environment, Evaluator
from cosim.build.compiler.kernel import Symbols
from cosim.build.compiler.space import Ids, Space
from cosim.build.compiler.values import SX, Value, elementwise
from cosim.build.frontend.flat import Call, Expression, FlatModel, Kind, Variable
from cosim.errors import ModelError


class Defaults:
    """Evaluates with every parameter at the value that its declaration gives it."""

    def __init__(self, flat: FlatModel) -> None:
        self._flat = flat
        self._values: dict[str, Value] = {}
        self._busy: list[str] = []
        self._evaluator = Evaluator(self, Symbols(Space(), 1), events=False)
        self._records: dict[str, dict[str, str]] = {}
        for name in flat.variables:
            owner, _, field = name.rpartition(".")
            self._records.setdefault(owner, {})[field] = name

    def value(self, name: str) -> Value:
        """Return the value of a parameter or constant, in its shape.

        Raises
        ------
        ModelError
            Parameters define one another in a circle, or one depends on a variable.
        """
        if name not in self._values:
            if name in self._busy:
                circle = " → ".join([*self._busy[self._busy.index(name) :], name])
                raise ModelError(
                    f"Parameters define one another in a circle: {circle}. Give one of them a number.", variable=name
                )
            self._busy.append(name)
            variable = self._flat.variables[name]
            binding = variable.binding if variable.binding is not None else variable.start
            value = _zero(variable) if binding is None else self.evaluate(binding)
            self._values[name] = in_shape(value, variable)
            self._busy.pop()
        return self._values[name]

    def evaluate(self, node: Expression) -> Value:
        """Evaluate an attribute or a binding."""
        return elementwise(_number, self._evaluator.value(node, {}))

    def attribute(self, node: Expression | None, variable: Variable) -> list[float] | None:
        """Evaluate an attribute for every element of a variable, or None where there is none."""
        if node is None:
            return None
        value = in_shape(self.evaluate(node), variable)
        return [float(item) for item in (value.ravel() if isinstance(value, np.ndarray) else [value])]

    def constant(self, name: str) -> Value | None:
        """Return the value behind a name."""
        variable = self._flat.variables.get(name)
        if variable is None:
            return self._flat.literals.get(name)
        return self.value(name) if variable.variability in ("Parameter", "Constant") else None

    def ids(self, name: str) -> Ids | None:
        """Refuse variables: an attribute is a number."""
        if name in self._flat.variables:
            raise ModelError(f"A parameter, start value or bound depends on the variable {name}.", variable=name)
        return None

    derivative_ids = ids
    pre_ids = ids

    def record(self, name: str) -> dict[str, str] | None:
        """Return the fields of a record variable."""
        return self._records.get(name)

    def relation(self, symbols: Symbols, difference: SX, *, is_strict: bool) -> SX:
        """Refuse: numbers are compared as numbers."""
        raise ModelError("A parameter is compared with a variable.")

    def sample(self, symbols: Symbols, start: Value, interval: Value) -> SX:
        """Refuse."""
        raise ModelError("sample() is used outside a when condition.")

    def call(self, evaluator: Evaluator, call: Call, environment: Environment) -> list[Value]:
        """Return the outputs of a user-defined function."""
        return functions.call(self._flat.functions, evaluator, call, environment)


def _number(item: Value) -> Value:
    if isinstance(item, SX):
        item = float(item)
    if isinstance(item, float) and math.isnan(item):
        raise ModelError("A parameter or attribute evaluates to not-a-number.")
    return item


def _zero(variable: Variable) -> Value:
    return {Kind.BOOLEAN: False, Kind.STRING: "", Kind.ENUMERATION: 1, Kind.INTEGER: 0}.get(variable.kind, 0.0)


def in_shape(value: Value, variable: Variable) -> Value:
    """Repeat a scalar over an array variable (``each``), or check the shape."""
    if not variable.dimensions:
        return value.ravel()[0] if isinstance(value, np.ndarray) and value.size == 1 else value
    if isinstance(value, np.ndarray):
        if value.shape != variable.dimensions:
            raise ModelError(
                f"{variable.name} has size {list(variable.dimensions)}, but its value has size {list(value.shape)}.",
                variable=variable.name,
            )
        return value
    result = np.empty(variable.dimensions, dtype=object)
    result.fill(value)
    return result
