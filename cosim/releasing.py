"""Releases put together with what they are made of: FMUs, compilers, scenarios."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosim._version import __version__
from cosim.audit.trail import own_head
from cosim.audit.verify import Verdict, verify
from cosim.audit.where import find_trail, find_upwards
from cosim.build.cache import read_record
from cosim.errors import ReleaseError
from cosim.release.checking import Told, faults
from cosim.release.people import People
from cosim.release.registry import FOLDER, PAPER, VARIABLE, Registry, find_registry, open_registry
from cosim.release.state import Release


@dataclass(frozen=True, slots=True)
class ReleasedFile:
    """The main file of a release, whose content has been checked; ``warning`` is what a user of it should know."""

    path: Path
    sha256: str
    name: str
    warning: str


def resolve(title: str, start: Path) -> ReleasedFile:
    """Return the main file of the release ``title``, from the registry found from the folder ``start`` upwards.

    Raises
    ------
    ReleaseError, SignatureError
        When there is no such release, what was signed has been changed, or it is retired.
    """
    registry = open_registry(find_registry(start))
    release = checked_release(registry, title)
    if release.state == "retired":
        last = release.events[-1]
        raise ReleaseError(f"{title} was retired by {last.by.name}: {last.reason} Name another release.")
    main = release.manifest["main"]
    digest = release.hashes[main]
    is_approved = release.state == "approved"
    warning = "" if is_approved else f"The release {title} is {release.state}, not approved."
    return ReleasedFile(registry.objects.checked(digest), digest, main, warning)


def checked_release(registry: Registry, title: str, people: People | None = None) -> Release:
    """Return a release as it was signed, of which nothing is missing that the audit trail here tells of.

    Raises
    ------
    ReleaseError, SignatureError
        When there is none, or it is not as it was.
    """
    release = registry.release(title, people)
    trail = find_trail()
    if trail is not None and own_head(trail).trail == registry.trail:
        registry.require_told(trail, title)
    return release


def registry_above(folder: Path) -> Registry | None:
    """Return the registry of the project that ``folder`` lies in, None where it has none.

    Raises
    ------
    ReleaseError
        When it is none, or ``COSIM_REGISTRY`` names a folder without one.
    """
    if not os.environ.get(VARIABLE) and find_upwards(FOLDER, PAPER, folder) is None:
        return None
    return open_registry(find_registry(folder))


def described(file: Path) -> Mapping[str, Any]:
    """Return by what ``file`` was made, where it says so: an FMU of ours records its sources and compiler."""
    record = {
        key: value for key, value in read_record(file).items() if isinstance(value, str | int | float | bool | list)
    }
    return {"file": file.name, **record} if record else {"file": file.name}


def versions() -> dict[str, str]:
    """Return what made a release."""
    return {"cosim": __version__, "python": platform.python_version(), "system": platform.platform()}


def verify_all(
    trail: Path, registry: Path | None, *, heads: Sequence[Path], key: str | None
) -> tuple[Verdict, list[str]]:
    """Check an audit trail, and the registry that it tells of: the one given, or that of the project.

    Returns what was found in the trail, and what is wrong in the registry. Where the trail is not as written, the
    registry is compared with what of it is.

    Raises
    ------
    CosimError
        When there is no trail, or no registry where one was named.
    """
    if registry is None:
        with suppress(ReleaseError):
            registry = find_registry()
    if registry is None:
        return verify(trail, heads=heads, key=key), []
    opened = open_registry(registry)
    told = Told(opened.name)
    verdict = verify(trail, heads=heads, key=key, look=told.look)
    if verdict.trail != opened.trail:
        return verdict, [f"The registry '{registry}' is told of by another audit trail."]
    return verdict, list(faults(opened, told))
