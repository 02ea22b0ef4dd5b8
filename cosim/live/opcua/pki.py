"""The folder of certificates: ``own/`` holds ours with its key, ``trusted/`` those of servers that are trusted.

A server is trusted when its very certificate lies in ``trusted/`` and has not expired: nothing else vouches for it.
"""

from __future__ import annotations

import hashlib
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from asyncua.crypto.cert_gen import setup_self_signed_certificate
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from cosim.errors import LinkError
from cosim.live.opcua.failures import Refused

CLIENT_URI: Final = "urn:bioprocess-cosim:shadow"
SERVER_URI: Final = "urn:bioprocess-cosim:virtual-plant"


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """Files of a certificate (DER) and its key (PEM)."""

    certificate: Path
    key: Path


async def own_certificate(folder: Path, uri: str) -> OwnCertificate:
    """Return our certificate in ``folder``; make one where there is none, or it has expired.

    Raises
    ------
    LinkError
        When the folder cannot be written.
    """
    own = folder / "own"
    name = uri.rpartition(":")[2]
    key, certificate = own / f"{name}.key.pem", own / f"{name}.der"
    usage = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    try:
        own.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _is_usable(certificate) or not key.is_file():
            certificate.unlink(missing_ok=True)
            await setup_self_signed_certificate(
                key, certificate, uri, socket.gethostname(), usage, {"organizationName": "bioprocess-cosim"}
            )
            os.chmod(key, 0o600)
    except (OSError, ValueError) as error:
        raise LinkError(f"The certificate in '{own}' cannot be made or read: {error}. Choose another --pki.") from error
    return OwnCertificate(certificate, key)


def _is_usable(certificate: Path) -> bool:
    if not certificate.is_file():
        return False
    read = x509.load_der_x509_certificate(certificate.read_bytes())
    return datetime.now(UTC) < read.not_valid_after_utc


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate as people compare it."""
    return hashlib.sha256(der).digest().hex(":", 2).upper()


def check_server(folder: Path, der: bytes, endpoint: str, *, may_trust: bool) -> None:
    """Make sure that the server's certificate is trusted; with ``may_trust``, trust it where no server is yet.

    Raises
    ------
    Refused
        When it is not, or has expired.
    """
    _check_dates(der, endpoint)
    trusted = folder / "trusted"
    known = _known(trusted)
    if der in known:
        return
    if may_trust and not known:
        trusted.mkdir(parents=True, exist_ok=True, mode=0o700)
        (trusted / f"{hashlib.sha256(der).hexdigest()[:16]}.der").write_bytes(der)
        return
    what = (
        f"None is trusted yet: compare the fingerprint with the server's and connect once with --trust, or put the "
        f"certificate into '{trusted}'."
        if not known
        else f"It is none of those in '{trusted}'. If the plant has replaced it on purpose, put the new one there "
        "and remove the old one; if not, somebody else answers in its place."
    )
    raise Refused(f"The server at {endpoint} shows the certificate {fingerprint(der)}, which is not trusted. {what}")


def _check_dates(der: bytes, endpoint: str) -> None:
    try:
        certificate = x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise Refused(f"The server at {endpoint} shows a certificate that cannot be read: {error}.") from error
    now = datetime.now(UTC)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Refused(
            f"The certificate of the server at {endpoint} is valid from {certificate.not_valid_before_utc:%Y-%m-%d} "
            f"to {certificate.not_valid_after_utc:%Y-%m-%d}, and today is {now:%Y-%m-%d}. Have it renewed, or mend the "
            "clock of this machine."
        )


def _known(trusted: Path) -> list[bytes]:
    found = []
    for path in sorted(trusted.iterdir()) if trusted.is_dir() else ():
        try:
            data = path.read_bytes()
            if path.suffix == ".pem":
                data = x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER)
        except (OSError, ValueError) as error:
            raise LinkError(f"The certificate '{path}' cannot be read: {error}. Remove or replace it.") from error
        found.append(data)
    return found
