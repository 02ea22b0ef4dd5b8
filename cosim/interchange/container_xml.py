"""``modelDescription.xml`` of a container (FMI 2.0.4, section 2.2)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from cosim.clock import Ticks, to_seconds
from cosim.errors import StructureError
from cosim.system.component import ComponentDescription
from cosim.system.experiment import StartValue
from cosim.system.variable import Causality, Variability, Variable, VariableName, VariableType
from cosim.units import si_base

ELEMENTS: Final = {
    VariableType.FLOAT64: "Real", VariableType.FLOAT32: "Real", VariableType.INT8: "Integer",
    VariableType.UINT8: "Integer", VariableType.INT16: "Integer", VariableType.UINT16: "Integer",
    VariableType.INT32: "Integer", VariableType.ENUMERATION: "Integer", VariableType.BOOLEAN: "Boolean",
    VariableType.STRING: "String",
}  # fmt: skip
"""What a type of a part is in the container; larger whole numbers have no room in FMI 2.0."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A variable of the container; ``start`` None where none is known."""

    name: VariableName
    variable: Variable
    start: StartValue | None


@dataclass(frozen=True, slots=True)
class Label:
    """What the container says of itself."""

    identifier: str
    generator: str
    name: str
    description: str
    step: Ticks
    duration: Ticks | None
    tolerance: float | None
    can_go_back: bool
    is_single: bool
    needs_tool: bool


def describe_container(
    label: Label, shown: Sequence[Shown], components: Mapping[str, ComponentDescription], token: str
) -> bytes:
    """Return the file; the value reference of ``shown[i]`` is i + 1, that of time 0."""
    root = Element(
        "fmiModelDescription", fmiVersion="2.0", modelName=label.name, guid=token, description=label.description,
        generationTool=label.generator, variableNamingConvention="structured",
    )  # fmt: skip
    SubElement(
        root, "CoSimulation", modelIdentifier=label.identifier, canHandleVariableCommunicationStepSize="false",
        canGetAndSetFMUstate=_word(label.can_go_back), canBeInstantiatedOnlyOncePerProcess=_word(label.is_single),
        needsExecutionTool=_word(label.needs_tool),
    )  # fmt: skip
    add_units(root, {one.variable.unit for one in shown if one.variable.unit and ELEMENTS[one.variable.type] == "Real"})
    categories = SubElement(root, "LogCategories")
    SubElement(categories, "Category", name="logStatusError")
    span = {"startTime": "0.0", "stepSize": repr(to_seconds(label.step))}
    if label.duration is not None:
        span["stopTime"] = repr(to_seconds(label.duration))
    if label.tolerance is not None:
        span["tolerance"] = repr(label.tolerance)
    SubElement(root, "DefaultExperiment", span)
    variables = SubElement(root, "ModelVariables")
    time = SubElement(variables, "ScalarVariable", name="time", valueReference="0", causality="independent")
    SubElement(time, "Real", {"unit": "s"} if any(one.variable.unit == "s" for one in shown) else {})
    for reference, one in enumerate(shown, start=1):
        add_variable(variables, reference, str(one.name), one.variable, one.start)
    _add_structure(root, shown, components)
    indent(root, " ")
    content: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return content


def _word(value: bool) -> str:
    return "true" if value else "false"


def add_units(root: Element, units: set[str]) -> None:
    """Define ``units``, those that can be read by their base."""
    if not units:
        return
    listed = SubElement(root, "UnitDefinitions")
    for name in sorted(units):
        unit = SubElement(listed, "Unit", name=name)
        try:
            factor, offset, exponents = si_base(name)
        except StructureError:
            continue  # a unit that nobody here can read keeps its name
        given = {base: str(power) for base, power in exponents.items()}
        given |= {} if factor == 1.0 else {"factor": repr(factor)}
        SubElement(unit, "BaseUnit", given | ({} if offset == 0.0 else {"offset": repr(offset)}))


def add_variable(parent: Element, reference: int, name: str, variable: Variable, start: StartValue | None) -> None:
    """Declare a variable."""
    kind = ELEMENTS[variable.type]
    is_told = variable.causality in (Causality.OUTPUT, Causality.CALCULATED_PARAMETER)
    is_moving = kind == "Real" and variable.variability is Variability.CONTINUOUS
    if variable.causality is Causality.PARAMETER:
        variability = "tunable" if variable.variability is Variability.TUNABLE else "fixed"
    elif variable.causality is Causality.CALCULATED_PARAMETER:
        variability = "fixed"
    else:
        variability = "continuous" if is_moving else "discrete"
    attributes = {"name": name, "valueReference": str(reference), "causality": variable.causality.value}
    attributes |= {"variability": variability}
    attributes |= {"description": variable.description} if variable.description else {}
    attributes |= {"initial": "calculated"} if is_told else {}
    element = SubElement(parent, "ScalarVariable", attributes)
    typed = {"unit": variable.unit} if kind == "Real" and variable.unit else {}
    if kind in ("Real", "Integer"):
        for key, limit in (("min", variable.minimum), ("max", variable.maximum), ("nominal", variable.nominal)):
            if limit is not None and math.isfinite(limit) and (kind == "Real" or key != "nominal"):
                typed[key] = repr(float(limit)) if kind == "Real" else str(int(limit))
    if not is_told:
        typed["start"] = _start(kind, variable, start)
    SubElement(element, kind, typed)


def _start(kind: str, variable: Variable, value: StartValue | None) -> str:
    """Write a start value; FMI asks for one of every input and parameter."""
    if kind == "String":
        return str(value or "")
    if isinstance(value, str):
        value = dict(variable.enumeration).get(value, 0)
    if kind == "Boolean":
        return _word(bool(value))
    return repr(float(value or 0.0)) if kind == "Real" else str(int(value or 0))


def _add_structure(root: Element, shown: Sequence[Shown], components: Mapping[str, ComponentDescription]) -> None:
    """List outputs; between two steps, each depends on nothing but the inputs of its own component."""
    structure = SubElement(root, "ModelStructure")
    positions = {one.name: position for position, one in enumerate(shown, start=2)}
    outputs = [one for one in shown if one.variable.causality is Causality.OUTPUT]
    if not outputs:
        return
    listed, initial = SubElement(structure, "Outputs"), SubElement(structure, "InitialUnknowns")
    for one in outputs:
        attributes = {"index": str(positions[one.name])}
        SubElement(initial, "Unknown", attributes)
        known = components[one.name.component].feedthrough.get(one.name.variable)
        if known is not None:
            names = [VariableName(one.name.component, name) for name in known]
            found = sorted(positions[name] for name in names if name in positions)
            attributes = attributes | {"dependencies": " ".join(map(str, found))}
        SubElement(listed, "Unknown", attributes)
