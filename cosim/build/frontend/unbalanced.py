"""Which variables of an unbalanced model have no equation, and which equations determine a variable twice.

The front end refuses such a model with two counts. Filled up with variables that occur nowhere, or with equations that
say nothing, it passes; a matching of its equations with its unknowns then shows where they do not fit.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from cosim.build.frontend.diagnostics import locate, source_line
from cosim.errors import ModelError, SourceLocation

Json = Any

_COUNTS = re.compile(r"unbalanced model: (\d+) equations?, (\d+) unknowns?")
_FILLER = "cosim_filler"
MOST_NAMED = 4
LARGEST_MATCHING = 5000  # unknowns; beyond, the message has the counts only


@dataclass(frozen=True, slots=True)
class Counts:
    """What the front end counted."""

    equations: int
    unknowns: int


@dataclass(frozen=True, slots=True)
class _Row:
    """One equation with the unknowns in it; ``size`` scalar ones at ``place``."""

    unknowns: frozenset[str]
    size: int
    place: SourceLocation | None


def counts_in(message: str) -> Counts | None:
    """Return the counts that a message of the front end names, if it is about the balance."""
    found = _COUNTS.search(message)
    return Counts(int(found.group(1)), int(found.group(2))) if found else None


def filled_up(wrapper: str, counts: Counts) -> str:
    """Return the wrapper with what it lacks to pass the front end's count."""
    surplus = counts.equations - counts.unknowns
    if surplus > 0:
        filling = f"  Real {_FILLER}[{surplus}];\n"
    else:
        filling = "equation\n" + "  0 = time;\n" * -surplus
    head, end, rest = wrapper.rpartition("end ")
    return head + filling + end + rest


def explain_balance(text: str | None, counts: Counts, class_name: str, files: Sequence[Path]) -> ModelError:
    """Say what is wrong with the balance of a model; ``text`` is the flat JSON of the model filled up, if it passed."""
    short = class_name.rpartition(".")[2]
    said = f"{class_name} has {counts.equations} equation(s) for {counts.unknowns} unknown(s)"
    own = locate([short], files)
    content = json.loads(text) if text else None
    rows = list(_rows(content, files)) if content else []
    unknowns = _unknowns(content) if content else {}
    if not unknowns or max(sum(row.size for row in rows), sum(unknowns.values())) > LARGEST_MATCHING:
        return ModelError(f"{said}. Every unknown needs one equation.", location=own)
    surplus, lacking = _unmatched(rows, unknowns)
    if counts.equations > counts.unknowns and surplus:
        return _too_many(said, [rows[index] for index in surplus])
    if lacking:
        return _too_few(said, lacking, class_name, files)
    return ModelError(f"{said}. Every unknown needs one equation.", location=own)


def _too_many(said: str, rows: Sequence[_Row]) -> ModelError:
    names = ", ".join(sorted(set().union(*(row.unknowns for row in rows)))[:MOST_NAMED])
    places = list(dict.fromkeys(row.place for row in rows if row.place))
    lines = "; ".join(f"line {place.line} '{source_line(place).rstrip(';')}'" for place in places[:MOST_NAMED])
    what = f"{names} would be determined more than once" if names else "one of them contains no unknown"
    return ModelError(
        f"{said}: {what}, by {lines or 'equations that connections and declarations give'}. Remove one of these.",
        location=places[-1] if places else None,
    )


def _too_few(said: str, names: Sequence[str], class_name: str, files: Sequence[Path]) -> ModelError:
    short = class_name.rpartition(".")[2]
    listed = ", ".join(names[:MOST_NAMED]) + (", ..." if len(names) > MOST_NAMED else "")
    subject = listed if len(names) == 1 else f"one of {listed}"
    for file in files:
        if re.search(rf"\bpartial\s+(?:model|block|class)\s+{short}\b", file.read_text("utf-8", errors="replace")):
            advice = f"{short} is partial: name a class that extends it and has these equations."
            break
    else:
        advice = f"Add an equation for it{_connect_hint(names)}."
    place = locate([names[0].split("[")[0].rpartition(".")[2], short], files)
    return ModelError(f"{said}: no equation determines {subject}. {advice}", variable=names[0], location=place)


def _connect_hint(names: Sequence[str]) -> str:
    return ", or connect it if it is an input of a component" if any("." in name for name in names) else ""


def _unknowns(content: Json) -> dict[str, int]:
    """Return the unknowns with their numbers of scalars."""
    faces = {*content.get("top_level_connectors", ()), *content.get("top_level_input_components", ())}
    found = {}
    for name, node in content["variables"].items():
        if name == _FILLER or _tag(node["variability"]) in ("Parameter", "Constant"):
            continue
        is_face = "." not in name or name.split(".")[0].split("[")[0] in faces
        if (node["is_primitive"] or node["dims"]) and not (_tag(node["causality"]) == "Input" and is_face):
            found[name] = int(np.prod(node["dims"], dtype=np.int64)) if node["dims"] else 1
    return found


