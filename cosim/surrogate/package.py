"""A surrogate as a folder: description, weights, model card, and a manifest with the SHA-256 of each and of itself."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from cosim.errors import FmuError, ResultError
from cosim.surrogate.architectures.contract import AbstractModel
from cosim.surrogate.architectures.known import read_model
from cosim.surrogate.domain import Domain, read_domain
from cosim.surrogate.handover import Handover, read_handover
from cosim.surrogate.interface import read_interface
from cosim.surrogate.model import Array
from cosim.surrogate.program.tracing import Programs
from cosim.surrogate.weights import decode_weights, write_weights
from cosim.system.component import ComponentDescription

FORMAT: Final = "cosim surrogate"
FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
DESCRIPTION: Final = "surrogate.json"
WEIGHTS: Final = "weights.safetensors"
CARD: Final = "card.html"
LARGEST: Final = {MANIFEST: 10_000, DESCRIPTION: 20_000_000, WEIGHTS: 256_000_000, CARD: 20_000_000}
"""Bytes of each file of a package."""
MISMATCHES: Final = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)
"""What reading a description raises that is not what it should be."""


@dataclass(frozen=True, slots=True)
class Package:
    """A surrogate as it was read: everything checked, ready to be instantiated."""

    folder: Path
    sha256: str
    """Of the whole package, as the manifest states it."""
    document: Mapping[str, Any]
    model: AbstractModel
    tensors: Mapping[str, Array]
    domain: Domain
    interface: ComponentDescription
    programs: Programs
    """A step written down for C and for other tools."""

    @property
    def name(self) -> str:
        """The name in its training file."""
        return str(self.document["name"])

    @property
    def step(self) -> float:
        """The step it was trained at [s]."""
        return self.model.step_size

    @property
    def fmu_sha256(self) -> str:
        """Of the FMU that it was trained on."""
        return str(self.document["source"]["sha256"])

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """The parameters that it takes, in the order of its arrays."""
        return tuple(self.document["parameters"])

    @property
    def handover(self) -> Handover | None:
        """How its state is written into that of the FMU; None where it cannot be."""
        return read_handover(self.document.get("handover"), len(self.model.state_names))

    @property
    def fixed_inputs(self) -> dict[str, float]:
        """The inputs that have to have one value."""
        varied = {name for name, (low, high) in self.document["input_ranges"].items() if low < high}
        free = self.model.free_inputs
        return {
            name: float(self.document["fixed"][name])
            for i, name in enumerate(self.input_names)
            if i not in free and name not in varied
        }

    @property
    def input_names(self) -> tuple[str, ...]:
        """The inputs, in the order of its arrays."""
        return tuple(self.document["inputs"])

    @property
    def output_names(self) -> tuple[str, ...]:
        """The outputs, in the order of its arrays."""
        return tuple(self.document["outputs"])


def write_package(folder: Path, document: Mapping[str, Any], tensors: Mapping[str, Array], card: str) -> str:
    """Write a package to ``folder``, whole or not at all, in place of an older one; return its hash.

    Raises
    ------
    ResultError
        When it cannot be written, or ``folder`` is something else than a package.
    """
    if folder.exists() and not (folder / MANIFEST).is_file():
        raise ResultError(f"'{folder}' is there and is no package of a surrogate. Choose another folder with --out.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise ResultError(f"Cannot write '{folder}': {error.strerror}. Choose another folder with --out.") from error
    try:
        write_weights(made / WEIGHTS, tensors)
        _write(made / DESCRIPTION, json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False))
        _write(made / CARD, card)
        hashes = {name: _hash((made / name).read_bytes()) for name in (DESCRIPTION, WEIGHTS, CARD)}
        sha256 = _hash(_canonical(hashes))
        manifest = {"format": FORMAT, "version": FORMAT_VERSION, "files": hashes, "sha256": sha256}
        _write(made / MANIFEST, json.dumps(manifest, indent=1))
        made.chmod(0o755)
        _exchange(made, folder)
    except OSError as error:
        raise ResultError(f"Cannot write '{folder}': {error}. Free space there.") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return sha256


def _exchange(made: Path, folder: Path) -> None:
    """Put ``made`` where ``folder`` is; the older one is removed when the new one is there."""
    if not folder.exists():
        os.replace(made, folder)
        return
    older = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    os.replace(folder, older)
    try:
        os.replace(made, folder)
    except OSError:
        os.replace(older, folder)
        raise
    shutil.rmtree(older, ignore_errors=True)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _canonical(hashes: Mapping[str, str]) -> bytes:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items())).encode()


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of a package, compared with its manifest: what describes it, and its tensors."""

    folder: Path
    sha256: str
    document: Mapping[str, Any]
    tensors: Mapping[str, Array]

    @property
    def architecture(self) -> str:
        """The name of its architecture, '' where it states none."""
        stated = self.document.get("architecture")
        return str(stated.get("name", "")) if isinstance(stated, dict) else ""

    def mismatch(self, error: Exception) -> FmuError:
        """Return what to raise where ``error`` came from reading the description."""
        what = f"lacks {error}" if isinstance(error, KeyError) else f"does not fit together ({error})"
        return FmuError(f"The description of the surrogate in '{self.folder}' {what}. Train it again.")


