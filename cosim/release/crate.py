"""A release as one archive for others: an RO-Crate 1.1 with its files, signed records, provenance and report."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from cosim.errors import ReleaseError
from cosim.release.chronicle import file_name
from cosim.release.manifest import is_plain_path
from cosim.release.prov import prov_document
from cosim.release.registry import PEOPLE, Registry
from cosim.release.report import render
from cosim.release.srmd import file_name_of, srmd_of
from cosim.release.state import Release
from cosim.results.document import write_bytes

METADATA: Final = "ro-crate-metadata.json"
_CONTEXT: Final = [
    "https://w3id.org/ro/crate/1.1/context",
    {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"},
]
_LARGEST: Final = 4 << 30
"""Bytes of a file that are packed."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""Time of every file in the archive: what is packed decides its bytes."""
_ACTIONS: Final[Mapping[str, str]] = {"create": "CreateAction", "evidence": "UpdateAction"}
_FORMATS: Final = {
    ".json": "application/json", ".csv": "text/csv", ".html": "text/html", ".yaml": "application/yaml",
    ".srmd": "application/x-srmd-meta-data",
}  # fmt: skip


def write_crate(registry: Registry, title: str, file: Path) -> None:
    """Write the release to ``file``, a ZIP archive.

    Raises
    ------
    ReleaseError, SignatureError
        When there is no such release, or it is not what was signed.
    ResultError
        When the file cannot be written.
    """
    if file.suffix.lower() != ".zip":
        raise ReleaseError(f"A crate is a .zip file, not '{file.name}'.")
    release = registry.release(title)
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _parts(registry, release):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    write_bytes(file, stream.getvalue())


def _parts(registry: Registry, release: Release) -> list[tuple[str, bytes]]:
    """Return the files of the archive by their paths in it, the metadata first."""
    files = {
        f"files/{_checked(path)}": registry.objects.read(sha256, _LARGEST)
        for path, sha256 in sorted(release.hashes.items())
    }
    for place, folder in ((f"releases/{release.name}/{release.version}", release.title), (PEOPLE, PEOPLE)):
        for event in registry.events(folder):
            files[f"records/{place}/{file_name(event)}"] = (registry.folder / place / file_name(event)).read_bytes()
    main = release.manifest["main"]
    files[f"srmd/{file_name_of(main)}"] = srmd_of(
        registry, release, _uri(f"{'../' * (main.count('/') + 1)}files/{main}")
    )
    files["prov.json"] = _json(prov_document(release))
    files["report.html"] = render(registry, release).encode()
    metadata = crate_document(registry, release, {name: len(data) for name, data in files.items()})
    return [(METADATA, _json(metadata)), *files.items()]


def _checked(path: str) -> str:
    """Return ``path``, which an author has signed, if it stays inside a folder on every system."""
    if not is_plain_path(path):
        raise ReleaseError(f"The release holds a file '{path}', which is no path below a folder.")
    return path


def crate_document(registry: Registry, release: Release, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Return the metadata of the crate, whose files have those ``sizes`` in bytes."""
    manifest = release.manifest
    persons = {event.by.person: event.by for event in release.events}
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": release.title,
        "description": manifest["description"] or manifest["intended_use"],
        "abstract": f"Intended use: {manifest['intended_use']}",
        "datePublished": release.events[-1].time,
        "version": release.version,
        "creativeWorkStatus": release.state,
        "identifier": release.events[-1].hash,
        "author": _reference(f"#{release.author.by.person}"),
        "mainEntity": _reference(f"files/{manifest['main']}"),
        "hasPart": [_reference(name) for name in sizes],
        "mentions": [_reference(f"#record-{event.n}") for event in release.events],
    }
    descriptor = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": _reference("https://w3id.org/ro/crate/1.1"),
        "about": _reference("./"),
    }
    hashes = {f"files/{path}": sha256 for path, sha256 in release.hashes.items()}
    files = [_file(name, size, hashes.get(name)) for name, size in sizes.items()]
    people = [{"@id": f"#{name}", "@type": "Person", "name": signer.name} for name, signer in persons.items()]
    return {"@context": _CONTEXT, "@graph": [descriptor, root, *files, *people, *_actions(release)]}


def _file(name: str, size: int, sha256: str | None) -> dict[str, Any]:
    kind = _FORMATS.get(Path(name).suffix.lower(), "application/octet-stream")
    entry = {"@id": _uri(name), "@type": "File", "name": name.rpartition("/")[2], "contentSize": str(size)}
    return {**entry, "encodingFormat": kind, **({"sha256": sha256} if sha256 else {})}


def _actions(release: Release) -> list[dict[str, Any]]:
    """Return what was signed as actions of persons."""
    return [
        {
            "@id": f"#record-{event.n}",
            "@type": _ACTIONS.get(event.event, "AssessAction"),
            "name": event.event if event.event != "promote" else f"{event.facts['from']} → {event.facts['to']}",
            "description": " ".join(text for text in (event.meaning, event.reason) if text),
            "agent": _reference(f"#{event.by.person}"),
            "endTime": event.time,
            "object": _reference("./"),
            "actionStatus": "http://schema.org/CompletedActionStatus",
            "identifier": event.hash,
        }
        for event in release.events
    ]


def _reference(identifier: str) -> dict[str, str]:
    return {"@id": _uri(identifier)}


def _uri(name: str) -> str:
    """Return ``name`` as identifiers are written, which have no spaces."""
    return quote(name, safe=":/#@+")


def _json(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
