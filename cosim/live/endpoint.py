"""Where a plant is reached and how, and how patient the link is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OPC UA server; ``pki`` is the folder of certificates, which ``security`` needs.

    With ``may_trust``, the certificate of the first server is trusted where none is yet.
    """

    url: str
    security: str | None = None
    pki: Path | None = None
    may_trust: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Patience:
    """Times [s] of the link.

    ``silence``: after so long in which nothing is delivered, not even the server's clock, the connection counts as
    dead, whatever else still answers; twice as long for each connection that was lost before it was ``steady``, from
    the second on, up to ``longest``: a server that is too slow is made slower by every attempt.
    ``settle``: how long after subscribing history is read, for servers write it a little later.
    ``outage``: how long queues at the server last. ``recheck``: how often all tags are read and clocks compared.
    ``first`` and ``longest`` delay before another attempt; ``steady``: a connection that lasted so long was a good one.
    """

    request: float = 10.0
    silence: float = 6.0
    settle: float = 0.5
    outage: float = 60.0
    recheck: float = 60.0
    first: float = 1.0
    longest: float = 60.0
    steady: float = 60.0
    skew: float = 5.0
