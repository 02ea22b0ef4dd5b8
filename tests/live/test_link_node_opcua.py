"""The link against node-opcua's server, another implementation, where Node and the package are there.

NODE_PATH names the folder that holds it: X/node_modules after ``npm install --prefix X node-opcua-server@2.182.2``.
"""

import json
import logging
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from followed import QUICK, Followed, whole
from opcua_server import FreezingWire, ServerProcess, notes, tag_map

from cosim.errors import LinkError
from cosim.live.endpoint import Patience
from cosim.live.record import Kind

SCRIPT = Path(__file__).with_name("node_server.js")
PLACES = [Path(place, "node-opcua-server") for place in os.environ.get("NODE_PATH", "").split(os.pathsep) if place]

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(not any(place.is_dir() for place in PLACES), reason="node-opcua-server is not on NODE_PATH"),
]
TAGS = tag_map(30)


class NodeServer(ServerProcess):
    """The script beside this file."""

    def __init__(self, folder, **options):
        settings = {"n": 30, "every": 0.1, "folder": str(folder / "node"), **options}
        self._process = subprocess.Popen(
            ["node", str(SCRIPT), json.dumps(settings)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.port = int(self._answer())


@pytest.fixture(autouse=True)
def quiet():
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with NodeServer(tmp_path_factory.mktemp("node"), limit=10) as server:
        yield server


@pytest.fixture
def wire(server):
    wire = FreezingWire(server.port)
    yield wire
    wire.close()


def test_every_value_arrives_once(server):
    with Followed(server.url, TAGS) as followed:
        assert followed.grows(by=20)
        whole(followed, server, TAGS)


def test_a_cut_connection_is_made_again_and_the_gap_filled(server, wire):
    with Followed(wire.url, TAGS) as followed:
        assert followed.grows()
        wire.cut()
        assert followed.has(Kind.LOST)
        time.sleep(1.0)
        wire.mend()
        assert followed.has(Kind.BACKFILLED, 2)
        assert followed.grows()
        whole(followed, server, TAGS)
        assert not notes(followed.arrivals, Kind.GAP)


def frozen(server, wire, seconds, patience):
    with Followed(wire.url, TAGS, patience=patience) as followed:
        assert followed.grows()
        wire.freeze()
        time.sleep(seconds)
        wire.thaw()
        assert followed.has(Kind.BACKFILLED, 2)
        assert followed.grows()
        whole(followed, server, TAGS)
        assert not notes(followed.arrivals, Kind.GAP)


def test_a_freeze_is_noticed_and_loses_nothing(server, wire):
    frozen(server, wire, 3.5, QUICK)


@pytest.mark.slow
def test_a_freeze_of_a_minute_loses_nothing(server, wire):
    frozen(server, wire, 60.0, Patience())


@pytest.mark.slow
def test_a_server_that_is_killed_is_found_again_and_the_gap_marked(tmp_path):
    with NodeServer(tmp_path) as server, Followed(server.url, TAGS) as followed:
        assert followed.grows()
        server.kill()
        assert followed.has(Kind.LOST)
        with NodeServer(tmp_path, port=server.port):
            assert followed.has(Kind.BACKFILLED, 2)
            assert followed.grows()
            assert len(notes(followed.arrivals, Kind.GAP)) == 1


@pytest.mark.slow
def test_a_user_with_password_over_an_encrypted_channel(tmp_path):
    options = {"security": "Basic256Sha256", "pki": tmp_path / "ours", "may_trust": True, "user": "ada"}
    with NodeServer(tmp_path, password="secret-1") as server:
        with Followed(server.url, TAGS, password="secret-1", **options) as followed:
            assert followed.grows()
            whole(followed, server, TAGS)
        with pytest.raises(LinkError, match="does not admit this user and password"):
            Followed(server.url, TAGS, password="secret-2", **options).__enter__()
