"""Whatever an FMU does to its process, the run ends as documented, and nothing of it stays."""

import gc
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from served import workers_of
from wreck import DEEDS, build_wreck

import cosim
from cosim.hosting.instance import HostedInstance

SCENARIO = """\
scenario: wreck
components:
  good: {{source: wreck.fmu}}
  wreck: {{source: wreck.fmu{options}}}
connections: [good.y -> wreck.u]
parameters: {{wreck: {{deed: {deed}, at: 3}}}}
inputs: {{good.u: 1}}
phases: {{run: {{active: [good, wreck], duration: {duration}, step: 1 s}}}}
algorithm: {algorithm}
"""


@pytest.fixture(scope="module", autouse=True)
def _warm(tmp_path_factory):
    """Open what stays open once it was used."""
    place = tmp_path_factory.mktemp("warm")
    build_wreck(place / "wreck.fmu")
    text = SCENARIO.format(deed=0, options="", duration="6 s", algorithm="jacobi")
    (place / "wreck.yaml").write_text(text, encoding="utf-8")
    cosim.run(place / "wreck.yaml", out=place / "out")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with the FMU, whose path has blanks and letters of all kinds; it is left with nothing behind."""
    place = tmp_path / "a plänt, 水"
    place.mkdir()
    build_wreck(place / "wreck.fmu")
    (place / "wreck.fmu").chmod(0o400)
    place.chmod(0o700)
    monkeypatch.chdir(place)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    gc.collect()
    descriptors = len(os.listdir("/proc/self/fd"))
    yield place
    assert len(os.listdir("/proc/self/fd")) <= descriptors
    assert not list(temporary.iterdir())
    assert not workers_of(os.getpid())


def run(deed, options="", duration="6 s", algorithm="gauss_seidel"):
    text = SCENARIO.format(deed=DEEDS[deed], options=options, duration=duration, algorithm=algorithm)
    Path("wreck.yaml").write_text(text, encoding="utf-8")
    return cosim.run("wreck.yaml", out="out" + deed + str(time.monotonic_ns()))


WAYS = {
    "segfault": ("", r"its process crashed \(SIGSEGV\). It had printed: valve 7 is stuck"),
    "abort": ("", r"its process crashed \(SIGABRT\)"),
    "exit": ("", "its process ended with exit code 0, which nobody had asked for"),
    "hang": (", timeout: 4 s", "its process did not answer for 4 s, its timeout"),
    "stop": (", timeout: 4 s", "its process did not answer for 4 s, its timeout"),
    "leak": (", memory_limit: 400 MB", "more than its memory_limit of 400 MB"),
}


@pytest.mark.parametrize("deed", WAYS)
def test_the_run_ends_with_a_sentence(deed, folder):
    options, pattern = WAYS[deed]

    result = run(deed, options)

    assert result.status == "failed"
    assert result.outcome.reason.startswith("Step failed at t = 3 s in 'wreck' (fmi2DoStep): its process")
    assert re.search(pattern, result.outcome.reason)
    assert result.outcome.failure["component"] == "wreck"
    assert result["good.y"].values[-1] == 3.0
    assert list(result["wreck.y"].values) == [0, 1, 3, 6]


def test_what_an_fmu_prints_does_not_garble_anything(folder, capfd):
    result = run("shout")

    assert result.status == "completed"
    assert capfd.readouterr() == ("", "")


def test_fmus_that_allow_one_instance_per_process_are_used_twice(folder):
    assert list(run("none")["wreck.y"].values) == [0, 1, 3, 6, 10, 15, 21]


def test_a_process_that_a_user_kills(folder):
    from cosim.fmu import open_fmu
    from cosim.hosting.failure import HostFailure
    from cosim.hosting.host import HostedFile, ProcessHost
    from cosim.hosting.process import Limits

    with open_fmu(folder / "wreck.fmu") as file:
        hosted = HostedFile(file.path, file.sha256, file.interface_type, 2, file.description)
        with ProcessHost(Limits()).instantiate(hosted, "tank") as instance:
            instance.enter_initialization(0, stop_time=None, tolerance=None)
            instance.exit_initialization()
            os.kill(instance._link._process.pid, signal.SIGKILL)
            with pytest.raises(
                HostFailure, match=r"Step failed at t = 0 s in 'tank' \(fmi2DoStep\): its process was killed"
            ):
                instance.step(0, 10**9)


def test_no_process_outlives_a_parent_that_is_killed(folder, tmp_path):
    code = (
        "import cosim, sys, threading, time\n"
        "threading.Thread(target=lambda: cosim.run('wreck.yaml', out='out'), daemon=True).start()\n"
        "time.sleep(60)"
    )
    Path("wreck.yaml").write_text(
        SCENARIO.format(deed=DEEDS["hang"], options="", duration="6 s", algorithm="jacobi"), encoding="utf-8"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "HOSTED_BY": "test"}
    parent = subprocess.Popen([sys.executable, "-c", code], env=environment)
    workers = wait_for(lambda: len(workers_of(parent.pid)) == 2 and workers_of(parent.pid))
    time.sleep(0.5)
    parent.kill()
    parent.wait()

    assert wait_for(lambda: not any(map(is_running, workers)))
    assert not list((tmp_path / "tmp").iterdir())


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    return condition()


def test_what_is_lost_once_is_started_again(folder, monkeypatch):
    calm = run("none", ", on_failure: restart")
    monkeypatch.setenv("WRECK_ONCE", str(folder.parent / "once"))

    for deed in ("segfault", "hang"):
        (folder.parent / "once").unlink(missing_ok=True)
        result = run(deed, ", on_failure: restart, timeout: 4 s")

        assert result.status == "completed"
        assert list(result["wreck.y"].values) == list(calm["wreck.y"].values)
        (warning,) = [text for text in result.outcome.warnings if "wreck" in text]
        assert "Step failed at t = 3 s in 'wreck' (fmi2DoStep): its process" in warning
        assert re.search(r"It was started again from the beginning, with \d calls done again\.$", warning)


def test_a_state_written_before_shortens_what_is_done_again(folder, monkeypatch):
    monkeypatch.setenv("WRECK_ONCE", str(folder.parent / "once"))
    monkeypatch.setattr("cosim.hosting.restarting.CALLS_BETWEEN_STATES", 4)

    result = run("abort", ", on_failure: restart")

    assert list(result["wreck.y"].values) == [0, 1, 3, 6, 10, 15, 21]
    assert any("from the state last written, with 3 calls done again" in text for text in result.outcome.warnings)


def test_what_is_lost_in_the_same_step_again_is_not_replaced(folder):
    result = run("abort", ", on_failure: restart")

    assert result.status == "failed"
    assert result.outcome.reason.endswith("It had been started again before.")


@pytest.mark.parametrize("algorithm", ["iterated", "{name: adaptive, relative: 1e-3}"])
def test_states_that_the_algorithm_keeps_survive(algorithm, folder, monkeypatch):
    calm = run("none", algorithm=algorithm)
    monkeypatch.setenv("WRECK_ONCE", str(folder.parent / "once"))

    result = run("segfault", ", on_failure: restart", algorithm=algorithm)

    assert result.status == "completed"
    assert list(result["wreck.y"].values) == list(calm["wreck.y"].values)


def test_a_scenario_asks_for_seats(folder, monkeypatch, tmp_path):
    from cosim.hosting.licence import Licence, take_seat

    monkeypatch.setenv("COSIM_STATE", str(tmp_path / "state"))
    asked = ", licence: {name: vendor, seats: 1, wait: 0 s}"
    with_seat = run("none", asked)
    assert with_seat.status == "completed"
    seat = take_seat(Licence("vendor", 1, 0.0), "somebody")
    with pytest.raises(cosim.errors.FmuError, match="'wreck' got no licence: the seat of licence 'vendor' is taken"):
        run("none", asked)
    seat.leave()


def kept() -> tuple[int, int, int]:
    """Open files, threads, and memory [MB]."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return len(os.listdir("/proc/self/fd")), threading.active_count(), pages * os.sysconf("SC_PAGE_SIZE") >> 20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("host", "n", "deed"), [("inline", 2000, "none"), ("process", 300, "none"), ("process", 100, "segfault")]
)
def test_nothing_is_left_of_many_runs(host, n, deed, folder):
    text = (
        f"scenario: many\ncomponents: {{a: {{source: wreck.fmu, host: {host}}}}}\n"
        f"parameters: {{a: {{deed: {DEEDS[deed]}, at: 2}}}}\ninputs: {{a.u: 1}}\n"
        "phases: {run: {active: [a], duration: 3 s, step: 1 s}}\n"
    )
    Path("many.yaml").write_text(text, encoding="utf-8")
    status = "completed" if deed == "none" else "failed"
    for i in range(n):
        assert cosim.run("many.yaml", out=f"out/{i}").status == status
        if i == 20:
            files, threads, memory = kept()
    assert kept()[:2] == (files, threads)
    assert kept()[2] <= memory + 10


def test_an_interrupt_in_the_middle_of_a_step(folder, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    step = HostedInstance.step

    def asked(instance, *arguments):
        signal.setitimer(signal.ITIMER_REAL, 3.0)  # which is longer than those take that do not hang
        return step(instance, *arguments)

    monkeypatch.setattr(HostedInstance, "step", asked)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            run("hang")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_an_fmu_that_fails_and_needs_its_tool_says_so(folder):
    build_wreck(
        folder / "tool.fmu", lambda xml: xml.replace("canBeInstantiatedOnlyOncePerProcess", "needsExecutionTool")
    )
    text = "scenario: two\ncomponents: {{a: {{source: {0}, host: inline}}, b: {{source: {0}, host: inline}}}}\n"
    text += "inputs: {{a.u: 1, b.u: 1}}\nphases: {{run: {{active: [a, b], duration: 1 s, step: 1 s}}}}\n"
    Path("two.yaml").write_text(text.format("tool.fmu"), encoding="utf-8")
    with pytest.raises(
        cosim.errors.FmuError, match=r"needs its author's tool \(needsExecutionTool\): install that here"
    ):
        cosim.run("two.yaml", out="two")
