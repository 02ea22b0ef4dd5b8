"""``cosim train``: surrogates made from training files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cosim.cli.messages import show_line
from cosim.cli.options import JSON
from cosim.errors import ScenarioError

if TYPE_CHECKING:
    from cosim.substitution.teaching import Listeners, Taught
    from cosim.surrogate.search import Trial
    from cosim.surrogate.training import Progress


def train(
    files: Annotated[list[Path], typer.Argument(help="Training files.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the package; default surrogates/<name>.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", help="Processes that sample; default one per core, 0: this one.", min=0),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: JSON = False,
) -> None:
    """Train surrogates: sample an FMU, learn, judge by runs not seen, and write a package.

    A file that begins with 'hybrid:' puts a network into an FMU and fits it to measured experiments.
    What was sampled is kept, and a training that was interrupted goes on when it is started again.
    Exit code 0 good, 2 wrong input, 3 failed, 130 stopped.

    Example: [bold]cosim train scenarios/surrogates/fed_batch_reactor.yaml[/bold]
    """
    from cosim.substitution.teaching import train as make
    from cosim.surrogate.hybrid.parse import is_hybrid

    if out is not None and len(files) > 1:
        raise ScenarioError("--out is the folder of one package. Give one file, or leave it out.")
    for file in files:
        if is_hybrid(file):
            _train_hybrid(file, out, is_shown=not quiet, as_json=as_json)
            continue
        taught = make(file, out=out, workers=workers, listeners=listeners_of(is_shown=not quiet))
        if as_json:
            typer.echo(json.dumps(_document(taught), indent=2, allow_nan=False, ensure_ascii=False))
        else:
            _print(taught)


def _train_hybrid(file: Path, out: Path | None, *, is_shown: bool, as_json: bool) -> None:
    from cosim.substitution.hybrid.teaching import HybridListeners, train_hybrid

    def fitted(member: int, step: int, squares: float) -> None:
        show_line(f"member {member}: step {step} of the fit, sum of squares {squares:.4g}")

    listeners = HybridListeners(lambda text: show_line(f"built {text}"), fitted) if is_shown else HybridListeners()
    taught = train_hybrid(file, out=out, listeners=listeners)
    package = taught.package
    if as_json:
        document = {
            "surrogate": package.name, "folder": str(package.folder), "sha256": package.sha256,
            "metrics": dict(taught.metrics), "seconds": taught.seconds,
        }  # fmt: skip
        typer.echo(json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False))
        return
    _print_table(f"{package.name}: hybrid", "on experiments not seen", taught.metrics)
    typer.echo(f"{package.folder}/card.html   trained in {taught.seconds:.0f} s of CPU time")


def _print_table(title: str, head: str, metrics: Mapping[str, float], more: Mapping[str, str] | None = None) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(head, title=title)
    table.add_column("value", justify="right")
    for name, value in metrics.items():
        table.add_row(name, f"{value:.2%}")
    for name, text in (more or {}).items():
        table.add_row(name, text)
    Console(highlight=False).print(table)


def listeners_of(*, is_shown: bool) -> Listeners:
    """Show where a training stands, or nothing."""
    from cosim.substitution.teaching import Listeners

    if not is_shown:
        return Listeners()
    tenths = [0]

    def sampled(n_done: int, n: int) -> None:
        if n_done * 10 // n > tenths[0]:
            tenths[0] = n_done * 10 // n
            show_line(f"sampled {n_done} of {n} runs")

    def trained(progress: Progress) -> None:
        show_line(
            f"trained {progress.fraction:4.0%}: {progress.iteration} iterations, rollouts of {progress.horizon}, "
            f"validation NRMSE {progress.score:.2%}"
        )

    def tried(n: int, trial: Trial) -> None:
        options = ", ".join(f"{name} {value}" for name, value in trial.options.items())
        score = "broke down" if trial.score is None else f"validation NRMSE {trial.score:.2%}"
        show_line(f"tried {n}: {options}: {score}")

    return Listeners(lambda text: show_line(f"built {text}"), sampled, trained, show_line, tried)


def _document(taught: Taught) -> dict[str, object]:
    package = taught.package
    return {
        "surrogate": package.name,
        "folder": str(package.folder),
        "sha256": package.sha256,
        "metrics": dict(taught.metrics),
        "cost": dict(package.document["cost"]),
        "seconds": taught.seconds,
        "failed_runs": taught.n_failed,
    }


def _print(taught: Taught) -> None:
    package = taught.package
    cost = package.document["cost"]
    steps = {"FMU, a step": f"{cost['fmu'] * 1e6:.0f} µs", "surrogate, a step": f"{cost['surrogate'] * 1e6:.0f} µs"}
    title = f"{package.name}: {package.document['architecture']['name']}"
    _print_table(title, "on runs not seen", taught.metrics, steps)
    typer.echo(f"{package.folder}/card.html   trained in {taught.seconds:.0f} s of CPU time")
