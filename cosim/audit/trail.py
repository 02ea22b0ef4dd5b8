"""An audit trail in a folder: begun, found, and appended to.

``trail.jsonl`` holds the records, one a line, and is only ever appended to. An action counts as recorded when its line
and then the head have reached the disk. What a killed process has left behind the last whole record is kept in a file
of its own and recorded before anything else is.
"""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cosim._version import __version__
from cosim.audit.chain import CLOCK_BACK, Broken, ChainState, Record, advance
from cosim.audit.ed25519 import SecretKey, new_key, read_key, write_key
from cosim.audit.head import Head, read_head, write_head
from cosim.audit.line import LONGEST, Unreadable, decode, encode
from cosim.audit.lock import locked
from cosim.audit.plain import open_plain, sync_folder
from cosim.audit.torn import keep_aside, pending, settle
from cosim.errors import AuditError, SignatureError, TrailRequestError

FILE: Final = "trail.jsonl"
HEAD: Final = "head.json"
KEY_VARIABLE: Final = "COSIM_AUDIT_KEY"
CHANGED: Final = "Nothing is added to it. 'cosim audit verify' tells more."
MOST_BEHIND: Final = 1 << 26
"""Bytes behind the last record that are read; a process writes less before it tells the head."""
_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be recorded: an action of some ``kind`` on a ``subject``, ``why``, and what was before and after."""

    kind: str
    subject: str
    why: str = ""
    before: Any = None
    after: Any = None
    person: str = ""
    """Who has signed the action, where somebody has."""


def begin_signed(folder: Path, *, why: str = "", head: Path | None = None) -> tuple[Record, Path]:
    """Begin a trail whose records are signed, by a key that is there or is made now; return where it is, too.

    Raises
    ------
    AuditError, SignatureError
        When there is a trail already, or it or its key cannot be written.
    """
    trail = secrets.token_hex(16)
    file = key_file(trail)
    is_new = not file.exists()
    if is_new:
        write_key(file, new_key(), None)
    try:
        return begin(folder, why=why, head=head, key=read_key(file), trail=trail), file
    except AuditError:
        if is_new:
            file.unlink()
        raise


def begin(
    folder: Path, *, why: str = "", head: Path | None = None, key: SecretKey | None = None, trail: str | None = None
) -> Record:
    """Begin a trail in ``folder``, with its head there or at another place; ``key`` signs its records.

    ``trail`` names it, and is made up where it is not given.

    Raises
    ------
    AuditError
        When there is one already, or was, or it cannot be written.
    """
    file = folder / FILE
    apart = folder / HEAD if head is None else head
    if apart.exists() and not file.exists():  # all that tells of a trail which was removed
        raise AuditError(
            f"There is a head of an audit trail in '{apart}' already, which is kept: a trail that was removed is "
            "brought back from a backup. Choose another place for a new one."
        )
    stated = {
        "trail": trail or secrets.token_hex(16),
        "key": key.public if key else None,
        "head": HEAD if head is None else str(head.absolute()),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        content = _content(ChainState(), Entry("trail", str(folder.absolute()), why, after=stated))
        line, _ = encode(content, key)
        state, record = advance(ChainState(), line)
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _NO_FOLLOW, 0o644), "wb") as opened:
            opened.write(line)
            opened.flush()
            os.fsync(opened.fileno())
        write_head(folder / state.head, _head(state), key)
        sync_folder(folder)
        sync_folder(folder.absolute().parent)
    except FileExistsError as error:
        raise TrailRequestError(f"There is an audit trail in '{folder}' already. Choose another folder.") from error
    except OSError as error:
        raise _cannot(folder, error) from error
    return record


def removed(folder: Path) -> str:
    """Return, as a sentence, that the trail in ``folder`` was removed; '' where it is there, or none was."""
    if (folder / FILE).exists() or not (folder / HEAD).exists():
        return ""
    return (
        f"The audit trail in '{folder}' has been removed: its head '{folder / HEAD}' is there without it. Bring "
        f"'{FILE}' back from a backup."
    )


def key_file(trail: str) -> Path:
    """Return where the key of a trail is kept: what ``COSIM_AUDIT_KEY`` names, or in the user's configuration."""
    named = os.environ.get(KEY_VARIABLE)
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_config_dir("cosim")) / "trails" / f"{trail}.key"


def append(folder: Path, entries: Sequence[Entry]) -> list[Record]:
    """Add ``entries`` to the trail in ``folder``; when this returns, they are on the disk.

    Raises
    ------
    AuditError
        When they cannot be written, or the trail is not what was written.
    SignatureError
        When the trail is signed, and its key is not here.
    """
    file = folder / FILE
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_APPEND | _NO_FOLLOW | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise _cannot(folder, error) from error
    try:
        with locked(descriptor, file):
            return _append(descriptor, folder, entries)
    except OSError as error:
        raise _cannot(folder, error) from error
    finally:
        os.close(descriptor)


def own_head(folder: Path) -> Head:
    """Return the head of the trail in ``folder``, if its key has signed it.

    Raises
    ------
    AuditError
        When it cannot be read, or is not what was written.
    """
    first = _opening(folder)
    return read_head(folder / first.head, first.public)


def own_head_text(folder: Path) -> str:
    """Return the same as text, to be kept elsewhere."""
    own_head(folder)
    return (folder / _opening(folder).head).read_text(encoding="ascii")


def _opening(folder: Path) -> ChainState:
    try:
        with open_plain(folder / FILE) as opened:
            return _first(opened.fileno(), folder)
    except OSError as error:
        raise AuditError(f"The audit trail in '{folder}' cannot be read: {error.strerror}.") from error


