"""Those who send anything but what a client sends harm nobody else, whether they know the token or not."""

import random
import socket

import numpy as np
import pytest
import zmq
from served import TOKEN, InnerServer, ServerProcess, started

from cosim.errors import CosimError
from cosim.hosting.frames import pack
from cosim.hosting.network import protocol, session
from cosim.hosting.network.keys import keys_of
from cosim.hosting.network.link import RemoteLink
from cosim.hosting.network.protocol import Kind, enclosed

# A client that knows the token, and does not mean well.


@pytest.fixture
def raw(shared):
    """Sends frames, returns what comes back, decoded."""
    link = RemoteLink(shared.address, keys_of(TOKEN), 5.0)

    def ask(frames, wait=3000):
        link._socket.send_multipart(frames)
        while link._socket.poll(wait):
            kind, number, content = protocol.disclosed(link._socket.recv_multipart())
            if kind != Kind.LOOK:
                return kind, number, content
        return None

    yield ask
    link.close(is_sound=False)


GREETING = b'{"call":"greet","protocol":1,"timeout":5.0,"memory":null}'


def packed(head, body=b""):
    import struct

    return struct.pack("<4sIQ", b"csm1", len(head), len(body)) + head + body


@pytest.mark.parametrize(
    "frames",
    [
        [b""],
        [b"x" * 13],
        [b"x" * 100_000] * 50,
        [enclosed(Kind.BEAT, 5)[0]],
        [enclosed(Kind.ANSWER, 1)[0], b"x"],
        [enclosed(Kind.REQUEST, 2**64 - 1)[0], packed(GREETING)],
    ],
)
def test_what_is_no_message_is_answered_by_the_end(frames, raw):
    assert raw(frames)[0] == Kind.GONE


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"x",
        packed(b"[]"),
        packed(b"{}"),
        packed(b"[" * 100_000),
        packed(b'{"call":[]}'),
        packed(b'{"call":"greet"}'),
        packed(b'{"call":"greet","protocol":1,"timeout":"x"}'),
        packed(b'{"call":"batch"}'),
        packed(b'{"call":"offer","sha256":5}'),
        packed(b'{"call":"offer","sha256":"../x","size":1}'),
        packed(b'{"call":"offer","sha256":"%s","size":1e9}' % (b"0" * 64)),
        packed(b'{"call":"part","at":0}', b"x"),
        packed(b'{"call":"instantiate","sha256":"x","interface":"y","name":"z","names":{},"file":""}'),
        packed(
            b'{"call":"instantiate","sha256":"%s","interface":"Co-Simulation","name":"z","names":{},"file":""}'
            % (b"0" * 64)
        ),
        packed(b"\xff\xfe"),
        packed(b'{"call":"greet","protocol":' + b"9" * 5000 + b"}"),
    ],
)
def test_a_message_that_means_nothing_is_answered_by_a_refusal(message, raw):
    kind, number, content = raw(enclosed(Kind.REQUEST, 1, message))
    assert (kind, number) == (Kind.ANSWER, 1)
    assert b'"lost":' in content or b'"error":' in content


def test_calls_of_a_worker_with_nonsense_end_that_worker_only(shared, tmp_path):
    with started(shared, tmp_path) as other:
        for head in ({"call": "batch", "writes": [7], "reads": [], "size": None}, {"call": "set_state", "state": []}):
            bad = started(shared, tmp_path)
            with pytest.raises(
                CosimError, match=r"its process on .* ended with exit code 1, which nobody had asked for"
            ):
                bad._asked(head["call"], head)
            bad.free()
        assert other.step(0, 10**9).time == 10**9


def test_a_part_too_many(raw):
    raw(enclosed(Kind.REQUEST, 1, packed(GREETING)))
    offer = b'{"call":"offer","sha256":"%s","size":10}' % (b"0" * 64)
    assert b'"is_there":false' in raw(enclosed(Kind.REQUEST, 2, packed(offer)))[2]
    _, _, content = raw(enclosed(Kind.REQUEST, 3, packed(b'{"call":"part","at":0}', b"x" * 11)))
    assert b"A part of a file at byte 0 was sent, of 10, after 0 bytes" in content


def test_a_request_is_done_once(raw):
    _, _, first = raw(enclosed(Kind.REQUEST, 1, packed(GREETING)))
    assert raw(enclosed(Kind.REQUEST, 1, packed(b'{"call":"never looked at"}')))[2] == first
    assert raw(enclosed(Kind.BEAT, 1))[:2] == (Kind.AGAIN, 1)


# Somebody who does not know the token.


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        random.Random(0).randbytes(200_000),
        b"\xff\0\0\0\0\0\0\0\x01\x7f",
        b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0CURVE" + bytes(48),
        b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL" + bytes(48) + b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x06DEALER",
        b"\xff\0\0\0\0\0\0\0\x01\x7f\x03\0CURVE" + bytes(48) + b"\x06" + (10 * 2**30).to_bytes(8, "big") + b"x" * 1000,
        b"\x01\0\x0bhello world",
        b"\xff\0\0\0\0\0\0\0\x01\x7f\x01\x05\0\0" + b"\0\x05hello",
    ],
)
def test_garbage_harms_nobody(data, shared, tmp_path):
    with started(shared, tmp_path) as instance:
        with socket.create_connection(("127.0.0.1", shared.port)) as connection:
            connection.sendall(data)
            assert instance.step(0, 10**9).time == 10**9
    assert shared.process.poll() is None


