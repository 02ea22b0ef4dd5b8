"""What ``cosim inspect`` shows of the package of a surrogate."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from cosim.cli.messages import plain

SHOWN = ("name", "description", "created", "cosim", "source", "step", "parameters", "inputs", "outputs", "cost",
         "calibration", "metrics", "explained", "dependences")  # fmt: skip


def show_package(folder: Path, *, as_json: bool) -> None:
    """Print how good the surrogate in ``folder`` is, and what drives what in it."""
    from cosim.surrogate.hybrid.package import ARCHITECTURE, hybrid_of
    from cosim.surrogate.package import MISMATCHES, package_of, read_contents

    contents = read_contents(folder)
    _ = hybrid_of(contents) if contents.architecture == ARCHITECTURE else package_of(contents)
    document = contents.document
    if as_json:
        shown = {key: document[key] for key in SHOWN if key in document}
        shown |= {"folder": str(folder), "sha256": contents.sha256, "architecture": contents.architecture}
        typer.echo(json.dumps(shown, indent=2, allow_nan=False, ensure_ascii=False))
        return
    try:
        tables = [_metrics(document["metrics"]), *_effects(document.get("explained"))]
        lines = [f"{document['name']}: {contents.architecture} of {document['source']['text']}"]
        lines += [str(document["description"])] if document["description"] else []
    except MISMATCHES as error:
        raise contents.mismatch(error) from error
    for line in (*lines, f"sha256 {contents.sha256}"):
        typer.echo(plain(line))
    for table in tables:
        Console(highlight=False, markup=False).print(table)
    typer.echo(f"{folder}/card.html")


def _metrics(metrics: Mapping[str, float]) -> Table:
    table = Table("on what it has not seen")
    table.add_column("value", justify="right")
    for name, value in metrics.items():
        table.add_row(plain(name), f"{float(value):.2%}")
    return table


def _effects(explained: Mapping[str, Any] | None) -> Iterator[Table]:
    """Yield one row per factor, one column per output, where effects are told."""
    effects: Mapping[str, Mapping[str, float]] = explained["effects"] if explained else {}
    if not any(effects.values()):
        return
    table = Table("total effect of", title="what drives what")
    for output in effects:
        table.add_column(plain(output), justify="right")
    for factor in next(iter(effects.values())):
        table.add_row(plain(factor), *(f"{float(column[factor]):.2f}" for column in effects.values()))
    yield table
