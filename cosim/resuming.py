"""A run that was interrupted: found, compared with what its scenario says now, and opened at its last checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cosim.clock import format_ticks, to_seconds
from cosim.errors import CheckpointError, CosimError, RequestError, ResultError
from cosim.execution import Checkpointing
from cosim.execution.checkpoint import Checkpoint
from cosim.results import ResultWriter, RunHeader, load, run_document
from cosim.results.checkpoints import checkpoints, locked, read_checkpoint, remove_checkpoints, write_checkpoint
from cosim.results.earlier import Earlier
from cosim.results.header import Resumed
from cosim.scenario.document import content_of
from cosim.units import duration_ticks

_MISUNDERSTOOD: Final = (OSError, ValueError, KeyError, TypeError, AttributeError)
_HASHED: Final = ("the scenario", "its parameters or input data")
"""What is too long to be shown."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What an interrupted run tells: its folder, the content of its ``run.json``, and how it was started."""

    folder: Path
    document: Mapping[str, Any]
    scenario: Path
    overrides: Mapping[str, str | float | int | bool]
    interval: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The checkpoint to go on from, and what had been recorded until then."""

    checkpoint: Checkpoint
    file: Path
    earlier: Earlier


def find_interrupted(run: str | Path) -> Interrupted:
    """Find the run that ``run`` means: its folder, its result, its run id, or the scenario whose newest run it is.

    Raises
    ------
    RequestError
        When there is none, or it cannot be gone on with because it was completed or wrote no checkpoints.
    """
    folder = _folder(Path(run))
    if not (folder / "run.json").is_file():
        raise RequestError(f"There is no run in '{folder}'. Give the folder of one, results/<scenario>/<run id>.")
    with _understanding(folder):
        document = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        kept = document["resumption"]
        if kept is None:
            raise RequestError(
                f"'{folder}' holds no checkpoints, for the run was started without --checkpoint. Run the scenario anew."
            )
        overrides = {str(key): value for key, value in kept["overrides"].items()}
        interrupted = Interrupted(folder, document, Path(kept["scenario"]), overrides, str(kept["interval"]))
    _require_unfinished(folder)
    return interrupted


def _require_unfinished(folder: Path) -> None:
    """Raise RequestError where the run has ended and left no checkpoints."""
    if not checkpoints(folder) and (folder / "result.h5").is_file():
        result = load(folder)
        raise RequestError(f"'{folder}' is {result.status} and has no checkpoints: there is nothing to go on with.")


@contextmanager
def _understanding(folder: Path) -> Iterator[None]:
    """Turn what is wrong with the content of ``run.json`` into an error that says so."""
    try:
        yield
    except _MISUNDERSTOOD as error:
        raise RequestError(
            f"'{folder / 'run.json'}' does not tell how the run was started: it is damaged, or not written by cosim "
            f"({error}). Run the scenario anew."
        ) from error


def _folder(run: Path) -> Path:
    if run.is_file():
        return run.parent
    if (run / "run.json").is_file():
        return run
    results = Path("results")
    parents = [item for item in results.iterdir() if run.name == str(run)] if results.is_dir() else []
    found = sorted(parent / run for parent in parents if (parent / run / "run.json").is_file())
    if len(found) > 1:
        raise RequestError(f"There are several runs '{run}': {', '.join(map(str, found))}. Give the folder of one.")
    return found[0] if found else load(run).folder


def choose(folder: Path, warn: Callable[[str], None]) -> Origin:
    """Return the last checkpoint that is whole and whose samples are there; ``warn`` of those that are not.

    Raises
    ------
    CheckpointError
        When there is none.
    RequestError
        When the run has been completed since it was found.
    """
    if not checkpoints(folder) and (folder / "result.h5").is_file():
        remove_checkpoints(folder)  # what is left of them: our lock
    _require_unfinished(folder)
    problems: list[CosimError] = []
    for path in checkpoints(folder):
        try:
            checkpoint, recorded = read_checkpoint(path)
            origin = Origin(checkpoint, path, Earlier(folder, recorded))
        except ResultError as error:
            problems.append(error)
            continue
        for problem in problems:
            warn(f"{problem} The run goes on from the one before, at {format_ticks(checkpoint.time)}.")
        return origin
    why = f" {problems[0]}" if problems else " It was interrupted before it wrote one."
    raise CheckpointError(f"'{folder}' has no checkpoint to go on from.{why} Run the scenario anew.")


def describe(origin: Origin, repeating: Sequence[str]) -> str:
    """Say from where a run goes on, and which components do their steps again first."""
    text = f"The run goes on at t = {format_ticks(origin.checkpoint.time)}"
    begun = [f"'{name}'" for name in repeating if name in origin.checkpoint.instances]
    if not begun:
        return f"{text}."
    return f"{text}, after {', '.join(begun)} {'has' if len(begun) == 1 else 'have'} done all steps again."


def require_same(interrupted: Interrupted, header: RunHeader) -> None:
    """Make sure that what would go on is what was interrupted.

    Raises
    ------
    RequestError
        When something differs that decides the result; the message says what.
    """
    was, now = interrupted.document, json.loads(json.dumps(run_document(header)))
    with _understanding(interrupted.folder):
        kept = ("its parameters or input data", was["resumption"]["experiment"], now["resumption"]["experiment"])
        _refuse_changes(interrupted.folder, [*_models(was, now), kept])


def require_same_models(folder: Path, header: RunHeader) -> None:
    """Make sure that scenario, parameters and FMUs are those of the run in ``folder``.

    Raises
    ------
    RequestError
        When there is no run, or something differs that decides the result; the message says what.
    """
    now = json.loads(json.dumps(run_document(header)))
    with _understanding(folder):
        was = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        kept = ("what was given for its parameters", was["parameters"], now["parameters"])
        _refuse_changes(folder, [*_models(was, now), kept])


def _models(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, object, object]]:
    """Return what decides a result whatever its parameters: what it is, what it was, what it is now."""
    return [
        ("the version of cosim", was["versions"]["cosim"], now["versions"]["cosim"]),
        ("the platform", _platform(was), _platform(now)),
        ("the scenario", _content(was["scenario_text"]), _content(now["scenario_text"])),
        *_fmus(was["fmus"], now["fmus"]),
        ("the algorithm", was["algorithm"], now["algorithm"]),
    ]


def _refuse_changes(folder: Path, pairs: Sequence[tuple[str, object, object]]) -> None:
    for what, before, after in pairs:
        if before != after:
            is_short = max(len(str(before)), len(str(after))) < 80 and what not in _HASHED
            shown = f": it was {before} and is {after}" if is_short else ""
            raise RequestError(
                f"'{folder}' cannot be gone on with, because {what} has changed since{shown}. Restore what "
                "it was, or run the scenario anew."
            )


def _content(text: str) -> object:
    """Return what a scenario says, whatever its comments and layout; a text that says nothing is compared as it is."""
    try:
        return content_of(text)
    except CosimError:
        return text


def _platform(document: Mapping[str, Any]) -> str:
    return " ".join(document["platform"].get(key, "") for key in ("system", "machine"))


def _fmus(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys([*was, *now]):
        before, after = ((item.get(name) or {}).get("sha256") for item in (was, now))
        yield f"the FMU of '{name}'", f"{before}"[:12], f"{after}"[:12]


def resumed(interrupted: Interrupted, header: RunHeader, origin: Origin) -> RunHeader:
    """Return ``header`` with what the interrupted run told, and that it is gone on with now."""
    document = interrupted.document
    now = Resumed(datetime.now(UTC).replace(microsecond=0), origin.file.name, to_seconds(origin.checkpoint.time))
    with _understanding(interrupted.folder):
        before = [
            Resumed(datetime.fromisoformat(item["at"]), str(item["checkpoint"]), float(item["time"]))
            for item in document.get("resumed", ())
        ]
        return replace(
            header,
            run_id=str(document["run_id"]),
            started_at=datetime.fromisoformat(document["started_at"]),
            command=str(document["command"]),
            resumed=(*before, now),
        )


def checkpointing(interval: str, folder: Path, writer: ResultWriter) -> Checkpointing:
    """Return what keeps checkpoints of a run in its ``folder``."""

    def write(checkpoint: Checkpoint) -> None:
        write_checkpoint(folder, checkpoint, writer.settle())

    return Checkpointing(duration_ticks(interval), write)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let no other process go on with the run in ``folder`` meanwhile.

    Raises
    ------
    RequestError
        When one does.
    """
    with locked(folder) as is_ours:
        if not is_ours:
            raise RequestError(f"'{folder}' is still running in another process. Wait for it, or stop it.")
        yield
