"""A connection that cannot be made is explained; one that is cut is made again, and nothing is lost."""

import os
import socket
import threading
import time
from contextlib import suppress

import pytest
from served import Wire, course, known, run, started
from wreck import DEEDS, build_wreck

import cosim
from cosim.errors import CosimError, FmuError
from cosim.hosting.network import link as network_link
from cosim.hosting.network.host import RemoteHost
from cosim.hosting.process import Limits


@pytest.fixture
def wire(shared):
    found = Wire(shared.port)
    yield found
    found.close()


def test_another_token(shared, tmp_path):
    (tmp_path / "token").write_text("another-token-of-the-same-length")
    (tmp_path / "token").chmod(0o600)
    host = RemoteHost(shared.address, tmp_path / "token", Limits())
    with pytest.raises(FmuError, match="what listens there has another token, or is no 'cosim serve'"):
        host.greet()


def test_nobody_there(shared, monkeypatch):
    monkeypatch.setattr(network_link, "CONNECTING", 2.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(FmuError, match="the server is not there, or something between keeps it away, for 2 s"):
            RemoteHost(address, shared.token_file, Limits()).greet()
        began = time.monotonic()
        with pytest.raises(FmuError, match="the server is not there"):
            RemoteHost(address, shared.token_file, Limits()).greet()
        assert time.monotonic() - began < 1.9, "the second has waited as long as the first"


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", os.urandom(100_000)])
def test_something_else_listens(answer, shared, monkeypatch):
    monkeypatch.setattr(network_link, "CONNECTING", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as other:

        def serve():
            while True:
                try:
                    connection, _ = other.accept()
                except OSError:
                    return
                kept.append(connection)
                with suppress(OSError):
                    connection.sendall(answer)
                    if answer:
                        connection.shutdown(socket.SHUT_WR)

        kept = []
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(FmuError, match=r"no 'cosim serve'|the server does not answer, for 3 s"):
            RemoteHost(address, shared.token_file, Limits()).greet()
        other.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in kept:
            connection.close()


def test_a_connection_that_is_cut_again_and_again(shared, wire, tmp_path):
    with started(shared, tmp_path) as plain:
        expected = course(plain)

    def cut(i):
        if i % 3 == 0:
            wire.cut()
            wire.mend()

    with started(shared, tmp_path, wire.address) as instance:
        assert course(instance, cut) == expected
    assert wire.n_connections > 4


def test_a_connection_that_is_cut_while_the_fmu_works(shared, wire, tmp_path):
    timers = [threading.Timer(1.5, wire.cut), threading.Timer(3.0, wire.mend)]
    with pytest.MonkeyPatch.context() as patch:
        step = cosim.hosting.instance.HostedInstance.step

        def stepped(self, time, size):
            if time == 3 * 10**9:
                for timer in timers:
                    timer.start()
            return step(self, time, size)

        patch.setattr(cosim.hosting.instance.HostedInstance, "step", stepped)
        result = run(tmp_path, shared, "hang", ", timeout: 5 s", wire.address)
    assert result.outcome.reason.startswith("Step failed at t = 3 s in 'away'")
    assert "did not answer for 5 s, its timeout" in result.outcome.reason


def test_a_server_that_is_back_is_given_its_time(shared, tmp_path, monkeypatch):
    monkeypatch.setattr(network_link, "_unreachable", {shared.address})
    file = known(build_wreck(tmp_path / "wreck.fmu"))
    with RemoteHost(shared.address, shared.token_file, Limits(timeout=2.0)).instantiate(file, "slow") as instance:
        instance.set_start({"deed": DEEDS["hang"], "at": 0})
        instance.enter_initialization(0, stop_time=None, tolerance=None)
        instance.exit_initialization()
        network_link._unreachable.add(shared.address)
        with pytest.raises(CosimError, match="did not answer for 2 s, its timeout"):
            instance.step(0, 10**9)
