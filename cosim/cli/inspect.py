"""``cosim inspect``: what an FMU is, what it offers, and what will not work with it here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cosim.cli.options import JSON, PARAMETERS, parse_parameters

if TYPE_CHECKING:
    from cosim.fmu import FmuFile
    from cosim.system.variable import Variable


def inspect(
    file: Annotated[Path, typer.Argument(help="FMU file, or the folder of a surrogate.", show_default=False)],
    show_all: Annotated[
        bool,
        typer.Option("--all", "-a", help="Show every variable, also local ones and beyond the first 40 of a kind."),
    ] = False,
    probe: Annotated[
        bool,
        typer.Option("--probe", help="Try it in processes of its own; write Vendor.intake.json and .html beside it."),
    ] = False,
    draft: Annotated[
        bool, typer.Option("--map", help="Print a first map from its names to ours, for a component's 'map'.")
    ] = False,
    step: Annotated[
        str | None, typer.Option("--step", metavar="TIME", help="Communication step of the trials, as in '10 s'.")
    ] = None,
    parameters: PARAMETERS = None,
    interface: Annotated[
        str | None, typer.Option("--fmi", metavar="TYPE", help="co-simulation or model-exchange, where it has both.")
    ] = None,
    patience: Annotated[
        str, typer.Option("--patience", metavar="TIME", help="How long it may be silent before it counts as hanging.")
    ] = "60 s",
    as_json: JSON = False,
) -> None:
    """Show variables with units, capabilities, ports, and what will not work here.

    Nothing is run, the FMU's own code is not touched, unless --probe asks for it. Of a surrogate it shows how good it
    is and which input drives which output.

    Example: [bold]cosim inspect fmus/Vendor.fmu --probe[/bold]
    """
    if file.is_dir() and file.suffix != ".fmu":
        from cosim.cli.packages import show_package

        asked = {
            "--all": show_all,
            "--probe": probe,
            "--map": draft,
            "--step": step,
            "--set": parameters,
            "--fmi": interface,
        }
        if for_an_fmu := [option for option, value in asked.items() if value]:
            raise typer.BadParameter(
                f"'{file}' is a folder, as of a surrogate; this is for an FMU.", param_hint=for_an_fmu
            )
        show_package(file, as_json=as_json)
        return
    if probe:
        raise typer.Exit(_probe(file, step, parse_parameters(parameters), interface, patience, as_json=as_json))
    from cosim.fmu import open_fmu

    with open_fmu(file) as fmu:
        if draft:
            from cosim.intake.mapping import draft_map

            typer.echo(draft_map(fmu.description), nl=False)
        elif as_json:
            import json

            typer.echo(json.dumps(as_data(fmu), indent=2, ensure_ascii=False))
        else:
            from cosim.cli.inspection import show

            show(fmu, show_all=show_all)


def _probe(
    file: Path, step: str | None, starts: dict[str, str], interface: str | None, patience: str, *, as_json: bool
) -> int:
    """Try the FMU; return 0 where some algorithm can use it, else 3."""
    from cosim.cli.intake import show_report, try_out
    from cosim.results.document import encode
    from cosim.units import duration_ticks

    if interface not in (None, "co-simulation", "model-exchange"):
        raise typer.BadParameter(f"'{interface}' is neither co-simulation nor model-exchange.", param_hint="--fmi")
    report, page = try_out(
        file,
        interface={"co-simulation": "Co-Simulation", "model-exchange": "Model Exchange"}.get(interface or ""),  # type: ignore[arg-type]
        step=None if step is None else duration_ticks(step),
        starts=starts,
        patience=duration_ticks(patience) / 1e9,
        is_shown=not as_json,
    )
    if as_json:
        typer.echo(encode(report, indent=2))
    else:
        show_report(report, page)
    return 0 if report.is_usable else 3


def as_data(fmu: FmuFile) -> dict[str, Any]:
    """Return everything ``cosim inspect`` knows as JSON values; times in seconds, sizes in bytes."""
    from dataclasses import asdict

    from cosim.fmu.limits import find_limits

    facts = asdict(fmu.facts)
    for name in ("without_unit", "unit_names", "log_categories", "oddities", "platforms", "interface_types"):
        facts[name] = list(facts[name])
    description = fmu.description
    terminals = {one.name for one in fmu.facts.terminals if not one.no_port}
    limits = find_limits(fmu)
    return {
        "file": str(fmu.path),
        "sha256": fmu.sha256,
        "interface_type": fmu.interface_type,
        "runs_here": not any(limit.severity == "stop" for limit in limits),
        **facts,
        "capabilities": asdict(description.capabilities),
        "will_not_work": [asdict(limit) for limit in limits],
        "ports": {
            name: {
                "direction": port.direction.value,
                "medium": port.medium.value,
                "species": list(port.species),
                "has_totals": port.has_totals,
                "has_temperature": port.has_temperature,
                "has_demand": port.has_demand,
                "known_by": "terminal" if name in terminals else "names",
            }
            for name, port in description.ports.items()
        },
        "species": {name: asdict(species) for name, species in description.species.items()},
        "variables": [_variable(fmu, variable) for variable in description.variables.values()],
    }


def _variable(fmu: FmuFile, variable: Variable) -> dict[str, Any]:
    """Return the stated facts of a variable; what is not stated is left out."""
    start = variable.start.hex() if isinstance(variable.start, bytes) else variable.start
    depends = fmu.description.feedthrough.get(variable.name)
    stated = {
        "name": variable.name,
        "causality": variable.causality.value,
        "variability": variable.variability.value,
        "type": variable.type.value,
        "unit": variable.unit,
        "display_unit": variable.display_unit,
        "start": _finite(start),
        "min": _finite(variable.minimum),
        "max": _finite(variable.maximum),
        "nominal": _finite(variable.nominal),
        "description": variable.description or None,
        "enumeration": dict(variable.enumeration) or None,
        "shape": list(variable.shape) or None,
        "depends_on": None if depends is None else sorted(depends),
    }
    return {key: value for key, value in stated.items() if value is not None}


def _finite(value: object) -> object:
    """Write what JSON has no number for as text."""
    import math

    if isinstance(value, tuple):
        return [_finite(one) for one in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
