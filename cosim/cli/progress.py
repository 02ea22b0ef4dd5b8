"""Progress on the error stream: phase, simulated time, bar, time left; plain lines where there is no terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from cosim.cli.messages import error_console, showing_warnings
from cosim.clock import Ticks, format_ticks
from cosim.execution.observer import AbstractObserver
from cosim.execution.observer import Progress as Standing
from cosim.execution.outcome import Happening, Outcome

_RESOLUTION = 1000  # steps of the bar; it has no unit


class Display:
    """Shows where a run stands on ``console``; a bar on a terminal, a line per phase elsewhere."""

    def __init__(self, console: Console, *, is_shown: bool) -> None:
        self._console = console
        self._is_shown = is_shown
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._warned: set[str] = set()

    def start(self) -> None:
        """Show the bar where there is a terminal."""
        if self._is_shown and self._console.is_terminal:
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=28),
                TaskProgressColumn(),
                TextColumn("{task.fields[time]}"),
                TimeRemainingColumn(compact=True, elapsed_when_finished=True),
                console=self._console,
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task("preparing", total=None, time="")

    def close(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()

    def built(self, text: str) -> None:
        """Tell what was built."""
        self.line(f"built {text}")

    def begin(self) -> None:
        """Tell that the execution begins."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description="initialising")

    def standing(self, standing: Standing) -> None:
        """Move the bar."""
        if self._progress is None or self._task is None:
            return
        cycle = f" {standing.cycle}" if standing.cycle > 1 else ""
        where = standing.phase + cycle + (f" · {standing.step}" if standing.step else "")
        done = None if standing.fraction is None else _RESOLUTION * standing.fraction
        self._progress.update(
            self._task,
            description=where,
            total=None if done is None else _RESOLUTION,
            completed=done,
            time=format_ticks(standing.time),
        )

    def warn(self, text: str) -> None:
        """Print a warning, once, also when progress is not shown."""
        if text in self._warned:
            return
        self._warned.add(text)
        self._console.print(Text(f"warning: {text}", style="yellow"), soft_wrap=True)

    @contextmanager
    def showing_warnings(self) -> Iterator[None]:
        """Print Python's warnings as such lines while the block runs."""
        with showing_warnings(self.warn):
            yield

    def line(self, text: str, style: str = "dim") -> None:
        """Print a line above the bar."""
        if self._is_shown:
            self._console.print(Text(text, style=style), soft_wrap=True)


@contextmanager
def progress_display(*, is_shown: bool) -> Iterator[Display]:
    """Open a display on the error stream for the duration of the block."""
    display = Display(error_console(), is_shown=is_shown)
    display.start()
    try:
        yield display
    finally:
        display.close()


class ProgressLines(AbstractObserver):
    """Feeds a display from a running execution."""

    def __init__(self, display: Display) -> None:
        self._display = display

    def started(self, time: Ticks, recorded: Mapping[str, tuple[str, ...]]) -> None:  # noqa: D102
        self._display.begin()

    def sampled(self, component: str, time: Ticks, values: NDArray[np.float64]) -> None:  # noqa: D102
        pass

    def happened(self, happening: Happening) -> None:  # noqa: D102
        if happening.kind == "phase-start":
            self._display.line(f"{format_ticks(happening.time):>12}  {happening.text or happening.subject}")
        elif happening.kind == "warning":
            self._display.warn(happening.text)

    def progressed(self, progress: Standing) -> None:  # noqa: D102
        self._display.standing(progress)

    def finished(self, outcome: Outcome) -> None:  # noqa: D102
        pass
