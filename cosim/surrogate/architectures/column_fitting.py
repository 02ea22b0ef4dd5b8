"""Coefficients of a column found in sampled runs: least squares by the method of Levenberg and Marquardt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from cosim.surrogate.architectures.column_facts import ColumnFacts, leaving
from cosim.surrogate.architectures.column_moving import COEFFICIENTS, Flow, Movement, Proteins, physical
from cosim.surrogate.model import Array, Runs

MOST_RUNS: Final = 12
"""Runs that coefficients are found in."""
N_ITERATIONS: Final = 12
NUDGE: Final = 0.02
"""By which coefficients are moved to see what follows."""
LARGEST_MOVE: Final = 1.0
"""Of a coefficient in an iteration: e times as much, or a unit of pH."""
RIDGE: Final = 0.02
"""Weight of the square of what a coefficient is from where the search began: those that do not matter stay."""
SMALL: Final = 0.02
"""Share of the largest concentration below which an error counts absolutely, above relatively."""
WEIGHT_OF_HELD: Final = 5.0
ENOUGH: Final = 0.03
"""Relative gain of an iteration below which there is no other."""
START: Final[Mapping[str, float]] = {
    "binding": np.log(0.3), "release": 5.5, "slope": np.log(1.2), "film": 0.0, "diffusion": np.log(0.006),
    "dispersion": 0.0,
}  # fmt: skip
"""Where the search begins: customary of antibodies in agarose beads of 85 um; capacity and affinity are of the runs."""


@dataclass(frozen=True, slots=True)
class Course:
    """What passes in runs, step by step: (n_runs, n_steps, …)."""

    volume: Array
    entering: Array
    """Amounts of proteins."""
    acidity: Array
    """(n_runs, n_steps, n_stages, n_tanks)"""

    def flow(self, k: int, n_sets: int) -> Flow:
        """Return step ``k`` for ``n_sets`` sets of coefficients, one after the other."""
        volume, entering, acidity = (
            np.tile(part[:, k], (n_sets, *(1,) * (part.ndim - 2)))
            for part in (self.volume, self.entering, self.acidity)
        )
        stages = list(np.moveaxis(acidity, 1, 0))
        return Flow(volume, entering / np.maximum(volume, 1e-12), stages, stages)


def find_coefficients(
    movement: Movement, runs: Runs, course: Course, tensors: Mapping[str, Array], amounts: Array
) -> dict[str, Array]:
    """Return coefficients, their exponents of the varied parameters, and the reference of these.

    ``amounts`` (n_runs, n_steps + 1, n_proteins, 2, n_slices) is what is between and in the particles.
    """
    facts = movement.facts
    some = runs.part(0, MOST_RUNS)
    reference = np.exp(np.log(np.maximum(runs.parameters, 1e-300)).mean(0))
    apart = np.log(np.maximum(some.parameters, 1e-300) / reference)
    fit = _Fit(movement, some, course, tensors, apart)
    found = fit.found(_first(facts, runs, tensors, amounts))
    n = len(COEFFICIENTS)
    return {
        "coefficients": found[:, 0],
        "exponents": np.moveaxis(found[:, 1:], 1, 0).reshape(facts.n_parameters, n * len(facts.proteins)),
        "reference": reference,
    }


def _first(facts: ColumnFacts, runs: Runs, tensors: Mapping[str, Array], amounts: Array) -> Array:
    """Return coefficients and exponents (n_coefficients, 1 + n_parameters, n_proteins) to begin with."""
    largest = amounts[:, :, :, 1].max((0, 1, 3)) / (facts.cells_per_slice * tensors["volumes"][3])
    volume, entered = facts.entering(runs.inputs)
    arriving = (entered[..., list(facts.protein_places)] / np.maximum(volume, 1e-12)).max((0, 1))
    own = {"capacity": np.log(1.1 * largest), "half_saturation": np.log(0.02 * arriving)}
    first = np.zeros((len(COEFFICIENTS), 1 + facts.n_parameters, len(facts.proteins)))
    for i, name in enumerate(COEFFICIENTS):
        first[i, 0] = own.get(name, START.get(name, 0.0))
    return first


class _Fit:
    def __init__(
        self, movement: Movement, runs: Runs, course: Course, tensors: Mapping[str, Array], apart: Array
    ) -> None:
        self._movement, self._course, self._tensors = movement, course, tensors
        self._n_runs = len(runs)
        self._factors = np.concatenate([np.ones((len(runs), 1)), apart], 1)
        facts = movement.facts
        behind = leaving(facts, facts.output_names, runs.outputs)[:, 1:][..., list(facts.protein_places)]
        places = [facts.output_names.index(f"held_{name}") for name in facts.proteins]
        held = runs.outputs[:, 1:, places]
        self._c_scale = SMALL * behind.max((0, 1))
        self._held_scale = held.max((0, 1)) / WEIGHT_OF_HELD
        self._meant = self._seen(behind, held)

    def _seen(self, behind: Array, held: Array) -> Array:
        """Return what is compared (…, n_steps, n_proteins, 2)."""
        return np.stack([np.arcsinh(behind / self._c_scale), held / self._held_scale], -1)

    def found(self, first: Array) -> Array:
        """Return the coefficients that fit best (n_coefficients, n_factors, n_proteins)."""
        self._first = first
        now, damping = first, np.full(first.shape[-1], 1e-3)
        error, slopes = self._linearised(now)
        for _ in range(N_ITERATIONS):
            moved = now + self._moves(now, error, slopes, damping)
            after = self._errors(moved[None])[0]
            better = self._sums(after) < self._sums(error)
            gain = 1.0 - self._sums(np.where(better[:, None], after, error)) / self._sums(error)
            damping = np.where(better, damping / 5.0, damping * 5.0)
            now = np.where(better, moved, now)
            if better.any():
                if gain.max() < ENOUGH:
                    break
                error, slopes = self._linearised(now)
            elif damping.min() > 1e6:
                break
        return now

    @staticmethod
    def _sums(error: Array) -> Array:
        """Return the sum of squares of each protein."""
        return np.asarray((error**2).sum((0, 1, 3)))

    def _moves(self, now: Array, error: Array, slopes: Array, damping: Array) -> Array:
        """Return by how much coefficients are moved, protein by protein: they do not act on each other."""
        n, n_factors = len(slopes), self._factors.shape[1]
        moves = np.zeros((n, n_factors, error.shape[2]))
        for p in range(error.shape[2]):
            columns = slopes[..., p, :][:, None] * self._factors.T[None, :, :, None, None]
            matrix = columns.reshape(n * n_factors, -1)
            product, gradient = matrix @ matrix.T, matrix @ error[..., p, :].ravel()
            away = (now - self._first)[..., p].ravel()
            product, gradient = product + RIDGE * np.eye(len(product)), gradient + RIDGE * away
            step = np.linalg.solve(product + damping[p] * np.diag(product).max() * np.eye(len(product)), -gradient)
            moves[..., p] = (step * min(1.0, LARGEST_MOVE / np.abs(step).max())).reshape(n, n_factors)
        return moves

    def _linearised(self, now: Array) -> tuple[Array, Array]:
        """Return errors (n_runs, n_steps, n_proteins, 2), and how they change with each coefficient (n, …)."""
        n = len(now)
        sets = np.repeat(now[None], n + 1, 0)
        for i in range(n):
            sets[i + 1, i, 0] += NUDGE
        errors = self._errors(sets)
        return errors[0], (errors[1:] - errors[0]) / NUDGE

    def _errors(self, sets: Array) -> Array:
        """Return errors (n_sets, n_runs, n_steps, n_proteins, 2) with each of the sets of coefficients."""
        facts, n_sets = self._movement.facts, len(sets)
        every = np.einsum("scfp,rf->srcp", sets, self._factors).reshape(-1, len(COEFFICIENTS), sets.shape[-1])
        own = physical(np, every)
        n, n_proteins = n_sets * self._n_runs, len(facts.proteins)
        inside = np.zeros((n, facts.n_points, facts.n_cells, n_proteins))
        proteins = Proteins(np.zeros((n, facts.n_cells, n_proteins)), inside, inside)
        nothing = [np.zeros((n, facts.n_tanks, n_proteins))] * self._movement.n_stages
        behind, held = [], []
        between = self._tensors["volumes"][1]
        for k in range(self._course.volume.shape[1]):
            flow = self._course.flow(k, n_sets)
            proteins, _ = self._movement.step(np, self._tensors, own, proteins, flow, nothing)
            behind.append(proteins.liquid[:, -1] / between)
            held.append(proteins.liquid.sum(1) + (proteins.pores + proteins.bound).sum((1, 2)))
        seen = self._seen(np.stack(behind, 1), np.stack(held, 1))
        found: Array = seen.reshape(n_sets, *self._meant.shape) - self._meant
        return found
