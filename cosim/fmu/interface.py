"""``resources/interface.json``: inputs whose start value is only there because FMI demands one of every input."""

import json
from pathlib import Path
from typing import Final

from cosim.errors import FmuError

INTERFACE_FILE: Final = "resources/interface.json"
MAX_INTERFACE_FILE: Final = 10 * 1024**2
"""Largest interface file [bytes]; a name has about 30."""
_KEY: Final = "inputs_without_default"


def read_interface(path: Path, data: bytes | None) -> frozenset[str] | None:
    """Return the inputs for which the author of the FMU ``path`` gave no start value.

    ``data`` is the interface file; None: it has none, so that nobody knows, and the answer is None.

    Raises
    ------
    FmuError
        When it is not understood.
    """
    if data is None:
        return None
    try:
        table = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FmuError(f"FMU '{path}': {INTERFACE_FILE} is not JSON: {error}. Build it again.") from error
    names = table.get(_KEY) if isinstance(table, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise FmuError(f"FMU '{path}': {INTERFACE_FILE} has no list '{_KEY}' of names. Build it again.")
    return frozenset(names)
