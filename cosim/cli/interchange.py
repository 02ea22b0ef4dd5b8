"""``cosim export`` and ``cosim import``: systems for other tools, and from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cosim.cli.options import PARAMETERS, parse_parameters


def export_system(
    scenario: Annotated[Path, typer.Argument(help="Scenario file.", show_default=False)],
    ssp: Annotated[bool, typer.Option("--ssp", help="As a System Structure Package.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write.", show_default=False)] = None,
    parameters: PARAMETERS = None,
) -> None:
    """Write a scenario for other tools.

    Example: [bold]cosim export scenarios/hello.yaml --ssp[/bold]
    """
    from cosim.cli.progress import progress_display
    from cosim.interchange.ssp_writer import export_ssp
    from cosim.preparation import prepare
    from cosim.run import ALGORITHMS

    if not ssp:
        raise typer.BadParameter("say as what: --ssp.", param_hint="--ssp")
    with progress_display(is_shown=True) as display:
        prepared = prepare(scenario, parse_parameters(parameters), ALGORITHMS, on_built=display.built)
    try:
        exported = export_ssp(prepared, out or Path(f"{scenario.stem}.ssp"))
    finally:
        for component in prepared.components.values():
            component.close()
    for remark in exported.remarks:
        typer.echo(f"note: {remark}")
    typer.echo(str(exported.path))


def import_system(
    package: Annotated[Path, typer.Argument(help="System Structure Package (.ssp).", show_default=False)],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder to create.", show_default=False)] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Leave out what cosim itself wrote into the package.")] = False,
) -> None:
    """Make a scenario of a system that another tool wrote.

    Example: [bold]cosim import plant.ssp --out plant[/bold]
    """
    from cosim.interchange.ssp_import import import_ssp
    from cosim.run import ALGORITHMS

    imported = import_ssp(package, out or Path(package.stem), ALGORITHMS, plain=plain)
    for remark in imported.remarks:
        typer.echo(f"note: {remark}")
    typer.echo(str(imported.scenario))
