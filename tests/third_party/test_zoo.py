"""Good and hostile FMUs by other exporters, through the commands as a user types them: each has its sentence."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from broken_fmus import UNLOADABLE, UNREADABLE, UNSUITABLE
from fmu_factory import build_lag
from heater import build_heater, temperature
from hostile import build_hostile
from zoo import crowded, deep, exported, fmpy_container, toolbox_container

import cosim
from cosim.cli.app import run_app
from cosim.results.result import load


@dataclass(frozen=True)
class Animal:
    """An FMU and what is said of it: after probing, by ``check``, by ``run``; a good one says nothing in a run."""

    make: Callable[[Path], Path]
    run: str = ""
    probe: str = ""
    check: str = r": good\. "
    options: str = ""
    deed: str = ""
    u: str = "1"


def rogue(deed: str, run: str, probe: str, options: str = "") -> Animal:
    return Animal(
        lambda path: shutil.copy(exported("pythonfmu", "Rogue2"), path), run, probe, options=options, deed=deed
    )


def liar(mischief: str, probe: str) -> Animal:
    return Animal(lambda path: build_hostile(path, mischief), probe=probe)


FAILED = r"error: Step failed at t = {time} in 'v' \(fmi2DoStep\): its process {how}"


def failed(how: str, time: str = r"0\.2 s") -> str:
    return FAILED.format(time=time, how=how)


ANIMALS = {
    "PythonFMU": rogue("none", "", r"It runs in the Python of cosim, 3\.\d+\.\d+, with the packages installed there\."),
    "PythonFMU, segfault": rogue("segfault", failed(r"crashed \(SIGSEGV\)\. Ask"), "It crashed while stepping it from"),
    "PythonFMU, abort": rogue("abort", failed(r"crashed \(SIGABRT\)"), r"It crashed while .*: SIGABRT\."),
    "PythonFMU, exit": rogue("leave", failed("ended with exit code 0, which nobody had asked for"), "exit code 0"),
    "PythonFMU, SystemExit": rogue("give_up", r"\(fmi2DoStep → Fatal\)(.|\n)*no licence left", "no licence left"),
    "PythonFMU, exception": rogue("overflow", r"\(fmi2DoStep → Fatal\)(.|\n)*float division by zero", "division by"),
    "PythonFMU, endless loop": rogue(
        "hang", failed("did not answer for 3 s, its timeout"), "nothing came back for", ", timeout: 3 s"
    ),
    "PythonFMU, leak of 1 GB": rogue(
        "leak", failed(r"takes \d+ MB of memory, more than its memory_limit of 500 MB", r"0\.\d s"),
        r"By then it had taken all the memory that a trial may have, 4\.29 GB\.", ", memory_limit: 500 MB",
    ),
    "PythonFMU, prints": rogue("shout", "", "It writes to standard output, .* beginning with 'valve 7 is stuck"),
    "PythonFMU, changes folder": rogue("move", "", "While it steps, it changes the working directory of the process"),
    "PythonFMU, NaN": rogue(
        "lose", r"error: v\.y became nan at t = 0\.2 s, which is not a finite number", "not a finite number: y"
    ),
    "PythonFMU, lacks a package": Animal(
        lambda path: shutil.copy(exported("pythonfmu", "Needy2"), path), check="",
        run=r"error: (.|\n)*It runs in the Python of cosim, \S+, which lacks 'polymath_of_the_vendor': install",
        probe="lacks 'polymath_of_the_vendor'",
    ),
    "toolbox container": Animal(toolbox_container, probe=r"It takes 1000 steps"),
    "toolbox container, segfault inside": Animal(
        lambda path: toolbox_container(path, "SEGFAULT"), failed(r"crashed \(SIGSEGV\)"), "SIGSEGV"
    ),
    "fmpy container": Animal(fmpy_container, probe=r"It takes 1000 steps"),
    "fmpy container, segfault inside": Animal(
        lambda path: fmpy_container(path, "SEGFAULT"), failed(r"crashed \(SIGSEGV\)"), "SIGSEGV"
    ),
    "fmpy container, panics": Animal(
        lambda path: fmpy_container(path, inner=build_lag(path.parent / "lag.fmu")), check="", probe="crashed",
        run=r"error: 'v' cannot be instantiated from .*: its process crashed \(SIGABRT\)\. It had printed: "
        r"thread '<unnamed>' .*panicked at .*\nnot yet implemented\n",
    ),
    "state of its own only": liar("FORGET", "It declares that it can go back in time and cannot: y was"),
    "no state in truth": liar("NO_STATE", r"fmi2GetFMUstate → Error"),
    "no unequal steps in truth": liar("ONE_STEP_SIZE", "Unequal steps are refused: "),
    "10,000 variables": Animal(crowded, probe="feedthrough"),
    "text and binary variables": Animal(
        lambda path: build_lag(path, "3.0"), probe="FMI 3.0, Co-Simulation", u="1 mol/m3"
    ),
    "deep paths": Animal(deep, probe=r"It takes 1000 steps"),
}  # fmt: skip

SCENARIO = """\
scenario: zoo
components:
  v: {{source: '{path}'{options}}}
{parameters}inputs: {{v.u: {u}}}
phases:
  run: {{active: [v], duration: 2 s, step: 100 ms}}
