"""What a release has come to, as its signed records tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from unicodedata import normalize

from cosim.errors import ReleaseError, SignatureError
from cosim.release.chronicle import Event, Signer
from cosim.release.gates import COMPARISONS, REVIEW, Finding, gate_from, judge
from cosim.release.people import People
from cosim.release.storage import is_hash
from cosim.release.suites import Approved

DRAFT: Final = "draft"
NEXT: Final[Mapping[str, str]] = {DRAFT: "verified", "verified": "validated", "validated": "approved"}
RETIRED: Final = "retired"
_ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "create": ("author",),
    "evidence": ("author", "reviewer"),
    "promote": ("author", "reviewer", "approver"),
    "approve": ("approver",),
    "deviation": ("approver",),
    "retire": ("approver",),
}
_MANIFEST: Final[Mapping[str, type]] = {
    "kind": str, "description": str, "intended_use": str, "limits": list, "main": str, "content": list,
    "parameters": dict, "requirements": dict, "gates": dict, "approvals": int, "supersedes": str, "policy": dict,
    "compiler": dict, "versions": dict,
}  # fmt: skip
"""What a manifest says besides its name and version."""
MEANINGS: Final[Mapping[str, str]] = {
    "create": "I have written this release.",
    "evidence": "I have added this evidence.",
    "promote": "I have seen the gates to be as stated.",
    "approve": "I approve this release for its intended use.",
    "deviation": "I accept that this gate is not passed, for the reason given.",
    "retire": "This release is no longer to be used.",
}
"""What a signature stands for."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release as it stands: its manifest, files by path, and what was signed."""

    name: str
    version: str
    state: str = ""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    approvals: tuple[Event, ...] = ()
    deviations: tuple[Event, ...] = ()
    """By gate, those that stand."""

    @property
    def title(self) -> str:
        """Return the name under which scenarios refer to it."""
        return f"{self.name}@{self.version}"

    @property
    def author(self) -> Event:
        """Return the record by which it was made."""
        return self.events[0]


def replay(name: str, version: str, events: Sequence[Event], people: People) -> Release:
    """Return what ``events`` have made of a release.

    Raises
    ------
    ReleaseError, SignatureError
        When one of them was not allowed.
    """
    release = Release(name, version)
    for event in events:
        release = apply(release, event, people)
    return release


def apply(release: Release, event: Event, people: People) -> Release:
    """Return what ``event`` makes of ``release``; the same check stands before it is signed and when it is read.

    Raises
    ------
    ReleaseError
        When it is not allowed in this state.
    SignatureError
        When the signer may not.
    """
    if event.event not in _ROLES:
        raise ReleaseError(f"'{event.event}' is nothing that happens to a release.")
    if bool(release.events) == (event.event == "create"):
        raise ReleaseError(f"{release.title} {'is there already' if release.events else 'does not begin as one'}.")
    if (release.events and event.people < release.events[-1].people) or event.people > people.n:
        raise ReleaseError(f"Record {event.n} of {release.title} was signed with people that there were not then.")
    people.entitled(event.by, _ROLES[event.event], time=event.time, at=event.people)
    if release.state == RETIRED:
        raise ReleaseError(f"{release.title} is retired: nothing more can be done to it. Make a new version.")
    if event.event in ("approve", "deviation"):
        _be_another(release, event)
    policy = people.policy(event.people).get(str(event.facts.get("kind")))
    if event.event == "create" and event.facts.get("policy") != policy:
        raise ReleaseError(f"{release.title} does not name the gates that the registry demands.")
    try:
        changed = _CHANGES[event.event](release, event)
    except (KeyError, TypeError, AttributeError) as error:
        raise ReleaseError(
            f"Record {event.n} of {release.title} does not say what '{event.event}' must say."
        ) from error
    return replace(changed, events=(*release.events, event))


def _be_another(release: Release, event: Event) -> None:
    """Four eyes: who approves is neither the author nor somebody who has added evidence."""
    for other in release.events:
        if other.event in ("create", "evidence") and _is_same(other.by, event.by):
            did = "has written" if other.event == "create" else "has added evidence to"
            raise SignatureError(f"{event.by.name} {did} {release.title}, so that somebody else must sign this.")


