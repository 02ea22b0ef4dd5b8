"""``cosim check``: everything about a scenario that can be found without running it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cosim.cli.options import JSON, PARAMETERS, parse_parameters


def check(
    scenario: Annotated[Path, typer.Argument(help="Scenario file.", show_default=False)],
    parameters: PARAMETERS = None,
    as_json: JSON = False,
) -> None:
    """Find every problem of a scenario without running it.

    Names, units, causality, wiring, phases: all problems at once, each with file and line.

    Example: [bold]cosim check scenarios/mab_fed_batch.yaml[/bold]
    """
    from cosim.cli.progress import progress_display
    from cosim.run import check as check_scenario

    if as_json:
        raise typer.Exit(_print_json(scenario, parse_parameters(parameters)))
    with progress_display(is_shown=True) as display:
        found = check_scenario(scenario, parse_parameters(parameters), on_built=display.built)
    for warning in found.warnings:
        typer.echo(f"warning: {warning}")
    counts = {
        "component": found.n_components,
        "connection": found.n_connections,
        "stream": found.n_streams,
        "phase": found.n_phases,
    }
    typer.echo(f"{scenario}: good. " + ", ".join(f"{n} {name}{'s' * (n != 1)}" for name, n in counts.items()) + ".")


def _print_json(scenario: Path, parameters: dict[str, str]) -> int:
    """Print problems and warnings as JSON; return the exit code."""
    import json

    from cosim.errors import CosimError, ProblemList
    from cosim.run import check as check_scenario

    problems: list[CosimError] = []
    warnings: tuple[str, ...] = ()
    try:
        warnings = check_scenario(scenario, parameters).warnings
    except ProblemList as error:
        problems = list(error.problems)
    except CosimError as error:
        problems = [error]
    listed = [
        {
            "kind": type(problem).__name__,
            "message": problem.message,
            "file": str(problem.location.file) if problem.location else None,
            "line": problem.location.line if problem.location else None,
            "column": problem.location.column if problem.location else None,
        }
        for problem in problems
    ]
    typer.echo(json.dumps({"good": not problems, "problems": listed, "warnings": list(warnings)}, indent=2))
    return max((problem.exit_code for problem in problems), default=0)
