"""``cosim report``: the report of a run, as a page or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cosim.cli.options import JSON


def report(
    run: Annotated[
        Path, typer.Argument(help="Folder of a run, or results/<scenario> for its latest.", show_default=False)
    ],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Where to write report.html.")] = None,
    as_json: JSON = False,
) -> None:
    """Write the report of a run again, or print its figures as JSON.

    Example: [bold]cosim report results/hello --json[/bold]
    """
    import json

    from cosim.results import load, report_json
    from cosim.results.report import write_report

    result = load(run)
    if as_json:
        typer.echo(json.dumps(report_json(result), indent=2, allow_nan=False))
        return
    path = out or result.folder / "report.html"
    write_report(result, path)
    typer.echo(str(path))
