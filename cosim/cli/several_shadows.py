"""``cosim shadow A.yaml B.yaml``: several shadows of one plant, each in a process of its own, on one page."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cosim.cli.link_options import PASSWORD
from cosim.cli.messages import show_line, show_warning
from cosim.cli.page_options import PageOptions, serving_page
from cosim.errors import RequestError, ScenarioError

if TYPE_CHECKING:
    from cosim.live.endpoint import Endpoint
    from cosim.shadowing.shadow import Plan

RESULT = "result"
"""The kind of message that a shadow ends with."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of several shadows: its file, the folder that it goes on with, and why it is armed, where it is."""

    file: Path
    resume: Path | None = None
    arm: str | None = None


def sides_of(files: Sequence[Path], resume: Sequence[Path], arm: str | None) -> dict[str, Side]:
    """Return the shadows of ``files`` by name; those of mode 'control' are armed where ``arm`` tells why.

    Raises
    ------
    CosimError
        When a file cannot be used, two have the same name or control the same, none or not all are gone on with, or
        none can be armed.
    """
    from cosim.acting.joining import check_armed
    from cosim.acting.sole import check_apart, controlled

    plans = _plans(files)
    folders = _folders(list(plans), resume) if resume else {}
    armed = {name: plan for name, plan in plans.items() if arm is not None and controlled(plan)}
    if arm is not None and not armed:
        raise RequestError("None of the files has a section 'act' of mode 'control', so that none can be armed.")
    for name, plan in plans.items():
        check_armed(plan, arm if name in armed else None)
    check_apart(armed)
    return {
        name: Side(plan.file.path, folders.get(name), arm if name in armed else None) for name, plan in plans.items()
    }


def _folders(names: Sequence[str], resume: Sequence[Path]) -> dict[str, Path]:
    """Return which of the folders in ``resume`` each shadow goes on with."""
    from cosim.shadowing.session_folder import name_of

    found = {name_of(folder): folder for folder in resume}
    if sorted(found) != sorted(names) or len(found) < len(resume):
        raise RequestError(
            f"The folders are those of {', '.join(sorted(map(name_of, resume)))}, the files of "
            f"{', '.join(sorted(names))}. To go on with several give --resume once for each, or begin anew without it."
        )
    return found


def follow_several(
    by_name: Mapping[str, Side],
    endpoint: Endpoint,
    *,
    until: str | None,
    out: Path | None,
    page: PageOptions | None,
    is_quiet: bool,
) -> tuple[dict[str, Any], int]:
    """Follow the plant at ``endpoint`` with several shadows until all have ended, or somebody stops them.

    Returns what each told at its end, by name, and the exit code.
    """
    from cosim.cli.run import StopFlag
    from cosim.shadowing.displayed import Displayed
    from cosim.shadowing.side_by_side import Shadows

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

    commands = {
        name: _command(name, side, endpoint, until=until, out=out, is_quiet=is_quiet) for name, side in by_name.items()
    }
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


def _plans(files: Sequence[Path]) -> dict[str, Plan]:
    """Return what ``files`` say by the names of their shadows.

    Raises
    ------
    CosimError
        When one cannot be used, or two have the same name.
    """
    from cosim.shadowing.shadow import read_plan

    found: dict[str, Plan] = {}
    for file in files:
        plan = read_plan(file)
        name = plan.file.name
        if name in found:
            raise ScenarioError(
                f"'{found[name].file.path}' and '{file}' are both called '{name}'. Give one another name."
            )
        found[name] = plan
    return found


def _prepare_certificate(endpoint: Endpoint) -> None:
    """Make our certificate before several processes would do that at once."""
    if endpoint.security is None or endpoint.pki is None:
        return
    import asyncio

    from cosim.live.opcua.pki import CLIENT_URI, own_certificate

    asyncio.run(own_certificate(endpoint.pki, CLIENT_URI))


def _command(
    name: str, side: Side, endpoint: Endpoint, *, until: str | None, out: Path | None, is_quiet: bool
) -> list[str]:
    from cosim.processes import command_of

    options = {
        "--plant": endpoint.url,
        "--security": endpoint.security,
        "--user": endpoint.user,
        "--pki": endpoint.pki,
        "--until": until,
        "--out": out / name if out is not None else None,
        "--resume": side.resume,
        "--arm": side.arm,
    }
    given = [f"{key}={value}" for key, value in options.items() if value is not None]
    flags = ["--tied", *(["--trust"] if endpoint.may_trust else []), *(["--quiet"] if is_quiet else [])]
    return [*command_of("cosim"), "shadow", str(side.file), *given, *flags]


def print_several(results: Mapping[str, Any], *, as_json: bool) -> None:
    """Print how far each twin and the plant were apart."""
    from cosim.cli.shadow_lines import print_mismatches

    if as_json:
        typer.echo(json.dumps(results, indent=2, allow_nan=False))
        return
    for name, told in results.items():
        print_mismatches(told, name)
