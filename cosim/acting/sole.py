"""Which set-points are controlled from this machine: no two twins are armed for the same one.

A twin that is armed holds a lock for each of its nodes, in the user's cache; the system lets go of it when the process
ends, however it ends. Not seen by that are a twin on another machine or under another account, and one whose tag map
gives a node another address, or which reaches the server by another port or through a relay: whoever finds that
somebody else sets what it has moved hands over.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cosim.audit.lock import if_free
from cosim.errors import RequestError
from cosim.live.acting import Mode
from cosim.native import cache_folder
from cosim.results.document import cannot_write
from cosim.shadowing.shadow import Plan

_PORT: Final = 4840
"""Where a server of OPC UA listens unless its URL tells (IANA, opcua-tcp)."""


def controlled(plan: Plan) -> dict[str, str]:
    """Return where a server keeps what a twin of ``plan`` that is armed writes to control it, by tag."""
    if plan.acting is None or plan.acting.mode is not Mode.CONTROL:
        return {}
    tags = [*plan.acting.moves, *([plan.acting.heartbeat.tag] if plan.acting.heartbeat is not None else [])]
    return {tag: plan.tags.tags[tag].address.text for tag in tags}


def check_apart(plans: Mapping[str, Plan]) -> None:
    """Make sure that shadows that are armed together, by name, do not control the same.

    Raises
    ------
    RequestError
        When two do.
    """
    seen: dict[str, str] = {}
    for name, plan in plans.items():
        for tag, place in controlled(plan).items():
            if place in seen:
                raise RequestError(
                    f"'{seen[place]}' and '{name}' would both write {tag}, at '{place}'. Two twins never control the "
                    "same: arm one of them, or take it out of the other's 'act'."
                )
        seen |= dict.fromkeys(controlled(plan).values(), name)


@contextmanager
def sole_control(plan: Plan, url: str) -> Iterator[None]:
    """Keep other twins from being armed for what one of ``plan`` controls at the plant at ``url``.

    Raises
    ------
    RequestError
        When another is.
    ResultError
        When that cannot be written down.
    """
    with ExitStack() as stack:
        for tag, place in controlled(plan).items():
            name = sha256(f"{_machine(url)}\n{place}".encode()).hexdigest()[:32]
            stack.enter_context(_held(cache_folder() / "armed" / name, tag, plan.file.path.resolve()))
        yield


@contextmanager
def _held(path: Path, tag: str, file: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        with if_free(descriptor) as is_ours:
            if not is_ours:
                who = os.read(descriptor, 10_000).decode(errors="replace") or "another shadow"
                raise RequestError(
                    f"{tag} is controlled by {who} already. Two twins never control the same: end that one, or leave "
                    "out --arm."
                )
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"the shadow of {json.dumps(str(file))} (process {os.getpid()})".encode())
            yield
    finally:
        os.close(descriptor)


def _machine(url: str) -> str:
    """Return which machine and port ``url`` means, whatever it calls the machine."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORT
    try:
        address = ipaddress.ip_address(socket.getaddrinfo(host, port)[0][4][0])
    except (OSError, ValueError):
        return f"{host}:{port}"
    address = getattr(address, "ipv4_mapped", None) or address
    return f"{'localhost' if _is_here(address) else address}:{port}"


def _is_here(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether ``address`` is one of this machine: only to those can a socket be bound."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return address.is_loopback or address.is_unspecified
    return True