def test_a_null_client_gets_nowhere(shared):
    with zmq.Context() as context, context.socket(zmq.DEALER) as stranger:
        stranger.linger = 0
        stranger.connect(shared.address)
        stranger.send_multipart(enclosed(Kind.REQUEST, 1, packed(GREETING)))
        assert not stranger.poll(1500)


def test_sessions_know_all_calls_of_an_instance():
    from cosim.hosting.service import LogBuffer, Service

    class Nothing:
        def __getattr__(self, name):
            return None

    assert session.CALLS == {*Service(Nothing(), None, LogBuffer())._calls, "free"}


# A server that knows the token, and does not mean well.


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"", "sent what is no message"),
        (b"garbage of some length", "sent what is no message"),
        (pack({}), "sent what is no answer"),
        (pack({"reached": "soon"}), "sent what is no answer"),
        (pack({"reached": 10**9}, b"123"), "sent what is no answer"),
        (pack({"reached": 10**9}, bytes(800)), "sent what is no answer"),
        (pack({"error": 5}), "tells of an error, but not of which"),
        (pack({"error": {"kind": [], "message": {}}}), "{}"),
        (pack({"lost": 5, "doing": "all"}), r"on tcp://.* 5"),
        (
            pack({"reached": 10**9, "logs": [[1, 2], "x", ["root", 10**30, "\x1b[2J"], ["a" * 99, 1, 2]]}, b"1"),
            "no answer",
        ),
    ],
)
def test_nonsense_from_a_server_is_no_answer(answer, told, tmp_path, monkeypatch):
    honest = session._Hosting.answer

    def lie(self, message):
        found = honest(self, message)
        return answer if b'"call":"batch"' in message else found

    monkeypatch.setattr(session._Hosting, "answer", lie)
    with InnerServer(tmp_path, 2) as at, started(at, tmp_path) as instance, pytest.raises(CosimError, match=told):
        instance.step(0, 10**9)


@pytest.mark.parametrize(
    ("call", "do"),
    [
        ("get_state", lambda instance: instance.get_state()),
        ("deserialise_state", lambda instance: instance.deserialise_state(b"x")),
        ("read_derivatives", lambda instance: instance.read_derivatives(instance.group(["y"]), 1, np.empty(1))),
    ],
)
def test_an_answer_without_what_was_asked(call, do, tmp_path, monkeypatch):
    honest = session._Hosting.answer

    def lie(self, message):
        return pack({"state": "here"}, bytes(3)) if call.encode() in message else honest(self, message)

    monkeypatch.setattr(session._Hosting, "answer", lie)
    with InnerServer(tmp_path, 2) as at, started(at, tmp_path) as instance:
        with pytest.raises(CosimError, match="sent what is no answer"):
            do(instance)
        with pytest.raises(CosimError, match="has failed before"):
            instance.step(0, 10**9)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_session_that_cannot_go_on_is_given_up(tmp_path, monkeypatch):
    def fail(self, message):
        raise SystemExit

    with InnerServer(tmp_path, 2) as at:
        instance = started(at, tmp_path)
        monkeypatch.setattr(session._Hosting, "answer", fail)
        with pytest.raises(CosimError, match="is gone: its machine is overburdened"):
            instance.step(0, 10**9)
        instance.free()


@pytest.fixture(scope="module")
def roomy(tmp_path_factory):
    """A server for more clients than come: one that is cut off before its last bytes went out stays for a minute."""
    found = ServerProcess(tmp_path_factory.mktemp("server"), "--instances", "200")
    yield found
    assert found.stop() == 130


@pytest.mark.parametrize("seed", range(3))
def test_any_bytes(seed, roomy, tmp_path):
    numbers = random.Random(seed)
    good = [
        packed(GREETING),
        packed(b'{"call":"offer","sha256":"%s","size":10}' % (b"0" * 64)),
        packed(b'{"call":"batch"}'),
    ]
    with started(roomy, tmp_path) as other:
        for _ in range(60):
            link = RemoteLink(roomy.address, keys_of(TOKEN), 5.0)
            for number in range(1, numbers.randint(2, 8)):
                message = bytearray(numbers.choice(good))
                for _ in range(numbers.randint(0, 3)):
                    message[numbers.randrange(len(message))] = numbers.randrange(256)
                frames = enclosed(Kind(numbers.choice([1, 1, 1, 1, 2, 3])), number, bytes(message))
                if numbers.random() < 0.2:
                    frames[0] = numbers.randbytes(numbers.choice([0, 13, 40]))
                link._socket.send_multipart(frames)
            link.close(is_sound=False)
        assert other.step(0, 10**9).time == 10**9
    assert "Traceback" not in roomy.said()
