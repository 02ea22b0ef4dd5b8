"""Real FMUs stepped on threads: the same results to the last bit, the same errors, and an end that can be asked for."""

import signal
import subprocess
import sys
import time
from threading import current_thread

import numpy as np
import pytest
from faulty import FUNCTIONS, await_end, fault, write_fork

import cosim
from cosim.algorithm import crew
from cosim.algorithm.participant import Participant

ALGORITHMS = (
    "gauss_seidel",
    "jacobi",
    "{name: gauss_seidel, extrapolation: 1}",
    "{name: jacobi, extrapolation: 2}",
    "iterated",
    "adaptive",
)
THREADED = ("gauss_seidel", "jacobi")
"""Those that step on threads: the others take steps again, or need what others give meanwhile."""


@pytest.fixture(autouse=True)
def project(folder, monkeypatch):
    monkeypatch.chdir(folder)


def run(path, out, monkeypatch, *, cores):
    """Run with so many cores; return the result and the names of what was stepped outside the main thread."""
    elsewhere = set()
    advance = Participant.advance

    def noted(participant, end):
        if current_thread().name == "cosim-step":
            elsewhere.add(participant.name)
        advance(participant, end)

    with monkeypatch.context() as patch:
        patch.setattr(crew, "n_cores", lambda: cores)
        patch.setattr(crew, "WORTH", 0.0)
        patch.setattr(Participant, "advance", noted)
        return cosim.run(path, out=out), elsewhere


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("interface", ["Co-Simulation", "Model Exchange"])
@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
def test_threads_change_no_bit(fmi, interface, algorithm, tmp_path, monkeypatch):
    path = write_fork(fmi, interface, algorithm)
    alone, none = run(path, tmp_path / "alone", monkeypatch, cores=1)
    threaded, elsewhere = run(path, tmp_path / "threaded", monkeypatch, cores=3)
    assert (none, "right" in elsewhere) == (set(), algorithm in THREADED)
    assert (alone.status, threaded.status) == ("completed", "completed")
    for name in alone:
        assert np.array_equal(alone[name].time, threaded[name].time)
        assert np.array_equal(alone[name].values, threaded[name].values), name


@pytest.mark.parametrize("kind", ["discard", "error", "fatal", "nan"])
@pytest.mark.parametrize("algorithm", THREADED)
@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
def test_a_failure_on_a_thread_names_the_component(fmi, algorithm, kind, tmp_path, monkeypatch):
    path = write_fork(fmi, algorithm=algorithm, start=fault("step", kind, 8.0))
    alone, _ = run(path, tmp_path / "alone", monkeypatch, cores=1)
    result, elsewhere = run(path, tmp_path / "threaded", monkeypatch, cores=3)
    assert "right" in elsewhere
    assert (result.status, result.outcome.failure["component"]) == ("failed", "right")
    assert result.outcome.reason == alone.outcome.reason
    assert ("right.y became" if kind == "nan" else FUNCTIONS["step", fmi, "Co-Simulation"]) in result.outcome.reason
    assert result.outcome.failure == alone.outcome.failure
    for name in alone:
        n = min(len(alone[name].values), len(result[name].values))  # others may have taken the last step already
        assert n >= 80
        assert np.array_equal(alone[name].values[:n], result[name].values[:n])


AT_WORK = """
import sys, cosim.cli
from cosim.algorithm import crew
crew.n_cores = lambda: 3
work = crew._work
def noted(*arguments):
    print("a thread is at work", file=sys.stderr, flush=True)
    work(*arguments)
crew._work = noted
cosim.cli.main()
"""


@pytest.mark.parametrize("signals", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT] * 4], ids=["int", "term", "4"])
@pytest.mark.parametrize("algorithm", THREADED)
def test_a_signal_while_threads_step(algorithm, signals, tmp_path, monkeypatch):
    life = tmp_path / "life"
    monkeypatch.setenv("FAULTY_TRACE", str(life))
    monkeypatch.setenv("FAULTY_NAP", "150")
    out = tmp_path / "run"
    path = write_fork(algorithm=algorithm, duration="1000 d")
    arguments = [sys.executable, "-c", AT_WORK, "run", path, "--quiet", "--out", str(out)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while "at work" not in (line := process.stderr.readline()):
            assert line, process.communicate()
        time.sleep(0.4)
        for number in signals:
            process.send_signal(number)
            time.sleep(0.05)
        said = await_end(process)
    killed = {-signal.SIGINT} if len(signals) > 1 else set()  # as it exits; a shell calls both 130
    assert process.returncode in {130, *killed}, said
    assert "Traceback" not in "".join(said)
    result = cosim.load(out)
    assert result.status == "stopped"
    assert len(result["right.y"].values) > 2
    ended = life.read_text().split("\n")[:-1]
    assert sorted(item for item in ended if "free" in item) == ["left free", "right free", "source free"]
