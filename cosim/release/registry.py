"""The registry: a folder with releases, the people who sign them, and every file they are made of.

::

    registry.json                     its name, and that of the audit trail that tells of it
    people/0001-<hash>.json           who may sign what
    releases/NAME/VERSION/0001-….json what happened to a release
    objects/ab/<sha256>               files
    pending/<hash>.json               a record that is being added
    index.sqlite                      for searching; made of the rest whenever it does not fit

A record is written to ``pending``, then told to the audit trail, then moved to where it counts. A process that is
killed in between is finished by the next: forward where the trail has it, back where it has not.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from cosim.audit.ed25519 import SecretKey
from cosim.audit.head import Head
from cosim.audit.lock import locked
from cosim.audit.plain import open_plain, sync_folder
from cosim.audit.trail import FILE, Entry, append, own_head
from cosim.audit.where import find_trail, find_upwards
from cosim.errors import ReleaseError, SignatureError
from cosim.release import people as persons
from cosim.release import state as states
from cosim.release.chronicle import ORIGIN, Event, Signer, file_name, read_chronicle, read_line, sign, told_at
from cosim.release.gates import LARGEST, Finding
from cosim.release.manifest import split_title
from cosim.release.people import People
from cosim.release.state import MEANINGS, Release
from cosim.release.storage import LEFT_BEHIND, Objects, is_hash, write_whole

VARIABLE: Final = "COSIM_REGISTRY"
FOLDER: Final = "registry"
PAPER: Final = "registry.json"
PEOPLE: Final = "people"
BASELINE: Final = "baseline"
"""The kind of releases that hold baselines, and the role of these in them."""
_LONGEST_PAPER: Final = 4096


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to sign: an event, its facts, the reason; his short name, and his key, opened."""

    event: str
    facts: Mapping[str, Any]
    person: str
    key: SecretKey
    reason: str = ""


def find_registry(start: Path | None = None) -> Path:
    """Return the folder of the registry: what ``COSIM_REGISTRY`` names, or ``registry`` from ``start`` upwards.

    Raises
    ------
    ReleaseError
        When there is none.
    """
    named = os.environ.get(VARIABLE)
    found = Path(named) if named else find_upwards(FOLDER, PAPER, start)
    if found is None or not (found / PAPER).is_file():
        where = f"{VARIABLE} names '{named}', where there is none" if named else "there is none here or above"
        raise ReleaseError(f"This needs a registry, and {where}. 'cosim release init' begins one.")
    return found


def found_registry(folder: Path, signer: Signer, key: SecretKey, until: str) -> Registry:
    """Begin a registry in ``folder``, with its founder as administrator.

    Raises
    ------
    ReleaseError
        When there is one, or no audit trail to tell of it.
    """
    trail = find_trail()
    if trail is None:
        raise ReleaseError("A registry needs an audit trail that tells of it. Begin one: cosim audit init")
    if (folder / PAPER).exists():
        raise ReleaseError(f"There is a registry in '{folder}' already.")
    name = secrets.token_hex(16)
    told_by = own_head(trail).trail
    facts = {**asdict(signer), "roles": [persons.ADMINISTRATOR], "until": until}
    unfinished = folder.absolute().with_name(f".{folder.name}-{name}")
    try:
        unfinished.mkdir(parents=True)
        Registry(unfinished, name, told_by, coming=folder).sign(
            PEOPLE, Request("found", facts, signer.person, key), signer
        )
        write_whole(unfinished / PAPER, _paper(name, told_by))
        os.rename(unfinished, folder)
        sync_folder(folder.absolute().parent)
    except OSError as error:
        raise _cannot(folder, error) from error
    return Registry(folder, name, told_by)


def open_registry(folder: Path) -> Registry:
    """Open the registry in ``folder``.

    Raises
    ------
    ReleaseError
        When it is none.
    """
    try:
        with open_plain(folder / PAPER) as opened:
            data = opened.read(_LONGEST_PAPER)
        paper = json.loads(data)
        if data != _paper(paper["registry"], paper["trail"]):
            raise ValueError("it is not as it was written")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"'{folder / PAPER}' is not the paper of a registry: {error}.") from error
    return Registry(folder, paper["registry"], paper["trail"])


def _paper(name: str, trail: str) -> bytes:
    return json.dumps({"format": "cosim registry 1", "registry": name, "trail": trail}, indent=1).encode() + b"\n"


