"""Scenario file → everything a run needs, without a problem left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from cosim.algorithm.contract import AbstractAlgorithm
from cosim.algorithm.suitability import degradations
from cosim.claims import try_claims
from cosim.clock import Ticks, format_ticks
from cosim.errors import CosimError, ScenarioError, StructureError, raise_all
from cosim.loading import Factory, LoadedComponent, OnBuilt, load_components
from cosim.scenario.bind import Bound, Overrides, bind
from cosim.scenario.bind_algorithm import bind_algorithm
from cosim.scenario.lookup import Probe
from cosim.scenario.model import Scenario
from cosim.scenario.parse import read_scenario
from cosim.scenario.reading import Problems
from cosim.stopwatch import Stopwatch
from cosim.system.check_moments import late_moments
from cosim.system.experiment import Phase, StartValue
from cosim.system.ports import flow_variable
from cosim.system.stream import Stream
from cosim.system.timing import latest_end
from cosim.system.validation import examine
from cosim.system.variable import VariableName


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scenario without problems, ready to run."""

    scenario: Scenario
    bound: Bound
    components: Mapping[str, LoadedComponent]
    algorithm: AbstractAlgorithm[Any]
    algorithm_text: str
    """Its name and the options that were written."""
    parameters: Mapping[str, str | float | int | bool]

    def close(self) -> None:
        """Give up what was unpacked and the seats that were taken; legal any number of times."""
        for component in self.components.values():
            component.close()


def prepare(
    path: str | Path,
    parameters: Overrides | None,
    algorithms: Mapping[str, Callable[..., AbstractAlgorithm[Any]]],
    *,
    supplied: Mapping[str, Factory] | None = None,
    on_built: OnBuilt | None = None,
    stopwatch: Stopwatch | None = None,
    adapt: Callable[[Scenario], Scenario] = lambda scenario: scenario,
) -> Prepared:
    """Read, build, load, bind and validate a scenario; ``algorithms`` are the known ones, the first is the default.

    ``stopwatch`` is told how long each of these takes; ``adapt`` may change what was read before it is used.

    Raises
    ------
    CosimError
        All problems of the scenario at once, in the order of its lines.
    """
    _require_kinds(path, parameters, supplied)
    stopwatch = stopwatch or Stopwatch()
    with stopwatch.during("read"):
        scenario, problems = read_scenario(Path(path))
        scenario = adapt(scenario)
    components, loading_problems = load_components(scenario, supplied or {}, on_built, stopwatch)
    replaced = replacement(scenario, components)
    problems += [*loading_problems, *replaced.problems]
    with stopwatch.during("check"):
        return _checked(scenario, replaced, problems, parameters, algorithms)


def _require_kinds(path: object, parameters: object, supplied: object) -> None:
    """Raise ScenarioError where a caller from Python gives something of another kind."""
    if not isinstance(path, str | PathLike):
        raise ScenarioError(f"A scenario is given by the path of its file, not by {path!r}.")
    for what, value in (("Parameters", parameters), ("Components", supplied)):
        if value is not None and not isinstance(value, Mapping):
            raise ScenarioError(f"{what} are given by name, as in {{'name': …}}, not as {value!r}.")


@dataclass(frozen=True, slots=True)
class Replacement:
    """Components, some of them surrogates; ``check`` tells what a scenario asks of these that they are not for."""

    components: Mapping[str, LoadedComponent]
    problems: Sequence[CosimError] = ()
    check: Callable[[Bound], Sequence[CosimError]] = lambda _: ()


def replacement(scenario: Scenario, components: Mapping[str, LoadedComponent]) -> Replacement:
    """Put surrogates where the scenario says so."""
    if not scenario.surrogates:
        return Replacement(components)
    from cosim.substitution.substitute import check_use, substitute

    changed, packages, problems = substitute(scenario, components)
    return Replacement(changed, problems, lambda bound: check_use(bound, packages, scenario))


