"""Faults: batches without and with one, drawn at random, as labelled data and as shares that miss specifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cosim.algorithm.option import option
from cosim.scenario.expressions import parse_measure
from cosim.study.faults.answer import answer
from cosim.study.faults.entries import LABELS
from cosim.study.faults.fault import Fault
from cosim.study.method import MOST_RUNS, AbstractCompletion, AbstractMethod, Answer, Batches, Runs
from cosim.study.model import ResponseEntry, StudyFile
from cosim.study.problem import Array, Problem

MISSED_AT = "_missed_at"
"""Ends the name of the response that says when a specification was missed first."""


@dataclass(frozen=True, slots=True)
class Faults(AbstractMethod, AbstractCompletion):
    """Kinds of faults are equally frequent; begin, length and severity are uniform in their ranges."""

    runs: int = option(100, "number of runs", least=2, most=MOST_RUNS)
    nominal: float = option(0.3, "share of runs without a fault", least=0.0, most=1.0)
    confidence: float = option(0.95, "of the intervals", least=0.5, most=0.999)

    def completed(self, study: StudyFile) -> StudyFile:
        """Add when each specification of a least or largest value is missed first."""
        added = [found for entry in study.responses if (found := _missed_at(entry)) is not None]
        return replace(study, responses=(*study.responses, *added))

    def objections(self, problem: Problem) -> Sequence[str]:
        if not problem.faults:
            return ["Method 'faults' has none. Write 'faults: {stop: {at: 2 d, for: 1 d, set: {pump.speed: 0 1/s}}}'."]
        n = self.runs - self._n_nominal()
        if n < len(problem.faults):
            return [f"{n} runs with a fault are too few for {len(problem.faults)} kinds. Take more, or less 'nominal'."]
        return ()

    def _n_nominal(self) -> int:
        return round(self.nominal * self.runs)

    def batches(self, problem: Problem) -> Batches:
        n_ordinary = len(problem.factors) - len(LABELS)
        rng = np.random.default_rng((problem.seed, 1))
        kinds = np.zeros(self.runs, dtype=np.int64)
        n_nominal = self._n_nominal()
        kinds[n_nominal:] = 1 + np.arange(self.runs - n_nominal) % len(problem.faults)
        shares = rng.random((self.runs, 3))
        labels = [_labels(problem, kind, share) for kind, share in zip(rng.permutation(kinds), shares, strict=True)]
        yield np.hstack([problem.scattered(range(n_ordinary), self.runs), labels])

    def answer(self, problem: Problem, runs: Runs) -> Answer:
        return answer(problem, runs, self.confidence)


def _labels(problem: Problem, kind: int, shares: Array) -> list[float]:
    """Return kind, onset [h], end [h] and severity of one run."""
    if kind == 0:
        return [0.0, 0.0, 0.0, 0.0]
    fault: Fault = problem.faults[kind - 1]
    onset = _between(fault.at, float(shares[0]))
    end = (
        problem.latest if fault.lasts is None else min(onset + _between(fault.lasts, float(shares[1])), problem.latest)
    )
    severity = float(shares[2]) if fault.has_severity else 1.0
    return [float(kind), onset / 3600.0, end / 3600.0, severity]


def _between(span: tuple[float, float], share: float) -> float:
    return span[0] + share * (span[1] - span[0])


def _missed_at(entry: ResponseEntry) -> ResponseEntry | None:
    """Return when the specification of ``entry`` is missed first, None for one known at the end alone."""
    kind = (entry.measure.function, entry.at_least is not None, entry.at_most is not None)
    sides = {("min", True, False): ("<", entry.at_least), ("max", False, True): (">", entry.at_most)}
    if kind not in sides or len(entry.measure.arguments) > 1:
        return None
    sign, limit = sides[kind]
    assert limit is not None
    measure = parse_measure(f"time({entry.measure.arguments[0]} {sign} {limit.text})", entry.origin)
    return ResponseEntry(f"{entry.name}{MISSED_AT}", measure, None, None, None, entry.origin, may_lack=True)
