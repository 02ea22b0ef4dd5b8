"""Scenario file → Scenario as written, with every problem of the file found in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, cast

from cosim.errors import CosimError, SourceLocation, raise_all
from cosim.scenario.document import Entry, Scalar, parse_document, read_text
from cosim.scenario.document import Mapping as MappingNode
from cosim.scenario.expressions import parse_connection, parse_expectation, parse_name, parse_stream
from cosim.scenario.model import (
    AlgorithmEntry,
    Assignment,
    ConnectionEntry,
    ExpectationEntry,
    LedgerEntry,
    ParameterSetEntry,
    PhaseEntry,
    Scenario,
    SignalEntry,
    StreamEntry,
)
from cosim.scenario.parse_components import parse_components
from cosim.scenario.parse_hosting import check_surrogates
from cosim.scenario.parse_phases import parse_events, parse_phases
from cosim.scenario.parse_surrogates import parse_surrogates
from cosim.scenario.reading import (
    Problems,
    check_order,
    choice_of,
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
from cosim.system.variable import VariableName
from cosim.units import is_everyday_unit

PARAMETER_SET: Final = "parameter_set"
"""Key under ``parameters``, or under a component there, that names a file of values or a list of them."""

EVENT_TOLERANCE: Final = "event_tolerance"
"""Key under ``algorithm``, whichever it is."""

TOP_LEVEL_KEYS: Final = (
    "scenario",
    "description",
    "units",
    "components",
    "streams",
    "connections",
    "parameters",
    "inputs",
    "phases",
    "events",
    "surrogates",
    "algorithm",
    "tolerance",
    "ledger",
    "record",
    "expect",
    "seed",
)
"""All keys of a scenario, in the order in which they are written."""


def read_scenario(path: Path) -> tuple[Scenario, list[CosimError]]:
    """Read the scenario at ``path`` as far as it can be read, with all its problems.

    Raises
    ------
    ScenarioError, ProblemList
        When the file cannot be read or is not YAML, so that there is nothing to go on with.
    """
    text = read_text(path)
    root = parse_document(text, path)
    problems = Problems()
    scenario = _scenario(path, text, root, problems)
    return scenario, problems.found


def load_scenario(path: Path) -> Scenario:
    """Read the scenario at ``path``; raise all its problems at once."""
    scenario, problems = read_scenario(path)
    raise_all(problems)
    return scenario


def _scenario(path: Path, text: str, root: MappingNode, problems: Problems) -> Scenario:
    fields = fields_of(root, TOP_LEVEL_KEYS, "A scenario", problems)
    check_order(root, TOP_LEVEL_KEYS, problems)
    components, unusable = parse_components(fields, root.origin, problems)
    surrogates = parse_surrogates(fields["surrogates"].value, problems) if "surrogates" in fields else {}
    check_surrogates(components, surrogates, problems)
    signals, input_values = _inputs(fields, problems)
    parameters, parameter_sets = _parameters(fields, problems)
    return Scenario(
        path=path,
        text=text,
        name=name_of(fields, "scenario", root.origin, problems),
        description=_text(fields, "description", problems) or "",
        units=_units(fields, problems),
        components=components,
        streams=_streams(fields, problems),
        connections=_connections(fields, problems),
        parameters=parameters,
        parameter_sets=parameter_sets,
        inputs=input_values,
        signals=signals,
        phases=_phases(fields, root.origin, problems),
        events=parse_events(fields["events"].value, problems) if "events" in fields else (),
        surrogates=surrogates,
        algorithm=_algorithm(fields, problems),
        tolerance=_tolerance(fields, problems),
        ledger=_ledger(fields, problems),
        record=scalars_of(fields["record"].value, "'record'", problems) if "record" in fields else None,
        expectations=_expectations(fields, problems),
        seed=(integer_of(fields["seed"].value, "'seed'", problems, least=0) or 0) if "seed" in fields else 0,
        unusable=frozenset(unusable),
    )


def _text(fields: dict[str, Entry], key: str, problems: Problems) -> str | None:
    return text_of(fields[key].value, f"'{key}'", problems) if key in fields else None


def _units(fields: dict[str, Entry], problems: Problems) -> dict[str, Scalar]:
    units = {}
    for entry in entries_of(fields["units"].value, "'units'", problems) if "units" in fields else ():
        value = scalar_of(entry.value, f"Unit '{entry.key}'", problems)
        if not re.fullmatch(r"[A-Za-z]+(_[A-Za-z0-9]+)*", entry.key):
            problems.add(f"'{entry.key}' cannot name a unit: use letters.", entry.origin)
        elif is_everyday_unit(entry.key):
            problems.add(f"'{entry.key}' is a unit already; choose another name.", entry.origin)
        elif value is not None:
            units[entry.key] = value
    return units


def _streams(fields: dict[str, Entry], problems: Problems) -> tuple[StreamEntry, ...]:
    streams = []
    for item in items_of(fields["streams"].value, "'streams'", problems) if "streams" in fields else ():
        parts = (
            fields_of(item, ("stream", "absent", "drop"), "A stream", problems)
            if isinstance(item, MappingNode)
            else {"stream": Entry("stream", item, item.origin)}
        )
        if "stream" not in parts:
            problems.add("A stream with options has the key 'stream': {stream: a.outlet => b.inlet, …}.", item.origin)
            continue
        text = scalar_of(parts["stream"].value, "A stream", problems)
        ends = problems.attempt(lambda t=text: parse_stream(t.text, t.origin), item.origin) if text else None  # type: ignore[misc]
        absent, drop = (
            tuple(s.text for s in scalars_of(parts[key].value, f"'{key}'", problems)) if key in parts else ()
            for key in ("absent", "drop")
        )
        if ends:
            streams.append(StreamEntry(ends[0], ends[1], absent, drop, item.origin))
    return tuple(streams)


def _connections(fields: dict[str, Entry], problems: Problems) -> tuple[ConnectionEntry, ...]:
    connections = []
    for item in items_of(fields["connections"].value, "'connections'", problems) if "connections" in fields else ():
        parts = (
            fields_of(item, ("connection", "molar_mass"), "A connection", problems)
            if isinstance(item, MappingNode)
            else {"connection": Entry("connection", item, item.origin)}
        )
        if "connection" not in parts:
            problems.add(
                "A connection with options has the key 'connection': {connection: a.y -> b.u, …}.", item.origin
            )
            continue
        text = scalar_of(parts["connection"].value, "A connection", problems)
        ends = problems.attempt(lambda t=text: parse_connection(t.text, t.origin), item.origin) if text else None  # type: ignore[misc]
        mass = scalar_of(parts["molar_mass"].value, "'molar_mass'", problems) if "molar_mass" in parts else None
        if ends:
            connections.append(ConnectionEntry(ends[0], ends[1], mass, item.origin))
    return tuple(connections)


def _parameters(
    fields: dict[str, Entry], problems: Problems
) -> tuple[tuple[Assignment, ...], tuple[ParameterSetEntry, ...]]:
    """Read ``parameters``: values by component, and files of values for all or one of them."""
    found: list[Assignment] = []
    sets: list[ParameterSetEntry] = []
    for component in entries_of(fields["parameters"].value, "'parameters'", problems) if "parameters" in fields else ():
        if component.key == PARAMETER_SET:
            sets.extend(_parameter_sets(None, component, problems))
            continue
        if "." in component.key:
            problems.add(
                f"'{component.key}' should be written '{component.key.partition('.')[0]}: "
                f"{{{component.key.partition('.')[2]}: …}}'.",
                component.origin,
            )
            continue
        for entry in entries_of(component.value, f"Parameters of '{component.key}'", problems):
            if entry.key == PARAMETER_SET:
                sets.extend(_parameter_sets(component.key, entry, problems))
                continue
            value = scalar_of(entry.value, f"{component.key}.{entry.key}", problems)
            if value:
                found.append(Assignment(VariableName(component.key, entry.key), value, entry.origin))
    return tuple(found), tuple(sets)


def _parameter_sets(component: str | None, entry: Entry, problems: Problems) -> Iterator[ParameterSetEntry]:
    """Yield the file, or each of a list of files, of a ``parameter_set``."""
    whose = f"'{PARAMETER_SET}' of '{component}'" if component else f"'{PARAMETER_SET}'"
    for file in scalars_of(entry.value, whose, problems):
        yield ParameterSetEntry(component, file.text, entry.origin)


_SIGNAL_KEYS: Final = ("file", "column", "unit", "time", "interpolation")


def _inputs(fields: dict[str, Entry], problems: Problems) -> tuple[tuple[SignalEntry, ...], tuple[Assignment, ...]]:
    """Read ``inputs``: a constant, or a column of a CSV file, for each input variable."""
    signals: list[SignalEntry] = []
    values: list[Assignment] = []
    for entry in entries_of(fields["inputs"].value, "'inputs'", problems) if "inputs" in fields else ():
        name = problems.attempt(lambda entry=entry: parse_name(entry.key, entry.origin), entry.origin)  # type: ignore[misc]
        if name is None:
            continue
        if isinstance(entry.value, MappingNode):
            signals.extend(_signal(name, entry, problems))
        elif value := scalar_of(entry.value, entry.key, problems):
            values.append(Assignment(name, value, entry.origin))
    return tuple(signals), tuple(values)


def _signal(name: VariableName, entry: Entry, problems: Problems) -> tuple[SignalEntry, ...]:
    what = f"Input '{name}'"
    parts = fields_of(entry.value, _SIGNAL_KEYS, what, problems)
    texts = {key: text_of(part.value, f"'{key}' of {what}", problems) for key, part in parts.items()}
    missing = [key for key in ("file", "column") if key not in parts]
    if missing:
        problems.add(f"{what} lacks '{missing[0]}': write {{file: data.csv, column: T, unit: degC}}.", entry.origin)
        return ()
    kinds = ("linear", "hold")
    choice = (
        choice_of(parts["interpolation"].value, kinds, "'interpolation'", problems)
        if "interpolation" in parts
        else None
    )
    file, column = texts["file"], texts["column"]
    if file is None or column is None:
        return ()
    interpolation = cast(Literal["linear", "hold"], choice or "linear")
    return (SignalEntry(name, file, column, texts.get("unit"), texts.get("time"), interpolation, entry.origin),)


def _phases(fields: dict[str, Entry], origin: SourceLocation | None, problems: Problems) -> tuple[PhaseEntry, ...]:
    if "phases" in fields:
        return parse_phases(fields["phases"].value, problems)
    problems.add(
        "There are no 'phases'. Write at least 'phases: {run: {active: […], duration: 1 h, step: 1 s}}'.", origin
    )
    return ()


def _algorithm(fields: dict[str, Entry], problems: Problems) -> AlgorithmEntry | None:
    if "algorithm" not in fields:
        return None
    node = fields["algorithm"].value
    if not isinstance(node, MappingNode):
        name = scalar_of(node, "'algorithm'", problems)
        return None if name is None else AlgorithmEntry(name)
    entries = {entry.key: entry.value for entry in node.entries}
    tolerance = entries.pop(EVENT_TOLERANCE, None)
    read = {key: scalar_of(value, f"'{key}'", problems) for key, value in entries.items()}
    if "name" not in read:
        problems.add("'algorithm' has no 'name'. Write '{name: gauss_seidel, extrapolation: 1}'.", node.origin)
    name = read.pop("name", None)
    options = {key: written for key, written in read.items() if written is not None}
    located = None if tolerance is None else duration_of(tolerance, f"'{EVENT_TOLERANCE}'", problems)
    return None if name is None else AlgorithmEntry(name, options, located)


def _tolerance(fields: dict[str, Entry], problems: Problems) -> float | None:
    """Read the relative tolerance that is passed to the FMUs' own solvers."""
    if "tolerance" not in fields:
        return None
    value = number_of(fields["tolerance"].value, "'tolerance'", problems)
    if value is not None and not 1e-14 <= value < 1:
        problems.add(f"'tolerance' is {value:g}; it should lie between 1e-14 and 1.", fields["tolerance"].origin)
    return value


