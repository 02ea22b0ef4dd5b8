"""Calibration: parameters fitted to measured data of several experiments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cosim.algorithm.option import option
from cosim.errors import CosimError, ScenarioError
from cosim.measurements import Experiment, Rules
from cosim.study.calibration.answer import answer
from cosim.study.calibration.case import Case, bind, completed
from cosim.study.calibration.experiments import read_experiments
from cosim.study.calibration.found import Found, expanded, look_around
from cosim.study.fitting import Options, search
from cosim.study.fitting.asking import Asking, replayed
from cosim.study.method import AbstractCompletion, AbstractMethod, Answer, Batches, Runs, correlated
from cosim.study.model import StudyFile
from cosim.study.problem import Problem


@dataclass(frozen=True, slots=True)
class Calibration(AbstractMethod, AbstractCompletion):
    """Bounded weighted least squares from several starts, with profile likelihoods and experiments held out.

    Ranges of factors are bounds, also of their logarithms; mean and standard deviation are a prior.
    """

    data: str = option("", "table of measurements, or YAML list of experiments, relative to the study")
    sheet: str = option("", "of a spreadsheet with several")
    decimal: str = option(".", "decimal sign in the table", choices=(".", ","))
    missing: str = option("", "words in the table that stand for no value, with semicolons between")
    beyond: str = option(
        "refuse", "what <0.1 in the table stands for", choices=("refuse", "leave_out", "limit", "half")
    )
    starts: int = option(5, "number of points from which the search begins", least=1, most=1000)
    confidence: float = option(0.95, "of the intervals", least=0.5, most=0.999)
    difference: float = option(1e-3, "step of finite differences, as a share of a parameter", least=1e-8, most=0.1)
    most_steps: int = option(100, "steps of one search", least=1, most=10_000)
    profiles: bool = option(True, "whether intervals are taken from profile likelihoods")

    def completed(self, study: StudyFile) -> StudyFile:
        if not self.data:
            raise ScenarioError("Method 'calibration' has no 'data'. Write {name: calibration, data: measured.csv}.")
        path = study.path.parent / self.data
        return completed(study, self._experiments(path), path)

    def _experiments(self, path: Path) -> tuple[Experiment, ...]:
        words = tuple(word.strip() for word in self.missing.split(";") if word.strip())
        rules = Rules(decimal=self.decimal, missing=words, beyond=self.beyond)  # type: ignore[arg-type]
        return read_experiments(path, rules, self.sheet or None)

    def _case(self, problem: Problem) -> Case:
        return bind(problem, self._experiments(problem.folder / self.data))

    def objections(self, problem: Problem) -> Sequence[str]:
        found = correlated(problem, "calibration")
        try:
            case = self._case(problem)
        except CosimError as error:
            return [*found, str(error)]
        if not case.parameters:
            return [*found, "There is nothing to fit: write the parameters, with their ranges, under 'factors'."]
        n, p = sum(len(signal.responses) for signal in case.fitted_signals), len(case.parameters)
        if n <= p:
            found.append(
                f"{n} samples cannot tell {p} parameters and how far off they are. Measure more, or fit fewer."
            )
        return found

    def _search(self, case: Case, seed: int) -> Asking[Found]:
        options = Options(self.starts, self.confidence, self.difference, self.most_steps, self.profiles, seed)
        fit = yield from expanded(case, search(case.fit_problem(), options))
        return (yield from look_around(case, fit))

    def batches(self, problem: Problem) -> Batches:
        yield from self._search(self._case(problem), problem.seed)

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        return answer(replayed(self._search(self._case(problem), problem.seed), runs))
