"""Attempt after attempt: how long the link waits, and how patient it is."""

import threading

import pytest

pytest.importorskip("asyncua", reason="asyncua is not installed")

from cosim.live.endpoint import Endpoint, Patience
from cosim.live.known import Known
from cosim.live.opcua import link as module
from cosim.live.opcua.link import Link
from cosim.live.tag import TagMap

TAGS = TagMap({}, None)


class Server:
    """Fakes the connection: each attempt ends as the test says, and tells how patient it was."""

    def __init__(self, monkeypatch, *ends):
        self.patience, self.ends = [], list(ends)
        self.is_over = threading.Event()
        server = self

        async def connect(endpoint, patience):
            if server.ends and isinstance(server.ends[0], Exception):
                server.patience.append(None)
                raise server.ends.pop(0)
            return object()

        async def nothing(*_):
            return None

        class Attempt:
            def __init__(self, client, tags, known, patience, *_):
                server.patience.append((patience.silence, patience.request))

            async def follow(self, services):
                if server.ends:
                    return server.ends.pop(0)
                server.is_over.set()
                return "over"

        for name, fake in (("connect", connect), ("disconnect", nothing), ("Attempt", Attempt)):
            monkeypatch.setattr(module, name, fake)
        monkeypatch.setattr(module.Services, "of", nothing)

    def followed(self, patience):
        with Link(Endpoint("x"), TAGS, Known(TAGS), lambda _: None, patience=patience, choose=lambda: 0.0):
            assert self.is_over.wait(20)


QUICK = Patience(silence=6.0, request=10.0, first=0.0, longest=30.0, steady=60.0)


def test_connections_that_soon_break_make_it_patient(monkeypatch):
    server = Server(monkeypatch, *["lost"] * 5)
    server.followed(QUICK)
    assert server.patience[:6] == [(6.0, 10.0), (6.0, 10.0), (12.0, 12.0), (24.0, 24.0), (30.0, 30.0), (30.0, 30.0)]


def test_a_server_that_is_away_makes_it_no_more_patient(monkeypatch):
    server = Server(monkeypatch, "lost", *[ConnectionError("away")] * 4, "lost")
    server.followed(QUICK)
    assert server.patience[:7] == [(6.0, 10.0), None, None, None, None, (6.0, 10.0), (12.0, 12.0)]


def test_a_steady_connection_makes_it_as_patient_as_before(monkeypatch):
    server = Server(monkeypatch, *["lost"] * 3)
    server.followed(Patience(silence=6.0, request=10.0, first=0.0, longest=30.0, steady=0.0))
    assert server.patience[:3] == [(6.0, 10.0)] * 3
