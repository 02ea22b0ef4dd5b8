"""The server of the page, in a thread of its own: static files, server-sent events, and decisions that are checked."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from cosim.errors import LinkError
from cosim.live.page.access import Access, PageAddress, Verdict, clean_name, is_ours
from cosim.live.page.board import NOTHING, Board

ASSETS: Final = Path(__file__).parent / "assets"
_FILES: Final = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "charts.js": "text/javascript",
    "uplot/uPlot.iife.min.js": "text/javascript",
    "uplot/uPlot.min.css": "text/css",
}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_LARGEST: Final = 4096
"""Bytes that a browser may send."""
_STREAMS: Final = 64
"""Pages that may be open at once."""
_CONNECTIONS: Final = 192
"""Connections at once, whoever makes them: a stranger must not use up the files that the shadow itself needs."""
_YOUNG: Final = 5.0
"""Seconds in which a connection may begin."""
_STUCK: Final = 30.0
"""Seconds in which a page has to read what it was told."""
_LOOK: Final = 0.25
"""Seconds between looks at what is new."""
_BEAT: Final = 1.0
"""Seconds after which a page is told that nothing is new: it greys when it hears nothing."""
_REASON: Final = 500
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody who has signed in says to an advice of ``shadow``."""

    shadow: str
    advice: str
    is_accepted: bool
    who: str
    reason: str


Decide = Callable[[Decision], str]
"""Takes a decision, in any thread; returns why it is refused, '' if it is not."""


class PageServer:
    """Serves ``boards`` by the names of their shadows while the block runs.

    ``certificate`` is a PEM file with a certificate and its key, for HTTPS.

    Raises
    ------
    LinkError
        On entering, when nobody can be served there.
    """

    def __init__(
        self,
        boards: Mapping[str, Board],
        at: PageAddress,
        access: Access,
        decide: Decide | None = None,
        *,
        certificate: Path | None = None,
    ) -> None:
        self._boards, self._at, self._access, self._decide = boards, at, access, decide
        self._tls = _context(certificate)
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)
        self._ready = threading.Event()
        self._stop: Callable[[], None] = lambda: None
        self._error: LinkError | None = None
        self._n_streams = 0
        self.port = at.port

    def __enter__(self) -> PageServer:
        self._thread.start()
        self._ready.wait()
        if self._error is not None:
            self._thread.join()
            raise self._error
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(2 * _LOOK if self._n_streams else 0.0)  # pages are told the last word
        self._stop()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        host = f"[{self._at.host}]" if ":" in self._at.host else self._at.host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}/"

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._error = LinkError(
                f"The page cannot be served at {self._at.host}:{self._at.port}: {error.strerror or error}. Choose "
                "another place by --page-at HOST:PORT."
            )
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        application = web.Application(middlewares=[self._guard], client_max_size=_LARGEST)
        application.add_routes(
            [
                web.get("/", self._index),
                web.get("/assets/{name:.+}", self._asset),
                web.get("/who", self._who),
                web.get("/events", self._events),
                web.post("/sign-in", self._sign_in),
                web.post("/sign-out", self._sign_out),
                web.post("/decide", self._take_decision),
            ]
        )
        quiet = logging.getLogger("cosim.live.page")
        runner = web.AppRunner(application, access_log=None, logger=quiet, shutdown_timeout=1.0, keepalive_timeout=30.0)
        await runner.setup()
        try:
            over, loop = asyncio.Event(), asyncio.get_running_loop()
            listening = await loop.create_server(_Door(runner), self._at.host, self._at.port, ssl=self._tls)
            self.port = listening.sockets[0].getsockname()[1]
            self._stop = lambda: _tell(loop, over)
            self._ready.set()
            await over.wait()
            listening.close()
        finally:
            await runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what another site may have sent; give every answer the headers that keep it in its place."""
        try:
            self._check(request)
            answer = await handler(request)
        except web.HTTPException as error:
            answer = web.Response(status=error.status, text=error.text or error.reason, content_type="text/plain")
        if not answer.prepared:
            answer.headers.update(_HEADERS)
        return answer

    def _check(self, request: web.Request) -> None:
        if not is_ours(request.headers.get("Host", ""), {self._at.host}):
            raise web.HTTPMisdirectedRequest(text="This page does not have the name that was asked for.")
        if request.method not in ("POST", "GET", "HEAD"):
            raise web.HTTPMethodNotAllowed(request.method, ["GET", "POST"])
        if request.method == "POST":
            is_same = urlsplit(request.headers.get("Origin", "")).netloc == request.headers["Host"]
            if not is_same or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
                raise web.HTTPForbidden(text="Only this page itself may ask for that.")
            if request.content_type != "application/json":
                raise web.HTTPUnsupportedMediaType(text="Send JSON.")

    async def _index(self, _: web.Request) -> web.Response:
        return web.Response(body=(ASSETS / "index.html").read_bytes(), content_type="text/html", charset="utf-8")

    async def _asset(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in _FILES:
            raise web.HTTPNotFound
        return web.Response(body=(ASSETS / name).read_bytes(), content_type=_FILES[name], charset="utf-8")

    def _person(self, request: web.Request) -> str | None:
        return self._access.who(request.cookies.get(self._cookie, ""))

    @property
    def _cookie(self) -> str:
        return f"cosim_{self.port}"  # browsers send a cookie to every port

    async def _who(self, request: web.Request) -> web.Response:
        name = self._person(request)
        return web.json_response(
            {
                "name": name,
                "must": self._access.is_closed and name is None,
                "can": self._access.token is not None,
                "shadows": [] if self._access.is_closed and name is None else list(self._boards),
            }
        )

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if self._access.is_closed and self._person(request) is None:
            raise web.HTTPUnauthorized(text="Sign in first.")
        name = request.query.get("shadow", next(iter(self._boards), ""))
        if name not in self._boards:
            raise web.HTTPNotFound(text="There is no such shadow.")
        if self._n_streams >= _STREAMS:
            raise web.HTTPServiceUnavailable(text="Too many pages are open.")
        answer = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
        self._n_streams += 1
        try:
            await answer.prepare(request)
            await self._tell_all(request, answer, name)
        except (ConnectionResetError, TimeoutError, asyncio.CancelledError):
            pass  # the page was closed or reads nothing, or the server ends
        finally:
            self._n_streams -= 1
        return answer

    async def _tell_all(self, request: web.Request, answer: web.StreamResponse, name: str) -> None:
        """Tell a page what is new until it goes, or may look no longer."""
        seen, told = NOTHING, -_BEAT
        while not (self._access.is_closed and self._person(request) is None):
            seen, new = self._boards[name].since(seen)
            if new or time.monotonic() - told >= _BEAT:
                told = time.monotonic()
                briefs = {other: board.brief() for other, board in self._boards.items()}
                message = {"wall": time.time() * 1000, "new": new or None, "shadows": briefs}
                async with asyncio.timeout(_STUCK):
                    await answer.write(f"data: {json.dumps(message, allow_nan=False)}\n\n".encode())
            await asyncio.sleep(_LOOK)

    async def _sign_in(self, request: web.Request) -> web.Response:
        said = await _object(request)
        name = clean_name(said.get("name", ""))
        if name is None:
            raise web.HTTPBadRequest(text="Give your name: it is recorded with what you decide.")
        verdict, secret = self._access.sign_in(said.get("token", ""), name, request.remote or "an unknown address")
        if verdict is Verdict.WAIT:
            raise web.HTTPTooManyRequests(text="Too many wrong tokens. Wait half a minute.")
        if verdict is Verdict.WRONG:
            raise web.HTTPForbidden(text="That is not the token.")
        answer = web.json_response({"name": name})
        answer.set_cookie(self._cookie, secret, httponly=True, samesite="Strict", secure=self._tls is not None)
        return answer

    async def _sign_out(self, request: web.Request) -> web.Response:
        self._access.sign_out(request.cookies.get(self._cookie, ""))
        return web.json_response({})

    async def _take_decision(self, request: web.Request) -> web.Response:
        who = self._person(request)
        if who is None:
            self._access.warn(f"A decision from {request.remote} was refused: nobody has signed in there.")
            raise web.HTTPUnauthorized(text="Sign in first.")
        said = await _object(request)
        shadow, advice, word = (said.get(key, "") for key in ("shadow", "advice", "word"))
        if shadow not in self._boards or not advice or word not in ("accept", "reject"):
            raise web.HTTPBadRequest(text="Name the shadow and the advice, and accept or reject it.")
        decision = Decision(shadow, advice, word == "accept", who, said.get("reason", "")[:_REASON])
        if self._decide is None:
            raise web.HTTPConflict(text="This page takes no decisions.")
        refusal = await asyncio.to_thread(self._decide, decision)
        if refusal:
            raise web.HTTPConflict(text=refusal)
        return web.json_response({})


class _Closed(asyncio.Protocol):
    """Closes a connection at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


