"""``modelDescription.xml`` of FMI 3.0 (section 2.4 of the standard, version 3.0.1)."""

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement

from cosim.build import description as d
from cosim.build.fmi2_description import is_initial_unknown
from cosim.build.model import BaseType, ModelVariable, Slot
from cosim.build.toolchain import source_names

_TAG = {
    BaseType.REAL: "Float64",
    BaseType.INTEGER: "Int32",
    BaseType.BOOLEAN: "Boolean",
    BaseType.ENUMERATION: "Enumeration",
}


def describe_fmi3(described: d.DescribedModel) -> bytes:
    """Return ``modelDescription.xml`` for FMI 3.0 with Model Exchange and Co-Simulation."""
    model = described.model
    root = Element(
        "fmiModelDescription",
        fmiVersion="3.0",
        modelName=model.name,
        instantiationToken=described.token,
        description=model.description,
        generationTool=d.TOOL,
        variableNamingConvention="structured",
    )
    _add_capabilities(root, described)
    d.add_units(root, described.variables)
    _add_types(root, described)
    _add_log_categories(root)
    _add_experiment(root, described)
    variables = SubElement(root, "ModelVariables")
    for reference, variable in enumerate(described.variables):
        SubElement(variables, _TAG[variable.type], _variable_attributes(described, reference, variable))
    _add_structure(root, described)
    return d.write_xml(root)


def describe_fmi3_build(described: d.DescribedModel) -> bytes:
    """Return ``sources/buildDescription.xml`` (section 2.5.1.2 of the standard)."""
    root = Element("fmiBuildDescription", fmiVersion="3.0")
    configuration = SubElement(root, "BuildConfiguration", modelIdentifier=described.identifier)
    files = SubElement(configuration, "SourceFileSet", language="C99")
    for name in source_names("3.0"):
        SubElement(files, "SourceFile", name=name)
    SubElement(files, "PreprocessorDefinition", name="CASADI_SYMBOL_EXPORT", value="")
    return d.write_xml(root)


def _add_capabilities(root: Element, described: d.DescribedModel) -> None:
    common = {
        "modelIdentifier": described.identifier,
        "canGetAndSetFMUState": "true",
        "canSerializeFMUState": "true",
        "providesDirectionalDerivatives": "true",
        "providesAdjointDerivatives": "true",
    }
    has_asserts = "true" if described.model.asserts else "false"
    SubElement(root, "ModelExchange", common | {"needsCompletedIntegratorStep": has_asserts})
    moves = any(_can_move(variable) for variable in described.variables)
    simulation = {
        "canHandleVariableCommunicationStepSize": "true",
        "maxOutputDerivativeOrder": str(d.OUTPUT_DERIVATIVES),
        "providesIntermediateUpdate": "true" if moves else "false",
    }
    SubElement(root, "CoSimulation", common | simulation)


def _can_move(variable: ModelVariable) -> bool:
    """Tell whether the runtime asks for ``variable`` within a step."""
    is_input = variable.slot is Slot.INPUT and variable.type is BaseType.REAL
    return is_input and variable.causality == "input" and variable.variability == "continuous"


def _add_types(root: Element, described: d.DescribedModel) -> None:
    if not described.model.enumerations:
        return
    types = SubElement(root, "TypeDefinitions")
    for enumeration in described.model.enumerations:
        element = SubElement(types, "EnumerationType", name=enumeration.name)
        for value, (name, text) in enumerate(enumeration.items, start=1):
            SubElement(element, "Item", {"name": name, "value": str(value)} | ({"description": text} if text else {}))


def _add_log_categories(root: Element) -> None:
    categories = SubElement(root, "LogCategories")
    for name in ("logStatusWarning", "logStatusDiscard", "logStatusError"):
        SubElement(categories, "Category", name=name)


def _add_experiment(root: Element, described: d.DescribedModel) -> None:
    model = described.model
    values = {"startTime": model.start_time, "stopTime": model.stop_time}
    values["tolerance"] = model.tolerance or d.DEFAULT_TOLERANCE
    values["stepSize"] = model.step_size
    SubElement(root, "DefaultExperiment", {name: d.number(q) for name, q in values.items() if q is not None})


def _variable_attributes(described: d.DescribedModel, reference: int, variable: ModelVariable) -> dict[str, str]:
    attributes = {"name": variable.name, "valueReference": str(reference)}
    if variable.description:
        attributes["description"] = variable.description
    attributes |= {"causality": variable.causality, "variability": variable.variability}
    if variable.initial and variable.causality not in ("input", "independent"):
        attributes["initial"] = variable.initial
    if _can_move(variable):
        attributes["intermediateUpdate"] = "true"
    if variable.type is BaseType.ENUMERATION:
        attributes["declaredType"] = str(variable.enumeration)
    if variable.type is BaseType.REAL:
        attributes |= d.real_attributes(variable)
        if variable.derivative_of is not None:
            attributes["derivative"] = str(described.references[variable.derivative_of])
        if variable.slot is Slot.STATE and d.may_reinit(described.model):
            attributes["reinit"] = "true"
    elif variable.type is BaseType.INTEGER:
        attributes |= d.limit_attributes(variable)
    start = d.start_text(variable)
    return attributes | ({"start": start} if start is not None else {})


def _add_structure(root: Element, described: d.DescribedModel) -> None:
    model = described.model
    structure = SubElement(root, "ModelStructure")
    listed = list(enumerate(described.variables))
    outputs = [(i, v) for i, v in listed if v.causality == "output"]
    derivatives = sorted(((i, v) for i, v in listed if v.slot is Slot.DERIVATIVE), key=lambda pair: pair[1].index)
    initial = [(i, v) for i, v in listed if is_initial_unknown(v)]
    indicators = [(i, v) for i, v in listed if v.slot is Slot.INDICATOR]
    _add_unknowns(structure, "Output", outputs, described, model.dependencies)
    _add_unknowns(structure, "ContinuousStateDerivative", derivatives, described, model.dependencies)
    _add_unknowns(structure, "InitialUnknown", initial, described, model.initial_dependencies)
    _add_unknowns(structure, "EventIndicator", indicators, described, {})


def _add_unknowns(
    structure: Element,
    tag: str,
    unknowns: Iterable[tuple[int, ModelVariable]],
    described: d.DescribedModel,
    dependencies: Mapping[str, tuple[str, ...]],
) -> None:
    references = described.references
    for reference, variable in unknowns:
        attributes = {"valueReference": str(reference)}
        known = dependencies.get(variable.name)
        if known is not None:
            attributes["dependencies"] = " ".join(str(references[name]) for name in known if name in references)
        SubElement(structure, tag, attributes)
