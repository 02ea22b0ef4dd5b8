"""The form that the document of a record has: predicates that are put together, so that nothing else is believed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

Form = Callable[[object], bool]
_LARGEST: Final = 2**63


def text(value: object) -> bool:
    """Tell whether ``value`` is text."""
    return isinstance(value, str)


def flag(value: object) -> bool:
    """Tell whether ``value`` is true or false."""
    return isinstance(value, bool)


def whole(value: object) -> bool:
    """Tell whether ``value`` is a whole number of 64 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST


def number(value: object) -> bool:
    """Tell whether ``value`` is a finite number."""
    return whole(value) or (isinstance(value, float) and math.isfinite(value))


def plain(value: object) -> bool:
    """Tell whether ``value`` is one of these, or a list of them, or nothing."""
    return value is None or text(value) or flag(value) or number(value) or each(plain)(value)


def maybe(form: Form) -> Form:
    """Return the form of what may be nothing."""
    return lambda value: value is None or form(value)


def one_of(*texts: str) -> Form:
    """Return the form of one of ``texts``."""
    return lambda value: text(value) and value in texts


def each(form: Form) -> Form:
    """Return the form of a list of any length."""
    return lambda value: isinstance(value, list) and all(map(form, value))


def row(*forms: Form) -> Form:
    """Return the form of a list with one item of each of ``forms``."""
    return lambda value: (
        isinstance(value, list)
        and len(value) == len(forms)
        and all(form(item) for form, item in zip(forms, value, strict=True))
    )


def by_name(form: Form) -> Form:
    """Return the form of a mapping of any names."""
    return lambda value: isinstance(value, dict) and all(map(form, value.values()))


def holding(**forms: Form) -> Form:
    """Return the form of a mapping of these names and no others."""
    return lambda value: (
        isinstance(value, dict)
        and value.keys() == forms.keys()
        and all(form(value[name]) for name, form in forms.items())
    )
