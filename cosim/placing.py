"""An FMU and what a scenario says of its host → instances that run there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from cosim.clock import to_seconds
from cosim.errors import FmuError
from cosim.instance.contract import AbstractInstance
from cosim.scenario.model import HostingEntry, LicenceEntry
from cosim.system.component import ComponentDescription

if TYPE_CHECKING:
    from cosim.fmu.file import FmuFile
    from cosim.hosting.host import HostedFile
    from cosim.hosting.instance import HostedInstance
    from cosim.hosting.process import Limits


@dataclass(frozen=True, slots=True)
class Place:
    """Makes the instances of a component in ``host``; ``close`` gives up what is kept for them."""

    description: ComponentDescription
    instantiate: Callable[[], AbstractInstance]
    close: Callable[[], None]
    host: str


def placed(file: FmuFile, name: str, hosting: HostingEntry, folder: Path) -> Place:
    """Return where the instances of ``file`` for the component ``name`` of the scenario in ``folder`` are made."""
    is_ours = file.generator.startswith("cosim ")  # believed: a process protects from faults, not from malice
    if hosting.host == "inline" or (is_ours and not hosting.is_chosen):
        place = Place(file.description, lambda: file.instantiate(name), file.close, "inline")
    else:
        place = _hosted(file, name, hosting, folder)
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


def _hosted(file: FmuFile, name: str, hosting: HostingEntry, folder: Path) -> Place:
    from cosim.hosting.host import hosted_description
    from cosim.hosting.process import Limits
    from cosim.hosting.restarting import RestartingInstance

    limits = Limits(to_seconds(hosting.timeout), hosting.memory_limit)
    instantiate, close = (
        _in_processes(limits) if hosting.host == "process" else _at_server(hosting, folder, limits)
    )  # each returns how to make an instance, and how to give up what is kept for them

    def make() -> HostedInstance:
        return instantiate(_hosted_file(file), name)

    def make_lasting() -> AbstractInstance:
        return RestartingInstance(make)

    description = hosted_description(file.description)
    return Place(description, make_lasting if hosting.on_failure == "restart" else make, close, hosting.host)


_Host = tuple[Callable[["HostedFile", str], "HostedInstance"], Callable[[], None]]


def _in_processes(limits: Limits) -> _Host:
    from cosim.hosting.host import ProcessHost

    host = ProcessHost(limits)
    return host.instantiate, host.close


def _at_server(hosting: HostingEntry, folder: Path, limits: Limits) -> _Host:
    """Connect to the server, so that one that is not there is found before anything runs."""
    if find_spec("zmq") is None:
        raise FmuError("FMUs at a server are reached over ZeroMQ: pip install 'bioprocess-cosim[remote]'.")
    from cosim.hosting.network.host import RemoteHost

    token_file = folder / hosting.token_file.text if hosting.token_file is not None else None
    host = RemoteHost(hosting.host, token_file, limits)
    host.greet()
    return host.instantiate, host.close


def _hosted_file(file: FmuFile) -> HostedFile:
    from cosim.fmu.renaming import TIME
    from cosim.hosting.host import HostedFile

    names = {
        name: (renaming.unit or "") if name == TIME else renaming.name for name, renaming in file.renamings.items()
    }
    return HostedFile(file.path, file.sha256, file.interface_type, file.facts.major_version, file.description, names)
