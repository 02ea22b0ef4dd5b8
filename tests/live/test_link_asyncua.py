"""The link against asyncua's own server, a real process over loopback, killed, cut and frozen."""

import logging
import os
import time

import pytest
from followed import QUICK, Followed, whole
from opcua_server import FreezingWire, ServerProcess, clock_of, counters, notes, tag_map, wait_for

from cosim.errors import LinkError, ResultError
from cosim.live.endpoint import Endpoint, Patience
from cosim.live.known import Known
from cosim.live.opcua.link import Link
from cosim.live.opcua.services import Services
from cosim.live.quality import BAD_TYPE
from cosim.live.record import Kind
from cosim.live.store import gaps_of
from cosim.live.tag import TagMap

pytest.importorskip("asyncua", reason="asyncua is not installed")


@pytest.fixture(autouse=True)
def quiet():
    logging.getLogger("asyncua").setLevel(logging.CRITICAL)


@pytest.fixture(scope="module")
def server():
    """A server that all tests use which do it no lasting harm."""
    with ServerProcess(n=60) as server:
        yield server


@pytest.fixture
def wire(server):
    wire = FreezingWire(server.port)
    yield wire
    wire.close()


TAGS = tag_map(30)


def test_every_value_arrives_once_and_in_order(server):
    with Followed(server.url, TAGS) as followed:
        assert followed.grows(by=20)
        whole(followed, server, TAGS)
        got = counters(followed.arrivals, "T7")
        assert got == sorted(got)
        assert [note.kind for note in notes(followed.arrivals, *Kind)] == ["connected", "backfill", "backfilled"]


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
        assert "delivered nothing for" in " ".join(followed.texts(Kind.LOST))


def test_a_freeze_is_noticed_by_the_age_of_data_and_loses_nothing(server, wire):
    frozen(server, wire, 3.5, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [9.0, 60.0])
def test_a_freeze_loses_nothing_with_the_patience_that_users_have(server, wire, seconds):
    frozen(server, wire, seconds, Patience())


def test_a_freeze_shorter_than_the_patience_loses_nothing(server, wire):
    with Followed(wire.url, TAGS, patience=Patience(settle=0.3)) as followed:
        assert followed.grows()
        wire.freeze()
        time.sleep(2.0)
        wire.thaw()
        assert followed.grows(by=30)
        whole(followed, server, TAGS)


def test_where_there_is_no_history_the_gap_is_marked(server, wire):
    with Followed(wire.url, TAGS) as followed:
        assert followed.grows()
        wire.cut()
        assert followed.has(Kind.LOST)
        time.sleep(0.5)
        server.tell("forget history")
        try:
            wire.mend()
            assert followed.has(Kind.GAP)
            assert "no history of that time" in followed.texts(Kind.GAP)[0]
            assert followed.grows()
        finally:
            server.tell("keep history")
    got = counters(followed.arrivals, "T1")
    assert got == sorted(set(got))
    (begin, end) = gaps_of(iter(followed.arrivals))["T1"][0]
    times = [
        s.source for arrival in followed.arrivals if not hasattr(arrival, "kind") for s in arrival if s.tag == "T1"
    ]
    before = max(time for time in times if time <= begin)
    after = min(time for time in times if time > begin)
    assert before == begin
    assert end <= after + 10**9
    assert after - before > 0.5e9


def breaks(monkeypatch, error, times):
    """Let the connection break in the middle of history, so many times after the first connection."""
    real, calls = Services.history, []

    async def history(self, nodes, start, end):
        calls.append(len(nodes))
        async for answer in real(self, nodes, start, end):
            if 1 < len(calls) <= 1 + times:
                raise error
            yield answer

    monkeypatch.setattr(Services, "history", history)
    return calls


def interrupted(server, wire):
    """Lose the connection for a second."""
    with Followed(wire.url, tag_map(5, clock=clock_of("T4"))) as followed:
        assert followed.grows()
        assert followed.has(Kind.BACKFILLED)
        wire.cut()
        assert followed.has(Kind.LOST)
        time.sleep(1.0)
        wire.mend()
        assert followed.has(Kind.BACKFILLED, 2)
        assert followed.grows()
        whole(followed, server, tag_map(4))
        return followed


@pytest.mark.parametrize("error", [ConnectionError("broken"), TimeoutError()])
def test_history_that_breaks_off_is_read_by_the_next_attempt(server, wire, monkeypatch, error):
    calls = breaks(monkeypatch, error, 2)
    followed = interrupted(server, wire)
    assert len(calls) == 4
    assert not notes(followed.arrivals, Kind.GAP)


def test_history_that_breaks_off_every_time_is_a_gap(server, wire, monkeypatch):
    breaks(monkeypatch, TimeoutError(), 99)
    with Followed(wire.url, tag_map(5, clock=clock_of("T4"))) as followed:
        assert followed.grows()
        wire.cut()
        assert followed.has(Kind.LOST)
        wire.mend()
        assert followed.has(Kind.GAP)
        assert "history cannot be read (TimeoutError)" in followed.texts(Kind.GAP)[0]
        assert followed.grows()


