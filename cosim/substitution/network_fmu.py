"""A surrogate → one FMU of FMI 2.0 for Co-Simulation, which needs nothing but libm; tried before it is handed over."""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import numpy as np

from cosim._version import __version__
from cosim.build.fmu_writer import write_fmu
from cosim.build.toolchain import compile_source, find_toolchain, native_platform
from cosim.clock import Ticks, to_ticks
from cosim.errors import StructureError
from cosim.fmu import open_fmu
from cosim.fmu.interface import INTERFACE_FILE
from cosim.fmu.species import SPECIES_FILE
from cosim.instance.contract import AbstractInstance
from cosim.interchange.container_xml import ELEMENTS, add_units, add_variable
from cosim.native import cache_folder
from cosim.results.document import write_bytes
from cosim.substitution.network_tables import shown_variables, start_of, write_tables
from cosim.surrogate.instance import SurrogateInstance
from cosim.surrogate.model import Array
from cosim.surrogate.package import Package
from cosim.surrogate.program.machine import SOURCE as MACHINE
from cosim.system.variable import Causality

SOURCE: Final = Path(__file__).parent / "network.c"
N_TRIED: Final = 20
"""Steps in which FMU and network are compared."""
TOLERANCE: Final = 1e-9
"""Relative difference that is round-off."""


def export_fmu(package: Package, path: Path, *, name: str) -> Path:
    """Write ``package`` as the FMU ``path`` of a model called ``name``: letters, digits, '_' and '-'.

    Raises
    ------
    StructureError
        When its architecture cannot be written as a program, or the FMU gives other numbers; nothing is then written.
    BuildError
        When there is no C compiler, or the file cannot be written.
    """
    token = _token(package)
    tables = write_tables(package, token)
    toolchain = find_toolchain(native_platform())
    with tempfile.TemporaryDirectory(prefix="cosim-network-") as scratch:
        folder = Path(scratch)
        sources = {"tables.h": tables.encode(), MACHINE.name: MACHINE.read_bytes(), SOURCE.name: SOURCE.read_bytes()}
        for file, content in sources.items():
            (folder / file).write_bytes(content)
        identifier = _identifier(name)
        library = folder / f"{identifier}{toolchain.platform.extension}"
        compile_source(toolchain, folder / SOURCE.name, folder, output=library, cache=cache_folder())
        draft = folder / "draft.fmu"
        write_fmu(draft, {
            "modelDescription.xml": _description(package, name, identifier, token),
            f"binaries/{toolchain.platform.fmi2}/{library.name}": library.read_bytes(),
            SPECIES_FILE: _species(package),
            **_defaults(package),
            **{f"sources/{file}": content for file, content in sources.items()},
        })  # fmt: skip
        _try(package, draft)
        write_bytes(path, draft.read_bytes())
    return path


def _identifier(name: str) -> str:
    text = name.replace("-", "_")
    return f"_{text}" if text[:1].isdigit() else text


def _token(package: Package) -> str:
    total = hashlib.sha256(package.sha256.encode() + SOURCE.read_bytes() + MACHINE.read_bytes())
    return "{" + str(uuid.UUID(bytes=total.digest()[:16])) + "}"


def _species(package: Package) -> bytes:
    entries = {name: asdict(item) for name, item in package.interface.species.items()}
    for entry in entries.values():
        del entry["name"]
    return json.dumps(entries, indent=1).encode()


def _defaults(package: Package) -> dict[str, bytes]:
    """Name the inputs that have no start value of their own, where the FMU that was sampled said so."""
    names = [name for name in package.input_names if package.interface.variables[name].start is None]
    return {INTERFACE_FILE: json.dumps({"inputs_without_default": names}, indent=1).encode()} if names else {}


