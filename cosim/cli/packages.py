"""What ``cosim inspect`` shows of the package of a surrogate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

SHOWN = ("name", "description", "created", "cosim", "source", "step", "parameters", "inputs", "outputs", "cost",
         "calibration", "metrics", "explained", "dependences")  # fmt: skip


def show_package(folder: Path, *, as_json: bool) -> None:
    """Print how good the surrogate in ``folder`` is, and what drives what in it."""
    from cosim.surrogate.hybrid.package import ARCHITECTURE, hybrid_of
    from cosim.surrogate.package import package_of, read_contents

    contents = read_contents(folder)
    package = hybrid_of(contents) if contents.architecture == ARCHITECTURE else package_of(contents)
    document = package.document
    if as_json:
        shown = {key: document[key] for key in SHOWN if key in document}
        shown |= {"folder": str(folder), "sha256": package.sha256, "architecture": contents.architecture}
        typer.echo(json.dumps(shown, indent=2, allow_nan=False, ensure_ascii=False))
        return
    typer.echo(f"{document['name']}: {contents.architecture} of {document['source']['text']}")
    if document["description"]:
        typer.echo(document["description"])
    typer.echo(f"sha256 {package.sha256}")
    _print_metrics(document["metrics"])
    if (document.get("explained") or {}).get("effects"):
        _print_effects(document["explained"]["effects"])
    typer.echo(f"{folder}/card.html")


def _print_metrics(metrics: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("on what it has not seen")
    table.add_column("value", justify="right")
    for name, value in metrics.items():
        table.add_row(str(name), f"{float(value):.2%}")
    Console(highlight=False).print(table)


def _print_effects(effects: Mapping[str, Mapping[str, float]]) -> None:
    """Print one row per factor, one column per output."""
    from rich.console import Console
    from rich.table import Table

    table = Table("total effect of", title="what drives what")
    for output in effects:
        table.add_column(str(output), justify="right")
    for factor in next(iter(effects.values())):
        table.add_row(str(factor), *(f"{float(column[factor]):.2f}" for column in effects.values()))
    Console(highlight=False).print(table)
