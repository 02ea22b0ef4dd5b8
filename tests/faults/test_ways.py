"""A fault ends a run in the same way whoever steps: Python, C code, or threads."""

from contextlib import ExitStack

import pytest
from fakes import Recorder
from faulty import KINDS, LIES, fault, write_fork

from cosim.algorithm import crew
from cosim.algorithm.compiled import KERNEL
from cosim.clock import to_ticks
from cosim.execution import execute
from cosim.instantiation import instantiate
from cosim.native import load
from cosim.preparation import prepare
from cosim.run import ALGORITHMS

WATCHING = "{when: right.y > 0.9, set: {left.gain: -0.4}}, {when: right.y > 1e9, set: {left.gain: -1}}"
"""One condition that begins to hold before the fault, and is found by going back, and one that never does."""
PLACES = {
    "Co-Simulation": ("enter", "exit", "step", "get", "set", "get state", "set state"),
    "Model Exchange": ("enter", "exit", "step", "get", "set", "get state", "set state", "update", "completed"),
}
TIMES = (0.0, 12.0)
SAME = ("status", "warnings", "lives")
"""What does not depend on when the state is asked for."""


@pytest.fixture
def stepped(folder, tmp_path, monkeypatch):
    """Runs one way; returns all that has to be the same, and the windows that C code took."""
    monkeypatch.chdir(folder)
    life = tmp_path / "life"
    monkeypatch.setenv("FAULTY_TRACE", str(life))

    def stepped(way, fmi, interface, algorithm, start, events=""):
        life.write_text("")
        path = write_fork(fmi, interface, algorithm, start=start, duration="20 s", step="0.5 s", events=events)
        recorder = Recorder()
        with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
            patch.setattr(crew, "n_cores", lambda: 3 if way == "threads" else 1)
            patch.setattr(crew, "WORTH", 0.0 if way == "threads" else 1.0)
            prepared = prepare(path, None, ALGORITHMS)
            outcome = execute(
                prepared.bound.structure,
                prepared.bound.experiment,
                instantiate(prepared, stack),
                prepared.algorithm,
                [recorder],
                warnings=prepared.bound.warnings,
                kernel=None if way == "python" else load(KERNEL),
            )
        samples = {name: [(time, values.tobytes()) for time, values in rows] for name, rows in recorder.samples.items()}
        found = {
            "status": outcome.status, "reason": outcome.reason, "time": outcome.time, "failure": repr(outcome.failure),
            "happenings": outcome.happenings, "warnings": outcome.warnings, "samples": samples,
            "lives": sorted(life.read_text().split("\n")),
        }  # fmt: skip
        return found, outcome.effort.compiled

    return stepped


def ways(interface):
    return ["threads"] if interface == "Model Exchange" else ["threads", "kernel"]


@pytest.mark.parametrize(
    "events", [pytest.param("", id="free"), pytest.param(WATCHING, id="watched", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("algorithm", ["gauss_seidel", "jacobi"])
@pytest.mark.parametrize("interface", PLACES)
@pytest.mark.parametrize("fmi", ["2.0", "3.0"])
class TestEveryFault:
    def test_ends_in_the_same_way(self, stepped, fmi, interface, algorithm, events):
        for place in PLACES[interface]:
            for kind in [item for item in KINDS if place == "step" or item in ("error", "fatal", "warning")]:
                for at in TIMES:
                    start = fault(place, kind, at)
                    expected, _ = stepped("python", fmi, interface, algorithm, start, events)
                    is_long = expected["time"] > to_ticks(6.0)
                    for way in ways(interface):
                        found, n_compiled = stepped(way, fmi, interface, algorithm, start, events)
                        if way == "kernel" and place == "get state":  # asked for once per leap, not per window
                            found = {**expected, **{key: found[key] for key in SAME}}
                        assert found == expected, (way, place, kind, at)
                        assert (n_compiled > 10) is (way == "kernel" and is_long), (place, kind, at)

    def test_lies_about_its_state_do_not_matter(self, stepped, fmi, interface, algorithm, events):
        for lie in LIES.values():
            expected, _ = stepped("python", fmi, interface, algorithm, {"lie": lie, "drift": 0.1}, events)
            assert expected["status"] == "completed", expected["reason"]
            for way in ways(interface):
                found, _ = stepped(way, fmi, interface, algorithm, {"lie": lie, "drift": 0.1}, events)
                assert found == expected, (way, lie)
