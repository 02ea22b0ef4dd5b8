"""What a process that was killed has left at the end of a trail: kept in files of their own, and recorded.

A file is ``torn-….pending`` until the trail has a record of it, then ``torn-….bytes``. So a process that is killed in
between leaves the next one what it needs.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any, Final

from cosim.audit.plain import hash_of, sync_folder
from cosim.whole_file import whole_file

_PENDING: Final = re.compile(r"torn-[0-9a-f]{64}\.pending")
_HASH: Final = re.compile("[0-9a-f]{64}")


def keep_aside(folder: Path, data: bytes) -> None:
    """Keep ``data``, which is about to be taken off the end of the trail in ``folder``."""
    with whole_file(folder / f"torn-{hashlib.sha256(data).hexdigest()}.pending", mode=0o600) as opened:
        opened.write(data)
    sync_folder(folder)


def pending(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the names under which what is kept will stay, with what a record says of each."""
    found = []
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if _PENDING.fullmatch(entry.name))
    for name in names:
        digest, size = hash_of(folder / name)
        facts = {"bytes": size, "sha256": digest}
        found.append((f"{name.removesuffix('.pending')}.bytes", facts))
    return found


def settle(folder: Path, names: list[str]) -> None:
    """Give what has been recorded its name for good."""
    for name in names:
        os.replace(folder / f"{name.removesuffix('.bytes')}.pending", folder / name)


def is_kept(folder: Path, facts: Any) -> bool:  # noqa: ANN401
    """Tell whether what a record of ``facts`` says is kept is there, as it was."""
    digest = facts.get("sha256") if isinstance(facts, dict) else None
    if not isinstance(digest, str) or not _HASH.fullmatch(digest):
        return False
    for suffix in ("bytes", "pending"):
        try:
            if hash_of(folder / f"torn-{digest}.{suffix}")[0] == digest:
                return True
        except OSError:
            continue
    return False
