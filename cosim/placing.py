"""An FMU and what a scenario says of its host → instances that run there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cosim.clock import to_seconds
from cosim.instance.contract import AbstractInstance
from cosim.scenario.model import HostingEntry
from cosim.system.component import ComponentDescription

if TYPE_CHECKING:
    from cosim.fmu.file import FmuFile
    from cosim.hosting.host import HostedFile


@dataclass(frozen=True, slots=True)
class Place:
    """Makes the instances of a component somewhere; ``close`` gives up what is kept for them."""

    description: ComponentDescription
    instantiate: Callable[[], AbstractInstance]
    close: Callable[[], None]


def placed(file: FmuFile, name: str, hosting: HostingEntry) -> Place:
    """Return where the instances of ``file`` for the component ``name`` are made."""
    if hosting.host == "inline":
        place = Place(file.description, lambda: file.instantiate(name), file.close)
    else:
        place = _in_processes(file, name, hosting)
    return place


def _in_processes(file: FmuFile, name: str, hosting: HostingEntry) -> Place:
    from cosim.hosting.host import ProcessHost, hosted_description
    from cosim.hosting.process import Limits

    host = ProcessHost(Limits(to_seconds(hosting.timeout), hosting.memory_limit))

    def make() -> AbstractInstance:
        return host.instantiate(_hosted_file(file), name)

    return Place(hosted_description(file.description), make, host.close)


def _hosted_file(file: FmuFile) -> HostedFile:
    from cosim.hosting.host import HostedFile

    return HostedFile(file.path, file.sha256, file.interface_type, file.facts.major_version, file.description)
