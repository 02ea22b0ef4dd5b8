"""What is shown while a run goes on."""

import io

from rich.console import Console

from cosim.cli.progress import Display, ProgressLines
from cosim.clock import to_ticks
from cosim.execution.observer import Progress
from cosim.execution.outcome import Happening


def shown(*, is_terminal, is_shown=True):
    """Return what a display writes about a run of two cycles."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=is_terminal, width=120, legacy_windows=False, color_system=None)
    display = Display(console, is_shown=is_shown)
    display.start()
    display.built("Plant.Tank in 1.0 s")
    lines = ProgressLines(display)
    lines.started(to_ticks(0.0), {})
    lines.happened(Happening(to_ticks(0.0), "phase-start", "capture", "Phase 'capture' begins."))
    lines.happened(Happening(to_ticks(0.0), "step-start", "capture.load", "Step 'capture.load' begins."))
    lines.happened(Happening(to_ticks(60.0), "warning", "capture", "It is late."))
    lines.progressed(Progress(to_ticks(7200.0), "capture", "load", 2, 0.25))
    display.close()
    return stream.getvalue()


def test_without_a_terminal_there_are_lines():
    assert shown(is_terminal=False).splitlines() == [
        "built Plant.Tank in 1.0 s",
        "         0 s  Phase 'capture' begins.",
        "warning: It is late.",
    ]


def test_a_terminal_shows_phase_cycle_step_share_and_time():
    text = shown(is_terminal=True)
    assert "capture 2 · load" in text
    assert "25%" in text
    assert "2 h" in text


def test_quiet_shows_warnings_only():
    assert shown(is_terminal=False, is_shown=False) == "warning: It is late.\n"
    assert "capture 2" not in shown(is_terminal=True, is_shown=False)
