"""What a server and its clients do when the other is killed, stopped, started again, or there twice."""

import re
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest
from fmu_factory import build_lag
from served import TOKEN, InnerServer, ServerProcess, course, known, run, started, wait_for
from wreck import build_wreck

from cosim.errors import CosimError, FmuError
from cosim.hosting.frames import pack
from cosim.hosting.network import link as network_link
from cosim.hosting.network import server
from cosim.hosting.network.host import RemoteHost
from cosim.hosting.network.keys import keys_of
from cosim.hosting.network.link import RemoteLink
from cosim.hosting.network.protocol import Kind, enclosed
from cosim.hosting.process import Limits
from cosim.hosting.restarting import RestartingInstance

WAYS = {
    "segfault": ("", r"crashed \(SIGSEGV\). It had printed: valve 7 is stuck"),
    "hang": (", timeout: 4 s", "did not answer for 4 s, its timeout"),
    "leak": (", memory_limit: 400 MB", "more than its memory_limit of 400 MB"),
}


@pytest.mark.parametrize("deed", WAYS)
def test_what_an_fmu_does_there_is_told_here(deed, shared, tmp_path):
    options, pattern = WAYS[deed]
    result = run(tmp_path, shared, deed, options)
    assert result.status == "failed"
    begin = f"Step failed at t = 3 s in 'away' (fmi2DoStep): its process on {shared.address} "
    assert result.outcome.reason.startswith(begin)
    assert re.search(pattern, result.outcome.reason)
    assert list(result["away.y"].values) == [0, 1, 3, 6]
    assert TOKEN not in Path(result.folder, "run.json").read_text()


def test_a_file_is_sent_once(shared, tmp_path):
    kept = shared.folder / "cache" / "served"
    before = set(kept.glob("*")) if kept.exists() else set()
    build_wreck(tmp_path / "wreck.fmu", lambda xml: xml.replace("Wreck", "Once"))
    for _ in range(2):
        file = known(tmp_path / "wreck.fmu")
        RemoteHost(shared.address, shared.token_file, Limits()).instantiate(file, "a").free()
        (new,) = set(kept.glob("*")) - before
        assert new.name == f"{file.sha256}.fmu"
        stamp = new.stat().st_ino
    assert new.stat().st_ino == stamp


def test_an_fmu_that_cannot_run_there(shared, tmp_path):
    build_wreck(
        tmp_path / "wreck.fmu",
        lambda xml: xml.replace('identifier="wreck"', 'identifier="absent"').replace(
            'Identifier="wreck"', 'Identifier="absent"'
        ),
    )
    file = known(tmp_path / "wreck.fmu")
    with pytest.raises(FmuError, match=rf"^FMU '{tmp_path}/wreck\.fmu' .*") as caught:
        RemoteHost(shared.address, shared.token_file, Limits()).instantiate(file, "a")
    assert "served" not in str(caught.value)


def test_a_server_that_is_killed(own, tmp_path, monkeypatch):
    monkeypatch.setattr(network_link, "PATIENCE", 3.0)
    instance = started(own, tmp_path)
    others = [started(own, tmp_path) for _ in range(5)]
    workers = own.workers()
    own.stop(signal.SIGKILL)
    with pytest.raises(CosimError, match=r"'lag' .*cannot be reached: no sign of the server for 3 s"):
        instance.step(0, 10**9)
    instance.free()
    began = time.monotonic()
    for other in others:
        with pytest.raises(CosimError, match=r"'lag' .*cannot be reached"):
            other.terminate()
        other.free()
    assert time.monotonic() - began < 10, "one has waited for all"
    assert wait_for(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in workers))


def test_a_server_that_stands_still(own, tmp_path, monkeypatch):
    monkeypatch.setattr(network_link, "PATIENCE", 3.0)
    instance = started(own, tmp_path)
    own.process.send_signal(signal.SIGSTOP)
    with pytest.raises(CosimError, match=r"'lag' .*cannot be reached: no sign of the server for 3 s"):
        instance.step(0, 10**9)
    instance.free()


def test_a_server_that_stands_still_for_a_moment(own, tmp_path):
    instance = started(own, tmp_path)
    own.process.send_signal(signal.SIGSTOP)
    threading.Timer(3.0, own.process.send_signal, [signal.SIGCONT]).start()
    assert instance.step(0, 10**9).time == 10**9
    instance.free()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_says_so_and_leaves_nothing(number, own, tmp_path):
    if number == signal.SIGINT and signal.getsignal(number) == signal.SIG_IGN:
        pytest.skip("needs a process that does not ignore SIGINT: the tests run in the background of a script")
    instance = started(own, tmp_path)
    (worker,) = own.workers()
    assert own.stop(number) == 130
    with pytest.raises(CosimError, match=r"its process on tcp://.* is gone: the server was stopped\."):
        instance.step(0, 10**9)
    instance.free()
    assert not Path(f"/proc/{worker}").exists()
    assert not list(own.temporary.iterdir())


