"""Variables and structure of a model description, as fmpy's model has them but read several times faster.

fmpy takes 20 µs per variable, 2 s for 100,000. What it makes of a description otherwise is kept: it reads the rest.
"""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from fmpy.model_description import ModelDescription, SimpleType
    from lxml.etree import _Element

_INITIAL: Final[dict[str, dict[str, str | None]]] = {
    "constant": {"output": "exact", "local": "exact"},
    "fixed": {
        "structuralParameter": "exact",
        "parameter": "exact",
        "calculatedParameter": "calculated",
        "local": "calculated",
    },
    "tunable": {
        "structuralParameter": "exact",
        "parameter": "exact",
        "calculatedParameter": "calculated",
        "local": "calculated",
    },
    "discrete": {"input": "exact", "output": "calculated", "local": "calculated"},
    "continuous": {"input": "exact", "output": "calculated", "local": "calculated", "independent": None},
}
"""Default of ``initial`` by variability and causality. Source: FMI 2.0.4, section 2.2.7; FMI 3.0.2, section 2.4.7.5."""
_VALUES: Final = frozenset({"Real", "Integer", "Boolean", "String", "Enumeration"})
_PARAMETERS: Final = frozenset({"parameter", "calculatedParameter", "structuralParameter"})
_REALS: Final = frozenset({"Real", "Float32", "Float64"})
_FMI2_PARTS: Final = {"outputs": "Outputs", "derivatives": "Derivatives", "initialUnknowns": "InitialUnknowns"}
_FMI3_PARTS: Final = {
    "outputs": "Output",
    "derivatives": "ContinuousStateDerivative",
    "clockedStates": "ClockedState",
    "initialUnknowns": "InitialUnknown",
    "eventIndicators": "EventIndicator",
}


class StatedVariable:
    """What is stated of a variable, under fmpy's names; what is not stated is found in the class.

    Attributes that nothing here reads are left as written, as text.
    """

    name: Any = None
    type: Any = None
    shape: tuple[int, ...] = ()
    description = causality = variability = initial = declaredType = quantity = unit = displayUnit = None
    relativeQuantity = min = max = nominal = start = derivative = sourceline = alias = clocks = None
    valueReference: Any = None
    dimensions: Any = ()
    aliases: Any = ()
    unbounded = False
    intervalVariability: Any = None


def read_variables(variables: _Element, model: ModelDescription) -> None:
    """Put the elements of ``variables`` into ``model``, which holds its types already.

    Raises
    ------
    Exception
        As fmpy, where something is referred to that does not exist, or causality and variability contradict each other.
    """
    types: dict[str | None, SimpleType | None] = {None: None}
    types.update((item.name, item) for item in model.typeDefinitions)
    is_fmi1, is_fmi3 = model.fmiVersion == "1.0", str(model.fmiVersion).startswith("3.")
    found = model.modelVariables
    for element in variables:
        variable = StatedVariable()
        own = variable.__dict__
        own.update(element.items())
        if "name" not in own:  # a comment
            continue
        if is_fmi3:
            own["type"] = element.tag
            if len(element):
                _read_children(element, own)
        else:
            _read_value(element, own)
        own["valueReference"] = int(own["valueReference"])
        own["sourceline"] = element.sourceline
        if "declaredType" in own:
            own["declaredType"] = _declared(own, types)
        if "unbounded" in own:
            own["unbounded"] = own["unbounded"] in ("true", "1")
        _complete(own, is_fmi1=is_fmi1, is_fmi3=is_fmi3)
        found.append(variable)
    if is_fmi3:
        _resolve_shapes(found)


def _read_value(element: _Element, own: dict[str, Any]) -> None:
    """Read the nested element of FMI 1.0 and 2.0 that tells the type."""
    for child in element:
        if child.tag in _VALUES:
            own.update(child.items())
            own["type"] = child.tag
            return
    raise ValueError(f'Variable "{own["name"]}" (line {element.sourceline}) has no type.')


def _declared(own: dict[str, Any], types: dict[str | None, SimpleType | None]) -> SimpleType | None:
    if own["declaredType"] not in types:
        raise ValueError(
            f'Variable "{own["name"]}" (line {own["sourceline"]}) has declaredType="{own["declaredType"]}" which has '
            "not been defined."
        )
    return types[own["declaredType"]]


def _read_children(element: _Element, own: dict[str, Any]) -> None:
    """Read the start values, dimensions and aliases of a variable of FMI 3.0."""
    from fmpy.model_description import Dimension, VariableAlias

    dimensions, aliases = [], []
    for child in element:
        if child.tag == "Start" and own["type"] in ("Binary", "String"):
            own.setdefault("start", child.get("value"))
        elif child.tag == "Dimension":
            start, reference = child.get("start"), child.get("valueReference")
            dimensions.append(
                Dimension(
                    start=None if start is None else int(start),
                    valueReference=None if reference is None else int(reference),
                )
            )
        elif child.tag == "Alias":
            texts = (child.get("name"), child.get("description"), child.get("displayUnit"))
            aliases.append(VariableAlias(name=texts[0], description=texts[1], displayUnit=texts[2]))
    own["dimensions"], own["aliases"] = dimensions, aliases


