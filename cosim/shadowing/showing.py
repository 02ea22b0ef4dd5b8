"""What a shadow tells its page: cycles, estimates, forecasts, alarms, as messages of plain values."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from cosim.acting.actions import Action
from cosim.acting.actions import Kind as Done
from cosim.acting.advice import Advice, in_words
from cosim.acting.decisions import Decision, advice_in, decisions_in
from cosim.clock import to_seconds
from cosim.errors import RequestError, StructureError
from cosim.live.page.board import FIELDS, Message
from cosim.live.quality import quality_of
from cosim.live.record import Arrival, Kind, Note, Sample
from cosim.live.tag import BATCH_TIME, SPEED, Tag, Use
from cosim.opened import OpenExecution
from cosim.results.display import pretty_unit
from cosim.shadowing.comparison import FOLDER as COMPARED
from cosim.shadowing.comparison import compared_rows
from cosim.shadowing.displayed import FOLDER
from cosim.shadowing.following import AbstractFollower, Compared, Ground
from cosim.shadowing.outlook import Concern, Course, Estimate, Outlook
from cosim.shadowing.shadow import Plan
from cosim.units import conversion

SHOWN: Final = 48
"""Tags that a page shows; more than that nobody follows."""
_MS: Final = 1_000_000
"""ns in a ms."""
_STATES: Final = {
    Kind.CONNECTED: "history",
    Kind.BACKFILL: "history",
    Kind.BACKFILLED: "live",
    Kind.LOST: "lost",
}
_ORDER: Final = (Use.SAMPLES, Use.MEASURES, Use.DRIVES)
_GRAVE: Final = (Concern.LIMIT,)
_LINK: Final = "link"
_TOLD: Final = {Done.WRITTEN: "good", Done.REFUSED: "doubt", Done.STATE: "none"}
"""Actions that a page lists."""
_LATEST: Final = 20
"""So many of them."""


class Showing(AbstractFollower):
    """Tells ``tell`` what a page shows of the shadow of ``plan``, which follows the plant at ``url``."""

    def __init__(self, plan: Plan, url: str, tell: Callable[[Message], None]) -> None:
        self._tell = tell
        ordered = [tag for use in _ORDER for tag in plan.tags.of(use)]
        self._tags = {tag.name: tag for tag in ordered[:SHOWN]}
        self._courses = {tag.variable: tag for tag in reversed(self._tags.values()) if tag.variable}
        self._missing: set[str] = set()
        self._alerts: set[str] = set()
        self._done: list[dict[str, Any]] = []
        self._execution: OpenExecution | None = None
        tell(
            {
                "kind": "head",
                "name": plan.file.name,
                "description": plan.file.description,
                "plant": url,
                "cycle": to_seconds(plan.file.cycle),
                "every": to_seconds(min((tag.every for tag in plan.tags.tags.values()), default=plan.file.cycle)),
                "hidden": len(ordered) - len(self._tags),
                "tags": [_described(tag) for tag in self._tags.values()],
            }
        )

    def made(self, ground: Ground) -> Showing:
        """Tell what was compared and advised before the shadow was interrupted, as a maker of followers."""
        self._execution = ground.execution
        self._tell({"kind": FOLDER, "folder": str(ground.folder.resolve())})
        if ground.begins:
            self._recall(ground.folder / COMPARED, to_seconds(ground.begins))
            self._recall_advice(ground.folder)
        return self

    def arrived(self, arrival: Arrival) -> None:
        """Tell of the link, and of values as they arrive, in the thread of the link: the twin may be behind."""
        if isinstance(arrival, Note):
            self._hear(arrival)
            return
        values = {
            sample.tag: [_number(sample.value), quality_of(sample.status).value, _wall(sample)]
            for sample in arrival
            if sample.tag in self._tags or sample.tag in (SPEED, BATCH_TIME)
        }
        self._tell({"kind": "now", "values": values, "wall": arrival[-1].received / _MS})

    def _hear(self, note: Note) -> None:
        wall = note.received / _MS
        if note.kind in _STATES:
            self._tell({"kind": "link", "state": _STATES[note.kind], "text": note.text, "wall": wall})
        if note.kind is Kind.BACKFILLED:
            self._clear(_LINK, wall)
        elif note.kind is Kind.LOST and note.text:
            self._alarm(_LINK, "bad", note.text, wall)
        elif note.kind is Kind.SKEW:
            self._alarm("skew", "doubt", note.text, wall)
        elif note.kind is Kind.REFUSED:
            self._alarm(f"refused {note.tag}", "doubt", note.text, wall)
        elif note.kind is Kind.GAP:
            told = json.loads(note.text)
            self._alarm(f"gap {note.received}", "doubt", f"Samples of {len(told['gaps'])} tags are lost: "
                        f"{told['why']}.", wall)  # fmt: skip
            self._clear(f"gap {note.received}", wall)

    def follow(self, compared: Compared) -> None:  # noqa: D102
        outlook, wall = compared.outlook, compared.cycle.received / _MS
        values = {pair.tag: [pair.measured, pair.twin] for pair in compared.pairs}
        values |= {tag: [value, math.nan] for tag, value in compared.inputs.items()}
        values |= {tag.name: [math.nan, self._twin(tag)] for tag in self._tags.values() if tag.use is Use.SAMPLES}
        for estimate in outlook.estimates if outlook is not None else ():
            name, numbers = self._placed(estimate)
            values.setdefault(name, [math.nan, math.nan])
            values[name] += numbers
        self._cycle(to_seconds(compared.cycle.end), compared.cycle.phase, values)
        for pair in compared.samples:
            self._tell({"kind": "sample", "sample": [pair.tag, to_seconds(pair.time), pair.measured, pair.twin]})
        self._follow_missing(compared, wall)
        if outlook is not None:
            self._follow_outlook(outlook, wall)

    def settle(self) -> None:  # noqa: D102
        pass

    def _cycle(self, t: float, phase: str, values: Mapping[str, list[float]]) -> None:
        shown = {
            name: [_number(value) for value in (*found, *[math.nan] * (len(FIELDS) - len(found)))]
            for name, found in values.items()
            if name in self._tags or len(found) == len(FIELDS)
        }
        self._tell({"kind": "cycle", "t": t, "phase": phase, "values": shown})

    def _twin(self, tag: Tag) -> float:
        """Return what the twin says of a laboratory's tag now."""
        assert self._execution is not None
        try:
            change = conversion(self._execution.variable(tag.variable).unit, tag.unit)
            return self._execution[tag.variable] * change.factor + change.offset
        except RequestError:
            return math.nan  # its component has not begun

    def _placed(self, estimate: Estimate) -> tuple[str, list[float]]:
        """Return the course of which ``estimate`` tells, and its numbers in the unit of that course."""
        change = self._change(estimate.name, estimate.unit)
        numbers = (estimate.value, estimate.low, estimate.high)
        tag = self._courses.get(estimate.name)
        return tag.name if tag is not None else estimate.name, [change(number) for number in numbers]

    def _change(self, name: str, unit: str) -> Callable[[float], float]:
        tag = self._courses.get(name)
        try:
            found = conversion(unit, tag.unit if tag is not None else unit)
        except StructureError:
            return lambda _: math.nan  # a unit that the tag does not share is shown nowhere rather than wrongly
        return lambda value: value * found.factor + found.offset

    def _follow_missing(self, compared: Compared, wall: float) -> None:
        missing = {pair.tag for pair in compared.pairs if math.isnan(pair.measured)} | set(compared.held)
        missing &= set(self._tags)
        for tag in sorted(missing - self._missing):
            self._alarm(f"missing {tag}", "doubt", f"{tag} is missing.", wall)
        for tag in self._missing - missing:
            self._clear(f"missing {tag}", wall)
        self._missing = missing

    def _follow_outlook(self, outlook: Outlook, wall: float) -> None:
        lasting = set()
        for alert in outlook.alerts:
            name = f"{alert.concern.value} {alert.name}"
            lasting.add(name)
            text = f"{alert.text} {alert.cause}".strip()
            self._alarm(name, "bad" if alert.concern in _GRAVE else "doubt", text, wall)
        for name in self._alerts - lasting:
            self._clear(name, wall)
        self._alerts = lasting
        units = {item.name: pretty_unit(item.unit) for item in outlook.estimates if item.name not in self._courses}
        self._tell(
            {
                "kind": "outlook",
                "t": to_seconds(outlook.time),
                "health": outlook.health.value,
                "reason": outlook.reason,
                "units": units,
                "forecast": dict(self._course(item) for item in outlook.forecast),
                "envelope": dict(self._course(item) for item in outlook.envelope),
                "parameters": [_parameter(item) for item in outlook.parameters],
            }
        )

    def _course(self, course: Course) -> tuple[str, list[list[float | None]]]:
        change, tag = self._change(course.name, course.unit), self._courses.get(course.name)
        times: list[float | None] = [to_seconds(time) for time in course.times]
        lines = [[_number(change(value)) for value in line] for line in (course.middle, course.low, course.high)]
        return tag.name if tag is not None else course.name, [times, *lines]

    def _recall_advice(self, folder: Path) -> None:
        """Tell the last advice again, and what was decided of it."""
        given = advice_in(folder)
        if not given:
            return
        self.advised(given[max(given)])
        decision = decisions_in(folder).get(max(given))
        if decision is not None:
            self.decided(decision)

    def decided(self, decision: Decision) -> None:
        """Tell what somebody has said to advice, here or elsewhere."""
        told = {"number": decision.number, "verdict": decision.verdict.value, "who": decision.by}
        self._tell({"kind": "verdict", **told})

    def advised(self, advice: Advice) -> None:
        """Tell of advice."""
        moves = [{**asdict(move), "unit": pretty_unit(move.unit), "changes": move.is_change} for move in advice.moves]
        times = {name: to_seconds(time) for name, time in (("t", advice.time), ("switch", advice.switch),
                                                           ("harvest", advice.harvest))}  # fmt: skip
        self._tell(
            {
                "kind": "advice",
                **times,
                "number": advice.number,
                "text": in_words(advice),
                "moves": moves if advice.targets else [],
                "gain": asdict(advice.gain),
                "risk": advice.risk,
                "risk_as_now": advice.risk_as_now,
            }
        )

    def acted(self, action: Action) -> None:
        """Tell of what was written to the plant or refused, and of control."""
        if action.kind in _TOLD:
            item = {"tone": _TOLD[action.kind], "text": action.text, "wall": action.wall / _MS}
            self._done = [*self._done, item][-_LATEST:]
            self._tell({"kind": "done", "items": self._done})
        if action.kind is Done.STATE:
            self._tell({"kind": "control", "text": action.text})

    def _alarm(self, name: str, tone: str, text: str, wall: float) -> None:
        self._tell({"kind": "alarm", "id": name, "tone": tone, "text": text, "wall": wall})

    def _clear(self, name: str, wall: float) -> None:
        self._tell({"kind": "clear", "id": name, "wall": wall})

    def _recall(self, folder: Path, until: float) -> None:
        """Tell again what the twin and the plant said in the cycles before, without estimates."""
        cycles: dict[int, tuple[float, dict[str, list[float]]]] = {}
        for number, kind, tag, time, measured, _, twin in compared_rows(folder):
            if kind in ("measured", "input") and time <= until:
                both = [measured, twin if kind == "measured" else math.nan]
                cycles.setdefault(number, (time, {}))[1][tag] = both
            elif kind == "laboratory":
                self._tell({"kind": "sample", "sample": [tag, time, measured, twin]})
        for _, (time, values) in sorted(cycles.items()):
            self._cycle(time, "", values)


def _described(tag: Tag) -> dict[str, Any]:
    return {"name": tag.name, "unit": pretty_unit(tag.unit), "use": tag.use.value,
            "variable": tag.variable, "low": tag.low, "high": tag.high}  # fmt: skip


def _parameter(item: Estimate) -> dict[str, Any]:
    return {"name": item.name, "unit": pretty_unit(item.unit), "value": _number(item.value), "low": _number(item.low),
            "high": _number(item.high)}  # fmt: skip


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _wall(sample: Sample) -> float:
    return sample.time / _MS
