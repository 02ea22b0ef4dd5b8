"""Where FMUs are unpacked, in whatever process they run."""

from __future__ import annotations

import os
import re
import tempfile
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z0-9._~/\\:-]*")
"""Characters that a URI does not escape (RFC 3986, section 2.3), and those that part folders."""
_SYSTEM: Final = ("/tmp", "/var/tmp")


def temporary_folder() -> str:
    """Return the user's temporary folder, or one of the system's where the name of that is not plain.

    FMUs are told of their resources by a URI (FMI 2.0.4, section 2.1.5), and some take what is escaped in it for the
    name: exports of PythonFMU crash below a folder ``ü``.
    """
    chosen = tempfile.gettempdir()
    if _PLAIN.fullmatch(chosen):
        return chosen
    return next((folder for folder in _SYSTEM if os.access(folder, os.W_OK | os.X_OK)), chosen)
