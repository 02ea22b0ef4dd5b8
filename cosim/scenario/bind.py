"""Scenario as written + descriptions of its components → system structure, experiment, expectations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cosim.errors import CosimError, ScenarioError, SourceLocation
from cosim.execution.layout import comparisons_of
from cosim.scenario.bind_amounts import bind_amounts, with_bases
from cosim.scenario.bind_phases import bind_events, bind_phases
from cosim.scenario.bind_streams import bind_connections, bind_streams
from cosim.scenario.document import Scalar
from cosim.scenario.expectations import Expectation, bind_expectations
from cosim.scenario.lookup import Aliases, Lookup, Probe
from cosim.scenario.measures import Measure, Surroundings, bind_measure
from cosim.scenario.model import Assignment, Scenario
from cosim.scenario.parameter_sets import ParameterFile, read_parameter_sets, values_of
from cosim.scenario.reading import Problems
from cosim.scenario.signals import bind_signals
from cosim.system.component import Component, ComponentDescription
from cosim.system.experiment import (
    EVENT_TOLERANCE,
    Event,
    Experiment,
    LedgerTolerance,
    Phase,
    StartValue,
)
from cosim.system.nearest import nearest
from cosim.system.stream import VOLUME
from cosim.system.structure import SystemStructure
from cosim.system.timing import latest_end
from cosim.system.variable import Causality, Variability, Variable, VariableName
from cosim.units import parse_quantity

Overrides = Mapping[str, str | float | int | bool]
"""Values by ``component.variable`` that replace those of the scenario; numbers are in the variable's own unit."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A scenario with every name looked up and every value converted."""

    structure: SystemStructure
    experiment: Experiment
    expectations: tuple[Expectation, ...]
    warnings: tuple[str, ...] = ()
    parameter_files: tuple[ParameterFile, ...] = ()
    measures: tuple[Measure | None, ...] = ()
    """Those of the scenario; None for one with a problem."""


def bind(
    scenario: Scenario,
    descriptions: Mapping[str, ComponentDescription],
    *,
    overrides: Overrides | None = None,
    probe: Probe | None = None,
) -> tuple[Bound, list[CosimError]]:
    """Bind ``scenario`` to ``descriptions``; return it with every problem found.

    A component without a description is one that could not be loaded: what refers to it is passed over in silence.
    """
    problems = Problems()
    declared = {key: species for one in descriptions.values() for key, species in one.species.items()}
    descriptions = {name: with_bases(description, declared) for name, description in descriptions.items()}
    lookup = Lookup(scenario, descriptions, problems)
    starts: dict[str, dict[str, StartValue]] = {}
    aliases = Aliases(scenario, lookup, starts)
    aliases.use(probe)
    lookup.aliases = aliases
    given = _given_once((*scenario.parameters, *_constant_inputs(scenario, lookup)), problems)
    files = read_parameter_sets(scenario.parameter_sets, scenario.folder, problems)
    sets = values_of(files)
    entries = [*sets, *given.values(), *_override_entries(overrides or {}, problems)]
    in_own_units = [entry for entry in entries if _uses(scenario.units, entry)]
    _bind_starts([entry for entry in entries if entry not in in_own_units], lookup, starts)
    _bind_numeric_overrides(overrides or {}, lookup, starts)
    _bind_starts(_not_replaced(in_own_units, entries, overrides or {}), lookup, starts)
    streams = bind_streams(scenario.streams, lookup)
    structure = SystemStructure(
        {
            name: Component(name, description, scenario.components[name].origin)
            for name, description in descriptions.items()
        },
        bind_connections(scenario.connections, lookup),
        streams,
        bind_amounts(descriptions, lookup),
    )
    phases = bind_phases(scenario.phases, lookup, aliases)
    events = bind_events(scenario.events, lookup)
    steps = {phase.name: [step.name for step in phase.steps] for phase in scenario.phases}
    around = Surroundings(streams, steps, latest_end(phases))
    expectations = bind_expectations(scenario.expectations, around, lookup)
    measures = tuple(bind_measure(entry, around, lookup) for entry in scenario.measures)
    read = [measure for measure in (*(item.measure for item in expectations), *measures) if measure is not None]
    _check_aliases(scenario, aliases, lookup)
    experiment = Experiment(
        phases=phases,
        events=events,
        signals=bind_signals(scenario.signals, scenario.folder, lookup),
        start_values=starts,
        asleep={name: entry.asleep for name, entry in scenario.components.items()},
        tolerance=scenario.tolerance,
        event_tolerance=(scenario.algorithm and scenario.algorithm.event_tolerance) or EVENT_TOLERANCE,
        ledger=_ledger(scenario, lookup),
        recorded=_recorded(scenario, lookup, descriptions, _mentioned(phases, events, read)),
        seed=scenario.seed,
        start_origins={
            name: entry.origin
            for name, entry in ({one.target: one for one in sets} | given).items()
            if entry.origin is not None
        },
    )
    return Bound(structure, experiment, expectations, tuple(lookup.warnings), files, measures), problems.found


