"""Equations of the flat model as families: one pair of expressions for all points of a loop."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cosim.build.compiler.declarations import Declarations, Role
from cosim.build.compiler.expressions import Environment, Evaluator
from cosim.build.compiler.functions import outputs_of
from cosim.build.compiler.kernel import Kernel
from cosim.build.compiler.values import Points, SplitNeeded, Value, flatten
from cosim.build.frontend.flat import ArrayOf, Binary, Call, Equation, Expression, Family, Kind
from cosim.errors import ModelError


@dataclass(frozen=True, slots=True)
class EquationFamily:
    """``left = right`` for every point; ``solves`` are the scalars it must be solved for, where that is given.

    Those that compute parameters are kept apart: start values need them before there are states.
    """

    kernel: Kernel
    origin: str
    solves: NDArray[np.int64] | None = None
    is_parameter: bool = False


def equation_families(declarations: Declarations) -> list[EquationFamily]:
    """Compile the equations and the bindings of dependent parameters; equal single ones are joined."""
    flat = declarations.flat
    single = [item for equation in flat.equations for item in _single(declarations, equation)]
    loops = [item for family in flat.families for item in loop_families(declarations, family)]
    return joined([*_bindings(declarations), *single, *loops])


def initial_families(declarations: Declarations) -> list[EquationFamily]:
    """Compile the initial equations, with ``fixed=true`` starts of variables that are not states."""
    flat = declarations.flat
    single = [item for equation in flat.initial_equations for item in _single(declarations, equation)]
    loops = [item for family in flat.initial_families for item in loop_families(declarations, family)]
    return [*single, *loops, *_fixed_starts(declarations)]


def _single(declarations: Declarations, equation: Equation) -> list[EquationFamily]:
    evaluator = declarations.evaluator()
    try:
        pairs = _pairs(evaluator, equation.residual, {})
    except ModelError as error:
        raise _located(error, equation.origin) from error
    return [_family(evaluator, pair, equation.origin) for pair in pairs]


def _located(error: ModelError, origin: str) -> ModelError:
    if "In an equation" in error.message:
        return error
    text = f"{error.message} In an equation of {origin}."
    return ModelError(text, component=error.component, variable=error.variable, location=error.location)


def loop_families(declarations: Declarations, family: Family) -> Iterable[EquationFamily]:
    """Compile a ``for`` loop, apart for the points that take different paths through its if expressions."""
    points = np.array(list(itertools.product(*family.ranges)), dtype=np.int64)
    if not len(points):
        return
    for body in family.bodies:
        yield from _body_families(declarations, family, body, points)


def _body_families(
    declarations: Declarations, family: Family, body: Expression, points: NDArray[np.int64]
) -> Iterable[EquationFamily]:
    evaluator = declarations.evaluator(len(points))
    environment: Environment = {name: Points(points[:, column]) for column, name in enumerate(family.names)}
    try:
        pairs = _pairs(evaluator, body, environment)
    except SplitNeeded as split:
        for group in split.groups:
            yield from _body_families(declarations, family, body, points[group])
        return
    except ModelError as error:
        raise _located(error, family.origin) from error
    yield from (_family(evaluator, pair, family.origin) for pair in pairs)


def _pairs(evaluator: Evaluator, residual: Expression, environment: Environment) -> list[tuple[Value, Value]]:
    """Evaluate a residual to scalar pairs (left, right)."""
    if not (isinstance(residual, Binary) and residual.operator in ("Sub", "SubElem")):
        return [(item, 0.0) for item in flatten(evaluator.value(residual, environment))]
    if isinstance(residual.left, ArrayOf) and isinstance(residual.right, Call):
        outputs = outputs_of(evaluator, residual.right, environment)
        if len(outputs) > 1:
            lefts = [evaluator.value(element, environment) for element in residual.left.elements]
            return [pair for left, right in zip(lefts, outputs, strict=False) for pair in _zipped(left, right)]
    left = evaluator.value(residual.left, environment)
    right = evaluator.value(residual.right, environment)
    return _zipped(left, right)


def _zipped(left: Value, right: Value) -> list[tuple[Value, Value]]:
    lefts, rights = flatten(left), flatten(right)
    if len(lefts) == 1 or len(rights) == 1:
        width = max(len(lefts), len(rights))
        lefts, rights = lefts * (width // len(lefts)), rights * (width // len(rights))
    if len(lefts) != len(rights):
        raise ModelError(f"An equation has {len(lefts)} elements on the left and {len(rights)} on the right.")
    return list(zip(lefts, rights, strict=True))


def _family(
    evaluator: Evaluator, pair: tuple[Value, Value], origin: str, *, is_parameter: bool = False
) -> EquationFamily:
    symbols = evaluator.symbols
    kernel = symbols.kernel([symbols.symbolic(pair[0]), symbols.symbolic(pair[1])])
    return EquationFamily(kernel, origin, is_parameter=is_parameter)


def _bindings(declarations: Declarations) -> Iterable[EquationFamily]:
    """Compile the declaration equations of variables and of parameters that depend on others."""
    for variable in declarations.of_role(Role.DEPENDENT, Role.COMPUTED, Role.STATE):
        is_parameter = variable.variability == "Parameter"
        is_solved_at_start = is_parameter and declarations.roles[variable.name] is Role.STATE
        if variable.binding is not None and not is_solved_at_start:
            evaluator = declarations.evaluator(events=not is_parameter)
            ids = declarations.numbers[variable.name].ravel()
            value = evaluator.value(variable.binding, {})
            for number, (_, right) in zip(ids, _zipped(ids, value), strict=True):
                pair = (evaluator.symbols.of(int(number)), right)
                yield _family(evaluator, pair, f"declaration of {variable.name}", is_parameter=is_parameter)


def _fixed_starts(declarations: Declarations) -> Iterable[EquationFamily]:
    for variable in declarations.of_role(Role.COMPUTED):
        if variable.fixed and all(variable.fixed) and variable.start is not None and variable.kind is Kind.REAL:
            evaluator = declarations.evaluator(events=False)
            ids = declarations.numbers[variable.name].ravel()
            value = evaluator.value(variable.start, {})
            for number, (_, right) in zip(ids, _zipped(ids, value), strict=True):
                yield _family(evaluator, (evaluator.symbols.of(int(number)), right), f"start of {variable.name}")


def joined(families: Sequence[EquationFamily]) -> list[EquationFamily]:
    """Join families with equal expressions, as those of equal components, into one."""
    groups: dict[tuple[bool, str], list[EquationFamily]] = {}
    for family in families:
        groups.setdefault((family.is_parameter, family.kernel.signature()), []).append(family)
    return [_join(group) for group in groups.values()]


def _join(group: Sequence[EquationFamily]) -> EquationFamily:
    first = group[0]
    if len(group) == 1:
        return first
    ids = np.vstack([family.kernel.ids for family in group])
    kernel = Kernel(first.kernel.symbols, ids, first.kernel.expressions)
    return EquationFamily(kernel, first.origin, is_parameter=first.is_parameter)
