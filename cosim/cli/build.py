"""``cosim build``: Modelica classes to FMUs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cosim.cli.messages import show_warning, showing_warnings
from cosim.cli.options import JSON

if TYPE_CHECKING:
    from cosim.build.builder import BuiltFmu

_CLASSES = typer.Argument(metavar="[CLASS]...", help="Qualified class names; default every class in the Fmus packages.")
_PATH = typer.Option("--path", "-I", help="Library folder or .mo file to look in; may be given often.")
_OUTPUT = typer.Option("--output", "-o", help="Folder for the FMUs; default fmus/ of the project.")
_FMI = typer.Option("--fmi", help="FMI versions, separated by commas.")
_PLATFORM = typer.Option("--platform", help="Platforms, separated by commas: linux64, win64, darwin64, aarch64, …")
_STRUCTURE = typer.Option("--structure", metavar="NAME=VALUE", help="Change a structural parameter, as in n_cells=200.")
_COMPILER = typer.Option("--compiler", help="cosim, or omc for an installed OpenModelica.")
_JOBS = typer.Option("--jobs", "-j", min=1, help="Classes compiled at the same time; default one per core.")


def build(
    classes: Annotated[list[str] | None, _CLASSES] = None,
    path: Annotated[list[Path] | None, _PATH] = None,
    output: Annotated[Path | None, _OUTPUT] = None,
    fmi: Annotated[str, _FMI] = "2.0,3.0",
    platform: Annotated[str | None, _PLATFORM] = None,
    structure: Annotated[list[str] | None, _STRUCTURE] = None,
    compiler: Annotated[str, _COMPILER] = "cosim",
    jobs: Annotated[int | None, _JOBS] = None,
    as_json: JSON = False,
) -> None:
    """Build FMUs from Modelica; what is up to date is left alone.

    Example: [bold]cosim build BioProcess.Fmus.FedBatchReactor --platform linux64,win64[/bold]
    """
    from cosim.build import builder

    _require_known("--fmi", _listed(fmi), builder.FMI_VERSIONS)
    _require_known("--platform", _listed(platform or ""), builder.PLATFORM_NAMES)
    _require_known("--compiler", [compiler], builder.COMPILERS)
    with showing_warnings(show_warning):
        built = builder.build(
            classes or None,
            search_path=_existing(path or []),
            output=output,
            fmi_versions=_listed(fmi),
            platforms=_listed(platform or "") or None,
            structure=_parse_structure(structure or []),
            compiler=compiler,
            jobs=jobs,
            progress=partial(_tell, is_shown=not as_json),
        )
    if as_json:
        _print_json(built)


def _listed(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _require_known(option: str, given: list[str], known: Iterable[str]) -> None:
    for item in given:
        if item not in known:
            raise typer.BadParameter(f"'{option} {item}' is not known; choose from {', '.join(known)}.")


def _existing(paths: list[Path]) -> list[Path]:
    for path in paths:
        if not path.exists():
            raise typer.BadParameter(f"Cannot look for Modelica classes in {path}: there is no such file or folder.")
    return paths


def _parse_structure(texts: list[str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise typer.BadParameter(f"'--structure {text}' is not of the form name=value.")
        values[name.strip()] = _parse_value(value.strip())
    return values


def _parse_value(text: str) -> object:
    """Read a Modelica literal: a Boolean, a whole or a real number; anything else is an enumeration item."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _tell(fmu: BuiltFmu, *, is_shown: bool) -> None:
    from cosim.audited import note_build

    note_build(fmu)
    if not is_shown:
        return
    state = "up to date" if fmu.is_cached else f"built in {fmu.seconds:.1f} s"
    typer.echo(f"{fmu.class_name}  FMI {fmu.fmi_version}  {state}  {fmu.path}")


def _print_json(built: list[BuiltFmu]) -> None:
    import json

    rows = [
        {
            "class": fmu.class_name,
            "fmi_version": fmu.fmi_version,
            "path": str(fmu.path),
            "sha256": fmu.sha256,
            "cached": fmu.is_cached,
            "seconds": round(fmu.seconds, 3),
        }
        for fmu in built
    ]
    typer.echo(json.dumps(rows, indent=2))