def test_a_store_is_gone_on_with_from_history(server):
    with Followed(server.url, TAGS) as first:
        assert first.grows()
    time.sleep(0.7)
    known = Known(TAGS)
    known.recall(first.arrivals)
    with Followed(server.url, TAGS, known=known) as second:
        assert second.grows()
        second.arrivals[:0] = first.arrivals
        whole(second, server, TAGS)


def test_the_history_of_the_batch_comes_first(server):
    tags = tag_map(3, clock=clock_of())  # T0 counts ten a second: taken for seconds, the batch began long ago
    with Followed(server.url, tags) as followed:
        assert followed.has(Kind.BACKFILLED)
        whole(followed, server, tags)
        history = [
            s for arrival in followed.arrivals if not hasattr(arrival, "kind") for s in arrival if s.origin == "history"
        ]
        assert len([s for s in history if s.tag == "T2"]) > 5


def limited(server, wire, tags, limit):
    server.tell("limit", limit=limit)
    try:
        with Followed(wire.url, tags) as followed:
            assert followed.grows(by=3)
            wire.cut()
            assert followed.has(Kind.LOST)
            wire.mend()
            assert followed.has(Kind.BACKFILLED, 2)
            time.sleep(1.5)  # all tags are read again in between
            whole(followed, server, tags)
            assert len(notes(followed.arrivals, Kind.LOST)) == 1
    finally:
        server.tell("limit", limit=10_000)


def test_calls_are_as_large_as_the_server_allows(server, wire):
    limited(server, wire, TAGS, 7)


@pytest.mark.slow
def test_250_tags_at_a_server_that_allows_100_nodes_per_call():
    with ServerProcess(n=250, every=0.5) as server:
        wire = FreezingWire(server.port)
        limited(server, wire, tag_map(250, every=0.5), 100)
        wire.close()


def only(*names):
    """Return a map of some of the counters."""
    return TagMap({name: tag_map(60).tags[name] for name in names}, None)


def test_a_node_that_is_removed_is_told_and_the_others_go_on(server):
    with Followed(server.url, only("T0", "T50")) as followed:
        assert followed.grows("T50")
        server.tell("remove", tag="T50")
        assert followed.has(Kind.REFUSED)
        assert followed.texts(Kind.REFUSED) == [
            "Tag 'T50' cannot be used: its node has been removed. It is missing until that is mended."
        ]
        assert followed.grows("T0")


def test_a_tag_that_is_not_there_is_told_and_the_others_go_on(server):
    tags = tag_map(61)
    with Followed(server.url, TagMap({name: tags.tags[name] for name in ("T0", "T60")}, None)) as followed:
        assert followed.grows("T0")
        assert followed.has(Kind.REFUSED)
        assert "Tag 'T60' cannot be used" in followed.texts(Kind.REFUSED)[0]


def test_a_tag_whose_type_changed_to_text_is_bad_and_followed(server):
    with Followed(server.url, only("T0", "T51")) as followed:
        assert followed.grows("T51")
        server.tell("retype", tag="T51")

        def bad():
            return [s for a in followed.arrivals if not hasattr(a, "kind") for s in a if s.status == BAD_TYPE]

        assert wait_for(lambda: [s for s in bad() if s.origin == "live"])  # subscribed to anew
        assert {s.tag for s in bad()} == {"T51"}
        assert all(s.value != s.value for s in bad())


def test_clocks_that_disagree_by_an_hour_are_told(server):
    server.tell("offset", offset=3600.0)
    try:
        with Followed(server.url, TAGS) as followed:
            assert followed.has(Kind.SKEW)
            assert "server's clock is 3600 s ahead of ours" in followed.texts(Kind.SKEW)[0]
            assert followed.grows()
            whole(followed, server, TAGS)
    finally:
        server.tell("offset", offset=0.0)


def test_a_server_that_is_killed_and_restarted_is_found_again_and_the_gap_marked():
    tags = tag_map(5)
    with ServerProcess(n=5) as server, Followed(server.url, tags) as followed:
        assert followed.grows()
        server.kill()
        assert followed.has(Kind.LOST)
        with ServerProcess(n=5, port=server.port):
            assert followed.has(Kind.BACKFILLED, 2)
            assert followed.grows()
            gaps = gaps_of(iter(followed.arrivals))
            assert set(gaps) == set(tags.tags)
            begin, end = gaps["T3"][0]
            assert 0 < end - begin < 120e9
            came = [s for arrival in followed.arrivals if not hasattr(arrival, "kind") for s in arrival]
            assert not [s for s in came if s.tag == "T3" and begin < s.source < end]


def secured(pki, **more):
    return {"security": "Basic256Sha256", "pki": pki, "user": "ada", "password": "first", **more}


