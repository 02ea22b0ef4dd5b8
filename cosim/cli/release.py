"""``cosim release``: what may be used for what, with the evidence, signed by people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cosim.cli.messages import plain, show_line
from cosim.cli.options import JSON
from cosim.errors import ReleaseError, SignatureError

if TYPE_CHECKING:
    from cosim.audit.ed25519 import SecretKey
    from cosim.release.registry import Registry
    from cosim.release.state import Release

app = typer.Typer(
    help="Releases: what may be used for what, with the evidence, signed by people.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

PERSON = Annotated[str, typer.Option("--as", metavar="PERSON", help="Short name of the person who signs.")]
KEY = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="File of his key; default in his configuration.", show_default=False),
]
REASON = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, to be signed and recorded.")]
TITLE = Annotated[str, typer.Argument(metavar="NAME@VERSION", help="The release.", show_default=False)]


@app.command("create")
def create(
    file: Annotated[Path, typer.Argument(help="Release file.", show_default=False)], person: PERSON, key: KEY = None
) -> None:
    """Make a release, a draft: its files are kept, and its author signs what they are.

    Example: [bold]cosim release create release.yaml --as ada[/bold]
    """
    from cosim.release.creating import create as created
    from cosim.releasing import described, versions

    registry = opened()
    event = created(registry, file, person=person, key=unlocked(person, key), describe=described, versions=versions())
    typer.echo(f"{event.chronicle}: draft, signed by {event.by.name}.")


@app.command("evidence")
def evidence(
    title: TITLE,
    files: Annotated[list[str], typer.Argument(help="Files or folders of evidence.", show_default=False)],
    person: PERSON,
    folder: Annotated[Path, typer.Option("--folder", help="What their paths in the release begin below.")] = Path(),
    reason: REASON = "",
    key: KEY = None,
) -> None:
    """Add evidence to a release that is not approved yet; approvals that it has are void then.

    Example: [bold]cosim release evidence reactor@1.0.0 regress.json --as ada[/bold]
    """
    from cosim.release.creating import add_evidence

    registry = opened()
    event = add_evidence(registry, title, folder, files, person=person, key=unlocked(person, key), reason=reason)
    typer.echo(f"{title}: {len(event.facts['content'])} files added, signed by {event.by.name}.")


@app.command("promote")
def promote(title: TITLE, person: PERSON, key: KEY = None, as_json: JSON = False) -> None:
    """Look at the gates before the next state, and sign the step if all are passed.

    Exit code 1 when a gate is not passed.

    Example: [bold]cosim release promote reactor@1.0.0 --as ada[/bold]
    """
    from cosim.release.creating import promote as promoted

    event, gates = promoted(opened(), title, person=person, key=unlocked(person, key))
    state = event.facts["to"] if event else None
    if as_json:
        typer.echo(json.dumps({"release": title, "state": state, "gates": gates}, indent=2))
    else:
        marks = {"passed": "✓", "deviation": "!", "failed": "✗", "missing": "✗"}
        for gate in gates:
            typer.echo(plain(f"  {marks[gate['state']]} {gate['gate']:<14} {gate['text']}"))
        typer.echo(f"{title}: {state}." if event else f"{title}: not promoted.")
    raise typer.Exit(0 if event else 1)


@app.command("approve")
def approve(title: TITLE, person: PERSON, reason: REASON = "", key: KEY = None) -> None:
    """Approve a validated release for its intended use; whoever has written it cannot.

    Example: [bold]cosim release approve reactor@1.0.0 --as grace[/bold]
    """
    event = _signed(title, "approve", {}, person, key, reason)
    typer.echo(f"{title}: approved by {event.by.name}. 'cosim release promote' makes that its state.")


@app.command("deviation")
def deviation(
    title: TITLE,
    gate: Annotated[str, typer.Option("--gate", help="The gate that is not passed.")],
    reason: REASON,
    person: PERSON,
    key: KEY = None,
) -> None:
    """Accept that a gate is not passed; the report shows it, with the reason.

    Example: [bold]cosim release deviation reactor@1.0.0 --gate sensitivity --reason 'As in 0.9.' --as grace[/bold]
    """
    event = _signed(title, "deviation", {"gate": gate}, person, key, reason)
    typer.echo(f"{title}: deviation from '{gate}', signed by {event.by.name}.")


@app.command("retire")
def retire(title: TITLE, reason: REASON, person: PERSON, key: KEY = None) -> None:
    """End the use of a release: scenarios that name it no longer run.

    Example: [bold]cosim release retire reactor@0.9.0 --reason 'Replaced by 1.0.0' --as grace[/bold]
    """
    event = _signed(title, "retire", {}, person, key, reason)
    typer.echo(f"{title}: retired by {event.by.name}.")


@app.command("list")
def list_releases(
    kind: Annotated[str | None, typer.Option("--kind", help="Only of this kind.", show_default=False)] = None,
    state: Annotated[str | None, typer.Option("--state", help="Only in this state.", show_default=False)] = None,
    as_json: JSON = False,
) -> None:
    """List the releases and where each stands, as their signatures tell.

    Example: [bold]cosim release list --state approved[/bold]
    """
    registry = opened()
    people = registry.people()
    rows = []
    for title in registry.titles():
        release = registry.release(title, people)
        if kind in (None, release.manifest["kind"]) and state in (None, release.state):
            said = release.manifest
            rows.append({"release": title, "kind": said["kind"], "state": release.state, "main": said["main"]})
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
    else:
        for row in rows:
            typer.echo(f"{row['release']:<28} {row['state']:<10} {row['kind']:<10} {row['main']}")


@app.command("show")
def show(
    title: TITLE,
    file: Annotated[
        str | None, typer.Option("--file", metavar="PATH", help="Print this file of it instead.", show_default=False)
    ] = None,
    as_json: JSON = False,
) -> None:
    """Show a release: what it is for, what has been signed, and what its next gates show.

    Example: [bold]cosim release show reactor@1.0.0[/bold]
    """
    from cosim.release.state import next_state

    registry = opened()
    release = registry.release(title)
    if file is not None:
        typer.echo(plain(_text_of(registry, release, file)))
        return
    target = next_state(release)
    findings = registry.findings(release, target) if target else []
    if as_json:
        from dataclasses import asdict

        document: dict[str, Any] = {
            "release": title,
            "state": release.state,
            "manifest": release.manifest,
            "files": release.hashes,
            "events": [asdict(event) for event in release.events],
            "gates": [asdict(finding) for finding in findings],
        }
        typer.echo(json.dumps(document, indent=2))
        return
    typer.echo(f"{title}: {release.state}\n  for     {release.manifest['intended_use']}")
    for limit in release.manifest["limits"]:
        typer.echo(plain(f"  limit   {limit}"))
    for event in release.events:
        step = event.facts["to"] if event.event == "promote" else event.facts.get("gate", "")
        reason = f": {event.reason}" if event.reason else ""
        typer.echo(plain(f"  {event.time[:19].replace('T', ' ')}  {event.event} {step}  {event.by.name}{reason}"))
    for finding in findings:
        typer.echo(plain(f"  gate {finding.gate}: {finding.state}: {finding.text}"))


def _text_of(registry: Registry, release: Release, file: str) -> str:
    from cosim.release.gates import LARGEST

    if file not in release.hashes:
        raise ReleaseError(f"{release.title} has no '{file}'. It has {', '.join(sorted(release.hashes))}.")
    return registry.objects.read(release.hashes[file], LARGEST).decode("utf-8", "replace")


@app.command("report")
def report(
    title: TITLE,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write, .html or .pdf.", show_default=False)
    ] = None,
) -> None:
    """Write the validation report: requirements, gates, evidence, deviations, signatures.

    Example: [bold]cosim release report reactor@1.0.0 --out reactor.pdf[/bold]
    """
    from cosim.release.report import write_report

    file = out or Path(f"{title.replace('@', '-')}.html")
    write_report(opened(), title, file)
    typer.echo(str(file))


@app.command("export")
def export(
    title: TITLE,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="ZIP file to write.", show_default=False)] = None,
) -> None:
    """Write a release as one archive for others: RO-Crate, with files, signed records, provenance (PROV) and report.

    Example: [bold]cosim release export reactor@1.0.0 --out reactor.zip[/bold]
    """
    from cosim.release.crate import write_crate

    file = out or Path(f"{title.replace('@', '-')}.zip")
    write_crate(opened(), title, file)
    typer.echo(str(file))


@app.command("find")
def find(
    text: Annotated[str, typer.Argument(help="A file, the beginning of a hash, or part of a name or use.")],
    as_json: JSON = False,
) -> None:
    """Find the releases that hold a file.

    Example: [bold]cosim release find fmus/reactor.fmu[/bold]
    """
    from dataclasses import asdict

    from cosim.release.index import search

    file = Path(text)
    if file.is_file():
        import hashlib

        with file.open("rb") as content:
            text = hashlib.file_digest(content, "sha256").hexdigest()
    found = search(opened(), text)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=2))
    for one in found if not as_json else ():
        typer.echo(f"{one.title:<28} {one.state:<10} {one.sha256[:12]}  {one.path}")


def opened() -> Registry:
    """Open the registry of this folder."""
    from cosim.release.registry import find_registry, open_registry

    return open_registry(find_registry())


def unlocked(person: str, key: Path | None) -> SecretKey:
    """Open the key of ``person`` with the passphrase that he is asked for."""
    from cosim.cli.asking import ask_secret
    from cosim.release.keyring import PASSPHRASE_VARIABLE, key_file, open_key

    def ask() -> str:
        show_line(f"{person} signs.")
        return ask_secret("Passphrase", "the passphrase", f"set {PASSPHRASE_VARIABLE}")

    return open_key(key or key_file(person), ask)


def author(registry: Registry, person: str, key: Path | None) -> SecretKey:
    """Open the key of ``person``, who proposes something: refused before any work is done where it will not be his."""
    signer = registry.people().author(person)
    secret = unlocked(person, key)
    if secret.public != signer.key:
        raise SignatureError(f"The key is not the one that was admitted for '{person}'.")
    return secret


def _signed(title: str, event: str, facts: dict[str, Any], person: str, key: Path | None, reason: str) -> Any:  # noqa: ANN401
    from cosim.release.registry import Request

    registry = opened()
    registry.release(title)
    return registry.sign(title, Request(event, facts, person, unlocked(person, key), reason))
