"""Measured data bound to a study: which response of which experiment every sample is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cosim.errors import CosimError, ScenarioError, SourceLocation, StructureError
from cosim.measurements import Experiment, Series, in_units
from cosim.measurements.series import MOST_SAMPLES
from cosim.scenario.document import Scalar
from cosim.scenario.expressions import parse_measure, parse_name
from cosim.scenario.model import Assignment
from cosim.study.distributions import Lognormal, LogUniform, Normal, Uniform
from cosim.study.fitting import FitProblem, Parameter
from cosim.study.model import FactorEntry, ResponseEntry, StudyFile
from cosim.study.problem import Array, Factor, Problem
from cosim.units import parse_quantity

WIDE: Final = 8.0
"""Standard deviations from a prior's mean at which the range ends where none is written."""
CURVE: Final = 24
"""Times at which a signal with fewer samples is predicted besides, to draw its course."""


def completed(study: StudyFile, experiments: Sequence[Experiment], path: Path) -> StudyFile:
    """Return ``study`` with what ``experiments`` ask of it: conditions as factors, and responses at sample times.

    Raises
    ------
    ScenarioError
        When the experiments do not fit together.
    """
    if study.responses:
        raise ScenarioError(
            "A calibration looks at what was measured: remove 'responses'.", location=study.responses[0].origin
        )
    for experiment in experiments:
        _require_comparable(experiment)
    if all(experiment.is_held_out for experiment in experiments):
        raise ScenarioError(f"'{path}': every experiment is to be checked only. Let 'use' of one be fit.")
    factors, parameters = _conditions(study, experiments, path)
    responses = [_response(variable, time, origin) for (variable, time), origin in _moments(experiments).items()]
    return replace(
        study,
        factors=(*study.factors, *factors),
        parameters=(*study.parameters, *parameters),
        responses=tuple(responses),
    )


def _require_comparable(experiment: Experiment) -> None:
    for series in experiment.series:
        place = f"'{series.path}': what was measured of {series.variable} in '{experiment.name}'"
        if series.axis == "volume":
            raise ScenarioError(f"{place} stands over volume. State 'flow', as in 'flow: 1 mL/min', for times.")
        if len(series.values) > MOST_SAMPLES:
            raise ScenarioError(
                f"{place} has {len(series.values):,} samples; the limit is {MOST_SAMPLES:,}. State 'points: 200'."
            )
        if series.positions[0] < 0.0:
            raise ScenarioError(f"{place} begins before the scenario does, in row {series.rows[0]}. Check 'zero'.")


def _conditions(
    study: StudyFile, experiments: Sequence[Experiment], path: Path
) -> tuple[list[FactorEntry], list[Assignment]]:
    """Return conditions that differ between experiments as factors, those that do not as parameters."""
    names = dict.fromkeys(name for experiment in experiments for name in experiment.conditions)
    factors, parameters = [], []
    fitted = {entry.target for entry in study.factors}
    fixed = {str(entry.target) for entry in study.parameters}
    for name in names:
        lacking = [experiment.name for experiment in experiments if name not in experiment.conditions]
        if lacking:
            raise ScenarioError(
                f"'{path}': {name} is not given for experiment '{lacking[0]}', but for others. Give it."
            )
        if name in fitted or name in fixed:
            what = "fitted" if name in fitted else "given under 'parameters'"
            raise ScenarioError(f"'{path}': {name} is {what}, and a condition of experiments. Remove one of the two.")
        texts = {
            experiment.conditions[name]: _number(name, experiment.conditions[name], path) for experiment in experiments
        }
        distinct = {value: text for text, value in reversed(texts.items())}
        origin = SourceLocation(path, 1)
        scalars = tuple(Scalar(text, False, origin) for text in reversed(distinct.values()))
        if len(scalars) > 1:
            factors.append(FactorEntry(name, {}, scalars, origin))
        elif name.startswith("phases."):
            raise ScenarioError(f"'{path}': {name} is the same in all experiments. Write it in the scenario.")
        else:
            parameters.append(Assignment(parse_name(name, origin), scalars[0], origin))
    return factors, parameters


