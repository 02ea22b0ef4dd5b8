"""An FMU file: opened, checked, described, and made into instances."""

import gc
import os
import weakref
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Final, Self

from cosim.errors import FmuError
from cosim.fmu import unpacked
from cosim.fmu.archive import MAX_DESCRIPTION, opened_archive, read_member, unpack
from cosim.fmu.arrays import Arrays, find_arrays
from cosim.fmu.clocks import ClockFacts, read_clocks
from cosim.fmu.cvode import load as load_cvode
from cosim.fmu.description import capabilities, describe
from cosim.fmu.facts import FmuFacts, InterfaceType, Linkage
from cosim.fmu.instance import FmuInstance
from cosim.fmu.interface import INTERFACE_FILE, MAX_INTERFACE_FILE, read_interface
from cosim.fmu.jacobian import StateStructure, read_structure
from cosim.fmu.library import SharedLibrary, library_name, missing_platform
from cosim.fmu.log import InstanceLog
from cosim.fmu.pace import paced_description, seconds_in
from cosim.fmu.reading import has_event_mode, interfaces_of, intermediate_inputs, read_facts, value_references
from cosim.fmu.renaming import TIME, Renaming, renamed_description
from cosim.fmu.species import MAX_SPECIES_FILE, SPECIES_FILE, read_species
from cosim.fmu.state_layout import LAYOUT_FILE, layout_in
from cosim.fmu.terminals import MAX_TERMINALS_FILE, TERMINALS_FILE, Terminals, find_terminals
from cosim.fmu.versions import Origin, Parts, instantiate, paced, remedy
from cosim.fmu.xml import read_xml
from cosim.instance.contract import AbstractInstance
from cosim.system.component import ComponentDescription


@dataclass(frozen=True, slots=True)
class _Interface:
    """The FMU as one of its interface types shows it; ``library`` is its binary for this machine."""

    description: ComponentDescription
    library: str | None


@dataclass(frozen=True, slots=True)
class _Content:
    """Everything read from the archive when it was opened."""

    sha256: str
    facts: FmuFacts
    guid: str
    references: Mapping[str, int]
    arrays: Arrays
    interfaces: Mapping[InterfaceType, _Interface]
    has_event_mode: bool
    structure: StateStructure
    intermediate_inputs: tuple[int, ...] | None
    clocks: ClockFacts
    terminals: Terminals


_only_instances: Final[dict[str, str]] = {}
"""Name of the living instance of each FMU (by content) that allows one per process."""
_only_guard: Final = Lock()
_known_contents: Final[dict[str, _Content]] = {}
"""What was read before, by the hash of the file, so that a file used by many components is read once."""
_MOST_KNOWN: Final = 64


