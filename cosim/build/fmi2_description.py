"""``modelDescription.xml`` of FMI 2.0 (section 2.2 of the standard, version 2.0.4)."""

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement

from cosim.build import description as d
from cosim.build.model import BaseType, ModelVariable, Slot
from cosim.build.toolchain import source_names

_COSIMULATION = {
    "canHandleVariableCommunicationStepSize": "true",
    "canInterpolateInputs": "true",
    "maxOutputDerivativeOrder": str(d.OUTPUT_DERIVATIVES),
}


def describe_fmi2(described: d.DescribedModel) -> bytes:
    """Return ``modelDescription.xml`` for FMI 2.0 with Model Exchange and Co-Simulation."""
    model = described.model
    root = Element(
        "fmiModelDescription",
        fmiVersion="2.0",
        modelName=model.name,
        guid=described.token,
        description=model.description,
        generationTool=d.TOOL,
        variableNamingConvention="structured",
        numberOfEventIndicators=str(len(d.indicator_relations(model))),
    )
    _add_capabilities(root, described)
    d.add_units(root, described.variables)
    _add_types(root, described)
    _add_log_categories(root)
    _add_experiment(root, described)
    variables = SubElement(root, "ModelVariables")
    for reference, variable in enumerate(_listed(described)):
        _add_variable(variables, described, reference, variable)
    _add_structure(root, described)
    return d.write_xml(root)


def _listed(described: d.DescribedModel) -> list[ModelVariable]:
    """FMI 2.0 counts event indicators but does not list them; they come last, so indices stay value references."""
    return [variable for variable in described.variables if variable.slot is not Slot.INDICATOR]


def _add_capabilities(root: Element, described: d.DescribedModel) -> None:
    common = {
        "modelIdentifier": described.identifier,
        "canNotUseMemoryManagementFunctions": "true",
        "canGetAndSetFMUstate": "true",
        "canSerializeFMUstate": "true",
        "providesDirectionalDerivative": "true",
    }
    no_asserts = "false" if described.model.asserts else "true"
    for element in (
        SubElement(root, "ModelExchange", common | {"completedIntegratorStepNotNeeded": no_asserts}),
        SubElement(root, "CoSimulation", common | _COSIMULATION),
    ):
        files = SubElement(element, "SourceFiles")
        for name in source_names("2.0"):
            SubElement(files, "File", name=name)


def _add_types(root: Element, described: d.DescribedModel) -> None:
    if not described.model.enumerations:
        return
    types = SubElement(root, "TypeDefinitions")
    for enumeration in described.model.enumerations:
        simple = SubElement(types, "SimpleType", name=enumeration.name)
        items = SubElement(simple, "Enumeration")
        for value, (name, text) in enumerate(enumeration.items, start=1):
            SubElement(items, "Item", {"name": name, "value": str(value)} | ({"description": text} if text else {}))


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


def _add_variable(parent: Element, described: d.DescribedModel, reference: int, variable: ModelVariable) -> None:
    attributes = {"name": variable.name, "valueReference": str(reference)}
    if variable.description:
        attributes["description"] = variable.description
    attributes |= {"causality": variable.causality, "variability": variable.variability}
    if variable.initial and variable.causality not in ("input", "independent"):
        attributes["initial"] = variable.initial
    element = SubElement(parent, "ScalarVariable", attributes)
    SubElement(element, variable.type.value, _type_attributes(described, variable))


def _type_attributes(described: d.DescribedModel, variable: ModelVariable) -> dict[str, str]:
    attributes: dict[str, str] = {}
    if variable.type is BaseType.ENUMERATION:
        attributes["declaredType"] = str(variable.enumeration)
    if variable.type is BaseType.REAL:
        attributes |= d.real_attributes(variable)
        if variable.derivative_of is not None:
            attributes["derivative"] = str(described.references[variable.derivative_of] + 1)
        if variable.slot is Slot.STATE and d.may_reinit(described.model):
            attributes["reinit"] = "true"
    elif variable.type is BaseType.INTEGER:
        attributes |= d.limit_attributes(variable)
    start = d.start_text(variable)
    return attributes | ({"start": start} if start is not None else {})


def _add_structure(root: Element, described: d.DescribedModel) -> None:
    model = described.model
    structure = SubElement(root, "ModelStructure")
    listed = list(enumerate(_listed(described)))
    outputs = [(i, v) for i, v in listed if v.causality == "output"]
    derivatives = sorted(((i, v) for i, v in listed if v.slot is Slot.DERIVATIVE), key=lambda pair: pair[1].index)
    initial = [(i, v) for i, v in listed if is_initial_unknown(v)]
    _add_unknowns(structure, "Outputs", outputs, described, model.dependencies)
    _add_unknowns(structure, "Derivatives", derivatives, described, model.dependencies)
    _add_unknowns(structure, "InitialUnknowns", initial, described, model.initial_dependencies)


def is_initial_unknown(variable: ModelVariable) -> bool:
    """Tell whether FMI lists ``variable`` among the unknowns of initialisation (FMI 2.0.4, section 2.2.8)."""
    if variable.initial not in ("approx", "calculated"):
        return False
    is_computed = variable.slot in (Slot.STATE, Slot.DERIVATIVE)
    return variable.causality in ("output", "calculatedParameter") or is_computed


def _add_unknowns(
    structure: Element,
    tag: str,
    unknowns: Iterable[tuple[int, ModelVariable]],
    described: d.DescribedModel,
    dependencies: Mapping[str, tuple[str, ...]],
) -> None:
    unknowns = list(unknowns)
    if not unknowns:
        return
    parent = SubElement(structure, tag)
    references = described.references
    for reference, variable in unknowns:
        attributes = {"index": str(reference + 1)}
        known = dependencies.get(variable.name)
        if known is not None:
            indices = sorted(references[name] + 1 for name in known if name in references)
            attributes["dependencies"] = " ".join(map(str, indices))
        SubElement(parent, "Unknown", attributes)
