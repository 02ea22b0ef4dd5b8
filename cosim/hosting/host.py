"""The hosts of one component: a process for each of its instances, kept for the next where the last left it sound."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from cosim.errors import FmuError
from cosim.hosting.failure import REPAIR, from_head, last_words
from cosim.hosting.instance import HostedInstance, Model, pass_on
from cosim.hosting.lane import Lane
from cosim.hosting.link import AbstractLink, Lost
from cosim.hosting.process import Limits, WorkerProcess
from cosim.system.component import ComponentDescription

SHARE_OF_MEMORY: Final = 0.5
"""Of this machine's, that one FMU may take where no limit is given."""


@dataclass(frozen=True, slots=True)
class HostedFile:
    """An FMU file, and what is known of it without running it."""

    path: Path
    sha256: str
    interface: str
    major_version: int
    description: ComponentDescription
    names: Mapping[str, str] = field(default_factory=dict)
    """The author's names of variables that are called otherwise here; of ``time``, the unit it is counted in."""


class ProcessHost:
    """Makes instances of ``file`` in processes of their own."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits if limits.memory is not None else replace(limits, memory=share_of_memory())
        self._idle: WorkerProcess | None = None

    def instantiate(self, file: HostedFile, name: str) -> HostedInstance:
        """Return an instance of ``file`` called ``name``.

        Raises
        ------
        FmuError
            When it cannot be instantiated, for whatever reason.
        """
        process, self._idle = self._idle, None
        process = process or WorkerProcess()
        process.limits = self._limits
        keeps = not file.description.capabilities.can_be_instantiated_only_once
        link = ProcessLink(process, self if keeps else None)
        return instantiate_over(link, file, name, str(file.path))

    def keep(self, process: WorkerProcess) -> bool:
        """Take ``process`` for the next instance; tell whether it is needed."""
        if self._idle is not None:
            return False
        self._idle = process
        return True

    def close(self) -> None:
        """End the process that waits for another instance; legal any number of times."""
        process, self._idle = self._idle, None
        if process is not None:
            process.end()


class ProcessLink(AbstractLink):
    """A way to a process on this machine."""

    def __init__(self, process: WorkerProcess, host: ProcessHost | None) -> None:
        self._process, self._host = process, host
        self._is_closed = False

    @property
    def lane(self) -> Lane | None:
        return self._process.lane

    @property
    def is_busy(self) -> bool:
        return self._process.is_busy

    def call(self, head: Mapping[str, Any], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
        try:
            return self._process.call(head, body)
        except Lost as lost:
            raise self._explained(lost) from lost

    def exchange(self) -> None:
        try:
            self._process.exchange()
        except Lost as lost:
            raise self._explained(lost) from lost

    def close(self, *, is_sound: bool) -> None:
        if self._is_closed:  # the process may serve another instance by now
            return
        self._is_closed = True
        is_kept = is_sound and not self._process.is_busy and self._host is not None and self._host.keep(self._process)
        if not is_kept:
            self._process.end()

    def _explained(self, lost: Lost) -> Lost:
        """Add what the process has printed last."""
        printed = last_words(self._process.printed())
        said = f". It had printed: {printed}\n" if printed else "."
        return Lost(lost.how + said + REPAIR, lost.doing)


def instantiate_over(link: AbstractLink, file: HostedFile, name: str, path: str) -> HostedInstance:
    """Return an instance of ``file``, which the host at the other end of ``link`` makes and calls ``path``."""
    model = Model(name, hosted_description(file.description), file.major_version, file.interface == "Model Exchange")
    if link.lane is not None:
        link.lane.restart()
    instance = HostedInstance(model, link)
    head: dict[str, Any] = {"file": path, "sha256": file.sha256, "interface": file.interface, "name": name}
    head["names"] = dict(file.names)
    try:
        answer, _ = link.call({"call": "instantiate", **head})
        pass_on(answer)
        if "error" in answer:
            raise from_head(answer["error"])
    except Lost as lost:
        link.close(is_sound=False)
        text = f"'{name}' cannot be instantiated from '{file.path}': its process {lost.how}"
        if file.description.capabilities.needs_execution_tool:
            text += " It says that it needs its author's tool (needsExecutionTool), which may be missing here."
        raise FmuError(text, component=name) from lost
    except BaseException:
        link.close(is_sound=False)
        raise
    return instance


def hosted_description(description: ComponentDescription) -> ComponentDescription:
    """Return ``description`` as it is where every instance has a process of its own."""
    capabilities = replace(description.capabilities, can_be_instantiated_only_once=False)
    return replace(description, capabilities=capabilities)


def share_of_memory() -> int | None:
    """Return what one FMU may take where no limit is given [bytes]."""
    try:
        return int(SHARE_OF_MEMORY * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (ValueError, OSError, AttributeError):
        return None
