"""A record of the trail as one line of JSON: its content, the SHA-256 of that, and a signature where there is a key.

::

    {"record":{…},"hash":"<64 hex digits>","signature":"<128 hex digits>"}

The hash is that of the bytes between ``"record":`` and ``,"hash":``, as they stand. The content names the hash of the
record before, so that a hash stands for everything up to it. A line has one way to be written, so that there is no
byte in it that could be another and mean the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from cosim.audit.ed25519 import SecretKey, is_signed
from cosim.errors import AuditError

LONGEST: Final = 1 << 18
"""Bytes of a line; what is longer belongs into a file, of which the record has the hash."""
RECORD_CONTEXT: Final = b"cosim audit record 1\n"
"""Stands before what is signed, so that a signature on something else is none on a record."""
_BEGIN: Final = b'{"record":'
_HASH: Final = re.compile(rb',"hash":"([0-9a-f]{64})"')
_HASH_LENGTH: Final = 74
_SIGNATURE: Final = re.compile(rb',"signature":"([0-9a-f]{128})"')
_SIGNATURE_LENGTH: Final = 143
_END: Final = b"}\n"


class Unreadable(Exception):
    """A line that is not as this module writes it; the text says why, as the end of a sentence."""


def encode(content: Mapping[str, Any], key: SecretKey | None, context: bytes = RECORD_CONTEXT) -> tuple[bytes, str]:
    """Return the line of ``content``, and its hash.

    Raises
    ------
    AuditError
        When JSON has no word for something in it, or it is too long.
    """
    try:
        body = _canonical(content)
    except (TypeError, ValueError, RecursionError) as error:
        raise AuditError(f"The audit trail cannot take what is not JSON: {error}.") from error
    digest = hashlib.sha256(body).hexdigest()
    signature = b',"signature":"%s"' % key.sign(context + digest.encode()).encode() if key else b""
    line = b'%s%s,"hash":"%s"%s%s' % (_BEGIN, body, digest.encode(), signature, _END)
    if len(line) > LONGEST:
        raise AuditError(
            f"The audit trail takes records of up to {LONGEST} bytes, and this one has {len(line)}. "
            "Keep what is long in a file, and record its SHA-256."
        )
    return line, digest


def decode(line: bytes, public: str | None, context: bytes = RECORD_CONTEXT) -> tuple[dict[str, Any], str]:
    """Return the content of a ``line`` with its end, and its hash, if it is whole and ``public`` has signed it.

    ``public`` is the public key of a trail that is signed, ``context`` what stands before what is signed.

    Raises
    ------
    Unreadable
        When it is not.
    """
    body, stated, signature = _cut(line, is_with_signature=public is not None)
    digest = hashlib.sha256(body).hexdigest()
    if digest != stated:
        raise Unreadable(f"its content has the SHA-256 {digest[:12]}…, and it states {stated[:12]}…")
    if public is not None and not is_signed(public, context + digest.encode(), signature):
        raise Unreadable("its signature is not that of the trail's key")
    try:
        content = json.loads(body)
        if not isinstance(content, dict) or _canonical(content) != body:
            raise ValueError("its JSON is not written as cosim writes it")
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"its content cannot be read ({error})") from error
    return content, digest


def _cut(line: bytes, *, is_with_signature: bool) -> tuple[bytes, str, str]:
    """Return the content of ``line``, the hash that it states, and its signature."""
    if len(line) > LONGEST:
        raise Unreadable(f"it is longer than the {LONGEST} bytes of a record")
    if not line.startswith(_BEGIN) or not line.endswith(_END):
        raise Unreadable("it is not a line of the form {'record': …, 'hash': …}")
    end, signature = len(line) - len(_END), ""
    if is_with_signature:
        end -= _SIGNATURE_LENGTH
        found = _SIGNATURE.fullmatch(line, max(end, 0), len(line) - len(_END))
        if found is None:
            raise Unreadable("it has no signature, and the trail is signed")
        signature = found[1].decode()
    found = _HASH.fullmatch(line, max(end - _HASH_LENGTH, 0), end)
    if found is None:
        raise Unreadable("it does not state a hash where one belongs")
    return line[len(_BEGIN) : end - _HASH_LENGTH], found[1].decode(), signature


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, allow_nan=False, separators=(",", ":")).encode("ascii")