def _is_same(one: Signer, other: Signer) -> bool:
    """Tell whether two signers are one person, who may have been admitted again under another short name."""
    return one.person == other.person or _folded(one.name) == _folded(other.name) or one.key == other.key


def _folded(name: str) -> str:
    """Return a printed name without what does not tell persons apart: case, width of letters and spaces."""
    return " ".join(normalize("NFKC", normalize("NFKC", name).casefold()).split())


def _create(release: Release, event: Event) -> Release:
    manifest = event.facts
    if (manifest.get("release"), manifest.get("version")) != (release.name, release.version):
        raise ReleaseError(f"{release.title} begins with the manifest of another release.")
    hashes = {item["path"]: item["sha256"] for item in manifest["content"]}
    if {name: type(manifest.get(name)) for name in _MANIFEST} != _MANIFEST or manifest["main"] not in hashes:
        raise ReleaseError(f"{release.title} begins with a manifest in which something is missing.")
    if not all(is_hash(digest) for digest in hashes.values()):
        raise ReleaseError(f"The manifest of {release.title} lists a file without a hash.")
    _read_through(manifest)
    return replace(release, state=DRAFT, manifest=manifest, hashes=hashes)


def _read_through(manifest: Mapping[str, Any]) -> None:
    """Make sure that everything is in a manifest that is read of it later; KeyError or TypeError when not."""
    for state, gates in manifest["gates"].items():
        for name, gate in gates.items():
            if gate_from(name, gate).comparison not in COMPARISONS or state not in NEXT.values():
                raise KeyError(name)
    texts = [
        gate[key] for gates in manifest["gates"].values() for gate in gates.values() for key in ("evidence", "value")
    ]
    texts += [parameter[key] for parameter in manifest["parameters"].values() for key in ("value", "source")]
    texts += [requirement["text"] for requirement in manifest["requirements"].values()]
    texts += [test for requirement in manifest["requirements"].values() for test in requirement["tests"]]
    texts += [item[key] for item in manifest["content"] for key in ("path", "role")]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError


def _evidence(release: Release, event: Event) -> Release:
    if release.state not in NEXT:
        raise ReleaseError(f"{release.title} is {release.state}: evidence is added before. Make a new version.")
    added = {item["path"]: item["sha256"] for item in event.facts["content"]}
    changed = sorted(path for path in added if path in release.hashes and _role_of(release, path) != "evidence")
    if changed:
        raise ReleaseError(f"'{changed[0]}' is part of {release.title} and no evidence. Make a new version.")
    # What was approved is not what there is now.
    return replace(release, hashes={**release.hashes, **added}, approvals=())


def _role_of(release: Release, path: str) -> str:
    found = (item["role"] for item in release.manifest["content"] if item["path"] == path)
    return next(found, "evidence")


def _promote(release: Release, event: Event) -> Release:
    target = str(event.facts.get("to"))
    if event.facts.get("from") != release.state or target not in (NEXT.get(release.state), next_state(release)):
        raise ReleaseError(f"{release.title} is {release.state}, and cannot go to '{event.facts.get('to')}'.")
    findings = event.facts.get("gates")
    if not isinstance(findings, list) or not all(isinstance(finding, dict) for finding in findings):
        raise ReleaseError(f"The step of {release.title} to '{target}' does not say what the gates have shown.")
    accepted = {other.facts["gate"] for other in release.deviations}
    shown = {str(finding.get("gate")) for finding in findings}
    skipped = sorted({*_names_before(release, target)} - shown)
    skipped += [
        str(finding.get("gate"))
        for finding in findings
        if finding.get("state") == "deviation" and finding.get("gate") not in accepted
    ]
    if skipped:
        raise ReleaseError(f"The step of {release.title} to '{target}' leaves out the gate {skipped[0]}.")
    open_gates = [
        str(finding.get("gate")) for finding in findings if finding.get("state") not in ("passed", "deviation")
    ]
    if open_gates:
        raise ReleaseError(f"{release.title} cannot become {target}: {', '.join(open_gates)} not passed.")
    if target == "approved" and len(release.approvals) < max(1, release.manifest["approvals"]):
        raise ReleaseError(f"{release.title} cannot become approved: too few have approved it.")
    return replace(release, state=target)


