"""Small readers of document nodes that note a problem and go on, so that all problems of a file come at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as AbstractMapping
from typing import Final, TypeVar

from cosim.clock import Ticks
from cosim.errors import CosimError, ScenarioError, SourceLocation
from cosim.scenario.document import Entry, Mapping, Node, Scalar
from cosim.scenario.document import Sequence as SequenceNode
from cosim.system.nearest import nearest
from cosim.units import duration_ticks

Value = TypeVar("Value")


class Problems:
    """Collects the problems of one file in the order found."""

    def __init__(self) -> None:
        self.found: list[CosimError] = []

    def add(self, message: str, origin: SourceLocation | None) -> None:
        """Note a problem of what is written at ``origin``."""
        self.found.append(ScenarioError(message, location=origin))

    def attempt(self, read: Callable[[], Value], origin: SourceLocation | None, prefix: str = "") -> Value | None:
        """Return what ``read`` returns; when it raises, note that at ``origin`` and return None."""
        try:
            return read()
        except CosimError as error:
            kind = type(error) if error.exit_code == 2 else ScenarioError
            self.found.append(kind(prefix + error.message, location=error.location or origin))
            return None


def entries_of(node: Node, what: str, problems: Problems) -> tuple[Entry, ...]:
    """Return the entries of a mapping; note when ``node`` is something else."""
    if isinstance(node, Mapping):
        return node.entries
    problems.add(f"{what} should be 'key: value' pairs.", node.origin)
    return ()


def fields_of(node: Node, allowed: Sequence[str], what: str, problems: Problems) -> dict[str, Entry]:
    """Return the entries by key; note keys that are not ``allowed``."""
    fields = {}
    for entry in entries_of(node, what, problems):
        if entry.key in allowed:
            fields[entry.key] = entry
        else:
            hint = nearest(entry.key, allowed) or f" There are {', '.join(allowed)}."
            problems.add(f"{what} has no key '{entry.key}'.{hint}", entry.origin)
    return fields


NAME: Final = r"[A-Za-z_][A-Za-z0-9_-]{0,99}"
"""What a file, and a case in it, may be called: its results lie in a folder of that name."""


def name_of(fields: AbstractMapping[str, Entry], kind: str, origin: SourceLocation | None, problems: Problems) -> str:
    """Return the name of a file of ``kind``, which stands behind the key of that name; ``kind`` where it has none."""
    if kind not in fields:
        problems.add(f"There is no name. Begin with '{kind}: <name>'.", origin)
        return kind
    name = text_of(fields[kind].value, f"'{kind}'", problems) or kind
    if not re.fullmatch(NAME, name):
        text = f"'{name}' cannot name a {kind}: use letters, digits, underscores and hyphens."
        problems.add(text, fields[kind].origin)
        return kind
    return name


def check_order(root: Mapping, keys: Sequence[str], problems: Problems) -> None:
    """Note the first of the top-level ``keys`` that stands before one that belongs above it."""
    there = [entry for entry in root.entries if entry.key in keys]
    latest = -1
    for entry in there:
        position = keys.index(entry.key)
        if position < latest:
            order = ", ".join(key for key in keys if any(other.key == key for other in there))
            text = f"'{entry.key}' should stand above '{keys[latest]}'. The order is: {order}."
            problems.add(text, entry.origin)
            return
        latest = position


def scalar_of(node: Node, what: str, problems: Problems) -> Scalar | None:
    """Return the single value; note when there is none or a collection."""
    if not isinstance(node, Scalar):
        problems.add(
            f"{what} should be a single value, not a {'list' if isinstance(node, SequenceNode) else 'mapping'}.",
            node.origin,
        )
        return None
    if node.is_null:
        problems.add(f"{what} has no value.", node.origin)
        return None
    return node


def text_of(node: Node, what: str, problems: Problems) -> str | None:
    """Return the single value as text."""
    scalar = scalar_of(node, what, problems)
    return scalar.text if scalar else None


def items_of(node: Node, what: str, problems: Problems) -> tuple[Node, ...]:
    """Return the items of a list."""
    if isinstance(node, SequenceNode):
        return node.items
    problems.add(f"{what} should be a list: [a, b] or lines that start with '- '.", node.origin)
    return ()


def scalars_of(node: Node, what: str, problems: Problems) -> tuple[Scalar, ...]:
    """Return a list of single values; one value alone counts as a list of one."""
    if isinstance(node, Scalar) and not node.is_null:
        return (node,)
    return tuple(
        scalar for item in items_of(node, what, problems) if (scalar := scalar_of(item, f"An item of {what}", problems))
    )


def duration_of(node: Node, what: str, problems: Problems, *, may_be_zero: bool = False) -> Ticks | None:
    """Return a duration above zero (or from zero on)."""
    scalar = scalar_of(node, what, problems)
    if scalar is None:
        return None
    ticks = problems.attempt(lambda: duration_ticks(scalar.text), scalar.origin, f"{what}: ")
    if ticks is None:
        return None
    if ticks < 0 or (ticks == 0 and not may_be_zero):
        problems.add(
            f"{what} is {scalar.text}; it should be {'zero or more' if may_be_zero else 'above zero'}.", node.origin
        )
        return None
    return ticks


def number_of(node: Node, what: str, problems: Problems) -> float | None:
    """Return a finite number without a unit."""
    scalar = scalar_of(node, what, problems)
    if scalar is None:
        return None
    try:
        value = float(scalar.text)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        problems.add(f"{what} is '{scalar.text}'; it should be a number.", node.origin)
        return None
    return value


def integer_of(node: Node, what: str, problems: Problems, *, least: int) -> int | None:
    """Return a whole number from ``least`` on."""
    scalar = scalar_of(node, what, problems)
    if scalar is None:
        return None
    digits = scalar.text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12 and int(digits) >= least):
        problems.add(f"{what} is '{scalar.text}'; it should be a whole number from {least} on.", node.origin)
        return None
    return int(digits)


def boolean_of(node: Node, what: str, problems: Problems) -> bool | None:
    """Return true or false."""
    text = text_of(node, what, problems)
    if text not in ("true", "false", None):
        problems.add(f"{what} is '{text}'; it should be true or false.", node.origin)
        return None
    return None if text is None else text == "true"


def choice_of(node: Node, choices: Sequence[str], what: str, problems: Problems) -> str | None:
    """Return one of ``choices``."""
    text = text_of(node, what, problems)
    if text is None or text in choices:
        return text
    problems.add(f"{what} is '{text}'; it should be one of {', '.join(choices)}.{nearest(text, choices)}", node.origin)
    return None
