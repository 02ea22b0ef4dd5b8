"""A release file → its manifest: what is released, for what, within which limits, and which gates it must pass."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Final

from cosim.errors import ReleaseError, ScenarioError, raise_all
from cosim.release.gates import Gate, checked_gate
from cosim.release.people import STATES
from cosim.scenario.document import Entry, Node, Scalar, parse_document, read_text
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.reading import Problems, entries_of, fields_of, integer_of, scalars_of, text_of

KEYS: Final = (
    "release", "version", "kind", "description", "intended_use", "limits", "main", "content", "parameters",
    "requirements", "gates", "approvals", "supersedes",
)  # fmt: skip
ROLES: Final = ("model", "sources", "surrogate", "scenario", "data", "baseline", "result", "evidence", "document")
"""What a file is in a release."""
_NEEDED: Final = ("release", "version", "intended_use", "main", "content")
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_VERSION: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,2}(-[a-z0-9]{1,20})?")
_PART: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9 ._+@-]{0,127}")
_MOST_FILES: Final = 1000


def split_title(title: str) -> tuple[str, str]:
    """Return name and version of ``name@version``.

    Raises
    ------
    ReleaseError
        When it is not of that form.
    """
    name, at, version = title.partition("@")
    if not at or not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        raise ReleaseError(f"'{title}' does not name a release: write name@version, such as reactor@1.2.0.")
    return name, version


def read_release(
    path: Path, kinds: Mapping[str, Any], *, coming: Path | None = None
) -> tuple[dict[str, Any], dict[str, tuple[Path, str]]]:
    """Return what the release file at ``path`` says, and its files: by path in the release, where and in which role.

    Files below the folder ``coming`` are still to be made: they are neither looked for nor returned.

    Raises
    ------
    CosimError
        All problems of the file at once.
    """
    root = parse_document(read_text(path, "release file"), path, "release")
    problems = Problems()
    fields = fields_of(root, KEYS, "A release", problems)
    for key in _NEEDED:
        if key not in fields:
            problems.add(f"There is no '{key}'.", root.origin)
    raise_all(problems.found)
    texts = {
        key: text_of(fields[key].value, f"'{key}'", problems) or "" if key in fields else ""
        for key in ("release", "version", "kind", "description", "intended_use", "main", "supersedes")
    }
    files = _content(fields["content"], path.parent, coming, problems)
    said = {
        **texts,
        "kind": texts["kind"] or "model",
        "limits": _texts(fields, "limits", problems),
        "parameters": _parameters(fields, problems),
        "requirements": _requirements(fields, problems),
        "gates": _gates(fields, texts["main"], problems),
        "approvals": integer_of(fields["approvals"].value, "'approvals'", problems, least=1) or 1
        if "approvals" in fields
        else 1,
    }
    is_there = texts["main"] in files or _is_coming(path.parent / texts["main"], coming)
    _check(said, kinds, fields, problems, is_main_there=is_there)
    raise_all(problems.found)
    return said, files


def _check(
    said: Mapping[str, Any],
    kinds: Mapping[str, Any],
    fields: Mapping[str, Entry],
    problems: Problems,
    *,
    is_main_there: bool,
) -> None:
    problems.attempt(partial(split_title, f"{said['release']}@{said['version']}"), fields["release"].origin)
    if said["supersedes"]:
        problems.attempt(partial(split_title, said["supersedes"]), fields["supersedes"].origin)
    if said["kind"] not in kinds:
        problems.add(f"There is no kind '{said['kind']}' of releases, only {', '.join(kinds)}.", fields["kind"].origin)
    if not is_main_there:
        problems.add(f"'main' is '{said['main']}', which is none of the files under 'content'.", fields["main"].origin)
    for name, requirement in said["requirements"].items():
        unknown = [gate for gate in requirement["tests"] if not any(gate in gates for gates in said["gates"].values())]
        if unknown:
            problems.add(
                f"Requirement '{name}' is tested by '{unknown[0]}', which is no gate.", fields["requirements"].origin
            )


def _texts(fields: Mapping[str, Entry], key: str, problems: Problems) -> list[str]:
    if key not in fields:
        return []
    return [scalar.text for scalar in scalars_of(fields[key].value, f"'{key}'", problems)]


def _content(entry: Entry, folder: Path, coming: Path | None, problems: Problems) -> dict[str, tuple[Path, str]]:
    found: dict[str, tuple[Path, str]] = {}
    for role in entries_of(entry.value, "'content'", problems):
        if role.key not in ROLES:
            problems.add(f"'content' has no '{role.key}'; there are {', '.join(ROLES)}.", role.origin)
            continue
        for scalar in scalars_of(role.value, f"'{role.key}'", problems):
            if _is_coming(folder / scalar.text, coming):
                continue
            for name, file in problems.attempt(partial(_listed, folder, scalar.text), scalar.origin) or ():
                if name in found:
                    problems.add(f"'{name}' is listed twice.", scalar.origin)
                found[name] = (file, role.key)
    if len(found) > _MOST_FILES:
        problems.add(f"A release holds up to {_MOST_FILES} files; pack them.", entry.origin)
    return found


def _is_coming(file: Path, coming: Path | None) -> bool:
    return coming is not None and Path(os.path.abspath(file)).is_relative_to(os.path.abspath(coming))


def _listed(folder: Path, name: str) -> list[tuple[str, Path]]:
    return list(files_of(folder, name))


def is_plain_path(name: str) -> bool:
    """Tell whether ``name`` is the path of something below a folder, on every system."""
    path = PurePosixPath(name)
    return not path.is_absolute() and bool(path.parts) and all(_PART.fullmatch(part) for part in path.parts)


def files_of(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Return the file ``name`` below ``folder``, or the files of that folder, by their paths in a release.

    Raises
    ------
    ReleaseError
        When there is none, it is a link, or its path leaves the folder.
    """
    path = PurePosixPath(name)
    if not is_plain_path(name):
        raise ReleaseError(
            f"'{name}' is no path below the folder of the release file: use names of letters, digits, '.', '_' and '-'."
        )
    place = folder
    for part in path.parts:
        place = place / part
        if place.is_symlink():
            raise ReleaseError(f"'{place}' is a link; a release holds files.")
    if place.is_file():
        yield str(path), place
    elif place.is_dir():
        for item in sorted(os.listdir(place)):
            if not item.startswith("."):
                yield from files_of(folder, f"{path}/{item}")
    else:
        raise ReleaseError(f"There is no file '{place}'.")


