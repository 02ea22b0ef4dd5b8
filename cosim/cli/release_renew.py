"""``cosim release renew``: the loop of model operations in one command, up to a proposal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cosim.cli.messages import plain
from cosim.cli.options import JSON
from cosim.cli.release import KEY, author, opened
from cosim.cli.release_people import app

if TYPE_CHECKING:
    from cosim.renewal.record import Step
    from cosim.renewal.running import Author, Listeners, Renewed

__all__ = ["app"]


@app.command("renew")
def renew(
    file: Annotated[Path, typer.Argument(help="Renewal file.", show_default=False)],
    drift: Annotated[
        Path | None,
        typer.Option("--drift", metavar="SESSION", help="Session whose drift is the reason.", show_default=False),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="PERSON", help="Who proposes it; without, it is not proposed.", show_default=False
        ),
    ] = None,
    key: KEY = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; default the drift.")] = "",
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", help="Processes that make runs; default one per core, 0: this one.", min=0),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: JSON = False,
) -> None:
    """Validate a model against data, train its surrogate, compare it with the one in service, propose it if better.

    Nothing is promoted: a proposal is a draft with its evidence. What was done is kept, and a renewal that was
    interrupted goes on when it is started again.
    Exit code 0 proposed or ready to be, 1 not good enough, 2 wrong input, 3 failed.

    Example: [bold]cosim release renew reactor.renewal.yaml --as linus[/bold]
    """
    from cosim.renewal.running import renew as run

    renewed = run(
        file,
        drift=drift,
        author=_author_of(person, key),
        workers=workers,
        listeners=_listeners(is_shown=not quiet, is_printed=not as_json),
        why=reason,
    )
    if as_json:
        typer.echo(json.dumps(_document(renewed), indent=2, ensure_ascii=False))
    else:
        typer.echo(_told(renewed, file))
    raise typer.Exit(renewed.exit_code)


def _author_of(person: str | None, key: Path | None) -> Author | None:
    from cosim.renewal.running import Author

    if person is None:
        return None
    registry = opened()
    return Author(registry, person, author(registry, person, key))


def _listeners(*, is_shown: bool, is_printed: bool) -> Listeners:
    from cosim.cli.train import listeners_of
    from cosim.renewal.running import Listeners

    def done(step: Step) -> None:
        if is_printed:
            known = " (known)" if step.is_known else ""
            typer.echo(plain(f"  {'✓' if step.holds else '✗'} {step.name:<9} {step.text}{known}"))

    return Listeners(done=done, training=listeners_of(is_shown=is_shown))


def _told(renewed: Renewed, file: Path) -> str:
    if renewed.status == "proposed" and set(renewed.states) <= {"draft"}:
        titles = ", ".join(renewed.titles)
        return f"{renewed.file.name}: proposed as {titles}, a draft. 'cosim release promote' looks at its gates."
    if renewed.status == "proposed":
        pairs = zip(renewed.titles, renewed.states, strict=True)
        return f"{renewed.file.name}: proposed before as {', '.join(f'{title} ({state})' for title, state in pairs)}."
    if renewed.status == "ready":
        return f"{renewed.file.name}: good, and not proposed yet: cosim release renew {file} --as PERSON"
    return f"{renewed.file.name}: not proposed."


def _document(renewed: Renewed) -> dict[str, object]:
    steps = [
        {"step": one.name, "holds": one.holds, "text": one.text, "is_known": one.is_known} for one in renewed.steps
    ]
    return {
        "renewal": renewed.file.name,
        "status": renewed.status,
        "folder": str(renewed.file.folder),
        "proposed": list(renewed.titles),
        "states": list(renewed.states),
        "steps": steps,
    }
