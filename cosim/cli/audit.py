"""``cosim audit``: the trail of who did what, when and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cosim.cli.messages import plain, show_line
from cosim.cli.options import JSON
from cosim.errors import AuditError, TrailRequestError

if TYPE_CHECKING:
    from cosim.audit.chain import Record
    from cosim.audit.extract import Filter

app = typer.Typer(
    help="The audit trail: who did what, when and why; begun, shown, checked.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

_TRAIL = Annotated[
    Path | None,
    typer.Option("--trail", metavar="DIR", help="Folder of the trail; default the project's.", show_default=False),
]
_KIND = Annotated[str | None, typer.Option("--kind", help="Only actions of this kind.", show_default=False)]
_SUBJECT = Annotated[str | None, typer.Option("--subject", help="Only about what has this in its name.")]
_WHO = Annotated[str | None, typer.Option("--who", help="Only by whom has this in his name.", show_default=False)]
_SINCE = Annotated[str | None, typer.Option("--since", metavar="TIME", help="From this date or time on (UTC).")]
_UNTIL = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Before this date or time (UTC).")]


@app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the trail.")] = Path("audit"),
    why: Annotated[str, typer.Option("--why", help="Reason, to be recorded.")] = "",
    head: Annotated[
        Path | None,
        typer.Option("--head", metavar="FILE", help="Keep the head here, apart from the trail.", show_default=False),
    ] = None,
    unsigned: Annotated[bool, typer.Option("--unsigned", help="Chain the records, and sign none.")] = False,
) -> None:
    """Begin a trail: from now on, actions in this project are recorded in it.

    Example: [bold]cosim audit init --why 'Validation of the capture step'[/bold]
    """
    from cosim.audit.ed25519 import fingerprint
    from cosim.audit.trail import begin, begin_signed
    from cosim.audit.where import FOLDER, VARIABLE
    from cosim.releasing import trail_gone

    start = next(place for place in folder.absolute().parents if place.is_dir())
    if gone := trail_gone(start):
        raise AuditError(f"{gone} A new one would not tell of it.")
    record, file = (begin(folder, why=why, head=head), None) if unsigned else begin_signed(folder, why=why, head=head)
    where = f"in '{folder.absolute().parent}'" if folder.name == FOLDER else f"with {VARIABLE}={folder.absolute()}"
    typer.echo(f"{folder}: begun. Actions {where} are recorded from now on.")
    if file is None:
        show_line("No key signs it: who can write its files can write another. Keep 'cosim audit head' somewhere else.")
        return
    typer.echo(f"Its records are signed by the key {fingerprint(record.after['key'])}, which is in '{file}'.")
    typer.echo("Keep that number where the trail is not: 'cosim audit verify --key NUMBER' compares it.")


@app.command("show")
def show(
    trail: _TRAIL = None,
    kind: _KIND = None,
    subject: _SUBJECT = None,
    who: _WHO = None,
    since: _SINCE = None,
    until: _UNTIL = None,
    last: Annotated[int, typer.Option("--last", "-n", help="How many at most; 0 shows all.", min=0)] = 20,
    as_json: JSON = False,
) -> None:
    """Show the last records.

    Example: [bold]cosim audit show --kind run --since 2026-03-01[/bold]
    """
    from cosim.audit.extract import as_document, wanted

    folder = _folder(trail)
    records = wanted(folder, _filter(kind, subject, who, since, until), last or None)
    _tell_if_none(records, folder, kind)
    if as_json:
        typer.echo(json.dumps([as_document(record) for record in records], indent=2))
    else:
        _print(records)


@app.command("export")
def export(
    trail: _TRAIL = None,
    kind: _KIND = None,
    subject: _SUBJECT = None,
    who: _WHO = None,
    since: _SINCE = None,
    until: _UNTIL = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write: .csv or .json; default CSV on the screen.")
    ] = None,
) -> None:
    """Write records as a table for a spreadsheet, or as JSON.

    Example: [bold]cosim audit export --out trail.csv[/bold]
    """
    from cosim.audit.extract import as_csv, as_document, wanted
    from cosim.results.document import write_text

    if out is not None and out.suffix.lower() not in (".csv", ".json"):
        raise typer.BadParameter(f"'{out.name}' ends in neither .csv nor .json.", param_hint="--out")
    folder = _folder(trail)
    records = wanted(folder, _filter(kind, subject, who, since, until))
    _tell_if_none(records, folder, kind)
    if out is None:
        typer.echo(as_csv(records), nl=False)
    elif out.suffix.lower() == ".json":
        write_text(out, json.dumps([as_document(record) for record in records], indent=2) + "\n")
    else:
        write_text(out, as_csv(records))


@app.command("verify")
def verify(
    trail: _TRAIL = None,
    head: Annotated[
        list[Path] | None,
        typer.Option("--head", metavar="FILE", help="A head that was kept apart; may be given often."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="NUMBER", help="What the number of the trail's key must be.", show_default=False),
    ] = None,
    registry: Annotated[
        Path | None,
        typer.Option("--registry", metavar="DIR", help="Registry to check; default the project's.", show_default=False),
    ] = None,
    as_json: JSON = False,
) -> None:
    """Find the first byte, record or end of the trail that is not what was written.

    Where there is a registry, every hash and signature in it is checked, and compared with the trail.
    Exit code 0 when there is none, 1 when there is.

    Example: [bold]cosim audit verify --head /media/kept/head.json[/bold]
    """
    from cosim.audit.verify import Verdict
    from cosim.audit.where import find_trail_or_head
    from cosim.releasing import trail_gone, verify_all

    folder = trail if trail is not None else find_trail_or_head()
    if folder is None and (gone := trail_gone(Path.cwd(), registry)):
        verdict, faults = Verdict(0, "", "", gone, 1), list[str]()
    else:
        verdict, faults = verify_all(folder or _folder(None), registry, heads=head or (), key=key)
    if as_json:
        document = {
            "good": verdict.is_good and not faults,
            "records": verdict.n_records,
            "hash": verdict.hash,
            "key": verdict.key,
            "fault": verdict.fault,
            "fault_at": verdict.fault_at,
            "registry_faults": faults,
            "notes": list(verdict.notes),
        }
        typer.echo(json.dumps(document, indent=2))
    else:
        for note in verdict.notes:
            show_line(note)
        signed = f"signed by {verdict.key}" if verdict.key else "not signed"
        good = f"{verdict.n_records} records, {signed}: all as written. The last has the hash {verdict.hash}."
        typer.echo(good if verdict.is_good else f"Not as written: {verdict.fault}")
        for fault in faults:
            typer.echo(f"Registry: {fault}")
    raise typer.Exit(0 if verdict.is_good and not faults else 1)


@app.command("head")
def head_of(trail: _TRAIL = None) -> None:
    """Print the head: how many records there are, and the hash of the last. Keep it where the trail is not.

    Example: [bold]cosim audit head > /media/kept/head.json[/bold]
    """
    from cosim.audit.trail import own_head_text

    typer.echo(own_head_text(_folder(trail)), nl=False)


def _folder(given: Path | None) -> Path:
    if given is not None:
        return given
    from cosim.audit.where import find_trail

    found = find_trail()
    if found is None:
        raise TrailRequestError(
            "There is no audit trail here. 'cosim audit init' begins one; --trail names one elsewhere."
        )
    return found


def _tell_if_none(records: list[Record], folder: Path, kind: str | None) -> None:
    """Say on the error stream that nothing is shown, and, of a kind that there is not, which there are."""
    if records:
        return
    from cosim.audit.extract import kinds_in

    kinds = kinds_in(folder)
    if kind is None or kind in kinds:
        show_line("No record fits.")
    else:
        show_line(plain(f"No record of the kind '{kind}'; there are {', '.join(kinds)}."))


def _filter(kind: str | None, subject: str | None, who: str | None, since: str | None, until: str | None) -> Filter:
    from cosim.audit.extract import Filter, parse_moment

    return Filter(kind, subject, who, parse_moment(since) if since else None, parse_moment(until) if until else None)


def _print(records: list[Record]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    for record in records:
        line = Text(f"{record.n:>6} ", style="bold")
        line.append(f"{record.time[:19].replace('T', ' ')}  ", style="dim")
        line.append(f"{record.kind:<10} ", style="cyan")
        line.append(_line(f"{record.subject}  {record.who.get('person') or record.who.get('user', '')}"))
        line.append(_line(f"  {record.why}" if record.why else ""), style="italic")
        console.print(line)
        for name, value in (("before", record.before), ("after", record.after)):
            if value is not None:
                console.print(Text(f"{'':>7}{name}: {plain(_short(value))}", style="dim"))


def _short(value: Any) -> str:  # noqa: ANN401
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:299]}…"


def _line(text: str) -> str:
    """Return ``text`` as one line, so that a reason cannot look like another record."""
    return plain(text).replace("\n", "�")