class _Door:
    """Makes what serves a connection, and lets so many in at once."""

    def __init__(self, runner: web.AppRunner) -> None:
        self._runner = runner
        self._inside: list[tuple[web.RequestHandler, float]] = []

    def __call__(self) -> asyncio.BaseProtocol:
        now = time.monotonic()
        # without a transport a connection has not begun yet, or is over
        self._inside = [item for item in self._inside if item[0].transport is not None or now - item[1] < _YOUNG]
        if len(self._inside) >= _CONNECTIONS:
            return _Closed()
        assert self._runner.server is not None
        self._inside.append((self._runner.server(), now))
        return self._inside[-1][0]


def _tell(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(over.set)


async def _object(request: web.Request) -> dict[str, str]:
    """Return the texts that were sent."""
    try:
        said = await request.json()
    except (ValueError, RecursionError) as error:
        raise web.HTTPBadRequest(text="That is no JSON.") from error
    if not isinstance(said, dict) or not all(_is_text(value) for value in said.values()):
        raise web.HTTPBadRequest(text="Send an object of texts.")
    return said


def _is_text(value: object) -> bool:
    """Tell whether ``value`` can be written into files: JSON can hold halves of characters."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _context(certificate: Path | None) -> ssl.SSLContext | None:
    """Return what HTTPS needs.

    Raises
    ------
    LinkError
        When the file holds no certificate with its key.
    """
    if certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate)
    except (OSError, ssl.SSLError) as error:
        raise LinkError(
            f"'{certificate}' serves no HTTPS page: {error}. It should hold a certificate and its key, as PEM."
        ) from error
    return context
