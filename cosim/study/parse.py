"""Study file → StudyFile as written, with every problem of the file found in one pass."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from cosim.errors import CosimError, SourceLocation
from cosim.scenario.document import Entry, Node, Scalar, parse_document, read_text
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.expressions import parse_measure, parse_name
from cosim.scenario.model import AlgorithmEntry, Assignment
from cosim.scenario.reading import (
    Problems,
    check_order,
    duration_of,
    entries_of,
    fields_of,
    integer_of,
    items_of,
    name_of,
    number_of,
    scalar_of,
    scalars_of,
    text_of,
)
from cosim.study.cost.parse import read_cost
from cosim.study.faults.entries import parse_faults, parse_signals
from cosim.study.model import RESERVED, CorrelationEntry, FactorEntry, ResponseEntry, StudyFile
from cosim.study.scale_up.entries import read_scale_up

KEYS: Final = (
    "study", "description", "compare", "scenario", "parameters", "factors", "correlations", "faults", "responses",
    "signals", "time_limit", "cost", "scale_up", "method", "seed",
)  # fmt: skip
"""All keys of a study, in the order in which they are written."""
_FACTOR_KEYS: Final = ("from", "to", "mean", "sd", "median", "gsd", "mode", "distribution", "values", "set_point")
_RESPONSE_KEYS: Final = ("value", "unit", "at_least", "at_most", "goal")


def read_study(path: Path) -> tuple[StudyFile, list[CosimError]]:
    """Read the study at ``path`` as far as it can be read, with all its problems.

    Raises
    ------
    ScenarioError, ProblemList
        When the file cannot be read or is not YAML, so that there is nothing to go on with.
    """
    text = read_text(path, "study")
    return parse_study(text, path)


def parse_study(text: str, path: Path) -> tuple[StudyFile, list[CosimError]]:
    """Do the same with the ``text`` of the file."""
    root = parse_document(text, path, "study")
    problems = Problems()
    fields = fields_of(root, KEYS, "A study", problems)
    check_order(root, KEYS, problems)
    if "compare" in fields:
        return _comparison(fields, path, text, root, problems), problems.found
    scenario = _text(fields, "scenario", problems)
    if "scenario" not in fields:
        problems.add("There is no 'scenario'. Write the path of one, as in 'scenario: ../hello.yaml'.", root.origin)
    study = StudyFile(
        path=path,
        text=text,
        name=name_of(fields, "study", root.origin, problems),
        scenario=path.parent / (scenario or ""),
        description=_text(fields, "description", problems) or "",
        parameters=_parameters(fields, problems),
        factors=_factors(fields, root.origin, problems),
        correlations=_correlations(fields, problems),
        faults=parse_faults(fields["faults"].value, problems) if "faults" in fields else (),
        responses=_responses(fields, problems),
        signals=parse_signals(fields["signals"], problems) if "signals" in fields else None,
        time_limit=duration_of(fields["time_limit"].value, "'time_limit'", problems)
        if "time_limit" in fields
        else None,
        method=_method(fields, root.origin, problems),
        scale_up=read_scale_up(fields["scale_up"], problems) if "scale_up" in fields else None,
        cost=read_cost(fields["cost"], path.parent, problems) if "cost" in fields else None,
        seed=(integer_of(fields["seed"].value, "'seed'", problems, least=0) or 0) if "seed" in fields else 0,
    )
    return study, problems.found


def _comparison(fields: dict[str, Entry], path: Path, text: str, root: MappingNode, problems: Problems) -> StudyFile:
    """Read ``compare: {fed_batch: cost_fed_batch.yaml, continuous: cost_continuous.yaml}``."""
    for key in fields.keys() - {"study", "description", "compare"}:
        problems.add(
            f"A comparison has no '{key}': it belongs to the studies that are compared. Remove it.", fields[key].origin
        )
    parts: dict[str, Path] = {}
    for entry in entries_of(fields["compare"].value, "'compare'", problems):
        name = text_of(entry.value, f"'{entry.key}' of 'compare'", problems)
        if not re.fullmatch(r"[A-Za-z_]\w{0,99}", entry.key, re.ASCII) or entry.key == "runs":
            problems.add(f"'{entry.key}' cannot name a study here: use letters, digits and underscores.", entry.origin)
        elif name is not None:
            parts[entry.key] = path.parent / name
    if len(parts) < 2:
        problems.add("'compare' names two studies or more: {a: a.yaml, b: b.yaml}.", fields["compare"].origin)
    name, description = name_of(fields, "study", root.origin, problems), _text(fields, "description", problems) or ""
    return StudyFile(path, text, name, path, description, parts=parts)


def _text(fields: dict[str, Entry], key: str, problems: Problems) -> str | None:
    return text_of(fields[key].value, f"'{key}'", problems) if key in fields else None


def _parameters(fields: dict[str, Entry], problems: Problems) -> tuple[Assignment, ...]:
    found = []
    for entry in entries_of(fields["parameters"].value, "'parameters'", problems) if "parameters" in fields else ():
        name = problems.attempt(lambda entry=entry: parse_name(entry.key, entry.origin), entry.origin)  # type: ignore[misc]
        value = scalar_of(entry.value, entry.key, problems)
        if name is not None and value is not None:
            found.append(Assignment(name, value, entry.origin))
    return tuple(found)


def _factors(fields: dict[str, Entry], origin: SourceLocation | None, problems: Problems) -> tuple[FactorEntry, ...]:
    entries = entries_of(fields["factors"].value, "'factors'", problems) if "factors" in fields else ()
    may_lack = "cost" in fields or ("faults" in fields and "factors" not in fields)
    if not entries and not may_lack:
        problems.add(
            "There are no 'factors'. Write what varies: 'factors: {reactor.mu_max: {from: 0.03 1/h, to: 0.04 1/h}}'.",
            fields["factors"].origin if "factors" in fields else origin,
        )
    return tuple(_factor(entry, problems) for entry in entries)


def _factor(entry: Entry, problems: Problems) -> FactorEntry:
    what = f"Factor '{entry.key}'"
    parts: dict[str, Scalar] = {}
    values: tuple[Scalar, ...] | None = None
    for key, part in fields_of(entry.value, _FACTOR_KEYS, what, problems).items():
        if key == "values":
            values = scalars_of(part.value, f"'values' of {what}", problems)
        elif (scalar := scalar_of(part.value, f"'{key}' of {what}", problems)) is not None:
            parts[key] = scalar
    return FactorEntry(entry.key, parts, values, entry.origin)


def _correlations(fields: dict[str, Entry], problems: Problems) -> tuple[CorrelationEntry, ...]:
    """Read ``correlations: [{between: [a.x, b.y], value: 0.6}]``."""
    found = []
    for item in items_of(fields["correlations"].value, "'correlations'", problems) if "correlations" in fields else ():
        parts = fields_of(item, ("between", "value"), "A correlation", problems)
        names = scalars_of(parts["between"].value, "'between'", problems) if "between" in parts else ()
        value = number_of(parts["value"].value, "'value'", problems) if "value" in parts else None
        if len(names) != 2 or "value" not in parts:
            problems.add("A correlation is written {between: [a.x, b.y], value: 0.6}.", item.origin)
        elif value is not None and not -1 < value < 1:
            problems.add(f"A correlation is {value:g}; it should lie between -1 and 1.", item.origin)
        elif value is not None:
            found.append(CorrelationEntry(names[0].text, names[1].text, value, item.origin))
    return tuple(found)


def _responses(fields: dict[str, Entry], problems: Problems) -> tuple[ResponseEntry, ...]:
    """Read responses; those of a method that knows them by itself need not be written."""
    entries = entries_of(fields["responses"].value, "'responses'", problems) if "responses" in fields else ()
    if "responses" in fields and not entries:
        problems.add(
            "There are no 'responses'. Write what is looked at: 'responses: {titre: final(reactor.titre)}'.",
            fields["responses"].origin,
        )
    read = (_response(entry, problems) for entry in entries)
    return tuple(response for response in read if response is not None)


def _response(entry: Entry, problems: Problems) -> ResponseEntry | None:
    what = f"Response '{entry.key}'"
    if not re.fullmatch(r"[A-Za-z_]\w{0,99}", entry.key, re.ASCII):
        problems.add(f"'{entry.key}' cannot name a response: use letters, digits and underscores.", entry.origin)
    elif entry.key in RESERVED:
        problems.add(f"'{entry.key}' cannot name a response: it is a column that every study has.", entry.origin)
    node: Node = entry.value
    parts: dict[str, Scalar | None] = {"value": None}
    if isinstance(node, MappingNode):
        read = fields_of(node, _RESPONSE_KEYS, what, problems)
        parts |= {key: scalar_of(part.value, f"'{key}' of {what}", problems) for key, part in read.items()}
        if "value" not in read:
            problems.add(f"{what} has no 'value'. Write {{value: final(reactor.titre), unit: g/L}}.", entry.origin)
    else:
        parts["value"] = scalar_of(node, what, problems)
    written = parts["value"]
    if written is None:
        return None
    measure = problems.attempt(lambda: parse_measure(written.text, written.origin), entry.origin)
    if measure is None:
        return None
    limits = (parts.get("unit"), parts.get("at_least"), parts.get("at_most"))
    return ResponseEntry(entry.key, measure, *limits, entry.origin, parts.get("goal"))


def _method(fields: dict[str, Entry], origin: SourceLocation | None, problems: Problems) -> AlgorithmEntry | None:
    if "method" not in fields:
        problems.add("There is no 'method'. Write one, as in 'method: {name: latin_hypercube, runs: 50}'.", origin)
        return None
    node = fields["method"].value
    if not isinstance(node, MappingNode):
        name = scalar_of(node, "'method'", problems)
        return None if name is None else AlgorithmEntry(name)
    read = {entry.key: scalar_of(entry.value, f"'{entry.key}'", problems) for entry in node.entries}
    if "name" not in read:
        problems.add("'method' has no 'name'. Write '{name: latin_hypercube, runs: 50}'.", node.origin)
    name = read.pop("name", None)
    options = {key: written for key, written in read.items() if written is not None}
    return None if name is None else AlgorithmEntry(name, options)
