"""``cosim shadow A.yaml B.yaml``: several shadows of one plant, each in a process of its own, on one page."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cosim.cli.link_options import PASSWORD
from cosim.cli.messages import show_line, show_warning
from cosim.cli.page_options import PageOptions, serving_page
from cosim.errors import ScenarioError

if TYPE_CHECKING:
    from cosim.live.endpoint import Endpoint

RESULT = "result"
"""The kind of message that a shadow ends with."""


def follow_several(
    files: Sequence[Path],
    endpoint: Endpoint,
    *,
    until: str | None,
    out: Path | None,
    page: PageOptions | None,
    is_quiet: bool,
) -> tuple[dict[str, Any], int]:
    """Follow the plant at ``endpoint`` with the shadows of ``files`` until all have ended, or somebody stops them.

    Returns what each told at its end, by name, and the exit code.
    """
    from cosim.cli.run import StopFlag
    from cosim.shadowing.displayed import Displayed
    from cosim.shadowing.side_by_side import Shadows

    by_name = _by_name(files)
    _prepare_certificate(endpoint)
    results: dict[str, Any] = {}
    shown = {name: Displayed() for name in by_name}

    def hear(name: str, message: Mapping[str, Any]) -> None:
        if message["kind"] == RESULT:
            results[name] = message[RESULT]
        else:
            shown[name].take(message)

    def ended(name: str, code: int) -> None:
        is_failed = code not in (0, 130)
        shown[name].take({"kind": "over", "text": "failed" if is_failed else "ended"})
        if is_failed:
            show_warning(f"the shadow '{name}' has failed; the others go on.")

    commands = {name: _command(file, endpoint, until, out, is_quiet=is_quiet) for name, file in by_name.items()}
    secrets = {PASSWORD: endpoint.password} if endpoint.password is not None else {}
    flag, lock = StopFlag(), threading.Lock()

    def say(name: str, line: str) -> None:
        with lock:
            show_line(f"{name}: {line}")

    with flag.listening(), ExitStack() as stack:
        if page is not None:
            stack.enter_context(serving_page(page, shown))
        shadows = stack.enter_context(Shadows(commands, hear, say, secrets))
        flag.defer()
        codes = shadows.wait(flag.is_set, ended)
    return results, _worst([codes.get(name, 3) for name in by_name])


def _worst(codes: Sequence[int]) -> int:
    return 0 if not any(codes) else 130 if set(codes) <= {0, 130} else 3


def _by_name(files: Sequence[Path]) -> dict[str, Path]:
    """Return ``files`` by the names of their shadows.

    Raises
    ------
    CosimError
        When one cannot be used, or two have the same name.
    """
    from cosim.shadowing.shadow import read_plan

    found: dict[str, Path] = {}
    for file in files:
        name = read_plan(file).file.name
        if name in found:
            raise ScenarioError(f"'{found[name]}' and '{file}' are both called '{name}'. Give one another name.")
        found[name] = file
    return found


def _prepare_certificate(endpoint: Endpoint) -> None:
    """Make our certificate before several processes would do that at once."""
    if endpoint.security is None or endpoint.pki is None:
        return
    import asyncio

    from cosim.live.opcua.pki import CLIENT_URI, own_certificate

    asyncio.run(own_certificate(endpoint.pki, CLIENT_URI))


def _command(file: Path, endpoint: Endpoint, until: str | None, out: Path | None, *, is_quiet: bool) -> list[str]:
    from cosim.processes import command_of
    from cosim.shadowing.shadow import read_plan

    options = {
        "--plant": endpoint.url,
        "--security": endpoint.security,
        "--user": endpoint.user,
        "--pki": endpoint.pki,
        "--until": until,
        "--out": out / read_plan(file).file.name if out is not None else None,
    }
    given = [f"{key}={value}" for key, value in options.items() if value is not None]
    flags = ["--tied", *(["--trust"] if endpoint.may_trust else []), *(["--quiet"] if is_quiet else [])]
    return [*command_of("cosim"), "shadow", str(file), *given, *flags]


def print_several(results: Mapping[str, Any], *, as_json: bool) -> None:
    """Print how far each twin and the plant were apart."""
    from cosim.cli.shadow_lines import print_mismatches

    if as_json:
        typer.echo(json.dumps(results, indent=2, allow_nan=False))
        return
    for name, told in results.items():
        print_mismatches(told, name)
