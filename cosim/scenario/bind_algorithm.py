"""The co-simulation algorithm of a scenario: its name and options looked up and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from cosim.algorithm.option import Option, options_of
from cosim.clock import format_ticks
from cosim.scenario.document import Scalar
from cosim.scenario.model import AlgorithmEntry
from cosim.scenario.reading import Problems, boolean_of, integer_of, number_of
from cosim.system.nearest import nearest

Algorithm = TypeVar("Algorithm")


def bind_algorithm(
    entry: AlgorithmEntry | None,
    known: Mapping[str, Callable[..., Algorithm]],
    problems: Problems,
    *,
    kind: str = "algorithm",
) -> tuple[str, Algorithm]:
    """Return the algorithm of ``entry`` with a text that tells its options; the first of ``known`` where none is.

    ``kind`` is what it is called in messages.
    """
    default = next(iter(known))
    if entry is None:
        return default, known[default]()
    name = entry.name.text
    if name not in known:
        hint = nearest(name, known)
        problems.add(f"There is no {kind} '{name}'; there are {', '.join(known)}.{hint}", entry.name.origin)
        return default, known[default]()
    options = {option.name: option for option in options_of(known[name])}
    values: dict[str, bool | int | float | str] = {}
    for key, written in entry.options.items():
        if key not in options:
            hint = nearest(key, options) or (f" There are {', '.join(options)}." if options else " It has none.")
            problems.add(f"{kind.capitalize()} '{name}' has no option '{key}'.{hint}", written.origin)
            continue
        value = _value(written, options[key], problems)
        if value is not None:
            values[key] = value
    parts = [f"{key}: {entry.options[key].text}" for key in values]
    if entry.event_tolerance is not None:
        parts.append(f"event_tolerance: {format_ticks(entry.event_tolerance)}")
    text = ", ".join(parts)
    return f"{name} ({text})" if text else name, known[name](**values)


def _value(written: Scalar, option: Option, problems: Problems) -> bool | int | float | str | None:
    what = f"'{option.name}'"
    if isinstance(option.default, bool):
        return boolean_of(written, what, problems)
    if isinstance(option.default, str):
        if not option.choices or written.text in option.choices:
            return written.text
        choices = ", ".join(option.choices)
        problems.add(f"{what} is '{written.text}'; it should be one of {choices}.", written.origin)
        return None
    least, most = option.least, option.most
    value = (
        integer_of(written, what, problems, least=int(least or 0))
        if isinstance(option.default, int)
        else number_of(written, what, problems)
    )
    if value is not None and ((least is not None and value < least) or (most is not None and value > most)):
        limits = [f"from {least:g} on" if least is not None else "", f"at most {most:g}" if most is not None else ""]
        problems.add(f"{what} is {written.text}; it should be {' and '.join(filter(None, limits))}.", written.origin)
        return None
    return value
