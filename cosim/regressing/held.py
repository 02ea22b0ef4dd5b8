"""What a case is held against in place of a baseline, told by its content: where that changes, it shows."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cosim.build.frontend.source import ModelicaSource
from cosim.errors import CosimError, raise_all
from cosim.loading import search_path
from cosim.regressing.keys import digest_of, files_named, surrogates_of
from cosim.regression.suite import ALONE, Data, Subject, Suite
from cosim.releasing import resolve
from cosim.scenario.document import content_of, parse_document
from cosim.scenario.model import Source
from cosim.scenario.parse import read_scenario

_UNREADABLE: Final = {"content": "cannot be read"}
_Digest = Callable[[tuple[Path, ...], str], str]
"""Returns the hash of the sources of a library, looked for on a search path."""


def held_against(suite: Suite) -> dict[str, object]:
    """Return the hashes of what each case that stands against something is held against, by its name.

    Of a model that is built these are the sources of its library: they are the same on every machine. What cannot be
    read is told as that; the case has no answer then.
    """

    @functools.cache
    def digest(path: tuple[Path, ...], library: str) -> str:
        return ModelicaSource.discover(path).digest(library)

    return {name: _content(case.against, digest) for name, case in suite.cases.items() if case.against is not None}


def _content(against: Subject | Data, digest: _Digest) -> object:
    try:
        return {"data": digest_of(against.path)} if isinstance(against, Data) else _of_side(against, digest)
    except (CosimError, OSError):
        return _UNREADABLE


def _of_side(side: Subject, digest: _Digest) -> dict[str, object]:
    if side.source is not None:
        inputs = {"inputs": digest_of(side.inputs)} if side.inputs is not None else {}
        return {**inputs, **_of_models({ALONE: side.source}, side.path, digest)}
    scenario, problems = read_scenario(side.path)
    raise_all(problems)
    sources = {name: entry.source for name, entry in scenario.components.items()} | dict(side.sources)
    content = json.dumps(content_of(scenario.text)).encode()
    told = {
        "scenario": hashlib.sha256(content).hexdigest(),
        "surrogates": surrogates_of(scenario),
        "files": dict(files_named(parse_document(scenario.text, side.path), scenario.folder)),
        **_of_models(sources, side.path, digest),
    }
    return {name: value for name, value in told.items() if value}


def _of_models(sources: Mapping[str, Source], beside: Path, digest: _Digest) -> dict[str, object]:
    """Return the hashes of FMUs and data by component, of releases by what they are, and of libraries by name."""
    libraries = {source.text.split(".")[0] for source in sources.values() if source.kind == "modelica"}
    folder, path = beside.parent, tuple(search_path(beside))
    files = {name: folder / source.text for name, source in sources.items() if source.kind in ("fmu", "csv")}
    released = {source.text for source in sources.values() if source.kind == "release"}
    told = {
        "models": {name: digest_of(file) for name, file in files.items()},
        "releases": {title: resolve(title, folder).sha256 for title in sorted(released)},
        "libraries": {name: digest(path, name) for name in sorted(libraries)},
    }
    return {name: value for name, value in told.items() if value}
