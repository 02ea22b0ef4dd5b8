"""Components of a scenario → descriptions and factories of instances: builds, opens and reads what sources name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cosim.audited import note_build
from cosim.clock import Ticks
from cosim.errors import CosimError, FmuError, ProblemList, ReleaseError, ScenarioError, SourceLocation, raise_all
from cosim.instance.contract import AbstractInstance
from cosim.intake.report import find_report
from cosim.placing import placed
from cosim.scenario.document import Scalar
from cosim.scenario.model import ComponentEntry, Scenario
from cosim.scenario.variable_map import read_map
from cosim.stopwatch import Stopwatch
from cosim.system.component import ComponentDescription
from cosim.system.nearest import nearest
from cosim.units import parse_quantity

if TYPE_CHECKING:
    from cosim.fmu import FmuFile
    from cosim.releasing import ReleasedFile

FMI_VERSION: Final = "2.0"
"""What Modelica classes are built to for a run; ``cosim build`` makes the others too."""

Factory = Callable[[str], AbstractInstance]
"""Makes the instance of the component whose name it is given."""

OnBuilt = Callable[[str], None]
"""Told what has just been built, and how long that took."""


@dataclass(frozen=True, slots=True)
class LoadedComponent:
    """A component's description and how to make its instance; ``sha256`` is that of ``file``, where there is one."""

    description: ComponentDescription
    instantiate: Callable[[], AbstractInstance]
    source: str
    file: Path | None
    sha256: str | None
    fmi_version: str = ""
    generator: str = ""
    span: tuple[Ticks, Ticks] | None = None
    """Of recorded data: the times of its first and last row."""
    close: Callable[[], None] = lambda: None
    """Gives up what was unpacked, when no instance uses it."""
    warnings: tuple[str, ...] = ()
    """What is known to be wrong with it."""
    distrust_state: Callable[[], None] | None = None
    """Lets instances made from now on have no state access; None where it is known to be right."""
    host: str = "inline"
    """Where its instances run."""
    resets: bool = False
    """True where an instance is as new after a reset: ours are, of others it is known once they were tried."""
    seats: int | None = None
    """Instances that a licence allows at a time, in other processes too."""


def load_components(
    scenario: Scenario,
    supplied: Mapping[str, Factory],
    on_built: OnBuilt | None = None,
    stopwatch: Stopwatch | None = None,
) -> tuple[dict[str, LoadedComponent], list[CosimError]]:
    """Load every component that can be loaded; return with them the problems of the others.

    ``supplied`` components come from the caller, whatever their source. Classes that need building are built first, all
    those with the same ``structure`` together.
    """
    problems: list[CosimError] = [
        ScenarioError(f"There is no component '{name}' that could be supplied.{nearest(name, scenario.components)}")
        for name in supplied
        if name not in scenario.components
    ]
    own = {name: entry for name, entry in scenario.components.items() if name not in supplied}
    stopwatch = stopwatch or Stopwatch()
    with stopwatch.during("build"):
        built = build_classes(scenario, own, on_built or (lambda _: None), problems)
    loaded = {}
    with stopwatch.during("load"):
        for name, entry in scenario.components.items():
            if name in own and entry.source.kind == "modelica" and name not in built:
                continue
            try:
                loaded[name] = (
                    _supplied(name, supplied[name])
                    if name in supplied
                    else _load(scenario, name, entry, built.get(name))
                )
            except ProblemList as error:
                problems.extend(error.problems)
            except CosimError as error:
                problems.append(_placed(error, f"Component '{name}': ", entry.source.origin))
    return loaded, problems


def _placed(error: CosimError, prefix: str, origin: SourceLocation | None) -> CosimError:
    """Give an error without a place that of the component's source; one that has a place keeps it."""
    if error.location is not None:
        return error
    return type(error)(prefix + error.message, component=error.component, variable=error.variable, location=origin)


def build_classes(
    scenario: Scenario, components: Mapping[str, ComponentEntry], on_built: OnBuilt, problems: list[CosimError]
) -> dict[str, Path]:
    """Build the Modelica classes that ``components`` need; return the FMU of each component."""
    variants: dict[str, dict[str, list[str]]] = {}
    structures: dict[str, dict[str, object]] = {}
    for name, entry in components.items():
        if entry.source.kind == "modelica":
            structure = {key: structural_value(value) for key, value in entry.structure.items()}
            key = json.dumps(structure, sort_keys=True)
            structures[key] = structure
            variants.setdefault(key, {}).setdefault(entry.source.text, []).append(name)
    built: dict[str, Path] = {}
    for key, users in variants.items():
        for class_name, path in _build_variant(scenario, users, structures[key], on_built, problems).items():
            built.update(dict.fromkeys(users[class_name], path))
    return built


