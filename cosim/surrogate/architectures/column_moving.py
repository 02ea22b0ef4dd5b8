"""How proteins move in a bed of porous particles over a step: implicit in time, conservative, linear in what is new.

    V (dc/dt) = F (c_face,in − c_face,out) − f V (c − c_surface)                      between the particles of a cell
    wⱼ V_p dcⱼ/dt = D V_p Σ Eⱼₗ cₗ − wⱼ V_s dqⱼ/dt (+ f V (c − c_surface))             at the points of its particles
    dqⱼ/dt = k (cⱼ (1 − qⱼ/q_max) − K qⱼ/q_max),     K = K₀ (1 + 10^(s (pH₀ − pH))) 10^network

Two stages of the L-stable, second-order SDIRK method with γ = 1 − 1/√2 (Alexander 1977, SIAM J. Numer. Anal. 14:1006);
binding is linearised about the stage before, so that a stage is one sweep through the cells. What limits the flux at
faces, and dispersion, is taken from the stage before too. What is learned are f, D, k, q_max, K₀, pH₀, s, the
dispersion, and the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cosim.surrogate.architectures.column_facts import ColumnFacts
from cosim.surrogate.architectures.particles import collocation
from cosim.surrogate.model import Array
from cosim.surrogate.network import Tensors, layer_shapes

COEFFICIENTS: Final = (
    "binding", "capacity", "half_saturation", "release", "slope", "film", "diffusion", "dispersion",
)  # fmt: skip
"""Natural logarithms of k, q_max, K₀, s, f, D over the radius squared; pH₀; dispersion over a cell as a logit."""
MOST_DISPERSION: Final = 0.45
"""Dispersivity over the length of a cell: with more than half, what is taken from the stage before is unstable."""
LEAST_SHARE: Final = 1e-5
"""Of a protein in the liquid of a cell, over the mean of all cells: less counts as this."""
GAMMA: Final = 1.0 - 1.0 / 2.0**0.5
_BEYOND: Final = (1.0 - GAMMA) / GAMMA
_LN_10: Final = float(np.log(10.0))
_STRENGTH: Final = 0.1
"""Decades of K that an output of the network of 1 stands for: it corrects."""
_TINY: Final = 1e-30


@dataclass(frozen=True, slots=True)
class Proteins:
    """Proteins: between the particles (…, n_cells, n), in pores and bound (…, n_points, n_cells, n); kg or kg/m³."""

    liquid: Any
    pores: Any
    bound: Any


@dataclass(frozen=True, slots=True)
class Flow:
    """A step: volume that passes [m³], concentrations that enter (…, n), and pH and salt at each stage (…, n_tanks)."""

    volume: Any
    entering: Any
    acidity: Sequence[Any]
    salt: Sequence[Any]


class Movement:
    """A bed with these ``facts``; ``xp`` is numpy or torch."""

    def __init__(self, facts: ColumnFacts) -> None:
        self.facts = facts
        self.shares, self.exchange = collocation(facts.n_points)
        self._tank_of_cell = np.arange(facts.n_cells) * facts.n_tanks // facts.n_cells

    @property
    def n_stages(self) -> int:
        """Stages in a step."""
        return 2 * self.facts.substeps

    @property
    def stage_times(self) -> list[float]:
        """When stages are, over the step."""
        n = self.facts.substeps
        return [(k + part) / n for k in range(n) for part in (GAMMA, 1.0)]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of what is learned."""
        facts = self.facts
        return layer_shapes("binding", facts.members, (2, facts.width, len(facts.proteins)))

    def constants(self) -> dict[str, Array]:
        """Return the share of the volume of the particles that each point has."""
        return {"point_shares": self.shares[:, None, None]}

    def volumes(self, tensors: Mapping[str, Any]) -> tuple[Any, list[Any], list[Any]]:
        """Return the liquid between the particles of a cell; in their pores and in their solid, of each point."""
        between, pores, solid = (tensors["volumes"][i] for i in (1, 2, 3))
        return between, [pores * share for share in self.shares], [solid * share for share in self.shares]

    def concentrations(self, tensors: Mapping[str, Any], amounts: Proteins) -> Proteins:
        """Return concentrations of ``amounts``."""
        between, pores, solid = (tensors["volumes"][i] for i in (1, 2, 3))
        shares = tensors["point_shares"]
        return Proteins(amounts.liquid / between, amounts.pores / (pores * shares), amounts.bound / (solid * shares))

    def amounts(self, tensors: Mapping[str, Any], found: Proteins) -> Proteins:
        """Return amounts of the concentrations ``found``."""
        between, pores, solid = (tensors["volumes"][i] for i in (1, 2, 3))
        shares = tensors["point_shares"]
        return Proteins(between * found.liquid, pores * shares * found.pores, solid * shares * found.bound)

    def coefficients(self, xp: Any, tensors: Tensors, parameters: Any) -> dict[str, Any]:
        """Return (…, n_proteins) each coefficient for ``parameters`` (…, n_parameters)."""
        found = tensors["coefficients"]
        if self.facts.n_parameters:
            apart = xp.log(parameters / tensors["reference"])
            lead = tuple(apart.shape[:-1])
            found = found + xp.matmul(apart, tensors["exponents"]).reshape(*lead, *found.shape)
        return physical(xp, found)

    def correction(self, xp: Any, tensors: Tensors, acidity: Any, salt: Any) -> Any:
        """Return natural logarithms (members, batch, n_tanks, n_proteins) by which K is another; acidity (1, …)."""
        seen = xp.stack([(acidity - 6.0) / 2.0, salt], -1)
        lead = tuple(seen.shape[1:-1])
        seen = seen.reshape(seen.shape[0], -1, 2)
        inner = xp.matmul(seen, tensors["binding.0.weight"]) + tensors["binding.0.bias"]
        inner = inner / (1.0 + xp.abs(inner))
        outer = xp.matmul(inner, tensors["binding.1.weight"]) + tensors["binding.1.bias"]
        return (_STRENGTH * _LN_10) * outer.reshape(-1, *lead, len(self.facts.proteins))

    def half_saturation(self, xp: Any, own: Mapping[str, Any], acidity: Any, corrected: Any) -> Any:
        """Return K (…, 1, n_cells, n_proteins)."""
        apart = own["release"][..., None, :] - acidity[..., None]
        found = 1.0 + xp.exp(_LN_10 * (own["slope"][..., None, :] * apart))
        found = found * xp.exp(corrected) * own["half_saturation"][..., None, :]
        return found[..., self._tank_of_cell, :][..., None, :, :]

    def step(
        self, xp: Any, tensors: Tensors, own: Mapping[str, Any], start: Proteins, flow: Flow, corrected: Sequence[Any]
    ) -> tuple[Proteins, Any]:
        """Return amounts after a step from the amounts ``start``, and what left (…, n_proteins)."""
        h = self.facts.step_size / self.facts.substeps
        rate = flow.volume[..., None] / self.facts.step_size
        now, left = self.concentrations(tensors, start), 0.0
        half = [
            self.half_saturation(xp, own, acidity, more) for acidity, more in zip(flow.acidity, corrected, strict=True)
        ]
        for k in range(self.facts.substeps):
            solve = _Stage(self, xp, tensors, own, GAMMA * h, rate, flow.entering)
            first = solve.from_(now, now, half[2 * k])
            ahead = Proteins(*(
                old + _BEYOND * (new - old)
                for old, new in zip(_parts(now), _parts(first), strict=True)
            ))  # fmt: skip
            last = solve.from_(ahead, first, half[2 * k + 1])
            gone = (1.0 - GAMMA) * first.liquid[..., -1, :] + GAMMA * last.liquid[..., -1, :]
            now, left = last, left + (h * rate[..., 0]) * gone
        return self._positive(xp, self.amounts(tensors, now)), left

    @staticmethod
    def _positive(xp: Any, amounts: Proteins) -> Proteins:
        """Return ``amounts`` without less than nothing, which a long step may leave and the solver of an FMU refuses.

        Between the particles it is taken from the other cells, at a point of a particle from what is in its pores for
        what is bound, and the other way round.
        """
        mean = amounts.liquid.sum(-2)[..., None, :] / amounts.liquid.shape[-2]
        liquid = xp.maximum(amounts.liquid, LEAST_SHARE * mean)
        kept = mean / (liquid.sum(-2)[..., None, :] / amounts.liquid.shape[-2] + _TINY)
        bound = xp.maximum(amounts.bound, 0.0 * amounts.bound)
        pores = amounts.pores + (amounts.bound - bound)
        there = xp.maximum(pores, 0.0 * pores)
        return Proteins(xp.maximum(kept, 0.0 * kept) * liquid, there, bound + (pores - there))


