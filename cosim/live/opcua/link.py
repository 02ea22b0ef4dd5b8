"""The link: attempt after attempt, each with a fresh client, in a thread of its own, until it is told to stop."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Final, TypeVar

from asyncua import Client

from cosim.errors import CosimError, LinkError
from cosim.live.endpoint import Endpoint, Patience
from cosim.live.known import Known
from cosim.live.opcua.actuator import Actuator
from cosim.live.opcua.attempt import Attempt, Sink
from cosim.live.opcua.connection import connect, disconnect
from cosim.live.opcua.failures import FAILURES, Refused, in_words
from cosim.live.opcua.services import Services
from cosim.live.record import Kind, Note
from cosim.live.tag import TagMap

Value = TypeVar("Value")
_SPREAD: Final = 0.5
"""Share by which delays vary at random, so that many links do not come back at once."""


class Link:
    """Follows the server at ``endpoint`` and passes what comes to ``sink``, in the thread of the link.

    Use it in a ``with`` block. The first connection must succeed, unless ``is_resumed``; after that, whatever happens
    is noted and tried again. What ``sink`` raises ends the link, and is raised by ``check``. ``actuator`` reaches the
    plant while a connection stands.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        tags: TagMap,
        known: Known,
        sink: Sink,
        *,
        patience: Patience | None = None,
        is_resumed: bool = False,
        actuator: Actuator | None = None,
        choose: Callable[[], float] = random.random,
    ) -> None:
        self._endpoint, self._tags, self._known, self._sink = endpoint, tags, known, sink
        self._patience, self._actuator = patience or Patience(), actuator
        self._choose, self._must_begin = choose, not is_resumed
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._error: CosimError | None = None
        self._n_broken = 0
        self._has_connected = False
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)

    def __enter__(self) -> Link:
        self._thread.start()
        self._ready.wait()
        try:
            self.check()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check(self) -> None:
        """Raise what ended the link, if anything did."""
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Leave the server; legal any number of times."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._follow())
        except CosimError as error:
            self._error = error
        finally:
            self._ready.set()

    async def _follow(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began, self._has_connected = time.monotonic(), False
            reason, is_refused = await self._attempt()
            if self._stopping.is_set():
                return
            self._note(Kind.LOST, reason)
            is_steady = time.monotonic() - began > self._patience.steady
            failures = 0 if is_steady else failures + 1
            self._n_broken = 0 if is_steady else self._n_broken + self._has_connected
            await self._wait(self._delay(failures, is_refused=is_refused))

    async def _attempt(self) -> tuple[str, bool]:
        """Connect and follow; return why that ended, and whether the server refused us.

        Raises
        ------
        CosimError
            When the first connection fails, or the sink does.
        """
        client: Client | None = None
        try:
            patience = self._growing_patience()
            client = await self._until_stopped(connect(self._endpoint, patience))
            if client is None:
                return "", False
            self._has_connected = True
            services = await Services.of(client, patience.request)
            self._note(Kind.CONNECTED, self._endpoint.url)
            self._must_begin = False
            self._ready.set()
            attempt = Attempt(client, self._tags, self._known, patience, self._sink, self._actuator)
            return await self._until_stopped(attempt.follow(services)) or "", False
        except (LinkError, *FAILURES) as error:
            said = in_words(error, self._endpoint.url)
            if self._must_begin:
                raise said from error
            self._ready.set()
            return said.message, isinstance(said, Refused)
        finally:
            if client is not None:
                await disconnect(client)

    async def _until_stopped(self, work: Coroutine[Any, Any, Value]) -> Value | None:
        """Return what ``work`` returns, None when the link is stopped first."""
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                if self._stopping.is_set():
                    return None
                await asyncio.wait({task}, timeout=0.1)
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=2.0)

    def _growing_patience(self) -> Patience:
        """Return more patience after connections that soon broke: each makes a server slower that is too slow."""
        patience = self._patience
        silence = min(patience.silence * 2.0 ** max(self._n_broken - 1, 0), max(patience.longest, patience.silence))
        return replace(patience, silence=silence, request=max(patience.request, silence))

    def _delay(self, failures: int, *, is_refused: bool) -> float:
        """Return the time to wait [s]: twice as long each time, at once the longest where we are refused."""
        patience = self._patience
        delay = patience.longest if is_refused else min(patience.first * 2.0 ** min(failures, 20) / 2, patience.longest)
        return delay * (1 - _SPREAD + 2 * _SPREAD * self._choose())

    async def _wait(self, delay: float) -> None:
        until = time.monotonic() + delay
        while time.monotonic() < until and not self._stopping.is_set():
            await asyncio.sleep(0.05)

    def _note(self, kind: Kind, text: str) -> None:
        self._sink(Note(kind, time.time_ns(), text))
