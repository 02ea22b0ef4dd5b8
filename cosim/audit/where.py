"""Which audit trail, if any, actions here are recorded in."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from cosim.audit.trail import FILE, HEAD, removed
from cosim.errors import AuditError

VARIABLE: Final = "COSIM_AUDIT"
FOLDER: Final = "audit"
"""Of a project whose actions are recorded."""


def find_trail(start: Path | None = None) -> Path | None:
    """Return the folder of the trail: what ``COSIM_AUDIT`` names, or ``audit`` of ``start`` or a folder it lies in.

    ``start`` is the working directory where nothing else is said.

    Raises
    ------
    AuditError
        When ``COSIM_AUDIT`` names a folder without a trail, or the trail was removed and its head was not.
    """
    folder = find_trail_or_head(start)
    if folder is not None and (gone := removed(folder)):
        raise AuditError(f"{gone} What is not recorded is not done.")
    return folder


def find_trail_or_head(start: Path | None = None) -> Path | None:
    """Do the same where the trail was removed and its head was not.

    Raises
    ------
    AuditError
        When ``COSIM_AUDIT`` names a folder with neither.
    """
    named = os.environ.get(VARIABLE)
    if named:
        folder = Path(named)
        if not (folder / FILE).is_file() and not removed(folder):
            raise AuditError(
                f"{VARIABLE} names '{folder}', where there is no audit trail. Begin one with "
                f"'cosim audit init {folder}', or take the variable away."
            )
        return folder
    found = [place for file in (FILE, HEAD) if (place := find_upwards(FOLDER, file, start)) is not None]
    return max(found, key=lambda place: len(place.parts), default=None)


def find_upwards(folder: str, file: str, start: Path | None = None) -> Path | None:
    """Return the nearest ``folder`` with ``file`` in it, from ``start`` (the working directory) upwards.

    Folders of other users, and those above them, are not looked into: what is there was not put there for us.
    """
    here = (start or Path.cwd()).absolute()
    for place in (here, *here.parents):
        if not _is_ours(place):
            return None
        if (place / folder / file).is_file():
            return place / folder
    return None


def find_foreign(folder: str, file: str, start: Path) -> Path | None:
    """Return the nearest ``folder`` with ``file`` in it that ``find_upwards`` does not look for: that of another user.

    Where everybody may write, such as in ``/tmp``, it stands for nothing.
    """
    for place in (start.absolute(), *start.absolute().parents):
        try:
            is_found = not place.stat().st_mode & stat.S_IWOTH and (place / folder / file).is_file()
        except OSError:
            continue
        if is_found and not _is_ours(place):
            return place / folder
    return None


def _is_ours(folder: Path) -> bool:
    try:
        return os.name != "posix" or folder.stat().st_uid == os.getuid()
    except OSError:
        return False
