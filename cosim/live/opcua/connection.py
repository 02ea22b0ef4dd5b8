"""One connection: a fresh client, secured, admitted, its nodes found; used once and thrown away."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from asyncua import Client, ua
from asyncua.crypto import security_policies
from asyncua.crypto.uacrypto import CertProperties

from cosim.live.endpoint import Endpoint, Patience
from cosim.live.opcua.failures import FAILURES, Refused
from cosim.live.opcua.pki import CLIENT_URI, check_server, own_certificate

_WATCHDOG: Final = 5.0
"""Seconds between asyncua's own looks at a connection; shorter ones take slow servers for dead."""


async def connect(endpoint: Endpoint, patience: Patience) -> Client:
    """Return a client with an active session.

    Raises
    ------
    Refused
        When the server is not the one that is trusted, or offers no such security.
    FAILURES
        Whatever else goes wrong; ``in_words`` says it.
    """
    if endpoint.user is not None and endpoint.security is None:
        raise Refused("A password would pass unencrypted. Give a security policy with a user.")
    watchdog = max(_WATCHDOG, patience.silence)
    client = Client(endpoint.url, timeout=patience.request, watchdog_intervall=watchdog)
    client.name = client.description = "bioprocess-cosim shadow"
    client.application_uri = CLIENT_URI
    try:
        if endpoint.security is not None:
            await asyncio.wait_for(_secure(client, endpoint), 2 * patience.request)
        if endpoint.user is not None:
            client.set_user(endpoint.user)
            client.set_password(endpoint.password or "")
        await asyncio.wait_for(client.connect(), 2 * patience.request)
    except BaseException:
        await disconnect(client)
        raise
    return client


async def disconnect(client: Client) -> None:
    """Leave; a server that does not answer is left anyway."""
    with contextlib.suppress(*FAILURES):
        await asyncio.wait_for(client.disconnect(), 2.0)
    with contextlib.suppress(*FAILURES):
        client.disconnect_socket()


async def _secure(client: Client, endpoint: Endpoint) -> None:
    assert endpoint.pki is not None
    policy = getattr(security_policies, f"SecurityPolicy{endpoint.security}")
    mode = ua.MessageSecurityMode.SignAndEncrypt
    offered = await client.connect_and_get_server_endpoints()
    matching = [item for item in offered if item.SecurityPolicyUri == policy.URI and item.SecurityMode == mode]
    if not matching or not matching[0].ServerCertificate:
        known = sorted(
            {f"{str(item.SecurityPolicyUri).rpartition('#')[2]}/{item.SecurityMode.name}" for item in offered}
        )
        raise Refused(f"The server at {endpoint.url} offers no {endpoint.security}; it offers {', '.join(known)}.")
    certificate = _first(bytes(matching[0].ServerCertificate))
    check_server(endpoint.pki, certificate, endpoint.url, may_trust=endpoint.may_trust)
    own = await own_certificate(endpoint.pki, CLIENT_URI)
    await client.set_security(
        policy, own.certificate, own.key, server_certificate=CertProperties(certificate, "DER"), mode=mode
    )


def _first(chain: bytes) -> bytes:
    """Return the first certificate of a chain: DER tells its own length."""
    return chain[: int.from_bytes(chain[2:4], "big") + 4]
