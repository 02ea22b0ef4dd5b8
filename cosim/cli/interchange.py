"""``cosim export`` and ``cosim import``: systems for other tools, and from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cosim.cli.options import PARAMETERS, parse_parameters


def export_system(
    scenario: Annotated[
        Path, typer.Argument(help="Scenario file, or the folder of a surrogate's package.", show_default=False)
    ],
    ssp: Annotated[bool, typer.Option("--ssp", help="As a System Structure Package.")] = False,
    fmu: Annotated[bool, typer.Option("--fmu", help="As one FMU that holds those of the components.")] = False,
    onnx: Annotated[bool, typer.Option("--onnx", help="A surrogate: a step of it as an ONNX model.")] = False,
    components: Annotated[
        str | None, typer.Option(metavar="A,B", help="With --fmu: only these.", show_default=False)
    ] = None,
    phase: Annotated[
        str | None, typer.Option(metavar="NAME", help="With --fmu: as in this phase.", show_default=False)
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write.", show_default=False)] = None,
    parameters: PARAMETERS = None,
) -> None:
    """Write a scenario or a surrogate for other tools.

    Example: [bold]cosim export scenarios/hello.yaml --ssp[/bold]
    """
    from cosim.cli.progress import progress_display
    from cosim.interchange.api import export_fmu, export_ssp

    if scenario.is_dir():
        _export_surrogate(scenario, out, is_fmu=fmu, is_onnx=onnx, others=[ssp, components, phase, parameters])
        return
    if ssp == fmu or onnx:
        raise typer.BadParameter("say as what: --ssp or --fmu, of a surrogate --fmu or --onnx.", param_hint="--ssp")
    if ssp and (components or phase):
        raise typer.BadParameter("a package holds the whole scenario: leave out --components and --phase.")
    starts = parse_parameters(parameters)
    path = out or Path(f"{scenario.stem}.{'ssp' if ssp else 'fmu'}")
    with progress_display(is_shown=True) as display:
        if ssp:
            export_ssp(scenario, path, starts, on_note=_note, on_built=display.built)
        else:
            names = None if components is None else [name.strip() for name in components.split(",")]
            export_fmu(scenario, path, starts, components=names, phase=phase, on_note=_note, on_built=display.built)
    typer.echo(str(path))


def _export_surrogate(folder: Path, out: Path | None, *, is_fmu: bool, is_onnx: bool, others: Sequence[object]) -> None:
    from cosim.substitution.export import export_surrogate

    if is_fmu == is_onnx or any(others):
        raise typer.BadParameter("of a surrogate, say --fmu or --onnx, and --out alone beside.", param_hint="--fmu")
    typer.echo(str(export_surrogate(folder, "fmu" if is_fmu else "onnx", out)))


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
    from cosim.interchange.api import import_ssp

    imported = import_ssp(package, out or Path(package.stem), plain=plain)
    for remark in imported.remarks:
        typer.echo(f"note: {remark}")
    typer.echo(str(imported.scenario))
