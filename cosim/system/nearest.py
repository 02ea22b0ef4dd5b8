"""The nearest known name, for error messages."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the known name most like ``name``, or an empty string."""
    names = list(known)
    found = get_close_matches(name, names, n=1) or [item for item in names if item.lower() == name.lower()][:1]
    return f" Did you mean '{found[0]}'?" if found else ""
