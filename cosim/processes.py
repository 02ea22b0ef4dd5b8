"""Python processes that run the cosim that is running, wherever the caller found it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_HERE = str(Path(__file__).resolve().parents[1])


def command_of(module: str) -> list[str]:
    """Return the command that runs ``module``; without -P, modules of the working directory would be taken first."""
    return [sys.executable, "-P", "-m", module]


def environment_of(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for it, ``given`` with this cosim first on the search path."""
    path = filter(None, (_HERE, given.get("PYTHONPATH")))
    return {**given, "PYTHONPATH": os.pathsep.join(path)}