def structural_value(written: Scalar) -> object:
    """Read a structural parameter: Boolean, whole number, quantity in SI units, else text."""
    text = written.text
    if text in ("true", "false"):
        return text == "true"
    if text.lstrip("+-").isdigit():
        return int(text)
    try:
        quantity = parse_quantity(text)
    except CosimError:
        return text
    return quantity.to_si()


def _build_variant(
    scenario: Scenario,
    users: Mapping[str, Sequence[str]],
    structure: Mapping[str, object],
    on_built: OnBuilt,
    problems: list[CosimError],
) -> dict[str, Path]:
    """Build the classes of ``users`` together; when that fails, each alone, so that each problem has its place."""
    from cosim.build.builder import BuiltFmu, build

    ready: set[str] = set()

    def told(fmu: BuiltFmu) -> None:
        ready.add(fmu.class_name)
        if not fmu.is_cached:
            note_build(fmu, scenario.path.parent)
            on_built(f"{fmu.class_name} in {fmu.seconds:.1f} s, {len(ready)} of {len(users)}")

    def built(class_names: Sequence[str]) -> dict[str, Path]:
        fmus = build(
            class_names,
            search_path=search_path(scenario.path),
            fmi_versions=(FMI_VERSION,),
            structure=structure,
            progress=told,
        )
        return {fmu.class_name: fmu.path for fmu in fmus}

    try:
        return built(list(users))
    except CosimError:
        found: dict[str, Path] = {}
    for class_name, names in users.items():
        try:
            found.update(built([class_name]))
        except ProblemList as error:
            problems.extend(error.problems)
        except CosimError as error:
            origin = scenario.components[names[0]].source.origin
            problems.append(_placed(error, f"Component '{names[0]}': ", origin))
    return found


def search_path(scenario: Path) -> list[Path]:
    """Return where the Modelica classes of ``scenario`` are looked for, before MODELICAPATH and cosim's own library."""
    folder = scenario.resolve().parent
    project = [parent / "modelica" for parent in (folder, folder.parent) if (parent / "modelica").is_dir()]
    has_files = any(folder.glob("*.mo")) or any(folder.glob("*/package.mo"))
    return [*([folder] if has_files else []), *project]


def _supplied(name: str, factory: Factory) -> LoadedComponent:
    made = factory(name) if callable(factory) else factory
    if not callable(factory) or not isinstance(made, AbstractInstance):
        raise ScenarioError(f"it takes a function that returns an instance when called with '{name}', not {made!r}.")
    with made as instance:
        description = instance.description
    return LoadedComponent(description, lambda: factory(name), "python", None, None)


def _load(scenario: Scenario, name: str, entry: ComponentEntry, built: Path | None) -> LoadedComponent:
    if entry.source.kind == "python":
        raise ScenarioError(
            f"it is supplied by the caller: run this scenario with cosim.run(…, components={{'{name}': …}})."
        )
    if entry.source.kind == "csv":
        return _load_table(scenario, name, entry)
    released = _released(scenario, entry) if entry.source.kind == "release" else None
    path = built or (released.path if released else scenario.folder / entry.source.text)
    from cosim.fmu import open_fmu

    if entry.structure and not built:
        _require_structure(path, entry)
    file = open_fmu(path, entry.interface)
    raise_all(file.obstacles if entry.hosting.host in ("inline", "process") else file.obstacles_everywhere)
    called = _rename(scenario, entry, file)
    warnings = () if built else (*_known_faults(name, file), *_unheeded_time(name, file))
    if released is not None:
        _require_hash(file, released)
        warnings = (*(f"Component '{name}': {text}" for text in (released.warning,) if text), *warnings)
    if entry.backend == "pyfmi":
        file.use_pyfmi()
    place = placed(file, name, entry.hosting, scenario.folder)
    return LoadedComponent(
        description=place.description,
        instantiate=place.instantiate,
        source=f"modelica:{entry.source.text}" if built else _written(entry) + called,
        file=path,
        sha256=file.sha256,
        fmi_version=file.facts.fmi_version,
        generator=file.facts.generation_tool,
        close=place.close,
        warnings=warnings,
        distrust_state=None if built else file.distrust_state,
        host=place.host,
        resets=file.generator.startswith("cosim ") or _resets(file),
        seats=entry.hosting.licence.seats if entry.hosting.licence else None,
    )


