"""From a compiled model to the contents of its FMUs: description, libraries, resources."""

import hashlib
import json
import re
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from cosim.build.c_tables import write_tables
from cosim.build.cache import RECORD, write_record
from cosim.build.description import DescribedModel
from cosim.build.fmi2_description import describe_fmi2
from cosim.build.fmi3_description import describe_fmi3, describe_fmi3_build
from cosim.build.fmi3_terminals import TERMINALS_FILE, describe_terminals
from cosim.build.model import CompiledModel
from cosim.build.state_layout import describe_state
from cosim.build.toolchain import RUNTIME, Toolchain, compile_library, runtime_files
from cosim.build.universal import join_universal

FMI_VERSIONS = ("2.0", "3.0")


def pack_model(
    model: CompiledModel,
    toolchains: Sequence[Toolchain],
    *,
    cache: Path,
    record: Mapping[str, object],
) -> dict[str, dict[str, bytes]]:
    """Compile ``model`` for each toolchain; return the archive entries of its FMU by FMI version.

    ``record`` goes to ``resources/build.json``: what the FMU was built from and with. Both versions carry the same
    library, which exports both interfaces.
    """
    layout = describe_state(model)
    described = DescribedModel.of(model, identifier=_identifier(model.name), token=_token(model, record))
    tables = write_tables(described, layout)
    libraries = {
        toolchain.platform.name: _compile(toolchain, model.c_source, tables, cache) for toolchain in toolchains
    }
    resources = {f"resources/{name}": text.encode() for name, text in (model.resources or {}).items()}
    resources["resources/state_layout.json"] = layout.text.encode()
    resources["resources/interface.json"] = _interface(model)
    resources[RECORD] = write_record(record)
    descriptions = {"2.0": describe_fmi2(described), "3.0": describe_fmi3(described)}
    terminals = describe_terminals(described)
    only = {"2.0": {}, "3.0": {} if terminals is None else {TERMINALS_FILE: terminals}}
    return {
        version: {"modelDescription.xml": descriptions[version]}
        | only[version]
        | resources
        | _sources(described, tables, version)
        | _binaries(libraries, toolchains, described.identifier, version)
        for version in FMI_VERSIONS
    }


def _interface(model: CompiledModel) -> bytes:
    """Name the inputs that the model gives no start value; FMI demands one of every input."""
    names = [variable.name for variable in model.variables if not variable.has_default]
    return json.dumps({"inputs_without_default": names}, indent=1).encode()


def _sources(described: DescribedModel, tables: str, version: str) -> dict[str, bytes]:
    """Return the C code for importers that compile it themselves; the FMI headers are theirs."""
    headers = {file.name: file.read_bytes() for file in sorted(RUNTIME.glob("*.h"))}
    runtime = {file.name: file.read_bytes() for file in runtime_files(version)}
    model = {"model.c": described.model.c_source.encode(), "model_tables.c": tables.encode()}
    sources = {f"sources/{name}": content for name, content in (headers | runtime | model).items()}
    if version == "3.0":
        sources["sources/buildDescription.xml"] = describe_fmi3_build(described)
    return sources


def _identifier(name: str) -> str:
    """Return ``name`` as the C identifier that FMI asks the library to be called."""
    text = re.sub(r"\W", "_", name, flags=re.ASCII)
    return f"_{text}" if text[:1].isdigit() else text


def _token(model: CompiledModel, record: Mapping[str, object]) -> str:
    content = json.dumps(dict(record), sort_keys=True) + model.c_source + repr(model.variables)
    return "{" + str(uuid.UUID(bytes=hashlib.sha256(content.encode()).digest()[:16])) + "}"


def _compile(toolchain: Toolchain, source: str, tables: str, cache: Path) -> bytes:
    with tempfile.TemporaryDirectory(prefix="cosim-lib-") as folder:
        output = Path(folder) / f"model{toolchain.platform.extension}"
        compile_library(toolchain, source, tables, output=output, cache=cache)
        return output.read_bytes()


def _binaries(
    libraries: Mapping[str, bytes], toolchains: Sequence[Toolchain], identifier: str, version: str
) -> dict[str, bytes]:
    entries = {}
    for toolchain in toolchains:
        platform = toolchain.platform
        folder = platform.fmi2 if version == "2.0" else platform.fmi3
        entries[f"binaries/{folder}/{identifier}{platform.extension}"] = libraries[platform.name]
    if version == "2.0":
        entries |= _fmi2_substitutes(libraries, identifier)
    return entries


def _fmi2_substitutes(libraries: Mapping[str, bytes], identifier: str) -> dict[str, bytes]:
    """FMI 2.0 has one folder each for 64-bit Linux and macOS: put ARM libraries where importers look for them."""
    entries = {}
    if "linux-aarch64" in libraries and "linux64" not in libraries:
        entries[f"binaries/linux64/{identifier}.so"] = libraries["linux-aarch64"]
    if "darwin-aarch64" in libraries:
        parts = [libraries[name] for name in ("darwin64", "darwin-aarch64") if name in libraries]
        entries[f"binaries/darwin64/{identifier}.dylib"] = join_universal(parts)
    return entries
