"""FMUs that fail in every way, of every kind, under every algorithm: a run ends as documented, and nothing goes on.

Two components drive each other, `healthy` and `faulty`. Whatever happens, the message names component, FMI function,
time and what the FMU said; the last inputs are kept; the other component is terminated; both are freed.
"""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faulty import FUNCTIONS, await_end, fault

import cosim
from cosim.build.builder import build
from cosim.run import ALGORITHMS

SCENARIO = """\
scenario: fault
components:
  healthy: {{source: faulty{fmi}.fmu, host: inline, fmi: {interface}}}
  faulty: {{source: faulty{fmi}.fmu, host: inline, fmi: {interface}}}
connections: [healthy.y -> faulty.u, faulty.y -> healthy.u]
parameters:
  healthy: {{gain: 0.5}}
  faulty: {{gain: -0.5{start}}}
phases:
  run: {{active: [healthy, faulty], duration: 4 s, step: 1 s}}
algorithm: {algorithm}
tolerance: 1e-6
"""
STATUSES = {"discard": "Discard", "error": "Error", "fatal": "Fatal"}


@pytest.fixture
def life(folder, tmp_path, monkeypatch):
    """The file in which the FMUs write what ends their lives."""
    monkeypatch.chdir(folder)
    path = tmp_path / "life"
    path.touch()
    monkeypatch.setenv("FAULTY_TRACE", str(path))
    return path


def write(fmi, interface, algorithm, start):
    text = SCENARIO.format(
        fmi=fmi[0],
        interface=interface.lower().replace(" ", "-"),
        algorithm=algorithm,
        start="".join(f", {name}: {value}" for name, value in start.items()),
    )
    Path("fault.yaml").write_text(text)
    return "fault.yaml"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("interface", ["Co-Simulation", "Model Exchange"])
@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
class TestEveryFault:
    def run(self, life, case, place, kind, at):
        """Run with a fault; return the result and who was ended how."""
        result = cosim.run(write(*case, fault(place, kind, at)), out=life.parent / f"{place} {kind} {at}")
        ended = life.read_text().split("\n")[:-1]
        life.write_text("")
        return result, ended

    @pytest.fixture
    def case(self, fmi, interface, algorithm):
        return fmi, interface, algorithm

    @pytest.mark.parametrize("kind", STATUSES)
    def test_a_refused_call(self, life, case, kind):
        fmi, interface, _ = case
        places = [("exit", 0.0), ("step", 0.0), ("step", 2.0)]
        if kind == "error":
            places += [("enter", 0.0), ("get", 2.0), ("set", 2.0)]
        if kind == "error" and interface == "Model Exchange":
            places += [("update", 0.0), ("completed", 2.0)]
        for place, at in places:
            result, ended = self.run(life, case, place, kind, at)
            function = FUNCTIONS.get((place, fmi)) or FUNCTIONS[place, fmi, interface]
            failure, reason = result.outcome.failure, result.outcome.reason
            assert result.status == "failed", (place, at)
            assert f"in 'faulty' ({function} → {STATUSES[kind]})" in reason
            assert "the pump is cavitating" in reason
            assert failure["component"] == "faulty"
            assert at - 1.0 <= failure["time"] <= at + 1.0
            if place not in ("enter", "exit", "update"):
                assert list(failure["inputs"]) == ["u"]
            assert [item.kind for item in result.happenings].count("failure") == 1
            assert (result["healthy.y"].time <= at + 1.0).all()
            # Of an FMU in an undefined state nothing may be called; what is still being initialised is freed only.
            assert (ended.count("healthy free") > ended.count("faulty free")) == (kind == "fatal"), (place, at)
            assert ended.count("faulty terminate") == 0, (place, at)
            if place not in ("enter", "exit", "update"):
                assert ended.count("healthy terminate") == 1, (place, at)

    def test_a_value_that_is_no_number(self, life, case):
        for at in (0.0, 2.0):
            result, ended = self.run(life, case, "step", "nan", at)
            assert result.status == "failed"
            assert " nan" in result.outcome.reason
            assert "faulty" in result.outcome.reason
            assert result.outcome.failure["component"] == "faulty"
            assert list(result.outcome.failure["inputs"]) == ["u"]
            assert sorted(set(ended) - {"faulty terminate"}) == ["faulty free", "healthy free", "healthy terminate"]

    def test_a_warning_is_no_fault(self, life, case, caplog):
        expected = cosim.run(write(*case, {}), out=life.parent / "sound")
        result, ended = self.run(life, case, "step", "warning", 0.0)
        assert result.status == "completed"
        assert result["faulty.y"].values.tolist() == expected["faulty.y"].values.tolist()
        assert "the pump is cavitating" in caplog.text
        assert sorted(set(ended)) == ["faulty free", "faulty terminate", "healthy free", "healthy terminate"]