def read_contents(folder: Path) -> Contents:
    """Read the files in ``folder``; whoever made them, nothing in them is run.

    Raises
    ------
    FmuError
        When something is missing, altered or too large.
    """
    contents, sha256 = _verified(folder)
    document = _json(folder, DESCRIPTION, contents[DESCRIPTION])
    return Contents(folder, sha256, document, decode_weights(contents[WEIGHTS], str(folder / WEIGHTS)))


def read_package(folder: Path) -> Package:
    """Read the package in ``folder``.

    Raises
    ------
    FmuError
        When something in it is missing, altered, too large, or does not fit together.
    """
    return package_of(read_contents(folder))


def package_of(contents: Contents) -> Package:
    """Return the package that ``contents`` describe; FmuError where they do not fit together."""
    folder, document, tensors = contents.folder, contents.document, contents.tensors
    try:
        model = read_model(document["architecture"])
        domain = read_domain(document["domain"], tensors)
        check_tensors(folder, model.shapes, domain, tensors)
        if domain.names != model.coordinate_names:
            raise ValueError("its domain is not that of its architecture")
        interface = read_interface(document["interface"], step=model.step_size, can_divide_steps=model.can_divide_steps)
        complete = {**tensors, **model.constants()}
        counts = {"n_inputs": len(document["inputs"]), "n_parameters": len(document["parameters"])}
        programs = Programs(model, complete, domain, **counts)
        package = Package(folder, contents.sha256, document, model, complete, domain, interface, programs)
        _check_names(package)
    except MISMATCHES as error:
        raise contents.mismatch(error) from error
    return package


def _verified(folder: Path) -> tuple[dict[str, bytes], str]:
    """Return the files of a package and its hash, after comparing all with the manifest."""
    if not folder.is_dir():
        raise FmuError(f"There is no surrogate '{folder}'. Make one with: cosim train <training file>.")
    manifest = _json(folder, MANIFEST, _bytes(folder, MANIFEST))
    files = manifest.get("files")
    if manifest.get("format") != FORMAT or not isinstance(files, dict):
        raise FmuError(f"'{folder}' is no package of a surrogate: its {MANIFEST} does not say so.")
    if manifest.get("version") != FORMAT_VERSION:
        raise FmuError(
            f"'{folder}' is a surrogate of format {manifest.get('version')}, and this cosim reads {FORMAT_VERSION}."
        )
    if set(files) != {DESCRIPTION, WEIGHTS, CARD} or not all(isinstance(item, str) for item in files.values()):
        raise FmuError(f"The {MANIFEST} of the surrogate in '{folder}' lists other files than a package has.")
    contents = {name: _bytes(folder, name) for name in files}
    for name, data in contents.items():
        if _hash(data) != files[name]:
            raise FmuError(_altered(folder, name))
    if manifest.get("sha256") != _hash(_canonical(files)):
        raise FmuError(_altered(folder, MANIFEST))
    return contents, str(manifest["sha256"])


