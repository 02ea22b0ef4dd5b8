"""A scale-up as a study: a calibration whose runs are at small scale, and runs at large scale besides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from cosim.errors import ScenarioError, StructureError
from cosim.measurements import Experiment
from cosim.study.calibration.case import Case, bind
from cosim.study.calibration.case import completed as calibrated
from cosim.study.fitting.asking import Asking, Result
from cosim.study.model import FactorEntry, ResponseEntry, StudyFile
from cosim.study.problem import Array, Problem, Response
from cosim.study.scale_up.entries import ScaleUpEntry
from cosim.system.nearest import nearest
from cosim.units import parse_quantity

CRITERION: Final = "criterion "
"""Before the names of responses that are criteria."""


def completed(study: StudyFile, experiments: Sequence[Experiment], path: Path) -> StudyFile:
    """Return ``study`` with what its calibration asks for, the scales as factors and the criteria as responses.

    Raises
    ------
    ScenarioError
        When something is missing, or the experiments do not fit together.
    """
    entry = study.scale_up
    if entry is None:
        raise ScenarioError("Method 'scale_up' needs the key 'scale_up': {small: …, large: …, adjust: …, criteria: …}.")
    if not study.responses:
        raise ScenarioError(
            "There are no 'responses'. Write what is predicted, with limits: "
            "'responses: {titre: {value: final(reactor.titre), at_least: 3 g/L}}'.",
            location=entry.origin,
        )
    fixed = {str(one.target) for one in study.parameters} | {factor.target for factor in study.factors}
    fixed |= {name for experiment in experiments for name in experiment.conditions}
    twice = next((name for name in entry.small if name in fixed), None)
    if twice is not None:
        raise ScenarioError(
            f"{twice} stands under 'scale_up' and is a factor, a parameter or a condition of experiments besides. "
            "Remove one of the two.",
            location=entry.origin,
        )
    small = calibrated(replace(study, responses=()), experiments, path)
    scales = [_scale(name, entry) for name in entry.large]
    adjusted = FactorEntry(entry.adjusted, {"from": entry.low, "to": entry.high}, None, entry.low.origin)
    criteria = [
        ResponseEntry(f"{CRITERION}{name}", held.measure, held.unit, None, None, held.measure.origin)
        for name, held in entry.criteria.items()
    ]
    return replace(
        small,
        factors=(*small.factors, *scales, adjusted),
        responses=(*study.responses, *criteria, *small.responses),
    )


def _scale(name: str, entry: ScaleUpEntry) -> FactorEntry:
    return FactorEntry(name, {}, (entry.small[name], entry.large[name]), entry.large[name].origin)


@dataclass(frozen=True, slots=True)
class ScaleCase:
    """The calibration with its place in the study: the first ``n_front`` factors and the last responses are its own.

    ``small`` and ``large`` (s + 1,) are the values of the factors behind them, the adjusted one last (NaN in
    ``large``), which is sought between ``low`` and ``high``. ``conditions`` are those predicted.
    """

    case: Case
    n_front: int
    small: Array
    large: Array
    low: float
    high: float
    conditions: Array
    predicted: tuple[Response, ...]
    criteria: tuple[Response, ...]
    adjusted_name: str
    adjusted_unit: str

    @property
    def n_before(self) -> int:
        """Return how many responses stand before those of the calibration."""
        return len(self.predicted) + len(self.criteria)

    def point(self, values: Array, scale: Array, adjusted: float) -> Array:
        """Return the point (k,) with fitted ``values`` (p,) at a scale."""
        return np.concatenate([values, self.conditions, scale[:-1], [adjusted]])

    def embedded(self, asked: Asking[Result]) -> Asking[Result]:
        """Let a calibration ask for runs: at small scale, told what is its own."""
        try:
            points = next(asked)
            while True:
                responses = yield np.hstack([points, np.tile(self.small, (len(points), 1))])
                points = asked.send(responses[:, self.n_before :])
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        finally:
            asked.close()


def bind_scales(problem: Problem, entry: ScaleUpEntry, experiments: Sequence[Experiment]) -> ScaleCase:
    """Bind ``entry`` to the factors and responses of ``problem``.

    Raises
    ------
    CosimError
        When units do not fit, or the experiment to be predicted is not there.
    """
    n_scales = len(entry.large) + 1
    front, back = problem.factors[:-n_scales], problem.factors[-n_scales:]
    n_criteria = next(i for i, one in enumerate(problem.responses) if one.name.startswith(CRITERION))
    n_before = n_criteria + len(entry.criteria)
    case = bind(replace(problem, factors=front, responses=problem.responses[n_before:]), experiments)
    small = np.array([parse_quantity(entry.small[factor.name].text).to(factor.unit) for factor in back])
    large = [parse_quantity(entry.large[factor.name].text).to(factor.unit) for factor in back[:-1]]
    low, high = back[-1].distribution.bounds
    if not (0.0 < low <= small[-1] <= high):
        raise StructureError(
            f"'adjust' seeks {entry.adjusted} between {entry.low.text} and {entry.high.text}; both should be above "
            f"zero, with the {entry.small[entry.adjusted].text} of the small scale between them."
        )
    names = [one.name for one in experiments]
    like = entry.like.text if entry.like else names[case.fitted[0]]
    if like not in names:
        raise StructureError(f"'like' is '{like}', and there is no such experiment.{nearest(like, names)}")
    return ScaleCase(
        case, len(front), small, np.array([*large, math.nan]), low, high, case.conditions[names.index(like)],
        problem.responses[:n_criteria], problem.responses[n_criteria:n_before], back[-1].name, back[-1].unit,
    )  # fmt: skip
