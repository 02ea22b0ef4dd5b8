"""Document nodes → phases, steps, endings, settings and events as written."""

from __future__ import annotations

from typing import Final

from cosim.clock import Ticks, to_ticks
from cosim.errors import SourceLocation
from cosim.scenario.document import Entry, Node, Scalar
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.expressions import parse_condition, parse_name
from cosim.scenario.model import Assignment, CollectEntry, Condition, EndingEntry, EventEntry, PhaseEntry, StepEntry
from cosim.scenario.reading import (
    Problems,
    boolean_of,
    duration_of,
    entries_of,
    fields_of,
    integer_of,
    items_of,
    scalar_of,
    scalars_of,
    text_of,
)
from cosim.system.experiment import PhaseStart
from cosim.system.variable import VariableName

LONGEST_WAIT: Final = to_ticks(30 * 86_400.0)
"""``at_most`` where none is written: 30 d."""
OTHERS: Final = "others"
"""Key of ``step`` for the components that are not named."""

_ENDING_KEYS: Final = ("duration", "volume", "through", "until", "at_most")
_STEP_KEYS: Final = (*_ENDING_KEYS, "set", "collect")
_PHASE_KEYS: Final = (
    "after",
    "delay",
    "active",
    *_ENDING_KEYS,
    "step",
    "repeat",
    "set",
    "steps",
    "fresh",
    "carry",
)


def parse_phases(node: Node, problems: Problems) -> tuple[PhaseEntry, ...]:
    """Read ``phases``, in the order written; without ``after`` a phase follows the one before it."""
    phases: list[PhaseEntry] = []
    previous: str | None = None
    for entry in entries_of(node, "'phases'", problems):
        phase = _phase(entry, previous, problems)
        previous = entry.key
        if phase is not None:
            phases.append(phase)
    if not phases and not problems.found:
        problems.add(
            "There is no phase. Write at least 'run: {active: [a, b], duration: 1 h, step: 1 s}'.", node.origin
        )
    return tuple(phases)


def parse_settings(node: Node, what: str, problems: Problems) -> tuple[Assignment, ...]:
    """Read ``set: {component.variable: value}``."""
    found: dict[VariableName, Assignment] = {}
    for entry in entries_of(node, what, problems):
        name = problems.attempt(lambda entry=entry: parse_name(entry.key, entry.origin), entry.origin)  # type: ignore[misc]
        value = scalar_of(entry.value, entry.key, problems)
        if name in found:
            problems.add(f"{what} sets {name} twice.", entry.origin)
        elif name and value:
            found[name] = Assignment(name, value, entry.origin)
    return tuple(found.values())


def parse_events(node: Node, problems: Problems) -> tuple[EventEntry, ...]:
    """Read ``events``: a list of ``{at: 3 d, set: {…}}`` or ``{when: condition, set: {…}}``."""
    events = []
    for item in items_of(node, "'events'", problems):
        fields = fields_of(item, ("at", "when", "repeats", "set"), "An event", problems)
        if ("at" in fields) == ("when" in fields):
            problems.add("An event has either 'at: <time>' or 'when: <condition>'.", item.origin)
            continue
        if "set" not in fields:
            problems.add("An event has no 'set', so it does nothing.", item.origin)
            continue
        if "at" in fields and "repeats" in fields:
            problems.add(
                "An event at a time happens once: 'repeats' goes with 'when' only. Remove it.", fields["repeats"].origin
            )
        time = duration_of(fields["at"].value, "'at'", problems, may_be_zero=True) if "at" in fields else None
        condition = _condition(fields["when"].value, problems) if "when" in fields else None
        repeats = boolean_of(fields["repeats"].value, "'repeats'", problems) if "repeats" in fields else False
        settings = parse_settings(fields["set"].value, "'set'", problems)
        if time is not None or condition is not None:
            events.append(EventEntry(time, condition, settings, bool(repeats), item.origin))
    return tuple(events)