def _ledger(fields: dict[str, Entry], problems: Problems) -> LedgerEntry:
    """Read ``ledger: {tolerance: 1e-9, <component>: 1e-6, floor: {<species>: 1 g}}``."""
    tolerance = LedgerEntry().tolerance
    components: dict[str, tuple[float, SourceLocation | None]] = {}
    floor: dict[str, Scalar] = {}
    for entry in entries_of(fields["ledger"].value, "'ledger'", problems) if "ledger" in fields else ():
        if entry.key == "floor":
            for item in entries_of(entry.value, "'floor' of the ledger", problems):
                if amount := scalar_of(item.value, f"The floor of {item.key}", problems):
                    floor[item.key] = amount
            continue
        value = number_of(entry.value, f"'{entry.key}' of the ledger", problems)
        if value is not None and value <= 0:
            problems.add(f"'{entry.key}' of the ledger is {value:g}; it should be above zero.", entry.origin)
        elif value is not None and entry.key == "tolerance":
            tolerance = value
        elif value is not None:
            components[entry.key] = (value, entry.origin)
    return LedgerEntry(tolerance, components, floor)


def _expectations(fields: dict[str, Entry], problems: Problems) -> tuple[ExpectationEntry, ...]:
    scalars = scalars_of(fields["expect"].value, "'expect'", problems) if "expect" in fields else ()
    read = [
        problems.attempt(lambda scalar=scalar: parse_expectation(scalar.text, scalar.origin), scalar.origin)  # type: ignore[misc]
        for scalar in scalars
    ]
    return tuple(expectation for expectation in read if expectation is not None)
