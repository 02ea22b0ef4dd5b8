"""The nearest known name, for error messages."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the known name most like ``name``, as in `` Do you mean 'x'?``; '' when none is close."""
    names = list(known)
    found = get_close_matches(name, names, n=1) or [item for item in names if item.lower() == name.lower()][:1]
    return f" Do you mean '{found[0]}'?" if found else ""
