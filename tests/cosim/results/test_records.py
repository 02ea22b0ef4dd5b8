from cosim.clock import Ticks
from cosim.execution.outcome import Happening, PhaseRecord
from cosim.results.records import unfinished


def test_phases_of_a_killed_run_are_told_from_its_happenings():
    happenings = [
        Happening(Ticks(0), "phase-start", "capture", "Phase 'capture' begins, cycle 1 of 2."),
        Happening(Ticks(0), "step-start", "capture.load", "Step 'capture.load' begins."),
        Happening(Ticks(5), "step-end", "capture.load", "Step 'capture.load' ends: volume."),
        Happening(Ticks(5), "phase-end", "capture", "Phase 'capture' ends: steps."),
        Happening(Ticks(5), "phase-start", "capture", "Phase 'capture' begins, cycle 2 of 2."),
        Happening(Ticks(5), "step-start", "capture.load", "Step 'capture.load' begins."),
    ]
    outcome = unfinished(happenings, Ticks(8))
    assert outcome.status == "stopped"
    assert set(outcome.phases) == {
        PhaseRecord("capture", "load", 1, Ticks(0), Ticks(5), "volume"),
        PhaseRecord("capture", None, 1, Ticks(0), Ticks(5), "steps"),
        PhaseRecord("capture", "load", 2, Ticks(5), Ticks(8), "cut off"),
        PhaseRecord("capture", None, 2, Ticks(5), Ticks(8), "cut off"),
    }


def test_nothing_happened():
    assert unfinished([], Ticks(0)).phases == ()


def test_warnings_of_a_killed_run_are_kept():
    happenings = [Happening(Ticks(0), "warning", "", "It may be late."), Happening(Ticks(1), "event", "a", "b")]
    assert unfinished(happenings, Ticks(8)).warnings == ("It may be late.",)
