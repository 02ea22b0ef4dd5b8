"""How cells become numbers: what is missing, what is beyond a limit of detection, what is refused.

Nothing is guessed. An empty cell, ``NA``, ``N/A``, ``nan``, ``-`` and ``–`` are missing; other words are missing only
where the rules say so. ``<0.1`` and ``>20`` are refused until the rules say what they stand for.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from cosim.errors import ScenarioError

Cell = str | float | int | bool | datetime | date | time | timedelta | None
"""What a cell holds; text files have text only."""

MISSING: Final = frozenset({"", "na", "n/a", "nan", "-", "–", "—"})
"""Words that stand for no value, in lower case."""
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_BEYOND: Final = re.compile(r"([<>≤≥])=?\s*(.+)")
_MOST_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Rules:
    """What the cells of a file mean where they are not plain numbers."""

    decimal: Literal[".", ","] = "."
    missing: tuple[str, ...] = ()
    """More words that stand for no value, such as ``n.d.``."""
    beyond: Literal["refuse", "leave_out", "limit", "half"] = "refuse"
    """What ``<0.1`` stands for: a missing value, its limit, or half of it (for ``<`` only)."""
    replicates: bool = False
    """True where several rows of one time are samples of their own."""
    start: datetime | None = None
    """When the experiment began, where times are dates."""
    date_format: str | None = None
    """Of dates as text, as for ``datetime.strptime``; default ISO 8601."""
    encoding: str | None = None
    """Of a text file that is neither UTF-8 nor UTF-16."""


def shown(cell: Cell) -> str:
    """Return ``cell`` for a message, cut where it is long, without control characters."""
    text = "".join(c if c.isprintable() else "?" for c in str(cell))
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def is_missing(cell: Cell, rules: Rules) -> bool:
    """Tell whether ``cell`` stands for no value."""
    if cell is None:
        return True
    if not isinstance(cell, str):
        return isinstance(cell, float) and math.isnan(cell)
    text = cell.strip().lower()
    return text in MISSING or text in {word.strip().lower() for word in rules.missing}


def number(cell: Cell, rules: Rules) -> float:
    """Return the number in ``cell``, NaN where it is missing.

    Raises
    ------
    ScenarioError
        Saying what the cell holds and how to state what it means.
    """
    if is_missing(cell, rules):
        return math.nan
    if isinstance(cell, bool):
        raise ScenarioError(f"'{shown(cell)}' is a logical value, where a number is expected.")
    if isinstance(cell, int | float):
        return _finite(float(cell), cell)
    if not isinstance(cell, str):
        raise ScenarioError(
            f"'{shown(cell)}' is a date or time, where a number is expected. Spreadsheets turn entries such as 1.5 "
            "into dates: format the column as numbers and enter it anew."
        )
    return _of_text(cell.strip(), rules)


def _of_text(text: str, rules: Rules) -> float:
    if text[0] in "=@":
        raise ScenarioError(f"'{shown(text)}' is a formula, and formulas are not computed here. Enter its value.")
    beyond = _BEYOND.fullmatch(text)
    if beyond is not None:
        return _beyond(beyond[1], _plain(beyond[2].strip(), text, rules), text, rules)
    return _plain(text, text, rules)


def _beyond(sign: str, limit: float, text: str, rules: Rules) -> float:
    if rules.beyond == "leave_out":
        return math.nan
    if rules.beyond == "limit":
        return limit
    if rules.beyond == "half" and sign in "<≤":
        return limit / 2.0
    choices = "leave_out, limit or half" if sign in "<≤" else "leave_out or limit"
    raise ScenarioError(f"'{shown(text)}' lies beyond a limit. State what that stands for: 'beyond: {choices}'.")


def _plain(text: str, whole: str, rules: Rules) -> float:
    """Read digits with the decimal sign of the rules, and with no other."""
    other = "," if rules.decimal == "." else "."
    if other in text and _NUMBER.fullmatch(text.replace(",", ".")):
        raise ScenarioError(
            f"'{shown(whole)}' has a '{other}', and the decimal sign is '{rules.decimal}'. State "
            f"'decimal: \"{other}\"' if it is that in the whole file; thousands are written without a separator."
        )
    plain = text.replace(rules.decimal, ".")
    if _NUMBER.fullmatch(plain) is None:
        raise ScenarioError(
            f"'{shown(whole)}' is not a number. Units stand in the head of the column; if it means that there is no "
            f"value, state 'missing: [\"{shown(whole)}\"]'."
        )
    return _finite(float(plain), whole)


def _finite(value: float, cell: Cell) -> float:
    if not math.isfinite(value):
        raise ScenarioError(f"'{shown(cell)}' is not a finite number.")
    return value


def moment(cell: Cell, rules: Rules) -> datetime:
    """Return the date and time in ``cell``.

    Raises
    ------
    ScenarioError
        When it is none.
    """
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if not isinstance(cell, str):
        raise ScenarioError(f"'{shown(cell)}' is not a date and time, as in 2026-03-01 08:30.")
    text = cell.strip()
    try:
        return datetime.strptime(text, rules.date_format) if rules.date_format else datetime.fromisoformat(text)
    except ValueError as error:
        wanted = f"of the form '{rules.date_format}'" if rules.date_format else "as in 2026-03-01 08:30"
        raise ScenarioError(
            f"'{shown(cell)}' is not a date and time {wanted}. State 'date_format' where dates are written otherwise."
        ) from error


def seconds_since(cell: Cell, start: datetime | None, rules: Rules) -> float:
    """Return the seconds from ``start`` to the date in ``cell``; a span of time counts by itself.

    Raises
    ------
    ScenarioError
        When it is no date, or when it began is not known.
    """
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, time):
        raise ScenarioError(f"'{shown(cell)}' is a time of day without a date. Enter the date too, or elapsed hours.")
    found = moment(cell, rules)
    if start is None:
        raise ScenarioError(f"'{shown(cell)}' is a date, and when the experiment began is not stated. State 'start'.")
    if (found.tzinfo is None) != (start.tzinfo is None):
        raise ScenarioError(f"'{shown(cell)}' and the start '{start}' differ in that only one states a time zone.")
    return (found - start).total_seconds()