class FmuFile:
    """An FMU whose description has been read; it is unpacked when first instantiated.

    A context manager; instances may outlive it, the unpacked files stay until the last of them is freed.
    """

    def __init__(self, path: Path, content: _Content, interface: InterfaceType) -> None:
        self._path = path
        self._content = content
        self._interface_type = interface
        self._interface = content.interfaces[interface]
        self._release_copy: weakref.finalize[..., FmuFile] | None = None
        self._references = content.references
        self._renamings: Mapping[str, Renaming] = {}
        self._time_unit = 1.0
        self._make: Callable[[SharedLibrary, InstanceLog, str, Origin], Parts] = instantiate
        if content.terminals.renamings:
            self._call(content.terminals.renamings)

    @property
    def path(self) -> Path:
        """The file, absolute."""
        return self._path

    @property
    def sha256(self) -> str:
        """The hash of the file's content, in hexadecimal."""
        return self._content.sha256

    @property
    def description(self) -> ComponentDescription:
        """Variables, ports, species, capabilities."""
        return self._interface.description

    @property
    def interface_type(self) -> InterfaceType:
        """The interface type instances are made with."""
        return self._interface_type

    @property
    def facts(self) -> FmuFacts:
        """Versions, platforms, default experiment, and what is odd about the file."""
        return self._content.facts

    @property
    def linkage(self) -> Linkage:
        """What calls its library; names are those that ``rename`` gave."""
        content = self._content
        return Linkage(self._interface.library, content.guid, self._references, content.has_event_mode)

    @property
    def fmi_version(self) -> str:
        """The FMI version as the file states it."""
        return self.facts.fmi_version

    @property
    def generator(self) -> str:
        """The tool that made the FMU, '' where not stated."""
        return self.facts.generation_tool

    @property
    def obstacles(self) -> tuple[FmuError, ...]:
        """Why it cannot be instantiated here, as far as that is known without trying."""
        everywhere = self.obstacles_everywhere
        if everywhere:
            return everywhere
        if self._interface_type == "Model Exchange":
            try:
                load_cvode()
            except FmuError as error:
                return (FmuError(f"FMU '{self._path}' cannot be integrated: {error}"),)
        if not self._interface.library:
            return (missing_platform(self._path, self.facts.platforms),)
        return ()

    @property
    def obstacles_everywhere(self) -> tuple[FmuError, ...]:
        """Why it cannot be instantiated on any machine."""
        if self._interface_type == "Scheduled Execution":
            return (
                FmuError(
                    f"FMU '{self._path}' offers Scheduled Execution only, for which the importer has to be a real-time "
                    "scheduler. Export it again for Co-Simulation or Model Exchange."
                ),
            )
        return self._ticked_from_outside()

    def _ticked_from_outside(self) -> tuple[FmuError, ...]:
        waiting = {clock.reference for clock in self._content.clocks.clocks if clock.waits_for_others}
        names = [f"'{name}'" for name, reference in self._references.items() if reference in waiting]
        if not names:
            return ()
        return (
            FmuError(
                f"FMU '{self._path}' has triggered input clocks, {', '.join(names)}, which another FMU would have to "
                "tick; only clocks with an interval are ticked here. Export it with such clocks, or together with what "
                "ticks them."
            ),
        )

    def instantiate(self, name: str, *, logging: bool = False) -> AbstractInstance:
        """Make an instance called ``name``; ``logging`` passes on all its messages, not only warnings and errors.

        Raises
        ------
        FmuError
            When it cannot run here, or refuses.
        """
        for obstacle in self.obstacles:
            raise obstacle
        self._claim(name)
        with ExitStack() as undo:
            undo.callback(self._unclaim)
            instance = self._instantiate(name, verbose=logging)
            undo.pop_all()
        return instance

    def rename(self, renamings: Mapping[str, Renaming]) -> None:
        """Call variables by the keys of ``renamings`` from now on, in the units given there; the model's time too.

        Raises
        ------
        FmuError
            When the FMU has no such variable, it is part of an array, a name is taken, or time has no unit of time.
        """
        given = {renaming.name for renaming in renamings.values()}
        of_terminals = self._content.terminals.renamings
        kept = {name: one for name, one in of_terminals.items() if one.name not in given and name not in renamings}
        self._call({**kept, **renamings})

    def _call(self, renamings: Mapping[str, Renaming]) -> None:
        """Call variables by the keys of ``renamings``, all others as their author does."""
        exported = self._content.interfaces[self._interface_type]
        described = renamed_description(exported.description, renamings, self._content.arrays)
        if TIME in renamings:
            self._time_unit = seconds_in(renamings[TIME].unit)
            described = paced_description(described, self._time_unit)
        self._interface = replace(exported, description=described)
        ours = {renaming.name: name for name, renaming in renamings.items()}
        self._references = {ours.get(name, name): number for name, number in self._content.references.items()}
        self._renamings = dict(renamings)

    @property
    def renamings(self) -> Mapping[str, Renaming]:
        """What variables are called, as ``rename`` was told."""
        return self._renamings

    def use_pyfmi(self) -> None:
        """Let PyFMI call the FMU in instances made from now on; raise FmuError where it cannot."""
        from cosim.fmu import by_pyfmi

        described = by_pyfmi.as_pyfmi_gives_it(self.description, self.facts, self._interface_type)
        self._interface = replace(self._interface, description=described)
        self._make = by_pyfmi.instantiate

    def distrust_state(self) -> None:
        """Let instances made from now on have no state access, whatever the FMU declares."""
        described = self._interface.description
        capabilities = replace(described.capabilities, can_get_and_set_state=False, can_serialise_state=False)
        self._interface = replace(self._interface, description=replace(described, capabilities=capabilities))

    def close(self) -> None:
        """Give up the unpacked files, which go when no instance uses them; legal any number of times."""
        if self._release_copy is not None:
            self._release_copy()
            self._release_copy = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _instantiate(self, name: str, *, verbose: bool) -> FmuInstance:
        copy = unpacked.acquire(self.sha256, self._unpack_into)
        if self._release_copy is None:  # one more user, so that the next instance finds it still unpacked
            own = unpacked.acquire(self.sha256, self._unpack_into)
            self._release_copy = weakref.finalize(self, unpacked.release, own)
        with ExitStack() as undo:
            undo.callback(unpacked.release, copy)
            library = SharedLibrary(self._path, copy.folder / (self._interface.library or ""))
            undo.callback(library.close)
            copy.libraries.update(library.paths)
            log = InstanceLog(name, verbose=verbose)
            undo.callback(log.close)
            parts = self._parts(library, log, copy.folder / "resources", name)
            undo.pop_all()

        def release(may_unload: bool) -> None:
            if may_unload:
                library.close()
            self._unclaim()
            unpacked.release(copy)

        layout_file = copy.folder / LAYOUT_FILE
        return FmuInstance(
            name,
            self.description,
            self._references,
            arrays=self._content.arrays,
            parts=parts,
            log=log,
            layout=cache(lambda: layout_in(layout_file)),
            release=release,
        )

    def _parts(self, library: SharedLibrary, log: InstanceLog, resources: Path, name: str) -> Parts:
        content = self._content
        origin = Origin(
            facts=content.facts,
            guid=content.guid,
            resources=resources,
            interface=self._interface_type,
            has_event_mode=content.has_event_mode,
            structure=content.structure,
            clocks=content.clocks,
            intermediate_inputs=content.intermediate_inputs,
            is_differentiable=self.description.capabilities.provides_directional_derivatives,
        )
        try:
            return paced(self._make(library, log, name, origin), self._time_unit)
        except FmuError as error:
            text = f"'{name}' cannot be instantiated from '{self._path}': {error}"
            if self.description.capabilities.needs_execution_tool:
                text += remedy(text)
            raise FmuError(text, component=name) from error

    def _unpack_into(self, folder: Path) -> None:
        with opened_archive(self._path) as (archive, sha256):
            if sha256 != self.sha256:
                raise FmuError(f"FMU '{self._path}' has changed since it was opened. Run again.")
            unpack(self._path, archive, folder)
        (folder / "resources").mkdir(exist_ok=True)  # FMUs are told of it even when they have none

    def _claim(self, name: str) -> None:
        if not self.description.capabilities.can_be_instantiated_only_once:
            return
        with _only_guard:
            other = _only_instances.get(self.sha256)
            if other is not None:
                raise FmuError(
                    f"'{name}' cannot be instantiated from '{self._path}': the FMU allows one instance per process "
                    f"(canBeInstantiatedOnlyOncePerProcess), which '{other}' is. Give each a process of its own by "
                    "'host: process', or use the FMU for one component only.",
                    component=name,
                )
            _only_instances[self.sha256] = name

    def _unclaim(self) -> None:
        with suppress(KeyError):
            del _only_instances[self.sha256]


