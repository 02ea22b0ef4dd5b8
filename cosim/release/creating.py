"""A release made, and evidence added to it: files go into the store, then somebody signs what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cosim.audit.ed25519 import SecretKey
from cosim.errors import ReleaseError
from cosim.release.chronicle import Event
from cosim.release.manifest import files_of, read_release
from cosim.release.registry import Registry, Request
from cosim.release.state import NEXT, next_state

Describe = Callable[[Path], Mapping[str, Any]]
"""Tells by what the main file of a release was made."""


def create(
    registry: Registry, file: Path, *, person: str, key: SecretKey, describe: Describe, versions: Mapping[str, str]
) -> Event:
    """Make a release of the release file ``file``: a draft, signed by its author.

    Raises
    ------
    CosimError
        When the file has problems, all at once, or the release is there already.
    """
    said, files = read_release(file, registry.people().policy())
    return create_of(registry, said, files, person=person, key=key, describe=describe, versions=versions)


def create_of(
    registry: Registry,
    said: Mapping[str, Any],
    files: Mapping[str, tuple[Path, str]],
    *,
    person: str,
    key: SecretKey,
    describe: Describe,
    versions: Mapping[str, str],
    reason: str = "",
) -> Event:
    """Make the release that ``said`` describes as ``read_release`` does, of ``files`` with their roles.

    Raises
    ------
    ReleaseError
        When it is there already, or the registry has no such kind.
    """
    policy = registry.people().policy()
    title = f"{said['release']}@{said['version']}"
    if registry.events(title):
        raise ReleaseError(f"{title} is there already. Give another version.")
    if said["kind"] not in policy:
        raise ReleaseError(f"The registry has no kind '{said['kind']}'. 'cosim release policy' adds it.")
    main = files[said["main"]][0]
    facts = {
        **said,
        "policy": {state: list(gates) for state, gates in policy[said["kind"]].items()},
        "compiler": dict(describe(main)),
        "versions": dict(versions),
        "content": _stored(registry, {name: (path, role) for name, (path, role) in sorted(files.items())}),
    }
    return registry.sign(title, Request("create", facts, person, key, reason))


def add_evidence(
    registry: Registry, title: str, folder: Path, names: list[str], *, person: str, key: SecretKey, reason: str = ""
) -> Event:
    """Add the files ``names`` below ``folder`` to the release, under the same paths.

    Raises
    ------
    ReleaseError
        When one is not there, or the release takes no more evidence.
    """
    registry.release(title)
    files = {name: (path, "evidence") for one in names for name, path in files_of(folder, one)}
    facts = {"content": _stored(registry, files)}
    return registry.sign(title, Request("evidence", facts, person, key, reason))


def _stored(registry: Registry, files: Mapping[str, tuple[Path, str]]) -> list[dict[str, Any]]:
    listed = []
    for name, (path, role) in files.items():
        sha256, size = registry.objects.add(path)
        listed.append({"path": name, "role": role, "sha256": sha256, "size": size})
    return listed


def promote(
    registry: Registry, title: str, *, person: str, key: SecretKey
) -> tuple[Event | None, list[dict[str, str]]]:
    """Judge the gates before the next state of a release, and sign the step if none is open.

    Gates that were passed on the way are judged again. Returns the record, None where a gate is open, and what the
    gates have shown.

    Raises
    ------
    ReleaseError, SignatureError
        When there is no next state, or this person may not sign.
    """
    release = registry.release(title)
    target = next_state(release)
    if target is None:
        raise ReleaseError(f"{title} is {release.state}: there is no state after it to promote it to.")
    targets = list(NEXT.values())
    passed = [one for state in targets[: targets.index(target)] for one in registry.findings(release, state)]
    ahead = registry.findings(release, target)
    told = [
        {"gate": one.gate, "state": one.state, "text": one.text, "evidence": one.evidence, "sha256": one.sha256}
        for one in (*(one for one in passed if one.is_open), *ahead)
    ]
    if any(one.is_open for one in (*passed, *ahead)):
        return None, told
    facts = {"from": release.state, "to": target, "gates": told}
    return registry.sign(title, Request("promote", facts, person, key)), told
