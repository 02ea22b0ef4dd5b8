"""The way to an FMU at a server, as one client sees it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final

import zmq
from zmq.utils.monitor import parse_monitor_message

from cosim.hosting.frames import Garbled, pack, unpack_whole
from cosim.hosting.lane import Doing, Lane
from cosim.hosting.link import AbstractLink, Lost
from cosim.hosting.network.keys import Keys
from cosim.hosting.network.protocol import (
    BEAT,
    CONNECTING,
    DEAD_AFTER,
    HEARTBEAT,
    IDENTITY,
    LARGEST_FRAME,
    LARGEST_MESSAGE,
    PATIENCE,
    Kind,
    disclosed,
    enclosed,
)
from cosim.hosting.process import START_UP

_REFUSALS: Final = (
    zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)
_EVENTS: Final = _REFUSALS | zmq.EVENT_CONNECTED
MOST_REFUSALS: Final = 3
"""Connections that end before the token was believed; one or two, when the server is just being started."""


SHORT_PATIENCE: Final = 0.5
"""How long to wait for a server that another FMU of this process has just waited for in vain [s]."""
ABSENT_FOR: Final = 5.0
"""For how long another FMU need not look for a server that one has looked for in vain [s]."""
_absent: Final[dict[str, float]] = {}
"""When servers were looked for in vain."""
_unreachable: Final[set[str]] = set()
"""Addresses of servers that nothing was heard of, since."""


class RemoteLink(AbstractLink):
    """A way to one FMU at the server that listens at ``address``; ``timeout`` [s] is that of a call of the FMU."""

    def __init__(self, address: str, keys: Keys, timeout: float) -> None:
        self._address, self._timeout = address, timeout
        self.called: tuple[str, str] = ("", "")
        """What a server calls the FMU's file, and what it is called here."""
        self._number, self._is_busy, self._is_connected = 0, False, False
        self._n_refusals, self._was_there = 0, False
        socket: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.DEALER)
        self._socket = socket
        socket.identity = b"c" + secrets.token_bytes(IDENTITY - 1)  # ZeroMQ keeps those that begin with 0 to itself
        socket.curve_serverkey = keys.server_public
        socket.curve_secretkey, socket.curve_publickey = keys.client_secret, keys.client_public
        socket.linger = 0
        socket.ipv6 = True
        socket.maxmsgsize = LARGEST_FRAME
        socket.reconnect_ivl, socket.reconnect_ivl_max = 100, 2_000
        socket.heartbeat_ivl, socket.heartbeat_timeout = HEARTBEAT, DEAD_AFTER
        self._monitor: zmq.Socket[bytes] | None = socket.get_monitor_socket(_EVENTS)
        socket.connect(address)

    @property
    def lane(self) -> Lane | None:
        return None

    @property
    def is_busy(self) -> bool:
        return self._is_busy

    def call(self, head: Mapping[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        message = pack(head, body)
        if len(message) > LARGEST_MESSAGE:
            raise Lost(f"would have to be sent {len(message)} bytes at once, more than {LARGEST_MESSAGE}")
        self._number += 1
        self._is_busy = True
        try:
            answer, content = unpack_whole(self._exchanged(message))
        except Garbled as error:
            raise Lost(f"on {self._address} sent what is no message ({error})") from error
        self._is_busy = False
        if "lost" in answer:
            number = answer.get("doing")
            doing = Doing(number) if number in list(Doing) else Doing.NOTHING
            raise Lost(f"on {self._address} {answer['lost']}", doing)
        told = answer.get("error")
        if isinstance(told, dict) and isinstance(told.get("message"), str) and self.called[0]:
            told["message"] = told["message"].replace(*self.called)
        return answer, content

    def exchange(self) -> None:
        raise AssertionError("a lane does not reach another machine")

    def close(self, *, is_sound: bool) -> None:
        if self._socket.closed:
            return
        self._send(enclosed(Kind.BYE, 0))
        self._forget_monitor()
        self._socket.close(linger=500)  # time for the farewell

    def _exchanged(self, message: bytes) -> bytes:
        """Send a request until it is answered; return the answer."""
        self._send(enclosed(Kind.REQUEST, self._number, message))
        began = heard = asked = monotonic()
        while True:
            pause = BEAT if self._address not in _unreachable else SHORT_PATIENCE / 5
            if self._socket.poll(int(1e3 * pause)):
                kind, number, content = disclosed(self._socket.recv_multipart())
                if kind != Kind.LOOK:  # one may have waited here for long
                    heard = monotonic()
                    self._greeted()
                if kind == Kind.ANSWER and number == self._number:
                    return content
                if kind == Kind.GONE:
                    raise Lost(f"on {self._address} is gone: {_why(content)}.")
                if kind == Kind.AGAIN and number == self._number:
                    self._send(enclosed(Kind.REQUEST, number, message))
            now = monotonic()
            self._check(now - began, now - heard)
            if now - asked >= pause:
                self._send(enclosed(Kind.BEAT, self._number))
                asked = now

    def _check(self, waited: float, silent: float) -> None:
        """Raise where there is nothing more to hope for, after so many seconds."""
        if not self._is_connected:
            self._check_connecting(silent)
        elif silent > (PATIENCE if self._address not in _unreachable else SHORT_PATIENCE):
            _unreachable.add(self._address)
            raise Lost(
                f"on {self._address} cannot be reached: no sign of the server for {PATIENCE:g} s. See whether the "
                "machine, its network and 'cosim serve' there run."
            )
        if waited > self._timeout + START_UP + PATIENCE:
            raise Lost(f"on {self._address} did not answer for {waited:.0f} s, though its timeout has passed")

    def _check_connecting(self, silent: float) -> None:
        self._notice()
        if self._n_refusals >= MOST_REFUSALS:
            raise Lost(
                f"on {self._address} was not started: what listens there has another token, or is no 'cosim serve'.",
            )
        is_known = monotonic() - _absent.get(self._address, -ABSENT_FOR) < ABSENT_FOR
        if silent > (SHORT_PATIENCE if is_known else CONNECTING):
            _absent[self._address] = monotonic()
            what = "does not answer" if self._was_there else "is not there, or something between keeps it away"
            raise Lost(
                f"on {self._address} was not started: the server {what}, for {CONNECTING:g} s. Start it with 'cosim "
                "serve', or correct 'host'.",
            )

    def _notice(self) -> None:
        """Take note of what ZeroMQ tells of the connection."""
        while self._monitor is not None and self._monitor.poll(0):
            event = parse_monitor_message(self._monitor.recv_multipart())["event"]
            self._was_there = True
            if event & _REFUSALS:
                self._n_refusals += MOST_REFUSALS if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH else 1

    def _greeted(self) -> None:
        _unreachable.discard(self._address)
        if not self._is_connected:
            self._is_connected = True
            self._forget_monitor()

    def _forget_monitor(self) -> None:
        monitor, self._monitor = self._monitor, None
        if monitor is not None:
            self._socket.disable_monitor()
            monitor.close(linger=0)

    def _send(self, frames: list[bytes]) -> None:
        try:
            self._socket.send_multipart(frames, zmq.NOBLOCK)
        except zmq.Again:  # far too much waits already; it is sent again when the server asks
            return


def _why(content: bytes) -> str:
    why = unpack_whole(content)[0].get("why")
    return why[:300] if isinstance(why, str) else "the server does not say why"