def _constant_inputs(scenario: Scenario, lookup: Lookup) -> Iterable[Assignment]:
    """Yield the constants under ``inputs``; note those for something that is no input."""
    for entry in scenario.inputs:
        description = lookup.descriptions.get(entry.target.component)
        variable = description.variables.get(entry.target.variable) if description else None
        if variable is not None and variable.causality is not Causality.INPUT:
            lookup.problems.add(
                f"Cannot drive {entry.target}: its causality is {variable.causality.value}, not input. Parameters and "
                "start values go under 'parameters'.",
                entry.origin,
            )
        else:
            yield entry


def _given_once(entries: Iterable[Assignment], problems: Problems) -> dict[VariableName, Assignment]:
    """Return the values by variable; note what is given both as a parameter and as an input."""
    given: dict[VariableName, Assignment] = {}
    for entry in entries:
        first = given.setdefault(entry.target, entry)
        if first is not entry:
            place = f" in line {first.origin.line}" if first.origin else ""
            problems.add(f"{entry.target} has been given a value already{place}. Remove one of the two.", entry.origin)
    return given


def _override_entries(overrides: Overrides, problems: Problems) -> Iterable[Assignment]:
    for key, value in overrides.items():
        if isinstance(value, float | int) and not isinstance(value, bool):
            continue
        name = problems.attempt(lambda key=key: _override_name(key), None)  # type: ignore[misc]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if name is not None:
            yield Assignment(name, Scalar(text.strip(), False, None), None)


def _override_name(key: str) -> VariableName:
    try:
        return VariableName.parse(key)
    except (ValueError, AttributeError) as error:
        raise ScenarioError(f"The parameter '{key}' is not of the form component.variable.") from error


def _bind_numeric_overrides(overrides: Overrides, lookup: Lookup, starts: dict[str, dict[str, StartValue]]) -> None:
    for key, value in overrides.items():
        if isinstance(value, bool) or not isinstance(value, float | int):
            continue
        name = lookup.problems.attempt(lambda key=key: _override_name(key), None)  # type: ignore[misc]
        variable = lookup.numeric(name, None) if name else None
        if name is None or variable is None or not _check_settable(name, variable, lookup, None):
            continue
        number = lookup.given(name, variable, value)
        if number is not None:
            starts.setdefault(name.component, {})[name.variable] = number


def _bind_starts(entries: Iterable[Assignment], lookup: Lookup, starts: dict[str, dict[str, StartValue]]) -> None:
    """Convert parameters and start values into ``starts``; a later entry replaces an earlier one."""
    for entry in entries:
        variable = lookup.variable(entry.target, entry.origin)
        if variable is None or not _check_settable(entry.target, variable, lookup, entry.origin):
            continue
        written = replace(entry.value, origin=entry.origin)
        value = lookup.value(entry.target, variable, written)
        if value is not None:
            starts.setdefault(entry.target.component, {})[entry.target.variable] = value


def _uses(units: Mapping[str, Scalar], entry: Assignment) -> bool:
    """Tell whether a value is written in one of the scenario's own ``units``, whose worth other values may decide."""
    return any(word in units for word in re.findall(r"[A-Za-z]\w*", entry.value.text))


def _not_replaced(late: Iterable[Assignment], entries: Iterable[Assignment], overrides: Overrides) -> list[Assignment]:
    """Return those of ``late`` that nothing after them in ``entries``, nor an override, gives another value."""
    last = {entry.target: entry for entry in entries}
    numeric = {key for key, value in overrides.items() if not isinstance(value, str)}
    return [entry for entry in late if last[entry.target] is entry and str(entry.target) not in numeric]


def _check_settable(name: VariableName, variable: Variable, lookup: Lookup, origin: SourceLocation | None) -> bool:
    settable = (Causality.PARAMETER, Causality.STRUCTURAL_PARAMETER, Causality.INPUT)
    has_start = variable.start is not None and variable.causality in (Causality.LOCAL, Causality.OUTPUT)
    if variable.variability is not Variability.CONSTANT and (variable.causality in settable or has_start):
        return True
    kind = "constant" if variable.variability is Variability.CONSTANT else variable.causality.value
    lookup.problems.add(f"Cannot set {name}: its causality is {kind}, not a parameter, input or start value.", origin)
    return False


