"""``cosim release baseline``: baselines of regression changed on purpose, with a reason that is kept."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from cosim.cli.messages import show_line
from cosim.cli.release import KEY, app, author

__all__ = ["app"]


@app.command()
def baseline(
    suite: Annotated[Path, typer.Argument(help="Suite file.", show_default=False)],
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why it changes; kept with it.", show_default=False)],
    cases: Annotated[
        list[str] | None, typer.Option("--case", "-c", metavar="NAME", help="Only this case; may be repeated.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help="Who says so, where nobody is registered; default the user.", show_default=False),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="PERSON", help="Who proposes it, where people are registered.", show_default=False
        ),
    ] = None,
    key: KEY = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", help="Processes that make runs; default one per core, 0: this one.", min=0),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Make the runs of a regression suite its new baselines.

    What has not changed beyond its tolerance keeps its baseline. The old ones stay in the folder and in its index.
    In a project whose registry has people who approve, they are a draft release, and count when somebody other than
    its author has approved it.

    Example: [bold]cosim release baseline scenarios/regression/library.yaml --reason 'new growth model'[/bold]
    """
    from cosim.regressing.baselining import set_baselines
    from cosim.regressing.proposing import propose, proposing

    registry = proposing(suite, person)
    if registry is not None:
        assert person is not None
        by = registry.people().author(person).name
        secret = author(registry, person, key)

    def show(text: str) -> None:
        if not quiet:
            show_line(text, style="dim")

    changes = set_baselines(
        suite,
        cases or (),
        reason=reason,
        by=by or getpass.getuser(),
        workers=workers,
        on_built=lambda text: show(f"built {text}"),
        on_done=lambda name, done, n: show(f"ran {name}, {done} of {n}"),
    )
    for change in changes:
        if change.entry is None:
            typer.echo(f"{change.case.name}: unchanged")
        elif change.comparison is None:
            typer.echo(f"{change.case.name}: new baseline {change.entry.sha256[:8]}")
        else:
            n = len(change.comparison.findings)
            typer.echo(f"{change.case.name}: new baseline {change.entry.sha256[:8]}, {n} differences")
    if registry is not None:
        assert person is not None
        title, is_approved = propose(suite, registry, person=person, key=secret, reason=reason)
        typer.echo(f"{title}: {'approved' if is_approved else 'waits for approval by somebody else'}.")
