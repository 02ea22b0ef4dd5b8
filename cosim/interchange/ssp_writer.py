"""A prepared scenario → a System Structure Package: FMUs, plain connections, start values, and the scenario itself.

What SSP has no words for, phases, streams, events, recorded inputs, travels as an annotation that holds the scenario's
text. Streams are written as the connections a tool without streams would make between the variables of their ports.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from cosim._version import __version__
from cosim.errors import ScenarioError, StructureError
from cosim.execution.layout import wires_of
from cosim.fmu.renaming import TIME
from cosim.interchange.conversions import is_conversion
from cosim.interchange.deliveries import delivery_of
from cosim.interchange.ssp_xml import ANNOTATION, OURS, SSC, SSD, SSV, STRUCTURE_FILE, element, write
from cosim.preparation import Prepared
from cosim.release.registry import find_registry, open_registry
from cosim.release.srmd import file_name_of, srmd_of
from cosim.releasing import checked_release
from cosim.results.document import write_bytes
from cosim.scenario.rewriting import with_sources
from cosim.scenario.variable_map import VendorName, read_map
from cosim.system.component import Component
from cosim.system.experiment import StartValue
from cosim.system.structure import Connection
from cosim.system.timing import latest_end
from cosim.system.variable import Causality, Variable, VariableName, VariableType
from cosim.unit_notation import BASE_UNITS, read_unit

FOLDER: Final = "resources"
PARAMETERS: Final = f"{FOLDER}/parameters.ssv"
COMPANIONS: Final = "extra"
"""Folder of the files that the scenario reads, such as recorded inputs."""
_REALS: Final = (VariableType.FLOAT32, VariableType.FLOAT64)
_KINDS: Final = {Causality.INPUT: "input", Causality.OUTPUT: "output"}
Vendors = Mapping[str, Mapping[str, VendorName]]
"""What the FMUs of components with a map call their variables."""
_WHEN: Final = (1980, 1, 1, 0, 0, 0)
"""Time of all files in the archive, so that the same system gives the same bytes."""


def export_ssp(prepared: Prepared, path: Path, tell: Callable[[str], None] = lambda _: None) -> Path:
    """Write ``prepared`` as a package to ``path``; ``tell`` what other tools will not see.

    Raises
    ------
    ScenarioError
        When a component is not an FMU file, or counts its time otherwise than in seconds.
    ResultError
        When ``path`` cannot be written; an earlier file is then untouched.
    """
    fmus = _fmus(prepared)
    companions = _companions(prepared)
    sources = {name: f"{FOLDER}/{file}" for name, (file, _) in fmus.items()}
    text = with_sources(prepared.scenario, sources)
    vendors = _vendors(prepared)
    plain = _plain_connections(prepared)
    members: dict[str, bytes | Path] = {
        STRUCTURE_FILE: write(_structure(prepared, sources, plain, text, vendors)),
        PARAMETERS: write(_parameters(prepared, vendors)),
        **{f"{FOLDER}/{file}": source for file, source in fmus.values()},
        **_metadata(prepared, fmus),
        **{f"{COMPANIONS}/{name}": source for name, source in companions.items()},
    }
    for remark in _remarks(prepared):
        tell(remark)
    write_bytes(path, _packed(members))
    return path


def _fmus(prepared: Prepared) -> dict[str, tuple[str, Path]]:
    """Return for each component the name of its FMU in the package, and the file; two of the same content share one."""
    found: dict[str, tuple[str, Path]] = {}
    taken: dict[str, str] = {}
    for name, loaded in prepared.components.items():
        entry = prepared.scenario.components[name]
        if entry.source.kind not in ("modelica", "fmu", "release") or loaded.file is None or loaded.sha256 is None:
            raise ScenarioError(
                f"'{name}' is {entry.source.kind} data, which SSP has no component for. Connect an FMU in its place, "
                "or drive the inputs from a file under 'inputs'.",
                component=name,
            )
        file = next((known for known, digest in taken.items() if digest == loaded.sha256), None)
        if file is None:
            own = loaded.file.name
            file = own if own not in taken and own.lower().endswith(".fmu") else f"{name}.fmu"
        taken[file] = loaded.sha256
        found[name] = (file, loaded.file)
    return found


def _metadata(prepared: Prepared, fmus: Mapping[str, tuple[str, Path]]) -> dict[str, bytes]:
    """Return, beside each FMU that was released, what its release says of it, as SSP Traceability has it."""
    found = {}
    for name, (file, _) in fmus.items():
        source = prepared.scenario.components[name].source
        if source.kind == "release":
            registry = open_registry(find_registry(prepared.scenario.folder))
            found[f"{FOLDER}/{file_name_of(file)}"] = srmd_of(registry, checked_release(registry, source.text), file)
    return found


def _companions(prepared: Prepared) -> dict[str, Path]:
    """Return the files that the scenario reads, by their path relative to it."""
    scenario = prepared.scenario
    named = {signal.file for signal in scenario.signals} | {entry.file for entry in scenario.parameter_sets}
    named |= {entry.map_file.text for entry in scenario.components.values() if entry.map_file is not None}
    outside = sorted(name for name in named if os.path.isabs(name) or ".." in Path(name).parts)
    if outside:
        raise ScenarioError(
            f"The scenario reads '{outside[0]}', which is outside its folder, so that the package cannot hold it. Put "
            "it beside the scenario."
        )
    return {Path(name).as_posix(): scenario.folder / name for name in sorted(named)}


def _vendors(prepared: Prepared) -> Vendors:
    """Return what the FMUs of components with a map call their variables.

    Raises
    ------
    ScenarioError
        When a map says in what the model counts its time, for which SSP has no word.
    """
    found: dict[str, Mapping[str, VendorName]] = {}
    for name, entry in prepared.scenario.components.items():
        if entry.map_file is None:
            continue
        found[name] = read_map(prepared.scenario.folder / entry.map_file.text)
        if TIME in found[name]:
            raise ScenarioError(
                f"'{name}' counts its time in another unit than seconds, as its map says, and other tools would step "
                "it by seconds. Leave it out.",
                component=name,
            )
    return found


def _plain_connections(prepared: Prepared) -> tuple[Connection, ...]:
    """Return the connections, and those that stand for streams."""
    structure = prepared.bound.structure
    found = [Connection(one.source, one.target, one.factor, one.offset) for one in wires_of(structure)]
    for stream in structure.streams:
        if stream.target is None:
            continue
        one = delivery_of(structure, stream)
        found.append(Connection(one.flow, one.flow_out, stream.volume_factor))
        if one.temperatures is not None:
            found.append(Connection(*one.temperatures, stream.temperature_factor, stream.temperature_offset))
        for source, target, link in zip(one.contents, one.arriving, stream.links, strict=True):
            found.append(Connection(source, target, link.factor))
    return tuple(found)


def _structure(
    prepared: Prepared,
    sources: Mapping[str, str],
    connections: tuple[Connection, ...],
    text: str,
    vendors: Vendors,
) -> Element:
    scenario, components = prepared.scenario, prepared.bound.structure.components
    root = element(
        None,
        f"{{{SSD}}}SystemStructureDescription",
        {"version": "1.0", "name": scenario.name, "generationTool": f"cosim {__version__}"},
    )
    system = element(root, f"{{{SSD}}}System", {"name": scenario.name, "description": scenario.description or None})
    bindings = element(system, f"{{{SSD}}}ParameterBindings", {})
    element(bindings, f"{{{SSD}}}ParameterBinding", {"source": PARAMETERS})
    elements = element(system, f"{{{SSD}}}Elements", {})
    units: set[str] = set()
    driven = {one.target for one in connections}
    for name, source in sources.items():
        _component(elements, components[name], source, driven, units, vendors.get(name, {}))
    if connections:
        wires = element(system, f"{{{SSD}}}Connections", {})
        for one in connections:
            _wire(wires, one, components, vendors)
    _units(root, units)
    end = latest_end(prepared.bound.experiment.phases)
    span = {"startTime": "0.0", "stopTime": None if end is None else repr(end / 1e9)}
    element(root, f"{{{SSD}}}DefaultExperiment", span)
    notes = element(root, f"{{{SSD}}}Annotations", {})
    note = element(notes, f"{{{SSC}}}Annotation", {"type": ANNOTATION})
    fingerprint = digest(sources, [_theirs(one, vendors) for one in connections])
    kept = element(note, f"{{{OURS}}}scenario", {"file": scenario.path.name, "system": fingerprint})
    kept.text = text
    return root


def _theirs(one: Connection, vendors: Vendors) -> Connection:
    """Return a connection by the names that the FMUs have."""
    source, target = (VariableName(end.component, _vendor(end, vendors)) for end in (one.source, one.target))
    return Connection(source, target)


def _vendor(name: VariableName, vendors: Vendors) -> str:
    own = vendors.get(name.component, {}).get(name.variable)
    return name.variable if own is None else own.vendor


def digest(sources: Mapping[str, str], connections: Sequence[Connection]) -> str:
    """Return a fingerprint of components and connections, by which a change made elsewhere is seen."""
    lines = [f"{name} {source}" for name, source in sources.items()]
    lines += [f"{one.source} -> {one.target}" for one in connections]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _component(
    parent: Element,
    component: Component,
    source: str,
    driven: set[VariableName],
    units: set[str],
    names: Mapping[str, VendorName],
) -> None:
    """Write a component with its outputs and its connected inputs: there are tools that set all others to zero."""
    attributes = {"name": component.name, "type": "application/x-fmu-sharedlibrary", "source": source}
    made = element(parent, f"{{{SSD}}}Component", attributes)
    connectors = element(made, f"{{{SSD}}}Connectors", {})
    for variable in component.description.variables.values():
        is_used = variable.causality is Causality.OUTPUT or VariableName(component.name, variable.name) in driven
        if variable.causality in _KINDS and is_used and not variable.shape and _type(variable) not in ("", "String"):
            own = names.get(variable.name)
            _connector(connectors, variable, variable.name if own is None else own.vendor, units)
    if not len(connectors):
        made.remove(connectors)


def _connector(parent: Element, variable: Variable, name: str, units: set[str]) -> None:
    made = element(parent, f"{{{SSD}}}Connector", {"name": name, "kind": _KINDS[variable.causality]})
    kind = _type(variable)
    unit = variable.unit if kind == "Real" and variable.unit else None
    if unit is not None and not _is_known(unit):
        unit = None
    if unit is not None:
        units.add(unit)
    element(made, f"{{{SSC}}}{kind}", {"unit": unit})


def _is_known(unit: str) -> bool:
    try:
        read_unit(unit)
    except StructureError:
        return False
    return True


def _type(variable: Variable) -> str:
    """Return the type in SSP's words; '' where it has none that a connection could carry."""
    if variable.type in _REALS:
        return "Real"
    if variable.type is VariableType.BOOLEAN:
        return "Boolean"
    is_whole = variable.type.is_numeric  # enumerations, too: SSP would want their items again
    return "Integer" if is_whole else "String" if variable.type is VariableType.STRING else ""


