"""What goes wrong on the way to a server, in words, and whether waiting is likely to help."""

from __future__ import annotations

import struct
from typing import Final

from asyncua import ua
from asyncua.crypto.uacrypto import InvalidSignature

from cosim.errors import LinkError

FAILURES: Final = (
    OSError, TimeoutError, EOFError, ua.UaError, struct.error, ValueError, TypeError, KeyError, IndexError,
    AttributeError, InvalidSignature,
)  # fmt: skip
"""What asyncua raises when a server goes away in the middle, or says something that it should not."""
BROKEN: Final = (
    OSError, EOFError, ua.uaerrors.BadConnectionClosed, ua.uaerrors.BadSessionClosed, ua.uaerrors.BadSessionIdInvalid,
    ua.uaerrors.BadSecureChannelClosed, ua.uaerrors.BadSecureChannelIdInvalid,
)  # fmt: skip
"""Those of them that say nothing of what was asked: the connection is lost, or the server takes too long."""
_PASSWORD: Final = (
    ua.uaerrors.BadUserAccessDenied, ua.uaerrors.BadIdentityTokenRejected, ua.uaerrors.BadIdentityTokenInvalid,
)  # fmt: skip
_CERTIFICATE: Final = (
    ua.uaerrors.BadSecurityChecksFailed, ua.uaerrors.BadCertificateUntrusted, ua.uaerrors.BadCertificateInvalid,
    ua.uaerrors.BadCertificateUseNotAllowed, ua.uaerrors.BadCertificateTimeInvalid,
    ua.uaerrors.BadCertificateUriInvalid,
)  # fmt: skip


class Refused(LinkError):
    """The server, or our own check of it, said no: asking again soon would not help, and may lock an account."""


def in_words(error: BaseException, url: str) -> LinkError:
    """Return ``error`` as a sentence about the server at ``url``; it holds no secret."""
    if isinstance(error, LinkError):
        return error
    if isinstance(error, _PASSWORD):
        return Refused(
            f"The server at {url} does not admit this user and password. Check both with whoever runs the plant."
        )
    if isinstance(error, _CERTIFICATE):
        return Refused(
            f"The server at {url} does not accept our certificate ({type(error).__name__}). Have the one in 'own/' of "
            "the folder of certificates trusted there."
        )
    if isinstance(error, TimeoutError):
        return LinkError(f"The server at {url} does not answer. Check that it runs and that no firewall is between.")
    if isinstance(error, OSError):
        return LinkError(f"There is no connection to {url}: {error.strerror or error}. Check that the server runs.")
    return LinkError(
        f"The server at {url} gave up the connection: {type(error).__name__} {_short(error)}".rstrip() + "."
    )


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:160].rstrip(".")