def _description(package: Package, name: str, identifier: str, token: str) -> bytes:
    """Return ``modelDescription.xml`` (FMI 2.0.4, section 2.2); time has the value reference 0."""
    root = Element(
        "fmiModelDescription", fmiVersion="2.0", modelName=name, guid=token,
        description=f"Surrogate of {package.document['source']['text']}, package {package.sha256}",
        generationTool=f"cosim {__version__}", variableNamingConvention="structured",
    )  # fmt: skip
    simulation = SubElement(
        root, "CoSimulation", modelIdentifier=identifier, canGetAndSetFMUstate="true", canSerializeFMUstate="true",
        canHandleVariableCommunicationStepSize=str(package.model.can_divide_steps).lower(),
    )  # fmt: skip
    SubElement(SubElement(simulation, "SourceFiles"), "File", name=SOURCE.name)
    shown = shown_variables(package)
    add_units(root, {item.unit for item in shown if item.unit and ELEMENTS[item.type] == "Real"})
    categories = SubElement(root, "LogCategories")
    for category in ("logStatusError", "logStatusWarning"):
        SubElement(categories, "Category", name=category)
    SubElement(root, "DefaultExperiment", startTime="0.0", stepSize=repr(package.step))
    variables = SubElement(root, "ModelVariables")
    time = SubElement(variables, "ScalarVariable", name="time", valueReference="0", causality="independent")
    SubElement(time, "Real")
    for reference, item in enumerate(shown, start=1):
        add_variable(variables, reference, item.name, item, start_of(item))
    _add_structure(root, package)
    indent(root, " ")
    content: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return content


def _add_structure(root: Element, package: Package) -> None:
    """List what is told; between two steps it depends on nothing but the direct inputs."""
    n_parameters = len(package.parameter_names)
    direct = " ".join(str(n_parameters + place + 2) for place in sorted(package.model.direct_inputs))
    structure = SubElement(root, "ModelStructure")
    listed, initial = SubElement(structure, "Outputs"), SubElement(structure, "InitialUnknowns")
    for position, item in enumerate(shown_variables(package), start=2):
        if item.causality in (Causality.OUTPUT, Causality.CALCULATED_PARAMETER):
            SubElement(initial, "Unknown", index=str(position))
        if item.causality is Causality.OUTPUT:
            SubElement(listed, "Unknown", index=str(position), dependencies=direct)


def _try(package: Package, path: Path) -> None:
    """Raise StructureError where the FMU and the network do not tell the same, over steps with moving inputs."""
    own = _course(package, SurrogateInstance("tried", package))
    log = logging.getLogger("cosim.fmu")
    level = log.level
    log.setLevel(logging.ERROR)  # that the inputs tried leave the domain is no news
    try:
        with open_fmu(path, None) as file, file.instantiate("tried") as instance:
            theirs = _course(package, instance)
    finally:
        log.setLevel(level)
    scale = np.abs(own).max(0) + 1e-300
    apart = np.abs(theirs - own) / scale
    if not (apart <= TOLERANCE).all():
        k, i = np.unravel_index(int(np.argmax(np.where(np.isfinite(apart), apart, np.inf))), apart.shape)
        raise StructureError(
            f"The FMU of '{package.name}' is not the network: after {k} steps '{package.output_names[i]}' is "
            f"{theirs[k, i]:.9g} in the FMU and {own[k, i]:.9g} in the network. Nothing was written."
        )


def _course(package: Package, instance: AbstractInstance) -> Array:
    """Return outputs (N_TRIED + 1, n_outputs) under inputs that move within the ranges of the training."""
    ranges = package.document["input_ranges"]
    fixed = package.document["fixed"]
    random = np.random.default_rng(0)
    limits = np.array([ranges.get(name, [fixed.get(name, 0.0)] * 2) for name in package.input_names])
    limits = limits.reshape(-1, 2)
    middles = {name: 0.5 * (low + high) for name, (low, high) in package.document["parameters"].items()}
    instance.set_start(middles)
    instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
    written, told = instance.group(package.input_names), instance.group(package.output_names)
    found = np.empty((N_TRIED + 1, len(package.output_names)))
    instance.write(written, limits[:, 0])
    instance.exit_initialization()
    instance.read(told, found[0])
    size = to_ticks(package.step)
    for k in range(N_TRIED):
        instance.write(written, limits[:, 0] + random.random(len(limits)) * np.ptp(limits, axis=1))
        instance.step(Ticks(k * size), size)
        instance.read(told, found[k + 1])
    instance.terminate()
    return found
