"""Study file → what is run: a scenario that can be used, factors, responses, a method, an order for executors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cosim.by_hand import drivers
from cosim.errors import CosimError, ScenarioError, SourceLocation, raise_all
from cosim.loading import Factory, OnBuilt
from cosim.preparation import Prepared
from cosim.scenario.bind_algorithm import bind_algorithm
from cosim.scenario.reading import Problems
from cosim.study.bind_factors import bind_correlations, bind_factors
from cosim.study.bind_responses import bind_responses
from cosim.study.executor import Order
from cosim.study.method import AbstractCompletion, AbstractMethod
from cosim.study.methods import METHODS
from cosim.study.model import StudyFile
from cosim.study.parse import read_study
from cosim.study.problem import Problem
from cosim.warm import prepare_measured

Parameters = Mapping[str, str | float | int | bool]


@dataclass(frozen=True, slots=True)
class Plan:
    """A study without problems, ready to run."""

    study: StudyFile
    prepared: Prepared
    problem: Problem
    method: AbstractMethod
    method_text: str
    """Its name and the options that were written."""
    order: Order

    @property
    def most_at_once(self) -> int | None:
        """Return how many runs licences allow at a time."""
        seats = [component.seats for component in self.prepared.components.values() if component.seats is not None]
        return min(seats, default=None)


def make_plan(
    path: Path,
    parameters: Parameters,
    *,
    components: Mapping[str, Factory] | None = None,
    on_built: OnBuilt | None = None,
) -> Plan:
    """Read the study at ``path``, prepare its scenario, bind one to the other.

    ``parameters`` replace those of the study, which replace those of the scenario.

    Raises
    ------
    CosimError
        All problems of the study at once; or those of the scenario.
    """
    study, found = read_study(path)
    name, method = _method(study, found)
    raise_all(found)
    if isinstance(method, AbstractCompletion):
        study = method.completed(study)
    _require_responses(study)
    given = {**{str(entry.target): entry.value.text for entry in study.parameters}, **parameters}
    measures = [entry.measure for entry in study.responses]
    prepared = prepare_measured(study.scenario, given, measures, components=components, on_built=on_built)
    try:
        problem = _bind(study, prepared, method, parameters)
    except CosimError:
        prepared.close()
        raise
    return Plan(study, prepared, problem, method, name, _order(study, prepared, given, problem))


def _require_responses(study: StudyFile) -> None:
    if not study.responses:
        raise ScenarioError(
            "There are no 'responses'. Write what is looked at: 'responses: {titre: final(reactor.titre)}'.",
            location=SourceLocation(study.path, 1),
        )


def _method(study: StudyFile, found: list[CosimError]) -> tuple[str, AbstractMethod]:
    problems = Problems()
    chosen = bind_algorithm(study.method, METHODS, problems, kind="method")
    found += problems.found
    return chosen


def _bind(study: StudyFile, prepared: Prepared, method: AbstractMethod, parameters: Parameters) -> Problem:
    problems = Problems()
    factors = bind_factors(study.factors, prepared.bound, drivers(prepared.bound), problems)
    for entry in study.parameters:
        if any(factor.name == str(entry.target) for factor in factors):
            problems.add(f"{entry.target} is a factor and has a value under 'parameters'. Remove one.", entry.origin)
    for name in parameters:
        if any(factor.name == name for factor in factors):
            problems.add(f"{name} is a factor of this study: a value for it has no effect.", None)
    responses = bind_responses(study.responses, prepared.bound, problems)
    correlations = bind_correlations(study.correlations, factors, problems)
    problem = Problem(factors, responses, correlations, study.seed, study.path.parent)
    if not problems.found:
        origin = study.method.name.origin if study.method else None
        for text in method.objections(problem):
            problems.add(text, origin)
    raise_all(problems.found)
    return problem


def _order(study: StudyFile, prepared: Prepared, given: Parameters, problem: Problem) -> Order:
    text = prepared.scenario.text
    return Order(
        scenario=str(study.scenario.resolve()),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        parameters=given,
        targets=[factor.name for factor in problem.factors],
        measures=[
            (item.measure.text, item.measure.unit, item.measure.factor, item.measure.offset)
            for item in problem.responses
        ],
    )
