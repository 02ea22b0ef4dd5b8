"""What a release says of its main file as simulation resource meta data: an SRMD file of SSP Traceability 1.0.

Source: Modelica Association, SSP Traceability 1.0, chapters "Simulation Resource Meta Data File Format" and "SRMD" of
packaging. The keywords of the classification ``de.setlevel.srmd.model-meta-data`` are those of its examples.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final
from xml.etree import ElementTree

from cosim._version import __version__
from cosim.release.registry import Registry
from cosim.release.state import Release

SRMD: Final = "http://ssp-standard.org/SSPTraceability1/SimulationResourceMetaData"
STC: Final = "http://ssp-standard.org/SSPTraceability1/SSPTraceabilityCommon"
MODEL: Final = "de.setlevel.srmd.model-meta-data"
OURS: Final = "io.github.bioprocess-cosim.release"
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""
_BLOCK: Final = 1 << 20

for _prefix, _space in (("srmd", SRMD), ("stc", STC)):
    ElementTree.register_namespace(_prefix, _space)


def file_name_of(path: str) -> str:
    """Return what the SRMD file of a file is called: as that file, with the ending ``.srmd``."""
    return str(PurePosixPath(path).with_suffix(".srmd"))


def srmd_of(registry: Registry, release: Release, data: str) -> bytes:
    """Return the SRMD file of the main file of ``release``, which is at the relative URI ``data`` from it.

    Raises
    ------
    ReleaseError
        When the main file is not what was signed.
    """
    attributes = {
        "version": "1.0.0",
        "name": release.title,
        "data": data,
        "checksum": _sha3(registry, release),
        "checksumType": "SHA3-256",
        "description": release.manifest["description"] or release.manifest["intended_use"],
        "author": release.author.by.name,
        "fileversion": release.version,
        "generationTool": f"cosim {__version__}",
        "generationDateAndTime": release.events[-1].time,
    }
    root = ElementTree.Element(f"{{{SRMD}}}SimulationResourceMetaData", {k: _plain(v) for k, v in attributes.items()})
    for kind, entries in ((MODEL, _model(release)), (OURS, _ours(release))):
        classification = ElementTree.SubElement(root, f"{{{STC}}}Classification", {"type": kind})
        for keyword, text in entries:
            entry = ElementTree.SubElement(
                classification, f"{{{STC}}}ClassificationEntry", {"keyword": _plain(keyword)}
            )
            entry.text = _plain(text)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def _sha3(registry: Registry, release: Release) -> str:
    """Return the SHA3-256 of the main file, the only checksum that SRMD knows."""
    total = hashlib.sha3_256()
    with registry.objects.checked(release.hashes[release.manifest["main"]]).open("rb") as file:
        while block := file.read(_BLOCK):
            total.update(block)
    return total.hexdigest()


def _model(release: Release) -> Iterator[tuple[str, str]]:
    """Say it in words that other tools know."""
    manifest = release.manifest
    reached = {str(event.facts["to"]): event.time for event in release.events if event.event == "promote"}
    yield "model.name", release.name
    yield "model.version", release.version
    yield "model.releasestatus", release.state
    if "approved" in reached:
        yield "model.releasedate", reached["approved"][:10]
    yield "model.purpose", manifest["intended_use"]
    for limit in manifest["limits"]:
        yield "model.limitations", str(limit)
    yield "model.verification.status", str("verified" in reached).lower()
    yield "model.validation.status", str("validated" in reached).lower()


def _ours(release: Release) -> Iterator[tuple[str, str]]:
    """Say what there is no common word for."""
    manifest = release.manifest
    yield "sha256", release.hashes[manifest["main"]]
    yield "record", release.events[-1].hash
    yield "kind", manifest["kind"]
    for name, parameter in manifest["parameters"].items():
        yield f"parameter.{name}", f"{parameter['value']} ({parameter['source']})"
    for event in (*release.approvals, *release.deviations):
        what = "approval" if event.event == "approve" else f"deviation.{event.facts['gate']}"
        yield what, " ".join(text for text in (event.by.name, event.time, event.reason) if text)


def _plain(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)