def _approve(release: Release, event: Event) -> Release:
    if next_state(release) != "approved":
        raise ReleaseError(f"{release.title} is {release.state}; it is approved when it is validated.")
    if any(_is_same(other.by, event.by) for other in release.approvals):
        raise ReleaseError(f"{event.by.name} has approved {release.title} already.")
    return replace(release, approvals=(*release.approvals, event))


def _deviation(release: Release, event: Event) -> Release:
    gate = event.facts.get("gate")
    if release.state not in NEXT:
        raise ReleaseError(f"{release.title} is {release.state}: no gate is before it.")
    if gate == REVIEW:
        raise ReleaseError("No deviation stands for the approval by somebody else.")
    if gate not in gate_names(release):
        raise ReleaseError(f"{release.title} has no gate '{gate}'. It has {', '.join(gate_names(release)) or 'none'}.")
    if len(event.reason.strip()) < 10:
        raise ReleaseError("A deviation says why, in a sentence: --reason TEXT.")
    return replace(release, deviations=(*release.deviations, event), approvals=())


def _retire(release: Release, event: Event) -> Release:
    if not event.reason.strip():
        raise ReleaseError("Retiring says why: --reason TEXT.")
    return replace(release, state=RETIRED)


_CHANGES: Final[Mapping[str, Callable[[Release, Event], Release]]] = {
    "create": _create,
    "evidence": _evidence,
    "promote": _promote,
    "approve": _approve,
    "deviation": _deviation,
    "retire": _retire,
}


def next_state(release: Release) -> str | None:
    """Return the state that ``release`` may come to; one that no gate stands before has only approval before it."""
    if release.state == DRAFT and not gate_names(release):
        return "approved"
    return NEXT.get(release.state)


def gate_names(release: Release) -> list[str]:
    """Return the names of all gates on the way, declared or demanded."""
    declared = [name for gates in release.manifest["gates"].values() for name in gates]
    demanded = [name for names in release.manifest["policy"].values() for name in names]
    return sorted({*declared, *demanded})


def _names_before(release: Release, target: str) -> list[str]:
    declared = release.manifest["gates"].get(target, {})
    demanded = release.manifest["policy"].get(target, [])
    return sorted({*declared, *demanded})


def findings_for(
    release: Release, target: str, read: Callable[[str], bytes], approved: Approved, *, is_past: bool
) -> list[Finding]:
    """Return what the gates before ``target`` show; ``approved`` and ``is_past`` as for ``judge``.

    Raises
    ------
    ReleaseError
        When a file of the release is not what was signed.
    """
    declared = release.manifest["gates"].get(target, {})
    accepted = {event.facts["gate"]: event for event in release.deviations}
    found = []
    for name in _names_before(release, target):
        if name in declared:
            finding = judge(gate_from(name, declared[name]), release.hashes, read, approved, is_past=is_past)
        else:
            text = "the registry demands this gate, and the release declares no evidence for it"
            finding = Finding(name, "missing", text)
        if finding.is_open and name in accepted:
            event = accepted[name]
            text = f"{finding.text}; accepted by {event.by.name}: {event.reason}"
            finding = replace(finding, state="deviation", text=text)
        found.append(finding)
    if target == "approved":
        found.append(_review(release))
    return found


def _review(release: Release) -> Finding:
    wanted = release.manifest["approvals"]
    names = ", ".join(event.by.name for event in release.approvals) or "nobody"
    is_enough = len(release.approvals) >= wanted
    text = f"{len(release.approvals)} of {wanted} approvals by others than the author: {names}"
    return Finding(REVIEW, "passed" if is_enough else "missing", text)