def _parts(proteins: Proteins) -> tuple[Any, Any, Any]:
    return proteins.liquid, proteins.pores, proteins.bound


def physical(xp: Any, coefficients: Any) -> dict[str, Any]:
    """Return (…, n_proteins) each of ``coefficients`` (…, n, n_proteins) as it is in the balances."""
    found = {name: coefficients[..., i, :] for i, name in enumerate(COEFFICIENTS)}
    shown = {name: value if name == "release" else xp.exp(value) for name, value in found.items()}
    shown["dispersion"] = MOST_DISPERSION / (1.0 + xp.exp(-found["dispersion"]))
    return shown


class _Stage:
    """One implicit stage over ``g`` [s] at a flow (…, 1, 1) [m³/s]."""

    def __init__(
        self, movement: Movement, xp: Any, tensors: Tensors, own: Mapping[str, Any], g: float, rate: Any, entering: Any
    ) -> None:
        self._xp, self._movement, self._g = xp, movement, g
        self._own = {name: value[..., None, :] for name, value in own.items()}
        self._between, self._pores, self._solid = movement.volumes(tensors)
        self._passed, self._entering = g * rate, entering[..., None, :]
        self._into = g * self._between * self._own["film"]
        self._inside = g * tensors["volumes"][2] * self._own["diffusion"]

    def from_(self, start: Proteins, near: Proteins, half: Any) -> Proteins:
        """Return concentrations after the stage, linear about ``near``."""
        own, g = self._own, self._g
        capacity, binding = own["capacity"][..., None, :, :], g * own["binding"][..., None, :, :]
        share = binding / capacity
        below = 1.0 + share * (half + near.pores)
        gain = binding * (1.0 - near.bound / capacity) / below
        base = (start.bound + share * near.bound * near.pores) / below
        matrix, right = self._eliminated(start, gain, base)
        n = len(self._pores)
        through = self._into / matrix[n - 1][n - 1]
        taken = self._into * (1.0 - through)
        source = self._between * start.liquid + through * right[n - 1] + self._corrections(near.liquid)
        liquid = self._swept(source, taken)
        inner: list[Any] = [None] * n
        inner[n - 1] = (right[n - 1] + self._into * liquid) / matrix[n - 1][n - 1]
        for j in range(n - 2, -1, -1):
            rest = right[j]
            for k in range(j + 1, n):
                rest = rest - matrix[j][k] * inner[k]
            inner[j] = rest / matrix[j][j]
        pores = self._xp.stack(inner, -3)
        return Proteins(liquid, pores, gain * pores + base)

    def _eliminated(self, start: Proteins, gain: Any, base: Any) -> tuple[list[list[Any]], list[Any]]:
        """Return the triangular matrix between the points of each cell, and the right sides, without the liquid."""
        n, exchange = len(self._pores), self._movement.exchange
        held = base - start.bound
        matrix: list[list[Any]] = [[-float(exchange[j, k]) * self._inside for k in range(n)] for j in range(n)]
        right = []
        for j, (pores, solid) in enumerate(zip(self._pores, self._solid, strict=True)):
            matrix[j][j] = matrix[j][j] + pores + solid * gain[..., j, :, :]
            right.append(pores * start.pores[..., j, :, :] - solid * held[..., j, :, :])
        matrix[n - 1][n - 1] = matrix[n - 1][n - 1] + self._into
        for j in range(n):
            for k in range(j + 1, n):
                factor = matrix[j][k] / matrix[j][j]
                right[k] = right[k] - factor * right[j]
                for m in range(k, n):
                    matrix[k][m] = matrix[k][m] - factor * matrix[j][m]
        return matrix, right

    def _corrections(self, c: Any) -> Any:
        """Return what limited faces and dispersion bring into each cell beyond the flow from the cell before.

        The limiter is that of Spekreijse 1987, Mathematics of Computation 49:135, in Hemker's and Koren's form.
        """
        xp = self._xp
        before = xp.concatenate([2.0 * self._entering - c[..., :1, :], c[..., :-1, :]], -2)
        change = c - before
        a, b = change[..., :-1, :], change[..., 1:, :]
        both = a * b
        limited = 0.5 * both * (2.0 * b + a) / (2.0 * b * b - both + 2.0 * a * a + _TINY)
        face = xp.where(both > 0.0, limited, 0.0 * limited) - self._own["dispersion"] * b
        face = self._passed * face
        nothing = 0.0 * face[..., :1, :]
        return xp.concatenate([nothing, face], -2) - xp.concatenate([face, nothing], -2)

    def _swept(self, source: Any, taken: Any) -> Any:
        """Return concentrations between the particles, from the first cell to the last."""
        below = self._between + self._passed + taken
        kept, passed = source / below, self._passed / below
        cells, last = [], self._entering[..., 0, :]
        for i in range(source.shape[-2]):
            last = kept[..., i, :] + passed[..., i, :] * last
            cells.append(last)
        return self._xp.stack(cells, -2)
