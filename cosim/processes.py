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
    """Return the environment for it, ``given`` with this cosim first on the search path.

    What MODELICAPATH names becomes absolute: the Modelica front end looks there as well, and takes a file that it is
    told under two names for two files.
    """
    path = filter(None, (_HERE, given.get("PYTHONPATH")))
    made = {**given, "PYTHONPATH": os.pathsep.join(path)}
    libraries = [entry for entry in given.get("MODELICAPATH", "").split(os.pathsep) if entry]
    return made | ({"MODELICAPATH": os.pathsep.join(map(os.path.abspath, libraries))} if libraries else {})
