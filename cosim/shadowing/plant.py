"""The virtual plant: a model behind instruments, served over OPC UA in step with the clock on the wall."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from cosim.clock import Ticks, to_seconds
from cosim.live.deadman import DeadMan, Fallback
from cosim.live.fault import Kind
from cosim.live.opcua.server import PlantServer, Serving, Value
from cosim.live.quality import GOOD
from cosim.live.tag import BATCH_ID, BATCH_TIME, PHASE, SPEED, Tag
from cosim.shadowing.plant_model import PlantModel, Publication

OVER: Final = "complete"
"""The phase of a plant whose batch has ended."""
_BURST: Final = 0.05
"""How often the server is given new values, at most [s]."""
_BEAT: Final = 1.0
"""How often it is told the time of the batch, at least [s]."""
_LAG: Final = 0.5
"""How far the model may fall behind before the time of the batch is slowed down [s]."""
_NS: Final = 1_000_000_000


class Pace:
    """Relates the time of the batch [ticks] to the wall [ns since 1970]: ``speed`` seconds per second, or slower."""

    def __init__(self, speed: float, wall: int) -> None:
        self._speed = speed
        self._batch, self._walls = [Ticks(0)], [wall]

    def batch(self, wall: int) -> Ticks:
        """Return the time of the batch at ``wall``, not before the last slowing down."""
        return Ticks(self._batch[-1] + max(0, round((wall - self._walls[-1]) * self._speed)))

    def wall(self, batch: Ticks) -> int:
        """Return when it was or will be ``batch``."""
        i = max(bisect_right(self._batch, batch) - 1, 0)
        return self._walls[i] + round((batch - self._batch[i]) / self._speed)

    def slow_down(self, batch: Ticks, wall: int) -> None:
        """Let it be ``batch`` no earlier than ``wall``."""
        self._batch.append(batch)
        self._walls.append(wall)


class VirtualPlant:
    """Runs ``model`` and serves ``tags`` until it is told to stop."""

    def __init__(
        self,
        model: PlantModel,
        tags: Mapping[str, Tag],
        serving: Serving,
        *,
        speed: float,
        batch_id: str,
        fallback: Fallback | None = None,
    ) -> None:
        self._model, self._speed, self._batch_id, self._fallback = model, speed, batch_id, fallback
        self._server = PlantServer(serving, tags, self._operated, lambda tag: model.has(tag, Kind.REFUSE))
        self._dead_man = DeadMan(fallback.timeout if fallback else 0.0)
        self._writable = [tag for tag in tags if model.is_set_point(tag)]
        self._written: list[tuple[str, float]] = []
        self._is_stopped = False

    def stop(self) -> None:
        """End it soon; legal in a handler of signals."""
        self._is_stopped = True

    def _operated(self, tag: str, value: float) -> None:
        if self._fallback is not None and tag == self._fallback.tag:
            self._dead_man.beat(value)
        elif self._model.is_set_point(tag):
            self._written.append((tag, value))

    async def run(
        self,
        on_ready: Callable[[str], None],
        on_lag: Callable[[float], None] = lambda _: None,
        on_fallback: Callable[[Fallback], None] = lambda _: None,
    ) -> None:
        """Serve; ``on_ready`` is told the address, ``on_lag`` the speed that the model cannot keep.

        ``on_fallback`` is told that the heartbeat of whoever controlled it has stopped.

        Raises
        ------
        LinkError
            When it cannot be served.
        StepError
            When the model fails.
        """
        on_ready(await self._server.start())
        try:
            with ThreadPoolExecutor(1) as pool:  # the model always runs in the same thread
                await self._keep_pace(pool, on_lag, on_fallback)
        finally:
            await self._server.stop()

    async def _keep_pace(
        self, pool: ThreadPoolExecutor, on_lag: Callable[[float], None], on_fallback: Callable[[Fallback], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        pace = Pace(self._speed, time.time_ns())
        await self._server.publish(self._about(time.time_ns()))
        beat, batch, is_told = 0.0, Ticks(0), False
        while not self._is_stopped:
            began = time.monotonic()
            if self._fallback is not None and self._dead_man.has_died():
                on_fallback(self._fallback)
                self._written += self._fallback.safe.items()
            is_written = bool(self._written)
            target = pace.batch(time.time_ns()) if not self._model.is_over else batch
            publications = await loop.run_in_executor(pool, self._advance, target)
            for publication in publications:
                await self._server.publish(_values(publication, pace))
                batch, beat = publication.time, time.monotonic()
            if is_written:
                await self._server.publish(self._set_points(time.time_ns()))
            if time.monotonic() - began > _LAG:
                pace.slow_down(target, time.time_ns())
                if not is_told:
                    on_lag(self._speed)
                    is_told = True
            if time.monotonic() - beat > _BEAT:
                beat = time.monotonic()
                batch = max(batch, target)
                await self._server.publish(_beat(batch, time.time_ns(), OVER if self._model.is_over else None))
            await asyncio.sleep(max(0.0, _BURST - (time.monotonic() - began)))

    def _advance(self, target: Ticks) -> list[Publication]:
        written, self._written = self._written, []
        for tag, value in written:
            if not self._model.has(tag, Kind.IGNORE):
                self._model.operate(tag, value)
        return list(self._model.advance(target))

    def _set_points(self, now: int) -> list[Value]:
        """Show where set-points are: not every one that was written is there."""
        return [Value(tag, self._model.set_point(tag), GOOD, now, now) for tag in self._writable]

    def _about(self, now: int) -> list[Value]:
        return [Value(BATCH_ID, self._batch_id, GOOD, now, now), Value(SPEED, self._speed, GOOD, now, now)]


def _values(publication: Publication, pace: Pace) -> Iterable[Value]:
    """Return the readings, and after them the time of the batch."""
    now = pace.wall(publication.time)
    for reading in publication.readings:
        yield Value(reading.tag, reading.value, reading.status, pace.wall(reading.taken), pace.wall(reading.reported))
    yield from _beat(publication.time, now, publication.phase)


def _beat(batch: Ticks, wall: int, phase: str | None) -> Iterable[Value]:
    yield Value(BATCH_TIME, to_seconds(batch), GOOD, wall, wall)
    if phase is not None:
        yield Value(PHASE, phase, GOOD, wall, wall)