class Registry:
    """A registry that is open: it holds no lock and no file, and reads anew what it is asked."""

    def __init__(self, folder: Path, name: str, trail: str, *, coming: Path | None = None) -> None:
        self.folder, self.name, self.trail = folder, name, trail
        self._coming = coming  # where it is going to lie, while it is founded
        self.objects = Objects(folder / "objects")

    def people(self) -> People:
        """Return who may sign.

        Raises
        ------
        ReleaseError, SignatureError
            When what was signed about them is not as it was.
        """
        return persons.replay(self.name, self.events(PEOPLE))

    def events(self, chronicle: str) -> list[Event]:
        """Return what was signed about people, or about a release, ``name@version``.

        Raises
        ------
        ReleaseError
            When it is not as it was.
        """
        return read_chronicle(self._place(chronicle), self.name, chronicle)

    def release(self, title: str, people: People | None = None) -> Release:
        """Return a release as it stands, after checking every signature.

        Raises
        ------
        ReleaseError, SignatureError
            When there is none, or it is not what was signed.
        """
        name, version = split_title(title)
        events = self.events(title)
        if not events:
            known = ", ".join(self.titles()) or "none"
            raise ReleaseError(f"There is no release {title} in '{self.folder}'. There are: {known}.")
        return states.replay(name, version, events, people or self.people())

    def titles(self) -> list[str]:
        """List all releases as ``name@version``."""
        found = []
        for folder in sorted((self.folder / "releases").glob("*/*")):
            title = f"{folder.parent.name}@{folder.name}"
            try:
                split_title(title)
            except ReleaseError as error:
                raise ReleaseError(f"'{folder}' does not belong into the registry.") from error
            found.append(title)
        return found

    def pending(self) -> set[str]:
        """Return the hashes of records that a killed process has left unfinished; the next one finishes them."""
        return {file.stem for file in (self.folder / "pending").glob("*.json") if is_hash(file.stem)}

    def findings(self, release: Release, target: str, step: Event | None = None) -> list[Finding]:
        """Return what the gates of ``release`` before the state ``target`` show, now or when ``step`` was signed."""

        def read(digest: str) -> bytes:
            return self.objects.read(digest, LARGEST)

        approved, is_past = lambda: self._approved_baselines(step), step is not None
        return states.findings_for(release, target, read, approved, is_past=is_past)

    def _approved_baselines(self, step: Event | None) -> Set[str] | None:
        """Return the hashes of baselines that count, now or when ``step`` was signed; None where nobody approves."""
        people = self.people()
        if not people.has_approvers(step.people if step else None):
            return None
        newest: dict[str, tuple[int, Release]] = {}
        for title in self.titles():
            events = [event for event in self.events(title) if step is None or told_at(event) < told_at(step)]
            if not events or events[0].facts.get("kind") != BASELINE:
                continue
            release = states.replay(*split_title(title), events, people)
            main, at = str(release.manifest["main"]), told_at(events[-1])
            if release.state == "approved" and at >= newest.get(main, (-1, release))[0]:
                newest[main] = at, release
        listed = (item for _, release in newest.values() for item in release.manifest["content"])
        return {str(item["sha256"]) for item in listed if item["role"] == BASELINE}

    def sign(self, chronicle: str, request: Request, founder: Signer | None = None) -> Event:
        """Add a signed record to ``chronicle``: it has been checked, told to the audit trail, and is on the disk.

        Raises
        ------
        ReleaseError, SignatureError
            When it is not allowed.
        AuditError
            When the audit trail does not take it.
        """
        with self._alone() as trail:
            people = self.people()
            self.require_told(trail, chronicle)
            signer = founder or _signer(people, request)
            event = self._drafted(chronicle, request, signer, people, own_head(trail))
            before = self._checked(chronicle, event, people)
            line, digest = sign(event, request.key)
            event = replace(event, hash=digest)
            write_whole(self.folder / "pending" / f"{digest}.json", line)
            append(trail, [self._entry(event, before, trail)])
            self._settle(event)
        return event

    def finish(self) -> None:
        """Finish what a killed process has begun, if it has."""
        with self._alone():
            pass

    @contextmanager
    def _alone(self) -> Iterator[Path]:
        """Hold the registry during the block, with nothing pending; return where its audit trail is."""
        trail = find_trail()
        if trail is None:
            raise ReleaseError("What is done to a registry is recorded, and there is no audit trail here: COSIM_AUDIT.")
        if own_head(trail).trail != self.trail:
            raise ReleaseError(f"The registry '{self.folder}' is told of by another audit trail than '{trail}'.")
        try:
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
            try:
                with locked(descriptor, self.folder / "lock"):
                    self._finish(trail)
                    yield trail
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _cannot(self.folder, error) from error

    def require_told(self, trail: Path, chronicles: str) -> None:
        """Make sure that nothing of which the audit trail tells is missing: of the people, and of ``chronicles``.

        That is a release, or all that a pattern such as ``baselines-tank@*`` stands for.

        This reads the trail as it stands; 'cosim audit verify' finds whether it is what was written.

        Raises
        ------
        ReleaseError
            When a record has been taken away, as somebody might who wants to undo that he was revoked.
        """
        mark = f'"registry":"{self.name}"'.encode()
        with open_plain(trail / FILE) as opened:
            told = [found for line in opened if mark in line and (found := _told(line))]
        asked = [one for one in told if one["subject"] == PEOPLE or fnmatchcase(one["subject"], chronicles)]
        subjects = {one["subject"] for one in asked}
        known = {event.hash for subject in subjects for event in self.events(subject)} | self.pending()
        for one in asked:
            after = one["after"]
            if after.get("record") not in known:
                raise ReleaseError(
                    f"'{after.get('event')}', record {after.get('n')} of {one['subject']}, is missing from the "
                    f"registry '{self.folder}'. Bring it back from a backup; 'cosim audit verify' tells more."
                )

    def _finish(self, trail: Path) -> None:
        self.objects.sweep()
        for file in (self.folder / "pending").glob(f"{LEFT_BEHIND}*"):
            file.unlink()
        for file in sorted((self.folder / "pending").glob("*.json")):
            try:
                with open_plain(file) as opened:
                    event = read_line(opened.read(), f"'{file}'")
                is_told = file.stem == event.hash and _is_told(trail, event)
            except (ReleaseError, OSError):
                is_told = False
            if is_told:
                self._settle(event)
            else:
                file.unlink()

    def _settle(self, event: Event) -> None:
        """Move a record from ``pending`` to where it counts."""
        place = self._place(event.chronicle)
        place.mkdir(parents=True, exist_ok=True)
        os.replace(self.folder / "pending" / f"{event.hash}.json", place / file_name(event))
        for folder in (place, place.parent, place.parent.parent):
            sync_folder(folder)

    def _place(self, chronicle: str) -> Path:
        if chronicle == PEOPLE:
            return self.folder / PEOPLE
        name, version = split_title(chronicle)
        return self.folder / "releases" / name / version

    def _drafted(self, chronicle: str, request: Request, signer: Signer, people: People, head: Head) -> Event:
        events = self.events(chronicle)
        return Event(
            n=len(events) + 1,
            previous=events[-1].hash if events else ORIGIN,
            registry=self.name,
            chronicle=chronicle,
            event=request.event,
            time=datetime.now(UTC).isoformat(timespec="seconds"),
            by=signer,
            meaning=MEANINGS.get(request.event, "I have decided this as an administrator."),
            reason=request.reason,
            people=people.n,
            trail={"count": head.count, "hash": head.hash, "end": head.end},
            facts=request.facts,
        )

    def _checked(self, chronicle: str, event: Event, people: People) -> str:
        """Make sure that ``event`` may follow; return the state that there is before it."""
        if chronicle == PEOPLE:
            persons.apply(people, event)
            return f"{people.n} records of people"
        name, version = split_title(chronicle)
        release = states.replay(name, version, self.events(chronicle), people)
        states.apply(release, event, people)
        return release.state or "nothing"

    def _entry(self, event: Event, before: str, trail: Path) -> Entry:
        kind = PEOPLE if event.chronicle == PEOPLE else "approval" if event.event == "approve" else "release"
        after = {
            "event": event.event, "n": event.n, "record": event.hash, "people": event.people,
            "registry": self.name, "meaning": event.meaning,
        }  # fmt: skip
        if event.event == "promote":
            after["state"] = event.facts["to"]
        if self._coming is not None:
            after["folder"] = Path(os.path.relpath(self._coming, trail)).as_posix()
        earlier = {"state": before, "record": event.previous}
        return Entry(kind, event.chronicle, event.reason, earlier, after, f"{event.by.name} ({event.by.person})")