def _wire(parent: Element, connection: Connection, components: Mapping[str, Component], vendors: Vendors) -> None:
    """Write a connection; units are converted by whoever reads it, which is SSP's rule, where units alone tell how.

    Where a map says what a number is in, the FMU does not, so that the factor is written.
    """
    theirs = _theirs(connection, vendors)
    made = element(
        parent,
        f"{{{SSD}}}Connection",
        {
            "startElement": connection.source.component,
            "startConnector": theirs.source.variable,
            "endElement": connection.target.component,
            "endConnector": theirs.target.variable,
        },
    )
    source, target = (
        components[end.component].description.variables[end.variable].unit
        for end in (connection.source, connection.target)
    )
    is_told = any(_has_own_unit(end, vendors) for end in (connection.source, connection.target))
    if is_told or not _follows_from_units(connection, source, target):
        made.set("suppressUnitConversion", "true")
        factors = {"factor": repr(connection.factor), "offset": repr(connection.offset)}
        element(made, f"{{{SSC}}}LinearTransformation", factors)


def _has_own_unit(name: VariableName, vendors: Vendors) -> bool:
    own = vendors.get(name.component, {}).get(name.variable)
    return own is not None and own.unit is not None


def _follows_from_units(connection: Connection, source: str | None, target: str | None) -> bool:
    try:
        return is_conversion(connection.factor, connection.offset, source, target)
    except StructureError:
        return False