def _number(name: str, text: str, path: Path) -> float:
    try:
        return parse_quantity(text).to_si()
    except CosimError as error:
        raise ScenarioError(f"'{path}': {name}: {error.message}") from error


Moment = tuple[str, float]
"""A variable and a time [s], rounded so that equal times are equal."""


def _rounded(time: float) -> float:
    return float(f"{time:.9g}")


def _moments(experiments: Sequence[Experiment]) -> dict[Moment, SourceLocation]:
    """Return what has to be predicted, with where that was asked for: samples, and times between to draw curves."""
    found: dict[Moment, SourceLocation] = {}
    for experiment in experiments:
        for series in experiment.series:
            for time, row in zip(series.positions, series.rows, strict=True):
                found.setdefault((series.variable, _rounded(time)), SourceLocation(series.path, row))
    for variable in dict.fromkeys(name for name, _ in found):
        times = [time for name, time in found if name == variable]
        if len(times) < 2 * CURVE:
            place = next(origin for (name, _), origin in found.items() if name == variable)
            for time in np.linspace(0.0, max(times), CURVE + 1):
                found.setdefault((variable, _rounded(time)), place)
    return dict(sorted(found.items()))


def _response(variable: str, time: float, origin: SourceLocation) -> ResponseEntry:
    measure = parse_measure(f"at({variable}, {time:.9g} s)", origin)
    return ResponseEntry(f"{variable} at {time:.9g} s", measure, None, None, None, origin, may_lack=True)


@dataclass(frozen=True, slots=True)
class Signal:
    """One series of one experiment, with the places of its samples among the responses."""

    experiment: int
    series: Series
    responses: NDArray[np.int64]
    group: int
    """Of those that share an estimated standard deviation: one for each variable."""


@dataclass(frozen=True, slots=True)
class Case:
    """Data and problem together: the first ``n_fitted`` factors are fitted, the others are conditions (e, k − p)."""

    problem: Problem
    experiments: tuple[Experiment, ...]
    parameters: tuple[Parameter, ...]
    conditions: Array
    signals: tuple[Signal, ...]

    @property
    def fitted(self) -> list[int]:
        """Return the experiments that are fitted."""
        return [i for i, experiment in enumerate(self.experiments) if not experiment.is_held_out]

    @property
    def fitted_signals(self) -> list[Signal]:
        """Return the signals of experiments that are fitted."""
        return [signal for signal in self.signals if signal.experiment in self.fitted]

    def fit_problem(self) -> FitProblem:
        """Return the samples that are fitted, in the order of ``fitted_signals``."""
        chosen = self.fitted_signals
        return FitProblem(
            self.parameters,
            np.concatenate([signal.series.values for signal in chosen]),
            np.concatenate([signal.series.deviations for signal in chosen]),
            np.concatenate([np.full(len(signal.responses), signal.group) for signal in chosen]),
        )

    def points(self, values: Array, experiments: Sequence[int]) -> Array:
        """Return the points (m·e, k) at which ``values`` (m, p) are run in ``experiments``."""
        rows = np.repeat(values, len(experiments), axis=0)
        return np.hstack([rows, np.tile(self.conditions[list(experiments)], (len(values), 1))])

    def unreached(self, responses: Array) -> str:
        """Name a sample that no run predicts although it predicts others of its experiment; '' where there is none.

        ``responses`` (m·e, r) are those of fitted experiments.
        """
        by_point = responses.reshape(-1, len(self.fitted), responses.shape[1])
        for signal in self.fitted_signals:
            found = np.isfinite(by_point[:, self.fitted.index(signal.experiment), :][:, signal.responses])
            if found.any() and not found.any(axis=0).all():
                series, i = signal.series, int(np.argmin(found.any(axis=0)))
                return (
                    f"'{series.path}', row {series.rows[i]}: what was measured of {series.variable} in "
                    f"'{self.experiments[signal.experiment].name}' at {series.positions[i] / 3600.0:.6g} h has no "
                    "prediction: the run of this experiment ends before. Correct the time, or let it last longer."
                )
        return ""

    def predictions(self, responses: Array) -> Array:
        """Return predictions (m, n) of fitted samples from ``responses`` (m·e, r) of fitted experiments."""
        places = {experiment: k for k, experiment in enumerate(self.fitted)}
        by_point = responses.reshape(-1, len(places), responses.shape[1])
        return np.hstack([by_point[:, places[signal.experiment], signal.responses] for signal in self.fitted_signals])


