"""Services of a connected server, in portions as large as it allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from asyncua import Client, ua

from cosim.live.opcua.failures import FAILURES

Item = TypeVar("Item")
_MOST: Final = 1000
"""Nodes in a call where the server tells no limit: what most allow."""
_LIMITS: Final = ua.ObjectIds
AHEAD: Final = 3
"""Requests for notifications that wait at the server besides asyncua's own."""
_ROUNDS: Final = 10_000
"""Answers about one portion of history, each with a continuation; a server that sends more is at fault."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many nodes a call may name."""

    read: int = _MOST
    history: int = _MOST
    items: int = _MOST


def portions(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield ``items`` in portions."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


class Services:
    """Reads, writes, subscribes to and reads the history of nodes of ``client``."""

    def __init__(self, client: Client, limits: Limits, timeout: float) -> None:
        self._session: Any = client.uaclient.session
        self.limits, self._timeout = limits, timeout

    @classmethod
    async def of(cls, client: Client, timeout: float) -> Services:
        """Ask the server for its limits first."""
        base = "Server_ServerCapabilities_OperationLimits_"
        names = ("MaxNodesPerRead", "MaxNodesPerHistoryReadData", "MaxMonitoredItemsPerCall")
        services = cls(client, Limits(read=len(names)), timeout)
        values = await services.read([ua.NodeId(getattr(_LIMITS, base + name)) for name in names])
        told = [value.Value.Value if value.Value is not None else None for value in values]
        return cls(
            client, Limits(*(int(item) if isinstance(item, int) and item > 0 else _MOST for item in told)), timeout
        )

    async def _call(self, service: Callable[[Any], Awaitable[Any]], parameters: Any) -> Any:  # noqa: ANN401
        """Call a service; a server that has died in the middle does not hold us."""
        return await asyncio.wait_for(service(parameters), self._timeout)

    async def read(self, nodes: Sequence[ua.NodeId], attribute: int = ua.AttributeIds.Value) -> list[ua.DataValue]:
        """Return an attribute of each of ``nodes``, with status and timestamps."""
        found: list[ua.DataValue] = []
        for portion in portions(nodes, self.limits.read):
            parameters = ua.ReadParameters()
            parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
            parameters.NodesToRead = [ua.ReadValueId(NodeId=node, AttributeId=attribute) for node in portion]
            found += await self._call(self._session.read, parameters)
        return found

    async def write(self, node: ua.NodeId, content: ua.Variant) -> ua.StatusCode:
        """Write the value of ``node``, without status and times, which many servers refuse; return what they say."""
        parameters = ua.WriteParameters()
        value = ua.DataValue(content, StatusCode=None)
        parameters.NodesToWrite = [ua.WriteValue(NodeId=node, AttributeId=ua.AttributeIds.Value, Value=value)]
        status: ua.StatusCode = (await self._call(self._session.write, parameters))[0]
        return status

    async def subscribe(self, interval: float, on_publish: Callable[[Any], None]) -> int:
        """Create a subscription that publishes every ``interval`` [s]; return its id."""
        parameters = ua.CreateSubscriptionParameters()
        parameters.RequestedPublishingInterval = interval * 1000
        parameters.RequestedLifetimeCount, parameters.RequestedMaxKeepAliveCount = 300, 10
        parameters.MaxNotificationsPerPublish, parameters.PublishingEnabled = 0, True
        create = self._session.create_subscription(parameters, on_publish)
        return int((await asyncio.wait_for(create, self._timeout)).SubscriptionId)

    async def ask_ahead(self, on_publish: Callable[[Any], None]) -> None:
        """Keep ``AHEAD`` more requests for notifications at the server than asyncua's one, until it is cancelled.

        Many servers answer a request with at most 1,000 values and only once in a publishing interval, so that one
        request at a time sets how many values come in a second, whatever the network and both machines can do.
        """
        await asyncio.gather(*(self._ask(on_publish) for _ in range(AHEAD)))

    async def _ask(self, on_publish: Callable[[Any], None]) -> None:
        done: list[ua.SubscriptionAcknowledgement] = []
        while True:
            try:
                result = (await self._session.publish(done)).Parameters
                message = result.NotificationMessage
                done = [ua.SubscriptionAcknowledgement(result.SubscriptionId, message.SequenceNumber)]
            except FAILURES:
                return  # too many requests for this server, or the connection is lost: asyncua's own request tells
            if not message.NotificationData:
                done = []
            on_publish(result)

    async def monitor(
        self, subscription: int, nodes: Sequence[tuple[int, ua.NodeId, int, float]]
    ) -> list[ua.StatusCode]:
        """Add (handle, node, queue size, sampling interval [s]) to ``subscription``; return their statuses."""
        statuses: list[ua.StatusCode] = []
        for portion in portions(nodes, self.limits.items):
            parameters = ua.CreateMonitoredItemsParameters()
            parameters.SubscriptionId = subscription
            parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
            parameters.ItemsToCreate = [_item(*node) for node in portion]
            statuses += [
                result.StatusCode for result in await self._call(self._session.create_monitored_items, parameters)
            ]
        return statuses

    async def history(
        self, nodes: Sequence[ua.NodeId], start: datetime, end: datetime
    ) -> AsyncIterator[tuple[int, ua.StatusCode, list[ua.DataValue]]]:
        """Yield (place in ``nodes``, status, values) of raw history, as often as the server needs to tell it all."""
        for portion in portions(list(enumerate(nodes)), self.limits.history):
            waiting = [(place, node, None) for place, node in portion]
            for _ in range(_ROUNDS):
                parameters = ua.HistoryReadParameters()
                parameters.ReleaseContinuationPoints = False  # asyncua's default asks for nothing but their release
                parameters.TimestampsToReturn = ua.TimestampsToReturn.Both
                parameters.HistoryReadDetails = ua.ReadRawModifiedDetails(
                    IsReadModified=False, StartTime=start, EndTime=end, NumValuesPerNode=0, ReturnBounds=False
                )
                parameters.NodesToRead = [
                    ua.HistoryReadValueId(NodeId=node, ContinuationPoint=point) for _, node, point in waiting
                ]
                results = await self._call(self._session.history_read, parameters)
                follow = []
                for (place, node, _), result in zip(waiting, results, strict=True):
                    values = getattr(result.HistoryData, "DataValues", None) or []
                    yield place, result.StatusCode, list(values)
                    if result.ContinuationPoint:
                        follow.append((place, node, result.ContinuationPoint))
                waiting = follow
                if not waiting:
                    break


def _item(handle: int, node: ua.NodeId, queue: int, sampling: float) -> ua.MonitoredItemCreateRequest:
    request = ua.MonitoredItemCreateRequest()
    request.ItemToMonitor = ua.ReadValueId(NodeId=node, AttributeId=ua.AttributeIds.Value)
    request.MonitoringMode = ua.MonitoringMode.Reporting
    parameters = ua.MonitoringParameters()
    parameters.ClientHandle, parameters.QueueSize, parameters.DiscardOldest = handle, queue, True
    parameters.SamplingInterval = sampling * 1000
    # a value that stays the same with a new timestamp is news: the sensor lives
    parameters.Filter = ua.DataChangeFilter(Trigger=ua.DataChangeTrigger.StatusValueTimestamp)
    request.RequestedParameters = parameters
    return request
