"""``cosim release init, key, admit, revoke, people``: the registry, and who may sign in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cosim.cli.options import JSON
from cosim.cli.release import KEY, PERSON, REASON, opened, unlocked
from cosim.cli.release_baseline import app
from cosim.errors import SignatureError

__all__ = ["app"]

_NAME = Annotated[str, typer.Option("--name", help="Printed name, such as 'Ada Lovelace'.")]
_UNTIL = Annotated[str, typer.Option("--until", metavar="DATE", help="When the key expires; default never.")]


@app.command("init")
def init(
    person: PERSON,
    name: _NAME,
    folder: Annotated[Path, typer.Argument(help="Folder of the registry.")] = Path("registry"),
    until: _UNTIL = "",
    key: KEY = None,
) -> None:
    """Begin a registry, with whoever does that as its administrator; an audit trail must be there.

    Example: [bold]cosim release init --as ada --name 'Ada Lovelace'[/bold]
    """
    from cosim.audit.ed25519 import fingerprint
    from cosim.release.chronicle import Signer
    from cosim.release.registry import found_registry

    _require_ahead(until)
    secret = unlocked(person, key)
    found_registry(folder, Signer(person, name, secret.public), secret, until)
    typer.echo(f"{folder}: begun by {name}, with the key {fingerprint(secret.public)}. Next: cosim release admit")


@app.command("key")
def make_key(
    person: Annotated[str, typer.Argument(help="Short name.", show_default=False)],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File of the key.", show_default=False)] = None,
) -> None:
    """Make a key for a person, under a passphrase that only he knows; print its public part.

    Example: [bold]cosim release key ada[/bold]
    """
    from cosim.audit.ed25519 import fingerprint
    from cosim.cli.asking import ask_secret
    from cosim.release import keyring

    def ask() -> str:
        otherwise = f"set {keyring.PASSPHRASE_VARIABLE}"
        return ask_secret("New passphrase", "the passphrase", otherwise, confirmation_prompt=True)

    file = out or keyring.key_file(person)
    key = keyring.make_key(file, ask)
    typer.echo(f"The key of {person} is in '{file}'. An administrator admits its public part, {key.public}")
    typer.echo(f"and makes sure, by another way, that its number is {fingerprint(key.public)}.")


@app.command("admit")
def admit(
    who: Annotated[str, typer.Argument(metavar="PERSON", help="Short name.", show_default=False)],
    name: _NAME,
    public: Annotated[str, typer.Option("--public", metavar="KEY", help="Public key: 64 hex digits.")],
    role: Annotated[list[str], typer.Option("--role", help="administrator, author, reviewer, approver; often.")],
    person: PERSON,
    until: _UNTIL = "",
    reason: REASON = "",
    key: KEY = None,
) -> None:
    """Let a person sign, in some roles, until his key expires or is revoked.

    Example: [bold]cosim release admit grace --name 'Grace Hopper' --public 8f3c… --role approver --as ada[/bold]
    """
    _require_ahead(until)
    facts = {"person": who, "name": name, "key": public, "roles": role, "until": until}
    _decide("admit", facts, person, key, reason)
    typer.echo(f"{name} may sign as {', '.join(role)}{f' until {until}' if until else ''}.")


@app.command("revoke")
def revoke(
    who: Annotated[str, typer.Argument(metavar="PERSON", help="Short name.", show_default=False)],
    reason: REASON,
    person: PERSON,
    key: KEY = None,
) -> None:
    """End somebody's right to sign; what he has signed before stands.

    Example: [bold]cosim release revoke grace --reason 'Has left' --as ada[/bold]
    """
    _decide("revoke", {"person": who}, person, key, reason)
    typer.echo(f"{who} can no longer sign.")


@app.command("policy")
def policy(
    file: Annotated[Path | None, typer.Argument(help="JSON file with the new policy.", show_default=False)] = None,
    person: Annotated[str, typer.Option("--as", metavar="PERSON", help="Administrator who signs.")] = "",
    reason: REASON = "",
    key: KEY = None,
) -> None:
    """Show which gates each kind of release must have, or change that for releases made from now on.

    Example: [bold]cosim release policy[/bold]
    """
    if file is None:
        typer.echo(json.dumps(opened().people().policy(), indent=2))
        return
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"'{file}' cannot be read as JSON: {error}.", param_hint="FILE") from error
    if not isinstance(facts, dict):
        raise typer.BadParameter(f"'{file}' holds no mapping of kinds to states to gates.", param_hint="FILE")
    _decide("policy", facts, person, key, reason)
    typer.echo("Releases made from now on must have these gates.")


@app.command("people")
def people(as_json: JSON = False) -> None:
    """List who may sign what.

    Example: [bold]cosim release people[/bold]
    """
    from dataclasses import asdict

    from cosim.audit.ed25519 import fingerprint

    found = opened().people().persons
    if as_json:
        typer.echo(json.dumps([asdict(person) for person in found], indent=2))
        return
    for person in found:
        ends = f"until {person.until}" if person.until else ""
        ends = f"revoked: {person.revoked_because}" if person.revoked is not None else ends
        number = fingerprint(person.signer.key)
        typer.echo(
            f"{person.signer.person:<12} {person.signer.name:<24} {number}  {', '.join(person.roles)}  {ends}".rstrip()
        )


def _require_ahead(until: str) -> None:
    """Raise SignatureError where a key would have expired as it is admitted: it cannot be admitted again."""
    from datetime import UTC, datetime

    from cosim.release.people import moment

    if until and moment(until) <= datetime.now(UTC):
        raise SignatureError(f"--until {until} lies in the past: the key could never sign. Give a later date.")


def _decide(event: str, facts: dict[str, Any], person: str, key: Path | None, reason: str) -> None:
    from cosim.release.registry import PEOPLE, Request

    opened().sign(PEOPLE, Request(event, facts, person, unlocked(person, key), reason))
