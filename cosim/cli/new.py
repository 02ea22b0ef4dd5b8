"""``cosim new``: a project folder with a scenario that runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

_README = """# {name}

```
cosim run scenarios/{scenario}.yaml
```

`scenarios/` holds what is simulated, `modelica/` classes of your own, `fmus/` what is built and FMUs of others,
`results/` what comes out.
"""
_FMUS = "FMUs that `cosim build` makes, and those of others; a scenario names the latter by path.\n"
_IGNORED = "/fmus/*\n!/fmus/README.md\n/results/\n"


def new(
    folder: Annotated[Path, typer.Argument(help="Folder to create.", show_default=False)],
    scenario: Annotated[str, typer.Option("--from", help="Scenario to start from.")] = "hello",
) -> None:
    """Start a project: a folder with a scenario that runs.

    Example: [bold]cosim new my-study && cd my-study && cosim run scenarios/hello.yaml[/bold]
    """
    source = _shipped(scenario)
    _check_free(folder)
    files = {
        "README.md": _README.format(name=folder.resolve().name, scenario=scenario),
        "fmus/README.md": _FMUS,
        ".gitignore": _IGNORED,
        f"scenarios/{scenario}.yaml": source.read_text(encoding="utf-8"),
    }
    for companion in sorted(source.parent.glob(f"{scenario}.*")):
        if companion != source:
            files[f"scenarios/{companion.name}"] = companion.read_text(encoding="utf-8")
    _write(folder, files)
    typer.echo(f"{folder}: ready. Next: cd {folder} && cosim run scenarios/{scenario}.yaml")


def _write(folder: Path, files: Mapping[str, str]) -> None:
    from cosim.errors import ScenarioError

    try:
        for name in ("scenarios", "modelica", "fmus"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ScenarioError(
            f"Cannot create the project '{folder}': {error.strerror} ('{error.filename}'). Choose another folder."
        ) from error


def _shipped(scenario: str) -> Path:
    from cosim.errors import ScenarioError
    from cosim.shipped import scenarios_folder

    place = scenarios_folder()
    known = sorted(path.stem for path in place.glob("*.yaml")) if place else []
    if place is None or scenario not in known:
        raise ScenarioError(f"No scenario '{scenario}' comes with cosim; there are: {', '.join(known) or 'none'}.")
    return place / f"{scenario}.yaml"


def _check_free(folder: Path) -> None:
    from cosim.errors import ScenarioError

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ScenarioError(
            f"'{folder}' exists and is not empty. Choose another folder, so that nothing is overwritten."
        )
