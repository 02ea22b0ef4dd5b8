"""An index of the registry for searching, in SQLite: made of the signed records, and made again when it does not fit.

Nothing is decided by it: what a release is, its records tell.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cosim.errors import ReleaseError
from cosim.release.registry import Registry
from cosim.whole_file import replacing

FILE: Final = "index.sqlite"
_TABLES: Final = """
CREATE TABLE made_of (digest TEXT NOT NULL);
CREATE TABLE release (title TEXT PRIMARY KEY, kind TEXT, state TEXT, author TEXT, created TEXT, intended_use TEXT);
CREATE TABLE file (title TEXT, path TEXT, role TEXT, sha256 TEXT);
CREATE INDEX by_hash ON file (sha256);
"""
_SEARCH: Final = """
SELECT file.title, release.state, file.path, file.sha256 FROM file JOIN release ON file.title = release.title
WHERE file.sha256 LIKE :start ESCAPE '!' OR file.path LIKE :part ESCAPE '!' OR file.title LIKE :part ESCAPE '!'
OR release.author LIKE :part ESCAPE '!' OR release.intended_use LIKE :part ESCAPE '!'
ORDER BY file.title, file.path
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a release that fits what was looked for."""

    title: str
    state: str
    path: str
    sha256: str


def search(registry: Registry, text: str) -> list[Found]:
    """Return the files whose hash begins with ``text``, or whose path, release, author or use holds it.

    Raises
    ------
    ReleaseError
        When the registry is not what was signed, or the index cannot be written.
    """
    escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    values = {"start": f"{escaped.lower()}%" if len(text) >= 6 else "", "part": f"%{escaped}%"}
    for attempt in (1, 2):
        _refresh(registry, is_forced=attempt == 2)
        try:
            with closing(sqlite3.connect(registry.folder / FILE)) as opened:
                return [Found(*row) for row in opened.execute(_SEARCH, values)]
        except sqlite3.Error as error:
            if attempt == 2:
                raise ReleaseError(f"The index of the registry cannot be read: {error}.") from error
    return []


def faults_of(registry: Registry) -> list[str]:
    """Return what the index says that the records do not; none where there is no index, or an old one."""
    file = registry.folder / FILE
    if not file.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            if opened.execute("SELECT digest FROM made_of").fetchall() != [(_digest(registry),)]:
                return []
            files = set(opened.execute("SELECT title, path, role, sha256 FROM file"))
            releases = set(opened.execute("SELECT * FROM release"))
    except sqlite3.Error as error:
        return [f"The index '{file}' cannot be read ({error}): remove it, and it is made again."]
    if files != set(_files(registry)) or releases != set(_releases(registry)):
        return [f"The index '{file}' says what the signed records do not: remove it, and it is made again."]
    return []


def _refresh(registry: Registry, *, is_forced: bool) -> None:
    digest = _digest(registry)
    file = registry.folder / FILE
    if not is_forced and not file.is_symlink() and _made_of(file) == digest:
        return
    try:
        with replacing(file, mode=0o600) as temporary, closing(sqlite3.connect(temporary)) as opened:
            opened.executescript(_TABLES)
            opened.execute("INSERT INTO made_of VALUES (?)", (digest,))
            opened.executemany("INSERT INTO release VALUES (?, ?, ?, ?, ?, ?)", _releases(registry))
            opened.executemany("INSERT INTO file VALUES (?, ?, ?, ?)", _files(registry))
            opened.commit()
    except (OSError, sqlite3.Error) as error:
        raise ReleaseError(f"The index of the registry cannot be written: {error}.") from error


def _made_of(file: Path) -> str | None:
    if not file.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            return str(opened.execute("SELECT digest FROM made_of").fetchone()[0])
    except (sqlite3.Error, TypeError):
        return None


def _digest(registry: Registry) -> str:
    """Return the SHA-256 of the names of all records, which hold their hashes."""
    names = sorted(path.name for path in (registry.folder / "releases").glob("*/*/*.json"))
    return hashlib.sha256("\n".join(names).encode("utf-8", "surrogateescape")).hexdigest()


def _releases(registry: Registry) -> Iterator[tuple[str, ...]]:
    people = registry.people()
    for title in registry.titles():
        release = registry.release(title, people)
        said = release.manifest
        yield title, said["kind"], release.state, release.author.by.name, release.author.time, said["intended_use"]


def _files(registry: Registry) -> Iterator[tuple[str, ...]]:
    people = registry.people()
    for title in registry.titles():
        release = registry.release(title, people)
        roles = {item["path"]: item["role"] for item in release.manifest["content"]}
        for path, sha256 in release.hashes.items():
            yield title, path, roles.get(path, "evidence"), sha256
