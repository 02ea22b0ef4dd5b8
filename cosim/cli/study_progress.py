"""Progress of a study on the error stream: runs made and failed, time left, running estimates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from cosim.cli.messages import error_console, showing_warnings

if TYPE_CHECKING:
    from cosim.study.problem import Problem
    from cosim.study.running import Standing


class StudyDisplay:
    """Shows where a study stands: a bar on a terminal, a line at every tenth elsewhere."""

    def __init__(self, console: Console, *, is_shown: bool) -> None:
        self._console, self._is_shown = console, is_shown
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._problem: Problem | None = None
        self._tenth = 0

    def start(self) -> None:
        """Show the bar where there is a terminal."""
        if self._is_shown and self._console.is_terminal:
            self._progress = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TimeRemainingColumn(compact=True, elapsed_when_finished=True),
                TextColumn("{task.fields[told]}"),
                console=self._console,
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task("preparing", total=None, told="")

    def close(self) -> None:
        """Take the bar away."""
        if self._progress is not None:
            self._progress.stop()

    def built(self, text: str) -> None:
        """Tell what was built."""
        self._line(f"built {text}")

    def planned(self, problem: Problem, n: int, folder: Path) -> None:
        """Tell who makes the runs and where they are kept."""
        self._problem, self._tenth = problem, 0
        who = "in this process" if n == 0 else f"in {n} process{'es' if n > 1 else ''}"
        self._line(f"runs {who}, kept in {folder}")

    def standing(self, standing: Standing) -> None:
        """Show ``standing``."""
        told = ", ".join(self._told(standing))
        if self._progress is not None and self._task is not None:
            self._progress.update(
                self._task, description="runs", completed=standing.made, total=standing.planned, told=told
            )
            return
        tenth = 10 * standing.made // max(standing.planned, 1)
        if tenth > self._tenth:
            self._tenth = tenth
            self._line(f"{standing.made} of {standing.planned} runs{', ' if told else ''}{told}")

    def _told(self, standing: Standing) -> Iterator[str]:
        if standing.failed:
            yield f"{standing.failed} failed"
        for i, response in enumerate(self._problem.responses[:2] if self._problem else ()):
            estimate = standing.estimate(i)
            if estimate is not None:
                unit = "" if response.unit == "1" else f" {response.unit}"
                yield f"{response.name} {estimate[0]:.4g} ± {estimate[1]:.2g}{unit}"

    def warn(self, text: str) -> None:
        """Print a warning, also when progress is not shown."""
        self._console.print(Text(f"warning: {text}", style="yellow"), soft_wrap=True)

    def _line(self, text: str) -> None:
        if self._is_shown:
            self._console.print(Text(text, style="dim"), soft_wrap=True)


@contextmanager
def study_display(*, is_shown: bool) -> Iterator[StudyDisplay]:
    """Open a display on the error stream for the duration of the block."""
    display = StudyDisplay(error_console(), is_shown=is_shown)
    display.start()
    try:
        with showing_warnings(display.warn):
            yield display
    finally:
        display.close()