def _append(descriptor: int, folder: Path, entries: Sequence[Entry]) -> list[Record]:
    first = _first(descriptor, folder)
    key = _key(first)
    state = _recall(descriptor, folder, first)
    end = os.fstat(descriptor).st_size
    if end > state.end:
        keep_aside(folder, _read(descriptor, state.end, end))
        os.ftruncate(descriptor, state.end)
        os.fsync(descriptor)
    found = pending(folder)
    recoveries = [Entry("recovery", name, "A process ended while it wrote.", after=facts) for name, facts in found]
    state, records = _write(descriptor, state, (*recoveries, *entries), key)
    write_head(folder / state.head, _head(state), key)
    settle(folder, [name for name, _ in found])
    return records[len(recoveries) :]


def _first(descriptor: int, folder: Path) -> ChainState:
    """Return what the first record states."""
    start = _read(descriptor, 0, LONGEST)
    try:
        state, _ = advance(ChainState(), start[: start.find(b"\n") + 1])
    except Broken as error:
        raise AuditError(f"The audit trail in '{folder}' does not begin as one: {error} {CHANGED}") from error
    return state


def _key(first: ChainState) -> SecretKey | None:
    if first.public is None:
        return None
    file = key_file(first.trail)
    try:
        key = read_key(file)
    except SignatureError as error:
        raise SignatureError(
            f"The audit trail is signed, and its key is not to be had: {error.message} Name its file in {KEY_VARIABLE}."
        ) from error
    if key.public != first.public:
        raise SignatureError(f"The key in '{file}' is not the one by which the audit trail is signed.")
    return key


def _recall(descriptor: int, folder: Path, first: ChainState) -> ChainState:
    """Return what the trail has come to: at its head, and with whole records behind that.

    Raises
    ------
    AuditError
        When the head is not of this trail, or the trail has been cut or changed where the head says it ends.
    """
    head = read_head(folder / first.head, first.public)
    size = os.fstat(descriptor).st_size
    if head.trail != first.trail:
        raise AuditError(f"The head '{folder / first.head}' is of another trail than '{folder / FILE}'. {CHANGED}")
    if size < head.end:
        raise AuditError(
            f"The audit trail in '{folder}' has lost its end: it had {head.count} records in {head.end} bytes, and "
            f"has {size} bytes. {CHANGED}"
        )
    if size - head.end > MOST_BEHIND:
        raise AuditError(
            f"Behind the {head.count} records of the audit trail in '{folder}' are {size - head.end} bytes more than "
            f"any process has left there. {CHANGED}"
        )
    state = _last(descriptor, folder, first, head)
    for line in _read(descriptor, state.end, size).splitlines(keepends=True):
        try:
            state, _ = advance(state, line)
        except Broken:
            break
    return state


def _last(descriptor: int, folder: Path, first: ChainState, head: Head) -> ChainState:
    """Return what the trail had come to at its ``head``, whose record must be there."""
    try:
        content, digest = decode(_read(descriptor, head.start, head.end), first.public)
    except Unreadable as error:
        raise AuditError(
            f"The audit trail in '{folder}' has been changed at record {head.count}, its last: {error}. {CHANGED}"
        ) from error
    if digest != head.hash or content.get("n") != head.count:
        raise AuditError(
            f"The audit trail in '{folder}' has been changed: record {head.count} is not that of its head. {CHANGED}"
        )
    return replace(first, n=head.count, hash=digest, time=content["time"], start=head.start, end=head.end)


def _write(
    descriptor: int, state: ChainState, entries: Sequence[Entry], key: SecretKey | None
) -> tuple[ChainState, list[Record]]:
    """Write ``entries`` behind ``state`` and wait for the disk; what cannot be written whole is taken back."""
    lines, records, before = [], [], state.end
    for entry in entries:
        line, _ = encode(_content(state, entry), key)
        state, record = advance(state, line)
        lines.append(line)
        records.append(record)
    data = memoryview(b"".join(lines))
    try:
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, before)
        raise
    return state, records


def _content(state: ChainState, entry: Entry) -> Mapping[str, Any]:
    now = datetime.now(UTC)
    content = {
        "n": state.n + 1,
        "time": now.isoformat(timespec="microseconds"),
        "previous": state.hash,
        "kind": entry.kind,
        "subject": entry.subject,
        "why": entry.why,
        "who": _who(entry.person),
        "before": entry.before,
        "after": entry.after,
    }
    if state.n:
        behind = (datetime.fromisoformat(state.time) - now).total_seconds()
        if behind > 0:
            content[CLOCK_BACK] = behind
    return content


def _who(person: str) -> dict[str, Any]:
    """Return who acts, as the system knows him rather than as he calls himself."""
    signed = {"person": person} if person else {}
    return {**signed, "user": _user(), "host": socket.gethostname(), "process": os.getpid(), "cosim": __version__}


def _user() -> str:
    if sys.platform == "win32":
        return getpass.getuser()
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


def _head(state: ChainState) -> Head:
    return Head(state.trail, state.n, state.hash, state.start, state.end)


def _read(descriptor: int, start: int, end: int) -> bytes:
    os.lseek(descriptor, start, os.SEEK_SET)
    parts, left = [], max(0, end - start)
    while left and (part := os.read(descriptor, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _cannot(folder: Path, error: OSError) -> AuditError:
    return AuditError(
        f"The audit trail in '{folder}' cannot be written: {error.strerror or error}. What is not recorded is not done."
    )