def bind(problem: Problem, experiments: Sequence[Experiment]) -> Case:
    """Return ``experiments`` in the units of the responses of ``problem``.

    Raises
    ------
    CosimError
        When units do not fit, or a factor cannot be fitted.
    """
    names = dict.fromkeys(name for experiment in experiments for name in experiment.conditions)
    n_conditions = sum(factor.name in names for factor in problem.factors)
    factors = problem.factors[: len(problem.factors) - n_conditions]
    parameters = tuple(_parameter(factor) for factor in factors)
    rest = problem.factors[len(factors) :]
    conditions = np.array([[_value(factor, item.conditions[factor.name]) for factor in rest] for item in experiments])
    places = {response.name: i for i, response in enumerate(problem.responses)}
    units: dict[str, str | None] = {}
    for response in problem.responses:
        assert response.measure.variable is not None
        units[str(response.measure.variable)] = response.unit if response.measure.computed_in else None
    groups = {variable: i for i, variable in enumerate(units)}
    signals = []
    for k, experiment in enumerate(experiments):
        for series in in_units(experiment.series, units):
            chosen = [places[f"{series.variable} at {_rounded(time):.9g} s"] for time in series.positions]
            signals.append(Signal(k, series, np.array(chosen), groups[series.variable]))
    return Case(problem, tuple(experiments), parameters, conditions.reshape(len(experiments), -1), tuple(signals))


def _value(factor: Factor, text: str) -> float:
    return parse_quantity(text).to(factor.unit)


def _parameter(factor: Factor) -> Parameter:
    """Return a factor as a parameter: its range as bounds, a Gaussian as prior, a logarithm where that is natural."""
    match factor.distribution:
        case Uniform(low, high):
            return Parameter(factor.name, low, high, unit=factor.unit)
        case LogUniform(low, high):
            return Parameter(factor.name, low, high, is_log=True, unit=factor.unit)
        case Normal(mean, sd, low, high):
            bounds = max(low, mean - WIDE * sd), min(high, mean + WIDE * sd)
            return Parameter(factor.name, *bounds, prior=(mean, sd), unit=factor.unit)
        case Lognormal(median, gsd):
            bounds = median / gsd**WIDE, median * gsd**WIDE
            prior = float(np.log(median)), float(np.log(gsd))
            return Parameter(factor.name, *bounds, is_log=True, prior=prior, unit=factor.unit)
        case other:
            kind = type(other).__name__.lower()
            raise StructureError(
                f"{factor.name} varies as '{kind}', which cannot be fitted. Write from and to, also with distribution: "
                "log_uniform; or mean and sd, or median and gsd, for what is known of it beforehand."
            )


def places_of(case: Case) -> Mapping[int, tuple[Array, list[int]]]:
    """Return, by group of signals, the times [s] at which its variable is predicted, and those responses."""
    found: dict[int, tuple[Array, list[int]]] = {}
    names = list(dict.fromkeys(str(response.measure.variable) for response in case.problem.responses))
    for i, name in enumerate(names):
        chosen = [k for k, item in enumerate(case.problem.responses) if str(item.measure.variable) == name]
        times = np.array([(case.problem.responses[k].measure.time or 0) / 1e9 for k in chosen])
        found[i] = times, chosen
    return found