def open_fmu(path: str | Path, interface: InterfaceType | None = None) -> FmuFile:
    """Open the FMU at ``path`` and read its description; nothing is unpacked or run.

    ``interface`` chooses the interface type; without it, Co-Simulation is preferred to Model Exchange. Any FMU that
    follows the standard is opened, also one that cannot be run here: ``FmuFile.obstacles`` tells.

    Raises
    ------
    FmuError
        When it is missing, damaged, harmful, does not offer ``interface``, or its description cannot be understood.
    """
    path = Path(os.path.abspath(path))  # collapses "..", keeps symbolic links
    with opened_archive(path) as (archive, sha256):
        content = _known_contents.get(sha256)
        if content is None:
            content = _known_contents[sha256] = _read(path, archive, sha256)
    while len(_known_contents) > _MOST_KNOWN:
        _known_contents.pop(next(iter(_known_contents)), None)
    chosen = interface if interface is not None else next(iter(content.interfaces))
    if chosen not in content.interfaces:
        offered = " and ".join(content.facts.interface_types)
        raise FmuError(f"FMU '{path}' does not offer {chosen}; it offers {offered}. Choose that, or export it again.")
    return FmuFile(path, content, chosen)


def _read(path: Path, archive: zipfile.ZipFile, sha256: str) -> _Content:
    data = read_member(path, archive, "modelDescription.xml", MAX_DESCRIPTION)
    if data is None:
        raise FmuError(f"'{path}' is not an FMU: it contains no modelDescription.xml.")
    species = read_species(path, read_member(path, archive, SPECIES_FILE, MAX_SPECIES_FILE))
    interface = read_interface(path, read_member(path, archive, INTERFACE_FILE, MAX_INTERFACE_FILE))
    entries = archive.infolist()
    with _without_collection():
        read = read_xml(path, data, inputs_without_default=interface)
        facts = read_facts(path, read, entries)
        if not facts.interface_types:
            raise FmuError(f"FMU '{path}' offers no interface type, so that nothing can be run. Export it again.")
        names = [entry.filename for entry in entries]
        described = describe(path, read, species)
        terminals = find_terminals(read_member(path, archive, TERMINALS_FILE, MAX_TERMINALS_FILE), described.variables)
        facts = replace(facts, terminals=terminals.facts, oddities=(*facts.oddities, *terminals.oddities))
        return _Content(
            sha256=sha256,
            facts=facts,
            guid=read.content.guid or "",
            references=value_references(read.content),
            arrays=find_arrays(read.content, described.variables),
            interfaces={
                kind: _Interface(
                    replace(described, capabilities=capabilities(read, kind)),
                    library_name(names, facts.major_version, identifier),
                )
                for kind, identifier in interfaces_of(read.content).items()
            },
            has_event_mode=has_event_mode(read.content),
            structure=read_structure(read),
            intermediate_inputs=intermediate_inputs(read),
            clocks=read_clocks(data),
            terminals=terminals,
        )


@contextmanager
def _without_collection() -> Iterator[None]:
    """Pause the search for cyclic garbage, which takes a third of the time while 100,000 variables are created."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