@pytest.mark.slow
def test_a_certificate_must_be_trusted_and_one_that_was_replaced_is_refused(tmp_path):
    tags = tag_map(2)
    with ServerProcess(n=2, pki=str(tmp_path / "a"), password="first") as server:
        with pytest.raises(LinkError, match=r"which is not trusted. None is trusted yet"):
            Followed(server.url, tags, **secured(tmp_path / "ours")).__enter__()
        with Followed(server.url, tags, **secured(tmp_path / "ours", may_trust=True)) as followed:
            assert followed.grows()
            port = server.port
            server.kill()
            with ServerProcess(n=2, port=port, pki=str(tmp_path / "b"), password="first"):
                assert wait_for(lambda: any("which is not trusted" in text for text in followed.texts(Kind.LOST)))
                assert "somebody else answers in its place" in followed.texts(Kind.LOST)[-1]
                assert len(notes(followed.arrivals, Kind.CONNECTED)) == 1
            with ServerProcess(n=2, port=port, pki=str(tmp_path / "a"), password="first"):
                assert followed.has(Kind.CONNECTED, 2)
                assert followed.grows()
    assert os.stat(tmp_path / "ours/own/shadow.key.pem").st_mode & 0o077 == 0


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    with ServerProcess(n=2, pki=str(tmp_path_factory.mktemp("pki")), password="first") as server:
        yield server


def test_a_server_is_trusted_only_when_asked_or_known(secure, tmp_path):
    tags = tag_map(2)
    with pytest.raises(LinkError, match=r"which is not trusted. None is trusted yet: compare the fingerprint"):
        Followed(secure.url, tags, **secured(tmp_path / "ours")).__enter__()
    with Followed(secure.url, tags, **secured(tmp_path / "ours", may_trust=True)) as followed:
        assert followed.grows()
    assert os.stat(tmp_path / "ours/own/shadow.key.pem").st_mode & 0o077 == 0
    with Followed(secure.url, tags, **secured(tmp_path / "ours")) as followed:
        assert followed.grows()
    trusted = next((tmp_path / "ours/trusted").iterdir())
    trusted.write_bytes((tmp_path / "ours/own/shadow.der").read_bytes())  # another certificate
    for may_trust in (False, True):
        with pytest.raises(LinkError, match=r"It is none of those in .*somebody else answers in its place"):
            Followed(secure.url, tags, **secured(tmp_path / "ours", may_trust=may_trust)).__enter__()


def test_a_password_is_never_sent_in_the_clear():
    with pytest.raises(LinkError, match="A password would pass unencrypted"):
        Followed("opc.tcp://127.0.0.1:1", tag_map(1), user="ada", password="x").__enter__()


def test_a_policy_that_the_server_does_not_offer_is_told(secure, tmp_path):
    options = secured(tmp_path, security="Aes256Sha256RsaPss")
    with pytest.raises(LinkError, match="offers no Aes256Sha256RsaPss; it offers Basic256Sha256/SignAndEncrypt"):
        Followed(secure.url, tag_map(1), **options).__enter__()


def test_a_password_that_is_revoked_is_told_and_tried_again_seldom(secure, tmp_path):
    tags = tag_map(2)
    patience = Patience(silence=2.0, settle=0.3, first=0.05, longest=0.8, request=3.0)
    options = secured(tmp_path / "ours", may_trust=True)
    with pytest.raises(LinkError, match="does not admit this user and password") as refused:
        Followed(secure.url, tags, **{**options, "password": "secret-2"}).__enter__()
    assert "secret-2" not in str(refused.value)
    with Followed(secure.url, tags, patience=patience, **options) as followed:
        assert followed.grows()
        secure.tell("password", password="second")
        secure.tell("drop sessions")
        assert wait_for(lambda: any("does not admit" in text for text in followed.texts(Kind.LOST)))
        before = len(notes(followed.arrivals, Kind.LOST))
        time.sleep(2.0)
        assert len(notes(followed.arrivals, Kind.LOST)) - before <= 6  # 0.4 to 1.2 s apart
        secure.tell("password", password="first")
        assert followed.has(Kind.CONNECTED, 2)
        assert followed.grows()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("opc.tcp://127.0.0.1:1/x", "There is no connection to opc.tcp://127.0.0.1:1/x: "),
        ("opc.tcp://nowhere.invalid:4840", "There is no connection to opc.tcp://nowhere.invalid:4840"),
    ],
)
def test_a_first_connection_that_fails_ends_the_link(url, message):
    with pytest.raises(LinkError, match=message):
        Followed(url, tag_map(1)).__enter__()


def test_what_cannot_be_kept_ends_the_link(server):
    def full(_):
        raise ResultError("Cannot write 'x': no space left on device.")

    with pytest.raises(ResultError, match="no space left"):
        Link(Endpoint(server.url), TAGS, Known(TAGS), full, patience=QUICK).__enter__()
