"""A scenario stepped by hand, gone on with from a checkpoint in the folder of its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cosim.execution.observer import AbstractObserver
from cosim.loading import Factory, OnBuilt
from cosim.opened import OpenExecution
from cosim.preparation import prepare
from cosim.resuming import choose, require_same_models
from cosim.run import ALGORITHMS
from cosim.run_folder import header_of
from cosim.scenario.bind import Overrides


def reopen(
    folder: Path,
    path: str | Path,
    parameters: Overrides | None = None,
    *,
    components: Mapping[str, Factory] | None = None,
    observers: Sequence[AbstractObserver] = (),
    on_built: OnBuilt | None = None,
    warn: Callable[[str], None] = lambda _: None,
) -> OpenExecution:
    """Go on from the last checkpoint that ``keep`` has written into ``folder``; other arguments as for ``open``.

    Raises
    ------
    CheckpointError
        When there is none.
    RequestError
        When the scenario, its parameters or an FMU are not those of the run in ``folder``.
    """
    prepared = prepare(path, parameters, ALGORITHMS, supplied=components, on_built=on_built)
    try:
        require_same_models(folder, header_of(prepared, "", "", None))
        origin = choose(folder, warn)
        return OpenExecution(
            prepared, out=folder, observers=observers, origin=origin.checkpoint, earlier=origin.earlier
        )
    except BaseException:
        prepared.close()
        raise
