"""Workers are forked by a process that is there for it: each is its own, and none is left when that one goes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fmu_factory import build_lag
from served import children_of, known, wait_for, workers_of

from cosim.errors import CosimError
from cosim.hosting import starting
from cosim.hosting.host import ProcessHost
from cosim.hosting.process import Limits, WorkerProcess

pytestmark = pytest.mark.skipif(not starting.FORKS, reason="workers are forked on Linux only")


@pytest.fixture
def worker():
    found = WorkerProcess()
    yield found
    found.end()


def nursery() -> int:
    (found,) = (pid for pid, line in children_of(os.getpid()).items() if "hosting.nursery" in line)
    return found


def test_one_nursery_forks_all(worker):
    other = WorkerProcess()
    assert {worker.pid, other.pid} <= set(children_of(nursery()))
    other.end()
    assert other.pid not in children_of(nursery())


def test_a_worker_has_what_its_parent_has_now(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ÄRGER", "naïve \udcff")
    before = os.umask(0o27)
    try:
        worker = WorkerProcess()
        place = Path(f"/proc/{worker.pid}")
        assert (place / "cwd").readlink() == tmp_path
        assert "0027" in next(line for line in (place / "status").read_text().splitlines() if "Umask" in line)
        assert {int(name) for name in os.listdir(place / "fd")} >= {0, 1, 2}
        assert len(os.listdir(place / "fd")) <= 7, "it holds what is another worker's"
        worker.end()
    finally:
        os.umask(before)


def test_it_knows_the_environment_of_now(tmp_path, monkeypatch):
    from wreck import DEEDS, build_wreck

    monkeypatch.setenv("WRECK_ONCE", str(tmp_path / "once"))
    with ProcessHost(Limits()).instantiate(known(build_wreck(tmp_path / "wreck.fmu")), "a") as instance:
        instance.set_start({"deed": DEEDS["abort"], "at": 0})
        instance.enter_initialization(0, stop_time=None, tolerance=None)
        instance.exit_initialization()
        with pytest.raises(CosimError, match="SIGABRT"):
            instance.step(0, 10**9)
    assert (tmp_path / "once").exists()


def test_a_nursery_that_is_killed_takes_its_workers_along(tmp_path):
    host = ProcessHost(Limits())
    with host.instantiate(known(build_lag(tmp_path / "lag.fmu")), "a") as instance:
        os.kill(nursery(), signal.SIGKILL)
        instance.enter_initialization(0, stop_time=None, tolerance=None)
        instance.exit_initialization()
        pid = instance._link._process.pid
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(CosimError, match=r"its process was killed from outside \(SIGKILL\)"):
            instance.step(0, 10**9)
    another = WorkerProcess()
    assert another.pid in workers_of(os.getpid())
    another.end()


def test_a_fork_of_the_parent_has_its_own(worker):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            own = WorkerProcess()
            code = 0 if own.pid in workers_of(os.getpid()) else 2
            own.end()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert worker.call({"call": "greet"}) == ({}, b"")


def test_nothing_is_left_when_the_parent_ends():
    code = (
        "import os, sys; sys.path.insert(0, 'tests')\n"
        "from served import children_of\n"
        "from cosim.hosting.process import WorkerProcess\n"
        "kept = [WorkerProcess() for _ in range(3)]\n"
        "nursery, = (pid for pid, line in children_of(os.getpid()).items() if 'nursery' in line)\n"
        "print(nursery, *(one.pid for one in kept))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=root, capture_output=True, check=True)
    assert done.stderr == b""
    pids = done.stdout.split()
    assert len(pids) == 4
    assert wait_for(lambda: not any(Path("/proc", pid.decode()).exists() for pid in pids))


def test_workers_draw_different_numbers():
    code = (
        "import numpy.random\n"
        "from cosim.hosting.nursery import _settle\n"
        "import os, tempfile\n"
        "head = {'folder_of_work': '.', 'umask': 0o22, 'environment': dict(os.environ)}\n"
        "for _ in range(2):\n"
        "    if os.fork() == 0:\n"
        "        _settle(head, os.dup(1))\n"
        "        print(numpy.random.random(), flush=True)\n"
        "        os._exit(0)\n"
        "    os.wait()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = done.stdout.split()
    assert first != second


def test_an_interrupt_while_one_is_forked_harms_no_other(worker, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    before = workers_of(os.getpid())
    with monkeypatch.context() as patch:
        patch.setattr(starting, "pack", interrupted)
        with pytest.raises(KeyboardInterrupt):
            WorkerProcess()
    assert wait_for(lambda: workers_of(os.getpid()) == before)
    other = WorkerProcess()
    other.end()
    assert worker.call({"call": "greet"}) == ({}, b"")
