"""``cosim shadow``: a twin that follows a plant over OPC UA."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

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
from cosim.cli.options import JSON
from cosim.cli.page_options import PAGE, PAGE_AT, PAGE_CERTIFICATE, PAGE_TOKEN_FILE, page_options, shadow_page, teller
from cosim.cli.serving import when_input_ends
from cosim.cli.several_shadows import RESULT, follow_several, print_several, sides_of
from cosim.errors import ScenarioError

if TYPE_CHECKING:
    from cosim.acting.actions import Action
    from cosim.acting.advice import Advice
    from cosim.acting.decisions import Decision
    from cosim.cli.page_options import PageOptions
    from cosim.live.endpoint import Endpoint
    from cosim.live.record import Arrival
    from cosim.shadowing.shadow import Plan, ShadowResult

VIRTUAL: Final = "virtual"
_TELLING: Final = threading.Lock()


def shadow(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE…", help="Shadow file; several run side by side.", show_default=False),
    ] = None,
    plant: Annotated[
        str, typer.Option(metavar="PLANT", help="opc.tcp://…, or virtual: the one of the file, in another process.")
    ] = VIRTUAL,
    speed: SPEED = 1.0,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Time of the batch to stop at.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the result; default results/<shadow>/<run id>.")
    ] = None,
    resume: Annotated[
        list[Path] | None,
        typer.Option(
            "--resume",
            metavar="RUN",
            show_default=False,
            help="Go on with an interrupted shadow: its folder. Of several give each.",
        ),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option("--replay", metavar="SESSION", help="Repeat a recorded session: its folder.", show_default=False),
    ] = None,
    browse: Annotated[bool, typer.Option("--browse", help="Print a first tag map of the plant's server.")] = False,
    security: SECURITY = None,
    user: USER = None,
    password_file: PASSWORD_FILE = None,
    pki: PKI = None,
    arm: Annotated[
        str | None,
        typer.Option(
            "--arm", metavar="WHY", help="Let a twin of mode 'control' write set-points, and why.", show_default=False
        ),
    ] = None,
    accept: Annotated[
        Path | None,
        typer.Option("--accept", metavar="SESSION", help="Accept the latest advice of a session.", show_default=False),
    ] = None,
    reject: Annotated[
        Path | None,
        typer.Option("--reject", metavar="SESSION", help="Reject it: control does not follow it.", show_default=False),
    ] = None,
    why: Annotated[str, typer.Option("--why", help="The reason, for the audit trail.", show_default=False)] = "",
    trust: Annotated[bool, typer.Option("--trust", help="Trust the certificate of the first server.")] = False,
    page: PAGE = False,
    page_at: PAGE_AT = None,
    page_token_file: PAGE_TOKEN_FILE = None,
    page_certificate: PAGE_CERTIFICATE = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no cycles.")] = False,
    as_json: JSON = False,
    tied: Annotated[bool, typer.Option("--tied", hidden=True, help="Of several: end when the input does.")] = False,
) -> None:
    """Let a twin follow a plant: keep all it sends, drive the twin with it, stand both side by side.

    Several files run side by side, each in a process of its own. Nothing is written to the plant unless the file has
    a section 'act'; set-points are only with --arm. Ctrl-C ends it, hands control over and leaves a result;
    --resume goes on from there.
    Exit code 0 good, 2 wrong input, 3 failed, 130 stopped.

    Example: [bold]cosim shadow scenarios/live/fed_batch.yaml --plant virtual --speed 3600[/bold]
    """
    require_asyncua()
    check_security(security, user)
    if browse:
        _browse(plant, (security, user, password_file, pki, trust))
        return
    if accept is not None or reject is not None:
        _decide(accept, reject, why)
        return
    if not files:
        raise ScenarioError("Give the shadow file.")
    shown = page_options(page, page_at, page_token_file, page_certificate)
    _check_together(files, plant, resume or [], replay, out=out, has_page=shown is not None, is_armed=arm is not None)
    security_of_link = (security, user, password_file, pki, trust)
    if len(files) > 1:
        sides = sides_of(files, resume or [], arm)
        with _endpoint(plant, files[0], speed, security_of_link) as endpoint:
            told, code = follow_several(sides, endpoint, until=until, out=out, page=shown, is_quiet=quiet)
        print_several(told, as_json=as_json)
        if code == 130 and len(told) == len(files) and not any(item["complete"] for item in told.values()):
            _show_how_to_go_on(files, plant, [item["folder"] for item in told.values()])
        raise typer.Exit(code)
    from cosim.acting.joining import check_armed
    from cosim.shadowing.shadow import read_plan

    plan = read_plan(files[0])
    if replay is None:
        check_armed(plan, arm)
    with showing_warnings(show_warning):
        if replay is not None:
            _print(*_replay(plan, replay, out, is_quiet=quiet), as_json=as_json)
            return
        with _endpoint(plant, files[0], speed, security_of_link) as endpoint:
            result, stopped = _follow(
                plan, endpoint, until, out=out, resume=resume[0] if resume else None, is_quiet=quiet, page=shown,
                tied=tied, arm=arm,
            )  # fmt: skip
    if tied:
        from cosim.cli.shadow_lines import shadow_json

        _tell({"kind": RESULT, RESULT: shadow_json(result)})
        raise typer.Exit(130 if stopped and not result.is_over else 0)
    _print(result, [], as_json=as_json)
    if stopped and not result.is_over:
        _show_how_to_go_on(files, plant, [str(result.result.folder)])
        raise typer.Exit(130)


def _check_together(
    files: Sequence[Path],
    plant: str,
    resume: Sequence[Path],
    replay: Path | None,
    *,
    out: Path | None,
    has_page: bool,
    is_armed: bool,
) -> None:
    """Raise ScenarioError where options do not go together."""
    if resume and (replay is not None or out is not None):
        raise ScenarioError("A shadow that is resumed has its own folder: give --resume without --out and --replay.")
    if resume and plant == VIRTUAL:
        raise ScenarioError(
            "The virtual plant of before has ended with its shadow, and another begins another batch. To practise "
            "going on, start it by 'cosim plant' and give '--plant opc.tcp://…'."
        )
    if len(files) == 1 and len(resume) > 1:
        raise ScenarioError("One shadow goes on with one folder. Give --resume once.")
    if replay is None:
        return
    if has_page:
        raise ScenarioError("A session that is repeated is over at once: it has no live page. Leave out --page.")
    if len(files) > 1:
        raise ScenarioError("Sessions are repeated one at a time. Give one file.")
    if is_armed:
        raise ScenarioError("A session that is repeated writes nothing: leave out --arm.")


def _show_how_to_go_on(files: Sequence[Path], plant: str, folders: Sequence[str]) -> None:
    given = " ".join(f"--resume {folder}" for folder in folders)
    show_line(f"Go on with: cosim shadow {' '.join(map(str, files))} --plant {plant} {given}")


def _decide(accept: Path | None, reject: Path | None, why: str) -> None:
    """Say to the latest advice of a session what the user of this machine thinks of it."""
    import getpass

    from cosim.acting.advice import Verdict, in_words
    from cosim.acting.decisions import advice_in, decide

    if accept is not None and reject is not None:
        raise ScenarioError("Advice is accepted or rejected. Give one of --accept and --reject.")
    folder = accept or reject
    assert folder is not None
    given = advice_in(folder)
    if not given:
        raise ScenarioError(f"There is no advice in '{folder}'. Give the folder of a session, as --out of its shadow.")
    verdict = Verdict.REJECTED if accept is None else Verdict.ACCEPTED
    decide(folder, max(given), verdict, person=getpass.getuser(), why=why)
    show_line(f"Advice {max(given)} is {verdict.value}: {in_words(given[max(given)])}")


@contextmanager
def _endpoint(plant: str, file: Path, speed: float, options: tuple[Any, ...]) -> Iterator[Endpoint]:
    from cosim.live.endpoint import Endpoint
    from cosim.shadowing.child import plant_process

    if plant != VIRTUAL:
        yield _given(plant, options)
        return
    with plant_process(file, speed, show_line) as address:
        yield Endpoint(address)


def _given(plant: str, options: tuple[Any, ...]) -> Endpoint:
    from cosim.live.endpoint import Endpoint

    security, user, password_file, pki, trust = options
    if not plant.startswith("opc.tcp://"):
        raise ScenarioError(f"'{plant}' is no plant: give 'opc.tcp://machine:port/…', or 'virtual'.")
    if "@" in plant.split("/")[2]:
        raise ScenarioError("An address holds no user and password, which others could see. Give --user.")
    return Endpoint(plant, security, pki_folder(pki), trust, user, find_password(user, password_file))


def _browse(plant: str, options: tuple[Any, ...]) -> None:
    from cosim.live.opcua.discovery import browse

    if plant == VIRTUAL:
        raise ScenarioError("Give the server whose tags are to be found: '--browse --plant opc.tcp://…'.")
    typer.echo(browse(_given(plant, options)), nl=False)


def _tell(message: Mapping[str, object]) -> None:
    """Tell the process that has started this one; legal in any thread."""
    import json

    with _TELLING:
        typer.echo(json.dumps(message))


def _follow(
    plan: Plan,
    endpoint: Endpoint,
    until: str | None,
    *,
    out: Path | None,
    resume: Path | None,
    is_quiet: bool,
    page: PageOptions | None,
    tied: bool,
    arm: str | None,
) -> tuple[ShadowResult, bool]:
    from cosim.acting.joining import actuator_of, joined
    from cosim.cli.run import StopFlag
    from cosim.cli.shadow_lines import ShadowLines
    from cosim.shadowing.shadow import Listeners, shadow
    from cosim.units import duration_ticks

    flag, lines = StopFlag(), ShadowLines(is_shown=not is_quiet)
    actuator = actuator_of(plan, arm)
    shown = teller(plan, endpoint.url, _tell) if tied else shadow_page(page, plan, endpoint.url)
    with flag.listening(), shown as showing:

        def acted(action: Action) -> None:
            lines.acted(action)
            if showing is not None:
                showing.acted(action)

        def advised(advice: Advice) -> None:
            if showing is not None:
                showing.advised(advice)

        def decided(decision: Decision) -> None:
            if showing is not None:
                showing.decided(decision)

        with joined(
            plan, actuator, arm, advised, acted, decided=decided, should_stop=flag.is_set, plant=endpoint.url
        ) as joint:
            flag.defer()
            if tied:
                when_input_ends(flag.set)

            def arrived(arrival: Arrival) -> None:
                joint.pulse.see(arrival)
                if showing is not None:
                    showing.arrived(arrival)

            def should_stop() -> bool:
                joint.look()
                return flag.is_set()

            makers = [*joint.makers, *([showing.made] if showing is not None else [])]
            listeners = Listeners([lines], lines.heard, should_stop, warn=show_warning, makers=makers, arrived=arrived,
                                  resumed=joint.pulse.go_on, leaving=joint.leave)  # fmt: skip
            moment = duration_ticks(until) if until is not None else None
            result = shadow(
                plan, endpoint, out=out, resume=resume, until=moment, listeners=listeners, actuator=actuator
            )
            return result, flag.is_set()


def _replay(plan: Plan, recorded: Path, out: Path | None, *, is_quiet: bool) -> tuple[ShadowResult, list[str]]:
    from itertools import islice

    from cosim.acting.decisions import advice_differences
    from cosim.acting.joining import joined
    from cosim.cli.shadow_lines import ShadowLines
    from cosim.shadowing.repetition import cycles_of_each, differences
    from cosim.shadowing.shadow import Listeners, replay

    lines = ShadowLines(is_shown=not is_quiet)
    with joined(plan, None, acted=lines.acted, recorded=recorded) as joint:
        listeners = Listeners([lines], lines.heard, makers=joint.makers, warn=show_warning)
        result = replay(plan, recorded, out=out, listeners=listeners)
    folder = result.result.folder
    n_then, n_now = cycles_of_each(recorded, folder)
    last = min(n_then, n_now) - 1
    found = list(islice((*differences(recorded, folder), *advice_differences(recorded, folder, last)), 5))
    some = "" if 0 < n_then == n_now else f" in {last + 1} of the {n_then} cycles of the session"
    show_line(f"The twin says the same as then{some}." if not found else "The twin says something else than then:")
    for text in found:
        show_line(f"  {text}")
    return result, found


def _print(result: ShadowResult, different: list[str], *, as_json: bool) -> None:
    import json

    from cosim.cli.shadow_lines import print_mismatches, shadow_json

    if as_json:
        typer.echo(json.dumps(shadow_json(result), indent=2, allow_nan=False))
    else:
        print_mismatches(shadow_json(result))
    if different:
        raise typer.Exit(1)
