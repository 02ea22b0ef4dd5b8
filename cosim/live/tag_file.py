"""Tag map: YAML → tags, with every problem of the file found in one pass."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.errors import SourceLocation, StructureError, raise_all
from cosim.live.tag import BATCH_ID, BATCH_TIME, CLOCK, CLOCK_TAGS, NAME, PHASE, SPEED, Address, Clock, Tag, TagMap, Use
from cosim.live.tag import by_name as default_address
from cosim.scenario.document import Entry, Scalar, parse_document, read_text
from cosim.scenario.expressions import parse_name
from cosim.scenario.reading import (
    Problems,
    boolean_of,
    duration_of,
    entries_of,
    fields_of,
    scalar_of,
    scalars_of,
    text_of,
)
from cosim.units import is_compatible, parse_quantity, read_unit

KEYS: Final = ("tag_map", "description", "clock", "tags")
_TAG_KEYS: Final = (
    "node", "path", "unit", "measures", "drives", "samples", "plant", "limits", "writable", "every", "hold",
)  # fmt: skip
_CLOCK_KEYS: Final = {"batch_time": BATCH_TIME, "batch_id": BATCH_ID, "phase": PHASE, "speed": SPEED}
EVERY: Final = Ticks(TICKS_PER_SECOND)
"""Time between the values of a tag whose map does not tell it."""


def read_tag_map(path: Path) -> TagMap:
    """Read the tag map at ``path``.

    Raises
    ------
    ScenarioError, ProblemList
        All its problems at once, with file and line.
    """
    return parse_tag_map(read_text(path, "tag map"), path)


def parse_tag_map(text: str, path: Path) -> TagMap:
    """Return the tag map that ``text``, the content of ``path``, is; raises as ``read_tag_map``."""
    root = parse_document(text, path, "tag_map")
    problems = Problems()
    fields = fields_of(root, KEYS, "A tag map", problems)
    if "tag_map" not in fields:
        problems.add("There is no name. Begin with 'tag_map: <name>'.", root.origin)
    entries = entries_of(fields["tags"].value, "'tags'", problems) if "tags" in fields else ()
    if not entries:
        problems.add("There are no 'tags'. Write them as in 'TT101: {measures: reactor.temperature, unit: degC}'.",
                     fields["tags"].origin if "tags" in fields else root.origin)  # fmt: skip
    clock = _clock(fields["clock"], problems) if "clock" in fields else CLOCK
    tags = {entry.key: tag for entry in entries if (tag := _tag(entry, problems)) is not None}
    _check_targets(tags, problems)
    raise_all(problems.found)
    return TagMap(tags, clock)


def _clock(entry: Entry, problems: Problems) -> Clock | None:
    """Read ``clock: none``, or where its tags are."""
    if isinstance(entry.value, Scalar) and entry.value.text == "none":
        return None
    fields = fields_of(entry.value, list(_CLOCK_KEYS), "'clock'", problems)
    return Clock(**{key: _clock_address(fields.get(key), name, problems) for key, name in _CLOCK_KEYS.items()})


def _clock_address(entry: Entry | None, name: str, problems: Problems) -> Address:
    if entry is None:
        return default_address(name)
    return _address(fields_of(entry.value, ("node", "path"), f"'{entry.key}'", problems), name, problems)


def _address(fields: dict[str, Entry], name: str, problems: Problems) -> Address:
    if "node" in fields and "path" in fields:
        problems.add(f"'{name}' has both a node and a path. Keep one.", fields["path"].origin)
    for key in ("node", "path"):
        text = text_of(fields[key].value, f"'{key}' of '{name}'", problems) if key in fields else None
        if text is None:
            continue
        if key == "node" and "=" not in text:
            problems.add(f"'{text}' is no node id: write one as in 'ns=2;s=TT101'.", fields[key].origin)
        return Address(text, is_path=key == "path")
    return default_address(name)


def _tag(entry: Entry, problems: Problems) -> Tag | None:
    name = entry.key
    if not NAME.fullmatch(name) or name in CLOCK_TAGS:
        problems.add(f"'{name}' cannot name a tag: use letters, digits, '_', '-' and '.', and no tag of the clock.",
                     entry.origin)  # fmt: skip
        return None
    fields = fields_of(entry.value, _TAG_KEYS, f"Tag '{name}'", problems)
    use, variable = _use(name, fields, entry.origin, problems)
    unit = _unit(name, fields, problems)
    low, high = _limits(name, fields, unit, problems)
    is_writable = bool("writable" in fields and boolean_of(fields["writable"].value, "'writable'", problems))
    if is_writable and (low is None or high is None):
        problems.add(f"'{name}' can be written, so it needs limits: 'limits: [30 degC, 40 degC]'.", entry.origin)
    every = duration_of(fields["every"].value, f"'every' of '{name}'", problems) if "every" in fields else EVERY
    hold = duration_of(fields["hold"].value, f"'hold' of '{name}'", problems) if "hold" in fields else None
    source = _variable(fields.get("plant"), problems) or variable
    return Tag(
        name, _address(fields, name, problems), unit, use, variable, source, every or EVERY, low, high, is_writable,
        hold, entry.origin,
    )  # fmt: skip


def _use(name: str, fields: dict[str, Entry], origin: SourceLocation | None, problems: Problems) -> tuple[Use, str]:
    given = [use for use in Use if use.value in fields]
    if len(given) > 1:
        problems.add(f"'{name}' both {given[0].value} and {given[1].value}. Keep one.", origin)
    if not given:
        return Use.NOTHING, ""
    return given[0], _variable(fields[given[0].value], problems)


def _variable(entry: Entry | None, problems: Problems) -> str:
    text = text_of(entry.value, f"'{entry.key}'", problems) if entry is not None else None
    if entry is None or text is None:
        return ""
    found = problems.attempt(lambda: parse_name(text, entry.origin), entry.origin)
    return str(found) if found is not None else ""


def _unit(name: str, fields: dict[str, Entry], problems: Problems) -> str:
    entry = fields.get("unit")
    text = text_of(entry.value, f"'unit' of '{name}'", problems) if entry is not None else None
    if entry is None or text is None:
        return "1"
    problems.attempt(lambda: read_unit(text), entry.origin, f"The unit of '{name}': ")
    return text


def _limits(name: str, fields: dict[str, Entry], unit: str, problems: Problems) -> tuple[float | None, float | None]:
    entry = fields.get("limits")
    if entry is None:
        return None, None
    scalars = scalars_of(entry.value, f"'limits' of '{name}'", problems)
    numbers = [
        problems.attempt(lambda text=scalar.text: number_in(text, unit), scalar.origin, f"'limits' of '{name}': ")  # type: ignore[misc]
        for scalar in scalars
    ]
    if len(numbers) != 2:
        problems.add(f"The limits of '{name}' are two quantities: [20 degC, 50 degC].", entry.origin)
        return None, None
    low, high = numbers
    if low is not None and high is not None and not low < high:
        problems.add(f"The limits of '{name}' do not rise: {low:g} is not below {high:g} {unit}.", entry.origin)
    return low, high


def number_in(text: str, unit: str, *, difference: bool = False) -> float:
    """Read the quantity ``text`` as a number in ``unit``; only a dimensionless one may be written without a unit.

    Raises
    ------
    StructureError
        When it is no quantity, or of another dimension.
    """
    quantity = parse_quantity(text)
    if not quantity.unit and not is_compatible(unit, "1"):
        raise StructureError(f"'{text}' has no unit. Write one that fits [{unit}].")
    return quantity.to(unit, difference=difference)


def _check_targets(tags: dict[str, Tag], problems: Problems) -> None:
    """Note inputs of the twin that two tags drive."""
    drivers: dict[str, str] = {}
    for tag in tags.values():
        if tag.use is Use.DRIVES and drivers.setdefault(tag.variable, tag.name) != tag.name:
            problems.add(f"'{tag.name}' drives {tag.variable}, which '{drivers[tag.variable]}' drives already.",
                         tag.origin)  # fmt: skip


def settings_in(entry: Entry | None, problems: Problems) -> dict[str, str]:
    """Return what is written for each ``component.variable`` below ``entry``; nothing where there is none."""
    found = {}
    for item in entries_of(entry.value, f"'{entry.key}'", problems) if entry is not None else ():
        name = problems.attempt(lambda item=item: parse_name(item.key, item.origin), item.origin)  # type: ignore[misc]
        value = scalar_of(item.value, item.key, problems)
        if name is not None and value is not None:
            found[str(name)] = value.text
    return found
