"""Decisions on advice: accepted or rejected by somebody, in the audit trail first and then in the log of actions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cosim import audit
from cosim.acting.actions import FILE, Action, ActionLog, ActionReader, Kind, actions_in
from cosim.acting.advice import Advice, Verdict, from_json, in_words
from cosim.audit.where import find_trail
from cosim.errors import RequestError, ResultError
from cosim.shadowing.session_folder import file_of


def advice_in(folder: Path) -> dict[int, Advice]:
    """Return the advice given in the session in ``folder``, by number.

    Raises
    ------
    ResultError
        When its log cannot be read.
    """
    found: dict[int, Advice] = {}
    for action in actions_in(folder):
        if action.kind is Kind.ADVICE:
            with _readable(folder):
                advice = from_json(action.facts)
                found[advice.number] = advice
    return found


def advice_differences(recorded: Path, repeated: Path, last: int) -> Iterator[str]:
    """Yield what a repetition has advised differently from the recorded session, up to cycle ``last`` that both have.

    Raises
    ------
    ResultError
        When a log cannot be read.
    """
    then, now = advice_in(recorded), advice_in(repeated)
    for number in sorted(then.keys() | now.keys()):
        if number <= last and then.get(number) != now.get(number):
            yield f"advice {number}: it was {_shown(then.get(number))} and is {_shown(now.get(number))}"


def _shown(advice: Advice | None) -> str:
    return "not given" if advice is None else f"'{in_words(advice)}'"


@dataclass(frozen=True, slots=True)
class Decision:
    """What ``person``, '' where nobody has signed in, has said to the advice ``number``, and why."""

    number: int
    verdict: Verdict
    person: str
    why: str

    @property
    def by(self) -> str:
        """Who it was, for people."""
        return self.person or "somebody"


class Decisions:
    """What is decided in the session in ``folder``, in whatever process."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._reader = folder, ActionReader(folder)
        self.found: dict[int, Decision] = {}

    def look(self) -> list[Decision]:
        """Return what was decided since it was asked before, at first everything; raise as ``advice_in``."""
        new = [self._decision(action) for action in self._reader.new() if action.kind is Kind.DECISION]
        self.found |= {decision.number: decision for decision in new}
        return new

    def _decision(self, action: Action) -> Decision:
        with _readable(self._folder):
            facts = action.facts
            verdict = Verdict(facts["verdict"])
            return Decision(int(facts["number"]), verdict, str(facts.get("person", "")), str(facts.get("why", "")))


def decisions_in(folder: Path) -> dict[int, Decision]:
    """Return what was decided, by number of advice; raise as ``advice_in``."""
    decisions = Decisions(folder)
    decisions.look()
    return decisions.found


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Say of what cannot be read where it stands."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise ResultError(
            f"'{folder / FILE}' holds no advice as it was given ({error}). Restore it from a copy."
        ) from error


def decide(folder: Path, number: int, verdict: Verdict, *, person: str = "", why: str = "") -> None:
    """Record that advice ``number`` of the session in ``folder`` was accepted or rejected.

    Legal in any process: of several who decide at one moment the first one has decided.

    Raises
    ------
    RequestError
        When there is no such advice, it is not the latest, or it was decided already; the message says how. When there
        is no trail.
    AuditError
        When the trail cannot be written: nothing is decided then.
    """
    assert verdict is not Verdict.OPEN
    _open_advice(folder, number)  # a folder without advice gets no log of it
    beside = _recorded_beside(folder)
    with closing(ActionLog(folder)) as log, log.held() as add:
        advice = _open_advice(folder, number)
        facts = {"number": number, "verdict": verdict.value, "person": person}
        audit.record(
            "advice", f"{folder.name}/{number}", why=why, person=person,
            before={"advice": in_words(advice), "verdict": Verdict.OPEN.value}, after=facts, beside=beside,
        )  # fmt: skip
        text = f"Advice {number} was {verdict.value}" + (f": {why}" if why else ".")
        add(Action(Kind.DECISION, advice.time, time.time_ns(), str(number), text, {**facts, "why": why}))


def _recorded_beside(folder: Path) -> Path:
    """Return the folder by which the trail of the session in ``folder`` is found: where its file is, or else it is."""
    file = file_of(folder)
    for place in (*([file.parent] if file is not None else []), folder, Path.cwd()):
        if find_trail(place) is not None:
            return place
    raise RequestError(
        f"What is decided on advice is put into the audit trail, and there is none for the session in '{folder}'. "
        "Begin one with 'cosim audit init audit' where its shadow file is."
    )


def _open_advice(folder: Path, number: int) -> Advice:
    """Return the advice ``number``, on which nobody has decided; raise as ``decide``."""
    given = advice_in(folder)
    if number not in given:
        raise RequestError(f"The session in '{folder}' has given no advice {number}. Name one that it has given.")
    if number != max(given):
        raise RequestError(f"Advice {number} has been superseded by advice {max(given)}. Decide on that.")
    decided = decisions_in(folder).get(number)
    if decided is not None:
        because = f" ('{decided.why}')" if decided.why else ""
        raise RequestError(
            f"Advice {number} has been {decided.verdict.value} already by {decided.by}{because}. Wait for the next."
        )
    return given[number]
