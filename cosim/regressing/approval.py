"""Who has approved the baselines of a suite: what the registry of the project says, if it has people who may."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from cosim.regressing.held import held_against
from cosim.regression.baselines import INDEX, BaselineEntry, Baselines, parse_index
from cosim.regression.finding import Finding
from cosim.regression.settings import SETTINGS, Settings, decode_settings, differences, settings_of
from cosim.regression.suite import Case, Suite
from cosim.release.chronicle import told_at
from cosim.release.gates import LARGEST
from cosim.release.manifest import is_plain_path
from cosim.release.people import People
from cosim.release.registry import BASELINE, Registry
from cosim.release.state import RETIRED, Release
from cosim.releasing import registry_above, require_whole

_MOST_TOLD: Final = 3
"""Settings of a case that have changed, in a finding."""


@dataclass(frozen=True, slots=True)
class Known:
    """A release that holds baselines of the suite: by case, the one that counts in it, and by what it is judged."""

    release: Release
    entries: Mapping[str, BaselineEntry]
    settings: Settings


@dataclass(frozen=True, slots=True)
class Approvals:
    """What the registry says of a suite's baselines: the releases that hold some, the newest last.

    ``is_required`` where somebody was admitted to the registry who approves. ``approved`` is the newest that is.
    """

    suite: Suite
    settings: Settings
    is_required: bool = False
    known: tuple[Known, ...] = ()
    approved: Known | None = None

    def told(self, case: str, entry: BaselineEntry) -> str:
        """Return in words whether ``entry`` is approved as the baseline of ``case``."""
        if not self._is_approved(case, entry):
            return "unapproved"
        assert self.approved is not None
        return f"approved in {self.approved.release.title}"

    def missing(self, case: str, entry: BaselineEntry) -> Finding | None:
        """Return what is missing for ``entry`` to be the baseline of ``case``; None where nothing is."""
        if not self.is_required or self._is_approved(case, entry):
            return None
        waiting = [one.release for one in self.known if hash_in(one, case) == entry.sha256]
        what = f"The baseline {entry.sha256[:8]} of '{case}' ({entry.by}: {entry.reason})"
        return Finding("approval", case, f"{what} {self._todo(waiting)}")

    def changed(self, case: Case) -> Finding | None:
        """Return what is missing for ``case`` to be judged as it is; None where nothing is."""
        if not self.is_required or self.approved is None:
            return None
        now, title = self.settings[case.name], self.approved.release.title
        if case.name in self.approved.settings:
            found = differences(self.approved.settings[case.name], now)
            if not found:
                return None
            what = f"By what '{case.name}' is judged has changed since {title} ({', '.join(found[:_MOST_TOLD])})"
        elif case.name in self.approved.entries:  # of an earlier cosim
            what = f"By what '{case.name}' is judged is not told in {title}"
        elif case.against is not None:
            what = f"The case '{case.name}' is new since {title}"
        else:
            return None  # its baseline is not approved either, which is told
        waiting = [one.release for one in self.known if one.settings.get(case.name) == now]
        return Finding("approval", case.name, f"{what}, and {self._todo(waiting)}")

    def gone(self) -> list[Finding]:
        """Return the cases that were approved and are no longer in the suite."""
        if not self.is_required or self.approved is None:
            return []
        title = self.approved.release.title
        return [
            Finding(
                "approval",
                name,
                f"The case '{name}' was approved in {title} and is gone from the suite, and "
                + self._todo([one.release for one in self.known if name not in one.settings]),
            )
            for name in self.approved.settings
            if name not in self.suite.cases
        ]

    def _todo(self, waiting: Sequence[Release]) -> str:
        """Say what is to be done for approval; a release may be ``waiting`` for it."""
        drafts = [release for release in waiting if release.state != "approved"]
        if not drafts:
            return f"was not proposed for approval: cosim release baseline {self.suite.path} --reason … --as PERSON"
        title, author = drafts[-1].title, drafts[-1].author.by.name
        given = drafts[-1].approvals
        if len(given) >= max(1, drafts[-1].manifest["approvals"]):
            by = " and ".join(event.by.name for event in given)
            return f"has been approved by {by}: cosim release promote {title}"
        return f"waits for approval by somebody other than {author}: cosim release approve {title}"

    def _is_approved(self, case: str, entry: BaselineEntry) -> bool:
        return self.approved is not None and hash_in(self.approved, case) == entry.sha256


def hash_in(known: Known, case: str) -> str:
    """Return the hash of the baseline of ``case`` in a release, '' where it has none."""
    return known.entries[case].sha256 if case in known.entries else ""


def approvals_of(suite: Suite) -> Approvals:
    """Read what the registry of the suite's project says of its baselines.

    Raises
    ------
    ReleaseError, SignatureError
        When the registry is not as it was signed.
    """
    registry, settings = registry_above(suite.path.parent), settings_of(suite, held_against(suite))
    if registry is None:
        return Approvals(suite, settings)
    require_whole(registry, f"{name_of(suite)}@*")
    people = registry.people()
    known = sorted(_known(registry, suite, people), key=lambda one: told_at(one.release.events[-1]))
    approved = [one for one in known if one.release.state == "approved"]
    return Approvals(suite, settings, people.has_approvers(), tuple(known), approved[-1] if approved else None)


def _known(registry: Registry, suite: Suite, people: People) -> list[Known]:
    found = []
    for title in registry.titles():
        if not title.startswith(f"{name_of(suite)}@"):
            continue
        release = registry.release(title, people)
        main = str(release.manifest["main"])
        if release.manifest["kind"] != BASELINE or release.state == RETIRED or main != main_of(registry, suite):
            continue
        text = registry.objects.read(release.hashes[main], LARGEST).decode("utf-8", "replace")
        history = parse_index(text, f"'{main}' of {title}")
        last = {case: entries[-1] for case, entries in history.items() if entries}
        paths = {case: path_in(registry, suite, Baselines(suite).file(case, last[case].sha256).name) for case in last}
        held = {case: entry for case, entry in last.items() if release.hashes.get(paths[case]) == entry.sha256}
        path = path_in(registry, suite, SETTINGS)
        digest = release.hashes.get(path)  # which those from before settings were approved do not have
        settings = decode_settings(registry.objects.read(digest, LARGEST), f"'{path}' of {title}") if digest else {}
        found.append(Known(release, held, settings))  # another record than an index names is not what was looked at
    return found


def name_of(suite: Suite) -> str:
    """Return what releases of a suite's baselines are called."""
    return "baselines-" + re.sub("[^a-z0-9_-]", "-", suite.name.lower())[:50]


def main_of(registry: Registry, suite: Suite) -> str:
    """Return the path of the index of a suite's baselines in releases of them."""
    return path_in(registry, suite, INDEX)


def path_in(registry: Registry, suite: Suite, file: str) -> str:
    """Return the path of a file of a suite's baselines in releases of them.

    It begins with the folder of the suite in the project, which tells suites of one name apart: by its hash where
    other systems could not write its name, and without it where the registry lies elsewhere.
    """
    folder, project = suite.path.parent.resolve(), registry.folder.resolve().parent
    within = folder.relative_to(project).as_posix() if folder.is_relative_to(project) else "."
    if within != "." and not is_plain_path(within):
        within = hashlib.sha256(within.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return str(PurePosixPath(within) / "baselines" / suite.name / file)
