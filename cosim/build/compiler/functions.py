"""Calls of user-defined functions, unrolled into the expression that calls them."""

from collections.abc import Mapping, Sequence

import numpy as np

from cosim.build.compiler import operators
from cosim.build.compiler.expressions import Environment, Evaluator
from cosim.build.compiler.values import SX, Value, settle
from cosim.build.frontend.flat import (
    Assignment,
    Branching,
    Call,
    Colon,
    Expression,
    ForLoop,
    Function,
    FunctionVariable,
    Jump,
    Reference,
    Statement,
)
from cosim.errors import ModelError

_C_LIBRARY = {"sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "log10", "sqrt"}


def call(functions: Mapping[str, Function], evaluator: Evaluator, node: Call, environment: Environment) -> list[Value]:
    """Return the outputs of ``node``; the body is evaluated with the arguments' values, without events."""
    arguments = [evaluator.value(argument, environment) for argument in node.arguments]
    function = functions.get(node.function)
    if function is None:
        return _undeclared(node.function, arguments, evaluator)
    if function.external_name in _C_LIBRARY and len(arguments) == 1 and len(function.outputs) == 1:
        return [operators.builtin(function.external_name.capitalize(), arguments, evaluator.symbols)]
    if function.is_external:
        raise ModelError(
            f"The function {function.name} is external, which is not supported. Write its algorithm in Modelica."
        )
    if shape := _beyond(function, arguments):
        return _for_each_element(functions, evaluator, function, arguments, shape)
    return _called(functions, evaluator, function, arguments)


def _beyond(function: Function, arguments: Sequence[Value]) -> tuple[int, ...]:
    """Return the dimensions that arguments have beyond those that the function declares: it is called for each."""
    found: set[tuple[int, ...]] = set()
    for item, value in zip(function.inputs, arguments, strict=False):
        if isinstance(value, np.ndarray) and value.ndim > len(item.shape):
            found.add(value.shape[: value.ndim - len(item.shape)])
    if len(found) > 1:
        raise ModelError(f"The function {function.name} is called with arrays of different sizes {sorted(found)}.")
    return found.pop() if found else ()


def _for_each_element(
    functions: Mapping[str, Function],
    evaluator: Evaluator,
    function: Function,
    arguments: Sequence[Value],
    shape: tuple[int, ...],
) -> list[Value]:
    if function.is_constructor or len(function.outputs) != 1:
        raise ModelError(f"The function {function.name} has not one output, and is called with arrays. Use a for loop.")
    rows = np.empty(shape, dtype=object)
    ranks = [len(item.shape) for item in function.inputs]
    for index in np.ndindex(*shape):
        chosen = [
            value[index] if isinstance(value, np.ndarray) and value.ndim > rank else value
            for value, rank in zip(arguments, ranks, strict=False)
        ]
        (rows[index],) = _called(functions, evaluator, function, chosen)
    if not function.outputs[0].shape:
        return [rows]
    return [np.stack(list(rows.ravel())).reshape(*shape, *rows.ravel()[0].shape)]


def _called(
    functions: Mapping[str, Function], evaluator: Evaluator, function: Function, arguments: Sequence[Value]
) -> list[Value]:
    inner = evaluator.without_events()
    local = _arguments(function, arguments, inner)
    if function.is_constructor or not function.outputs:
        return [{item.name: local[item.name] for item in function.inputs}]
    for item in (*function.outputs, *function.local_variables):
        local[item.name] = _initial(item, inner, local)
    _Body(functions, inner).run(_without_final_return(function), local)
    return [local[item.name] for item in function.outputs]


def _undeclared(name: str, arguments: Sequence[Value], evaluator: Evaluator) -> list[Value]:
    plain = name.rsplit(".", 1)[-1]
    if plain in _C_LIBRARY:
        return [operators.builtin(plain.capitalize(), arguments, evaluator.symbols)]
    raise ModelError(f"The function {name} is not defined, or the front end could not resolve it.")


def _arguments(function: Function, arguments: Sequence[Value], evaluator: Evaluator) -> Environment:
    local: Environment = {}
    if len(arguments) > len(function.inputs):
        raise ModelError(f"The function {function.name} is called with too many arguments.")
    for item, value in zip(function.inputs, arguments, strict=False):
        local[item.name] = value
    for item in function.inputs[len(arguments) :]:
        if item.default is None:
            raise ModelError(f"The function {function.name} is called without its argument {item.name}.")
        local[item.name] = evaluator.value(item.default, local)
    return local


def _initial(item: FunctionVariable, evaluator: Evaluator, local: Environment) -> Value:
    if item.default is not None:
        return evaluator.value(item.default, local)
    if not item.shape or any(isinstance(extent, Colon) for extent in item.shape):
        return 0.0
    extents = [settle(evaluator.value(extent, local)) for extent in item.shape if not isinstance(extent, Colon)]
    result = np.empty([int(extent) for extent in extents], dtype=object)
    result.fill(0.0)
    return result


def _without_final_return(function: Function) -> tuple[Statement, ...]:
    body = function.body
    return body[:-1] if body and isinstance(body[-1], Jump) else body


class _Body:
    """Runs the statements of a function on values; branches on variables are merged by a choice of each result."""

    def __init__(self, functions: Mapping[str, Function], evaluator: Evaluator) -> None:
        self._functions = functions
        self._evaluator = evaluator

    def run(self, body: Sequence[Statement], local: Environment) -> None:
        """Run ``body``, changing ``local``."""
        for item in body:
            if isinstance(item, Assignment):
                self._assign(item, local)
            elif isinstance(item, ForLoop):
                self._loop(item, local)
            elif isinstance(item, Branching):
                self._branch(item, local)
            elif type(item).__name__ == "Assertion":
                continue
            else:
                raise ModelError(
                    f"{type(item).__name__} in the middle of a function is not supported. Use if and else."
                )

    def _assign(self, item: Assignment, local: Environment) -> None:
        if len(item.targets) == 1 and item.targets[0] is not None:
            self._store(item.targets[0], self._evaluator.value(item.value, local), local)
            return
        if not isinstance(item.value, Call):
            raise ModelError("Several targets are assigned from something that is not a function call.")
        outputs = self._evaluator.names.call(self._evaluator, item.value, local)
        for target, value in zip(item.targets, outputs, strict=False):
            if target is not None:
                self._store(target, value, local)

    def _store(self, target: Reference, value: Value, local: Environment) -> None:
        name = target.parts[0].name if target.parts else target.name
        if len(target.parts) > 1:
            record = dict(local[name]) if isinstance(local.get(name), dict) else {}
            record[target.parts[1].name] = value
            local[name] = record
            return
        if not target.subscripts:
            local[name] = value
            return
        index = [
            slice(None) if isinstance(item, Colon) else int(settle(self._evaluator.value(item, local))) - 1
            for item in target.subscripts
        ]
        changed = local[name].copy()
        changed[tuple(index)] = value
        local[name] = changed

    def _loop(self, item: ForLoop, local: Environment) -> None:
        (name, items), rest = item.indices[0], item.indices[1:]
        values = self._evaluator.value(items, local)
        for value in values:
            local[name] = value
            if rest:
                self._loop(ForLoop(rest, item.body), local)
            else:
                self.run(item.body, local)
        local.pop(name, None)

    def _branch(self, item: Branching, local: Environment) -> None:
        taken: list[tuple[Value, Environment]] = []
        for condition, body in item.branches:
            truth = settle(self._evaluator.value(condition, local))
            if not isinstance(truth, SX) and not truth:
                continue
            branch = dict(local)
            self.run(body, branch)
            taken.append((truth, branch))
            if not isinstance(truth, SX):
                break
        else:
            branch = dict(local)
            self.run(item.otherwise, branch)
            taken.append((True, branch))
        result = taken.pop()[1]
        for truth, branch in reversed(taken):
            result = self._merged(truth, branch, result)
        local.update(result)

    def _merged(self, truth: Value, yes: Environment, no: Environment) -> Environment:
        result = dict(no)
        for name in yes.keys() & no.keys():
            if yes[name] is not no[name]:
                result[name] = self._evaluator.merge(truth, yes[name], no[name])
        return result


def outputs_of(evaluator: Evaluator, node: Expression, environment: Environment) -> list[Value]:
    """Return all outputs where ``node`` is a call, else its one value."""
    if isinstance(node, Call):
        return evaluator.names.call(evaluator, node, environment)
    return [evaluator.value(node, environment)]
