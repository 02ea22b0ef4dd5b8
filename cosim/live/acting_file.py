"""The section ``act`` of a shadow file: what a twin may do, bound to the tags; ``advice`` is read with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.errors import raise_all
from cosim.live.acting import Acting, Advising, Heartbeat, Manipulated, Mode
from cosim.live.advice_file import advising_of
from cosim.live.shadow_file import ShadowFile
from cosim.live.tag import Tag, TagMap, Use
from cosim.live.tag_file import number_in
from cosim.scenario.document import Entry, Scalar, parse_document
from cosim.scenario.expressions import parse_name
from cosim.scenario.reading import (
    Problems,
    choice_of,
    duration_of,
    entries_of,
    fields_of,
    scalar_of,
    scalars_of,
    text_of,
)
from cosim.system.nearest import nearest

_ACT: Final = ("mode", "moves", "heartbeat", "stale", "hand_over", "needs")
_MOVE: Final = ("sets", "range", "rate", "safe", "advice")
_HEARTBEAT: Final = ("tag", "every", "timeout")
_HOUR: Final = 3600 * TICKS_PER_SECOND
_STALE_CYCLES: Final = 3
"""Cycles after which data count as stale where the file tells nothing."""
_MOST_BEATS: Final = 10_000
"""After so many the count begins again."""
_LEAST_BEATS: Final = 3
"""Beats that may be lost before a plant falls back."""


def read_acting(file: ShadowFile, tags: TagMap) -> tuple[Acting | None, Advising | None]:
    """Read what ``file`` says of acting and of advice, each None where it says nothing.

    Raises
    ------
    ScenarioError, ProblemList
        All problems at once, with file and line.
    """
    entries = {entry.key: entry for entry in parse_document(file.text, file.path, "shadow").entries}
    problems = Problems()
    acting = _Reader(tags.tags, problems).acting(entries["act"], file.cycle) if "act" in entries else None
    advising = advising_of(entries["advice"], file.path, problems) if "advice" in entries else None
    if advising is not None and acting is None:
        problems.add(
            "Advice needs 'act', which says what may be moved, how far and how fast.", entries["advice"].origin
        )
    raise_all(problems.found)
    return acting, advising


class _Reader:
    """Reads ``act`` for a plant with ``tags``."""

    def __init__(self, tags: Mapping[str, Tag], problems: Problems) -> None:
        self._tags, self._problems = tags, problems

    def acting(self, entry: Entry, cycle: Ticks) -> Acting:
        """Read all of it."""
        problems = self._problems
        fields = fields_of(entry.value, _ACT, "'act'", problems)
        word = choice_of(fields["mode"].value, [m.value for m in Mode], "'mode'", problems) if "mode" in fields else ""
        mode = Mode(word) if word in [m.value for m in Mode] else Mode.MONITOR
        items = entries_of(fields["moves"].value, "'moves'", problems) if "moves" in fields else ()
        moves = {item.key: move for item in items if (move := self._move(item)) is not None}
        if not items:
            problems.add("'act' needs 'moves': the set-points that may be moved.", entry.origin)
        beat = self._heartbeat(fields["heartbeat"]) if "heartbeat" in fields else None
        if mode is Mode.CONTROL and beat is None:
            problems.add("Mode 'control' needs a 'heartbeat', by which the plant notices that nobody controls it: "
                         "'heartbeat: {tag: TWIN_BEAT, timeout: 10 s}'.", entry.origin)  # fmt: skip
        if mode is Mode.ADVISE and not any(move.advice for move in moves.values()):
            problems.add("Mode 'advise' writes to advice nodes, and no move has an 'advice'.", entry.origin)
        needs = self._needs(fields.get("needs"))
        if mode is Mode.CONTROL and not needs:
            problems.add("Mode 'control' has to know what it relies on: no tag drives the twin, so name tags in "
                         "'needs'.", entry.origin)  # fmt: skip
        self._check_shared(moves, beat, entry)
        return Acting(
            mode, moves, beat, self._time(fields.get("stale"), Ticks(_STALE_CYCLES * cycle)),
            self._time(fields.get("hand_over"), Ticks(_HOUR)), needs,
        )  # fmt: skip

    def _check_shared(self, moves: Mapping[str, Manipulated], beat: Heartbeat | None, entry: Entry) -> None:
        """Note a node that would be written for two purposes, and a variable that two moves set."""
        sets = [move.variable for move in moves.values()]
        for name in sorted({name for name in sets if sets.count(name) > 1}):
            self._problems.add(f"{name} is set by two moves. Keep one.", entry.origin)
        names = [*moves, *(move.advice for move in moves.values() if move.advice), *([beat.tag] if beat else [])]
        self._check_nodes(list(moves), names, entry)
        for name in sorted({name for name in names if names.count(name) > 1}):
            self._problems.add(f"'{name}' is given two purposes in 'act'. Give each its own node.", entry.origin)

    def _check_nodes(self, moves: list[str], names: list[str], entry: Entry) -> None:
        """Note tags of one address: what is written by one name is written by the other, without its limits."""
        for name in names:
            others = names if name in moves else self._tags  # a set-point may also be read by another name
            for other in others:
                if name != other and self._place(name) == self._place(other):
                    self._problems.add(f"'{name}' and '{other}' have the same address in the tag map. What 'act' "
                                       "writes needs a node of its own.", entry.origin)  # fmt: skip

    def _place(self, name: str) -> tuple[bool, str]:
        address = self._tags[name].address
        if not address.is_path:
            return False, address.text
        return True, "/".join([part for part in address.text.split("/") if part]).removeprefix("Objects/")

    def _move(self, entry: Entry) -> Manipulated | None:
        problems, tag = self._problems, self._writable(entry.key, entry)
        fields = fields_of(entry.value, _MOVE, f"Move '{entry.key}'", problems)
        for key in ("sets", "range", "rate"):
            if key not in fields:
                problems.add(f"Move '{entry.key}' needs '{key}', as in '{{sets: feed.demand, range: [0 L/h, 6 L/h], "
                             "rate: 0.5 L/h per 1 h}'.", entry.origin)  # fmt: skip
        if tag is None or not {"sets", "range", "rate"} <= set(fields):
            return None
        numbers = [
            self._number(item, tag.unit, "range") for item in scalars_of(fields["range"].value, "'range'", problems)
        ]
        if len(numbers) != 2 or None in numbers:
            problems.add(f"The range of '{tag.name}' is two quantities.", fields["range"].origin)
            return None
        low, high = (float(number or 0.0) for number in numbers)
        assert tag.low is not None
        assert tag.high is not None
        if not tag.low <= low < high <= tag.high:
            problems.add(f"The range of '{tag.name}', {low:g} to {high:g} {tag.unit}, should rise and lie within its "
                         f"limits, {tag.low:g} to {tag.high:g} {tag.unit}.", fields["range"].origin)  # fmt: skip
        rate, per = self._rate(fields["rate"], tag)
        return Manipulated(
            tag.name, self._name(fields["sets"]), tag.unit, low, high, rate, per, self._safe(fields, tag, low, high),
            self._advice(fields, tag, low, high), entry.origin,
        )  # fmt: skip

    def _rate(self, entry: Entry, tag: Tag) -> tuple[float, Ticks]:
        """Read ``0.5 L/h per 1 h``."""
        text = text_of(entry.value, "'rate'", self._problems) or ""
        size, _, time = text.partition(" per ")
        read = lambda: number_in(size, tag.unit, difference=True)  # noqa: E731
        rate = self._problems.attempt(read, entry.origin, "'rate': ")
        scalar = Scalar(time.strip(), False, entry.origin) if time.strip() else None
        per = duration_of(scalar, "'rate'", self._problems) if scalar else None
        if scalar is None or (rate is not None and rate <= 0):
            text = f"The rate of '{tag.name}' is how much in which time: '0.5 {tag.unit} per 1 h'."
            self._problems.add(text, entry.origin)
        return rate or 0.0, per or Ticks(_HOUR)

    def _safe(self, fields: Mapping[str, Entry], tag: Tag, low: float, high: float) -> float | None:
        scalar = scalar_of(fields["safe"].value, "'safe'", self._problems) if "safe" in fields else None
        value = self._number(scalar, tag.unit, "safe") if scalar else None
        if value is not None and not low <= value <= high:
            self._problems.add(f"The safe value of '{tag.name}', {value:g} {tag.unit}, is outside its range.",
                               fields["safe"].origin)  # fmt: skip
        return value

    def _advice(self, fields: Mapping[str, Entry], tag: Tag, low: float, high: float) -> str | None:
        if "advice" not in fields:
            return None
        shown = self._writable(text_of(fields["advice"].value, "'advice'", self._problems) or "", fields["advice"])
        if shown is not None and shown.unit != tag.unit:
            self._problems.add(f"'{shown.name}' is in [{shown.unit}] and '{tag.name}' in [{tag.unit}]. Give both the "
                               "same unit.", fields["advice"].origin)  # fmt: skip
        if shown is not None and not (float(shown.low or 0) <= low and high <= float(shown.high or 0)):
            self._problems.add(f"'{shown.name}' cannot show all of the range of '{tag.name}': its limits are "
                               f"{shown.low:g} to {shown.high:g} {shown.unit}.", fields["advice"].origin)  # fmt: skip
        if shown is not None and shown.source:
            self._problems.add(f"'{shown.name}' stands for {shown.source} and cannot show advice too.",
                               fields["advice"].origin)  # fmt: skip
        return shown.name if shown else None

    def _writable(self, name: str, entry: Entry) -> Tag | None:
        tag = self._tags.get(name)
        if tag is None:
            self._problems.add(f"There is no tag '{name}'.{nearest(name, self._tags)}", entry.origin)
            return None
        if not tag.is_writable or tag.low is None or tag.high is None:
            self._problems.add(f"'{name}' cannot be written: its tag map does not say 'writable: true' with limits.",
                               entry.origin)  # fmt: skip
            return None
        return tag

    def _number(self, scalar: Scalar, unit: str, what: str) -> float | None:
        return self._problems.attempt(lambda: number_in(scalar.text, unit), scalar.origin, f"'{what}': ")

    def _name(self, entry: Entry) -> str:
        text = text_of(entry.value, f"'{entry.key}'", self._problems) or ""
        return str(self._problems.attempt(lambda: parse_name(text, entry.origin), entry.origin) or "")

    def _heartbeat(self, entry: Entry) -> Heartbeat | None:
        fields = fields_of(entry.value, _HEARTBEAT, "'heartbeat'", self._problems)
        if "tag" not in fields:
            self._problems.add("A heartbeat needs a 'tag'.", entry.origin)
            return None
        tag = self._writable(text_of(fields["tag"].value, "'tag'", self._problems) or "", fields["tag"])
        every = self._time(fields.get("every"), Ticks(TICKS_PER_SECOND)) / TICKS_PER_SECOND
        timeout = self._time(fields.get("timeout"), Ticks(10 * TICKS_PER_SECOND)) / TICKS_PER_SECOND
        if timeout < _LEAST_BEATS * every:
            self._problems.add(f"The heartbeat's timeout, {timeout:g} s, should be at least {_LEAST_BEATS} beats of "
                               f"{every:g} s: one may be late.", entry.origin)  # fmt: skip
        if tag is None or tag.low is None or tag.high is None:
            return None
        if tag.low > 0 or tag.high < _LEAST_BEATS:
            self._problems.add(f"The heartbeat counts from 0 on, and '{tag.name}' takes {tag.low:g} to {tag.high:g}.",
                               fields["tag"].origin)  # fmt: skip
        return Heartbeat(tag.name, every, timeout, int(min(tag.high, _MOST_BEATS)))

    def _time(self, entry: Entry | None, default: Ticks) -> Ticks:
        found = duration_of(entry.value, f"'{entry.key}'", self._problems) if entry else None
        return found or default

    def _needs(self, entry: Entry | None) -> tuple[str, ...]:
        if entry is None:
            return tuple(tag.name for tag in self._tags.values() if tag.use is Use.DRIVES)
        names = [scalar.text for scalar in scalars_of(entry.value, "'needs'", self._problems)]
        for name in names:
            tag = self._tags.get(name)
            if tag is None or tag.use not in (Use.MEASURES, Use.DRIVES):
                self._problems.add(f"'{name}' is no tag that measures or drives, which alone can be needed."
                                   f"{nearest(name, self._tags)}", entry.origin)  # fmt: skip
        return tuple(names)
