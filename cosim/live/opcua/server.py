"""The OPC UA server of a virtual plant: typed nodes with units and ranges, history, alarms, set-points."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from asyncua import Server, ua
from asyncua.common.callback import CallbackType
from asyncua.common.node import Node
from asyncua.crypto.permission_rules import User, UserRole

from cosim.errors import LinkError
from cosim.live.opcua.alarms import Alarms
from cosim.live.opcua.archive import Archive
from cosim.live.opcua.engineering import information, limits
from cosim.live.opcua.pki import SERVER_URI, own_certificate
from cosim.live.opcua.times import to_datetime
from cosim.live.tag import BATCH_ID, BATCH_TIME, FOLDER, NAMESPACE, PHASE, SPEED, Tag

_POLICIES: Final = {
    "Basic256Sha256": ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
    "Aes128Sha256RsaOaep": ua.SecurityPolicyType.Aes128Sha256RsaOaep_SignAndEncrypt,
    "Aes256Sha256RsaPss": ua.SecurityPolicyType.Aes256Sha256RsaPss_SignAndEncrypt,
}
POLICIES: Final = tuple(_POLICIES)
HISTORY: Final = 100_000
"""Values of a tag that are kept."""
_CLOCK_UNITS: Final = {BATCH_TIME: "s", SPEED: "1"}
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Serving:
    """How a plant is served; ``pki`` is the folder of certificates, which ``security`` needs.

    ``password`` belongs to ``user``, who must encrypt; without a user everybody may read and operate.
    """

    host: str = "127.0.0.1"
    port: int = 0
    security: str | None = None
    pki: Path | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    has_history: bool = True


@dataclass(frozen=True, slots=True)
class Value:
    """A value of ``tag`` to be shown, with when it was taken and reported, in ns since 1970."""

    tag: str
    value: float | str
    status: int
    taken: int
    reported: int


OnWrite = Callable[[str, float], None]
"""Told the set-point that a client has written."""


class PlantServer:
    """Serves tags until ``stop``; values come through ``publish``."""

    def __init__(
        self,
        serving: Serving,
        tags: Mapping[str, Tag],
        on_write: OnWrite = lambda *_: None,
        is_locked: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._serving, self._tags, self._on_write, self._is_locked = serving, tags, on_write, is_locked
        self._nodes: dict[str, Node] = {}
        self._names: dict[ua.NodeId, str] = {}
        self._server = Server(user_manager=_OneUser(serving.user, serving.password) if serving.user else None)
        self._alarms: Alarms | None = None
        self._archive = Archive(HISTORY)

    async def start(self) -> str:
        """Begin to serve; return the address.

        Raises
        ------
        LinkError
            When the port cannot be listened at, or a user would send the password unencrypted.
        """
        if self._serving.user and not self._serving.security:
            raise LinkError("A user's password would pass unencrypted: give --security Basic256Sha256 with --user.")
        await self._server.init()
        await self._secure()
        index = await self._server.register_namespace(NAMESPACE)
        folder = await self._server.nodes.objects.add_object(ua.NodeId(FOLDER, index), ua.QualifiedName(FOLDER, index))
        await self._add_clock(folder, index)
        for tag in self._tags.values():
            await self._add(folder, index, tag)
        self._alarms = await Alarms.of(self._server, folder, self._tags)
        self._server.subscribe_server_callback(CallbackType.PreWrite, self._check_write)
        self._server.subscribe_server_callback(CallbackType.PostWrite, self._written)
        self._server.set_endpoint(f"opc.tcp://{_bracketed(self._serving.host)}:{self._serving.port}/cosim")
        try:
            await self._server.start()
        except OSError as error:
            where = f"{self._serving.host}, port {self._serving.port}"
            raise LinkError(f"Cannot listen at {where}: {error.strerror}. Choose another --port.") from error
        if self._serving.has_history:
            await self._keep_history()
        return f"opc.tcp://{_bracketed(self._serving.host)}:{self._port()}/cosim"

    def _port(self) -> int:
        listening: Any = self._server.bserver
        return int(listening._server.sockets[0].getsockname()[1])

    async def _secure(self) -> None:
        serving = self._serving
        self._server.set_server_name("bioprocess-cosim virtual plant")
        await self._server.set_application_uri(SERVER_URI)
        policy = _POLICIES[serving.security] if serving.security else ua.SecurityPolicyType.NoSecurity
        if serving.security:
            assert serving.pki is not None
            own = await own_certificate(serving.pki, SERVER_URI)
            await self._server.load_certificate(own.certificate)
            await self._server.load_private_key(own.key)
        self._server.set_security_policy([policy])
        token = ua.UserNameIdentityToken if serving.user else ua.AnonymousIdentityToken
        self._server.set_identity_tokens([token])
        self._server.allow_remote_admin(False)

    async def _add_clock(self, folder: Node, index: int) -> None:
        for name, value in ((BATCH_TIME, 0.0), (BATCH_ID, ""), (PHASE, ""), (SPEED, 1.0)):
            kind = ua.VariantType.Double if isinstance(value, float) else ua.VariantType.String
            node = await folder.add_variable(ua.NodeId(name, index), ua.QualifiedName(name, index), value, kind)
            if name in _CLOCK_UNITS:
                await _add_property(
                    node, "EngineeringUnits", information(_CLOCK_UNITS[name]), ua.ObjectIds.EUInformation
                )
            self._know(name, node)

    async def _add(self, folder: Node, index: int, tag: Tag) -> None:
        empty = ua.Variant(0.0, ua.VariantType.Double)
        node = await folder.add_variable(ua.NodeId(tag.name, index), ua.QualifiedName(tag.name, index), empty)
        await _add_property(node, "EngineeringUnits", information(tag.unit), ua.ObjectIds.EUInformation)
        if tag.low is not None and tag.high is not None:
            await _add_property(node, "EURange", limits(tag.low, tag.high), ua.ObjectIds.Range)
        if tag.is_writable:
            await node.set_writable()
        waiting = ua.StatusCode(ua.StatusCodes.BadWaitingForInitialData)
        await self._server.write_attribute_value(node.nodeid, ua.DataValue(empty, StatusCode=waiting))
        self._know(tag.name, node)

    def _know(self, name: str, node: Node) -> None:
        self._nodes[name], self._names[node.nodeid] = node, name

    async def _keep_history(self) -> None:
        """Serve the archive, which ``publish`` fills: a subscription, as asyncua's, leaves out what stays the same."""
        self._server.iserver.history_manager.set_storage(self._archive)
        for node in self._nodes.values():
            await node.set_attr_bit(ua.AttributeIds.AccessLevel, ua.AccessLevel.HistoryRead)
            await node.set_attr_bit(ua.AttributeIds.UserAccessLevel, ua.AccessLevel.HistoryRead)
            await node.write_attribute(ua.AttributeIds.Historizing, ua.DataValue(ua.Variant(True)))
            self._archive.begin(node.nodeid)

    async def publish(self, values: Iterable[Value]) -> None:
        """Show ``values`` in their order."""
        for item in values:
            is_text = isinstance(item.value, str)
            variant = ua.Variant(item.value, ua.VariantType.String if is_text else ua.VariantType.Double)
            shown = ua.DataValue(
                variant,
                StatusCode=ua.StatusCode(item.status),
                SourceTimestamp=to_datetime(item.taken),
                ServerTimestamp=to_datetime(item.reported),
            )
            node = self._nodes[item.tag].nodeid
            await self._server.write_attribute_value(node, shown)
            self._archive.save(node, shown)
            if self._alarms is not None and not isinstance(item.value, str):
                await self._alarms.look(item.tag, item.value, item.status)

    async def stop(self) -> None:
        """End all connections."""
        await self._server.stop()

    def _check_write(self, event: Any, _: Any) -> None:  # noqa: ANN401
        """Refuse what is not a number within the limits of its set-point."""
        for item in event.request_params.NodesToWrite if event.is_external else ():
            tag = self._tags.get(self._names.get(item.NodeId, ""))
            if tag is None or tag.low is None or tag.high is None:
                continue
            if self._is_locked(tag.name):
                raise ua.uaerrors.BadUserAccessDenied
            value = item.Value.Value.Value if item.Value.Value is not None else None
            if not isinstance(value, int | float) or isinstance(value, bool) or not tag.low <= value <= tag.high:
                _log.warning("A client's write of %r to %s was refused.", value, tag.name)
                raise ua.uaerrors.BadOutOfRange

    def _written(self, event: Any, _: Any) -> None:  # noqa: ANN401
        """Pass on what was accepted."""
        pairs = zip(event.request_params.NodesToWrite, event.response_params, strict=True) if event.is_external else ()
        for item, status in pairs:
            if status.is_good() and item.NodeId in self._names and item.AttributeId == ua.AttributeIds.Value:
                self._archive.save(item.NodeId, item.Value)
                self._on_write(self._names[item.NodeId], float(item.Value.Value.Value))


class _OneUser:
    """Admits one user by password."""

    def __init__(self, name: str, password: str | None) -> None:
        self._name, self._password = name.encode(), (password or "").encode()

    def get_user(
        self, iserver: object, username: str | None = None, password: str | None = None, certificate: object = None
    ) -> User | None:
        is_name = hmac.compare_digest((username or "").encode(), self._name)
        is_password = bool(self._password) and hmac.compare_digest((password or "").encode(), self._password)
        return User(role=UserRole.User, name=username) if is_name and is_password else None


async def _add_property(node: Node, name: str, value: object, kind: int) -> None:
    await node.add_property(ua.NodeId(), ua.QualifiedName(name, 0), value, datatype=ua.NodeId(kind))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
