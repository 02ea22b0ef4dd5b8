"""Factors as written → factors with distributions in numbers, checked against the scenario."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from cosim.errors import CosimError, StructureError
from cosim.scenario.bind import Bound
from cosim.scenario.document import Scalar
from cosim.scenario.lookup import check_limits, convert_value
from cosim.scenario.reading import Problems
from cosim.study.distributions import AbstractDistribution, Choice, Lognormal, LogUniform, Normal, Triangular, Uniform
from cosim.study.model import CorrelationEntry, FactorEntry
from cosim.study.problem import Array, Factor
from cosim.study.targets import Target, find_target
from cosim.system.nearest import nearest
from cosim.system.variable import Causality, Variability, Variable, VariableName, VariableType
from cosim.units import conversion, parse_quantity, read_unit

_KEYS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "uniform": (("from", "to"), ()),
    "log_uniform": (("from", "to"), ()),
    "normal": (("mean", "sd"), ("from", "to")),
    "lognormal": (("median", "gsd"), ()),
    "triangular": (("from", "mode", "to"), ()),
}
"""Keys that a distribution needs, and those it may have."""
_USAGE: Final = "Write {from: …, to: …}, {mean: …, sd: …} or {values: […]}."
_TIME: Final = Variable("", Causality.PARAMETER, unit="s", minimum=0.0)
_VOLUME: Final = Variable("", Causality.PARAMETER, unit="m3", minimum=0.0)

Drivers = Mapping[VariableName, str]


def bind_factors(
    entries: Sequence[FactorEntry], bound: Bound, drivers: Drivers, problems: Problems
) -> tuple[Factor, ...]:
    """Look up and convert factors; ``drivers`` say what drives inputs all the time."""
    found = []
    for entry in entries:
        factor = problems.attempt(
            lambda entry=entry: _factor(entry, bound, drivers, problems),  # type: ignore[misc]
            entry.origin,
            f"Factor '{entry.target}': ",
        )
        if factor is not None:
            found.append(factor)
    return tuple(found)


def _factor(entry: FactorEntry, bound: Bound, drivers: Drivers, problems: Problems) -> Factor:
    target = find_target(entry.target, bound.experiment, tuple(bound.structure.components))
    if target.kind == "label":
        raise StructureError("it is what a fault of a run is called. Vary what is under 'faults'.")
    variable = _variable_of(target, bound)
    if target.kind == "start":
        _require_settable(target, variable, bound, drivers)
    if entry.values is not None:
        return _listed(entry, target, variable)
    if variable.type not in (VariableType.FLOAT64, VariableType.FLOAT32):
        kind = "a Boolean" if variable.type is VariableType.BOOLEAN else "no real number"
        raise StructureError(f"it is {kind}. List what it may be: 'values: […]'.")
    unit = _unit_of(entry)
    read = _reader(variable, unit)
    distribution = _distribution(entry, read)
    factor = _in_unit(entry, target, variable, unit, distribution)
    return _with_set_point(factor, entry, lambda written: read(written, False))


def _variable_of(target: Target, bound: Bound) -> Variable:
    """Return what says in which unit and within which limits the value of ``target`` is."""
    if target.variable is None:
        return _VOLUME if target.kind == "volume" else _TIME
    return _variable(target.variable, bound)


def _variable(name: VariableName, bound: Bound) -> Variable:
    components = bound.structure.components
    if name.component not in components:
        raise StructureError(f"there is no component '{name.component}'.{nearest(name.component, components)}")
    description = components[name.component].description
    if name.variable not in description.variables:
        hint = nearest(name.variable, description.variables)
        text = f"there is no variable '{name.variable}' in '{name.component}' ({description.model}).{hint}"
        raise StructureError(text)
    variable = description.variables[name.variable]
    if not variable.type.is_numeric or variable.shape:
        raise StructureError(f"it is of type {variable.type.value}, which is not a single number.")
    return variable


def _require_settable(target: Target, variable: Variable, bound: Bound, drivers: Drivers) -> None:
    """Refuse what a value given before the run would not act on."""
    name = target.variable
    assert name is not None
    if name in drivers:
        raise StructureError(f"{drivers[name]} drives it, so that a value has no effect. Vary what is behind that.")
    settable = (Causality.PARAMETER, Causality.STRUCTURAL_PARAMETER, Causality.INPUT)
    has_start = variable.start is not None and variable.causality in (Causality.LOCAL, Causality.OUTPUT)
    if variable.variability is Variability.CONSTANT or not (variable.causality in settable or has_start):
        kind = "constant" if variable.variability is Variability.CONSTANT else variable.causality.value
        raise StructureError(f"its causality is {kind}, not a parameter, input or start value.")
    for phase in bound.experiment.phases:
        for place, settings in (
            (phase.name, phase.settings),
            *((f"{phase.name}.{s.name}", s.settings) for s in phase.steps),
        ):
            if any(setting.target == name for setting in settings):
                raise StructureError(f"'{place}' sets it. Name that: 'phases.{place}.set.{name}'.")


def _unit_of(entry: FactorEntry) -> str:
    """Return the unit of the first quantity written."""
    first = next((entry.parts[key] for key in ("from", "mean", "median", "to", "mode") if key in entry.parts), None)
    if first is None:
        raise StructureError(f"it says not how it varies. {_USAGE}")
    return parse_quantity(first.text).unit


def _reader(variable: Variable, unit: str) -> Callable[[Scalar, bool], float]:
    """Return what reads a quantity as a number in ``unit``, which has to suit ``variable``."""
    if variable.unit is None and unit:
        raise StructureError(f"[{unit}] is a unit, and the model states none for it. Write bare numbers.")
    if variable.unit is not None and not unit and any(read_unit(variable.unit).dimension):
        raise StructureError(f"its values have no unit. Write one that fits [{variable.unit}].")
    conversion(unit or "1", variable.unit or "1")

    def read(written: Scalar, is_difference: bool) -> float:
        quantity = parse_quantity(written.text)
        if bool(quantity.unit) != bool(unit):
            raise StructureError(f"'{written.text}' should be in [{unit or '1'}] like the others.")
        return quantity.to(unit or "1", difference=is_difference)

    return read


def _distribution(entry: FactorEntry, read: Callable[[Scalar, bool], float]) -> AbstractDistribution:
    parts = {key: part for key, part in entry.parts.items() if key != "set_point"}
    named = parts.pop("distribution", None)
    name = named.text if named else "normal" if "mean" in parts else "lognormal" if "median" in parts else "uniform"
    if name not in _KEYS:
        raise StructureError(f"there is no distribution '{name}'; there are {', '.join(_KEYS)}.{nearest(name, _KEYS)}")
    needed, possible = _KEYS[name]
    missing = [key for key in needed if key not in parts]
    strange = [key for key in parts if key not in (*needed, *possible)]
    if missing or strange:
        what = f"lacks '{missing[0]}'" if missing else f"has no '{strange[0]}'"
        raise StructureError(f"a {name} distribution {what}; it has {', '.join(needed)}.")
    numbers = {
        key: float(parse_quantity(part.text).to("1")) if key == "gsd" else read(part, key == "sd")
        for key, part in parts.items()
    }
    return _made(name, numbers, parts)


def _made(name: str, numbers: Mapping[str, float], parts: Mapping[str, Scalar]) -> AbstractDistribution:
    if "from" in numbers and "to" in numbers:
        _require_width(numbers["from"], numbers["to"], parts)
    for key, least in (("sd", 0.0), ("gsd", 1.0)):
        if key in numbers and not numbers[key] > least:
            raise StructureError(f"its {key} is {parts[key].text}; it should be above {least:g}.")
    low, high = numbers.get("from", -math.inf), numbers.get("to", math.inf)
    if name == "normal":
        return Normal(numbers["mean"], numbers["sd"], low, high)
    if name == "lognormal":
        _require_positive("median", numbers["median"], parts)
        return Lognormal(numbers["median"], numbers["gsd"])
    if name == "log_uniform":
        _require_positive("from", low, parts)
        return LogUniform(low, high)
    if name == "triangular":
        if not low <= numbers["mode"] <= high:
            raise StructureError(f"its mode, {parts['mode'].text}, lies outside its range.")
        return Triangular(low, numbers["mode"], high)
    return Uniform(low, high)


def _require_width(low: float, high: float, parts: Mapping[str, Scalar]) -> None:
    texts = f"from {parts['from'].text} to {parts['to'].text}"
    if low == high:
        raise StructureError(f"its range {texts} has no width. Widen it, or write the value under 'parameters'.")
    if low > high:
        raise StructureError(f"its range {texts} goes downwards. Swap the two.")


def _require_positive(key: str, value: float, parts: Mapping[str, Scalar]) -> None:
    if not value > 0.0:
        raise StructureError(f"its '{key}' is {parts[key].text}; a logarithm needs a value above zero.")


def _in_unit(
    entry: FactorEntry, target: Target, variable: Variable, unit: str, distribution: AbstractDistribution
) -> Factor:
    change = conversion(unit or "1", variable.unit or "1")
    for limit in distribution.bounds:
        if math.isfinite(limit):
            check_limits(variable, change.factor * limit + change.offset, f"{limit:g} {unit}".strip())
    return Factor(entry.target, target, unit or "1", distribution, change.factor, change.offset, origin=entry.origin)


def _with_set_point(factor: Factor, entry: FactorEntry, read: Callable[[Scalar], float]) -> Factor:
    written = entry.parts.get("set_point")
    if written is None:
        return factor
    value, (low, high) = read(written), factor.distribution.bounds
    if not factor.distribution.is_bounded:
        raise StructureError("it has a 'set_point' and no range. Give from and to, or leave it out.")
    if not low <= value <= high:
        raise StructureError(f"its set_point, {written.text}, lies outside its range.")
    if isinstance(factor.distribution, Choice) and value not in factor.distribution.values:
        raise StructureError(f"its set_point, {written.text}, is none of its values.")
    return replace(factor, set_point=value)


def _listed(entry: FactorEntry, target: Target, variable: Variable) -> Factor:
    """Bind ``values: […]``: quantities, or names of an enumeration or truth values."""
    others = [key for key in entry.parts if key != "set_point"]
    if others:
        raise StructureError(f"it has 'values' and '{others[0]}'. Remove one of the two.")
    written = entry.values or ()
    own = tuple(float(convert_value(variable, value, {})) for value in written)
    if len(set(own)) < 2 or len(set(own)) < len(own):
        raise StructureError("its 'values' should be two or more, all different.")
    if variable.enumeration or variable.type is VariableType.BOOLEAN:
        if "set_point" in entry.parts:
            raise StructureError("its values are names, which have no 'set_point'. Leave it out.")
        choice = Choice(tuple(float(i) for i in range(len(own))))
        labels = tuple(value.text for value in written)
        return Factor(entry.target, target, "1", choice, labels=labels, own_values=own, origin=entry.origin)
    unit = parse_quantity(written[0].text).unit
    change = conversion(unit or "1", variable.unit or "1")
    shown = tuple(sorted(parse_quantity(value.text).to(unit or "1") for value in written))
    factor = Factor(entry.target, target, unit or "1", Choice(shown), change.factor, change.offset, origin=entry.origin)
    return _with_set_point(factor, entry, lambda value: parse_quantity(value.text).to(unit or "1"))


def bind_correlations(
    entries: Sequence[CorrelationEntry], factors: Sequence[Factor], problems: Problems
) -> Array | None:
    """Return the matrix (k, k) of correlations, None where nothing is correlated."""
    if not entries:
        return None
    names = [factor.name for factor in factors]
    matrix = np.eye(len(names))
    for entry in entries:
        unknown = next((name for name in (entry.first, entry.second) if name not in names), None)
        if unknown is not None:
            problems.add(f"There is no factor '{unknown}' to correlate.{nearest(unknown, names)}", entry.origin)
            return None
        i, j = names.index(entry.first), names.index(entry.second)
        if i == j or matrix[i, j] != 0.0:
            problems.add(
                f"'{entry.first}' and '{entry.second}' cannot be correlated here: once, and two.", entry.origin
            )
            return None
        matrix[i, j] = matrix[j, i] = entry.value
    least = float(np.linalg.eigvalsh(matrix)[0])
    if least < 1e-9:
        problems.add(
            "These correlations cannot all hold together: their matrix is not positive definite "
            f"(least eigenvalue {least:.3g}). Bring them closer to zero.",
            entries[0].origin,
        )
        return None
    return matrix


def out_of_limits(factors: Sequence[Factor], points: Array, bound: Bound) -> list[CosimError]:
    """Find factors whose values in a design pass the limits of their variable."""
    problems = Problems()
    for i, factor in enumerate(factors):
        variable = _variable_of(factor.target, bound)
        own = np.array([factor.own(value) for value in points[:, i]])
        low = variable.minimum if variable.minimum is not None else -math.inf
        high = variable.maximum if variable.maximum is not None else math.inf
        n_outside = int(np.sum((own < low - 1e-12 * abs(low)) | (own > high + 1e-12 * abs(high))))
        if n_outside:
            problems.add(
                f"Factor '{factor.name}': {n_outside} of its {len(own)} values pass the limits of its variable, "
                f"{low:g} to {high:g} {variable.unit or ''}".rstrip()
                + ". Cut the distribution off with from and to.",
                factor.origin,
            )
    return problems.found
