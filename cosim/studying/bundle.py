"""Everything the runs of a study need, for machines that share no files with this one: each file once, by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cosim.errors import ScenarioError
from cosim.intake.report import find_report, place_of
from cosim.native import cache_folder
from cosim.results.document import write_bytes
from cosim.scenario.document import Scalar
from cosim.scenario.model import ComponentEntry, Scenario, Source
from cosim.study.executor import Order
from cosim.studying.plan import Plan


@dataclass(frozen=True, slots=True)
class Bundle:
    """An order, the text of its scenario, and the files that this names; ``sha256`` is of all of it.

    ``files`` has contents by name, ``sources`` the file of each component, ``others`` those that stand for what the
    scenario calls them.
    """

    order: Order
    text: str
    files: Mapping[str, bytes]
    sources: Mapping[str, str]
    others: Mapping[str, str]
    sha256: str


def make_bundle(plan: Plan) -> Bundle:
    """Collect what ``plan`` needs.

    Raises
    ------
    ScenarioError
        When a file cannot be read any more.
    """
    scenario, prepared = plan.prepared.scenario, plan.prepared
    files: dict[str, bytes] = {}
    sources: dict[str, str] = {}
    for name, component in prepared.components.items():
        if component.file is not None:
            sources[name] = _take(component.file, files)
            if component.sha256 is not None and find_report(component.file, component.sha256) is not None:
                stem = sources[name].rpartition(".")[0]
                files[f"{stem}.intake.json"] = place_of(component.file).read_bytes()
    others = {text: _take(scenario.folder / text, files) for text in _named(scenario)}
    facts = [plan.order.document(), scenario.text, sources, others, sorted(files)]
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    return Bundle(plan.order, scenario.text, files, sources, others, digest)


def _take(path: Path, files: dict[str, bytes]) -> str:
    """Add the file to ``files``; return what it is called there."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ScenarioError(f"'{path}' cannot be read, to be sent to the cluster: {error.strerror}.") from error
    name = f"{hashlib.sha256(content).hexdigest()}{path.suffix}"
    files[name] = content
    return name


def _named(scenario: Scenario) -> Iterator[str]:
    """Yield the files that a scenario names besides sources; not those of tokens, which stay where they are."""
    yield from dict.fromkeys(
        [
            *(entry.file for entry in scenario.parameter_sets),
            *(entry.file for entry in scenario.signals),
            *(entry.map_file.text for entry in scenario.components.values() if entry.map_file is not None),
        ]
    )


def unpack(bundle: Bundle) -> Path:
    """Write what is not there, or not whole, into the cache of this machine; return the path of the scenario.

    Raises
    ------
    ResultError
        When it cannot be written.
    """
    folder = cache_folder() / "studies"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in bundle.files.items():
        _write(folder / name, content)
    path = folder / f"{bundle.order.sha256}.yaml"
    _write(path, bundle.text.encode())
    return path


def _write(path: Path, content: bytes) -> None:
    """Write ``content`` unless it is there, whole."""
    if not path.is_file() or path.read_bytes() != content:
        write_bytes(path, content)


def relocated(scenario: Scenario, sources: Mapping[str, str], others: Mapping[str, str]) -> Scenario:
    """Return ``scenario`` with the names that its files have in the cache, as a bundle tells them."""
    components = {name: _moved(entry, sources, others) for name, entry in scenario.components.items()}
    sets = tuple(replace(entry, file=others[entry.file]) for entry in scenario.parameter_sets)
    signals = tuple(replace(entry, file=others[entry.file]) for entry in scenario.signals)
    return replace(scenario, components=components, parameter_sets=sets, signals=signals)


def _moved(entry: ComponentEntry, sources: Mapping[str, str], others: Mapping[str, str]) -> ComponentEntry:
    file = sources.get(entry.name)
    if file is None:
        return entry
    kind = entry.source.kind if entry.source.kind == "csv" else "fmu"
    map_file = entry.map_file
    if map_file is not None:
        map_file = Scalar(others[map_file.text], map_file.is_quoted, map_file.origin)
    return replace(entry, source=Source(kind, file, entry.source.origin), structure={}, map_file=map_file)
