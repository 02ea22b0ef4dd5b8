"""Studies: many runs of a scenario, planned and answered by a method.

``cosim.study(…)`` runs one; see ``cosim.studying.running.study``.
"""

import sys
from types import ModuleType


class _CallableModule(ModuleType):
    """Makes ``cosim.study(…)`` work although this package has the function's name and hides it once imported."""

    def __call__(self, *arguments: object, **options: object) -> object:
        import cosim

        return cosim.__getattr__("run_study")(*arguments, **options)  # type: ignore[operator]


sys.modules[__name__].__class__ = _CallableModule
