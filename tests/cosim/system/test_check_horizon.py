"""Times that the run never comes to, and components that it never runs."""

from pathlib import Path

import numpy as np
import pytest
from fakes import FakeInstance, Flowsheet, lag, phase

from cosim.clock import Ticks, to_ticks
from cosim.errors import SourceLocation
from cosim.system.experiment import (
    Comparison,
    Duration,
    Event,
    Experiment,
    Phase,
    PhaseStart,
    PhaseStep,
    Setting,
    Signal,
    Until,
)
from cosim.system.timing import latest_end
from cosim.system.validation import examine
from cosim.system.variable import VariableName

V = VariableName.parse
YEAR = 31_557_600.0
RUN = phase("run", "a", 100.0, 10.0)
LINE = SourceLocation(Path("plant.yaml"), 7)


def found(*phases: Phase, instances: dict[str, FakeInstance] | None = None, **options) -> tuple[list[str], list[str]]:
    flowsheet = Flowsheet(**(instances or {"a": lag("a", 1.0)}))
    problems, warnings = examine(flowsheet.structure, Experiment(phases or (RUN,), **options))
    return [problem.message for problem in problems], warnings


def until(at_most: float) -> Until:
    return Until((Comparison(V("a.y"), ">", 1.0),), to_ticks(at_most))


def setting(time: float) -> Event:
    return Event((Setting(V("a.u"), 1.0),), to_ticks(time), origin=LINE)


def test_nothing_to_say():
    assert found(events=(setting(100.0),)) == ([], [])


def test_an_event_after_the_end():
    problems, warnings = found(events=(setting(101.0),))
    assert problems == []
    assert warnings == [
        "plant.yaml:7: The event at 1 min 41 s never happens: the run ends at 1 min 40 s at the latest."
    ]


def test_conditions_count_with_their_limit():
    phases = (phase("run", "a", None, 10.0, ending=until(200.0), repeat=3),)
    assert found(*phases, events=(setting(600.0),))[1] == []
    assert "never happens" in found(*phases, events=(setting(601.0),))[1][0]


def test_the_latest_end_of_phases_that_wait_for_each_other():
    first = phase("first", "a", 10.0, 1.0)
    second = phase("second", "a", 5.0, 1.0, start=PhaseStart("first", "start", to_ticks(7.0)))
    third = phase("third", "a", 5.0, 1.0, start=PhaseStart("second", "end", to_ticks(1.0)))
    assert latest_end((third, second, first)) == to_ticks(18.0)
    assert latest_end((first, phase("lost", "a", 5.0, 1.0, start=PhaseStart("nowhere")))) is None


def test_a_component_that_no_phase_activates():
    instances = {"a": lag("a", 1.0), "b": lag("b", 1.0)}
    assert found(instances=instances)[1] == [
        "'b' is active in no phase, so that it never runs. Add it to 'active' of one, or remove it."
    ]


def test_steps_that_take_longer_than_their_phase():
    steps = tuple(PhaseStep(name, Duration(to_ticks(60.0))) for name in ("load", "wash"))
    problems, _ = found(phase("run", "a", 100.0, 10.0, steps=steps))
    assert problems == [
        "Phase 'run' lasts 1 min 40 s, and its steps 2 min: they would be cut off. Leave out the duration of the "
        "phase, which then ends with its last step."
    ]


def test_steps_that_are_over_before_their_phase():
    steps = (PhaseStep("load", Duration(to_ticks(60.0))),)
    problems, warnings = found(phase("run", "a", 100.0, 10.0, steps=steps))
    assert problems == []
    assert warnings == [
        "Phase 'run' lasts 1 min 40 s, and its steps 1 min: after the last of them it goes on with the phase's own "
        "settings."
    ]


@pytest.mark.parametrize(
    ("phases", "events", "what"),
    [
        ((phase("run", "a", None, 10.0, ending=until(101 * YEAR)),), (), "Phase 'run' has an 'at_most' of"),
        ((phase("run", "a", 9.0, 1.0, start=PhaseStart(delay=to_ticks(101 * YEAR))),), (), "waits for a delay of"),
        ((RUN,), (setting(101 * YEAR),), "An event has the time"),
        (
            (phase("run", "a", None, 10.0, steps=(PhaseStep("load", until(101 * YEAR)),)),),
            (),
            "Step 'run.load' has an 'at_most' of",
        ),
    ],
)
def test_times_have_a_limit(phases, events, what):
    problems, _ = found(*phases, events=events)
    assert len(problems) == 1
    assert what in problems[0]
    assert problems[0].endswith("more than 100 years. Make it shorter.")


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ((0.0, 100.0), []),
        ((5.0, 100.0), ["starts at 5 s: until then its first value holds."]),
        ((0.0, 90.0), ["ends at 1 min 30 s, the run at 1 min 40 s at the latest: from then on its last value holds."]),
        ((5.0, 90.0), ["starts at 5 s", "ends at 1 min 30 s"]),
    ],
)
def test_a_signal_that_does_not_cover_the_run(times, said):
    ticks = np.array([to_ticks(time) for time in times], dtype=np.int64)
    _, warnings = found(signals=(Signal(V("a.u"), ticks, np.zeros(2), origin=LINE),))
    assert len(warnings) == len(said)
    for warning, text in zip(warnings, said, strict=True):
        assert warning.startswith("plant.yaml:7: The recorded signal for a.u ")
        assert text in warning


def test_phases_without_a_known_end_are_passed_over():
    """What never starts is said elsewhere; it says nothing of the end."""
    lost = phase("lost", "a", 5.0, 1.0, start=PhaseStart("x"))
    assert found(lost, events=(setting(1e9),))[1] == []
    assert latest_end(()) == Ticks(0)
