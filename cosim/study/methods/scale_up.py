"""Scale-up: a model calibrated at small scale predicts the large one, for each criterion held constant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cosim.algorithm.option import option
from cosim.errors import CosimError, ScenarioError
from cosim.measurements import Experiment, Rules
from cosim.study.calibration.experiments import read_experiments
from cosim.study.calibration.found import Found, expanded, look_around
from cosim.study.fitting import Options, search
from cosim.study.fitting.asking import Asking, replayed
from cosim.study.method import AbstractCompletion, AbstractMethod, Answer, Batches, Runs, correlated
from cosim.study.model import StudyFile
from cosim.study.problem import Problem
from cosim.study.scale_up.answer import answer
from cosim.study.scale_up.case import ScaleCase, bind_scales, completed
from cosim.study.scale_up.search import Scaled, scale


@dataclass(frozen=True, slots=True)
class ScaleUp(AbstractMethod, AbstractCompletion):
    """Calibrates as ``calibration`` does, then runs the large scale with samples of the parameters."""

    data: str = option("", "measurements at small scale: table, or YAML list of experiments, relative to the study")
    decimal: str = option(".", "decimal sign in the table", choices=(".", ","))
    samples: int = option(50, "of the parameters, at each scale and criterion", least=10, most=10_000)
    starts: int = option(3, "number of points from which the search begins", least=1, most=1000)
    confidence: float = option(0.95, "of the intervals", least=0.5, most=0.999)
    difference: float = option(1e-3, "step of finite differences, as a share of a parameter", least=1e-8, most=0.1)
    profiles: bool = option(False, "whether profile likelihoods of the parameters are made besides")

    def completed(self, study: StudyFile) -> StudyFile:
        if not self.data:
            raise ScenarioError("Method 'scale_up' has no 'data'. Write {name: scale_up, data: small_scale.csv}.")
        path = study.path.parent / self.data
        return completed(study, self._experiments(path), path)

    def _experiments(self, path: Path) -> tuple[Experiment, ...]:
        return read_experiments(path, Rules(decimal=self.decimal), None)  # type: ignore[arg-type]

    def _scales(self, problem: Problem) -> ScaleCase:
        assert problem.scale_up is not None
        return bind_scales(problem, problem.scale_up, self._experiments(problem.folder / self.data))

    def objections(self, problem: Problem) -> Sequence[str]:
        found = correlated(problem, "scale_up")
        try:
            scales = self._scales(problem)
        except CosimError as error:
            return [*found, str(error)]
        n, p = sum(len(one.responses) for one in scales.case.fitted_signals), len(scales.case.parameters)
        if p == 0:
            return [*found, "There is nothing to fit: write the parameters, with their ranges, under 'factors'."]
        if n <= p:
            found.append(
                f"{n} samples cannot tell {p} parameters and how far off they are. Measure more, or fit fewer."
            )
        return found

    def _calibrated(self, scales: ScaleCase, seed: int) -> Asking[Found]:
        options = Options(self.starts, self.confidence, self.difference, has_profiles=self.profiles, seed=seed)
        fit = yield from expanded(scales.case, search(scales.case.fit_problem(), options))
        return (yield from look_around(scales.case, fit))

    def _search(self, problem: Problem) -> Asking[Scaled]:
        scales = self._scales(problem)
        return scale(scales, self._calibrated(scales, problem.seed), self.samples, problem.seed)

    def batches(self, problem: Problem) -> Batches:
        yield from self._search(problem)

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        return answer(replayed(self._search(problem), runs))
