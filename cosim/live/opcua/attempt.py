"""One attempt of the link: subscribe, fetch the history that was missed, then follow until it is lost."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from asyncua import Client, ua

from cosim.clock import TICKS_PER_SECOND
from cosim.live.endpoint import Patience
from cosim.live.known import Known
from cosim.live.opcua.actuator import Actuator
from cosim.live.opcua.addresses import resolve
from cosim.live.opcua.failures import BROKEN, FAILURES
from cosim.live.opcua.services import Services, portions
from cosim.live.opcua.times import to_datetime, to_ns
from cosim.live.opcua.values import sample_of, text_of
from cosim.live.opcua.watch import Watch
from cosim.live.quality import Quality, quality_of
from cosim.live.record import Arrival, Kind, Note, Origin, Sample
from cosim.live.tag import BATCH_ID, BATCH_TIME, PHASE, SPEED, Address, TagMap, Use

_CLOCK_HANDLE: Final = 0
_SERVER_CLOCK: Final = ua.NodeId(ua.ObjectIds.Server_ServerStatus_CurrentTime)
_DAY: Final = 86_400 * TICKS_PER_SECOND
_FASTEST, _SLOWEST = 0.1, 1.0
"""Limits of the publishing interval [s]."""
_MOST_QUEUED: Final = 10_000
_NEVER: Final = 1 << 62
"""Later than any time [ns]."""
_TRIES: Final = 3
"""Attempts in which history may break off; then it is taken for a gap, for a server may choke on it every time."""
_LOOK: Final = 0.2
"""Seconds between looks at the watch."""
Sink = Callable[[Arrival], None]
"""Keeps an arrival; when it returns, it is kept."""


class Attempt:
    """What is done with one connected ``client``."""

    def __init__(
        self,
        client: Client,
        tags: TagMap,
        known: Known,
        patience: Patience,
        sink: Sink,
        actuator: Actuator | None = None,
    ) -> None:
        self._actuator = actuator
        self._client, self._tags, self._known, self._patience, self._sink = client, tags, known, patience, sink
        self._watch = Watch(patience.silence)
        self._queue: asyncio.Queue[Any] = asyncio.Queue()
        self._nodes: dict[str, ua.NodeId] = {}
        self._handles: list[str] = [""]
        self._refused: set[str] = set()
        self._arrived: dict[str, float] = {}
        self._before: dict[str, int | None] = {}
        self._firsts: dict[str, int] = {}
        self._subscription = 0
        self._speed = 1.0
        self._told_skew = 0.0

    async def follow(self, services: Services) -> str:
        """Deliver until the connection is lost; return why.

        Raises
        ------
        FAILURES
            Where the server goes away before history is read.
        """
        self._client.connection_lost_callback = self._lost
        await self._find_nodes()
        self._before = {name: self._known.last(name) for name in self._nodes}
        began = await self._read_clock(services)
        self._note(Kind.BACKFILL)
        self._known.begin_history()
        await self._subscribe(services)
        consumer = asyncio.create_task(self._consume())
        asking = asyncio.create_task(services.ask_ahead(self._queue.put_nowait))
        try:
            await asyncio.sleep(self._patience.settle)
            await self._backfill(services, began)
            self._known.close_history()
            self._note(Kind.BACKFILLED)
            if self._actuator is not None:
                self._actuator.attach(services, self._nodes)
            return await self._keep_watch(services, consumer)
        finally:
            consumer.cancel()
            asking.cancel()
            if self._actuator is not None:
                self._actuator.detach()

    async def _lost(self, error: Exception) -> None:
        self._watch.lose(f"the connection broke ({type(error).__name__})")

    def _note(self, kind: Kind, text: str = "", tag: str = "") -> None:
        self._sink(Note(kind, time.time_ns(), text, tag))

    async def _find_nodes(self) -> None:
        """Find the nodes of all tags; tell of those that have none, once."""
        addresses: dict[str, Address] = {name: tag.address for name, tag in self._tags.tags.items()}
        clock = self._tags.clock
        if clock is not None:
            addresses |= {
                BATCH_TIME: clock.batch_time,
                BATCH_ID: clock.batch_id,
                PHASE: clock.phase,
                SPEED: clock.speed,
            }
        missing = {name: item for name, item in addresses.items() if name not in self._nodes}
        found, problems = await resolve(self._client, missing)
        self._nodes |= found
        for name, problem in problems.items():
            self._refuse(name, problem)

    def _refuse(self, name: str, problem: str) -> None:
        if name not in self._refused:
            self._refused.add(name)
            self._note(
                Kind.REFUSED, f"Tag '{name}' cannot be used: {problem}. It is missing until that is mended.", name
            )

    async def _read_clock(self, services: Services) -> int:
        """Learn the speed of the plant, and when its batch began [ns]; 0 where it does not tell."""
        told = {}
        for name in (BATCH_TIME, SPEED):
            if name in self._nodes:
                value = (await services.read([self._nodes[name]]))[0]
                told[name] = sample_of(name, value, time.time_ns(), Origin.READ)
        speed = told.get(SPEED)
        if speed is not None and 0 < speed.value < math.inf:
            self._speed = speed.value
        batch = told.get(BATCH_TIME)
        await self._compare_clocks(services)
        if batch is None or quality_of(batch.status) is Quality.MISSING:
            return 0
        return batch.time - round((batch.value / self._speed + 1.0) * TICKS_PER_SECOND)

    async def _subscribe(self, services: Services) -> None:
        interval = (
            min(max(_FASTEST, min(self._interval(name) for name in self._nodes)), _SLOWEST) if self._nodes else 1.0
        )
        self._subscription = await services.subscribe(interval, self._queue.put_nowait)
        clock = [(_CLOCK_HANDLE, _SERVER_CLOCK, 10, 0.5)]
        for status in await services.monitor(self._subscription, clock):
            status.check()
        await self._monitor(services, list(self._nodes))

    async def _monitor(self, services: Services, names: list[str]) -> None:
        items = []
        for name in names:
            interval = self._interval(name)
            queue = min(max(round(self._patience.outage / interval), 10), _MOST_QUEUED)
            items.append((len(self._handles), self._nodes[name], queue, interval / 2))
            self._handles.append(name)
        for name, status in zip(names, await services.monitor(self._subscription, items), strict=True):
            if not status.is_good():
                del self._nodes[name]
                self._refuse(name, f"the server says {status.name}")

    def _interval(self, name: str) -> float:
        """Return the time on the wall between values of a tag [s]; the clock's own tags are as fast as the others."""
        tag = self._tags.tags.get(name)
        everyday = min((item.every for item in self._tags.tags.values()), default=TICKS_PER_SECOND)
        return (tag.every if tag else everyday) / TICKS_PER_SECOND / self._speed

    async def _consume(self) -> None:
        """Deliver what the subscription publishes."""
        while True:
            result = await self._queue.get()
            received = time.time_ns()
            samples: list[Sample] = []
            for notification in result.NotificationMessage.NotificationData or ():
                self._watch.beat()
                if isinstance(notification, ua.StatusChangeNotification):
                    self._watch.lose(f"the server ended the subscription ({notification.Status.name})")
                for item in getattr(notification, "MonitoredItems", None) or ():
                    self._take(item.ClientHandle, item.Value, received, samples)
            self._deliver(samples)

    def _take(self, handle: int, value: ua.DataValue, received: int, samples: list[Sample]) -> None:
        if handle == _CLOCK_HANDLE:
            return  # it is there so that something is delivered at all
        name = self._handles[handle]
        self._arrived[name] = time.monotonic()
        note = text_of(name, value, received)
        if note is not None and name in (BATCH_ID, PHASE):
            self._sink(note)
            return
        samples.append(sample_of(name, value, received, Origin.LIVE))
        if self._known.is_reading_history:
            self._note_first(samples[-1])

    def _note_first(self, sample: Sample) -> None:
        """Note when the first sample was that came after what is known from before: there a gap ends."""
        known = self._before.get(sample.tag)
        if known is not None and sample.time > known:
            self._firsts[sample.tag] = min(sample.time, self._firsts.get(sample.tag, _NEVER))

    def _deliver(self, samples: Iterable[Sample]) -> tuple[Sample, ...]:
        """Keep those of ``samples`` that are new; return them."""
        new = self._known.new(samples)
        if new:
            self._sink(new)
        return new

    async def _backfill(self, services: Services, began: int) -> None:
        """Fetch what was missed; tell the gaps that no history fills."""
        before = self._before
        since = {name: last if last is not None else began for name, last in before.items() if name in self._nodes}
        since = {name: start for name, start in since.items() if start and name not in (BATCH_ID, PHASE)}
        missing = {name: start for name, start in since.items() if before[name] is not None}
        why = "the server has no history of that time"
        try:
            await self._read_history(services, self._starts(since, began), missing)
        except FAILURES as error:
            if isinstance(error, BROKEN) and self._known.n_tries < _TRIES:
                raise  # the next attempt asks for it again
            why = f"history cannot be read ({type(error).__name__})"
        now = time.time_ns()
        gaps = {name: (start, max(min(self._firsts.get(name, now), now), start)) for name, start in missing.items()}
        if gaps:
            self._note(Kind.GAP, json.dumps({"why": why, "gaps": gaps}))

    def _starts(self, since: dict[str, int], began: int) -> dict[str, int]:
        """Return from when history is needed: of a laboratory all of the batch, for its samples come out of order."""
        late = {tag.name for tag in self._tags.of(Use.SAMPLES)}
        return {name: min(start, began or start) if name in late else start for name, start in since.items()}

    async def _read_history(self, services: Services, starts: dict[str, int], missing: dict[str, int]) -> None:
        """Deliver history; take out of ``missing`` the tags whose history reaches back to what is known."""
        end = to_datetime(time.time_ns() + 2 * _DAY)
        ordered = sorted(starts, key=lambda name: starts[name])
        for names in portions(ordered, services.limits.history):
            nodes, start = [self._nodes[name] for name in names], to_datetime(starts[names[0]])
            async for place, status, values in services.history(nodes, start, end):
                name, received = names[place], time.time_ns()
                samples = [sample_of(name, value, received, Origin.HISTORY) for value in values if status.is_good()]
                known = missing.get(name, 0)
                if any(sample.time <= known for sample in samples):
                    missing.pop(name, None)
                for sample in samples:
                    self._note_first(sample)
                self._deliver(samples)

    async def _keep_watch(self, services: Services, consumer: asyncio.Task[None]) -> str:
        """Look until the connection is to be given up; return why."""
        looker = asyncio.create_task(self._recheck_often(services))
        try:
            while True:
                await asyncio.sleep(_LOOK)
                if consumer.done():
                    consumer.result()  # what the sink raised, such as a full disk
                if looker.done():
                    looker.result()
                reason = self._watch.verdict()
                if reason is not None:
                    return reason
        finally:
            looker.cancel()

    async def _recheck_often(self, services: Services) -> None:
        while True:
            await asyncio.sleep(self._patience.recheck)
            try:
                await self._recheck(services)
            except FAILURES as error:
                self._watch.lose(f"the server no longer answers ({type(error).__name__})")

    async def _recheck(self, services: Services) -> None:
        """Read all tags, find those that were missing, compare the clocks."""
        missing = set(self._nodes)
        await self._find_nodes()
        await self._monitor(services, [name for name in self._nodes if name not in missing])
        names = [name for name in self._nodes if name not in (BATCH_ID, PHASE)]
        values = await services.read([self._nodes[name] for name in names])
        received = time.time_ns()
        for name, value in zip(names, values, strict=True):
            if value.StatusCode is not None and value.StatusCode.value == ua.StatusCodes.BadNodeIdUnknown:
                del self._nodes[name]
                self._refuse(name, "its node has been removed")
        new = self._deliver(
            sample_of(name, value, received, Origin.READ) for name, value in zip(names, values, strict=True)
        )
        await self._monitor(services, self._silent(new))
        await self._compare_clocks(services)

    def _silent(self, new: Iterable[Sample]) -> list[str]:
        """Return tags that the server no longer publishes, although reading them finds ``new`` values.

        So it is with a node that was removed and made again in between.
        """
        now = time.monotonic()
        return [
            sample.tag
            for sample in new
            if sample.tag in self._nodes and sample.source
            if now - self._arrived.get(sample.tag, now) > max(self._patience.silence, 5 * self._interval(sample.tag))
        ]

    async def _compare_clocks(self, services: Services) -> None:
        began = time.time_ns()
        value = (await services.read([_SERVER_CLOCK]))[0]
        content = value.Value.Value if value.Value is not None else None
        here = (began + time.time_ns()) // 2
        skew = (to_ns(content) - here) / TICKS_PER_SECOND if content is not None else 0.0
        if abs(skew - self._told_skew) > self._patience.skew:
            self._told_skew = skew
            side = "ahead of" if skew > 0 else "behind"
            text = f"The server's clock is {abs(skew):.0f} s {side} ours. Times of samples are the server's; mend one."
            self._note(Kind.SKEW, text)
