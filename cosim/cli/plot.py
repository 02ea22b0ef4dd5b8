"""``cosim plot``: trajectories of a run as a picture, or in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def plot(
    run: Annotated[
        Path, typer.Argument(help="Folder of a run, or results/<scenario> for its latest.", show_default=False)
    ],
    names: Annotated[list[str], typer.Argument(help="Variables, as in reactor.titre.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Picture to write: .png or .svg [default: shown as text].")
    ] = None,
) -> None:
    """Plot variables of a run over time.

    Example: [bold]cosim plot results/hello reactor.titre --out titre.svg[/bold]
    """
    from cosim.results import load
    from cosim.results.plot import plot_file, plot_text

    result = load(run)
    if out is None:
        typer.echo(plot_text(result, names))
    else:
        plot_file(result, names, out)
        typer.echo(str(out))
