"""The secret that a server and its clients share, and the keys of CURVE made from it.

Both sides derive two Curve25519 key pairs from the token by scrypt (RFC 7914). A client believes a server that holds
the one, a server believes clients that hold the other, and CURVE (rfc.zeromq.org/spec/26) encrypts with keys made
anew for each connection: what was recorded cannot be replayed, nor read by somebody who learns the token later.
Whoever records the beginning of a connection can try tokens against it at home, each at the price of one scrypt, so
that a token must not be guessable: ``new_token`` makes one of 192 random bits.
"""

from __future__ import annotations

import logging
import os
import secrets
from dataclasses import dataclass
from functools import cache
from hashlib import scrypt
from pathlib import Path
from typing import Final

import zmq
from zmq.utils import z85

from cosim.errors import FmuError

LEAST: Final = 20
"""Characters of a token."""
MOST: Final = 1000
VARIABLE: Final = "COSIM_TOKEN"
FILE_VARIABLE: Final = "COSIM_TOKEN_FILE"
_COST: Final = 2**15
"""scrypt's N: with r = 8, 32 MB and a quarter of a second for each guess."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """Two key pairs in the encoding of ZeroMQ (Z85), never shown."""

    server_public: bytes
    server_secret: bytes
    client_public: bytes
    client_secret: bytes


@cache
def keys_of(token: str) -> Keys:
    """Return what ``token`` stands for."""
    raw = scrypt(token.encode(), salt=b"cosim serve, protocol 1", n=_COST, r=8, p=1, maxmem=2**26, dklen=64)
    server, client = z85.encode(raw[:32]), z85.encode(raw[32:])
    return Keys(zmq.curve_public(server), server, zmq.curve_public(client), client)


def can_encrypt() -> bool:
    """Tell whether ZeroMQ was built with CURVE."""
    return zmq.has("curve")


def new_token() -> str:
    """Return a token that nobody can guess."""
    return secrets.token_urlsafe(24)


def find_token(file: Path | None) -> str:
    """Return the token in ``file``, or else what ``COSIM_TOKEN`` holds, or the file that ``COSIM_TOKEN_FILE`` names.

    Raises
    ------
    FmuError
        When there is none, or it is too short to protect anything.
    """
    if file is None and os.environ.get(VARIABLE):
        return checked(os.environ[VARIABLE], f"in {VARIABLE}")
    named = os.environ.get(FILE_VARIABLE)
    if file is None and not named:
        text = f"A server of FMUs is reached with a token. Name its file under 'token_file', or in {FILE_VARIABLE}."
        raise FmuError(text)
    return read_token(file or Path(str(named)))


def read_token(file: Path) -> str:
    """Return the token in ``file``; others who can read it are worth a warning."""
    try:
        with file.open("rb") as opened:
            content = opened.read(4 * MOST)
            mode = os.fstat(opened.fileno()).st_mode
    except OSError as error:
        raise FmuError(f"The token cannot be read from '{file}': {error.strerror}.") from error
    if os.name == "posix" and mode & 0o077:
        text = "The token in '%s' can be read by other users of this machine. Write: chmod 600 '%s'"
        logging.getLogger("cosim.hosting").warning(text, file, file)
    return checked(content.decode("utf-8", errors="replace").strip(), f"in '{file}'")


def write_token(file: Path) -> str:
    """Write a new token to ``file``, which there is not yet, for its owner only; return it."""
    token = new_token()
    try:
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as opened:
            opened.write(token + "\n")
    except OSError as error:
        raise FmuError(f"A token cannot be written to '{file}': {error.strerror}.") from error
    return token


def checked(token: str, where: str) -> str:
    """Return ``token`` if it can protect something; ``where`` it was found is for the message, the token is not."""
    if not LEAST <= len(token) <= MOST or not token.isprintable() or " " in token:
        raise FmuError(
            f"The token {where} is not one line of {LEAST} to {MOST} characters without blanks. "
            "'cosim serve --token-file NEW_FILE' writes one that nobody can guess."
        )
    return token
