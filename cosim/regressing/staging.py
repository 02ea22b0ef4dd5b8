"""Subject of a case → a scenario to run, with its models built."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cosim.build.builder import BuiltFmu, build
from cosim.errors import BuildError, CosimError, ScenarioError, SourceLocation, raise_all
from cosim.loading import FMI_VERSION, OnBuilt, build_classes, search_path
from cosim.native import cache_folder
from cosim.regression.suite import ALONE, Case, Subject
from cosim.releasing import resolve
from cosim.results.document import write_bytes, write_text
from cosim.scenario.document import Scalar
from cosim.scenario.model import ComponentEntry, Scenario, Source
from cosim.scenario.parse import read_scenario
from cosim.scenario.signals import read_table
from cosim.system.nearest import nearest


@dataclass(frozen=True, slots=True)
class Stage:
    """A scenario file, how to change what it says, and the file of each component that has one."""

    path: Path
    adapt: Callable[[Scenario], Scenario]
    scenario: Scenario
    files: Mapping[str, Path]


def is_runnable(subject: Subject) -> str:
    """Return why ``subject`` cannot be run on this machine through nobody's fault; '' when it can."""
    if subject.compiler == "omc" and (importlib.util.find_spec("OMPython") is None or shutil.which("omc") is None):
        return "OpenModelica is not installed here"
    return ""


def stage(subject: Subject, case: Case, on_built: OnBuilt | None = None) -> Stage:
    """Read the scenario of ``subject``, build its classes, and put in what the case says.

    Raises
    ------
    CosimError
        All problems at once.
    """
    path = _alone(subject, on_built) if subject.kind == "fmu" else subject.path
    record = tuple(Scalar(_recorded(pattern.text), False, case.origin) for pattern in case.rules.signals) or None
    measures = tuple(entry.measure for entry in case.numbers)
    changes = dict(subject.sources)
    if subject.source is not None and subject.source.kind == "release":  # its registry is found from the suite
        found = _released(subject.source, subject.path.parent)
        changes[ALONE] = Source("fmu", str(found), subject.source.origin)

    def adapt(scenario: Scenario) -> Scenario:
        components = {name: _with_source(entry, changes.get(name)) for name, entry in scenario.components.items()}
        return replace(scenario, components=components, record=record, measures=measures)

    scenario, problems = read_scenario(path)
    for name, source in subject.sources.items():
        if name not in scenario.components:
            hint = nearest(name, scenario.components)
            raise ScenarioError(f"'{path}' has no component '{name}'.{hint}", location=source.origin)
    raise_all(problems)
    if subject.fmi is not None or subject.compiler is not None:
        changes |= _built_as(subject, adapt(scenario), on_built)
    scenario = adapt(scenario)
    unbuilt: list[CosimError] = []
    files = build_classes(scenario, scenario.components, on_built or (lambda _: None), unbuilt)
    raise_all(unbuilt)
    for name, entry in scenario.components.items():
        if entry.source.kind in ("fmu", "csv"):
            place = subject.source.origin if subject.source is not None else entry.source.origin
            files[name] = _there(scenario.folder / entry.source.text, name, place)
        elif entry.source.kind == "release":
            files[name] = _released(entry.source, scenario.folder)
    return Stage(path, adapt, scenario, files)


def _there(path: Path, name: str, place: SourceLocation | None) -> Path:
    if not os.path.isfile(path):
        raise ScenarioError(f"There is no file '{str(path)[:300]}', the source of '{name}'.", location=place)
    return path


def _released(source: Source, folder: Path) -> Path:
    try:
        return resolve(source.text, folder).path
    except CosimError as error:
        raise type(error)(error.message, location=source.origin) from error


def _recorded(pattern: str) -> str:
    """Return ``pattern`` as a scenario records it, where * stands for no dot: as much, or more that is not compared."""
    if "." in pattern or "*" not in pattern:
        return pattern
    return pattern.replace("*", "*.*") if pattern.count("*") == 1 else "*.*"


def _with_source(entry: ComponentEntry, source: Source | None) -> ComponentEntry:
    return entry if source is None else replace(entry, source=source)


def _built_as(subject: Subject, scenario: Scenario, on_built: OnBuilt | None) -> dict[str, Source]:
    """Build the Modelica classes of ``scenario`` as ``subject`` asks; return the FMU of each component."""
    changes = {}
    for name, entry in scenario.components.items():
        if entry.source.kind != "modelica":
            continue
        if entry.structure:
            raise ScenarioError(
                f"'{name}' has 'structure', which 'fmi' and 'compiler' of a case do not keep. Name its FMU under "
                "'sources' instead.",
                location=subject.origin,
            )
        path = _built(entry.source.text, subject, scenario.path, on_built)
        changes[name] = Source("fmu", str(path), entry.source.origin)
    return changes


def _built(class_name: str, subject: Subject, beside: Path, on_built: OnBuilt | None) -> Path:
    """Build a class, looked for beside a file, as ``subject`` asks."""
    (fmu,) = build(
        [class_name],
        search_path=search_path(beside),
        fmi_versions=(subject.fmi or FMI_VERSION,),
        compiler=subject.compiler or "cosim",
    )
    if on_built is not None and not fmu.is_cached:
        on_built(f"{class_name} in {fmu.seconds:.1f} s")
    return _kept(fmu)


def _kept(fmu: BuiltFmu) -> Path:
    """Return a copy of ``fmu`` that is named by its content.

    In a project, what another compiler makes of the class takes the same place.

    Raises
    ------
    BuildError
        When it is another one there by now.
    """
    folder = cache_folder() / "regression" / "fmus" / fmu.sha256[:32]
    kept = folder / fmu.path.name
    if not kept.is_file():
        data = fmu.path.read_bytes()
        if hashlib.sha256(data).hexdigest() != fmu.sha256:
            raise BuildError(
                f"'{fmu.path}' was built and is another file by now: another process builds {fmu.class_name} from "
                "other sources. Try again when it has ended."
            )
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(kept, data)
    return kept


def _alone(subject: Subject, on_built: OnBuilt | None) -> Path:
    """Write the scenario in which an FMU is alone, named by its content, and return where it is."""
    source, duration, step = subject.source, subject.duration, subject.step
    assert source is not None
    assert duration is not None
    assert step is not None
    text = f"release:{source.text}" if source.kind == "release" else source.text
    path = _built(source.text, subject, subject.path, on_built) if source.kind == "modelica" else text
    document = {
        "scenario": "alone",
        "components": {ALONE: {"source": str(path)}},
        **({"inputs": _inputs(subject.inputs)} if subject.inputs is not None else {}),
        "phases": {"run": {"active": [ALONE], "duration": duration.text, "step": step.text}},
    }
    content = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    folder = cache_folder() / "regression" / "alone"
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f"{hashlib.sha256(content.encode()).hexdigest()[:32]}.yaml"
    if not written.exists():
        write_text(written, content)
    return written


def _inputs(path: Path) -> dict[str, object]:
    """Return the inputs that a table of recorded ones drives: every column but the time."""
    columns = [name for name in read_table(path).columns if name != "time"]
    return {f"{ALONE}.{name.removeprefix(ALONE + '.')}": {"file": str(path), "column": name} for name in columns}
