"""``cosim serve``: FMUs run here for scenarios on other machines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cosim.cli.messages import plain, show_line, show_warning
from cosim.cli.serving import LOOPBACK, ending_by_signals
from cosim.errors import FmuError

if TYPE_CHECKING:
    from cosim.hosting.network.store import AbstractStore

DEFAULT_INSTANCES: Final = 32


def serve(
    port: Annotated[int, typer.Option(help="Port to listen at; 0 takes any that is free.", min=0, max=65535)] = 7070,
    bind: Annotated[str, typer.Option(help="Address to listen at; 0.0.0.0 is all of this machine's.")] = "127.0.0.1",
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the token; a new one is written where there is none.", show_default=False),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(help="The token itself, which other users of this machine can then see.", show_default=False),
    ] = None,
    only: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Run only FMUs that lie here; take no others.", show_default=False),
    ] = None,
    instances: Annotated[int, typer.Option(help="How many FMUs may run at once.", min=1)] = DEFAULT_INSTANCES,
) -> None:
    """Run FMUs here for scenarios on other machines, which write `host: tcp://this-machine:7070`.

    A client is whoever has the token; what passes between is encrypted. Each FMU runs in a process of its own, as you.

    Example: [bold]cosim serve --token-file token.txt --bind 0.0.0.0[/bold]
    """
    from importlib.util import find_spec

    if find_spec("zmq") is None:
        raise FmuError("FMUs are served over ZeroMQ: pip install 'bioprocess-cosim[remote]'.")
    from cosim.hosting.network.keys import can_encrypt, keys_of
    from cosim.hosting.network.server import Endpoint, Server

    if not can_encrypt():
        raise FmuError("This ZeroMQ cannot encrypt (CURVE), so that nothing is served: pip install pyzmq.")
    keys = keys_of(_token(token, token_file))
    server = Server(Endpoint(bind, port), keys, _store(only), instances, _show)
    with ending_by_signals(server.stop):
        try:
            _explain(bind, server.port)
            server.run()
        finally:
            server.close()
    raise KeyboardInterrupt


def _show(event: str) -> None:
    """Print what happens, at which time, without what a client may have written into a name to disturb a terminal."""
    from datetime import datetime

    show_line(f"{datetime.now():%H:%M:%S} {' '.join(plain(event).splitlines())}")


def _token(token: str | None, file: Path | None) -> str:
    from cosim.hosting.network.keys import checked, find_token, write_token

    if token is not None and file is not None:
        raise FmuError("Give '--token' or '--token-file', not both.")
    if token is not None:
        show_warning("other users of this machine can see the token in its list of processes; use '--token-file'.")
        return checked(token, "of '--token'")
    if file is not None and not file.exists():
        made = write_token(file)
        show_line(f"A new token was written to '{file}'. Whoever is to run FMUs here needs a copy.")
        return made
    return find_token(file)


def _store(only: Path | None) -> AbstractStore:
    from cosim.hosting.network.store import GivenFiles, SentFiles
    from cosim.native import cache_folder

    return GivenFiles(only) if only is not None else SentFiles(cache_folder() / "served")


def _explain(bind: str, port: int) -> None:
    """Say what listening there means."""
    import getpass

    if bind not in LOOPBACK:
        show_warning(
            f"whoever reaches this machine at port {port} may try to connect, and whoever has the token runs programs "
            f"here as user {getpass.getuser()}, which FMUs are. Let a firewall admit only the machines that need it."
        )
    host = f"[{bind}]" if ":" in bind else bind
    show_line(f"Serving FMUs at tcp://{host}:{port}. Ctrl-C ends it, and them.")
