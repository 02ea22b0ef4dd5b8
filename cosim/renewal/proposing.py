"""A release proposed: a draft with the evidence of the renewal, which people then look at."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from cosim.audit.ed25519 import SecretKey
from cosim.audit.plain import hash_of
from cosim.errors import ReleaseError
from cosim.release.creating import create_of
from cosim.release.manifest import is_plain_path, read_release
from cosim.release.registry import Registry
from cosim.release.state import RETIRED
from cosim.releasing import described, versions


def require_proposable(registry: Registry, paths: Sequence[Path], *, evidence: Sequence[Path], coming: Path) -> None:
    """Make sure that what ``propose`` is going to be asked can be done, before the files below ``coming`` are made.

    Raises
    ------
    CosimError
        When a file has problems, its release is there already with other files, or evidence will lie outside.
    """
    for path in paths:
        said, _ = read_release(path, registry.people().policy(), coming=coming)
        for file in evidence:
            _name(file, path.parent)
        title = f"{said['release']}@{said['version']}"
        is_made = all(file.exists() for file in (path.parent / said["main"], *evidence))
        if registry.events(title) and not (is_made and _is_there(registry, title, _files(registry, path, evidence)[1])):
            raise ReleaseError(f"{title} is there already. Give another version.")


def require_new(registry: Registry, paths: Sequence[Path], *, coming: Path) -> None:
    """Make sure that no release is there of what is going to be made anew below ``coming``; raise ReleaseError."""
    for path in paths:
        said, _ = read_release(path, registry.people().policy(), coming=coming)
        title = f"{said['release']}@{said['version']}"
        if registry.events(title):
            raise ReleaseError(f"{title} is there already, and its surrogate is to be trained. Give another version.")


def propose(
    registry: Registry,
    paths: Sequence[Path],
    *,
    evidence: Sequence[Path],
    subjects: Sequence[str],
    person: str,
    key: SecretKey,
    reason: str,
) -> tuple[list[str], bool]:
    """Make a draft of each release file, with ``evidence`` besides what it lists; return their titles.

    A release of the same files that is there already, and not retired, is taken for it; the second value tells whether
    all were.

    Raises
    ------
    CosimError
        When a file has problems, or its main file is none of ``subjects``, by their SHA-256.
    """
    titles, is_known = [], True
    for path in paths:
        said, files = _files(registry, path, evidence)
        main, title = files[said["main"]][0], f"{said['release']}@{said['version']}"
        if _hash(main) not in subjects:
            raise ReleaseError(
                f"The main file of '{path}', '{said['main']}', is neither the surrogate nor the model of this renewal."
            )
        if not _is_there(registry, title, files):
            create_of(
                registry, said, files, person=person, key=key, describe=described, versions=versions(), reason=reason
            )
            is_known = False
        titles.append(title)
    return titles, is_known


def _files(
    registry: Registry, path: Path, evidence: Sequence[Path]
) -> tuple[dict[str, Any], dict[str, tuple[Path, str]]]:
    said, files = read_release(path, registry.people().policy())
    return said, files | {_name(file, path.parent): (file, "evidence") for file in evidence}


def _name(file: Path, folder: Path) -> str:
    """Return the path of ``file`` in a release whose file lies in ``folder``."""
    name = PurePosixPath(Path(os.path.relpath(file, folder)).as_posix())
    if not is_plain_path(str(name)):
        raise ReleaseError(
            f"'{file}' is evidence of this renewal and lies outside '{folder}', the folder of the release file. Put "
            "that beside the renewal file."
        )
    return str(name)


def _is_there(registry: Registry, title: str, files: Mapping[str, tuple[Path, str]]) -> bool:
    if not registry.events(title):
        return False
    release = registry.release(title)
    proposed = {one["path"]: one["sha256"] for one in release.manifest["content"]}  # without what was added since
    return release.state != RETIRED and proposed == {name: _hash(file) for name, (file, _) in files.items()}


def _hash(file: Path) -> str:
    try:
        return hash_of(file)[0]
    except OSError as error:
        raise ReleaseError(f"'{file}' cannot be read: {error.strerror or error}.") from error
