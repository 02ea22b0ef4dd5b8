"""Signatures of Ed25519 (RFC 8032), and keys that are kept under a passphrase.

A key file is JSON: the public key in plain, the 32 secret bytes encrypted by ChaCha20-Poly1305 (RFC 8439) under a key
that scrypt (RFC 7914) makes of the passphrase. It is no PKCS #8 file because what ``cryptography`` writes as such
(version 50) takes 2,048 rounds of PBKDF2, which a graphics card tries a million times a second.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cosim.errors import SignatureError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_COST: Final = 2**16
"""scrypt's N: with r = 8, 64 MB and a fifth of a second for each guess."""
_MEMORY: Final = 2**27
_LONGEST_FILE: Final = 4096


@dataclass(frozen=True, slots=True, repr=False)
class SecretKey:
    """What signs; never shown."""

    _key: Ed25519PrivateKey

    @property
    def public(self) -> str:
        """Return the public key as 64 hex digits."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """Return the signature on ``message`` as 128 hex digits."""
        return self._key.sign(message).hex()

    def raw(self) -> bytes:
        """Return the 32 secret bytes, to be kept."""
        return self._key.private_bytes_raw()


def can_sign() -> bool:
    """Tell whether what signs is installed."""
    return find_spec("cryptography") is not None


def new_key() -> SecretKey:
    """Return a key that nobody has.

    Raises
    ------
    SignatureError
        When what signs is not installed.
    """
    return _key_of(secrets.token_bytes(32))


def _key_of(raw: bytes) -> SecretKey:
    if not can_sign():
        raise SignatureError("Signing needs another package: pip install 'bioprocess-cosim[release]'.")
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return SecretKey(Ed25519PrivateKey.from_private_bytes(raw))


def is_signed(public: str, message: bytes, signature: str) -> bool:
    """Tell whether ``signature`` is that of the key ``public`` on ``message``.

    Raises
    ------
    SignatureError
        When what checks signatures is not installed.
    """
    if not can_sign():
        raise SignatureError("Checking signatures needs another package: pip install 'bioprocess-cosim[release]'.")
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public: str) -> str:
    """Return what people compare by eye: the first 20 hex digits of the key's SHA-256, in fours."""
    digest = hashlib.sha256(bytes.fromhex(public)).hexdigest()[:20]
    return " ".join(digest[i : i + 4] for i in range(0, 20, 4))


def write_key(file: Path, key: SecretKey, passphrase: str | None) -> None:
    """Write ``key`` to ``file``, which there is not yet, for its owner only; None leaves it unencrypted.

    Raises
    ------
    SignatureError
        When it cannot be written, or is there.
    """
    document = {"format": "cosim key 1", "public": key.public, **_sealed(key, passphrase)}
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as opened:
            opened.write(json.dumps(document, indent=1) + "\n")
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise SignatureError(f"A key cannot be written to '{file}': {error.strerror}.") from error


def _sealed(key: SecretKey, passphrase: str | None) -> dict[str, str]:
    if passphrase is None:
        return {"secret": key.raw().hex()}
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = _cipher(passphrase, salt).encrypt(nonce, key.raw(), bytes.fromhex(key.public))
    return {"salt": salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex()}


def _cipher(passphrase: str, salt: bytes) -> Any:  # noqa: ANN401
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    derived = hashlib.scrypt(
        passphrase.encode("utf-8", "surrogatepass"), salt=salt, n=_COST, r=8, p=1, maxmem=_MEMORY, dklen=32
    )
    return ChaCha20Poly1305(derived)


def read_key(file: Path, passphrase: str | None = None) -> SecretKey:
    """Return the key in ``file``; ``passphrase`` is None for one that is unencrypted.

    Raises
    ------
    SignatureError
        When it cannot be read, or the passphrase is not the one.
    """
    document = read_key_file(file)
    if ("secret" in document) != (passphrase is None):
        kind = "has no passphrase" if passphrase is not None else "has a passphrase, and none was given"
        raise SignatureError(f"The key in '{file}' {kind}.")
    try:
        raw = bytes.fromhex(document["secret"]) if passphrase is None else _opened(document, passphrase, file)
        key = _key_of(raw)
        is_ours = key.public == document["public"]
    except (KeyError, ValueError, TypeError) as error:
        raise _no_key(file) from error
    if not is_ours:
        raise _no_key(file)
    return key


def _opened(document: dict[str, Any], passphrase: str, file: Path) -> bytes:
    if not can_sign():
        raise SignatureError("Signing needs another package: pip install 'bioprocess-cosim[release]'.")
    from cryptography.exceptions import InvalidTag

    salt, nonce, sealed, public = (bytes.fromhex(document[name]) for name in ("salt", "nonce", "sealed", "public"))
    try:
        raw: bytes = _cipher(passphrase, salt).decrypt(nonce, sealed, public)
    except InvalidTag as error:
        raise SignatureError(f"The passphrase is not that of the key in '{file}'.") from error
    return raw


def read_key_file(file: Path) -> dict[str, Any]:
    """Return what ``file`` holds, without opening the key; ``public`` is the public key.

    Raises
    ------
    SignatureError
        When it cannot be read, or others of this machine can.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(_LONGEST_FILE)
            mode = os.fstat(opened.fileno()).st_mode
        document = json.loads(content)
    except OSError as error:
        raise SignatureError(f"The key in '{file}' cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise _no_key(file) from error
    if not isinstance(document, dict) or document.get("format") != "cosim key 1":
        raise _no_key(file)
    if os.name == "posix" and mode & 0o077:
        raise SignatureError(
            f"The key in '{file}' can be read by other users of this machine, and may be theirs by now. "
            f"Make a new one, or, if nobody did: chmod 600 '{file}'"
        )
    return document


def _no_key(file: Path) -> SignatureError:
    return SignatureError(f"'{file}' does not hold a key as cosim writes one.")
