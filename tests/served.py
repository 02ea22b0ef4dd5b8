"""A server of FMUs for tests, in a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
from fmu_factory import build_lag
from wreck import DEEDS, build_wreck

import cosim
from cosim.fmu import open_fmu
from cosim.hosting.host import HostedFile
from cosim.hosting.network.host import RemoteHost
from cosim.hosting.network.keys import keys_of
from cosim.hosting.network.server import Endpoint, Server
from cosim.hosting.network.store import SentFiles
from cosim.hosting.process import Limits

TOKEN = "correct-horse-battery-staple"


def children_of(pid: int) -> dict[int, str]:
    """Number and command of the processes that ``pid`` has started and that are still there."""
    command = ["ps", "-o", "pid=,args=", "--ppid", str(pid)]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    found = {int(number): command for number, _, command in (line.strip().partition(" ") for line in lines)}
    return {number: line for number, line in found.items() if not line.startswith("ps ")}


def workers_of(pid: int) -> list[int]:
    """The processes of FMUs that ``pid`` has started, by a nursery or itself."""
    return [
        worker
        for child, line in children_of(pid).items()
        for worker in (children_of(child) if "hosting.nursery" in line else [child])
        if "hosting." in line  # not a server that other tests still use
    ]


class ServerProcess:
    """``cosim serve`` on loopback; ``folder`` is for its token, cache and output."""

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.token_file = folder / "token"
        if not self.token_file.exists():
            self.token_file.write_text(TOKEN)
            self.token_file.chmod(0o600)
        (folder / "tmp").mkdir(exist_ok=True)
        self.folder, self.temporary = folder, folder / "tmp"
        environment = {**os.environ, "COSIM_CACHE": str(folder / "cache"), "TMPDIR": str(self.temporary)}
        if os.environ.get("COSIM_CACHE"):
            (folder / "cache").mkdir(exist_ok=True)
            native = Path(os.environ["COSIM_CACHE"], "native")
            if native.is_dir() and not (folder / "cache/native").exists():
                (folder / "cache/native").symlink_to(native)
        self.log = folder / "log"
        with self.log.open("ab") as log:
            self._from = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cosim", "serve", "--port", str(port), "--token-file", str(self.token_file),
                 *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
            )  # fmt: skip
        self.port = port or self._port()
        self.address = f"tcp://127.0.0.1:{self.port}"

    def _port(self) -> int:
        for _ in range(600):
            found = re.search(r"Serving FMUs at tcp://.*:(\d+)\.", self.said())
            if found:
                return int(found[1])
            assert self.process.poll() is None, self.said()
            time.sleep(0.1)
        raise AssertionError(self.said())

    def said(self) -> str:
        """What it has printed."""
        return self.log.read_text()[self._from :]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal (SIGINT is ignored by what a script runs in the background); return its exit code."""
        self.process.send_signal(number)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def workers(self) -> list[int]:
        """The processes of its FMUs."""
        return workers_of(self.process.pid)


SCENARIO = """\
scenario: away
components:
  good: {{source: wreck.fmu, host: inline}}
  away: {{source: wreck.fmu, host: {address}, token_file: {token}{options}}}
connections: [good.y -> away.u]
parameters: {{away: {{deed: {deed}, at: 3}}}}
inputs: {{good.u: 1}}
phases: {{run: {{active: [good, away], duration: 6 s, step: 1 s}}}}
"""


def known(path):
    """The FMU at ``path`` as hosts know it."""
    with open_fmu(path) as file:
        return HostedFile(file.path, file.sha256, file.interface_type, 2, file.description)


def run(folder, at, deed="none", options="", address=None):
    """Run a scenario with one of its FMUs at the server ``at``."""
    build_wreck(folder / "wreck.fmu")
    text = SCENARIO.format(address=address or at.address, token=at.token_file, deed=DEEDS[deed], options=options)
    (folder / "away.yaml").write_text(text)
    return cosim.run(folder / "away.yaml", out=folder / f"out{time.monotonic_ns()}")


def started(at, path, address=None):
    """An instance of the lag at a server, initialised."""
    fmu = path / "lag.fmu"
    file = known(fmu if fmu.exists() else build_lag(fmu))
    instance = RemoteHost(address or at.address, at.token_file, Limits()).instantiate(file, "lag")
    instance.enter_initialization(0, stop_time=None, tolerance=None)
    instance.exit_initialization()
    return instance


def wait_for(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def course(instance, disturb=lambda _: None):
    """Step the lag; return all it says."""
    u, y, said = instance.group(["u"]), instance.group(["y"]), []
    values = np.zeros(1)
    for i in range(15):
        disturb(i)
        instance.write(u, np.array([0.1 * i]))
        said.append(instance.step(i * 10**9, 10**9))
        instance.read(y, values)
        said.append(values.tobytes())
    return said


class Wire:
    """Passes bytes on between a client and a server, and can be cut."""

    def __init__(self, port):
        self._port, self._pairs = port, []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.is_cut = False
        self.n_connections = 0
        self.address = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.is_cut:
                near.close()
                continue
            self.n_connections += 1
            far = socket.create_connection(("127.0.0.1", self._port))
            self._pairs += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        self._close(source, sink)

    def _close(self, *sockets):
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()

    def cut(self):
        self.is_cut = True
        pairs, self._pairs = self._pairs, []
        self._close(*pairs)

    def mend(self):
        self.is_cut = False

    def close(self):
        self._close(self._listener)
        self.cut()


class InnerServer:
    """A server in a thread of this process."""

    def __init__(self, folder, most):
        self.token_file = folder / "token"
        self.token_file.write_text(TOKEN)
        self.token_file.chmod(0o600)
        self.server = Server(Endpoint("127.0.0.1", 0), keys_of(TOKEN), SentFiles(folder / "sent"), most)
        self.address = f"tcp://127.0.0.1:{self.server.port}"

    def __enter__(self):
        self._thread = threading.Thread(target=self.server.run)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.server.stop()
        self._thread.join()
        self.server.close()
