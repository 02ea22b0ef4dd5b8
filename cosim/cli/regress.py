"""``cosim regress``: is everything still what it was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cosim.cli.messages import plain, show_line
from cosim.cli.options import JSON
from cosim.errors import ScenarioError

if TYPE_CHECKING:
    from cosim.regression.outcome import CaseOutcome, SuiteOutcome


def regress(
    suites: Annotated[list[Path], typer.Argument(help="Suite files.", show_default=False)],
    cases: Annotated[
        list[str] | None, typer.Option("--case", "-c", metavar="NAME", help="Only this case; may be repeated.")
    ] = None,
    run_all: Annotated[bool, typer.Option("--all", help="Run also what nothing has changed for.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder of report.html, junit.xml, regress.json; default results/regress_…"),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", help="Processes that make runs; default one per core, 0: this one.", min=0),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: JSON = False,
) -> None:
    """Compare runs with their baselines, signal by signal; write a report.

    Only what a change can affect is run. Baselines are changed by cosim release baseline, never here.
    Exit code 0 nothing has changed, 1 something has, 2 wrong input, 3 a run failed.

    Example: [bold]cosim regress scenarios/regression/library.yaml[/bold]
    """
    from cosim.regressing.reporting import write_reports
    from cosim.regressing.running import regress
    from cosim.regression.document import document_of
    from cosim.results.document import encode
    from cosim.run_folder import make_folder

    if out is not None and len(suites) > 1:
        raise ScenarioError("--out is the folder of one suite. Give one file, or leave it out.")

    if out is not None:
        make_folder("", out)  # else that it cannot be made would be found when all has been run

    def show(text: str) -> None:
        if not quiet:
            show_line(text, style="dim")

    codes, documents = set(), []
    for path in suites:
        outcome = regress(
            path,
            cases or (),
            run_all=run_all,
            workers=workers,
            on_built=lambda text: show(f"built {text}"),
            on_done=lambda name, done, n: show(f"ran {name}, {done} of {n}"),
        )
        folder = write_reports(outcome, out)
        codes.add(outcome.exit_code)
        if as_json:
            documents.append({"folder": str(folder), **document_of(outcome)})
        else:
            _print(outcome, folder)
    if as_json:
        typer.echo(encode(documents[0] if len(documents) == 1 else documents, indent=2))
    raise typer.Exit(next((code for code in (2, 3, 1) if code in codes), 0))


def _print(outcome: SuiteOutcome, folder: Path) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    width = max(len(item.case.name) for item in outcome.cases)
    for item in outcome.cases:
        style = {"passed": "green", "failed": "bold red", "error": "bold yellow"}.get(item.status, "dim")
        line = Text(f"{item.status:<8}", style=style)
        line.append(plain(f"{item.case.name:<{width}}  {_about(item)}"), style="default")
        console.print(line)
        for text in _details(item):
            console.print(Text(plain(f"          {text}")))
    counts = ", ".join(f"{n} {status}" for status, n in sorted(outcome.counts.items()))
    console.print(Text(f"{outcome.suite.name}: {counts}"))
    console.print(Text(f"  {folder / 'report.html'}"))


def _about(item: CaseOutcome) -> str:
    if item.comparison is None:
        return item.reason
    worst = item.comparison.worst
    told = f"{len(item.comparison.signals)} signals, {item.baseline}"
    if worst is not None and worst.size > 0:
        told += f"; farthest: {worst.name}, {worst.size:.2g} × tolerance"
    return told + (", known" if item.is_known else "")


_MOST_LINES = 6


def _details(item: CaseOutcome) -> list[str]:
    if item.comparison is None or item.comparison.holds:
        return []
    lines = [f"{finding.kind}: {finding.text}" for finding in item.comparison.failures]
    left = len(lines) - _MOST_LINES
    lines = [*lines[:_MOST_LINES], *([f"… and {left} more in the report"] if left > 0 else [])]
    culprit = item.comparison.culprit
    return [f"likely culprit: {culprit.text}", *lines] if culprit else lines
