"""The history of a release in PROV-JSON (W3C member submission, 2013): entities, activities, agents."""

from __future__ import annotations

from typing import Any

from cosim.release.chronicle import Event
from cosim.release.state import Release

Document = dict[str, Any]


def prov_document(release: Release) -> Document:
    """Return what happened to ``release``: each signed record is an activity by a person, each file an entity."""
    found: Document = {
        "prefix": {"cosim": "urn:cosim:", "schema": "https://schema.org/"},
        **{
            name: {}
            for name in ("entity", "activity", "agent", "wasGeneratedBy", "used", "wasAssociatedWith", "wasInformedBy")
        },
    }
    for path, sha256 in release.hashes.items():
        _entity(found, sha256, path)
    found["entity"][_title(release)] = {"prov:type": "prov:Collection", "prov:label": release.title}
    found["hadMember"] = {
        f"_:m{i}": {"prov:collection": _title(release), "prov:entity": _file(sha256)}
        for i, sha256 in enumerate(release.hashes.values())
    }
    for event in release.events:
        _activity(found, release, event)
    supersedes = release.manifest["supersedes"]
    if supersedes:
        found["entity"][f"cosim:release/{supersedes}"] = {"prov:label": supersedes}
        found["wasDerivedFrom"] = {
            "_:d0": {
                "prov:generatedEntity": _title(release),
                "prov:usedEntity": f"cosim:release/{supersedes}",
                "prov:type": {"$": "prov:Revision", "type": "prov:QUALIFIED_NAME"},
            }
        }
    return found


def _title(release: Release) -> str:
    return f"cosim:release/{release.title}"


def _file(sha256: str) -> str:
    return f"cosim:sha256/{sha256}"


def _entity(found: Document, sha256: str, path: str) -> None:
    found["entity"][_file(sha256)] = {"prov:label": path, "schema:sha256": sha256}


def _activity(found: Document, release: Release, event: Event) -> None:
    """Add ``event``, who did it, and which files came or were looked at."""
    activity, agent = f"cosim:record/{event.hash}", f"cosim:person/{event.by.person}"
    found["activity"][activity] = {
        "prov:startTime": event.time,
        "prov:endTime": event.time,
        "prov:label": event.event,
        "cosim:meaning": event.meaning,
        **({"cosim:reason": event.reason} if event.reason else {}),
    }
    found["agent"][agent] = {
        "prov:type": {"$": "prov:Person", "type": "prov:QUALIFIED_NAME"},
        "prov:label": event.by.name,
    }
    found["wasAssociatedWith"][f"_:a{event.n}"] = {"prov:activity": activity, "prov:agent": agent}
    if event.n > 1:
        before = f"cosim:record/{event.previous}"
        found["wasInformedBy"][f"_:i{event.n}"] = {"prov:informed": activity, "prov:informant": before}
    else:
        found["wasGeneratedBy"]["_:g"] = {"prov:entity": _title(release), "prov:activity": activity}
    for i, item in enumerate(event.facts.get("content", ())):
        _entity(found, item["sha256"], item["path"])
        found["used"][f"_:u{event.n}.{i}"] = {"prov:activity": activity, "prov:entity": _file(item["sha256"])}
    for i, gate in enumerate(event.facts.get("gates", ()) if event.event == "promote" else ()):
        if gate.get("sha256"):
            _entity(found, gate["sha256"], gate["evidence"])
            found["used"][f"_:g{event.n}.{i}"] = {"prov:activity": activity, "prov:entity": _file(gate["sha256"])}
