"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from cosim.errors import ScenarioError

PARAMETERS = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="NAME=VALUE",
        help="Replace a parameter or start value, as in --set 'reactor.mu_max=0.04 1/h'; may be given often.",
        show_default=False,
    ),
]
WHY = Annotated[
    str,
    typer.Option("--why", metavar="TEXT", help="Reason, for the audit trail, where there is one.", show_default=False),
]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def parse_parameters(texts: Sequence[str] | None) -> dict[str, str]:
    """Turn ``['reactor.mu_max=0.04 1/h']`` into a mapping.

    Raises
    ------
    ScenarioError
        When one has no '=' or a name is given twice.
    """
    found: dict[str, str] = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name or not value.strip():
            raise ScenarioError(f"'--set {text}' is not of the form component.variable=value.")
        if name in found:
            raise ScenarioError(f"'--set' gives {name} twice.")
        found[name] = value.strip()
    return found