def command(*arguments, code="import cosim.cli; cosim.cli.main()"):
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


FULL_DISK = """
import resource, signal, cosim.cli
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
cosim.cli.main()
"""


@pytest.mark.parametrize("interface", ["Co-Simulation", "Model Exchange"])
class TestFaultsOfTheMachine:
    @pytest.fixture
    def endless(self, life, interface):
        path = Path(write("2.0", interface, "gauss_seidel", {}))
        path.write_text(path.read_text().replace("4 s, step: 1 s", "1000 d, step: 1 s"))
        return str(path)

    def test_a_signal_to_end(self, life, endless):
        out = life.parent / "run"
        with command("run", endless, "--out", str(out)) as process:
            while not list(out.glob("result.h5*")):
                assert process.poll() is None, process.communicate()
                time.sleep(0.05)
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            said = await_end(process)
        assert process.returncode == 130, said
        assert cosim.load(out).status == "stopped"
        assert sorted(life.read_text().split("\n")[:-1]) == [
            "faulty free", "faulty terminate", "healthy free", "healthy terminate"
        ]  # fmt: skip

    def test_a_disk_that_fills_while_recording(self, life, endless):
        if not hasattr(signal, "SIGXFSZ"):
            pytest.skip("needs a limit on the size of files")
        out = life.parent / "run"
        with command("run", endless, "--out", str(out), code=FULL_DISK) as process:
            said = "".join(process.communicate(timeout=120))
        assert process.returncode == 3, said
        assert "Cannot write" in said
        assert "Free space" in said
        assert "Traceback" not in said
        assert sorted(set(life.read_text().split("\n")[:-1])) == [
            "faulty free", "faulty terminate", "healthy free", "healthy terminate"
        ]  # fmt: skip


MODEL = """
model Filling "fills until it overflows"
  input Real q_in(start = 0.5);
  output Real level;
  Real V(start = 0, fixed = true);
equation
  der(V) = q_in;
  level = V;
  assert(V < 1, "The tank overflows.");
end Filling;
"""


@pytest.mark.parametrize("interface", ["co-simulation", "model-exchange"])
@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
def test_an_assertion_that_fails_ends_the_run(fmi, interface, tmp_path_factory, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path_factory.getbasetemp() / "filling"
    folder.mkdir(exist_ok=True)
    (folder / "Filling.mo").write_text(MODEL)
    built = build(["Filling"], search_path=[folder], output=folder, jobs=1)
    path = next(fmu.path for fmu in built if fmu.fmi_version == fmi)
    Path("filling.yaml").write_text(
        f"scenario: filling\ncomponents:\n  tank: {{source: {path}, fmi: {interface}}}\n"
        "parameters:\n  tank: {q_in: 0.5}\nphases:\n  fill: {active: [tank], duration: 10 s, step: 0.5 s}\n"
    )
    result = cosim.run("filling.yaml")
    assert result.status == "failed"
    assert "in 'tank' (fmi" in result.outcome.reason
    assert "The tank overflows." in result.outcome.reason
    assert result.outcome.failure["component"] == "tank"
    assert result["tank.level"].values[-1] == pytest.approx(1.0, abs=0.3)
    assert result["tank.level"].time[-1] <= 2.0
