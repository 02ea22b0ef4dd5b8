"""What trials mean: how each ended → findings in sentences, and what the FMU does, whatever it declares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cosim.clock import Ticks, format_ticks
from cosim.intake.report import Finding, Tone
from cosim.intake.sandbox import Attempt
from cosim.system.component import ComponentDescription

Attempts = Mapping[str, Attempt]

EXACT: Final = 1e-9
"""Relative difference that counts as none."""
CLOSE: Final = 1e-3
COARSE: Final = 5e-2
"""Relative differences of results with other steps that a solver within the FMU explains, and that it may explain."""
LEAK: Final = 1 << 20
"""Growth of memory [bytes] below which nothing is said: allocators take memory in pieces."""
LEAK_PER_STEP: Final = 100
LEAK_PER_CYCLE: Final = 8 << 10
MUCH_PRINTED: Final = 1 << 20
DERIVATIVE: Final = 1e-3
"""Relative error of a directional derivative that differences explain."""
_SHOWN: Final = 5
_SUBJECTS: Final = {
    "start": "start",
    "run": "steps",
    "again": "repeatability",
    "together": "several instances",
    "state": "state",
    "vary": "step size",
    "zero": "step of zero length",
    "tiny": "tiny steps",
    "reset": "reset",
    "crowd": "memory",
    "cycles": "create and free",
    "feedthrough": "feedthrough",
    "derivatives": "directional derivatives",
}


@dataclass(frozen=True, slots=True)
class Conduct:
    """What the FMU does: None where it was not found out."""

    steps: bool
    rolls_back: bool | None
    varies_step: bool | None
    is_dangerous: bool
    """To the process it is in: it crashes, hangs, leaks, or changes what others share."""


def assess(attempts: Attempts, description: ComponentDescription) -> tuple[list[Finding], Conduct]:
    """Return findings in the order of the trials, and the conduct they show."""
    findings: list[Finding] = []
    for name, attempt in attempts.items():
        if attempt.ended != "done":
            findings.append(_trouble(name, attempt, is_needed=name in ("start", "run")))
        elif name in _READERS:
            findings += _READERS[name](attempt.found, attempts, description)
    findings += _printed(attempts)
    return findings, _conduct(attempts, findings)


def seconds(value: float) -> str:
    """Write a time for people."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if value * factor >= 1.0 or unit == "µs":
            return f"{value * factor:.3g} {unit}"
    return ""


