"""``cosim run``: run a scenario, show where it stands, leave a result and a report."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from cosim.cli.messages import show_line
from cosim.cli.options import JSON, PARAMETERS, WHY, parse_parameters
from cosim.errors import ScenarioError

if TYPE_CHECKING:
    from cosim.results import Result


def run(
    scenario: Annotated[Path | None, typer.Argument(help="Scenario file.", show_default=False)] = None,
    parameters: PARAMETERS = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the result; default results/<scenario>/<run id>.")
    ] = None,
    checkpoint: Annotated[
        str | None,
        typer.Option(
            "--checkpoint", metavar="TIME", help="Simulated time between checkpoints, such as 1h.", show_default=False
        ),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            "--resume", metavar="RUN", help="Go on with an interrupted run: its folder or run id.", show_default=False
        ),
    ] = None,
    profile: Annotated[bool, typer.Option("--profile", help="Measure and show what the run costs.")] = False,
    why: WHY = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: JSON = False,
) -> None:
    """Run a scenario; write result.h5, report.html and run.json.

    Builds the FMUs it needs. Ctrl-C leaves a readable result up to then.
    With --checkpoint, an interrupted run can be gone on with: see --resume.
    Exit code 0 good, 1 an expectation does not hold, 2 wrong input, 3 failed, 130 stopped.

    Example: [bold]cosim run scenarios/hello.yaml --set 'reactor.mu_max=0.04 1/h'[/bold]
    """
    from cosim.cli.progress import ProgressLines, progress_display

    values = parse_parameters(parameters)
    if resume is not None:
        start = _resuming(resume, is_quiet=quiet, is_alone=not (scenario or values or out or checkpoint or profile))
    elif scenario is not None:
        command = _command(scenario, parameters, out, checkpoint)
        start = _running(scenario, values, out=out, checkpoint=checkpoint, profile=profile, command=command)
    else:
        raise ScenarioError("Give the scenario to run, or --resume and the run to go on with.")
    flag = StopFlag()
    with flag.listening(), progress_display(is_shown=not quiet) as display, display.showing_warnings():
        result = start(
            observers=(ProgressLines(display),),
            should_stop=flag.is_set,
            on_built=display.built,
            on_starting=flag.defer,
            why=why,
        )
    if result.status == "failed":
        _show_failure(result)
    _print_result(result, as_json=as_json)
    if profile and not as_json:
        from cosim.cli.profile import print_profile

        print_profile(result.profile)
    if result.status != "completed" and result.run.get("resumption"):
        show_line(f"Go on with: {shlex.join(['cosim', 'run', '--resume', str(result.folder)])}")
    raise typer.Exit(_exit_code(result))


def _running(
    scenario: Path,
    parameters: Mapping[str, str],
    *,
    out: Path | None,
    checkpoint: str | None,
    profile: bool,
    command: str,
) -> Callable[..., Result]:
    from cosim.run import run

    return partial(run, scenario, parameters, out=out, checkpoint=checkpoint, profile=profile, command=command)


def _resuming(run: str, *, is_quiet: bool, is_alone: bool) -> Callable[..., Result]:
    from cosim.run import resume

    if not is_alone:
        raise ScenarioError(
            "A run that is resumed has its own scenario, parameters, folder and checkpoints: give --resume alone."
        )
    return partial(resume, run, on_found=(lambda _: None) if is_quiet else show_line)


def _command(scenario: Path, parameters: list[str] | None, out: Path | None, checkpoint: str | None) -> str:
    """Return the command that does the same; only what decides the result, whatever else was on the line."""
    settings = [part for text in parameters or () for part in ("--set", text)]
    place = ["--out", str(out)] if out is not None else []
    saved = ["--checkpoint", checkpoint] if checkpoint is not None else []
    return shlex.join(["cosim", "run", str(scenario), *settings, *place, *saved])


class StopFlag:
    """Turns SIGINT and SIGTERM into a wish to stop once the execution has begun; before that they end the program."""

    def __init__(self) -> None:
        self._is_set = self._is_deferred = False
        self._is_over = False

    def is_set(self) -> bool:
        """Tell the execution whether a signal has come; once it knows, it brings home what has been recorded."""
        self._is_over = self._is_over or self._is_set
        return self._is_set

    def set(self) -> None:
        """Ask the execution to stop, in any thread, as a first signal does."""
        self._is_set = True

    def defer(self) -> None:
        """From now on a first signal asks the execution to stop; a second one interrupts it if it does not answer."""
        self._is_deferred = True

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle the signals while the block runs, then restore the handlers there were."""
        before = {number: signal.signal(number, self._receive) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self._is_over:
            return
        self._is_over = self._is_set or not self._is_deferred
        self._is_set = True
        if self._is_over:
            raise KeyboardInterrupt


def _show_failure(result: Result) -> None:
    from cosim.cli.messages import show_error
    from cosim.errors import StepError

    show_error(StepError(result.outcome.reason))


def _print_result(result: Result, *, as_json: bool) -> None:
    import json

    from cosim.cli.summary import print_summary
    from cosim.results import report_json

    if as_json:
        typer.echo(json.dumps(report_json(result), indent=2, allow_nan=False))
    else:
        print_summary(result)


def _exit_code(result: Result) -> int:
    if result.status == "stopped":
        return 130
    if result.status == "failed":
        return 3
    return 0 if all(finding.holds for finding in result.expectations) else 1