def _released(scenario: Scenario, entry: ComponentEntry) -> ReleasedFile:
    from cosim.releasing import resolve

    return resolve(entry.source.text, scenario.folder)


def _written(entry: ComponentEntry) -> str:
    return f"release:{entry.source.text}" if entry.source.kind == "release" else entry.source.text


def _require_hash(file: FmuFile, released: ReleasedFile) -> None:
    """Raise ReleaseError where what was opened is not what was checked."""
    if file.sha256 != released.sha256:
        raise ReleaseError(f"'{released.path}' changed while it was opened.")


def _require_structure(path: Path, entry: ComponentEntry) -> None:
    """Raise ScenarioError unless the FMU was built with the structure that the scenario states."""
    from cosim.build.cache import read_record

    wanted = {key: structural_value(value) for key, value in entry.structure.items()}
    if read_record(path).get("structure", {}) != wanted:
        raise ScenarioError(
            f"it has 'structure', which needs a 'modelica:' source to rebuild: '{path.name}' was not built with that."
        )


def _rename(scenario: Scenario, entry: ComponentEntry, file: FmuFile) -> str:
    """Give the variables of ``file`` the names that the scenario asks for; return how the source tells of it."""
    if entry.map_file is None:
        return ""
    from cosim.fmu.renaming import Renaming

    path = scenario.folder / entry.map_file.text
    names = read_map(path)
    try:
        file.rename({name: Renaming(theirs.vendor, theirs.unit) for name, theirs in names.items()})
    except FmuError as error:
        row = names.get(error.variable or "")
        where = row.origin if row is not None else entry.map_file.origin
        raise ScenarioError(f"'{file.path.name}': {error.message}", location=where) from error
    return f", mapped by {entry.map_file.text} (sha256 {hashlib.sha256(path.read_bytes()).hexdigest()})"


def _known_faults(name: str, file: FmuFile) -> tuple[str, ...]:
    """Return what trying the FMU has shown, where that was done; a state that did not come back is not used."""
    report = find_report(file.path, file.sha256)
    if report is None or report.interface != file.interface_type:
        return ()
    if report.rolls_back is False:
        file.distrust_state()
    return tuple(f"'{name}', when it was probed: {finding.text}" for finding in report.faults)


def _resets(file: FmuFile) -> bool:
    """Tell whether trying the FMU has shown that it starts as if new after a reset."""
    report = find_report(file.path, file.sha256)
    if report is None or report.interface != file.interface_type:
        return False
    return any(finding.subject == "reset" and finding.tone == "good" for finding in report.findings)


def _unheeded_time(name: str, file: FmuFile) -> Iterator[str]:
    from cosim.fmu.pace import stated_time
    from cosim.fmu.renaming import TIME

    unit = stated_time(file.description)
    if unit is not None and TIME not in file.renamings:
        yield f"'{name}' says that its time is in {unit}, and is told s. Write the row 'time,time,{unit}' in its map."


def _load_table(scenario: Scenario, name: str, entry: ComponentEntry) -> LoadedComponent:
    """Make recorded data an instance: every column but ``time`` is an output."""
    from cosim.instance.recorded import RecordedInstance
    from cosim.scenario.signals import read_table

    path = scenario.folder / entry.source.text
    table = read_table(path)
    columns = {key: table.columns[key] for key in table.columns if key != "time"}
    if not columns:
        raise ScenarioError(f"'{path}' has no column besides 'time', so that it gives nothing.")
    units = {key: unit for key in columns if (unit := table.units[key]) is not None}
    times = table.times()

    def instantiate() -> AbstractInstance:
        return RecordedInstance(name, times, columns, units=units)

    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    span = Ticks(int(times[0])), Ticks(int(times[-1]))
    source = f"csv:{entry.source.text}"
    return LoadedComponent(instantiate().description, instantiate, source, path, digest, span=span, resets=True)
