"""``cosim plant``: a virtual plant, served over OPC UA."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cosim.cli.link_options import (
    PASSWORD_FILE,
    PKI,
    SECURITY,
    SPEED,
    USER,
    check_security,
    find_password,
    pki_folder,
    require_asyncua,
)
from cosim.cli.messages import show_line, show_warning, showing_warnings
from cosim.cli.options import PARAMETERS, parse_parameters
from cosim.cli.serving import LOOPBACK, ending_by_signals, when_input_ends

if TYPE_CHECKING:
    from cosim.shadowing.plant import VirtualPlant
    from cosim.shadowing.virtual import PlantFiles


def plant(
    file: Annotated[Path, typer.Argument(help="Scenario, or shadow file with a plant.", show_default=False)],
    parameters: PARAMETERS = None,
    tags: Annotated[Path | None, typer.Option(help="Tag map; else all plain outputs.", show_default=False)] = None,
    faults: Annotated[Path | None, typer.Option(help="Fault script.", show_default=False)] = None,
    seed: Annotated[int | None, typer.Option(help="Replaces the seed of the fault script.", min=0)] = None,
    speed: SPEED = 1.0,
    port: Annotated[int, typer.Option(help="Port to listen at; 0 takes any that is free.", min=0, max=65535)] = 4840,
    bind: Annotated[str, typer.Option(help="Address to listen at; 0.0.0.0 is all of this machine's.")] = "127.0.0.1",
    security: SECURITY = None,
    user: USER = None,
    password_file: PASSWORD_FILE = None,
    pki: PKI = None,
    history: Annotated[bool, typer.Option(help="Keep and serve history.")] = True,
    tied: Annotated[bool, typer.Option("--tied", hidden=True, help="End when the standard input does.")] = False,
) -> None:
    """Serve a virtual plant over OPC UA: a scenario's model behind instruments, with faults, in step with the clock.

    Its namespace is urn:bioprocess-cosim:plant, its tags are below Objects/Plant. Ctrl-C ends it.

    Example: [bold]cosim plant scenarios/live/fed_batch.yaml --speed 3600[/bold]
    """
    require_asyncua()
    check_security(security, user)
    from cosim.live.opcua.server import Serving
    from cosim.shadowing.virtual import virtual_plant

    serving = Serving(bind, port, security, pki_folder(pki), user, find_password(user, password_file), history)
    files = _files(file, parameters, tags, faults)
    if bind not in LOOPBACK and not security:
        show_warning(f"whoever reaches this machine at port {port} can read and operate the plant. Give --security.")
    with showing_warnings(show_warning), virtual_plant(files, serving, speed=speed, seed=seed) as made:
        if tied:
            when_input_ends(made.stop)
        _serve(made)


def _files(file: Path, parameters: Sequence[str] | None, tags: Path | None, faults: Path | None) -> PlantFiles:
    from cosim.shadowing.virtual import plant_files

    found = plant_files(file)
    return replace(
        found,
        parameters={**found.parameters, **parse_parameters(parameters)},
        tags=tags or found.tags,
        faults=faults or found.faults,
    )


def _serve(made: VirtualPlant) -> None:
    import asyncio

    from cosim.live.deadman import Fallback

    def ready(address: str) -> None:
        show_line(f"Serving the plant at {address}. Ctrl-C ends it.")

    def lag(speed: float) -> None:
        show_warning(f"the model cannot keep a speed of {speed:g} here: the time of the batch goes slower.")

    def fall_back(fallback: Fallback) -> None:
        told = ", ".join(f"{tag} {value:g}" for tag, value in fallback.safe.items()) or "none is given"
        show_warning(f"the heartbeat at {fallback.tag} has stopped: set-points go to their safe values ({told}).")

    with ending_by_signals(made.stop):
        asyncio.run(made.run(ready, lag, fall_back))
