"""What drives what in a surrogate, how it follows, and what it was shown: found by running it, not the FMU.

Total effect of a factor i (a parameter, or the whole course of an input) on an output over runs of the design, with A
and B two independent sets of runs and A_B⁽ⁱ⁾ the runs A with the factor of B:

    T_i = Σ_t mean (y(A) − y(A_B⁽ⁱ⁾))² / (2 Σ_t var y)

(inputs that change by phase change together and are one factor), the share of the output's variance that would be
left if all but the factor were known; shares add to more than one where factors act together. Source: Jansen 1999,
doi:10.1016/S0010-4655(98)00154-4; summed over time as by Gamboa et al. 2014, doi:10.1214/14-EJS895.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from time import process_time
from typing import Any, Final

import numpy as np

from cosim.surrogate.architectures.contract import AbstractModel
from cosim.surrogate.design import Levels, course, input_courses, parameter_points
from cosim.surrogate.model import Array, Plan, Range, Runs

MOST_RUNS: Final = 128
LEAST_RUNS: Final = 16
"""Of each of the two sets: with the most an effect is good to about a tenth of itself, with the least to a third."""
MOST_BASES: Final = 12
LEAST_BASES: Final = 2
"""Runs over which a dependence is the mean."""
AFFORDABLE: Final = 20.0
"""CPU time [s] for the effects, and again for the dependences, as long as there are more than the least runs."""
N_LEVELS: Final = 9
BY_PHASE: Final = "inputs by phase"
"""The factor that all inputs are together which change by phase."""
N_TIMED: Final = 5
"""Steps by which it is found what they cost."""
MOST_OUTPUTS: Final = 6
MOST_FACTORS: Final = 6
"""Of which dependences are shown: those with the largest effect."""
LEAST_EFFECT: Final = 0.01
MOST_TIMES: Final = 60
QUANTILES: Final = (0.0, 0.1, 0.5, 0.9, 1.0)


def explain(
    model: AbstractModel, tensors: Mapping[str, Array], plan: Plan, learned: Runs, focus: Sequence[str]
) -> dict[str, Any]:
    """Return effects, dependences and the envelope of ``learned``, for JSON; of ``focus``, or of what is judged."""
    names = list(focus) or list(model.judged_names)
    places = [model.output_names.index(name) for name in names]
    varying = np.ptp(learned.outputs[..., places], axis=(0, 1)) > 0
    places = [place for place, is_varying in zip(places, varying, strict=True) if is_varying][:MOST_OUTPUTS]
    names = [model.output_names[place] for place in places]
    with np.errstate(all="ignore"):
        own = _Explained(model, tensors, plan, places)
        effects = own.effects()
        dependences = list(own.dependences(names, effects))
    return {
        "effects": {
            name: {factor: float(effects[i, j]) for i, factor in enumerate(own.factors)} for j, name in enumerate(names)
        },
        "runs": own.n_runs,
        "dependences": dependences,
        "envelope": _envelope(names, learned.outputs[..., places], plan.step / 1e9),
    }


class _Explained:
    def __init__(self, model: AbstractModel, tensors: Mapping[str, Array], plan: Plan, places: Sequence[int]) -> None:
        self._model, self._tensors, self._plan, self._places = model, tensors, plan, list(places)
        self._varied = [item for item in plan.parameters if not item.is_constant]
        moving = [item for item in plan.inputs if not item.is_constant]
        self._inputs = [item for item in moving if not item.levels]
        together = [item.name for item in moving if item.levels]
        self._columns = [[plan.input_names.index(item.name)] for item in self._inputs]
        self._columns += [[plan.input_names.index(name) for name in together]] if together else []
        self.factors = (
            *(item.name for item in (*self._varied, *self._inputs)),
            *([BY_PHASE] if together else []),
        )
        affordable = AFFORDABLE / (self._cost() * plan.n_steps)
        n_factors = min(len(self.factors), MOST_FACTORS)
        self.n_runs = int(np.clip(affordable / (len(self.factors) + 2), LEAST_RUNS, MOST_RUNS))
        self._n_bases = int(np.clip(affordable / (N_LEVELS * max(n_factors, 1)), LEAST_BASES, MOST_BASES))
        points = parameter_points(plan, 2 * self.n_runs)
        order = np.random.default_rng(plan.seed).permutation(len(points))  # halves of Sobol's sequence are not alike
        self._points = points[order]

    def _cost(self) -> float:
        """Return the CPU time [s] of a step of one of many runs."""
        points = parameter_points(self._plan, LEAST_RUNS)
        inputs = np.stack([input_courses(self._plan, run)[:N_TIMED] for run in range(LEAST_RUNS)])
        began = process_time()
        self._run(points, inputs)
        return float(max(process_time() - began, 1e-6) / (LEAST_RUNS * inputs.shape[1]))

    def _run(self, points: Array, inputs: Array) -> Array:
        """Return the outputs (n, n_steps, n_outputs) of the surrogate alone."""
        state = self._model.begin(self._tensors, points)
        found = []
        for k in range(inputs.shape[1]):
            state = self._model.advance(self._tensors, state, inputs[:, k], points, self._model.step_size).state
            found.append(self._model.outputs(self._tensors, state, inputs[:, k], points)[:, self._places])
        return np.stack(found, 1)

    def effects(self) -> Array:
        """Return the total effects (n_factors, n_outputs)."""
        n = self.n_runs
        courses = np.stack([input_courses(self._plan, run) for run in range(2 * n)])
        points, inputs = self._points[:n], courses[:n]
        base = self._run(points, inputs)
        both = _finite(np.concatenate([base, self._run(self._points[n:], courses[n:])]))
        variance = np.maximum(both.var(0).sum(0), 1e-300)
        found = []
        for i in range(len(self.factors)):
            other_points, other_inputs = points.copy(), inputs.copy()
            if i < len(self._varied):
                other_points[:, i] = self._points[n:, i]
            else:
                places = self._columns[i - len(self._varied)]
                other_inputs[..., places] = courses[n:][..., places]
            moved = _finite(self._run(other_points, other_inputs) - base)
            found.append(0.5 * (moved**2).mean(0).sum(0) / variance)
        return np.array(found).reshape(len(self.factors), len(self._places))

    def dependences(self, names: Sequence[str], effects: Array) -> Iterator[dict[str, Any]]:
        """Yield how outputs follow a factor that is the same in all runs, where it matters.

        Of an input, each level of its course is the value. Units that forget are told over the whole run, others at
        its end.
        """
        if not len(effects):
            return
        chosen = np.argsort(-effects.max(1))[:MOST_FACTORS]
        for i in sorted(int(place) for place in chosen if effects[place].max() >= LEAST_EFFECT):
            if i >= len(self._varied) + len(self._inputs):
                continue  # what differs by phase has no one level
            item = (*self._varied, *self._inputs)[i]
            if item.tables:
                continue  # nor has what was recorded
            values, told = self._dependence(i, item)
            if not np.isfinite(told).all():
                continue  # a level held throughout may be too much
            for j, name in enumerate(names):
                if effects[i, j] >= LEAST_EFFECT:
                    yield {
                        "factor": item.name, "output": name, "values": values.tolist(),
                        "mean": told[:, :, j].mean(1).tolist(),
                        "low": np.quantile(told[:, :, j], 0.1, axis=1).tolist(),
                        "high": np.quantile(told[:, :, j], 0.9, axis=1).tolist(),
                    }  # fmt: skip

    def _dependence(self, i: int, item: Range) -> tuple[Array, Array]:
        """Return values of a factor, and outputs (n_levels, n_bases, n_outputs) with it."""
        shares = np.linspace(0.0, 1.0, N_LEVELS)
        values = item.low + shares * (item.high - item.low)
        points = np.tile(self._points[: self._n_bases], (N_LEVELS, 1))
        inputs = np.tile([input_courses(self._plan, run) for run in range(self._n_bases)], (N_LEVELS, 1, 1))
        for k, share in enumerate(shares):
            part = slice(k * self._n_bases, (k + 1) * self._n_bases)
            if i < len(self._varied):
                points[part, i] = values[k]
            else:
                place = self._plan.input_names.index(item.name)
                inputs[part, :, place] = course(item, self._plan.n_steps, Levels(float(share)))
        outputs = self._run(points, inputs)
        told = outputs[:, -1] if self._model.n_remembered is None else outputs.mean(1)
        return values, told.reshape(N_LEVELS, self._n_bases, -1)


def _finite(runs: Array) -> Array:
    """Return the ``runs`` (n, n_steps, n_outputs) without those that broke down; one of zeros where all did."""
    kept = runs[np.isfinite(runs).all((1, 2))]
    return kept if len(kept) else np.zeros((1, *runs.shape[1:]))


def _envelope(names: Sequence[str], outputs: Array, step: float) -> dict[str, Any]:
    """Return quantiles over runs of the outputs (n_runs, n_times, n_outputs) at some times [s]."""
    at = np.unique(np.linspace(0, outputs.shape[1] - 1, min(MOST_TIMES, outputs.shape[1])).round().astype(int))
    quantiles = np.quantile(outputs[:, at], QUANTILES, axis=0)
    return {
        "times": (at * step).tolist(),
        "quantiles": list(QUANTILES),
        "outputs": {name: quantiles[:, :, j].tolist() for j, name in enumerate(names)},
    }
