"""An FMU and what a scenario says of its host → instances that run there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cosim.clock import to_seconds
from cosim.instance.contract import AbstractInstance
from cosim.scenario.model import HostingEntry, LicenceEntry
from cosim.system.component import ComponentDescription

if TYPE_CHECKING:
    from cosim.fmu.file import FmuFile
    from cosim.hosting.host import HostedFile
    from cosim.hosting.instance import HostedInstance


@dataclass(frozen=True, slots=True)
class Place:
    """Makes the instances of a component in ``host``; ``close`` gives up what is kept for them."""

    description: ComponentDescription
    instantiate: Callable[[], AbstractInstance]
    close: Callable[[], None]
    host: str


def placed(file: FmuFile, name: str, hosting: HostingEntry) -> Place:
    """Return where the instances of ``file`` for the component ``name`` are made."""
    is_ours = file.generator.startswith("cosim ")  # believed: a process protects from faults, not from malice
    if hosting.host == "inline" or (is_ours and not hosting.is_chosen):
        place = Place(file.description, lambda: file.instantiate(name), file.close, "inline")
    else:
        place = _in_processes(file, name, hosting)
    return place if hosting.licence is None else _licensed(place, name, hosting.licence)


def _licensed(place: Place, name: str, licence: LicenceEntry) -> Place:
    """Return ``place`` with a seat taken for its first instance, and given back when it is closed."""
    from cosim.hosting.licence import Licence, Seat, take_seat

    terms = Licence(licence.name, licence.seats, to_seconds(licence.wait))
    taken: list[Seat] = []

    def make() -> AbstractInstance:
        if not taken:
            taken.append(take_seat(terms, name))
        return place.instantiate()

    def close() -> None:
        place.close()
        while taken:
            taken.pop().leave()

    return Place(place.description, make, close, place.host)


def _in_processes(file: FmuFile, name: str, hosting: HostingEntry) -> Place:
    from cosim.hosting.host import ProcessHost, hosted_description
    from cosim.hosting.process import Limits
    from cosim.hosting.restarting import RestartingInstance

    host = ProcessHost(Limits(to_seconds(hosting.timeout), hosting.memory_limit))

    def make() -> HostedInstance:
        return host.instantiate(_hosted_file(file), name)

    def make_lasting() -> AbstractInstance:
        return RestartingInstance(make)

    if hosting.on_failure == "restart":
        return Place(hosted_description(file.description), make_lasting, host.close, "process")
    return Place(hosted_description(file.description), make, host.close, "process")


def _hosted_file(file: FmuFile) -> HostedFile:
    from cosim.hosting.host import HostedFile

    names = {name: renaming.name for name, renaming in file.renamings.items()}
    return HostedFile(file.path, file.sha256, file.interface_type, file.facts.major_version, file.description, names)
