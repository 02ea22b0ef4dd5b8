"""The link against node-opcua's server, another implementation, where Node and the package are there."""

import logging
import time

import pytest
from followed import QUICK, Followed, whole
from node_opcua import NEEDS, NodeServer
from opcua_server import FreezingWire, notes, tag_map, wait_for

from cosim.errors import LinkError
from cosim.live.endpoint import Patience
from cosim.live.quality import BAD_TYPE
from cosim.live.record import Kind
from cosim.live.store import gaps_of
from cosim.live.tag import TagMap

pytestmark = NEEDS
TAGS = tag_map(30)


def only(*names):
    """Return a map of some of the counters."""
    return TagMap({name: TAGS.tags[name] for name in names}, None)


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


def test_where_there_is_no_history_the_gap_is_marked(tmp_path):
    with NodeServer(tmp_path, n=2, history=False) as server:
        wire = FreezingWire(server.port)
        with Followed(wire.url, tag_map(2)) as followed:
            assert followed.grows()
            wire.cut()
            assert followed.has(Kind.LOST)
            time.sleep(1.0)
            wire.mend()
            assert followed.has(Kind.GAP)
            assert followed.grows()
            gaps = gaps_of(iter(followed.arrivals))
            assert set(gaps) == {"T0", "T1"}
            begin, end = gaps["T1"][0]
            came = [s for arrival in followed.arrivals if not hasattr(arrival, "kind") for s in arrival]
            assert 0.5e9 < end - begin < 60e9
            assert not [s for s in came if s.tag == "T1" and begin < s.source < end]
        wire.close()


def test_a_node_that_is_removed_is_told_and_the_others_go_on(server):
    with Followed(server.url, only("T0", "T28")) as followed:
        assert followed.grows("T28")
        server.tell("remove", tag="T28")
        assert followed.has(Kind.REFUSED)
        assert "Tag 'T28' cannot be used" in followed.texts(Kind.REFUSED)[0]
        assert followed.grows("T0")


def test_a_tag_whose_type_changed_to_text_is_bad_and_followed(server):
    with Followed(server.url, only("T0", "T29")) as followed:
        assert followed.grows("T29")
        server.tell("retype", tag="T29")

        def bad():
            return [s for a in followed.arrivals if not hasattr(a, "kind") for s in a if s.status == BAD_TYPE]

        assert wait_for(lambda: [s for s in bad() if s.origin == "live"])  # subscribed to anew
        assert {s.tag for s in bad()} == {"T29"}
        assert followed.grows("T0")


def test_clocks_that_disagree_by_an_hour_are_told(tmp_path):
    with NodeServer(tmp_path, n=2) as server:
        server.tell("offset", offset=3600.0)
        with Followed(server.url, tag_map(2)) as followed:
            assert followed.has(Kind.SKEW)
            assert "server's clock is 3600 s ahead of ours" in followed.texts(Kind.SKEW)[0]
            assert followed.grows()
            whole(followed, server, tag_map(2))


@pytest.mark.slow
def test_250_tags_at_a_server_that_allows_100_nodes_per_call(tmp_path):
    tags = tag_map(250, every=0.5)
    with NodeServer(tmp_path, n=250, every=0.5, limit=100) as server:
        wire = FreezingWire(server.port)
        with Followed(wire.url, tags) as followed:
            assert followed.grows()
            wire.cut()
            time.sleep(1.0)
            wire.mend()
            assert followed.has(Kind.BACKFILLED, 2)
            assert followed.grows()
            whole(followed, server, tags)
        wire.close()


SECURED = {"security": "Basic256Sha256", "user": "ada", "password": "first"}


@pytest.mark.slow
def test_a_certificate_that_was_replaced_is_refused_until_it_is_back(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    tags = tag_map(2)
    with NodeServer(tmp_path / "a", n=2, password="first") as server:
        with Followed(server.url, tags, pki=tmp_path / "ours", may_trust=True, **SECURED) as followed:
            assert followed.grows()
            port = server.port
            server.kill()
            with NodeServer(tmp_path / "b", n=2, port=port, password="first"):
                assert wait_for(lambda: any("which is not trusted" in text for text in followed.texts(Kind.LOST)))
                assert "somebody else answers in its place" in followed.texts(Kind.LOST)[-1]
                assert len(notes(followed.arrivals, Kind.CONNECTED)) == 1
            with NodeServer(tmp_path / "a", n=2, port=port, password="first"):
                assert followed.has(Kind.CONNECTED, 2)
                assert followed.grows()


@pytest.mark.slow
def test_a_password_that_is_revoked_is_told_and_tried_again_seldom(tmp_path):
    with NodeServer(tmp_path, n=2, password="first") as server:
        with Followed(server.url, tag_map(2), pki=tmp_path / "ours", may_trust=True, **SECURED) as followed:
            assert followed.grows()
            server.tell("password", password="second")
            server.tell("drop sessions")
            assert wait_for(lambda: any("does not admit" in text for text in followed.texts(Kind.LOST)))
            assert not any("first" in text for text in followed.texts(*Kind))
            server.tell("password", password="first")
            assert followed.has(Kind.CONNECTED, 2)
            assert followed.grows()


@pytest.mark.slow
def test_a_user_with_password_over_an_encrypted_channel(tmp_path):
    options = {"security": "Basic256Sha256", "pki": tmp_path / "ours", "may_trust": True, "user": "ada"}
    with NodeServer(tmp_path, password="secret-1") as server:
        with Followed(server.url, TAGS, password="secret-1", **options) as followed:
            assert followed.grows()
            whole(followed, server, TAGS)
        with pytest.raises(LinkError, match="does not admit this user and password"):
            Followed(server.url, TAGS, password="secret-2", **options).__enter__()