def size(value: float) -> str:
    """Write a number of bytes for people."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if abs(value) >= factor:
            return f"{value / factor:.3g} {unit}"
    return f"{value:.0f} B"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _trouble(name: str, attempt: Attempt, *, is_needed: bool) -> Finding:
    subject = _SUBJECTS[name]
    if attempt.ended == "failed":
        if re.search(r"licen[cs]e", attempt.words, re.IGNORECASE):
            return Finding(subject, "bad", f"It asks for a licence that is not here: {attempt.words}")
        tone: Tone = "bad" if is_needed else "note" if name == "zero" else "limit"
        return Finding(subject, tone, attempt.words[:1].upper() + attempt.words[1:])
    what = "crashed" if attempt.ended == "crashed" else "hung"
    where = f" while {attempt.at}" if attempt.at else " before it was instantiated"
    return Finding(subject, "bad", f"It {what}{where}: {attempt.words}.")


def _start(found: Mapping[str, Any], _: Attempts, __: ComponentDescription) -> Iterator[Finding]:
    yield Finding(
        "start",
        "good",
        f"Instantiated in {seconds(found['instantiate'])}, initialised in {seconds(found['initialise'])}.",
    )
    if found["not_finite"]:
        yield Finding("start", "bad", f"Not a finite number after initialisation: {_listed(found['not_finite'])}.")
    if found["moved_to"]:
        yield Finding("process", "bad", f"It changes the working directory of the process, to {found['moved_to']}.")
    if found["changed_environment"]:
        names = _listed(found["changed_environment"])
        yield Finding("process", "limit", f"It changes environment variables of the process: {names}.")
    if found["changed_arithmetic"]:
        text = "It changes how the processor rounds, so that results of others in the process differ."
        yield Finding("process", "bad", text)


def _run(found: Mapping[str, Any], attempts: Attempts, _: ComponentDescription) -> Iterator[Finding]:
    n = found["steps"]
    cost = f"{n} steps, {seconds(found['seconds'] / max(n, 1))} each"
    if found["not_finite"]:
        yield Finding("steps", "bad", f"An output is not a finite number: {found['not_finite']}.")
    else:
        yield Finding("steps", "good", f"It takes {cost}, with inputs as they start.")
    if found["outputs"] and len(found["constant"]) == found["outputs"]:
        yield Finding("steps", "note", "None of its outputs moves while its inputs stay as they start.")
    growth, steps = found["grown"], found["steps_of_growth"]
    if growth > LEAK and growth > LEAK_PER_STEP * steps:
        text = f"{steps} steps need {size(growth)} more memory, {size(growth / steps)} a step, which it does not free."
        yield Finding("leaks", "bad", text)
    elif steps:
        yield Finding("leaks", "good", f"{steps} steps leave nothing behind.")
    if found["moved_to"] and not attempts["start"].found["moved_to"]:
        text = f"While it steps, it changes the working directory of the process, to {found['moved_to']}."
        yield Finding("process", "bad", text)


def _first_difference(one: Sequence[str], other: Sequence[str]) -> int | None:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)


def _again(found: Mapping[str, Any], attempts: Attempts, _: ComponentDescription) -> Iterator[Finding]:
    yield _compared(
        "repeatability", found, attempts, "Two runs in two processes give the same results, bit for bit", "Two runs"
    )


def _together(found: Mapping[str, Any], attempts: Attempts, _: ComponentDescription) -> Iterator[Finding]:
    same = "Two instances in a process do not disturb each other"
    yield _compared("several instances", found, attempts, same, "Alone and with a second instance beside it, results")


def _reset(found: Mapping[str, Any], attempts: Attempts, _: ComponentDescription) -> Iterator[Finding]:
    yield _compared("reset", found, attempts, "After a reset it starts as if new", "Before and after a reset, results")


def _compared(subject: str, found: Mapping[str, Any], attempts: Attempts, same: str, differing: str) -> Finding:
    first = _first_difference(attempts["run"].found["digests"], found["digests"])
    if first is None:
        return Finding(subject, "good", f"{same}.")
    when = f"after {first} step{'s' if first > 1 else ''}" if first else "from the start"
    return Finding(subject, "limit", f"{differing} differ {when}.")


def _state(found: Mapping[str, Any], _: Attempts, __: ComponentDescription) -> Iterator[Finding]:
    back, again = found["back"], found["again"]
    if back["relative"] > EXACT:
        text = f"{back['name']} was {back['one']:.9g} when its state was saved and {back['other']:.9g} when restored"
    elif again["relative"] > CLOSE:
        text = f"{again['name']} came to {again['one']:.9g}, and to {again['other']:.9g} from the restored state"
    else:
        differs = again["relative"] > EXACT
        how = f"repeated steps agree to {again['relative']:.1g}" if differs else "repeated steps agree"
        yield Finding("state", "good", f"It goes back to a saved state, and {how}.")
        return
    yield Finding("state", "bad", f"It declares that it can go back in time and cannot: {text}.")


def _vary(found: Mapping[str, Any], _: Attempts, description: ComponentDescription) -> Iterator[Finding]:
    is_declared = description.capabilities.can_vary_step
    for name, message in found["refused"].items():
        what = {"unequal": "Unequal steps", "long": "A step twelve times as long"}.get(name, "Equal steps")
        tone: Tone = "bad" if is_declared and name == "unequal" else "note"
        yield Finding("step size", tone, f"{what} are refused: {message}".replace("long are", "long is"))
    for name, difference in found["compared"].items():
        if name == "equal":
            continue
        what = "steps of unequal size" if name == "unequal" else "one step twelve times as long"
        relative = difference["relative"]
        if relative <= EXACT:
            yield Finding("step size", "good", f"With {what} it comes to the same values.")
            continue
        tone = "good" if relative <= CLOSE else "note" if relative <= COARSE else "limit"
        text = f"With {what}, {difference['name']} comes to {difference['other']:.6g} in place of "
        yield Finding("step size", tone, f"{text}{difference['one']:.6g}.")


def _zero(found: Mapping[str, Any], _: Attempts, __: ComponentDescription) -> Iterator[Finding]:
    difference = found["difference"]
    if difference["relative"] > EXACT:
        text = f"In a step of zero length {difference['name']} changes from {difference['one']:.6g} to "
        yield Finding("step of zero length", "note", f"{text}{difference['other']:.6g}.")
    else:
        yield Finding("step of zero length", "good", "It is taken, and changes nothing.")


def _tiny(found: Mapping[str, Any], _: Attempts, __: ComponentDescription) -> Iterator[Finding]:
    taken = format_ticks(Ticks(found["size"]))
    if found["is_finite"]:
        yield Finding("tiny steps", "good", f"Steps of {taken} are taken.")
    else:
        yield Finding("tiny steps", "bad", f"After steps of {taken} an output is not a finite number.")


def _crowd(found: Mapping[str, Any], _: Attempts, __: ComponentDescription) -> Iterator[Finding]:
    yield Finding("memory", "good", f"An instance needs {size(found['bytes'])}.")


def _cycles(found: Mapping[str, Any], _: Attempts, __: ComponentDescription) -> Iterator[Finding]:
    n = found["cycles"]
    if "grown" not in found:
        yield Finding(
            "create and free", "note", f"Slow: {n} times took all the time there was; no leak was looked for."
        )
        return
    counted = found["cycles_of_growth"]
    leaks = []
    if found["grown"] > LEAK and found["grown"] > LEAK_PER_CYCLE * counted:
        leaks.append(f"{size(found['grown'])} of memory, {size(found['grown'] / counted)} each time")
    if found["files"] > 0:
        leaks.append(f"{found['files']} open files")
    if found["threads"] > 0:
        leaks.append(f"{found['threads']} threads")
    if leaks:
        text = f"Made and freed {counted} times, it leaves {' and '.join(leaks)}."
        yield Finding("create and free", "limit", text)
    else:
        yield Finding("create and free", "good", f"Made and freed {n} times, it leaves nothing behind.")


def _feedthrough(found: Mapping[str, Any], _: Attempts, description: ComponentDescription) -> Iterator[Finding]:
    undeclared = [
        f"{output} on {name}"
        for output, names in found["depends"].items()
        if output in description.feedthrough
        for name in names
        if name not in description.feedthrough[output]
    ]
    if undeclared:
        yield Finding(
            "feedthrough",
            "bad",
            f"ModelStructure denies dependencies that are there: {_listed(undeclared)}. Loops are not seen, and "
            "initial values may be wrong.",
        )
        return
    n = sum(map(len, found["depends"].values()))
    if not found["inputs"]:
        return
    unstated = [name for name in description.feedthrough] == []
    words = f"{n} pair{'s' if n != 1 else ''} of output and input" if n else "No output"
    rest = "depend at once" if n else "depends on an input at once"
    stated = " (ModelStructure says nothing of dependencies, so all are assumed)" if unstated else ""
    yield Finding("feedthrough", "note" if unstated else "good", f"{words} {rest}{stated}.")


def _derivatives(found: Mapping[str, Any], _: Attempts, __: ComponentDescription) -> Iterator[Finding]:
    if found["relative"] > DERIVATIVE:
        text = f"{found['name']} is stated as {found['stated']:.6g}, differences give {found['found']:.6g}."
        yield Finding("directional derivatives", "limit", text)
    else:
        yield Finding("directional derivatives", "good", "They agree with differences.")


_READERS: Final = {
    "start": _start,
    "run": _run,
    "again": _again,
    "together": _together,
    "state": _state,
    "vary": _vary,
    "zero": _zero,
    "tiny": _tiny,
    "reset": _reset,
    "crowd": _crowd,
    "cycles": _cycles,
    "feedthrough": _feedthrough,
    "derivatives": _derivatives,
}


def _printed(attempts: Attempts) -> Iterator[Finding]:
    loud = max(attempts.values(), key=lambda attempt: attempt.printed, default=None)
    if loud is None or not loud.printed:
        return
    tone: Tone = "limit" if loud.printed > MUCH_PRINTED else "note"
    text = f"It writes to standard output, {size(loud.printed)} in one trial, beginning with '{loud.first_line}'."
    yield Finding("output", tone, text)


def _conduct(attempts: Attempts, findings: Sequence[Finding]) -> Conduct:
    state, vary, run = attempts.get("state"), attempts.get("vary"), attempts.get("run")
    bad = {finding.subject for finding in findings if finding.tone == "bad"}
    is_shaky = any(attempt.ended in ("crashed", "hung") for attempt in attempts.values())
    shared = ("process", "output", "several instances")
    disturbs = any(finding.subject in shared for finding in findings if finding.tone != "good")
    return Conduct(
        steps=run is not None and run.ended == "done" and not run.found["not_finite"],
        rolls_back=None if state is None else state.ended == "done" and "state" not in bad,
        varies_step=None if vary is None else vary.ended == "done" and "unequal" not in vary.found["refused"],
        is_dangerous=is_shaky or disturbs or "leaks" in bad,
    )
