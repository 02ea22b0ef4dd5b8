"""Decisions on advice: accepted or rejected by somebody, in the audit trail first and then in the log of actions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cosim import audit
from cosim.acting.actions import FILE, Action, ActionLog, Kind, actions_in
from cosim.acting.advice import Advice, Verdict, from_json, in_words
from cosim.errors import RequestError, ResultError


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


def verdicts_in(folder: Path) -> dict[int, Verdict]:
    """Return what was decided, by number of advice; raise as ``advice_in``."""
    found: dict[int, Verdict] = {}
    for action in actions_in(folder):
        if action.kind is Kind.DECISION:
            with _readable(folder):
                found[int(action.facts["number"])] = Verdict(action.facts["verdict"])
    return found


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
    """Record that advice ``number`` of the session in ``folder`` was accepted or rejected; legal in any process.

    Raises
    ------
    RequestError
        When there is no such advice, it is not the latest, or it was decided already.
    AuditError
        When the trail cannot be written: nothing is decided then.
    """
    given = advice_in(folder)
    if number not in given:
        raise RequestError(f"The session in '{folder}' has given no advice {number}. Name one that it has given.")
    if number != max(given):
        raise RequestError(f"Advice {number} has been superseded by advice {max(given)}. Decide on that.")
    if verdict is Verdict.OPEN or number in verdicts_in(folder):
        raise RequestError(f"Advice {number} has been decided already. Wait for the next.")
    advice = given[number]
    facts = {"number": number, "verdict": verdict.value, "person": person}
    audit.record(
        "advice", f"{folder.name}/{number}", why=why, person=person,
        before={"advice": in_words(advice), "verdict": Verdict.OPEN.value}, after=facts,
    )  # fmt: skip
    log = ActionLog(folder)
    try:
        text = f"Advice {number} was {verdict.value}" + (f": {why}" if why else ".")
        log.add(Action(Kind.DECISION, advice.time, time.time_ns(), str(number), text, facts))
    finally:
        log.close()