def _tag(node: Json) -> str:
    return next(iter(node)) if isinstance(node, dict) else str(node)


def _rows(content: Json, files: Sequence[Path]) -> Iterator[_Row]:
    texts = [(file, file.read_bytes()) for file in files]
    unknowns = _unknowns(content)
    states = {name for node in content["equations"] for name, is_state in _names(node, False) if is_state}
    for node in content["equations"]:
        names = {name for name, is_state in _names(node, False) if name not in states or is_state}
        yield _Row(frozenset(names & unknowns.keys()), int(node["scalar_count"]), _place(node, texts))
    for chain in content.get("when_chains", ()):
        for name in sorted(_assigned(chain["first"]) & unknowns.keys()):
            yield _Row(frozenset({name}), 1, _place(chain, texts))


def _names(node: Json, inside_der: bool) -> Iterator[tuple[str, bool]]:
    """Yield every name in an expression, and whether ``der`` is applied to it."""
    if isinstance(node, list):
        for item in node:
            yield from _names(item, inside_der)
    elif isinstance(node, dict):
        if isinstance(node.get("name"), dict) and "component_ref" in node["name"]:
            yield str(node["name"]["name"]), inside_der
        is_der = node.get("function") == "Der"
        for item in node.values():
            yield from _names(item, inside_der or is_der)


def _assigned(branch: Json) -> set[str]:
    """Return the names on the left-hand sides of a branch of a when clause, where they are plain variables."""
    targets = [node["Assign"].get("target") for node in branch.get("equations", ()) if "Assign" in node]
    return {target for target in targets if isinstance(target, str)}


def _place(node: Json, texts: Sequence[tuple[Path, bytes]]) -> SourceLocation | None:
    """Find the file in which the names of an equation stand where the front end read them."""
    spans = [(span["start"], span["end"], ident.encode()) for ident, span in _idents(node)]
    for file, text in texts:
        if spans and all(text[start:end].startswith(ident) for start, end, ident in spans):
            return SourceLocation(file, text.count(b"\n", 0, spans[0][0]) + 1)
    return None


def _idents(node: Json) -> Iterator[tuple[str, Mapping[str, int]]]:
    if isinstance(node, list):
        for item in node:
            yield from _idents(item)
    elif isinstance(node, dict):
        name = node.get("name")
        if isinstance(name, dict) and name.get("component_ref") and "span" in node:
            yield name["component_ref"]["parts"][0]["ident"], node["span"]
        else:
            for item in node.values():
                yield from _idents(item)


def _unmatched(rows: Sequence[_Row], unknowns: Mapping[str, int]) -> tuple[list[int], list[str]]:
    """Return the equations that compete for too few unknowns, and the unknowns that wait for too few equations."""
    row_of = [index for index, row in enumerate(rows) for _ in range(row.size)]
    names = [name for name, size in unknowns.items() for _ in range(size)]
    columns: dict[str, list[int]] = {}
    for column, name in enumerate(names):
        columns.setdefault(name, []).append(column)
    uses = [[column for name in rows[index].unknowns for column in columns[name]] for index in row_of]
    pointers = np.cumsum([0, *map(len, uses)])
    indices = np.array([column for row in uses for column in row], dtype=np.int32)
    shape = (len(row_of), len(names))
    matrix = csr_array((np.ones(len(indices), dtype=np.int8), indices, pointers), shape=shape)
    column_of = np.asarray(maximum_bipartite_matching(matrix, perm_type="column"))
    taken = {int(column): row for row, column in enumerate(column_of) if column >= 0}
    surplus = _reached(np.flatnonzero(column_of < 0).tolist(), uses, taken)
    used_by: list[list[int]] = [[] for _ in names]
    for row, found in enumerate(uses):
        for column in found:
            used_by[column].append(row)
    owner = {row: column for column, row in taken.items()}
    lacking = _reached([column for column in range(len(names)) if column not in taken], used_by, owner)
    order = sorted(lacking, key=lambda column: (len(used_by[column]), column))
    return sorted({row_of[row] for row in surplus}), list(dict.fromkeys(names[column] for column in order))


def _reached(start: Sequence[int], edges: Sequence[Sequence[int]], back: Mapping[int, int]) -> set[int]:
    """Follow alternating paths from what found no partner."""
    found = set(start)
    waiting = list(start)
    while waiting:
        for partner in edges[waiting.pop()]:
            other = back.get(partner)
            if other is not None and other not in found:
                found.add(other)
                waiting.append(other)
    return found
