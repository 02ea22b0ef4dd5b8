"""Study file → what is run: a scenario that can be used, factors, responses, a method, an order for executors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cosim.by_hand import drivers
from cosim.clock import to_seconds
from cosim.errors import CosimError, ScenarioError, SourceLocation, raise_all
from cosim.loading import Factory, OnBuilt
from cosim.preparation import Prepared
from cosim.scenario.bind_algorithm import bind_algorithm
from cosim.scenario.model import Scenario
from cosim.scenario.parse import read_scenario
from cosim.scenario.reading import Problems
from cosim.study.bind_factors import bind_correlations, bind_factors
from cosim.study.bind_responses import bind_responses
from cosim.study.cost.bind import bind_cost, measures_for
from cosim.study.cost.costing import Costing, bind_derived
from cosim.study.executor import Order
from cosim.study.faults.bind import bind_faults, bind_signals, latest_of, require_names
from cosim.study.faults.fault import label_factors
from cosim.study.method import AbstractCompletion, AbstractMethod
from cosim.study.methods import METHODS
from cosim.study.methods.cost import Cost
from cosim.study.model import ResponseEntry, StudyFile
from cosim.study.parse import read_study
from cosim.study.problem import Problem, Response
from cosim.system.variable import VariableName
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
    measured = [entry for entry in study.responses if entry.measure.function != "cost"]
    if study.cost is not None:
        measured += _asked_by_cost(study)
    given = {**{str(entry.target): entry.value.text for entry in study.parameters}, **parameters}
    measures = [entry.measure for entry in measured]
    record = study.signals.keep if study.signals else ()
    prepared = prepare_measured(
        study.scenario, given, measures, components=components, on_built=on_built, record=record
    )
    try:
        problem, signals = _bind(study, measured, prepared, method, parameters)
    except CosimError:
        prepared.close()
        raise
    return Plan(study, prepared, problem, method, name, _order(study, prepared, given, problem, signals))


def _require_responses(study: StudyFile) -> None:
    if not study.responses and study.cost is None:
        raise ScenarioError(
            "There are no 'responses'. Write what is looked at: 'responses: {titre: final(reactor.titre)}'.",
            location=SourceLocation(study.path, 1),
        )


def _method(study: StudyFile, found: list[CosimError]) -> tuple[str, AbstractMethod]:
    problems = Problems()
    chosen = bind_algorithm(study.method, METHODS, problems, kind="method")
    found += problems.found
    return chosen


def _asked_by_cost(study: StudyFile) -> list[ResponseEntry]:
    """Return what the cost needs to know of a run, which depends on the phases of the scenario."""
    assert study.cost is not None
    scenario, _ = read_scenario(study.scenario)  # its problems are told when it is prepared
    return [
        ResponseEntry(measure.text, measure, None, None, None, measure.origin)
        for measure in measures_for(study.cost, scenario)
    ]


def _bind(
    study: StudyFile,
    measured: Sequence[ResponseEntry],
    prepared: Prepared,
    method: AbstractMethod,
    parameters: Parameters,
) -> tuple[Problem, tuple[str, ...]]:
    """Return the problem, and the variables whose trajectories are kept."""
    problems = Problems()
    driven = drivers(prepared.bound)
    factors = bind_factors(study.factors, prepared.bound, driven, problems)
    for entry in study.parameters:
        if any(factor.name == str(entry.target) for factor in factors):
            problems.add(f"{entry.target} is a factor and has a value under 'parameters'. Remove one.", entry.origin)
    for name in parameters:
        if any(factor.name == name for factor in factors):
            problems.add(f"{name} is a factor of this study: a value for it has no effect.", None)
    found = bind_responses(measured, prepared.bound, problems)
    costing = _costing(study, prepared.scenario, found, len(measured), method, problems)
    responses = _responses(study, found, costing, problems)
    correlations = bind_correlations(study.correlations, factors, problems)
    if not study.factors and not study.faults and not isinstance(method, Cost):
        problems.add("There are no 'factors': this method has nothing to vary.", SourceLocation(study.path, 1))
    problem = Problem(
        factors, responses, correlations, study.seed, study.path.parent, costing=costing, scale_up=study.scale_up
    )
    problem, signals = _with_faults(study, prepared, problem, driven, problems)
    if not problems.found:
        origin = study.method.name.origin if study.method else None
        for text in method.objections(problem):
            problems.add(text, origin)
    raise_all(problems.found)
    return problem, signals


def _with_faults(
    study: StudyFile, prepared: Prepared, problem: Problem, driven: Mapping[VariableName, str], problems: Problems
) -> tuple[Problem, tuple[str, ...]]:
    """Add the faults of ``study`` and the factors that tell them; return the signals that are kept, too."""
    require_names(study, problems)
    faults = bind_faults(study.faults, prepared.scenario, prepared.bound, driven, problems)
    signals = bind_signals(study.signals, prepared.bound, problems)
    if not faults:
        return problem, signals
    latest = latest_of(prepared.bound) or 0.0
    labels = label_factors(faults, latest)
    return replace(problem, factors=(*problem.factors, *labels), faults=faults, latest=latest), signals


def _costing(
    study: StudyFile,
    scenario: Scenario,
    found: Sequence[Response],
    n_asked: int,
    method: AbstractMethod,
    problems: Problems,
) -> Costing | None:
    """Bind the cost to the last of ``found``; None where there is none, or something has a problem."""
    if study.cost is None or len(found) < n_asked:
        return None
    n_before = sum(entry.measure.function != "cost" for entry in study.responses)
    asked = tuple(found[n_before:])
    model = bind_cost(study.cost, scenario, asked, problems)
    return None if model is None else Costing(model, asked, isinstance(method, Cost))


def _responses(
    study: StudyFile, found: Sequence[Response], costing: Costing | None, problems: Problems
) -> tuple[Response, ...]:
    """Return the responses in the order written; those of the cost follow where they are shown."""
    by_name = {response.name: response for response in found}
    responses: list[Response | None] = []
    for entry in study.responses:
        if entry.measure.function != "cost":
            responses.append(by_name.get(entry.name))
        elif costing is not None:
            responses.append(bind_derived(entry, costing.model, problems))
        elif study.cost is None:
            problems.add(
                f"Response '{entry.name}' is '{entry.measure.text}', and the study has no 'cost'. Write what is "
                "consumed under 'cost'.",
                entry.origin,
            )
    shown = costing.responses if costing is not None and costing.is_shown else ()
    return (*(response for response in responses if response is not None), *shown)


def _order(
    study: StudyFile, prepared: Prepared, given: Parameters, problem: Problem, signals: tuple[str, ...]
) -> Order:
    text = prepared.scenario.text
    return Order(
        scenario=str(study.scenario.resolve()),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        parameters=given,
        targets=[factor.name for factor in problem.factors],
        measures=[
            (item.measure.text, item.measure.unit, item.measure.factor, item.measure.offset)
            for item in problem.measured
        ],
        faults=[fault.document() for fault in problem.faults],
        latest=problem.latest,
        signals=signals,
        every=to_seconds(study.signals.every) if study.signals else 0.0,
        time_limit=to_seconds(study.time_limit) if study.time_limit is not None else 0.0,
    )