def _checked(
    scenario: Scenario,
    replaced: Replacement,
    problems: list[CosimError],
    parameters: Overrides | None,
    algorithms: Mapping[str, Callable[..., AbstractAlgorithm[Any]]],
) -> Prepared:
    """Bind and validate; raise ``problems`` and those found now."""
    components = replaced.components
    descriptions = {name: component.description for name, component in components.items()}
    bound, binding_problems = bind(scenario, descriptions, overrides=parameters, probe=probe_of(components))
    problems += binding_problems
    noted = Problems()
    text, algorithm = bind_algorithm(scenario.algorithm, algorithms, noted)
    problems += [*noted.found, *replaced.check(bound)]
    if not problems:
        found, warnings = examine(bound.structure, bound.experiment, solves_loops=algorithm.solves_loops)
        problems += found or _flows_into_sleepers(bound, probe_of(components))
        bound, components = try_claims(bound, components, algorithm)
        lost = degradations(algorithm, text, bound.structure, bound.experiment)
        late = late_moments(bound.structure, bound.experiment)
        short = _held_data(scenario, components, latest_end(bound.experiment.phases))
        known = [warning for component in components.values() for warning in component.warnings]
        bound = replace(bound, warnings=(*bound.warnings, *known, *warnings, *short, *lost, *late))
    if problems:
        for component in components.values():
            component.close()
    raise_all(sorted(problems, key=_place))
    return Prepared(scenario, bound, components, algorithm, text, dict(parameters or {}))


def _held_data(scenario: Scenario, components: Mapping[str, LoadedComponent], end: Ticks | None) -> list[str]:
    """Warn of recorded data whose first or last row stands for times beyond it."""
    warnings = []
    for name, component in components.items():
        if component.span is None:
            continue
        first, last = component.span
        place = scenario.components[name].source.origin
        if first > 0:
            warnings.append(f"{place}: the data of '{name}' start at {format_ticks(first)}: until then, the first row.")
        if end is not None and last < end:
            warnings.append(
                f"{place}: the data of '{name}' end at {format_ticks(last)}, the run at {format_ticks(end)} at the "
                "latest: from then on, the last row."
            )
    return warnings


def _flows_into_sleepers(bound: Bound, probe: Probe) -> list[CosimError]:
    """Find streams that flow, as soon as their source is initialised, into a component that is not active then.

    Only sources whose inputs nothing drives can be told in advance; of the others the execution tells.
    """
    driven = {wire.target.component for wire in bound.structure.connections}
    driven |= {stream.target.component for stream in bound.structure.streams if stream.target is not None}
    driven |= {signal.target.component for signal in bound.experiment.signals}
    problems: list[CosimError] = []
    initialised: set[str] = set()
    for phase in bound.experiment.phases:
        fresh = set(phase.active) - initialised - driven
        initialised |= set(phase.active)
        for stream in bound.structure.streams:
            if stream.source.component in fresh and stream.target and stream.target.component not in phase.active:
                source = bound.structure.components[stream.source.component].description
                flow = source.variables[flow_variable(source.ports[stream.source.port])]
                rate = _initial_value(bound, phase, VariableName(stream.source.component, flow.name), probe)
                if rate > 0:
                    problems.append(_flow_into_sleeper(phase, stream, f"{rate:.3g} {flow.unit or ''}".rstrip()))
    return problems


def _initial_value(bound: Bound, phase: Phase, name: VariableName, probe: Probe) -> float:
    """Return the value of ``name`` when its component is initialised at the beginning of ``phase``."""
    starts = dict(bound.experiment.start_values.get(name.component, {}))
    for setting in (*phase.settings, *(phase.steps[0].settings if phase.steps else ())):
        if setting.target.component == name.component:
            starts[setting.target.variable] = setting.value
    return float(probe(name.component, starts, [name.variable])[0])


def _flow_into_sleeper(phase: Phase, stream: Stream, rate: str) -> CosimError:
    assert stream.target is not None
    return StructureError(
        f"In phase '{phase.name}' {stream.source} flows (with {rate} from the start), but "
        f"'{stream.target.component}' is not active. Make '{stream.target.component}' active in this phase, or stop "
        f"the flow of '{stream.source.component}'.",
        location=phase.origin,
    )


def _place(problem: CosimError) -> tuple[str, int]:
    place = problem.location
    return ("", 0) if place is None else (str(place.file), place.line)


def probe_of(components: Mapping[str, LoadedComponent]) -> Probe:
    """Return a function that initialises a component to learn values that only its model can compute."""

    def read(component: str, starts: Mapping[str, StartValue], names: Sequence[str]) -> list[float]:
        with components[component].instantiate() as instance:
            instance.set_start(starts)
            instance.enter_initialization(Ticks(0), stop_time=None, tolerance=None)
            instance.exit_initialization()
            values = np.empty(len(names))
            instance.read(instance.group(names), values)
            instance.terminate()
            return [float(value) for value in values]

    return read