def _units(root: Element, units: set[str]) -> None:
    if not units:
        return
    listed = element(root, f"{{{SSD}}}Units", {})
    for name in sorted(units):
        unit = element(listed, f"{{{SSC}}}Unit", {"name": name})
        definition = read_unit(name)
        powers = {base: power for base, power in zip(BASE_UNITS, definition.exponents, strict=True) if power}
        scale = {"factor": None if definition.factor == 1 else repr(float(definition.factor))}
        scale["offset"] = None if definition.offset == 0 else repr(float(definition.offset))
        element(unit, f"{{{SSC}}}BaseUnit", {**powers, **scale})


def _parameters(prepared: Prepared, vendors: Vendors) -> Element:
    components, starts = prepared.bound.structure.components, prepared.bound.experiment.start_values
    root = element(None, f"{{{SSV}}}ParameterSet", {"version": "1.0", "name": "parameters"})
    listed = element(root, f"{{{SSV}}}Parameters", {})
    units: set[str] = set()
    for name, values in starts.items():
        for variable, value in values.items():
            described = components[name].description.variables[variable]
            full = VariableName(name, variable)
            if _has_own_unit(full, vendors):
                described = replace(described, unit=None)  # the number as it is: what it is in, only the map tells
            _parameter(listed, described, f"{name}.{_vendor(full, vendors)}", value, units)
    if units:
        _units_of_set(root, units)
    return root


