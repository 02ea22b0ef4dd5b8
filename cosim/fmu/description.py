"""From fmpy's model description to the interface that the engine and the scenario see."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cosim.errors import FmuError
from cosim.fmu.arrays import with_elements
from cosim.fmu.facts import DefaultExperiment, InterfaceType
from cosim.fmu.xml import ReadDescription
from cosim.system.component import Capabilities, ComponentDescription
from cosim.system.ports import find_ports
from cosim.system.stream import Species
from cosim.system.variable import Causality, Variability, Variable, VariableType

if TYPE_CHECKING:
    from fmpy.model_description import ModelDescription, ModelVariable, Unknown

_TYPES: Final = {
    **{kind.value: kind for kind in VariableType},
    "Real": VariableType.FLOAT64,
    "Integer": VariableType.INT32,
}
_CAUSALITIES: Final = {causality.value: causality for causality in Causality}
_VARIABILITIES: Final = {variability.value: variability for variability in Variability}
_FLOATS: Final = (VariableType.FLOAT32, VariableType.FLOAT64)


def describe(path: Path, read: ReadDescription, species: Mapping[str, Species]) -> ComponentDescription:
    """Turn ``read``, from the FMU ``path``, into a component description; ``species`` is what it says of them.

    Its capabilities depend on the interface type chosen and are left at their default.

    Raises
    ------
    FmuError
        When two variables share a name or a scalar has several start values.
    """
    model = read.content
    step_size = default_experiment(model).step_size
    variables: dict[str, Variable] = {}
    for variable in model.modelVariables:
        if variable.name in variables:
            raise FmuError(
                f"FMU '{path}': the variable '{variable.name}' is declared twice in modelDescription.xml, again in "
                f"line {variable.sourceline}. Export it again with unique names."
            )
        described = _variable(path, variable)
        has_default = variable.name not in (read.inputs_without_default or ())
        variables[variable.name] = described if has_default else replace(described, start=None)
    variables = with_elements(variables)
    return ComponentDescription(
        model=model.modelName or path.stem,
        variables=variables,
        feedthrough=_dependencies(model.outputs),
        initial_dependencies=_initial_dependencies(model),
        ports=find_ports(variables),
        species=species,
        states_defaults=read.inputs_without_default is not None,
        default_step_size=step_size if step_size is not None and 0 < step_size < math.inf else None,
    )


def default_experiment(model: "ModelDescription") -> DefaultExperiment:
    """Return the default experiment with its numbers read."""
    stated = model.defaultExperiment
    if stated is None:
        return DefaultExperiment()

    def number(text: str | None) -> float | None:
        return None if text is None else float(text)

    return DefaultExperiment(
        start_time=number(stated.startTime),
        stop_time=number(stated.stopTime),
        tolerance=number(stated.tolerance),
        step_size=number(stated.stepSize),
    )


def capabilities(read: ReadDescription, kind: InterfaceType) -> Capabilities:
    """Return what an instance made with the interface type ``kind`` can do; we integrate Model Exchange ourselves."""
    model = read.content
    is_exchange = kind == "Model Exchange"
    interface = model.modelExchange if is_exchange else model.coSimulation
    if interface is None:
        return Capabilities()
    return Capabilities(
        can_vary_step=is_exchange or interface.canHandleVariableCommunicationStepSize,
        can_get_and_set_state=interface.canGetAndSetFMUstate,
        can_serialise_state=interface.canSerializeFMUstate,
        provides_directional_derivatives=kind.replace("-", "").replace(" ", "") in read.provides_derivatives
        or interface.providesDirectionalDerivative,
        can_interpolate_inputs=not is_exchange and _moves_inputs(read),
        max_output_derivative_order=0 if is_exchange else interface.maxOutputDerivativeOrder,
        can_be_instantiated_only_once=interface.canBeInstantiatedOnlyOncePerProcess,
        needs_execution_tool=interface.needsExecutionTool,
    )


def _moves_inputs(read: ReadDescription) -> bool:
    """Tell whether all continuous inputs may change within a step: by derivatives, in FMI 3.0 by asking for each."""
    model = read.content
    if not model.fmiVersion or not model.fmiVersion.startswith("3."):
        return bool(model.coSimulation.canInterpolateInputs)
    inputs = [item for item in model.modelVariables if item.causality == "input" and item.variability == "continuous"]
    return bool(inputs) and all(is_asked(item, read) for item in inputs)


def is_asked(variable: "ModelVariable", read: ReadDescription) -> bool:
    """Tell whether an FMI 3.0 FMU asks for a variable within a step, and can be answered from derivatives."""
    is_input = variable.causality == "input" and variable.variability == "continuous"
    is_plain = variable.type == "Float64" and not variable.dimensions
    return is_input and is_plain and variable.name in read.intermediate


def _dependencies(unknowns: "Sequence[Unknown]") -> dict[str, frozenset[str]]:
    """Read ModelStructure: an output without a ``dependencies`` attribute may depend on all inputs and is left out."""
    return {
        unknown.variable.name: frozenset(known.name for known in unknown.dependencies if known.causality == "input")
        for unknown in unknowns
        if unknown.dependencies is not None and unknown.variable is not None
    }


def _initial_dependencies(model: "ModelDescription") -> dict[str, frozenset[str]]:
    """Read what outputs depend on at initialisation; one whose start value is exact depends on nothing."""
    outputs = [item for item in model.modelVariables if item.causality == "output"]
    exact = {item.name: frozenset[str]() for item in outputs if item.initial == "exact"}
    return exact | _dependencies(model.initialUnknowns)


def _variable(path: Path, stated: "ModelVariable") -> Variable:
    kind = _TYPES[stated.type]
    declared = stated.declaredType
    texts = (stated.min, stated.max, stated.nominal if kind in _FLOATS else None)
    unit, shown, description = stated.unit, stated.displayUnit, stated.description
    if declared is not None:
        nominal = declared.nominal if kind in _FLOATS else None
        given = zip(texts, (declared.min, declared.max, nominal), strict=True)
        texts = tuple(own if own is not None else general for own, general in given)
        unit, shown, description = (
            unit or declared.unit,
            shown or declared.displayUnit,
            description or declared.description,
        )
    return Variable(
        stated.name,
        _CAUSALITIES[stated.causality],
        _VARIABILITIES[stated.variability],
        kind,
        unit or None,
        None if stated.start is None else _start(path, stated, kind),
        None if texts[0] is None else float(texts[0]),
        None if texts[1] is None else float(texts[1]),
        None if texts[2] is None else float(texts[2]),
        description or "",
        _enumeration(stated),
        tuple(stated.shape or ()),
        shown,
    )


def _enumeration(stated: "ModelVariable") -> tuple[tuple[str, int], ...]:
    if stated.declaredType is None or stated.type != "Enumeration":
        return ()
    return tuple((item.name, int(item.value)) for item in stated.declaredType.items)


def _start(
    path: Path, stated: "ModelVariable", kind: VariableType
) -> float | int | bool | str | bytes | tuple[float, ...] | None:
    text = stated.start
    if text is None or kind is VariableType.CLOCK:
        return None
    if kind is VariableType.STRING:
        return str(text)
    if kind is VariableType.BINARY:
        return bytes.fromhex(text)
    parts = text.split()
    if stated.shape:
        return tuple(float(_number(part, kind)) for part in parts)
    if len(parts) != 1:
        raise FmuError(
            f"FMU '{path}': '{stated.name}' in line {stated.sourceline} of modelDescription.xml is a scalar and has "
            f"{len(parts)} start values. Export it again."
        )
    return _number(parts[0], kind)


def _number(text: str, kind: VariableType) -> float | int | bool:
    """Read a number whose notation the schema has checked."""
    if kind is VariableType.BOOLEAN:
        return text in ("true", "1")
    return float(text) if kind in _FLOATS else int(text)
