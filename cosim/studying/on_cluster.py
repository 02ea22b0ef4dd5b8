"""What a worker of a cluster does: it opens the scenario that was sent to it, and makes runs."""

from __future__ import annotations

import platform
import queue
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from cosim._version import __version__
from cosim.errors import CosimError, StudyError
from cosim.study.executor import Done, Order, Task
from cosim.study.pool import Pool
from cosim.studying.bundle import Bundle, relocated, unpack
from cosim.warm import WarmScenario

_lock: Final = threading.Lock()
_bundles: Final[dict[str, Bundle]] = {}
_idle: Final[dict[str, queue.SimpleQueue[WarmScenario | Pool]]] = {}


def about() -> tuple[str, str]:
    """Return what has to be the same on all machines: the version of cosim and the kind of machine."""
    return __version__, f"{platform.system()} {platform.machine()}"


def receive(bundle: Bundle) -> None:
    """Keep what the runs of a study need; legal any number of times."""
    path = unpack(bundle)
    with _lock:
        _bundles[bundle.sha256] = replace(bundle, order=replace(bundle.order, scenario=str(path)), files={})
        _idle.setdefault(bundle.sha256, queue.SimpleQueue())


def make(sha256: str, task: Mapping[str, Any]) -> dict[str, Any]:
    """Make the run of ``task`` with a scenario of the bundle ``sha256`` that no other thread uses."""
    idle = _idle[sha256]
    try:
        maker = idle.get_nowait()
    except queue.Empty:
        maker = _open(_bundles[sha256])
    try:
        return _made(maker, Task(task["run"], tuple(task["values"]))).document()
    finally:
        idle.put(maker)


def _made(maker: WarmScenario | Pool, task: Task) -> Done:
    if isinstance(maker, WarmScenario):
        return maker.run(task)
    return next(done for done in maker.run([task]) if done is not None)


def _open(bundle: Bundle) -> WarmScenario | Pool:
    """Return what makes runs: a process of its own where a run that hangs has to be ended."""
    order: Order = bundle.order
    if order.time_limit:
        moved = {"sources": dict(bundle.sources), "others": dict(bundle.others)}
        return Pool("cosim.studying.worker", order, 1, moved)
    try:
        return WarmScenario.open(order, lambda scenario: relocated(scenario, bundle.sources, bundle.others))
    except CosimError as error:  # a list of several would not survive the way back
        raise StudyError(str(error)) from None


def forget(sha256: str) -> None:
    """Close what was opened for a study."""
    with _lock:
        _bundles.pop(sha256, None)
        idle = _idle.pop(sha256, None)
    while idle is not None:
        try:
            idle.get_nowait().close()
        except queue.Empty:
            return