def _altered(folder: Path, name: str) -> str:
    return (
        f"'{name}' of the surrogate in '{folder}' was altered after it was made: its SHA-256 is not what the package "
        "states. Restore the package, or train it again."
    )


def _bytes(folder: Path, name: str) -> bytes:
    path = folder / name
    try:
        if path.is_symlink() or not path.is_file():
            raise FmuError(f"The surrogate in '{folder}' has no file '{name}'. Restore the package, or train it again.")
        if path.stat().st_size > LARGEST[name]:
            raise FmuError(f"'{path}' is larger than {LARGEST[name]:,} bytes, the limit for such a file.")
        return path.read_bytes()
    except OSError as error:
        raise FmuError(f"'{path}' cannot be read: {error.strerror}.") from error


def _json(folder: Path, name: str, data: bytes) -> dict[str, Any]:
    def refuse(text: str) -> float:
        raise ValueError(f"{text} is no number")

    try:
        document = json.loads(data.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise FmuError(f"'{folder / name}' is no JSON: {error}.") from error
    if not isinstance(document, dict):
        raise FmuError(f"'{folder / name}' should hold an object.")
    return document


def check_tensors(
    folder: Path, shapes: Mapping[str, tuple[int, ...]], domain: Domain, tensors: Mapping[str, Array]
) -> None:
    """Raise FmuError unless ``tensors`` are those of ``shapes`` and ``domain``."""
    n = len(domain.names)
    for name, shape in {**shapes, "domain_mean": (n,), "domain_whitening": (n, n)}.items():
        if name not in tensors:
            raise FmuError(f"The weights of the surrogate in '{folder}' lack '{name}'. Train it again.")
        if tensors[name].shape != shape:
            raise FmuError(
                f"Tensor '{name}' of the surrogate in '{folder}' has the shape {tensors[name].shape}, and its "
                f"description asks for {shape}. Train it again."
            )


def _try(package: Package) -> None:
    """Take a step from nowhere, which fails where places that the description names are not there."""
    one, n_outputs = np.ones((1, len(package.output_names))), len(package.output_names)
    inputs, parameters = np.ones((1, len(package.input_names))), np.ones((1, len(package.parameter_names)))
    with np.errstate(all="ignore"):
        state = package.model.encode(one, np.ones(1))
        begun = package.model.begin(package.tensors, parameters)
        advance = package.model.advance(package.tensors, state, inputs, parameters, package.step)
        told = package.model.outputs(package.tensors, advance.state, inputs, parameters)
    n_state, n_coordinates = len(package.model.state_names), len(package.model.coordinate_names)
    shapes = (state.shape, begun.shape, advance.coordinates.shape, told.shape)
    if shapes != ((1, n_state), (1, n_state), (1, n_coordinates), (1, n_outputs)):
        raise ValueError("a step gives other numbers than it describes")


def _check_names(package: Package) -> None:
    """Raise ValueError where arrays and interface do not name the same variables."""
    variables = package.interface.variables
    for names in (package.parameter_names, package.input_names, package.output_names):
        for name in names:
            if name not in variables:
                raise ValueError(f"'{name}' is not in its interface")
    for name, (low, high) in package.document["parameters"].items():
        if not (math.isfinite(low) and math.isfinite(high) and low <= high):
            raise ValueError(f"the range of '{name}' goes from {low} to {high}")
    _ = package.handover, package.fixed_inputs
    _try(package)
    if not 0 < package.step < math.inf:
        raise ValueError(f"its step is {package.step} s")
    if not {"sha256", "text"} <= package.document["source"].keys():
        raise ValueError("its source is not stated")