def _phase(entry: Entry, previous: str | None, problems: Problems) -> PhaseEntry | None:
    what = f"Phase '{entry.key}'"
    if not _is_phase_name(entry, problems):
        return None
    n_before = len(problems.found)
    fields = fields_of(entry.value, _PHASE_KEYS, what, problems)
    is_known = len(problems.found) == n_before
    if not isinstance(entry.value, MappingNode):
        return None
    steps = _steps(fields["steps"].value, entry.key, problems) if "steps" in fields else ()
    ending = _ending(fields, what, entry.origin, problems)
    if is_known and not any(key in fields for key in ("duration", "volume", "until", "steps")):
        problems.add(f"{what} never ends: give it a 'duration', a 'volume', 'until' or 'steps'.", entry.origin)
    step_size, step_sizes = _step_sizes(fields, what, entry.origin, problems)
    active = _names(fields, "active", what, problems)
    if "active" not in fields:
        problems.add(f"{what} does not say which components are 'active'.", entry.origin)
    repeat = integer_of(fields["repeat"].value, f"'repeat' of {what}", problems, least=1) if "repeat" in fields else 1
    carry = tuple(
        name
        for scalar in (scalars_of(fields["carry"].value, f"'carry' of {what}", problems) if "carry" in fields else ())
        if (name := problems.attempt(lambda scalar=scalar: parse_name(scalar.text, scalar.origin), scalar.origin))  # type: ignore[misc]
    )
    return PhaseEntry(
        name=entry.key,
        active=active,
        step_size=step_size or Ticks(1),
        step_sizes=step_sizes,
        start=_start(fields, what, previous, problems),
        ending=ending,
        steps=steps,
        repeat=repeat or 1,
        settings=parse_settings(fields["set"].value, f"'set' of {what}", problems) if "set" in fields else (),
        fresh=_names(fields, "fresh", what, problems),
        carry=carry,
        origin=entry.origin,
    )


def _is_phase_name(entry: Entry, problems: Problems) -> bool:
    if entry.key.isascii() and entry.key.isidentifier():
        return True
    problems.add(f"'{entry.key}' cannot name a phase or step: use letters, digits and underscores.", entry.origin)
    return False


def _names(fields: dict[str, Entry], key: str, what: str, problems: Problems) -> tuple[str, ...]:
    if key not in fields:
        return ()
    scalars = scalars_of(fields[key].value, f"'{key}' of {what}", problems)
    names: dict[str, None] = {}
    for scalar in scalars:
        if scalar.text in names:
            problems.add(f"'{key}' of {what} names '{scalar.text}' twice.", scalar.origin)
        names[scalar.text] = None
    return tuple(names)


def _start(fields: dict[str, Entry], what: str, previous: str | None, problems: Problems) -> PhaseStart:
    delay = (
        duration_of(fields["delay"].value, f"'delay' of {what}", problems, may_be_zero=True)
        if "delay" in fields
        else None
    )
    after = text_of(fields["after"].value, f"'after' of {what}", problems) if "after" in fields else previous
    if after is not None and after.endswith(".start"):
        return PhaseStart(after.removesuffix(".start"), "start", delay or Ticks(0))
    return PhaseStart(after.removesuffix(".end") if after else None, "end", delay or Ticks(0))


def _step_sizes(
    fields: dict[str, Entry], what: str, origin: SourceLocation | None, problems: Problems
) -> tuple[Ticks | None, dict[str, Ticks]]:
    """Read ``step: 10 s`` or ``step: {capture: 1 s, others: 5 s}``."""
    if "step" not in fields:
        problems.add(f"{what} has no communication step: write, for example, 'step: 10 s'.", origin)
        return None, {}
    node = fields["step"].value
    if not isinstance(node, MappingNode):
        return duration_of(node, f"'step' of {what}", problems), {}
    sizes = {}
    for entry in node.entries:
        size = duration_of(entry.value, f"'step' of {what} for '{entry.key}'", problems)
        if size is not None:
            sizes[entry.key] = size
    others = sizes.pop(OTHERS, None)
    missing = [name for name in _names(fields, "active", what, Problems()) if name not in sizes]
    if others is None and missing:
        problems.add(f"'step' of {what} says nothing for {', '.join(missing)}: add them or '{OTHERS}'.", node.origin)
    return others or min(sizes.values(), default=None), sizes


