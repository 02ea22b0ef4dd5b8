"""The loop of model operations, step by step; it ends in a proposal, and promotes nothing.

A step that was done from the same is not done again, so that a renewal that was stopped, killed, or whose data have
changed goes on where it has to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from cosim import audit
from cosim._version import __version__
from cosim.audit.ed25519 import SecretKey
from cosim.audit.plain import hash_of
from cosim.errors import ReleaseError, RequestError, ResultError, raise_all
from cosim.release.drift import FILE as DRIFT
from cosim.release.drift import Drift, read_drift, write_drift
from cosim.release.registry import Registry
from cosim.releasing import package_folder
from cosim.renewal.file import VALIDATION, RenewalFile, read_renewal
from cosim.renewal.proposing import propose, require_new, require_proposable
from cosim.renewal.record import Record, Step
from cosim.renewal.validating import validate
from cosim.renewal.weighing import weigh
from cosim.results.checkpoints import locked
from cosim.results.document import encode, write_text
from cosim.scenario.reading import Problems
from cosim.study.running import Listeners as StudyListeners
from cosim.substitution.source import open_source
from cosim.substitution.teaching import Listeners as TrainingListeners
from cosim.substitution.teaching import train
from cosim.surrogate.bind import bind_plan
from cosim.surrogate.design import plan_text
from cosim.surrogate.model import TrainingFile
from cosim.surrogate.package import CARD, DESCRIPTION, MANIFEST, WEIGHTS, Package, read_package
from cosim.surrogate.parse import read_training

COMPARISON: Final = "comparison.json"
PACKAGE: Final = "surrogate"
"""Folder of the new surrogate, in that of the renewal."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who proposes, in which registry, with his key."""

    registry: Registry
    person: str
    key: SecretKey


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told which step is done, and where study and training stand."""

    done: Callable[[Step], None] = lambda _: None
    study: StudyListeners = field(default_factory=StudyListeners)
    training: TrainingListeners = field(default_factory=TrainingListeners)


@dataclass(frozen=True, slots=True)
class Renewed:
    """What has come of a renewal: 'ready' is good, and not proposed, for nobody was named who does."""

    file: RenewalFile
    status: Literal["proposed", "ready", "refused"]
    steps: Sequence[Step]
    titles: Sequence[str] = ()
    states: Sequence[str] = ()
    """Of the releases with these titles: 'draft', unless they were proposed before and have gone on since."""

    @property
    def exit_code(self) -> int:
        """1 where the model or its surrogate is not good enough."""
        return 1 if self.status == "refused" else 0


def renew(
    path: str | Path,
    *,
    drift: str | Path | None = None,
    author: Author | None = None,
    workers: int | None = None,
    listeners: Listeners | None = None,
    why: str = "",
) -> Renewed:
    """Validate a model against data, train its surrogate, weigh that, and propose it where it is better.

    Parameters
    ----------
    path
        The renewal file.
    drift
        Session, or its ``drift.json``, that is the reason; default what the file names.
    author
        Who proposes it; without one, the renewal ends before that.
    workers
        Processes that make runs; default one per core, 0: this one.
    why
        Reason, for the audit trail and the proposal; default the drift, or the description of the file.

    Raises
    ------
    CosimError
        When a step cannot be done; what was done before is kept. Not being good enough is an answer.
    """
    file = read_renewal(Path(path))
    training, problems = read_training(file.training)
    raise_all(problems)
    assert training is not None
    try:
        file.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultError(f"'{file.folder}' cannot be made: {error.strerror or error}.") from error
    with ExitStack() as stack:
        if not stack.enter_context(locked(file.folder)):
            raise RequestError(f"'{file.folder}' is being renewed by another process. Wait for it, or stop it.")
        seen = None if drift is None and file.drift is None else read_drift(Path(drift or file.drift or ""))
        why = why or (seen.text if seen else file.description)
        loop = _Loop(file, training, seen, workers, listeners or Listeners(), why)
        beside = file.path.parent
        with audit.action("release", f"renewal {file.name}", why=why, before=loop.facts, beside=beside) as doing:
            renewed = loop.run(author)
            doing.after = lambda: {"status": renewed.status, "steps": [step.text for step in renewed.steps]}
    return renewed


class _Loop:
    def __init__(
        self,
        file: RenewalFile,
        training: TrainingFile,
        drift: Drift | None,
        workers: int | None,
        listeners: Listeners,
        why: str,
    ) -> None:
        self._file, self._training, self._drift = file, training, drift
        self._workers, self._listeners, self._why = workers, listeners, why
        self._record = Record(file.folder)
        self._steps: list[Step] = []
        self._author: Author | None = None
        self._evidence = [VALIDATION, COMPARISON, *([DRIFT] if drift is not None else [])]
        self._in_service = self._serving()
        with open_source(training, listeners.training.built) as source:
            problems = Problems()
            plan = bind_plan(training, source.description, problems)
            raise_all(problems.found)
            self._fmu, self._plan = source.sha256, plan_text(plan)  # which tells recorded courses too

    def facts(self) -> dict[str, Any]:
        """Return what is known before it begins, for the audit trail."""
        service = self._in_service.sha256 if self._in_service else ""
        return {"fmu": self._fmu, "in_service": service, "file": _text_hash(self._file.path)}

    def run(self, author: Author | None) -> Renewed:
        """Do the steps until one does not hold; what could not be proposed is not begun."""
        self._author = author
        if author is not None:
            evidence = [self._file.folder / name for name in self._evidence]
            require_proposable(author.registry, self._file.proposals, evidence=evidence, coming=self._file.folder)
        for step in (self._opened, self._validated, self._trained, self._weighed):
            done = step()
            if done is None:
                continue
            self._tell(done)
            if not done.holds:
                return Renewed(self._file, "refused", self._steps)
        if author is None:
            return Renewed(self._file, "ready", self._steps)
        done, titles = self._proposed(author)
        self._tell(done)
        states = [author.registry.release(title).state for title in titles]
        return Renewed(self._file, "proposed", self._steps, titles, states)

    def _tell(self, step: Step) -> None:
        self._steps.append(step)
        self._listeners.done(step)

    def _serving(self) -> Package | None:
        if not self._file.in_service:
            return None
        return read_package(package_folder(self._file.in_service, self._file.path.parent)[0])

    def _opened(self) -> Step | None:
        """Keep the drift that the renewal begins with, and make sure that it is of what is in service."""
        drift = self._drift
        if drift is None:
            return None
        if self._in_service is not None:
            known = (self._in_service.fmu_sha256, self._in_service.sha256, _main_hash(self._in_service))
            if drift.model.sha256 not in known:
                raise ReleaseError(
                    f"The drift is of '{drift.model.path}', with the SHA-256 {drift.model.sha256[:12]}…, and "
                    f"'{self._file.in_service}' is neither that nor its surrogate. Renew what has drifted."
                )

        def make() -> tuple[bool, str, Sequence[str]]:
            write_drift(self._file.folder, drift)
            return True, drift.text, [DRIFT]

        return self._record.step("open", drift, make)

    def _validated(self) -> Step:
        validation, listener = self._file.validation, self._listeners.study
        return validate(validation, self._record, self._fmu, workers=self._workers, listeners=listener, why=self._why)

    def _trained(self) -> Step:
        def make() -> tuple[bool, str, Sequence[str]]:
            if self._author is not None:
                require_new(self._author.registry, self._file.proposals, coming=self._file.folder)
            taught = train(
                self._file.training,
                out=self._file.folder / PACKAGE,
                workers=self._workers,
                listeners=self._listeners.training,
                why=self._why,
            )
            figure = next(iter(taught.metrics.items()), ("", 0.0))
            text = f"surrogate {taught.package.sha256[:12]}…, {figure[0]} {figure[1]:.2%}"
            return True, text, [f"{PACKAGE}/{name}" for name in (MANIFEST, DESCRIPTION, WEIGHTS, CARD)]

        begun_with = self._training.transfer
        folder = None if begun_with is None else package_folder(begun_with.package.text, self._file.training.parent)[0]
        other = None if folder is None else read_package(folder).sha256
        return self._record.step("train", [self._training.text, self._plan, self._fmu, other, __version__], make)

    def _weighed(self) -> Step:
        candidate, other = read_package(self._file.folder / PACKAGE), self._in_service

        def make() -> tuple[bool, str, Sequence[str]]:
            told = weigh(self._training, candidate, other)
            write_text(self._file.folder / COMPARISON, encode(told, indent=1) + "\n")
            return bool(told["is_better"]), _compared(told), [COMPARISON]

        about = [candidate.sha256, None if other is None else other.sha256, self._training.text, self._fmu]
        return self._record.step("compare", about, make)

    def _proposed(self, author: Author) -> tuple[Step, list[str]]:
        folder = self._file.folder
        subjects = [hash_of(folder / PACKAGE / MANIFEST)[0], self._fmu]

        titles, is_known = propose(  # the registry is asked each time: what it holds is no file of this renewal
            author.registry,
            self._file.proposals,
            evidence=[folder / name for name in self._evidence],
            subjects=subjects,
            person=author.person,
            key=author.key,
            reason=self._why,
        )
        return Step("propose", True, ", ".join(titles), is_known), titles


def _compared(told: dict[str, Any]) -> str:
    own, other = told["candidate"]["error"], told["in_service"]
    shown = "no number" if own is None else f"{own:.3%}"
    if other is None:
        return f"error {shown} on {told['runs']} runs not seen; nothing is in service to compare with"
    theirs = "no number" if other["error"] is None else f"{other['error']:.3%}"
    word = "better" if told["is_better"] else "not better"
    return f"{word} than the one in service: error {shown} against {theirs} on {told['runs']} runs not seen"


def _main_hash(package: Package) -> str:
    return hash_of(package.folder / MANIFEST)[0]


def _text_hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise RequestError(f"'{path}' cannot be read: {error.strerror or error}.") from error