def _parameters(fields: Mapping[str, Entry], problems: Problems) -> dict[str, dict[str, str]]:
    found = {}
    for entry in entries_of(fields["parameters"].value, "'parameters'", problems) if "parameters" in fields else ():
        parts = fields_of(entry.value, ("value", "source"), f"Parameter '{entry.key}'", problems)
        if set(parts) != {"value", "source"}:
            problems.add(
                f"Parameter '{entry.key}' takes its 'value' and the 'source' that it comes from.", entry.origin
            )
        texts = {name: text_of(part.value, f"'{name}'", problems) or "" for name, part in parts.items()}
        found[entry.key] = texts
    return found


def _requirements(fields: Mapping[str, Entry], problems: Problems) -> dict[str, dict[str, Any]]:
    found = {}
    for entry in (
        entries_of(fields["requirements"].value, "'requirements'", problems) if "requirements" in fields else ()
    ):
        parts = fields_of(entry.value, ("text", "tests"), f"Requirement '{entry.key}'", problems)
        text = text_of(parts["text"].value, "'text'", problems) if "text" in parts else None
        if not text:
            problems.add(f"Requirement '{entry.key}' has no 'text'.", entry.origin)
        tests = [one.text for one in scalars_of(parts["tests"].value, "'tests'", problems)] if "tests" in parts else []
        found[entry.key] = {"text": text or "", "tests": tests}
    return found


def _gates(fields: Mapping[str, Entry], main: str, problems: Problems) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for state, entry in (
        fields_of(fields["gates"].value, STATES, "'gates'", problems).items() if "gates" in fields else ()
    ):
        found[state] = {}
        for gate in entries_of(entry.value, f"'{state}'", problems):
            made = problems.attempt(partial(_gate, gate, main), gate.origin)
            if made is not None:
                found[state][gate.key] = {
                    name: getattr(made, name) for name in ("evidence", "value", "comparison", "limit", "about")
                }
    return found


def _gate(entry: Entry, main: str) -> Gate:
    return checked_gate(entry.key, plain_values(entry.value), main)


def plain_values(node: Node) -> dict[str, Any]:
    """Return what a mapping of single values says: numbers, Booleans, else text."""
    if not isinstance(node, MappingNode) or not all(isinstance(entry.value, Scalar) for entry in node.entries):
        raise ScenarioError("A gate is a mapping such as {evidence: regress.json, value: good}.")
    return {entry.key: _value(entry.value) for entry in node.entries if isinstance(entry.value, Scalar)}


def _value(scalar: Scalar) -> object:
    if scalar.is_quoted:
        return scalar.text
    if scalar.text in ("true", "false"):
        return scalar.text == "true"
    for kind in (int, float):
        try:
            return kind(scalar.text)
        except ValueError:
            continue
    return scalar.text