def _units_of_set(root: Element, units: set[str]) -> None:
    holder = element(None, "holder", {})
    _units(holder, units)
    found = holder[0]
    found.tag = f"{{{SSV}}}Units"
    root.append(found)


def _parameter(parent: Element, variable: Variable, name: str, value: StartValue, units: set[str]) -> None:
    if isinstance(value, bytes | tuple) or _type(variable) == "":
        raise ScenarioError(f"The value of {name} is of a kind that SSP's parameter sets do not have.")
    made = element(parent, f"{{{SSV}}}Parameter", {"name": name})
    kind = _type(variable)
    if kind == "Real":
        unit = variable.unit if variable.unit and _is_known(variable.unit) else None
        if unit is not None:
            units.add(unit)
        element(made, f"{{{SSV}}}Real", {"value": repr(float(value)), "unit": unit})
    elif isinstance(value, bool):
        element(made, f"{{{SSV}}}Boolean", {"value": str(value).lower()})
    elif isinstance(value, str):
        tag = "Enumeration" if variable.enumeration else "String"
        element(made, f"{{{SSV}}}{tag}", {"value": value})
    else:
        element(made, f"{{{SSV}}}{kind}", {"value": str(int(value)) if kind == "Integer" else str(bool(value)).lower()})


def _packed(members: Mapping[str, bytes | Path]) -> bytes:
    with tempfile.SpooledTemporaryFile(max_size=1 << 26) as buffer:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                info = zipfile.ZipInfo(name, _WHEN)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, content if isinstance(content, bytes) else content.read_bytes())
        buffer.seek(0)
        return buffer.read()


def _remarks(prepared: Prepared) -> Iterator[str]:
    scenario = prepared.scenario
    if scenario.streams:
        yield "Streams are connections of flows and concentrations there: amounts are not conserved between steps."
    lost = [
        word
        for word, part in (("phases", scenario.phases[1:]), ("events", scenario.events), ("inputs", scenario.signals))
        if part
    ]
    if lost:
        yield f"Other tools do not see {' and '.join(lost)}; only cosim reads them from the annotation."