def _check_aliases(scenario: Scenario, aliases: Aliases, lookup: Lookup) -> None:
    """Note units that name no component or have no value; warn of those that nothing uses."""
    problems = lookup.problems
    for name, written in scenario.units.items():
        text = written.text
        if text[:1].isdigit() or text.partition(".")[0] in aliases.components:
            if not aliases.is_used(name):
                problems.attempt(lambda name=name: aliases[name], written.origin, f"Unit '{name}': ")  # type: ignore[misc]
                lookup.warnings.append(f"{written.origin}: no quantity is written in the unit '{name}'. Remove it.")
            continue
        component = text.partition(".")[0]
        if component not in scenario.components and component not in scenario.unusable:
            hint = nearest(component, scenario.components)
            problems.add(
                f"Unit '{name}' refers to '{text}': there is no component '{component}'.{hint}", written.origin
            )


def _ledger(scenario: Scenario, lookup: Lookup) -> LedgerTolerance:
    entry = scenario.ledger
    for name, (_, origin) in entry.components.items():
        lookup.component(name, origin)
    floor = {}
    for species, amount in entry.floor.items():
        basis = _basis_unit(species, lookup)
        if basis is None:
            lookup.problems.add(f"The ledger's floor names '{species}', which no component carries.", amount.origin)
            continue
        value = lookup.problems.attempt(
            lambda amount=amount, basis=basis: parse_quantity(amount.text).to(basis),  # type: ignore[misc]
            amount.origin,
            f"The ledger's floor of {species}: ",
        )
        if value is not None:
            floor[species] = value
    return LedgerTolerance(entry.tolerance, {name: value for name, (value, _) in entry.components.items()}, floor)


def _basis_unit(species: str, lookup: Lookup) -> str | None:
    """Return the unit in which amounts of ``species`` are booked; 'volume' counts as one."""
    if species == VOLUME:
        return "m3"
    for description in lookup.descriptions.values():
        if species in description.species:
            return description.species[species].unit
    return None


def _mentioned(phases: Sequence[Phase], events: Sequence[Event], measures: Sequence[Measure]) -> set[VariableName]:
    """Return the variables that conditions and measures read, which are recorded in any case."""
    comparisons = list(comparisons_of(phases, events))
    names = {item.left for item in comparisons}
    names |= {item.right for item in comparisons if isinstance(item.right, VariableName)}
    return names | {name for item in measures for name in (item.variable, item.state) if name is not None}


def _recorded(
    scenario: Scenario,
    lookup: Lookup,
    descriptions: Mapping[str, ComponentDescription],
    mentioned: set[VariableName],
) -> dict[str, tuple[str, ...]]:
    """Expand ``record``; without it, every output is recorded."""
    chosen: dict[str, set[str]] = {name: set() for name in descriptions}
    for pattern in scenario.record or ():
        _expand(pattern, lookup, descriptions, chosen)
    for component, description in descriptions.items():
        if scenario.record is None:
            chosen[component] |= {n for n, v in description.variables.items() if _is_shown(v, (Causality.OUTPUT,))}
        chosen[component] |= {name.variable for name in mentioned if name.component == component}
    return {
        component: tuple(name for name in descriptions[component].variables if name in names)
        for component, names in chosen.items()
    }


def _expand(
    pattern: Scalar,
    lookup: Lookup,
    descriptions: Mapping[str, ComponentDescription],
    chosen: dict[str, set[str]],
) -> None:
    """Add what ``pattern`` names; a wildcard means inputs and outputs, and locals only where it meets none of those."""
    component, dot, variable = pattern.text.partition(".")
    if not dot or not variable:
        lookup.problems.add(f"'{pattern.text}' in 'record' is not of the form component.variable.", pattern.origin)
        return
    components = _matching_names(component, descriptions)
    if not components and "*" not in component:
        lookup.component(component, pattern.origin)
    found = {name: _matching(variable, descriptions[name]) for name in components}
    if "*" not in pattern.text:
        for name in components:
            lookup.numeric(VariableName(name, variable), pattern.origin)
    elif not any(found.values()) and components:
        lookup.problems.add(f"'{pattern.text}' in 'record' matches no variable.", pattern.origin)
    for name, names in found.items():
        chosen[name] |= names


def _matching(pattern: str, description: ComponentDescription) -> set[str]:
    variables = description.variables
    met = {name for name in _matching_names(pattern, variables) if _is_carried(variables[name])}
    shown = {name for name in met if _is_shown(variables[name], (Causality.OUTPUT, Causality.INPUT))}
    return met if "*" not in pattern else shown or met


def _is_shown(variable: Variable, causalities: tuple[Causality, ...]) -> bool:
    return variable.causality in causalities and _is_carried(variable)


def _is_carried(variable: Variable) -> bool:
    return variable.type.is_numeric and not variable.shape


def _matching_names(pattern: str, names: Iterable[str]) -> list[str]:
    """Return the ``names`` that ``pattern`` matches, in which * stands for anything."""
    if "*" not in pattern:
        return [pattern] if pattern in names else []
    matches = re.compile(".*".join(re.escape(part) for part in pattern.split("*"))).fullmatch
    return [name for name in names if matches(name)]
