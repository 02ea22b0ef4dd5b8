"""The head of a trail: how many records it has and the hash of the last, kept beside the trail or apart from it.

A trail that is shorter than its head, or has another record there, was cut or replaced. A head may lag: a process that
is killed after it has written a record, and before the head, has not been told that its record counts.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from cosim.audit.ed25519 import SecretKey, is_signed
from cosim.audit.plain import open_plain
from cosim.errors import AuditError
from cosim.whole_file import whole_file

HEAD_CONTEXT: Final = b"cosim audit head 1\n"
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class Head:
    """``count`` records, the last of which has ``hash`` and lies between the bytes ``start`` and ``end``."""

    trail: str
    count: int
    hash: str
    start: int
    end: int


def encode_head(head: Head, key: SecretKey | None) -> str:
    """Return the text of ``head``, signed where there is a key."""
    body = json.dumps(asdict(head), separators=(",", ":"))
    signature = f',"signature":"{key.sign(HEAD_CONTEXT + body.encode())}"' if key else ""
    return f'{{"head":{body}{signature}}}\n'


def decode_head(text: str, public: str | None) -> Head:
    """Return the head that ``text`` is, if ``public`` has signed it, where the trail has a key.

    Raises
    ------
    ValueError
        When it is none; the text ends a sentence.
    """
    form = '{"head":(?P<body>.*?)' + ('(,"signature":"(?P<signature>[0-9a-f]{128})")' if public else "") + "}\n"
    match = re.fullmatch(form, text)
    if match is None:
        raise ValueError("it is not a head as cosim writes it" + (" and signs it" if public else ""))
    body = match["body"]
    if public and not is_signed(public, HEAD_CONTEXT + body.encode(), match["signature"]):
        raise ValueError("its signature is not that of the trail's key")
    try:
        values = json.loads(body)
        head = Head(**values)
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError("it is not a head as cosim writes it") from error
    kinds = {"trail": str, "count": int, "hash": str, "start": int, "end": int}
    if any(type(getattr(head, field.name)) is not kinds[field.name] for field in fields(head)):
        raise ValueError("it is not a head as cosim writes it")
    return head


def read_head(file: Path, public: str | None) -> Head:
    """Return the head in ``file``.

    Raises
    ------
    AuditError
        When there is none, or it is not what was written.
    """
    try:
        with open_plain(file) as opened:
            text = opened.read(_LONGEST).decode("ascii")
        return decode_head(text, public)
    except OSError as error:
        raise AuditError(
            f"The head of the audit trail, '{file}', cannot be read: {error.strerror or error}."
        ) from error
    except ValueError as error:
        what = "it is not text" if isinstance(error, UnicodeDecodeError) else str(error)
        raise AuditError(f"The head of the audit trail, '{file}', is not what was written: {what}.") from error


def write_head(file: Path, head: Head, key: SecretKey | None) -> None:
    """Put ``head`` into ``file``: there is at every moment the old one or the new one.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    with whole_file(file) as opened:
        opened.write(encode_head(head, key).encode("ascii"))
