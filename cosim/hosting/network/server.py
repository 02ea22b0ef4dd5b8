"""The server: takes messages of clients in, keeps one session for each, and notices who has gone."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final
from uuid import uuid4

import zmq
from zmq.utils import z85

from cosim.errors import FmuError
from cosim.hosting.frames import Garbled, pack
from cosim.hosting.network.keys import Keys
from cosim.hosting.network.protocol import (
    BEAT,
    DEAD_AFTER,
    GRACE,
    HEARTBEAT,
    IDENTITY,
    LARGEST_FRAME,
    Kind,
    disclosed,
    enclosed,
)
from cosim.hosting.network.session import Report, Session
from cosim.hosting.network.store import AbstractStore

HANDSHAKE: Final = 5_000
"""How long a client may take to show that it knows the token [ms]."""
MOST_QUEUED: Final = 16
"""Messages of one client that are taken in before it has to wait."""
_STOPPED: Final = "the server was stopped"
_UNKNOWN: Final = "the server was started again, or gave its FMU up when the connection was lost for long"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens; port 0 is any that is free."""

    host: str
    port: int


class Server:
    """Hosts FMUs for whoever knows the token; ``run`` until stopped, then ``close``."""

    def __init__(
        self,
        endpoint: Endpoint,
        keys: Keys,
        store: AbstractStore,
        most_instances: int,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Listen at ``endpoint``; ``tell`` gets a line whenever an instance is there, and when it is gone."""
        self._store, self._most, self._tell_of = store, most_instances, tell
        self._client_key = z85.decode(keys.client_public)
        self._sessions: dict[bytes, Session] = {}
        self._ending: list[Session] = []
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._report = Report(self._context, f"inproc://{uuid4().hex}")
        self._checks = self._context.socket(zmq.ROUTER)  # ZeroMQ asks here who may connect: rfc.zeromq.org/spec/27
        self._checks.bind("inproc://zeromq.zap.01")
        self._results = self._context.socket(zmq.PULL)
        self._results.bind(self._report.address)
        self._clients = _listening(self._context.socket(zmq.ROUTER), keys)
        self._is_stopped = False
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        try:
            self.port = _bind(self._clients, endpoint)
        except BaseException:
            self.close()
            raise

    @property
    def n_sessions(self) -> int:
        """How many clients there are."""
        return len(self._sessions)

    def run(self) -> None:
        """Serve until ``stop``."""
        poller = zmq.Poller()
        for source in (self._checks, self._clients, self._results, self._woken):
            poller.register(source, zmq.POLLIN)
        next_look = monotonic() + BEAT
        while not self._is_stopped:
            ready = dict(poller.poll(max(1, int((next_look - monotonic()) * 1e3))))
            if self._checks in ready:
                self._check()
            if self._results in ready:
                self._pass_on()
            if self._clients in ready:
                self._take()
            if monotonic() >= next_look:
                self._look()
                next_look = monotonic() + BEAT

    def stop(self) -> None:
        """Let ``run`` return; legal in a handler of signals, as an exception in the midst of its work is not.

        One between the start of a session's thread and its entry here would leave that thread behind for ever.
        """
        self._is_stopped = True
        try:
            self._wake.send(b"x")
        except OSError:  # it is awake, or closed
            return

    def close(self) -> None:
        """Tell the clients, and end all FMUs."""
        for identity, session in self._sessions.items():
            self._send(identity, enclosed(Kind.GONE, 0, pack({"why": _STOPPED})))
            session.end()
        for session in (*self._sessions.values(), *self._ending):
            session.join()
        self._sessions.clear()
        for inner in (self._checks, self._results):
            inner.close(linger=0)
        self._clients.close(linger=500)
        self._context.term()
        self._wake.close()
        self._woken.close()

    def _check(self) -> None:
        """Let in who holds the client's key."""
        frames = self._checks.recv_multipart()
        at = frames.index(b"1.0")
        is_good = len(frames) == at + 7 and frames[at + 5] == b"CURVE" and frames[at + 6] == self._client_key
        verdict = (b"200", b"OK") if is_good else (b"400", b"another token")
        self._checks.send_multipart([*frames[: at + 2], *verdict, b"", b""])

    def _take(self) -> None:
        """Take one message of a client."""
        identity, *frames = self._clients.recv_multipart()
        try:
            kind, number, message = disclosed(frames)
        except Garbled:
            self._give_up(identity, "it sent what is no message")
            return
        session = self._sessions.get(identity)
        if session is not None:
            session.last_seen = monotonic()
        if kind == Kind.BYE:
            self._forget(identity, "its client is done")
        elif kind == Kind.BEAT:
            self._tell(identity, session, number)
        elif kind == Kind.REQUEST:
            self._begin(identity, session, number, message)
        else:
            self._give_up(identity, "it sent what a server sends")

    def _tell(self, identity: bytes, session: Session | None, number: int) -> None:
        """Say whether the request is being worked on; one that is not has been lost, or its answer has."""
        if session is None and number > 1:
            self._give_up(identity, _UNKNOWN)
        elif session is not None and session.is_working and session.number == number:
            self._send(identity, enclosed(Kind.WORKING, number))
        else:
            self._send(identity, enclosed(Kind.AGAIN, number))

    def _begin(self, identity: bytes, session: Session | None, number: int, message: bytes) -> None:
        if session is None and number == 1 and len(identity) == IDENTITY:
            if len(self._sessions) >= self._most:
                self._give_up(identity, f"it hosts {self._most} FMUs already, as many as it may ('--instances')")
                return
            try:
                session = self._sessions[identity] = Session(identity, self._store, self._report)
            except RuntimeError as error:  # of the system: no thread more
                self._give_up(identity, f"its machine is overburdened ({error})")
                return
            session.last_seen = monotonic()
        if session is None:
            self._give_up(identity, _UNKNOWN)
        elif number == session.number + 1 and not session.is_working:
            session.ask(number, message)
        elif number == session.number and not session.is_working:
            self._send(identity, enclosed(Kind.ANSWER, number, session.answer))
        elif number != session.number:
            self._give_up(identity, "it asked out of turn")

    def _pass_on(self) -> None:
        """Send an answer that a session has left."""
        identity, answer = self._results.recv_multipart()
        session = self._sessions.get(identity)
        if session is not None:
            session.is_working, session.answer = False, answer
            if session.instance and not session.announced:
                session.announced = session.instance
                self._tell_of(f"{session.instance} runs, {len(self._sessions)} of {self._most}")
            self._send(identity, enclosed(Kind.ANSWER, session.number, answer))

    def _look(self) -> None:
        """Give up the clients that have not been connected for long, and those sessions that have ended."""
        now = monotonic()
        for identity, session in list(self._sessions.items()):
            if not session.is_alive:
                self._give_up(identity, "its machine is overburdened, or has met an error that it has printed")
            elif self._send(identity, enclosed(Kind.LOOK, 0)):
                session.last_seen = now
            elif now - session.last_seen > GRACE:
                self._forget(identity, "its client was not connected for long")
        self._ending = [session for session in self._ending if session.is_alive]

    def _give_up(self, identity: bytes, why: str) -> None:
        self._send(identity, enclosed(Kind.GONE, 0, pack({"why": why})))
        self._forget(identity, why)

    def _forget(self, identity: bytes, why: str) -> None:
        session = self._sessions.pop(identity, None)
        if session is not None:
            if session.announced:
                self._tell_of(f"{session.announced} ended: {why}")
            session.end()
            self._ending.append(session)

    def _send(self, identity: bytes, frames: list[bytes]) -> bool:
        """Send without waiting; tell whether the client is connected."""
        try:
            self._clients.send_multipart([identity, *frames], zmq.NOBLOCK)
        except zmq.Again:  # it takes nothing more for now, but is there
            return True
        except zmq.ZMQError:
            return False
        return True


def _listening(clients: zmq.Socket[bytes], keys: Keys) -> zmq.Socket[bytes]:
    """Set what a socket for clients needs."""
    clients.curve_server = True
    clients.curve_secretkey, clients.curve_publickey = keys.server_secret, keys.server_public
    clients.zap_domain = b"cosim"
    clients.handshake_ivl = HANDSHAKE
    clients.maxmsgsize = LARGEST_FRAME
    clients.rcvhwm = MOST_QUEUED
    clients.router_mandatory = True
    clients.router_handover = True  # a client that connects again is the same client
    clients.heartbeat_ivl, clients.heartbeat_timeout = HEARTBEAT, DEAD_AFTER
    return clients


def _bind(clients: zmq.Socket[bytes], endpoint: Endpoint) -> int:
    """Listen, and return at which port."""
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    clients.ipv6 = ":" in host
    try:
        clients.bind(f"tcp://{host}:{endpoint.port or '*'}")
    except zmq.ZMQError as error:
        text = f"Cannot listen at {host}, port {endpoint.port}: {error.strerror}. Give '--bind' an address of this "
        raise FmuError(text + "machine, and '--port' a port that is free.") from error
    return int(clients.getsockopt_string(zmq.LAST_ENDPOINT).rpartition(":")[2])
