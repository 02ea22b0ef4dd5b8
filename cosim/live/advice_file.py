"""The section ``advice`` of a shadow file: what the next best action aims at, and how it is looked for."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cosim.clock import TICKS_PER_SECOND, Ticks
from cosim.live.acting import Advising, Harvest, Kept, Price
from cosim.live.tag_file import number_in, settings_in
from cosim.scenario.document import Entry
from cosim.scenario.expressions import parse_name
from cosim.scenario.reading import (
    Problems,
    duration_of,
    entries_of,
    fields_of,
    integer_of,
    scalar_of,
    scalars_of,
    text_of,
)

_ADVICE: Final = (
    "scenario", "parameters", "every", "from", "maximise", "keep", "harvest", "doubt", "forecasts", "members",
    "confidence", "gain", "risk",
)  # fmt: skip
_HARVEST: Final = ("from", "to", "per_day")
_HOUR: Final = 3600 * TICKS_PER_SECOND


def advising_of(entry: Entry, path: Path, problems: Problems) -> Advising:
    """Read all of it; noting what is wrong in ``problems``."""
    fields = fields_of(entry.value, _ADVICE, "'advice'", problems)
    worth = tuple(
        Price(str(name), price, item.origin)
        for item in (entries_of(fields["maximise"].value, "'maximise'", problems) if "maximise" in fields else ())
        if (name := problems.attempt(lambda item=item: parse_name(item.key, item.origin), item.origin)) is not None  # type: ignore[misc]
        if (price := text_of(item.value, item.key, problems)) is not None
    )
    if not worth:
        problems.add("Advice needs to know what to maximise: 'maximise: {reactor.titre: 1 L/g}'.", entry.origin)
    scenario = text_of(fields["scenario"].value, "'scenario'", problems) if "scenario" in fields else None
    doubt = {
        item.key: _share(item, problems)
        for item in (entries_of(fields["doubt"].value, "'doubt'", problems) if "doubt" in fields else ())
    }

    def time(key: str, default: float) -> Ticks:
        found = (
            duration_of(fields[key].value, f"'{key}'", problems, may_be_zero=key == "from") if key in fields else None
        )
        return found if found is not None else Ticks(round(default * _HOUR))

    def count(key: str, default: int) -> int:
        return (integer_of(fields[key].value, f"'{key}'", problems, least=1) if key in fields else None) or default

    def share(key: str, default: float) -> float:
        return _share(fields[key], problems) if key in fields else default

    return Advising(
        path.parent / scenario if scenario else None, settings_in(fields.get("parameters"), problems),
        time("every", 12.0), time("from", 0.0), worth, _kept(fields.get("keep"), problems),
        _harvest(fields.get("harvest"), problems), doubt, count("forecasts", 24), count("members", 5),
        share("confidence", 0.8), share("gain", 0.005), share("risk", 0.1),
    )  # fmt: skip


def _share(entry: Entry, problems: Problems) -> float:
    """Read a share such as ``10 %``."""
    scalar = scalar_of(entry.value, f"'{entry.key}'", problems)
    value = problems.attempt(lambda: number_in(scalar.text, "1"), scalar.origin, f"'{entry.key}': ") if scalar else None
    if value is not None and not 0.0 <= value <= 1.0:
        problems.add(f"'{entry.key}' is a share from 0 to 100 %.", entry.origin)
    return value or 0.0


def _kept(entry: Entry | None, problems: Problems) -> tuple[Kept, ...]:
    found = []
    for item in entries_of(entry.value, "'keep'", problems) if entry else ():
        name = problems.attempt(lambda item=item: parse_name(item.key, item.origin), item.origin)  # type: ignore[misc]
        texts = [scalar.text for scalar in scalars_of(item.value, item.key, problems)]
        if len(texts) != 2 or texts == ["any", "any"]:
            problems.add(f"'{item.key}' is kept between two quantities, one of which may be 'any'.", item.origin)
        elif name is not None:
            low, high = (None if text == "any" else text for text in texts)
            found.append(Kept(str(name), low, high, item.origin))
    return tuple(found)


def _harvest(entry: Entry | None, problems: Problems) -> Harvest | None:
    if entry is None:
        return None
    fields = fields_of(entry.value, _HARVEST, "'harvest'", problems)
    times = {key: duration_of(fields[key].value, f"'{key}'", problems) for key in ("from", "to") if key in fields}
    cost = scalar_of(fields["per_day"].value, "'per_day'", problems) if "per_day" in fields else None
    number = problems.attempt(lambda: number_in(cost.text, "1"), cost.origin, "'per_day': ") if cost else None
    first, last = times.get("from"), times.get("to")
    if first is None or last is None or first > last:
        problems.add("A harvest is possible from one time to a later one: {from: 12 d, to: 14 d}.", entry.origin)
        return None
    return Harvest(first, last, number or 0.0)
