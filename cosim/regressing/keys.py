"""What decides the record of a run, as one hash: models, scenario, case, and the part of cosim that runs it."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from cosim.errors import CosimError
from cosim.regressing.staging import Stage, stage
from cosim.regression.suite import Case, Subject
from cosim.releasing import package_folder
from cosim.results.document import plain
from cosim.scenario.document import SUFFIXES, Node, Scalar, content_of, parse_document, read_text
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.model import Scenario

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_ROOT: Final = "cosim.regressing.worker"
_IMPORT: Final = re.compile(
    r"^\s*(?:from\s+(cosim[\w.]*)\s+import\s+(?:\(([\w,\s]*)\)|([\w, ]*))|import\s+(cosim[\w.]*))", re.MULTILINE
)
_TEXTS: Final = ("*.c", "*.h", "*.xsd", "*.json")


def key_of(subject: Subject, case: Case, staged: Stage | None) -> str:
    """Return the key of what running ``subject`` for ``case`` gives; ``staged`` is None for a study."""
    about = {
        "code": code_digest(),
        "machine": [platform.machine(), platform.python_version(), np.__version__],
        "subject": [subject.kind, {name: scalar.text for name, scalar in subject.parameters.items()}],
        "signals": [[item.text, item.tolerance.relative] for item in case.rules.signals],
        "tolerance": case.rules.tolerance.relative,
        "numbers": [[item.name, item.measure.text, item.unit.text if item.unit else ""] for item in case.numbers],
        **(_of_stage(staged) if staged is not None else _of_study(subject, case)),
    }
    return hashlib.sha256(json.dumps(plain(about), sort_keys=True).encode()).hexdigest()


def _of_stage(staged: Stage) -> dict[str, object]:
    scenario = staged.scenario
    return {
        "scenario": content_of(scenario.text),
        "models": {name: digest_of(path) for name, path in staged.files.items()},
        "surrogates": surrogates_of(scenario),
        "files": dict(files_named(parse_document(scenario.text, staged.path), staged.path.parent)),
    }


def surrogates_of(scenario: Scenario) -> dict[str, dict[str, str]]:
    """Return the hashes of the files of each surrogate of ``scenario``, by its component."""
    return {
        name: {
            file.name: digest_of(file)
            for file in sorted(package_folder(entry.package.text, scenario.folder)[0].glob("*.*"))
        }
        for name, entry in scenario.surrogates.items()
    }


def _of_study(subject: Subject, case: Case, *, is_part: bool = False) -> dict[str, object]:
    """Look at the study's file, those it names, and its scenario as any other; so at all that a comparison compares."""
    text = read_text(subject.path, "study")
    document = parse_document(text, subject.path, "study")
    fields = {entry.key: entry.value for entry in document.entries}
    named, compared = fields.get("scenario"), None if is_part else fields.get("compare")
    parts: dict[str, object] = {"study": content_of(text), "named": dict(files_named(document, subject.path.parent))}
    if isinstance(named, Scalar):
        path = subject.path.parent / named.text
        inner = Case(case.name, Subject("scenario", path), None, case.rules, origin=case.origin)
        parts |= _of_stage(stage(inner.subject, inner))
    if isinstance(compared, MappingNode):
        parts["compared"] = {
            entry.key: _of_study(Subject("study", subject.path.parent / entry.value.text), case, is_part=True)
            for entry in compared.entries
            if isinstance(entry.value, Scalar)
        }
    return parts


def files_named(node: Node, folder: Path, seen: set[Path] | None = None) -> Iterator[tuple[str, str]]:
    """Yield every file that a value of the document names, with its hash, and those that such a document names."""
    seen = set() if seen is None else seen
    if isinstance(node, Scalar):
        text = node.text.partition(":")[2] if node.text.startswith(("csv:", "fmu:")) else node.text
        path = folder / text.strip()
        try:
            if "\n" not in text and text and path.is_file():
                yield text, digest_of(path)
                yield from ((f"{text} > {name}", digest) for name, digest in _inside(path, seen))
        except (OSError, ValueError):
            return
        return
    for item in (entry.value for entry in node.entries) if isinstance(node, MappingNode) else node.items:
        yield from files_named(item, folder, seen)


def _inside(path: Path, seen: set[Path]) -> Iterator[tuple[str, str]]:
    """Do so for the document at ``path``, if it is one that was not ``seen`` yet."""
    if path.suffix.lower() not in SUFFIXES or path.resolve() in seen:
        return
    seen.add(path.resolve())
    try:
        inner = parse_document(read_text(path), path)
    except CosimError:  # told by what reads it, if anything does
        return
    yield from files_named(inner, path.parent, seen)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CosimError(f"'{path}' cannot be read: {error.strerror}.") from error


@functools.cache
def code_digest() -> str:
    """Return the SHA-256 of the modules of cosim that a run can pass through, and of the texts beside them."""
    total = hashlib.sha256()
    for path in _sources():
        total.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def _sources() -> list[Path]:
    """Follow the imports, also those inside functions, from the process that makes the runs.

    The compiler is left out: what it does shows in the FMUs, which have hashes of their own.
    """
    found: set[Path] = set()
    waiting = [_ROOT]
    while waiting:
        path = _file_of(waiting.pop())
        if path is None or path in found or _PACKAGE / "build" in path.parents:
            continue
        found.add(path)
        for module, several, some, plainly in _IMPORT.findall(path.read_text(encoding="utf-8")):
            names = [name.split()[0] for name in (several or some).split(",") if name.strip()]
            waiting += [module or plainly, *(f"{module}.{name}" for name in names)]
    texts = {file for folder in {path.parent for path in found} for kind in _TEXTS for file in folder.glob(kind)}
    return sorted(found | texts)


@functools.cache
def _file_of(module: str) -> Path | None:
    path = _PACKAGE.joinpath(*module.split(".")[1:])
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)
