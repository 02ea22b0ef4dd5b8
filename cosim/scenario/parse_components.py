"""Document nodes → components as written: source, structure, host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal, cast

from cosim.errors import SourceLocation
from cosim.scenario.document import Entry, Node, Scalar
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.model import ComponentEntry, Source
from cosim.scenario.parse_hosting import FOR_PROCESSES, HOSTING_KEYS, check_licences, parse_hosting
from cosim.scenario.parse_phases import OTHERS
from cosim.scenario.reading import Problems, choice_of, entries_of, fields_of, scalar_of, text_of
from cosim.system.nearest import nearest
from cosim.system.stream import Exit
from cosim.system.variable import is_component_name

_RESERVED: Final = (*Exit, "time", OTHERS, "tolerance", "floor", "parameter_set")


def parse_components(
    fields: dict[str, Entry], origin: SourceLocation | None, problems: Problems
) -> tuple[dict[str, ComponentEntry], set[str]]:
    """Read ``components``; also return the names of those that are written but unusable."""
    if "components" not in fields:
        problems.add("There are no 'components'. Write at least 'components: {tank: {source: …}}'.", origin)
        return {}, set()
    components, unusable = {}, set()
    entries = entries_of(fields["components"].value, "'components'", problems)
    for entry in entries:
        component = _component(entry, problems)
        if component is None:
            unusable.add(entry.key)
        else:
            components[entry.key] = component
    check_licences(components, problems)
    if not entries and isinstance(fields["components"].value, MappingNode):
        problems.add("There are no components. Write at least one: 'name: {source: …}'.", fields["components"].origin)
    return components, unusable


def _component(entry: Entry, problems: Problems) -> ComponentEntry | None:
    what = f"Component '{entry.key}'"
    if not is_component_name(entry.key) or entry.key in _RESERVED:
        why = "it has a meaning of its own" if entry.key in _RESERVED else "use letters, digits and underscores"
        problems.add(f"'{entry.key}' cannot name a component: {why}.", entry.origin)
        return None
    fields = fields_of(
        entry.value, ("source", "structure", *HOSTING_KEYS, "asleep", "fmi", "map", "backend"), what, problems
    )
    if not isinstance(entry.value, MappingNode):
        return None
    if "source" not in fields:
        problems.add(f"{what} has no 'source': a class (modelica:Package.Class) or a file (path/to.fmu).", entry.origin)
        return None
    source = _source(fields["source"], what, problems)
    asleep = (
        choice_of(fields["asleep"].value, ("ages", "frozen"), f"'asleep' of {what}", problems)
        if "asleep" in fields
        else None
    )
    structure = _structure(fields["structure"], what, problems) if "structure" in fields else {}
    if source is None:
        return None
    if structure and source.kind not in ("modelica", "fmu"):
        problems.add(
            f"{what} has 'structure', which needs a 'modelica:' source to rebuild.", fields["structure"].origin
        )
    interface = _interface(fields["fmi"], source, what, problems) if "fmi" in fields else None
    backend = _backend(fields, source, what, problems) if "backend" in fields else "own"
    map_file = scalar_of(fields["map"].value, f"'map' of {what}", problems) if "map" in fields else None
    if map_file is not None and source.kind not in ("fmu", "release"):
        problems.add(f"{what} has a 'map', which is for the variables of an FMU file.", fields["map"].origin)
    state = cast(Literal["ages", "frozen"], asleep or "ages")
    hosting = parse_hosting(fields, source.kind, what, problems)
    if backend == "pyfmi":
        hosting = replace(hosting, host="inline")
    return ComponentEntry(entry.key, source, structure, state, entry.origin, interface, map_file, hosting, backend)


def _source(entry: Entry, what: str, problems: Problems) -> Source | None:
    scalar = scalar_of(entry.value, f"'source' of {what}", problems)
    return None if scalar is None else parse_source(scalar, what, problems)


def parse_source(scalar: Scalar, what: str, problems: Problems) -> Source | None:
    """Read where a model comes from: ``modelica:Class``, ``csv:file``, ``python``, or the path of an FMU."""
    kind, colon, rest = scalar.text.partition(":")
    if kind == "modelica" and colon:
        if re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", rest.strip()):
            return Source("modelica", rest.strip(), scalar.origin)
        problems.add(f"'{rest}' is not the name of a Modelica class such as BioProcess.Fmus.HoldTank.", scalar.origin)
        return None
    if kind == "release" and colon:
        return Source("release", rest.strip(), scalar.origin)
    if kind == "csv" and colon:
        return Source("csv", rest.strip(), scalar.origin)
    if scalar.text.lower().endswith(".fmu"):
        return Source("fmu", scalar.text.removeprefix("fmu:").strip(), scalar.origin)
    if kind == "python":
        if not colon:
            return Source("python", "python", scalar.origin)
        problems.add(
            f"{what} names Python code, which a scenario never runs. Write 'source: python' and give the instance to "
            "cosim.run(…, components={…}).",
            scalar.origin,
        )
        return None
    known = ("modelica:", "csv:", "release:")
    hint = nearest(kind + ":", known) if colon else ""
    problems.add(
        f"The source '{scalar.text}' of {what} is not 'modelica:<class>', 'release:<name>@<version>', "
        f"'csv:<file>', 'python' or a path to an .fmu.{hint}",
        scalar.origin,
    )
    return None


def _interface(
    entry: Entry, source: Source, what: str, problems: Problems
) -> Literal["Co-Simulation", "Model Exchange"] | None:
    if source.kind not in ("fmu", "modelica", "release"):
        problems.add(f"{what} has 'fmi', which is for FMUs; its source is '{source.kind}'.", entry.origin)
        return None
    choice = choice_of(entry.value, ("co-simulation", "model-exchange"), f"'fmi' of {what}", problems)
    if choice is None:
        return None
    return "Model Exchange" if choice == "model-exchange" else "Co-Simulation"


def _backend(fields: Mapping[str, Entry], source: Source, what: str, problems: Problems) -> Literal["own", "pyfmi"]:
    entry = fields["backend"]
    choice = choice_of(entry.value, ("own", "pyfmi"), f"'backend' of {what}", problems)
    if choice != "pyfmi":
        return "own"
    if source.kind not in ("fmu", "modelica", "release"):
        problems.add(f"{what} has 'backend', which is for FMUs; its source is '{source.kind}'.", entry.origin)
    for key in (*FOR_PROCESSES, "host"):
        if key in fields and text_of(fields[key].value, "", Problems()) != "inline":
            problems.add(f"{what} has '{key}' and 'backend: pyfmi', which runs inline. Remove one.", fields[key].origin)
    return "pyfmi"


def _structure(entry: Entry, what: str, problems: Problems) -> dict[str, Scalar]:
    """Read structural parameters; nested mappings join with dots."""
    found: dict[str, Scalar] = {}

    def read(node: Node, prefix: str) -> None:
        for item in entries_of(node, f"'structure' of {what}", problems):
            if isinstance(item.value, MappingNode):
                read(item.value, f"{prefix}{item.key}.")
            elif scalar := scalar_of(item.value, f"'{prefix}{item.key}' of {what}", problems):
                found[prefix + item.key] = scalar

    read(entry.value, "")
    return found