def _complete(own: dict[str, Any], *, is_fmi1: bool, is_fmi3: bool) -> None:
    """Fill in the defaults of causality, variability and initial."""
    own.setdefault("causality", "local")
    if is_fmi1:
        if own["causality"] == "internal":
            own["causality"] = "local"
        if own.get("variability") == "parameter":
            own["causality"], own["variability"] = "parameter", "fixed"
    if "variability" not in own:
        if not is_fmi3:
            own["variability"] = "continuous"
        elif own["causality"] in _PARAMETERS:
            own["variability"] = "fixed"
        else:
            own["variability"] = "continuous" if own["type"] in _REALS else "discrete"
    if "initial" not in own and not is_fmi1:
        try:
            own["initial"] = _INITIAL[own["variability"]][own["causality"]]
        except KeyError:
            raise ValueError(
                f'Variable "{own["name"]}" (line {own["sourceline"]}) has an illegal combination of causality='
                f'"{own["causality"]}" and variability="{own["variability"]}".'
            ) from None


def _resolve_shapes(found: list[Any]) -> None:
    by_reference = {variable.valueReference: variable for variable in found}
    for variable in found:
        if not variable.dimensions:
            continue
        lengths = []
        for dimension in variable.dimensions:
            if dimension.start is None:
                dimension.variable = by_reference[dimension.valueReference]
                lengths.append(int(dimension.variable.start))
            else:
                lengths.append(int(dimension.start))
        variable.shape = tuple(lengths)


def read_structure(structure: _Element | None, model: ModelDescription) -> None:
    """Read what depends on what, and resolve references between variables.

    Raises
    ------
    Exception
        As fmpy, where something is referred to that does not exist.
    """
    variables: list[Any] = list(model.modelVariables)
    if model.fmiVersion == "2.0":
        for part, tag in _FMI2_PARTS.items():
            elements = [] if structure is None else structure.findall(f"{tag}/Unknown")
            getattr(model, part).extend(_unknown(item, "index", lambda i: _at(variables, i)) for item in elements)
        model.numberOfContinuousStates = len(model.derivatives)
        for variable in variables:
            if variable.derivative is not None:
                index = int(variable.derivative)
                if not 0 < index <= len(variables):
                    raise _no_such(variable, f"variable index {index}")
                variable.derivative = variables[index - 1]
    elif str(model.fmiVersion).startswith("3."):
        _read_structure_3(structure, model)


def _read_structure_3(structure: _Element | None, model: ModelDescription) -> None:
    by_reference = {variable.valueReference: variable for variable in model.modelVariables}
    model.modelVariables += [_alias(variable, alias) for variable in model.modelVariables for alias in variable.aliases]
    for part, tag in _FMI3_PARTS.items():
        elements = [] if structure is None else structure.findall(tag)
        getattr(model, part).extend(_unknown(item, "valueReference", by_reference.__getitem__) for item in elements)
    for variable in model.modelVariables:
        if variable.derivative is not None and not isinstance(variable.derivative, StatedVariable):
            reference = int(variable.derivative)
            if reference not in by_reference:
                raise _no_such(variable, f"value reference {reference}")
            variable.derivative = by_reference[reference]
        if isinstance(variable.clocks, str):
            variable.clocks = [by_reference[int(reference)] for reference in variable.clocks.split()]
    model.numberOfContinuousStates = sum(math.prod(item.variable.shape) for item in model.derivatives)
    model.numberOfEventIndicators = sum(math.prod(item.variable.shape) for item in model.eventIndicators)


def _alias(variable: Any, alias: Any) -> Any:
    other = copy.copy(variable)
    other.name, other.alias = alias.name, variable
    other.description = alias.description or variable.description
    other.displayUnit = alias.displayUnit or variable.displayUnit
    return other


def _unknown(element: _Element, key: str, find: Any) -> Any:
    from fmpy.model_description import Unknown

    unknown = Unknown()
    unknown.sourceline = element.sourceline
    unknown.variable = find(int(element.get(key, "")))
    dependencies, kinds = element.get("dependencies"), element.get("dependenciesKind")
    if dependencies is not None:
        unknown.dependencies = [find(int(reference)) for reference in dependencies.split()]
    if kinds is not None:
        unknown.dependenciesKind = kinds.split()
    return unknown


def _at(variables: list[Any], index: int) -> Any:
    """Return the variable at ``index``, counted from 1."""
    if index < 1:
        raise IndexError(index)
    return variables[index - 1]


def _no_such(variable: Any, what: str) -> ValueError:
    return ValueError(
        f"The derivative attribute of model variable {variable.name} (line {variable.sourceline}) references {what} "
        "which does not exist."
    )
