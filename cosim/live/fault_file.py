"""Fault script: YAML → faults, bound to the tags it names, with every problem of the file found in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from cosim.clock import Ticks
from cosim.errors import raise_all
from cosim.live.fault import Fault, FaultScript, Instrument, Kind
from cosim.live.tag import Tag, Use
from cosim.live.tag_file import number_in, settings_in
from cosim.scenario.document import Entry, Node, parse_document, read_text
from cosim.scenario.reading import (
    Problems,
    choice_of,
    duration_of,
    entries_of,
    fields_of,
    integer_of,
    items_of,
    scalar_of,
    text_of,
)
from cosim.system.nearest import nearest

KEYS: Final = ("faults", "description", "seed", "instruments", "events")
_INSTRUMENT_KEYS: Final = ("noise", "relative_noise", "resolution", "delay", "delay_spread")
_EVENT_KEYS: Final = ("at", "for", "fault", "tag", "by", "over", "to", "set", "name")
_NEEDS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.BIAS: ("tag", "by"),
    Kind.DRIFT: ("tag", "by", "over"),
    Kind.FREEZE: ("tag",),
    Kind.DROPOUT: ("tag",),
    Kind.SILENCE: ("tag",),
    Kind.UNCERTAIN: ("tag",),
    Kind.SET: ("set",),
    Kind.OPERATE: ("tag", "to"),
    Kind.REFUSE: ("tag",),
    Kind.IGNORE: ("tag",),
}


def read_fault_script(path: Path, tags: Mapping[str, Tag]) -> FaultScript:
    """Read the fault script at ``path`` for a plant with ``tags``.

    Raises
    ------
    ScenarioError, ProblemList
        All its problems at once, with file and line.
    """
    root = parse_document(read_text(path, "fault script"), path, "faults")
    problems = Problems()
    fields = fields_of(root, KEYS, "A fault script", problems)
    if "faults" not in fields:
        problems.add("There is no name. Begin with 'faults: <name>'.", root.origin)
    seed = integer_of(fields["seed"].value, "'seed'", problems, least=0) if "seed" in fields else 0
    instruments: dict[str, Instrument] = {}
    for entry in entries_of(fields["instruments"].value, "'instruments'", problems) if "instruments" in fields else ():
        for tag in _matching(entry, tags, problems):
            instruments[tag.name] = _instrument(entry, tag, problems)
    events = items_of(fields["events"].value, "'events'", problems) if "events" in fields else ()
    faults = [fault for item in events if (fault := _fault(item, tags, problems)) is not None]
    raise_all(problems.found)
    return FaultScript(seed or 0, instruments, tuple(sorted(faults, key=lambda fault: fault.start)))


def _matching(entry: Entry, tags: Mapping[str, Tag], problems: Problems) -> list[Tag]:
    found = [tag for name, tag in tags.items() if fnmatchcase(name, entry.key)]
    if not found:
        problems.add(f"There is no tag '{entry.key}'.{nearest(entry.key, tags)}", entry.origin)
    return found


def _instrument(entry: Entry, tag: Tag, problems: Problems) -> Instrument:
    fields = fields_of(entry.value, _INSTRUMENT_KEYS, f"The instrument of '{tag.name}'", problems)
    for key in ("delay", "delay_spread"):
        if key in fields and tag.use is not Use.SAMPLES:
            problems.add(f"'{tag.name}' is no laboratory sample, which alone has a '{key}'.", fields[key].origin)
    return Instrument(
        noise=_size(fields.get("noise"), tag.unit, problems),
        relative_noise=_size(fields.get("relative_noise"), "1", problems),
        resolution=_size(fields.get("resolution"), tag.unit, problems),
        delay=_time(fields.get("delay"), problems) or Ticks(0),
        delay_spread=_time(fields.get("delay_spread"), problems) or Ticks(0),
    )


def _size(entry: Entry | None, unit: str, problems: Problems) -> float:
    """Read a difference in ``unit`` that is not negative."""
    value = _quantity(entry, unit, problems, difference=True)
    if entry is not None and value < 0:
        problems.add(f"'{entry.key}' is negative; give a size.", entry.origin)
    return value


def _quantity(entry: Entry | None, unit: str, problems: Problems, *, difference: bool) -> float:
    scalar = scalar_of(entry.value, f"'{entry.key}'", problems) if entry is not None else None
    if entry is None or scalar is None:
        return 0.0
    read = lambda: number_in(scalar.text, unit, difference=difference)  # noqa: E731
    return problems.attempt(read, scalar.origin, f"'{entry.key}': ") or 0.0


def _time(entry: Entry | None, problems: Problems) -> Ticks | None:
    return duration_of(entry.value, f"'{entry.key}'", problems, may_be_zero=True) if entry is not None else None


def _fault(node: Node, tags: Mapping[str, Tag], problems: Problems) -> Fault | None:
    fields = fields_of(node, _EVENT_KEYS, "An event", problems)
    word = (
        choice_of(fields["fault"].value, [kind.value for kind in Kind], "'fault'", problems)
        if "fault" in fields
        else None
    )
    start = _time(fields.get("at"), problems)
    if "fault" not in fields or "at" not in fields:
        problems.add("An event tells when and what: {at: 3 d, fault: freeze, tag: DO101, for: 6 h}.", node.origin)
    if word is None or start is None or word not in [kind.value for kind in Kind]:
        return None
    kind = Kind(word)
    allowed = {"at", "for", "fault", "name", *_NEEDS[kind]}
    for key, entry in fields.items():
        if key not in allowed:
            problems.add(f"A fault '{word}' has no '{key}'.", entry.origin)
    missing = [key for key in _NEEDS[kind] if key not in fields]
    if missing:
        problems.add(f"A fault '{word}' needs '{missing[0]}'.", node.origin)
        return None
    return _bound(kind, start, fields, node, tags, problems)


def _bound(
    kind: Kind, start: Ticks, fields: dict[str, Entry], node: Node, tags: Mapping[str, Tag], problems: Problems
) -> Fault | None:
    tag = None
    if "tag" in fields:
        name = text_of(fields["tag"].value, "'tag'", problems) or ""
        tag = tags.get(name)
        if tag is None:
            problems.add(f"There is no tag '{name}'.{nearest(name, tags)}", fields["tag"].origin)
            return None
        if kind in (Kind.OPERATE, Kind.REFUSE, Kind.IGNORE) and not tag.is_writable:
            problems.add(f"'{name}' cannot be written: its tag map does not say 'writable: true'.", node.origin)
    unit = tag.unit if tag else "1"
    size = _quantity(fields.get("by") or fields.get("to"), unit, problems, difference=kind is not Kind.OPERATE)
    if kind is Kind.OPERATE and tag is not None and tag.low is not None and tag.high is not None:
        if not tag.low <= size <= tag.high:
            problems.add(f"{size:g} {unit} is outside the limits of '{tag.name}', {tag.low:g} to {tag.high:g} {unit}.",
                         fields["to"].origin)  # fmt: skip
    return Fault(
        kind, start, _time(fields.get("for"), problems), tag.name if tag else "", size,
        _time(fields.get("over"), problems) or Ticks(0), settings_in(fields.get("set"), problems),
        (text_of(fields["name"].value, "'name'", problems) or "") if "name" in fields else "", node.origin,
    )  # fmt: skip
