"""Document nodes → what is run, and what it is compared with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from cosim.errors import SourceLocation
from cosim.regression.suite import Data, Subject
from cosim.scenario.document import Entry, Scalar
from cosim.scenario.model import Source
from cosim.scenario.parse_components import parse_source
from cosim.scenario.reading import Problems, choice_of, duration_of, entries_of, fields_of, scalar_of

_KINDS: Final = ("scenario", "fmu", "study")
_VARIANT: Final = ("sources", "fmi", "compiler", "parameters")
_ALONE: Final = ("inputs", "duration", "step")
SUBJECT_KEYS: Final = (*_KINDS, *_VARIANT, *_ALONE)
"""Keys that say what is run."""
AGAINST_KEYS: Final = ("data", "scenario", "fmu", *_VARIANT)
"""Keys that say what it is compared with, in place of a baseline."""
FMI_VERSIONS: Final = ("2.0", "3.0")
COMPILERS: Final = ("cosim", "omc")
_LONGEST_NAME: Final = 255
_LONGEST_PATH: Final = 4000
"""Bytes that file systems take."""


def read_subject(
    fields: Mapping[str, Entry], folder: Path, what: str, origin: SourceLocation | None, problems: Problems
) -> Subject | None:
    """Read what is run."""
    kinds = [kind for kind in _KINDS if kind in fields]
    if len(kinds) != 1:
        has = " and ".join(f"'{kind}'" for kind in kinds) or "nothing to run"
        problems.add(f"{what} has {has}. Write one of 'scenario', 'fmu' and 'study'.", origin)
        return None
    subject = _named(fields[kinds[0]], Subject(kinds[0], folder / "suite"), folder, what, problems)  # type: ignore[arg-type]
    if subject is None:
        return None
    subject = _varied(fields, replace(subject, origin=origin), folder, what, problems)
    return _alone(fields, subject, folder, what, origin, problems)


def _named(entry: Entry, known: Subject, folder: Path, what: str, problems: Problems) -> Subject | None:
    """Return ``known`` with the file or class that ``entry`` names."""
    scalar = scalar_of(entry.value, f"'{entry.key}' of {what}", problems)
    if scalar is None:
        return None
    if entry.key != "fmu":
        path = _file(scalar.text, folder, what, scalar.origin, problems)
        return None if path is None else replace(known, path=path)
    source = _source(scalar, folder, what, problems)
    if source is None:
        return None
    if source.kind not in ("fmu", "modelica", "release"):
        text = f"{what} runs '{scalar.text}' alone, which is neither an FMU, nor a class, nor a release."
        problems.add(text, scalar.origin)
        return None
    return replace(known, source=source)


def _source(scalar: Scalar, folder: Path, what: str, problems: Problems) -> Source | None:
    """Read where a model comes from, with a path that does not depend on where it is written."""
    source = parse_source(scalar, what, problems)
    if source is None or source.kind not in ("fmu", "csv"):
        return source
    path = _file(source.text, folder, what, scalar.origin, problems)
    return None if path is None else replace(source, text=str(path.resolve()))


def _file(text: str, folder: Path, what: str, origin: SourceLocation | None, problems: Problems) -> Path | None:
    """Return the path of a file, which may be missing; note what can be none."""
    try:
        parts = [os.fsencode(part) for part in (folder / text).parts]
    except UnicodeEncodeError:
        parts = [b"\0"]
    if any(b"\0" in part or len(part) > _LONGEST_NAME for part in parts) or sum(map(len, parts)) > _LONGEST_PATH:
        problems.add(f"{what} names {text[:40]!r}, which can be no file: it is too long, or not text.", origin)
        return None
    return folder / text


def _varied(fields: Mapping[str, Entry], known: Subject, folder: Path, what: str, problems: Problems) -> Subject:
    """Return ``known`` with what else ``fields`` say of it."""
    changes: dict[str, Any] = {}
    if "sources" in fields:
        if known.kind != "scenario":
            problems.add(f"{what} has 'sources', which are for components of a scenario.", fields["sources"].origin)
        else:
            changes["sources"] = {**known.sources, **_sources(fields["sources"], folder, what, problems)}
    for key, choices in (("fmi", FMI_VERSIONS), ("compiler", COMPILERS)):
        if key in fields:
            changes[key] = choice_of(fields[key].value, choices, f"'{key}' of {what}", problems)
    if "compiler" in fields and known.source is not None and known.source.kind != "modelica":
        text = f"{what} has a 'compiler', and '{known.source.text}' is built already. Name a class: 'fmu: modelica:…'."
        problems.add(text, fields["compiler"].origin)
    if "parameters" in fields:
        read: dict[str, Scalar] = {}
        for entry in entries_of(fields["parameters"].value, f"'parameters' of {what}", problems):
            value = scalar_of(entry.value, f"'{entry.key}'", problems)
            read |= {entry.key: value} if value is not None else {}
        changes["parameters"] = {**known.parameters, **read}
    if known.kind == "study" and (changes.keys() & {"fmi", "compiler"}):
        problems.add(f"{what} is a study: it is run as it is, but for 'parameters'.", known.origin)
    return replace(known, **changes)


def _sources(entry: Entry, folder: Path, what: str, problems: Problems) -> dict[str, Source]:
    found = {}
    for item in entries_of(entry.value, f"'sources' of {what}", problems):
        scalar = scalar_of(item.value, f"'{item.key}'", problems)
        source = _source(scalar, folder, f"'{item.key}'", problems) if scalar is not None else None
        if source is not None:
            found[item.key] = source
    return found


def _alone(
    fields: Mapping[str, Entry],
    subject: Subject,
    folder: Path,
    what: str,
    origin: SourceLocation | None,
    problems: Problems,
) -> Subject:
    if subject.kind != "fmu":
        for key in _ALONE:
            if key in fields:
                problems.add(f"{what} has '{key}', which is for an FMU alone.", fields[key].origin)
        return subject
    times: dict[str, Scalar | None] = {}
    for key in ("duration", "step"):
        if key not in fields:
            problems.add(f"{what} runs an FMU alone: say its '{key}', as in '{key}: 10 min'.", origin)
        elif duration_of(fields[key].value, f"'{key}' of {what}", problems) is not None:
            times[key] = scalar_of(fields[key].value, f"'{key}' of {what}", problems)
    inputs = scalar_of(fields["inputs"].value, f"'inputs' of {what}", problems) if "inputs" in fields else None
    path = _file(inputs.text, folder, f"'inputs' of {what}", inputs.origin, problems) if inputs else None
    return replace(
        subject,
        inputs=path.resolve() if path else None,
        duration=times.get("duration"),
        step=times.get("step"),
    )


def read_against(entry: Entry, subject: Subject, folder: Path, what: str, problems: Problems) -> Subject | Data | None:
    """Read what ``subject`` is compared with: measured data, or itself with some things different."""
    what = f"'against' of {what}"
    fields = fields_of(entry.value, AGAINST_KEYS, what, problems)
    if "data" in fields:
        for key in fields.keys() - {"data"}:
            problems.add(f"{what} has 'data' and '{key}'. Compare with one thing.", fields[key].origin)
        scalar = scalar_of(fields["data"].value, f"'data' of {what}", problems)
        path = _file(scalar.text, folder, what, scalar.origin, problems) if scalar is not None else None
        return None if scalar is None or path is None else Data(path, scalar.origin)
    if not fields:
        problems.add(f"{what} says nothing. Give what differs, as in 'against: {{fmi: 3.0}}'.", entry.origin)
        return None
    if subject.kind == "study":
        problems.add(f"{what} stands beside a study, which is compared with its baseline only.", entry.origin)
    other: Subject | None = replace(subject, origin=entry.origin)
    for key in ("scenario", "fmu"):
        if key in fields and key != subject.kind:
            problems.add(f"{what} is another {key}, but the case runs a {subject.kind}.", fields[key].origin)
        elif key in fields and other is not None:
            other = _named(fields[key], other, folder, what, problems)
    return None if other is None else _varied(fields, other, folder, what, problems)
