"""A registry compared with the audit trail that tells of it, and every hash and signature in it checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from cosim.audit.chain import Record
from cosim.errors import CosimError
from cosim.release import state as states
from cosim.release.chronicle import Event
from cosim.release.index import faults_of
from cosim.release.manifest import split_title
from cosim.release.people import People, moment
from cosim.release.registry import PEOPLE, Registry
from cosim.release.state import Release

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Told:
    """What the audit trail tells of a registry, collected while it is read."""

    registry: str
    records: dict[str, Record] = field(default_factory=dict)
    """By the hash of the signed record that each tells of."""
    hashes: dict[int, str] = field(default_factory=dict)
    latest: dict[int, datetime] = field(default_factory=dict)
    """The latest time that the trail had come to with each record of the registry, whatever the clock then said."""
    _latest: datetime = _LONG_AGO

    def look(self, record: Record) -> None:
        """Take what ``record`` tells."""
        self.hashes[record.n] = record.hash
        self._latest = max(self._latest, datetime.fromisoformat(record.time))
        after = record.after if isinstance(record.after, dict) else {}
        if record.kind in (PEOPLE, "release", "approval") and after.get("registry") == self.registry:
            self.records[str(after.get("record"))] = record
            self.latest[record.n] = self._latest


def faults(registry: Registry, told: Told) -> Iterator[str]:
    """Say what is wrong, in a sentence each: the people first, then release by release, then files.

    ``told`` is what a whole audit trail tells.
    """
    try:
        people = registry.people()
        titles = registry.titles()
    except CosimError as error:
        yield error.message
        return
    seen = registry.pending()
    yield from _untold(registry.events(PEOPLE), told, seen, people)
    for title in titles:
        yield from _release_faults(registry, title, people, told, seen)
    for digest, record in told.records.items():
        if digest not in seen:
            where = f"record {record.n} of the audit trail tells of {_event_of(record)}"
            yield f"A signed record of {record.subject} is missing from the registry: {where}."
    yield from _file_faults(registry)
    try:
        yield from faults_of(registry)
    except CosimError:
        return  # of a release, told above


def _event_of(record: Record) -> str:
    return f"'{record.after.get('event')}' by {record.who.get('person', '')}"


def _release_faults(registry: Registry, title: str, people: People, told: Told, seen: set[str]) -> Iterator[str]:
    try:
        events = registry.events(title)
        seen |= {event.hash for event in events}
        release = Release(*split_title(title))
        for event in events:
            if event.event == "promote":
                yield from _gate_faults(registry, release, event)
            release = states.apply(release, event, people)
    except CosimError as error:
        yield error.message
        return
    yield from _untold(events, told, seen, people)
    for path, digest in release.hashes.items():
        try:
            registry.objects.checked(digest)
        except CosimError as error:
            yield f"'{path}' of {title}: {error.message}"


def _gate_faults(registry: Registry, release: Release, event: Event) -> Iterator[str]:
    """Judge the gates of a step again."""
    stated: list[dict[str, Any]] = event.facts["gates"]
    by_name = {str(finding.get("gate")): finding.get("state") for finding in stated}
    for finding in registry.findings(release, str(event.facts.get("to")), event):
        if by_name.get(finding.gate) != finding.state:
            yield (
                f"The step of {release.title} to '{event.facts.get('to')}' says that the gate {finding.gate} was "
                f"{by_name.get(finding.gate)}, and it is {finding.state}: {finding.text}."
            )


def _untold(events: list[Event], told: Told, seen: set[str], people: People) -> Iterator[str]:
    """Compare signed records with what the audit trail tells of them, and when."""
    for event in events:
        seen.add(event.hash)
        what = f"Record {event.n} of {event.chronicle} ('{event.event}' by {event.by.name})"
        record = told.records.get(event.hash)
        if record is None:
            yield f"{what} is not in the audit trail: it was not made by cosim."
            continue
        count = event.trail.get("count")
        if told.hashes.get(count) != event.trail.get("hash"):  # type: ignore[arg-type]
            yield f"{what} was signed over another audit trail than this: record {count} of it had another hash."
        elif not isinstance(count, int) or count >= record.n:
            yield f"{what} was told to the audit trail before it was signed."
        n_people = sum(1 for other in told.records.values() if other.kind == PEOPLE and other.n < record.n)
        ends = next((one.until for one in people.persons if one.signer == event.by), "")
        if ends and told.latest[record.n] >= moment(ends):
            yield f"{what} was signed with a clock that had been set back: the key had expired on {ends}."
        if n_people != event.people:
            yield f"{what} was signed with the people of another time: it is dated back, or somebody was revoked since."


def _file_faults(registry: Registry) -> Iterator[str]:
    """Check every object, also those that no release has."""
    for digest in registry.objects.names():
        try:
            registry.objects.checked(digest)
        except CosimError as error:
            yield error.message
    folder = registry.folder / "objects"
    for file in sorted(folder.rglob("*")):
        if not file.is_dir() and not registry.objects.is_object(file) and not file.name.startswith(".new-"):
            yield f"'{file}' does not belong into the registry."