def test_a_server_tells_of_what_runs_there(own, tmp_path):
    instance = started(own, tmp_path)
    instance.free()
    assert wait_for(lambda: "ended" in own.said())
    runs, ended = own.said().splitlines()[-2:]
    assert re.fullmatch(r"\d\d:\d\d:\d\d 'lag' \(SHA-256 [0-9a-f]{12}…\) runs, 1 of 32", runs)
    assert ended.endswith("…) ended: its client is done")


def test_a_server_that_is_stopped_while_clients_come(own):
    links = [RemoteLink(own.address, keys_of(TOKEN), 5.0) for _ in range(50)]
    for link in links:
        link._send(enclosed(Kind.REQUEST, 1, pack({"call": "greet", "protocol": 1, "timeout": 5.0})))
    assert links[0]._socket.poll(10_000)
    assert own.stop() == 130
    for link in links:
        link.close(is_sound=False)


def test_a_server_that_is_started_again(own, tmp_path):
    instance = started(own, tmp_path)
    own.stop(signal.SIGKILL)
    again = ServerProcess(own.folder, port=own.port)
    try:
        with pytest.raises(CosimError, match="is gone: the server was started again, or gave its FMU up"):
            instance.step(0, 10**9)
        instance.free()
    finally:
        again.stop()


def test_a_run_goes_on_after_the_server_was_started_again(own, tmp_path):
    calm = run(tmp_path, own)
    kept = []
    step = RestartingInstance.step

    def stepped(self, time, size):
        if time == 3 * 10**9:
            own.stop(signal.SIGKILL)
            kept.append(ServerProcess(own.folder, port=own.port))
        return step(self, time, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RestartingInstance, "step", stepped)
        result = run(tmp_path, own, options=", on_failure: restart")
    kept[0].stop()
    assert result.status == "completed", result.outcome.reason
    assert list(result["away.y"].values) == list(calm["away.y"].values)
    assert any("is gone: the server was started again" in text for text in result.outcome.warnings)


def test_a_run_ends_where_the_server_does_not_come_back(own, tmp_path, monkeypatch):
    monkeypatch.setattr(network_link, "PATIENCE", 2.0)
    monkeypatch.setattr(network_link, "CONNECTING", 2.0)
    step = RestartingInstance.step

    def stepped(self, time, size):
        if time == 3 * 10**9:
            own.stop(signal.SIGKILL)
        return step(self, time, size)

    monkeypatch.setattr(RestartingInstance, "step", stepped)
    result = run(tmp_path, own, options=", on_failure: restart")
    assert result.status == "failed"
    assert "cannot be reached: no sign of the server for 2 s." in result.outcome.reason
    assert "It could not be started again: 'away' cannot be instantiated from" in result.outcome.reason
    assert list(result["away.y"].values) == [0, 1, 3, 6]


def test_a_client_that_is_gone_loses_its_fmu(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "GRACE", 1.0)
    with InnerServer(tmp_path, 2) as at:
        first = started(at, tmp_path)
        (found,) = at.server._sessions.values()
        first._link._socket.close(linger=0)  # as when its machine fails
        assert wait_for(lambda: not at.server._sessions and not found.is_alive)
        first._link._is_busy = True
        first.free()


def test_a_client_that_is_busy_elsewhere_for_long_keeps_its_fmu(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "BEAT", 1e-3)  # the looks of an hour in seconds
    with InnerServer(tmp_path, 2) as at:
        instance = started(at, tmp_path)
        time.sleep(4.0)
        monkeypatch.setattr(server, "BEAT", 1.0)
        assert instance.step(0, 10**9).time == 10**9
        instance.free()


def test_a_server_has_a_limit(tmp_path):
    with InnerServer(tmp_path, 2) as at:
        first, second = started(at, tmp_path), started(at, tmp_path)
        with pytest.raises(FmuError, match=r"it hosts 2 FMUs already, as many as it may \('--instances'\)"):
            started(at, tmp_path)
        first.free()
        assert wait_for(lambda: at.server.n_sessions == 1)
        started(at, tmp_path).free()
        second.free()


def test_two_clients_at_once(shared, tmp_path):
    (tmp_path / "b").mkdir()
    with started(shared, tmp_path) as one, started(shared, tmp_path / "b") as other:
        courses = [[], []]
        threads = [
            threading.Thread(target=lambda i=i, it=it: courses[i].append(course(it)))
            for i, it in enumerate((one, other))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert courses[0] == courses[1]
    assert len(courses[0]) == 1


def test_only_what_lies_in_a_folder(tmp_path):
    (tmp_path / "only").mkdir()
    shutil.copy(build_lag(tmp_path / "lag.fmu"), tmp_path / "only" / "any name.fmu")
    at = ServerProcess(tmp_path / "server", "--only", str(tmp_path / "only"))
    try:
        started(at, tmp_path).free()
        with pytest.raises(FmuError, match="runs only the FMUs that lie in a folder of its own, and this is none"):
            run(tmp_path, at)
    finally:
        at.stop()
    assert not (at.folder / "cache" / "served").exists()
