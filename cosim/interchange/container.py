"""A part of a scenario → one FMU that holds the FMUs of its components, and steps them as a run does."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from cosim._version import __version__
from cosim.build.fmu_writer import write_fmu
from cosim.build.toolchain import compile_source, find_toolchain, native_platform
from cosim.errors import CosimError, ScenarioError, raise_all
from cosim.execution.layout import wires_of
from cosim.fmu import FmuFile
from cosim.fmu.archive import opened_archive
from cosim.fmu.renaming import TIME
from cosim.fmu.species import SPECIES_FILE
from cosim.interchange.container_tables import Content, Member, write_tables
from cosim.interchange.container_xml import ELEMENTS, Label, Shown, describe_container
from cosim.interchange.deliveries import absent_contents, delivery_of
from cosim.interchange.part import Part
from cosim.native import cache_folder
from cosim.system.experiment import StartValue
from cosim.system.graph import sender_first
from cosim.system.ports import JOINED
from cosim.system.variable import Causality, Variable, VariableName

SOURCE: Final = Path(__file__).parent / "container.c"
_VISIBLE: Final = (Causality.INPUT, Causality.OUTPUT, Causality.PARAMETER)
_LEFT_OUT: Final = "sources/"


def write_container(
    part: Part,
    files: Mapping[str, FmuFile],
    driven: Mapping[VariableName, float],
    path: Path,
    *,
    name: str,
    description: str,
) -> None:
    """Write the FMU ``path``; ``driven`` are the values of connected inputs after initialisation.

    Raises
    ------
    ProblemList, ScenarioError
        When a component cannot be called from C, or a connection carries what the FMU could not.
    BuildError
        When there is no C compiler, or the file cannot be written.
    """
    raise_all([*_refusals(part, files)])
    content = _content(part, files, driven)
    shown = tuple(_shown(part, files, content))
    abilities = [file.description.capabilities for file in files.values()]
    label = Label(
        identifier=_identifier(name),
        generator=_generator(files),
        name=name,
        description=description,
        step=part.step,
        duration=part.duration,
        tolerance=part.experiment.tolerance,
        can_go_back=content.can_go_back,
        is_single=any(one.can_be_instantiated_only_once for one in abilities),
        needs_tool=any(one.needs_execution_tool for one in abilities),
    )
    components = {key: component.description for key, component in part.structure.components.items()}
    inner = {key: data for member in content.members for key, data in _members(member, files[member.name])}
    token = _token(write_tables(content, ""), inner)
    toolchain = find_toolchain(native_platform())
    with tempfile.TemporaryDirectory(prefix="cosim-container-") as folder:
        (Path(folder) / "tables.h").write_text(write_tables(content, token), encoding="utf-8")
        library = Path(folder) / f"{label.identifier}{toolchain.platform.extension}"
        compile_source(toolchain, SOURCE, Path(folder), output=library, cache=cache_folder())
        entries = {
            "modelDescription.xml": describe_container(label, shown, components, token),
            f"binaries/{toolchain.platform.fmi2}/{library.name}": library.read_bytes(),
            SPECIES_FILE: _species(inner),
        }
    write_fmu(path, entries | inner)


def _refusals(part: Part, files: Mapping[str, FmuFile]) -> Iterator[CosimError]:
    for name, file in files.items():
        why = ""
        if file.interface_type != "Co-Simulation":
            why = "is a Model Exchange FMU, integrated here by CVODE, which the exported FMU would not have"
        elif file.facts.major_version == 1:
            why = "is an FMU of FMI 1.0, which the exported FMU does not call"
        elif TIME in file.renamings:
            why = "counts its time in another unit than seconds, which the exported FMU would not convert"
        elif file.linkage.has_event_mode and file.facts.major_version == 3:
            why = "has an Event Mode, which the exported FMU does not enter"
        if why:
            yield ScenarioError(
                f"'{name}' {why}. Export it again for Co-Simulation with FMI 2.0, or leave it out with --components.",
                component=name,
            )
    for wire in wires_of(part.structure):
        for end in (wire.source, wire.target):
            if end.component in files and end.variable not in files[end.component].linkage.references:
                yield ScenarioError(
                    f"{end} is an element of an array, which the exported FMU does not connect. Leave "
                    f"'{end.component}' out with --components.",
                    component=end.component,
                    variable=end.variable,
                )


def _content(part: Part, files: Mapping[str, FmuFile], driven: Mapping[VariableName, float]) -> Content:
    folders: dict[str, str] = {}
    members = []
    for name in sender_first(part.structure, part.structure.components):
        file = files[name]
        is_single = file.description.capabilities.can_be_instantiated_only_once
        folder = folders.setdefault(f"{file.sha256}{name if is_single else ''}", f"{len(folders):02}")
        variables = part.structure.components[name].description.variables
        members.append(Member(name, folder, file.facts.major_version, file.linkage, variables))
    streams = [stream for stream in part.structure.streams if stream.target is not None]
    wires = tuple(wires_of(part.structure))
    deliveries = tuple(delivery_of(part.structure, stream) for stream in streams)
    taken = {wire.target for wire in wires} | {name for one in deliveries for name in one.targets}
    absent = [name for stream in streams for name in absent_contents(part.structure, stream)]
    starts: dict[VariableName, StartValue] = dict.fromkeys(absent, 0.0)
    for component, values in part.experiment.start_values.items():
        for variable, value in values.items():
            starts.setdefault(VariableName(component, variable), value)
    return Content(
        members=tuple(members),
        wires=wires,
        deliveries=deliveries,
        exposed=tuple(_exposed(part, files, taken | set(absent))),
        starts={name: value for name, value in starts.items() if name not in taken},
        driven=driven,
        step=part.step,
        is_simultaneous=part.is_simultaneous,
        can_go_back=all(
            component.description.capabilities.can_get_and_set_state for component in part.structure.components.values()
        ),
    )


def _exposed(part: Part, files: Mapping[str, FmuFile], taken: set[VariableName]) -> Iterator[VariableName]:
    for name, component in part.structure.components.items():
        known = files[name].linkage.references
        for variable in component.description.variables.values():
            is_ours = variable.causality in _VISIBLE and VariableName(name, variable.name) not in taken
            if is_ours and variable.type in ELEMENTS and not variable.shape and variable.name in known:
                yield VariableName(name, variable.name)


def _shown(part: Part, files: Mapping[str, FmuFile], content: Content) -> Iterator[Shown]:
    joined = {delivery.flow for delivery in content.deliveries}
    for name in content.exposed:
        variable = part.structure.components[name.component].description.variables[name.variable]
        if name in joined:
            variable = replace(variable, description=f"{variable.description} {JOINED}".strip())
        yield Shown(name, variable, content.starts.get(name, _own_start(variable)))


def _own_start(variable: Variable) -> StartValue | None:
    return variable.start if isinstance(variable.start, bool | int | float | str) else None


def _members(member: Member, file: FmuFile) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a member, without its C sources; names were checked when the archive was opened."""
    with opened_archive(file.path) as (archive, _):
        for info in archive.infolist():
            if not info.is_dir() and not info.filename.startswith(_LEFT_OUT):
                yield f"resources/{member.folder}/{info.filename}", archive.read(info)


def _species(inner: Mapping[str, bytes]) -> bytes:
    """Return what all members say of species; of two that differ, the first counts."""
    found: dict[str, object] = {}
    for name, data in inner.items():
        if name.endswith(f"/{SPECIES_FILE}") and name.count("/") == 3:
            found = json.loads(data) | found
    return json.dumps(found, indent=1).encode()


def _generator(files: Mapping[str, FmuFile]) -> str:
    """Name the tool; FMUs of cosim are trusted to run in the process of a run, one that holds others' is not."""
    is_ours = all(file.generator.startswith("cosim ") for file in files.values())
    return f"{'' if is_ours else 'container of '}cosim {__version__}"


def _identifier(name: str) -> str:
    text = re.sub(r"\W", "_", name, flags=re.ASCII)
    return f"_{text}" if text[:1].isdigit() else text


def _token(tables: str, inner: Mapping[str, bytes]) -> str:
    """Return a GUID that follows from everything the FMU does."""
    total = hashlib.sha256(SOURCE.read_bytes() + tables.encode())
    for name, data in sorted(inner.items()):
        total.update(name.encode() + hashlib.sha256(data).digest())
    return "{" + str(uuid.UUID(bytes=total.digest()[:16])) + "}"
