"""``cosim export`` and ``cosim import``: systems for other tools, and from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cosim.cli.options import PARAMETERS, parse_parameters


def export_system(
    scenario: Annotated[Path, typer.Argument(help="Scenario file.", show_default=False)],
    ssp: Annotated[bool, typer.Option("--ssp", help="As a System Structure Package.")] = False,
    fmu: Annotated[bool, typer.Option("--fmu", help="As one FMU that holds those of the components.")] = False,
    components: Annotated[
        str | None, typer.Option(metavar="A,B", help="With --fmu: only these.", show_default=False)
    ] = None,
    phase: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --fmu: as in this phase.", show_default=False)
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write.", show_default=False)] = None,
    parameters: PARAMETERS = None,
) -> None:
    """Write a scenario for other tools.

    Example: [bold]cosim export scenarios/hello.yaml --ssp[/bold]
    """
    from cosim.cli.progress import progress_display
    from cosim.interchange.fmu_export import export_fmu
    from cosim.interchange.ssp_writer import export_ssp
    from cosim.preparation import prepare
    from cosim.run import ALGORITHMS

    if ssp == fmu:
        raise typer.BadParameter("say as what: --ssp or --fmu.", param_hint="--ssp")
    if ssp and (components or phase):
        raise typer.BadParameter("a package holds the whole scenario: leave out --components and --phase.")
    with progress_display(is_shown=True) as display:
        prepared = prepare(scenario, parse_parameters(parameters), ALGORITHMS, on_built=display.built)
    try:
        if ssp:
            path = export_ssp(prepared, out or Path(f"{scenario.stem}.ssp"), _note)
        else:
            names = None if components is None else [name.strip() for name in components.split(",")]
            path = export_fmu(prepared, out or Path(f"{scenario.stem}.fmu"), _note, components=names, phase=phase)
    finally:
        for component in prepared.components.values():
            component.close()
    typer.echo(str(path))


def _note(remark: str) -> None:
    typer.echo(f"note: {remark}")


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
