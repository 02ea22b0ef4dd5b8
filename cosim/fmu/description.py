"""From fmpy's model description to the interface that the engine and the scenario see."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cosim.errors import FmuError
from cosim.fmu.facts import DefaultExperiment
from cosim.system.component import Capabilities, ComponentDescription
from cosim.system.ports import find_ports
from cosim.system.stream import Species
from cosim.system.variable import Causality, Variability, Variable, VariableType

if TYPE_CHECKING:
    from fmpy.model_description import InterfaceType, ModelDescription, ModelVariable

_FMI2_TYPES: Final = {"Real": "Float64", "Integer": "Int32"}
_FLOATS: Final = (VariableType.FLOAT32, VariableType.FLOAT64)


def describe(path: Path, model: "ModelDescription", species: Mapping[str, Species]) -> ComponentDescription:
    """Turn ``model``, read from the FMU ``path``, into a component description; ``species`` is what it says of them.

    Raises
    ------
    FmuError
        When two variables share a name or a number in it cannot be read.
    """
    variables: dict[str, Variable] = {}
    for variable in model.modelVariables:
        if variable.name in variables:
            raise FmuError(
                f"FMU '{path}': the variable '{variable.name}' is declared twice in modelDescription.xml, again in "
                f"line {variable.sourceline}. Export it again with unique names."
            )
        variables[variable.name] = _variable(path, variable)
    interface = model.coSimulation or model.modelExchange
    return ComponentDescription(
        model=model.modelName or path.stem,
        variables=variables,
        capabilities=_capabilities(interface),
        feedthrough=_feedthrough(model),
        ports=find_ports(variables),
        species=species,
        default_step_size=default_experiment(path, model).step_size,
    )


def default_experiment(path: Path, model: "ModelDescription") -> DefaultExperiment:
    """Return the default experiment with its numbers read."""
    stated = model.defaultExperiment
    if stated is None:
        return DefaultExperiment()

    def number(text: str | None, what: str) -> float | None:
        return None if text is None else _float(path, text, f"{what} of the default experiment")

    return DefaultExperiment(
        start_time=number(stated.startTime, "startTime"),
        stop_time=number(stated.stopTime, "stopTime"),
        tolerance=number(stated.tolerance, "tolerance"),
        step_size=number(stated.stepSize, "stepSize"),
    )


def _capabilities(interface: "InterfaceType | None") -> Capabilities:
    if interface is None:
        return Capabilities()
    derivatives = getattr(interface, "providesDirectionalDerivatives", False) or interface.providesDirectionalDerivative
    return Capabilities(
        can_vary_step=getattr(interface, "canHandleVariableCommunicationStepSize", False),
        can_get_and_set_state=interface.canGetAndSetFMUstate,
        can_serialise_state=interface.canSerializeFMUstate,
        provides_directional_derivatives=bool(derivatives),
        can_interpolate_inputs=getattr(interface, "canInterpolateInputs", False),
        max_output_derivative_order=getattr(interface, "maxOutputDerivativeOrder", 0),
        can_be_instantiated_only_once=interface.canBeInstantiatedOnlyOncePerProcess,
        needs_execution_tool=interface.needsExecutionTool,
    )


def _feedthrough(model: "ModelDescription") -> dict[str, frozenset[str]]:
    """Read ModelStructure: an output without a ``dependencies`` attribute may depend on all inputs and is left out."""
    return {
        unknown.variable.name: frozenset(known.name for known in unknown.dependencies if known.causality == "input")
        for unknown in model.outputs
        if unknown.dependencies is not None and unknown.variable is not None
    }


def _variable(path: Path, stated: "ModelVariable") -> Variable:
    kind = VariableType(_FMI2_TYPES.get(stated.type, stated.type))
    declared = stated.declaredType

    def limit(attribute: str) -> float | None:
        text = getattr(stated, attribute)
        if text is None and declared is not None:
            text = getattr(declared, attribute)
        return None if text is None else _float(path, text, f"{attribute} of '{stated.name}'", stated.sourceline)

    unit = stated.unit or (declared.unit if declared is not None else None)
    return Variable(
        name=stated.name,
        causality=Causality(stated.causality),
        variability=Variability(stated.variability),
        type=kind,
        unit=unit or None,
        start=_start(path, stated, kind),
        minimum=limit("min"),
        maximum=limit("max"),
        nominal=limit("nominal") if kind in _FLOATS else None,
        description=stated.description or (declared.description if declared is not None else None) or "",
        enumeration=_enumeration(stated),
        shape=tuple(stated.shape or ()),
        display_unit=stated.displayUnit or (declared.displayUnit if declared is not None else None),
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
    what = f"start value of '{stated.name}'"
    if kind is VariableType.STRING:
        return str(text)
    if kind is VariableType.BINARY:
        try:
            return bytes.fromhex(text)
        except ValueError as error:
            raise _unreadable(path, text, what, stated.sourceline) from error
    parts: Sequence[str] = text.split()
    if stated.shape:
        return tuple(_number(path, part, kind, what, stated.sourceline) for part in parts)
    if len(parts) != 1:
        raise _unreadable(path, text, what, stated.sourceline)
    return _number(path, parts[0], kind, what, stated.sourceline)


def _number(path: Path, text: str, kind: VariableType, what: str, line: int | None) -> float | int | bool:
    if kind is VariableType.BOOLEAN and text in ("true", "false", "1", "0"):
        return text in ("true", "1")
    if kind in _FLOATS:
        return _float(path, text, what, line)
    try:
        return int(text)
    except ValueError as error:
        raise _unreadable(path, text, what, line) from error


def _float(path: Path, text: str, what: str, line: int | None = None) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise _unreadable(path, text, what, line) from error


def _unreadable(path: Path, text: str, what: str, line: int | None) -> FmuError:
    where = f" in line {line} of modelDescription.xml" if line else ""
    return FmuError(f"FMU '{path}': the {what}, '{text}'{where}, is not a value of its type. Export the FMU again.")
