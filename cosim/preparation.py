"""Scenario file → everything a run needs, without a problem left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cosim.clock import Ticks
from cosim.errors import CosimError, ScenarioError, raise_all
from cosim.loading import LoadedComponent, OnBuilding, load_components
from cosim.scenario.bind import Bound, Overrides, bind
from cosim.scenario.lookup import Probe
from cosim.scenario.model import Scenario
from cosim.scenario.parse import read_scenario
from cosim.scenario.reading import nearest
from cosim.system.experiment import StartValue
from cosim.system.validation import validate


@dataclass(frozen=True, slots=True)
class Prepared:
    """A scenario without problems, ready to run."""

    scenario: Scenario
    bound: Bound
    components: Mapping[str, LoadedComponent]
    algorithm: str
    parameters: Mapping[str, str | float | int | bool]


def prepare(
    path: str | Path,
    parameters: Overrides | None,
    algorithms: Sequence[str],
    on_building: OnBuilding | None = None,
) -> Prepared:
    """Read, build, load, bind and validate a scenario; ``algorithms`` are the known ones, the first is the default.

    Raises
    ------
    CosimError
        All problems of the scenario at once, in the order of its lines.
    """
    scenario, problems = read_scenario(Path(path))
    components, loading_problems = load_components(scenario, on_building)
    descriptions = {name: component.description for name, component in components.items()}
    bound, binding_problems = bind(scenario, descriptions, overrides=parameters, probe=_probe(components))
    problems += [*loading_problems, *binding_problems]
    algorithm = _algorithm(scenario, algorithms, problems)
    if not problems:
        problems += validate(bound.structure, bound.experiment)
    raise_all(sorted(problems, key=_place))
    return Prepared(scenario, bound, components, algorithm, dict(parameters or {}))


def _place(problem: CosimError) -> tuple[str, int]:
    place = problem.location
    return ("", 0) if place is None else (str(place.file), place.line)


def _algorithm(scenario: Scenario, known: Sequence[str], problems: list[CosimError]) -> str:
    written = scenario.algorithm
    if written is None or written.text in known:
        return written.text if written else known[0]
    hint = nearest(written.text, known)
    problems.append(
        ScenarioError(
            f"There is no algorithm '{written.text}'; there are {', '.join(known)}.{hint}", location=written.origin
        )
    )
    return known[0]


def _probe(components: Mapping[str, LoadedComponent]) -> Probe:
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