def _signer(people: People, request: Request) -> Signer:
    found = people.active(request.person)
    if found is None:
        raise SignatureError(f"There is nobody '{request.person}' who may sign. 'cosim release people' lists who may.")
    if found.signer.key != request.key.public:
        raise SignatureError(f"The key is not the one that was admitted for '{request.person}'.")
    return found.signer


def _told(line: bytes) -> dict[str, Any]:
    """Return what a line of the audit trail tells of a registry; nothing where it is something else."""
    try:
        record = json.loads(line)["record"]
        after = record["after"]
        is_ours = record["kind"] in (PEOPLE, "release", "approval") and isinstance(after, dict)
        is_ours = is_ours and isinstance(record["subject"], str)
        return {"subject": record["subject"], "after": after} if is_ours else {}
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}


def _is_told(trail: Path, event: Event) -> bool:
    """Tell whether the audit trail has the record of ``event``, behind where it stood when that was signed."""
    end = event.trail.get("end")
    with open_plain(trail / FILE) as opened:
        opened.seek(end if isinstance(end, int) and end > 0 else 0)
        return f'"record":"{event.hash}"'.encode() in opened.read()


def _cannot(folder: Path, error: OSError) -> ReleaseError:
    return ReleaseError(f"The registry '{folder}' cannot be written: {error.strerror or error}.")
