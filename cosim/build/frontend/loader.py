"""A class of a Modelica source as a flat model."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cosim.build.frontend import reader
from cosim.build.frontend.classes import classes_used_by
from cosim.build.frontend.diagnostics import without_value
from cosim.build.frontend.flat import (
    Assertion,
    Assignment,
    EnumerationType,
    Equation,
    Experiment,
    Family,
    FlatModel,
    Kind,
    Reinitialisation,
    Statement,
    Variable,
    When,
    WhenBranch,
)
from cosim.build.frontend.inherited import constants_to_name
from cosim.build.frontend.rumoca_session import FlatJson, flatten
from cosim.build.frontend.scopes import Scopes
from cosim.build.frontend.silent import passed_over
from cosim.build.frontend.size import check_arrays, check_size
from cosim.build.frontend.source import ModelicaSource
from cosim.build.frontend.walk import references
from cosim.build.frontend.wrapper import NAMED, WRAPPER, StructuralValue, check_structure, wrapped
from cosim.errors import ModelError, raise_all

Json = Any

_PREDEFINED = {"Boolean": Kind.BOOLEAN, "Integer": Kind.INTEGER, "String": Kind.STRING, "Real": Kind.REAL}


def load_flat(
    source: ModelicaSource, class_name: str, structure: Mapping[str, StructuralValue] | None = None
) -> FlatModel:
    """Flatten ``class_name``, with the structural parameters in ``structure`` changed.

    Parameters
    ----------
    source
        Libraries in which the class and everything it uses is looked up.
    class_name
        Qualified name, such as ``BioProcess.Fmus.HoldTank``.
    structure
        Parameter names with values; nested mappings reach into components, ``{"column": {"n_cells": 200}}``.

    Raises
    ------
    ModelError
        The class does not exist, is wrong, or uses what the compiler does not support.
    BuildError
        The front end broke.
    """
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", class_name):
        raise ModelError(
            f"{class_name!r} is not the qualified name of a Modelica class, such as Library.Package.Class."
        )
    used = source.used_by(class_name)
    files = _own_first(class_name, source.files_of(class_name))
    scopes = Scopes(classes_used_by(class_name, files))
    wrapper = wrapped(class_name, structure or {}, [library.name for library in used], constants_to_name(scopes))
    check_arrays(class_name, files, structure or {})
    flat = flatten(files, [library.root for library in used], wrapper, WRAPPER)
    flat.content["variables"].pop(NAMED, None)
    raise_all(passed_over(scopes))
    resources = {name: path.read_text(encoding="utf-8") for name, path in source.resources_of(class_name).items()}
    loader = _Loader(flat, class_name)
    unset = [without_value(name, files) for name in loader.parameters_without_value()]
    raise_all([problem for problem in unset if problem is not None])
    model = loader.model(_experiment(class_name, files), resources, files)
    check_structure(class_name, structure or {}, model.variables)
    check_size(class_name, model.variables.values())
    return model


def _own_first(class_name: str, files: Sequence[Path]) -> tuple[Path, ...]:
    """Put the file that declares the class before the others, so that messages point there first."""
    short = class_name.rsplit(".", 1)[-1]
    own = [file for file in files if file.stem == short]
    return (*own, *(file for file in files if file not in own))


class _Loader:
    """One reply of the front end on its way to a flat model."""

    def __init__(self, flat: FlatJson, name: str) -> None:
        self._json = flat.content
        self._rows = flat.equations
        self._name = name
        self._enumerations = _enumerations(self._json.get("enum_literal_ordinals", {}))

    def model(self, experiment: Experiment, resources: Mapping[str, str], files: tuple[Path, ...]) -> FlatModel:
        """Read everything."""
        content = self._json
        families, covered = self._families(content.get("structured_equations", ()))
        equations = (json.loads(row) for index, row in enumerate(self._rows) if index not in covered)
        initial_families, initial_covered = self._families(content.get("initial_structured_equations", ()))
        initial = (
            row for index, row in enumerate(content.get("initial_equations", ())) if index not in initial_covered
        )
        if content.get("initial_algorithms"):
            raise ModelError(f"{self._name} has an initial algorithm. Use start values or an initial equation.")
        return FlatModel(
            name=self._name,
            description=content.get("model_description") or "",
            variables=dict(self._variables()),
            equations=tuple(map(_equation, equations)),
            families=families,
            initial_equations=tuple(map(_equation, initial)),
            initial_families=initial_families,
            assertions=tuple(map(reader.assertion, content.get("assert_equations", ()))),
            whens=(*map(_when, content.get("when_chains", ())), *self._when_algorithms()),
            functions={name: reader.function(node) for name, node in content.get("functions", {}).items()},
            literals=content.get("enum_literal_ordinals", {}),
            enumerations=tuple(_described(item, files) for item in self._enumerations),
            connectors=frozenset(
                (*content.get("top_level_connectors", ()), *content.get("top_level_input_components", ()))
            ),
            structural=frozenset(
                ".".join(reference)
                for selection in content.get("parameter_branch_selections", ())
                for reference in selection.get("references", ())
            ),
            experiment=experiment,
            resources=resources,
            files=files,
        )

    def _families(self, nodes: Sequence[Json]) -> tuple[tuple[Family, ...], set[int]]:
        """Read for-families; return them with the row numbers they stand for."""
        families = []
        covered: set[int] = set()
        for node in nodes:
            binders = [b for b in node["domain"]["binders"] if not b["display_name"].startswith("__array_")]
            if not binders or node["template"] is None:  # then every equation stands for itself
                continue
            ranges = tuple(range(b["lower"], b["upper"] + (1 if b["step"] > 0 else -1), b["step"]) for b in binders)
            bodies = tuple(map(reader.expression, node["template"]["body"]))
            families.append(Family(tuple(b["display_name"] for b in binders), ranges, bodies, _origin(node)))
            points = 1
            for values in ranges:
                points *= len(values)
            first = node["first_equation_index"]
            covered.update(range(first, first + points * len(bodies)))
        return tuple(families), covered

    def parameters_without_value(self) -> list[str]:
        """Return the parameters that have neither a value nor a start; the front end writes a start of 0 for these."""
        records = {name for name, node in self._json["variables"].items() if node["binding"] is not None}
        return [
            name
            for name, node in self._json["variables"].items()
            if (node["is_primitive"] or node["dims"])
            and reader.tag(node["variability"])[0] in ("Parameter", "Constant")
            and _has_no_value(node)
            and not any(name.startswith(owner + ".") for owner in records)
        ]

    def _variables(self) -> Iterable[tuple[str, Variable]]:
        for name, node in self._json["variables"].items():
            if node["is_primitive"] or node["dims"]:
                yield name, self._variable(name, node)

    def _variable(self, name: str, node: Json) -> Variable:
        kind, enumeration = self._kind(name, node)
        fixed = node["fixed"]
        return Variable(
            name=name,
            dimensions=tuple(node["dims"]),
            kind=kind,
            enumeration=enumeration,
            causality=reader.tag(node["causality"])[0],
            variability=reader.tag(node["variability"])[0],
            start=None if _is_open(node) else reader.optional(node["start"]),
            fixed=None if fixed is None else tuple(map(bool, fixed)),
            minimum=reader.optional(node["min"]),
            maximum=reader.optional(node["max"]),
            nominal=reader.optional(node["nominal"]),
            unit=node["unit"] or None,
            display_unit=node["display_unit"] or None,
            quantity=node["quantity"] or None,
            description=node["description"] or "",
            binding=reader.optional(node["binding"]),
            is_final=bool(self._json.get("variable_final_flags", {}).get(name)),
            is_evaluated=bool(node["evaluate"]),
            is_protected=bool(node["is_protected"]),
        )

    def _kind(self, name: str, node: Json) -> tuple[Kind, str | None]:
        effective = self._json.get("effective_types", {}).get(str(node["type_id"]), {})
        canonical = effective.get("canonical_type", node["type_id"])
        for type_name, number in self._json["predefined_types"].items():
            if number == canonical and type_name.capitalize() in _PREDEFINED:
                return _PREDEFINED[type_name.capitalize()], None
        short = str(self._json.get("variable_type_names", {}).get(name, ""))
        matches = [e.name for e in self._enumerations if e.name == short or e.name.endswith("." + short)]
        if not matches:
            raise ModelError(
                f"Variable {name} has the type {short!r}, which the compiler does not know.", variable=name
            )
        return Kind.ENUMERATION, _best_match(matches, node)

    def _when_algorithms(self) -> Iterable[When]:
        for algorithm in self._json.get("algorithms", ()):
            for node in algorithm["statements"]:
                kind, content = reader.tag(node)
                if kind != "When":
                    raise ModelError(
                        f"{self._name} has an algorithm with {kind!r} outside when. Write equations, or put the "
                        "algorithm into a function."
                    )
                yield _sequential(tuple(_algorithm_branch(block) for block in content["blocks"]))


def _has_no_value(node: Json) -> bool:
    if node["binding"] is not None or (node["fixed"] and not any(node["fixed"])) or 0 in node["dims"]:
        return False
    _, start = reader.tag(node["start"]) if node["start"] is not None else ("", {})
    return not start or start.get("span") == node["source_span"]


def _best_match(matches: Sequence[str], node: Json) -> str:
    """Of enumerations with one short name, take the one that the start value or binding names."""
    text = json.dumps([node["start"], node["binding"]])
    return next((name for name in matches if f'"{name}.' in text), max(matches, key=len))


def _enumerations(ordinals: Mapping[str, int]) -> tuple[EnumerationType, ...]:
    """Group ``Package.Type.literal`` names by type; the front end also lists unqualified and quoted spellings."""
    types: dict[str, dict[int, str]] = {}
    for name, number in ordinals.items():
        owner, _, literal = name.rpartition(".")
        if not literal.startswith("'") or number not in types.get(owner, {}):
            types.setdefault(owner, {})[number] = literal
    return tuple(
        EnumerationType(name, tuple(items[number] for number in sorted(items))) for name, items in types.items()
    )


def _described(item: EnumerationType, files: Sequence[Path]) -> EnumerationType:
    """Add the descriptions of the literals from the source; the front end drops them."""
    if item.name.split(".")[0] in ("StateSelect", "AssertionLevel"):
        return item
    declared = re.compile(rf"\btype\s+{item.name.rpartition('.')[2]}\s*=\s*enumeration\s*\(")
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        if found := declared.search(text):
            pairs = dict(re.findall(r'(\w+)\s*"([^"]*)"', text[found.end() :].split(";")[0]))
            return EnumerationType(item.name, item.literals, tuple(pairs.get(name, "") for name in item.literals))
    return item


def _origin(node: Json) -> str:
    _, content = reader.tag(node.get("origin") or {"unknown": {}})
    component = content.get("component") if isinstance(content, dict) else None
    return f"component {component}" if component else "the model itself"


def _equation(node: Json) -> Equation:
    return Equation(reader.expression(reader.field(node, "residual")), _origin(node))


def _when(node: Json) -> When:
    branches = [node["first"], *node["else_when"]]
    return When(
        tuple(
            WhenBranch(reader.expression(branch["condition"]), reader.statements(branch["equations"]))
            for branch in branches
        )
    )


def _algorithm_branch(block: Json) -> WhenBranch:
    return WhenBranch(reader.expression(block["cond"]), reader.statements(block["stmts"]))


def _sequential(branches: tuple[WhenBranch, ...]) -> When:
    """Refuse a when-algorithm in which a variable is read before it is assigned in the same branch."""
    for branch in branches:
        assigned: set[str] = set()
        for item in branch.statements:
            targets = [target.name for target in item.targets if target] if isinstance(item, Assignment) else []
            twice = assigned.intersection(targets)
            if twice:
                raise ModelError(f"{twice.pop()} is assigned twice in one branch of a when algorithm. Use an if.")
            assigned.update(targets)
            _check_statement(item)
        _check_order(branch, assigned)
    return When(branches)


def _check_statement(item: Statement) -> None:
    if not isinstance(item, Assignment | Reinitialisation | Assertion) and type(item).__name__ != "Termination":
        raise ModelError(f"A when algorithm holds a {type(item).__name__}. Use if expressions in assignments.")


def _check_order(branch: WhenBranch, assigned: set[str]) -> None:
    done: set[str] = set()
    for item in branch.statements:
        if isinstance(item, Assignment):
            early = (references(item.value) & assigned) - done
            if early:
                name = early.pop()
                raise ModelError(f"{name} is read before it is assigned in a when algorithm. Write pre({name}).")
            done.update(target.name for target in item.targets if target)


_NUMBER = r"([-+]?[\d.]+(?:[eE][-+]?\d+)?)"


def _experiment(class_name: str, files: Sequence[Path]) -> Experiment:
    """Read the ``experiment`` annotation from the class's source; the front end drops it."""
    short = class_name.rsplit(".", 1)[-1]
    begin = re.compile(rf"^\s*(?:partial\s+|encapsulated\s+)*(?:model|block|class)\s+{short}\b", re.MULTILINE)
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        start = begin.search(text)
        stop = re.search(rf"\bend\s+{short}\s*;", text)
        if start and stop:
            found = re.search(r"\bexperiment\s*\(([^)]*)\)", text[start.start() : stop.end()])
            if found:
                return _experiment_from(found.group(1))
    return Experiment()


def _experiment_from(text: str) -> Experiment:
    values = {
        name: float(found.group(1))
        for name in ("StartTime", "StopTime", "Tolerance", "Interval")
        if (found := re.search(rf"\b{name}\s*=\s*{_NUMBER}", text))
    }
    return Experiment(values.get("StartTime"), values.get("StopTime"), values.get("Tolerance"), values.get("Interval"))


def _is_open(node: Json) -> bool:
    """Tell whether an input has no start value: the front end then writes one, placed at the declared name."""
    literal = (node["start"] or {}).get("Literal")
    return "Input" in node["causality"] and literal is not None and literal["span"] == node["source_span"]
