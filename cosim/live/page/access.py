"""Who may look at a page and who may decide: addresses, the token, people signed in."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from cosim.errors import LinkError

SHORTEST: Final = 16
"""Characters of a token; fewer could be guessed."""
_LASTING: Final = 12 * 3600.0
"""Seconds after which somebody has to sign in again: a long shift."""
_TRIES: Final = 5
"""Wrong tokens from one address until it has to wait."""
_WAIT: Final = 30.0
"""Seconds to wait then."""
_MOST: Final = 1000
"""Addresses and people that are remembered."""
_NAME: Final = 60
"""Characters of a person's name."""
_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class PageAddress:
    """Where a page is served; port 0 is any that is free."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine reaches it."""
        return self.host == "localhost" or (_is_literal(self.host) and ipaddress.ip_address(self.host).is_loopback)


DEFAULT: Final = PageAddress("127.0.0.1", 8080)


def parse_address(text: str) -> PageAddress:
    """Read ``HOST:PORT``, or a port of this machine alone.

    Raises
    ------
    LinkError
        When it is neither.
    """
    host, _, port = text.strip().rpartition(":")
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    is_port = port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= _PORT
    if not is_port or (":" in host and not _is_literal(host)):
        raise LinkError(f"'{text}' is no place for a page. Write HOST:PORT, as in '127.0.0.1:8080'.")
    return PageAddress(host or DEFAULT.host, int(port))


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_ours(host: str, names: Collection[str]) -> bool:
    """Tell whether a browser that asks for ``host``, the header of a request, can mean this page.

    A name that an attacker owns can be made to lead here, an IP address cannot.
    """
    name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
    return _is_literal(name) or name.lower() in {"localhost", socket.gethostname().lower(), *names}


class Verdict(Enum):
    """What became of a token."""

    RIGHT = "right"
    WRONG = "wrong"
    WAIT = "wait"


@dataclass(slots=True)
class _Tries:
    n: int = 0
    until: float = 0.0


@dataclass(slots=True)
class Access:
    """Knows the ``token``, None where nobody may decide, and who has signed in.

    ``warn`` is told of wrong tokens, never the token. With ``is_closed`` only people who have signed in may look.

    Raises
    ------
    LinkError
        When the token could be guessed.
    """

    token: str | None = field(repr=False)
    is_closed: bool
    warn: Callable[[str], None]
    now: Callable[[], float] = time.monotonic
    _people: dict[str, tuple[str, float]] = field(default_factory=dict, repr=False)
    _tries: dict[str, _Tries] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.token is not None and len(self.token) < SHORTEST:
            raise LinkError(
                f"The token of the page has fewer than {SHORTEST} characters and could be guessed. Make another, as by "
                "'openssl rand -hex 32'."
            )

    def sign_in(self, token: str, name: str, peer: str) -> tuple[Verdict, str]:
        """Let somebody at ``peer`` in who knows the token; return the secret of what they may do from now on."""
        tries = self._tries.setdefault(peer, _Tries())
        _bound(self._tries)
        if self.now() < tries.until:
            return Verdict.WAIT, ""
        if self.token is None or not hmac.compare_digest(token.encode(), self.token.encode()):
            tries.n += 1
            self.warn(f"Somebody at {peer} gave a wrong token to the page and was refused.")
            if tries.n >= _TRIES:
                self._tries[peer] = _Tries(0, self.now() + _WAIT)
            return Verdict.WRONG, ""
        self._tries.pop(peer, None)
        secret = secrets.token_urlsafe(32)
        self._people[secret] = (name, self.now() + _LASTING)
        _bound(self._people)
        return Verdict.RIGHT, secret

    def who(self, secret: str) -> str | None:
        """Return the name of whoever has ``secret``; None where nobody has, or not any longer."""
        name, until = self._people.get(secret, ("", 0.0))
        if self.now() < until:
            return name
        self._people.pop(secret, None)
        return None

    def sign_out(self, secret: str) -> None:
        """Forget ``secret``."""
        self._people.pop(secret, None)


def clean_name(name: str) -> str | None:
    """Return a person's name as it is kept; None where it is none."""
    name = " ".join(name.split())
    return name if 0 < len(name) <= _NAME and name.isprintable() else None


def _bound(found: dict[str, Any]) -> None:
    if len(found) > _MOST:
        del found[next(iter(found))]