def _steps(node: Node, phase: str, problems: Problems) -> tuple[StepEntry, ...]:
    steps = []
    for entry in entries_of(node, f"'steps' of phase '{phase}'", problems):
        what = f"Step '{phase}.{entry.key}'"
        if not _is_phase_name(entry, problems):
            continue
        n_before = len(problems.found)
        fields = fields_of(entry.value, _STEP_KEYS, what, problems)
        is_known = len(problems.found) == n_before
        ending = _ending(fields, what, entry.origin, problems)
        settings = parse_settings(fields["set"].value, f"'set' of {what}", problems) if "set" in fields else ()
        collects = _collects(fields["collect"].value, what, problems) if "collect" in fields else ()
        if ending is not None:
            steps.append(StepEntry(entry.key, ending, settings, collects, entry.origin))
        elif is_known and not any(key in fields for key in ("duration", "volume", "until")):
            problems.add(f"{what} never ends: give it a 'duration', a 'volume' or 'until'.", entry.origin)
    return tuple(steps)


def _collects(node: Node, what: str, problems: Problems) -> tuple[CollectEntry, ...]:
    found = []
    for entry in entries_of(node, f"'collect' of {what}", problems):
        fields = fields_of(entry.value, ("from", "to"), f"'collect' of {what}", problems)
        if set(fields) != {"from", "to"}:
            problems.add(f"'collect' of {what} needs 'from' and 'to', two conditions.", entry.origin)
            continue
        start, stop = _condition(fields["from"].value, problems), _condition(fields["to"].value, problems)
        if start and stop:
            found.append(CollectEntry(entry.key, start, stop, entry.origin))
    return tuple(found)


def _condition(node: Node, problems: Problems) -> Condition | None:
    scalar = scalar_of(node, "A condition", problems)
    return problems.attempt(lambda: parse_condition(scalar.text, scalar.origin), scalar.origin) if scalar else None


def _ending(
    fields: dict[str, Entry], what: str, origin: SourceLocation | None, problems: Problems
) -> EndingEntry | None:
    """Read how a phase or step ends; None when it does not say or says it wrongly."""
    given = [key for key in ("duration", "volume", "until") if key in fields]
    if len(given) > 1:
        problems.add(f"{what} ends by {' and by '.join(given)}; give one of them.", fields[given[1]].origin)
        return None
    for key, partner in (("through", ("volume",)), ("at_most", ("volume", "until"))):
        if key in fields and not any(other in given for other in partner):
            problems.add(f"{what} has '{key}', which goes with {' or '.join(partner)} only.", fields[key].origin)
    if not given:
        return None
    entry = fields[given[0]]
    at_most, continue_at_limit = _at_most(fields, what, problems)
    duration = duration_of(entry.value, f"'duration' of {what}", problems) if given == ["duration"] else None
    volume = scalar_of(entry.value, f"'volume' of {what}", problems) if given == ["volume"] else None
    conditions = _until(entry.value, what, problems) if given == ["until"] else ()
    if duration is None and volume is None and not conditions:
        return None
    through = _names(fields, "through", what, problems)
    return EndingEntry(duration, volume, through, conditions, at_most, continue_at_limit, entry.origin)


def _until(node: Node, what: str, problems: Problems) -> tuple[Condition, ...]:
    scalars: tuple[Scalar, ...] = scalars_of(node, f"'until' of {what}", problems)
    read = [
        problems.attempt(lambda scalar=scalar: parse_condition(scalar.text, scalar.origin), scalar.origin)  # type: ignore[misc]
        for scalar in scalars
    ]
    return tuple(condition for condition in read if condition is not None)


def _at_most(fields: dict[str, Entry], what: str, problems: Problems) -> tuple[Ticks, bool]:
    """Read ``at_most: 8 h`` or ``at_most: 8 h continue``."""
    if "at_most" not in fields:
        return LONGEST_WAIT, False
    scalar = scalar_of(fields["at_most"].value, f"'at_most' of {what}", problems)
    if scalar is None:
        return LONGEST_WAIT, False
    text = scalar.text.removesuffix("continue")
    plain = Scalar(text.rstrip(), scalar.is_quoted, scalar.origin)
    return duration_of(plain, f"'at_most' of {what}", problems) or LONGEST_WAIT, text != scalar.text
