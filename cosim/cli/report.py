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
    from cosim.shadowing.reporting import plant_section
    from cosim.shadowing.session_folder import tags_of

    result = load(run)
    if as_json:
        typer.echo(json.dumps(report_json(result), indent=2, allow_nan=False))
        return
    path = out or result.folder / "report.html"
    tags = tags_of(result.folder)
    write_report(result, path, plant_section(result.folder, tags) if tags is not None else None)
    typer.echo(str(path))