record: [v.y]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder, with a temporary folder of its own that is left as it was."""
    (tmp_path / "temporary").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "work")
    yield tmp_path / "work"
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.fixture
def typed(folder, capfd, monkeypatch):
    """Type a command; return its exit code and all that it prints, in lines that are not folded."""

    def run(*arguments):
        monkeypatch.setenv("COLUMNS", "2000")
        code = run_app(list(map(str, arguments)))
        printed = capfd.readouterr()
        text = printed.out + printed.err
        assert "Traceback" not in text
        return code, text

    return run


def scenario_of(animal, folder):
    path = animal.make(folder / "vendor.fmu")
    parameters = f"parameters: {{v: {{deed: {animal.deed}}}}}\n" if animal.deed else ""
    text = SCENARIO.format(path=path, options=animal.options, parameters=parameters, u=animal.u)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ANIMALS)
def test_checked_and_run(name, folder, typed):
    animal = ANIMALS[name]
    path = scenario_of(animal, folder)

    code, text = typed("inspect", path)
    assert (code, "What will not work" in text) == (0, True)
    code, text = typed("check", "study.yaml")
    assert (code == 0) == bool(animal.check)
    assert re.search(animal.check or animal.run, text), text
    code, text = typed("run", "study.yaml", "--out", "out")
    assert code == (0 if not animal.run else 3 if animal.check else 2), text
    assert re.search(animal.run or "completed: 2 s simulated", text), text


PROBED = [name for name in ANIMALS if name in ("PythonFMU, segfault", "fmpy container, panics")]


@pytest.mark.parametrize(
    "name", [name if name in PROBED else pytest.param(name, marks=pytest.mark.slow) for name in ANIMALS]
)
def test_probed(name, folder, typed):
    animal = ANIMALS[name]
    path = scenario_of(animal, folder)
    deed = ("--set", f"deed={animal.deed}") if animal.deed else ()

    code, text = typed("inspect", path, "--probe", "--patience", "5 s", *deed)

    assert re.search(animal.probe, text), text
    assert code in (0, 3)
    assert (code == 3) == ("Not usable here" in text)


BROKEN = {**UNREADABLE, **UNSUITABLE, **UNLOADABLE}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_not_tried(name, folder, typed):
    write, message = BROKEN[name]
    write(folder / "broken.fmu")

    code, text = typed("inspect", "broken.fmu", "--probe")

    assert code == (2 if name in UNREADABLE else 3), text
    assert re.search(message, text), text


@pytest.mark.parametrize(("host", "code"), [("process", 0), ("inline", 2)])
def test_one_instance_per_process(host, code, folder, typed):
    build_hostile(folder / "once.fmu", once=True)
    Path("two.yaml").write_text(
        f"scenario: two\ncomponents:\n  a: {{source: once.fmu, host: {host}}}\n"
        f"  b: {{source: once.fmu, host: {host}}}\n"
        "connections: [a.y -> b.u]\ninputs: {a.u: 1}\n"
        "phases: {run: {active: [a, b], duration: 1 s, step: 100 ms}}\n",
        encoding="utf-8",
    )

    found, text = typed("run", "two.yaml", "--out", "out")

    assert found == code, text
    if host == "inline":
        assert "canBeInstantiatedOnlyOncePerProcess" in text
        assert "host: process" in text


@pytest.mark.parametrize("container", [toolbox_container, fmpy_container])
def test_a_container_gives_what_its_parts_give(container, folder):
    container(folder / "both.fmu")
    Path("both.yaml").write_text(
        "scenario: both\ncomponents:\n  both: {source: both.fmu}\n"
        "  a: {source: inner.fmu, host: inline}\n  b: {source: inner.fmu, host: inline}\n"
        "connections: [a.y -> b.u]\ninputs: {a.u: 1, both.u: 1}\n"
        "phases: {run: {active: [both, a, b], duration: 2 s, step: 100 ms}}\nalgorithm: jacobi\n",
        encoding="utf-8",
    )

    result = cosim.run("both.yaml", out="out")

    both, alone = result["both.y"].values, result["b.y"].values
    if container is toolbox_container:
        np.testing.assert_allclose(both[1:], alone[1:], rtol=1e-12)
    else:  # tells its outputs before what is connected is passed on
        assert (alone[1:-2] < both[2:-1]).all()
        assert (both[2:-1] < alone[3:]).all()


@pytest.mark.parametrize("name", ["PythonFMU", "toolbox container", "fmpy container"])
def test_paths_of_all_kinds(name, folder, typed, tmp_path, monkeypatch):
    """The FMU, the scenario and the temporary folder below names that a URI has to escape, or that look escaped."""
    strange = "a plänt, 水 #1 %20"
    (tmp_path / strange / "tmp").mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / strange / "tmp"))
    monkeypatch.chdir(tmp_path / strange)
    path = shutil.copy(ANIMALS[name].make(folder / "it.fmu"), tmp_path / strange / "vendor ü.fmu")
    Path("study.yaml").write_text(
        SCENARIO.format(path=os.path.relpath(path), options="", parameters="", u="1"), encoding="utf-8"
    )

    code, text = typed("run", "study.yaml", "--out", "out ü")

    assert (code, "completed: 2 s simulated" in text) == (0, True), text
    assert not list((tmp_path / strange / "tmp").iterdir())
    assert (tmp_path / strange / "out ü" / "report.html").is_file()


@pytest.mark.parametrize("fmi", ["1.0", "2.0", "3.0"])
def test_model_exchange_only(fmi, folder, typed):
    """What the Linux exports of bioprocess tools usually are."""
    build_heater(folder / "room.fmu", fmi)
    Path("room.yaml").write_text(
        "scenario: room\ncomponents: {room: {source: room.fmu}}\n"
        "phases: {run: {active: [room], duration: 100 s, step: 3 s}}\nrecord: [room.T]\n",
        encoding="utf-8",
    )

    assert "It is integrated here, by CVODE." in typed("inspect", "room.fmu")[1]
    code, text = typed("run", "room.yaml", "--out", "out")

    assert (code, "completed: 1 min 40 s simulated" in text) == (0, True), text
    assert load("out")["room.T"].values[-1] == pytest.approx(temperature(100.0)[0], abs=1e-3)


@pytest.fixture
def read_only(folder):
    """A folder in which nothing can be written, once it is entered by the command this gives; root needs a mount."""
    home = folder / "read only"
    home.mkdir()
    if os.getuid() != 0:
        yield home, []
        return
    mount = f"mount --bind '{home}' '{home}' && mount -o remount,bind,ro '{home}' && cd '{home}' && exec \"$@\""
    command = ["unshare", "--mount", "sh", "-c", mount, "sh"]
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("root may write anywhere: needs unshare and mount")
    yield home, command


def test_a_folder_that_is_read_only(read_only, folder):
    """Where FMU and scenario lie nothing can be written: the report goes into the cache, the result where asked."""
    home, within = read_only
    build_hostile(home / "vendor.fmu")
    build_hostile(home / "bad.fmu", "SEGFAULT")
    (home / "study.yaml").write_text(
        SCENARIO.format(path="vendor.fmu", options="", parameters="", u="1"), encoding="utf-8"
    )
    (home / "vendor.fmu").chmod(0o444)
    home.chmod(0o555)

    def done(*arguments):
        return subprocess.run(
            [*within, sys.executable, "-m", "cosim", *arguments],
            cwd=home,
            env={**os.environ, "COSIM_CACHE": str(folder / "cache"), "TMPDIR": tempfile.gettempdir()},
            capture_output=True,
            text=True,
            check=False,
        )

    tried, ran = done("inspect", "bad.fmu", "--probe"), done("run", "study.yaml", "--out", str(folder / "run"))
    refused = done("run", "study.yaml")
    home.chmod(0o755)

    assert tried.returncode == 3, tried.stdout + tried.stderr
    assert str(folder / "cache") in tried.stdout
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert refused.returncode in (2, 3)
    assert refused.stderr.startswith("error: "), refused.stderr
    assert "unexpected" not in refused.stderr
    assert sorted(item.name for item in home.iterdir()) == ["bad.fmu", "study.yaml", "vendor.fmu"]
