"""``cosim study``: many runs of a scenario, planned and answered by a method."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cosim.cli.messages import show_line
from cosim.cli.options import JSON, PARAMETERS, WHY, parse_parameters
from cosim.errors import ScenarioError

if TYPE_CHECKING:
    from cosim.study.result import StudyResult


def study(
    files: Annotated[list[Path] | None, typer.Argument(help="Study files.", show_default=False)] = None,
    parameters: PARAMETERS = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of what is kept; default results/<study>/<run id>.")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume", metavar="RUN", help="Go on with an interrupted study: its folder.", show_default=False
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", help="Processes that make runs; default one per core, 0: this one.", min=0),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDRESS", help="Dask scheduler whose workers make the runs: tcp://…"),
    ] = None,
    why: WHY = "",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: JSON = False,
) -> None:
    """Run studies; write runs/runs.parquet, study.html and study.json.

    Every run is a row, also one that fails. Ctrl-C leaves what is done, and --resume goes on with it.
    Exit code 0 good, 2 wrong input, 3 failed, 130 stopped.

    Example: [bold]cosim study scenarios/studies/hello_screening.yaml[/bold]
    """
    if resume is not None and files:
        raise ScenarioError("A study that is resumed has its own file: give --resume alone.")
    if resume is None and not files:
        raise ScenarioError("Give the study to run, or --resume and the folder of the one to go on with.")
    if out is not None and len(files or ()) > 1:
        raise ScenarioError("--out is the folder of one study. Give one file, or leave it out.")
    values = parse_parameters(parameters)
    chosen: list[Path | None] = [*files] if files else [None]
    for file in chosen:
        options: dict[str, Any] = {"resume": resume, "out": out, "workers": workers, "scheduler": scheduler, "why": why}
        result = _run(file, values, options, is_quiet=quiet)
        _print(result, as_json=as_json)
        if result.status == "stopped":
            show_line(f"Go on with: {shlex.join(['cosim', 'study', '--resume', str(result.folder)])}")
            raise typer.Exit(130)


def _run(file: Path | None, values: dict[str, str], options: dict[str, Any], *, is_quiet: bool) -> StudyResult:
    from cosim.cli.run import StopFlag
    from cosim.cli.study_progress import study_display
    from cosim.study.running import Listeners
    from cosim.studying.running import study

    flag = StopFlag()
    with flag.listening(), study_display(is_shown=not is_quiet) as display:

        def planned(plan: Any, n: int, folder: Path) -> None:  # noqa: ANN401
            display.planned(plan.problem, n, folder)
            flag.defer()

        return study(
            file,
            values,
            **options,
            listeners=Listeners(display.standing, display.warn, flag.is_set),
            on_built=display.built,
            on_planned=planned,
            command=_command(file, values, options),
        )


def _command(file: Path | None, values: dict[str, str], options: dict[str, Any]) -> str:
    settings = [part for key, value in values.items() for part in ("--set", f"{key}={value}")]
    place = ["--out", str(options["out"])] if options["out"] is not None else []
    return shlex.join(["cosim", "study", str(file or ""), *settings, *place])


def _print(result: StudyResult, *, as_json: bool) -> None:
    import json

    from cosim.cli.study_summary import print_study
    from cosim.study.result import answer_document

    if not as_json:
        print_study(result)
        return
    document = {
        "study": result.name,
        "status": result.status,
        "folder": str(result.folder),
        "runs": dict(result.counts),
        "planned": result.n_planned,
        **answer_document(result.answer),
    }
    typer.echo(json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False))
