"""Experiments of a calibration: a table that was filled in, or a YAML file that says what other files hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cosim.errors import CosimError, ScenarioError, raise_all
from cosim.measurements import (
    Column,
    Experiment,
    Layout,
    Rules,
    Series,
    read_chromatogram,
    read_table,
    read_template,
)
from cosim.measurements.columns import axis_of
from cosim.scenario.document import SUFFIXES, Entry, Node, Scalar, parse_document, read_text
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.expressions import parse_name
from cosim.scenario.reading import (
    Problems,
    boolean_of,
    choice_of,
    entries_of,
    fields_of,
    integer_of,
    items_of,
    scalar_of,
    scalars_of,
    text_of,
)
from cosim.units import parse_quantity

KIND: Final = "list of experiments"
_EXPERIMENT_KEYS: Final = ("use", "conditions", "data")
_RULE_KEYS: Final = ("decimal", "missing", "beyond", "replicates", "start", "date_format", "encoding")
_DATA_KEYS: Final = (
    "file", "kind", "sheet", "time", "time_unit", "unit_row", "zero", "flow", "points", "columns", *_RULE_KEYS,
)  # fmt: skip
_COLUMN_KEYS: Final = ("variable", "unit", "sd", "relative_sd", "sd_column")


def read_experiments(path: Path, rules: Rules | None = None, sheet: str | None = None) -> tuple[Experiment, ...]:
    """Read experiments from a YAML file, or from a table as ``write_template`` makes them.

    Raises
    ------
    ScenarioError, ProblemList
        Naming files, lines, rows and columns of everything that is wrong.
    """
    if path.suffix.lower() not in SUFFIXES:
        return read_template(path, rules, sheet)
    problems = Problems()
    root = parse_document(read_text(path, KIND), path, KIND)
    fields = fields_of(root, ("experiments",), "A list of experiments", problems)
    entries = entries_of(fields["experiments"].value, "'experiments'", problems) if "experiments" in fields else ()
    if not entries:
        problems.add("There are no 'experiments'. Write 'experiments: {batch_1: {data: […]}}'.", root.origin)
    found = [_experiment(entry, path.parent, problems) for entry in entries]
    raise_all(problems.found)
    return tuple(found)


def _experiment(entry: Entry, folder: Path, problems: Problems) -> Experiment:
    what = f"Experiment '{entry.key}'"
    fields = fields_of(entry.value, _EXPERIMENT_KEYS, what, problems)
    use = choice_of(fields["use"].value, ("fit", "check"), f"'use' of {what}", problems) if "use" in fields else "fit"
    conditions: dict[str, str] = {}
    for item in entries_of(fields["conditions"].value, "'conditions'", problems) if "conditions" in fields else ():
        text = text_of(item.value, f"'{item.key}'", problems)
        if text is not None:
            conditions[item.key] = text
    sources = items_of(fields["data"].value, f"'data' of {what}", problems) if "data" in fields else ()
    if not sources:
        problems.add(f"{what} has no 'data'. Write 'data: [{{file: …, columns: {{…}}}}]'.", entry.origin)
    series = [one for node in sources for one in _source(node, folder, problems)]
    return Experiment(entry.key, tuple(series), conditions, use == "check")


@dataclass(frozen=True, slots=True)
class _Source:
    """The keys of one file of data, read."""

    path: Path
    is_chromatogram: bool
    layout: Layout
    zero: str | None
    flow: float | None
    points: int | None


def _source(node: Node, folder: Path, problems: Problems) -> tuple[Series, ...]:
    fields = fields_of(node, _DATA_KEYS, "A file of data", problems)
    if "file" not in fields or "columns" not in fields:
        lacking = "file" if "file" not in fields else "columns"
        problems.add(f"A file of data has no '{lacking}'.", node.origin)
        return ()
    n_before = len(problems.found)
    source = _read_source(fields, folder, problems)
    if len(problems.found) > n_before:
        return ()
    try:
        return _series(source)
    except CosimError as error:
        problems.found.append(error)
        return ()


def _read_source(fields: Mapping[str, Entry], folder: Path, problems: Problems) -> _Source:
    def text(key: str) -> str | None:
        return text_of(fields[key].value, f"'{key}'", problems) if key in fields else None

    def attempt(key: str, read: Callable[[str], Any]) -> Any:  # noqa: ANN401
        written = text(key)
        if written is None:
            return None
        return problems.attempt(lambda: read(written), fields[key].origin, f"'{key}': ")

    columns = {}
    for entry in entries_of(fields["columns"].value, "'columns'", problems):
        column = _column(entry, problems)
        if column is not None:
            columns[entry.key] = column
    kind = choice_of(fields["kind"].value, ("table", "chromatogram"), "'kind'", problems) if "kind" in fields else ""
    unit_row = boolean_of(fields["unit_row"].value, "'unit_row'", problems) if "unit_row" in fields else False
    layout = Layout(
        columns,
        position=text("time") or "time",
        position_unit=attempt("time_unit", lambda unit: axis_of(unit, "time_unit") and unit),
        has_unit_row=bool(unit_row),
        sheet=text("sheet"),
        rules=_rules(fields, text, attempt, problems),
    )
    points = integer_of(fields["points"].value, "'points'", problems, least=2) if "points" in fields else None
    flow = attempt("flow", _flow)
    return _Source(folder / (text("file") or ""), kind == "chromatogram", layout, text("zero"), flow, points)


def _rules(
    fields: Mapping[str, Entry],
    text: Callable[[str], str | None],
    attempt: Callable[[str, Callable[[str], Any]], Any],
    problems: Problems,
) -> Rules:
    missing = scalars_of(fields["missing"].value, "'missing'", problems) if "missing" in fields else ()
    choices: dict[str, Any] = {}
    for key, possible in (("decimal", (".", ",")), ("beyond", ("refuse", "leave_out", "limit", "half"))):
        if key in fields:
            choices[key] = choice_of(fields[key].value, possible, f"'{key}'", problems)
    if "replicates" in fields:
        choices["replicates"] = boolean_of(fields["replicates"].value, "'replicates'", problems)
    return Rules(
        missing=tuple(scalar.text for scalar in missing),
        start=attempt("start", _moment),
        date_format=text("date_format"),
        encoding=text("encoding"),
        **{key: value for key, value in choices.items() if value is not None},
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ScenarioError(f"'{text}' is not a date and time as in 2026-03-01 08:30.") from error


def _flow(text: str) -> float:
    """Read a volume flow [m3/s]."""
    flow = parse_quantity(text).to("m3/s")
    if not flow > 0.0:
        raise ScenarioError(f"it is '{text}'; it should be above zero.")
    return flow


def _column(entry: Entry, problems: Problems) -> Column | None:
    """Read ``titre: reactor.titre`` or ``titre: {variable: reactor.titre, unit: g/L, relative_sd: 5 %}``."""
    parts: dict[str, Scalar | None] = {}
    if isinstance(entry.value, MappingNode):
        fields = fields_of(entry.value, _COLUMN_KEYS, f"Column '{entry.key}'", problems)
        parts = {key: scalar_of(part.value, f"'{key}'", problems) for key, part in fields.items()}
    else:
        parts["variable"] = scalar_of(entry.value, f"Column '{entry.key}'", problems)
    named = parts.get("variable")
    if named is None:
        problems.add(f"Column '{entry.key}' has no 'variable', as in '{entry.key}: reactor.titre'.", entry.origin)
        return None
    name = problems.attempt(lambda: parse_name(named.text, named.origin), named.origin)
    texts = {key: part.text for key, part in parts.items() if part is not None}
    share = problems.attempt(lambda: _share(texts.get("relative_sd")), entry.origin, "'relative_sd': ")
    if name is None or share is None:
        return None
    return Column(str(name), texts.get("unit"), texts.get("sd"), share, texts.get("sd_column"))


def _share(text: str | None) -> float:
    if text is None:
        return 0.0
    share = parse_quantity(text).to("1")
    if not 0.0 < share < 10.0:
        raise ScenarioError(f"it is '{text}'; it should be a share such as 5 %.")
    return share


def _series(source: _Source) -> tuple[Series, ...]:
    if source.is_chromatogram:
        chromatogram = read_chromatogram(source.path, source.layout.rules)
        zero = 0.0 if source.zero is None else chromatogram.zero(source.zero)
        columns = source.layout.columns.items()
        found = tuple(chromatogram.series(name, column, zero=zero) for name, column in columns)
    else:
        zero = 0.0 if source.zero is None else parse_quantity(source.zero).to_si()
        found = read_table(source.path, replace(source.layout, zero=zero))
    found = tuple(item if source.points is None else item.thinned(source.points) for item in found)
    return found if source.flow is None else tuple(item.timed(source.flow) for item in found)
