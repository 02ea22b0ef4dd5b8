"""The actuator over OPC UA: the only place in which a shadow writes to a server.

Calls come from the thread of the shadow and are carried out in that of the link. What may be written is told once, when
the actuator is made, and looked at again right before each write. Nothing is rounded there: what a node's type cannot
hold is rounded by ``fitting`` before anybody judges it, and else refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import struct
import time
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Final, TypeVar

from asyncua import ua

from cosim.errors import LinkError
from cosim.live.acting import Heartbeat
from cosim.live.actuator import RELEASED, AbstractActuator, Reading
from cosim.live.opcua.failures import FAILURES
from cosim.live.opcua.services import Services
from cosim.live.opcua.values import number_of
from cosim.live.quality import BAD_TYPE, Quality, quality_of

Value = TypeVar("Value")
_TIMEOUT: Final = 10.0
"""Seconds for a call, beyond those that the server is given."""
_TYPES: Final = ua.VariantType
_WHOLE: Final = {
    _TYPES.SByte: (-(2**7), 2**7 - 1), _TYPES.Byte: (0, 2**8 - 1), _TYPES.Int16: (-(2**15), 2**15 - 1),
    _TYPES.UInt16: (0, 2**16 - 1), _TYPES.Int32: (-(2**31), 2**31 - 1), _TYPES.UInt32: (0, 2**32 - 1),
    _TYPES.Int64: (-(2**63), 2**63 - 1), _TYPES.UInt64: (0, 2**64 - 1),
}  # fmt: skip

_LARGEST_SINGLE: Final = (2.0 - 2.0**-23) * 2.0**127


class Actuator(AbstractActuator):
    """Writes to the tags in ``ranges``, between the two values given for each, and counts up the ``heartbeat``.

    The node of a tag in ``alone``, and of the heartbeat, is written only while no other tag has the same one.
    """

    def __init__(
        self, ranges: Mapping[str, tuple[float, float]], heartbeat: Heartbeat | None, alone: Sequence[str] = ()
    ) -> None:
        self._ranges, self._heartbeat = dict(ranges), heartbeat
        self._alone = {*alone, *([heartbeat.tag] if heartbeat is not None else [])}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._services: Services | None = None
        self._nodes: Mapping[str, ua.NodeId] = {}
        self._beating: asyncio.Task[None] | None = None
        self._until = self._last_beat = -math.inf
        self._count = 0

    def attach(self, services: Services, nodes: Mapping[str, ua.NodeId]) -> None:
        """Begin to serve, over a connection that stands; in the thread of the link."""
        self._loop, self._services, self._nodes = asyncio.get_running_loop(), services, nodes
        if self._heartbeat is not None:
            self._beating = asyncio.create_task(self._beat(self._heartbeat))

    def detach(self) -> None:
        """End: the connection has gone; legal any number of times."""
        self._services, self._nodes = None, {}
        if self._beating is not None:
            self._beating.cancel()
            self._beating = None

    def read(self, tags: Sequence[str]) -> dict[str, Reading]:  # noqa: D102
        return self._carry_out(self._read(tags))

    def fitting(self, tag: str, value: float, present: float) -> float:  # noqa: D102
        return _fitting(value, self._carry_out(self._kind(tag)), present)

    def write(self, tag: str, value: float) -> None:  # noqa: D102
        self._carry_out(self._write(tag, value))

    def beat_until(self, moment: float) -> None:  # noqa: D102
        self._until = moment

    @property
    def last_beat(self) -> float:  # noqa: D102
        return self._last_beat

    def release(self) -> None:  # noqa: D102
        self._until = -math.inf
        if self._heartbeat is not None:
            with contextlib.suppress(LinkError):  # then it is silence that the plant hears
                self._carry_out(self._count_to(self._heartbeat.tag, RELEASED))

    def _carry_out(self, work: Coroutine[Any, Any, Value]) -> Value:
        """Return what ``work`` returns in the thread of the link."""
        if self._loop is None or self._services is None or self._loop.is_closed():
            work.close()
            raise LinkError("There is no connection to the plant now.")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(_TIMEOUT + _TIMEOUT)
        except FutureTimeout as error:
            future.cancel()
            raise LinkError("The plant does not answer.") from error
        except FAILURES as error:
            raise LinkError(f"The plant does not take it: {type(error).__name__}.") from error

    def _connected(self) -> Services:
        if self._services is None:
            raise LinkError("There is no connection to the plant now.")
        return self._services

    def _node(self, tag: str) -> ua.NodeId:
        if tag not in self._nodes:
            raise LinkError(f"The plant has no node for '{tag}' now.")
        return self._nodes[tag]

    def _own_node(self, tag: str) -> ua.NodeId:
        """Return the node of ``tag`` to be written, which may not be that of another purpose under another name."""
        node, written = self._node(tag), {*self._ranges, *self._alone}
        for other, place in self._nodes.items():
            if place == node and other != tag and (tag in self._alone or other in written):
                raise LinkError(f"'{tag}' and '{other}' are the same node of the plant, so nothing is written to it.")
        return node

    async def _read(self, tags: Sequence[str]) -> dict[str, Reading]:
        values = await self._connected().read([self._node(tag) for tag in tags])
        return {tag: _reading(value) for tag, value in zip(tags, values, strict=True)}

    async def _write(self, tag: str, value: float) -> None:
        if tag not in self._ranges:
            raise LinkError(f"'{tag}' is not among what may be written.")
        low, high = self._ranges[tag]
        kind = await self._kind(tag)
        if not low <= value <= high or not _holds(kind, value):
            raise LinkError(f"{value:.9g} cannot be written to '{tag}', a node of {kind.name} for {low:g} to {high:g}.")
        await self._put(tag, value, kind)

    async def _kind(self, tag: str) -> ua.VariantType:
        """Return the type of numbers that the node of ``tag`` holds."""
        services, node = self._connected(), self._node(tag)
        declared = (await services.read([node], ua.AttributeIds.DataType))[0]
        rank = (await services.read([node], ua.AttributeIds.ValueRank))[0]
        content = declared.Value.Value if declared.Value is not None else None
        number = content.Identifier if isinstance(content, ua.NodeId) and content.NamespaceIndex == 0 else None
        known = (*_WHOLE, _TYPES.Float, _TYPES.Double)
        found = next((kind for kind in known if kind.value == number), None)
        if found is None or (rank.Value is not None and rank.Value.Value not in (None, -1, -2, -3)):
            raise LinkError(f"The node of '{tag}' holds no single number ({content}), so nothing is written to it.")
        return found

    async def _beat(self, heartbeat: Heartbeat) -> None:
        """Count up while that is wanted; a beat that fails is none, and the plant notices."""
        while True:
            if time.monotonic() < self._until:
                with contextlib.suppress(LinkError, *FAILURES):
                    kind = await self._kind(heartbeat.tag)
                    most = min(heartbeat.most, int(_WHOLE.get(kind, (0, heartbeat.most))[1]))
                    if time.monotonic() < self._until:  # not after a release that came meanwhile
                        self._count = self._count % most + 1
                        await self._put(heartbeat.tag, float(self._count), kind)
                        self._last_beat = time.monotonic()
            await asyncio.sleep(heartbeat.every)

    async def _count_to(self, tag: str, value: float) -> None:
        await self._put(tag, value, await self._kind(tag))

    async def _put(self, tag: str, value: float, kind: ua.VariantType) -> None:
        status = await self._connected().write(self._own_node(tag), ua.Variant(_content(value, kind), kind))
        if not status.is_good():
            raise LinkError(f"The plant refuses {value:.9g} for '{tag}': {status.name}.")


def _reading(value: ua.DataValue) -> Reading:
    status = int(value.StatusCode.value) if value.StatusCode is not None else 0
    number = number_of(value)
    if math.isnan(number) and quality_of(status) is not Quality.MISSING:
        status = BAD_TYPE
    return Reading(number, status)


def _fitting(value: float, kind: ua.VariantType, present: float) -> float:
    """Return what a node of ``kind`` can hold of ``value``, rounded towards ``present``; what it cannot, as it is."""
    is_up = value > present
    if not math.isfinite(value):
        return value
    if kind in _WHOLE:
        return float(math.floor(value) if is_up else math.ceil(value))
    if kind is not _TYPES.Float or abs(value) > _LARGEST_SINGLE:
        return value
    rounded = _single(value)
    if rounded > value if is_up else rounded < value:
        rounded = _next_single(rounded, up=not is_up)
    return rounded


def _holds(kind: ua.VariantType, value: float) -> bool:
    """Tell whether a node of ``kind`` can hold ``value`` as it is."""
    if not math.isfinite(value):
        return False
    if kind in _WHOLE:
        least, most = _WHOLE[kind]
        return value.is_integer() and least <= value <= most
    return kind is not _TYPES.Float or (abs(value) <= _LARGEST_SINGLE and _single(value) == value)


def _single(value: float) -> float:
    """Return the number of 32 bits that is nearest to ``value``."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def _next_single(value: float, *, up: bool) -> float:
    """Return the neighbour of ``value`` among numbers of 32 bits."""
    if value == 0.0:
        return math.copysign(2.0**-149, 1.0 if up else -1.0)
    (bits,) = struct.unpack("<i", struct.pack("<f", value))
    bits += 1 if up == (value > 0) else -1
    return float(struct.unpack("<f", struct.pack("<i", bits))[0])


def _content(value: float, kind: ua.VariantType) -> float | int:
    return int(value) if kind in _WHOLE else value
