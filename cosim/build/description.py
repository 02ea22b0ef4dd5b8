"""``modelDescription.xml``: what FMI 2.0 and 3.0 both say about a compiled model.

The two versions name things differently but state the same facts; their own modules spell them. The text depends on
nothing but the model, so a rebuilt FMU is byte for byte the same.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from cosim._version import __version__
from cosim.build.model import BaseType, CompiledModel, ModelVariable, Slot
from cosim.errors import ModelError, StructureError
from cosim.units import si_base

TOOL = f"cosim {__version__}"
DEFAULT_TOLERANCE = 1e-6
OUTPUT_DERIVATIVES = 2
"""Highest order of derivative with respect to time that the runtime gives of outputs (``OUTPUT_ORDERS`` there)."""


@dataclass(frozen=True, slots=True)
class DescribedModel:
    """A compiled model with the variables that FMI wants and the compiler has no use for.

    ``variables`` are those of the model without its event indicators, then ``time`` if it had none, then one event
    indicator per relation that is searched for as a crossing; the value reference is the position in this tuple.
    ``references`` gives it by name.
    """

    model: CompiledModel
    variables: tuple[ModelVariable, ...]
    references: Mapping[str, int]
    identifier: str
    token: str

    @classmethod
    def of(cls, model: CompiledModel, *, identifier: str, token: str) -> "DescribedModel":
        """Complete ``model``; ``identifier`` names the library, ``token`` ties description and library together."""
        variables = complete_variables(model)
        references = {variable.name: reference for reference, variable in enumerate(variables)}
        return cls(model, variables, references, identifier, token)


def complete_variables(model: CompiledModel) -> tuple[ModelVariable, ...]:
    """Return the variables of the FMU: those of the model, time, event indicators."""
    variables = [variable for variable in model.variables if variable.slot is not Slot.INDICATOR]
    if not any(variable.slot is Slot.TIME for variable in variables):
        variables.append(ModelVariable("time", Slot.TIME, 0, "independent", "continuous", unit="s", description="Time"))
    for index in indicator_relations(model):
        name = f"eventIndicator[{index + 1}]"
        variables.append(ModelVariable(name, Slot.INDICATOR, index, "local", "continuous", initial="calculated"))
    return tuple(variables)


def indicator_relations(model: CompiledModel) -> tuple[int, ...]:
    """Return the relations whose crossings are searched for; time relations are announced instead."""
    return tuple(index for index, relation in enumerate(model.relations) if not relation.is_time)


def may_reinit(model: CompiledModel) -> bool:
    """Tell whether events can change states: only when-clauses can."""
    return model.n_conditions > 0


def write_xml(root: ElementTree.Element) -> bytes:
    """Serialise ``root`` with line breaks, as UTF-8 with a declaration."""
    ElementTree.indent(root, " ")
    text: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return text + b"\n"


def number(value: float) -> str:
    """Write ``value`` so that it reads back exactly."""
    return repr(float(value))


def start_text(variable: ModelVariable) -> str | None:
    """Write the start value, if FMI allows one here."""
    if variable.start is None or variable.initial == "calculated" or variable.causality == "independent":
        return None
    if variable.type is BaseType.REAL:
        return number(variable.start)
    if variable.type is BaseType.BOOLEAN:
        return "true" if variable.start else "false"
    return str(round(variable.start))


def real_attributes(variable: ModelVariable) -> dict[str, str]:
    """Return quantity, unit and limits, which both versions spell alike."""
    attributes = {"quantity": variable.quantity, "unit": variable.unit}
    if variable.unit and variable.display_unit and variable.display_unit != variable.unit:
        attributes["displayUnit"] = variable.display_unit
    return {name: text for name, text in attributes.items() if text} | limit_attributes(variable)


def limit_attributes(variable: ModelVariable) -> dict[str, str]:
    """Return min, max and nominal where they are finite."""
    limits = {"min": variable.minimum, "max": variable.maximum}
    if variable.type is BaseType.REAL:
        limits["nominal"] = variable.nominal
        return {name: number(value) for name, value in limits.items() if value is not None and _is_proper(value)}
    return {name: str(round(value)) for name, value in limits.items() if value is not None and abs(value) < 2**31}


def _is_proper(value: float) -> bool:
    return math.isfinite(value) and abs(value) < 1e60


def add_units(root: ElementTree.Element, variables: tuple[ModelVariable, ...]) -> None:
    """Add ``UnitDefinitions``: each unit with its SI factor and offset, with the display units that occur.

    Raises
    ------
    ModelError
        A unit cannot be read, or a display unit has another dimension.
    """
    users: dict[str, dict[str, str]] = {}
    for variable in variables:
        if variable.type is BaseType.REAL and variable.unit:
            displayed = users.setdefault(variable.unit, {variable.unit: variable.name})
            displayed.setdefault(variable.display_unit or variable.unit, variable.name)
    if not users:
        return
    definitions = ElementTree.SubElement(root, "UnitDefinitions")
    for unit in sorted(users):
        _add_unit(definitions, unit, users[unit])


def _add_unit(definitions: ElementTree.Element, unit: str, users: Mapping[str, str]) -> None:
    """``users`` maps the unit itself and its display units to a variable that uses each, for error messages."""
    element = ElementTree.SubElement(definitions, "Unit", name=unit)
    factor, offset, exponents = _read(unit, users[unit])
    base = {name: str(exponent) for name, exponent in exponents.items() if exponent}
    if factor != 1.0:
        base["factor"] = number(factor)
    if offset != 0.0:
        base["offset"] = number(offset)
    ElementTree.SubElement(element, "BaseUnit", base)
    for display in sorted(users.keys() - {unit}):
        shown_factor, shown_offset, shown_exponents = _read(display, users[display])
        if shown_exponents != exponents:
            raise ModelError(
                f"{users[display]} is shown in {display!r}, which has another dimension than its unit {unit!r}. "
                "Correct its displayUnit.",
                variable=users[display],
            )
        attributes = {"name": display, "factor": number(factor / shown_factor)}
        if offset != shown_offset:
            attributes["offset"] = number((offset - shown_offset) / shown_factor)
        ElementTree.SubElement(element, "DisplayUnit", attributes)


def _read(unit: str, variable: str) -> tuple[float, float, dict[str, int]]:
    try:
        return si_base(unit)
    except StructureError as error:
        raise ModelError(f"Variable {variable}: {error.message}", variable=variable) from error
