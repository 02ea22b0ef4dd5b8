"""Releases put together with what they are made of: FMUs, compilers, scenarios."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from cosim._version import __version__
from cosim.audit.plain import hash_of, open_plain
from cosim.audit.trail import own_head
from cosim.audit.verify import Verdict, verify
from cosim.audit.where import find_foreign, find_trail, find_trail_or_head, find_upwards
from cosim.build.cache import read_record
from cosim.errors import AuditError, ReleaseError
from cosim.native import cache_folder
from cosim.release.checking import Told, faults
from cosim.release.manifest import is_plain_path
from cosim.release.people import DEFAULT_POLICY, People
from cosim.release.registry import FOLDER, PAPER, VARIABLE, Registry, find_registry, open_registry
from cosim.release.remains import require_none
from cosim.release.state import RETIRED, Release
from cosim.whole_file import whole_file

PACKAGE_MAIN: Final = "manifest.json"
"""The main file of a release that holds a surrogate."""


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
    release = _usable(registry, title, "model")
    main = release.manifest["main"]
    digest = release.hashes[main]
    return ReleasedFile(registry.objects.checked(digest), digest, main, _warning(release))


def _usable(registry: Registry, title: str, kind: str) -> Release:
    """Return a release that may be used as a ``kind``: of that, or of one that a project has added to its policy."""
    release = checked_release(registry, title)
    found = release.manifest["kind"]
    if found != kind and found in DEFAULT_POLICY:  # which other gates stand before
        raise ReleaseError(f"{title} is a release of the kind '{found}', and not a {kind}.")
    if release.state == RETIRED:
        last = release.events[-1]
        raise ReleaseError(f"{title} was retired by {last.by.name}: {last.reason} Name another release.")
    return release


def _warning(release: Release) -> str:
    return "" if release.state == "approved" else f"The release {release.title} is {release.state}, not approved."


def package_folder(text: str, start: Path) -> tuple[Path, str]:
    """Return the folder of a surrogate, as a scenario or suite in the folder ``start`` names it, and a warning or ''.

    That of ``release:name@version`` is put together in the cache from the files beside its main file, each of which
    is what was signed.

    Raises
    ------
    ReleaseError, SignatureError
        As ``resolve``; when the release holds no package.
    """
    kind, colon, title = text.partition(":")
    if kind != "release" or not colon:
        return start / text, ""
    registry = open_registry(find_registry(start))
    release = _usable(registry, title.strip(), "surrogate")
    main = PurePosixPath(release.manifest["main"])
    if main.name != PACKAGE_MAIN:
        raise ReleaseError(
            f"{release.title} is no surrogate: its 'main' is '{main}', and that of a package is its {PACKAGE_MAIN}."
        )
    plain = ((PurePosixPath(path), digest) for path, digest in release.hashes.items() if is_plain_path(path))
    inside = {path.name: digest for path, digest in sorted(plain) if path.parent == main.parent}
    key = hashlib.sha256(json.dumps(inside).encode()).hexdigest()
    folder = cache_folder() / "releases" / key
    try:
        _put_together(registry, inside, folder)
    except OSError as error:
        raise ReleaseError(f"'{folder}' cannot be written: {error.strerror or error}.") from error
    return folder, _warning(release)


def _put_together(registry: Registry, files: Mapping[str, str], folder: Path) -> None:
    """Let ``folder`` hold ``files``, by their hashes in ``registry``, which are checked there."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, digest in files.items():
        original = registry.objects.checked(digest)
        if not _is_whole(folder / name, digest):
            with whole_file(folder / name) as copy, open_plain(original) as source:
                shutil.copyfileobj(source, copy)


def _is_whole(file: Path, digest: str) -> bool:
    try:
        return hash_of(file)[0] == digest
    except OSError:
        return False


def checked_release(registry: Registry, title: str, people: People | None = None) -> Release:
    """Return a release as it was signed, of which nothing is missing that the audit trail here tells of.

    Raises
    ------
    ReleaseError, SignatureError
        When there is none, or it is not as it was.
    """
    release = registry.release(title, people)
    require_whole(registry, title)
    return release


def require_whole(registry: Registry, chronicles: str) -> None:
    """Make sure that nothing is missing of which the registry's own audit trail tells, where that is found.

    It is looked for from the registry upwards, and then from the working directory.

    Raises
    ------
    ReleaseError
        When something is missing of the people, or of the releases for which the pattern ``chronicles`` stands.
    """
    for start in (registry.folder, None):
        trail = find_trail(start)
        if trail is not None and own_head(trail).trail == registry.trail:
            registry.require_told(trail, chronicles)
            return


def trail_gone(start: Path, registry: Path | None = None) -> str:
    """Return, as a sentence, that the audit trail is gone which tells of a registry; '' where none is missed.

    The registry is the one given, or that found from the folder ``start`` upwards. A trail that cannot be read, or of
    which only the head is there, is not gone without a word.
    """
    try:
        opened = open_registry(registry or find_registry(start))
    except ReleaseError:
        return ""
    for place in (opened.folder, None):
        with suppress(AuditError):
            trail = find_trail_or_head(place)
            if trail is not None and _may_be(trail, opened.trail):
                return ""
    return (
        f"The registry '{opened.folder}' is told of by the audit trail {opened.trail}, which is gone: bring it back "
        "from a backup."
    )


def _may_be(trail: Path, name: str) -> bool:
    try:
        return own_head(trail).trail == name
    except AuditError:
        return True


def registry_above(folder: Path) -> Registry | None:
    """Return the registry of the project that ``folder`` lies in, None where it has none.

    Raises
    ------
    ReleaseError
        When it is none, ``COSIM_REGISTRY`` names a folder without one, it is another user's and not named there, or
        it was removed.
    """
    if not os.environ.get(VARIABLE) and find_upwards(FOLDER, PAPER, folder) is None:
        foreign = find_foreign(FOLDER, PAPER, folder)
        if foreign is not None:
            raise ReleaseError(
                f"'{foreign}' is a registry in a folder of another user, which says who approves here only where that "
                f"is meant: {VARIABLE}={foreign}"
            )
        require_none(folder, find_trail(folder) or find_trail())
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
