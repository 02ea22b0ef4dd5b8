"""Co-simulation orchestrator for bioprocess digital twins.

::

    result = cosim.run("scenarios/mab_fed_batch.yaml", {"reactor.mu_max": "0.04 1/h"})
    result["reactor.titre"]
    result.to_xarray()
"""

from typing import TYPE_CHECKING, Final

from cosim._version import __version__
from cosim.errors import CosimError

if TYPE_CHECKING:
    from cosim.fmu import open_fmu as open_fmu
    from cosim.interchange.api import export_fmu as export_fmu
    from cosim.interchange.api import export_ssp as export_ssp
    from cosim.interchange.api import import_ssp as import_ssp
    from cosim.opened import OpenExecution as OpenExecution
    from cosim.opened import open as open
    from cosim.regressing.running import regress as regress
    from cosim.results import Result as Result
    from cosim.results import load as load
    from cosim.run import check as check
    from cosim.run import resume as resume
    from cosim.run import run as run
    from cosim.studying.running import study as study
    from cosim.substitution.teaching import train as train

__all__ = [
    "CosimError",
    "OpenExecution",
    "Result",
    "__version__",
    "check",
    "export_fmu",
    "export_ssp",
    "import_ssp",
    "load",
    "open",
    "open_fmu",
    "regress",
    "resume",
    "run",
    "study",
    "train",
]

_HOMES: Final = {
    "OpenExecution": "cosim.opened",
    "Result": "cosim.results",
    "check": "cosim.run",
    "export_fmu": "cosim.interchange.api",
    "export_ssp": "cosim.interchange.api",
    "import_ssp": "cosim.interchange.api",
    "load": "cosim.results",
    "open": "cosim.opened",
    "open_fmu": "cosim.fmu",
    "regress": "cosim.regressing.running",
    "resume": "cosim.run",
    "run": "cosim.run",
    "run_study": "cosim.studying.running",
    "study": "cosim.studying.running",
    "train": "cosim.substitution.teaching",
}

_NAMES: Final = {"run_study": "study"}
"""What ``cosim.study`` is called while the package of that name hides it."""


def __getattr__(name: str) -> object:
    """Import what is asked for when it is first asked for, so that ``import cosim`` is quick."""
    if name not in _HOMES:
        raise AttributeError(f"module 'cosim' has no attribute '{name}'")
    from importlib import import_module

    found = getattr(import_module(_HOMES[name]), _NAMES.get(name, name))
    globals()[name] = found
    return found
