"""A renewal file → what a model is validated by, how its surrogate is trained, and what is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from cosim.errors import raise_all
from cosim.release.gates import Gate, checked_gate
from cosim.release.manifest import plain_values
from cosim.scenario.document import Entry, Scalar, parse_document, read_text
from cosim.scenario.reading import Problems, check_order, entries_of, fields_of, name_of, scalar_of, scalars_of, text_of

KEYS: Final = ("renewal", "description", "drift", "validate", "train", "in_service", "propose")
VALIDATION: Final = "validation.json"
"""What the validation has shown; the file that its gates look into."""
_NEEDED: Final = {
    "validate": "Write {study: FILE, gates: …} or {suite: FILE}: how the model is held against data of the plant.",
    "train": "Write the training file of its surrogate.",
    "propose": "Write the release files of what is proposed.",
}


@dataclass(frozen=True, slots=True)
class Validation:
    """How the model is held against data of the plant: a study with gates on its answer, or a suite of regression."""

    kind: str
    path: Path
    gates: tuple[Gate, ...] = ()


@dataclass(frozen=True, slots=True)
class RenewalFile:
    """A renewal as written; ``in_service`` is what the new surrogate is compared with, '' where there is none."""

    path: Path
    name: str
    description: str
    drift: Path | None
    validation: Validation
    training: Path
    in_service: str
    proposals: tuple[Path, ...]

    @property
    def folder(self) -> Path:
        """Where what is made is kept, beside the file."""
        return self.path.parent / "renewals" / self.name


def read_renewal(path: Path) -> RenewalFile:
    """Read the renewal file at ``path``.

    Raises
    ------
    CosimError
        All its problems at once.
    """
    root = parse_document(read_text(path, "renewal file"), path, "renewal file")
    problems = Problems()
    fields = fields_of(root, KEYS, "A renewal file", problems)
    check_order(root, KEYS, problems)
    name = name_of(fields, "renewal", root.origin, problems)
    for key, hint in _NEEDED.items():
        if key not in fields:
            problems.add(f"There is no '{key}'. {hint}", root.origin)
    texts = {key: _text(fields, key, problems) for key in ("description", "drift", "train", "in_service")}
    validation = _validation(fields["validate"], path.parent, problems) if "validate" in fields else None
    proposals = _proposals(fields["propose"], path.parent, problems) if "propose" in fields else ()
    raise_all(problems.found)
    assert validation is not None
    return RenewalFile(
        path=path,
        name=name,
        description=texts["description"],
        drift=path.parent / texts["drift"] if texts["drift"] else None,
        validation=validation,
        training=path.parent / texts["train"],
        in_service=texts["in_service"],
        proposals=proposals,
    )


def _text(fields: Mapping[str, Entry], key: str, problems: Problems) -> str:
    return text_of(fields[key].value, f"'{key}'", problems) or "" if key in fields else ""


def _validation(entry: Entry, folder: Path, problems: Problems) -> Validation | None:
    fields = fields_of(entry.value, ("study", "suite", "gates"), "'validate'", problems)
    kinds = [kind for kind in ("study", "suite") if kind in fields]
    if len(kinds) != 1:
        problems.add("'validate' takes one of 'study' and 'suite'.", entry.origin)
        return None
    written = scalar_of(fields[kinds[0]].value, f"'{kinds[0]}'", problems)
    gates = _gates(fields["gates"], problems) if "gates" in fields else ()
    if kinds == ["study"] and "gates" not in fields:
        text = "A study answers, and does not judge. Give 'gates', as in {prediction: {value: PATH, at_most: 2}}."
        problems.add(text, entry.origin)
    if kinds == ["suite"] and "gates" in fields:
        problems.add("A suite has its own limits: it takes no 'gates'.", fields["gates"].origin)
    return None if written is None else Validation(kinds[0], folder / written.text, gates)


def _gates(entry: Entry, problems: Problems) -> tuple[Gate, ...]:
    found = [
        problems.attempt(partial(_gate, item), item.origin) for item in entries_of(entry.value, "'gates'", problems)
    ]
    if not found:
        problems.add("'gates' names none.", entry.origin)
    return tuple(gate for gate in found if gate is not None)


def _gate(item: Entry) -> Gate:
    return checked_gate(item.key, {**plain_values(item.value), "evidence": VALIDATION, "about": "nothing"}, "")


def _proposals(entry: Entry, folder: Path, problems: Problems) -> tuple[Path, ...]:
    node = entry.value
    written = (node,) if isinstance(node, Scalar) else scalars_of(node, "'propose'", problems)
    if not written:
        problems.add("'propose' names no release file.", entry.origin)
    return tuple(folder / scalar.text for scalar in written)
