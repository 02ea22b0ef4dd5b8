"""A packed bed of porous particles: balances that coefficients and a network of the sampled runs fill in.

The amounts of each protein between the particles, in their pores and bound, cell by cell, move as ``column_moving.py``
says: whatever is learned, nothing is lost. What does not bind passes mixed tanks in series (``tanks.py``) and makes the
pH (``acidity.py``); what rides on the product moves with it from tank to tank. Coefficients of film, pores and binding,
and how they follow the varied parameters, are found by least squares (``column_fitting.py``); a network corrects how
tightly proteins are bound in liquid of some pH and salt. Validity: steps of one size; flow in one direction; proteins
that do not compete; a pH that follows from the balance of charges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cosim.surrogate.architectures.acidity import solve_acidity
from cosim.surrogate.architectures.column_facts import LOADING, ColumnFacts, basis, known_names
from cosim.surrogate.architectures.column_fitting import SMALL
from cosim.surrogate.architectures.column_learning import N_NEWTON, examples, fixed_tensors
from cosim.surrogate.architectures.column_moving import COEFFICIENTS, GAMMA, Flow, Movement, Proteins
from cosim.surrogate.architectures.column_state import (
    Bed,
    by_species,
    encoded,
    read_bed,
    read_proteins,
    state_names,
    write_bed,
)
from cosim.surrogate.architectures.contract import AbstractModel, Advance
from cosim.surrogate.architectures.tanks import entering_shares, kept_shares, staying_shares
from cosim.surrogate.model import Array, Runs
from cosim.surrogate.network import Tensors, random_layers

NOISE: Final = 0.002
"""Relative disturbance of the state a window begins at, so that the network learns to come back."""
EMPTIED: Final = 0.05
"""Share of what was loaded at which a column counts as emptied: BioProcess.Chromatography.PartialAffinityColumn."""
HYDROXIDE: Final = 1e-11
"""Hydroxide at pH 0 [mol/m3]: ionic product of water over 1 mol/L, as in BioProcess.Chromatography."""
_LEAST_VOLUME: Final = 1e-12
"""[m3] that counts as none in a step, so that nothing is divided by zero."""
READ: Final = ("pH", "conductivity")
"""What is read behind the column and judged besides what leaves of proteins and is held."""
_TINY: Final = 1e-300
_LN_10: Final = float(np.log(10.0))


@dataclass(frozen=True, slots=True)
class _Passage:
    """Tanks in a step: pH and salt (…, n_tanks) at each stage, amounts at its end, what left, where what enters is."""

    acidity: list[Any]
    salt: list[Any]
    tanks: Any
    gone: Any
    enter: Any


class Column(AbstractModel):
    """A column with the interface that ``facts`` describe."""

    def __init__(self, facts: ColumnFacts) -> None:
        self._facts = facts
        self.step_size = facts.step_size
        self._movement = Movement(facts)
        places = np.array([facts.output_names.index(name) for name in self._order], dtype=np.intp)
        self._places = np.argsort(places)

    @property
    def facts(self) -> Mapping[str, Any]:
        return self._facts.document()

    @property
    def _order(self) -> tuple[str, ...]:
        """The outputs in the order in which they are told."""
        facts = self._facts
        return (*known_names(facts), *facts.linear, *facts.constants)

    @property
    def free_inputs(self) -> frozenset[int]:
        facts = self._facts
        known = [i for i, came_in in enumerate(facts.entered) if came_in]
        ports = {
            place for flow, contents in facts.inlets for place in (flow, *(contents[i] for i in known)) if place >= 0
        }
        names = {facts.input_names[flow].rpartition(".")[0] + ".T" for flow, _ in facts.inlets}
        return frozenset(ports | {i for i, name in enumerate(facts.input_names) if name in names})

    @property
    def direct_inputs(self) -> tuple[int, ...]:
        return tuple(flow for flow, _ in self._facts.inlets)

    @property
    def is_told(self) -> bool:
        return False

    @property
    def n_looks(self) -> int:
        return 8

    @property
    def state_names(self) -> tuple[str, ...]:
        return state_names(self._facts)

    @property
    def output_names(self) -> tuple[str, ...]:
        return self._facts.output_names

    @property
    def judged_names(self) -> tuple[str, ...]:
        facts = self._facts
        leaves = tuple(f"{facts.outlet}.c_{name}" for name in facts.proteins)
        return (*leaves, *(f"held_{name}" for name in facts.proteins), *READ)

    @property
    def coordinate_names(self) -> tuple[str, ...]:
        facts = self._facts
        ions = [f"concentration of {facts.species[i]} at the inlet" for i in facts.ions]
        return (
            "flow", *(f"{name} that enters" for name in facts.proteins), *(f"{name} in the bed" for name in
            facts.proteins), *ions, *(f"parameter {i + 1}" for i in range(facts.n_parameters)),
        )  # fmt: skip

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        facts = self._facts
        n_species, n_proteins, n = len(facts.species), len(facts.proteins), len(COEFFICIENTS)
        n_basis = basis(facts, np.ones((1, n_species)), np.ones((1, 1)), np.ones((1, 1))).shape[-1]
        return {
            "volumes": (5,),
            "coefficients": (n, n_proteins),
            "exponents": (facts.n_parameters, n * n_proteins),
            "reference": (facts.n_parameters,),
            "change_scale": (n_proteins, 2, 1),
            "largest": (n_proteins,),
            "ion_scale": (1,),
            "linear": (n_basis, len(facts.linear)),
            "leaching": (2,),
            "enthalpy": (1,),
            "start": (len(self.state_names),),
            **self._movement.shapes,
        }

    def first_weights(self, random: np.random.Generator) -> dict[str, Array]:
        return random_layers(self._movement.shapes, random)

    def constants(self) -> dict[str, Array]:
        return self._movement.constants()

    # run time ---------------------------------------------------------------------------------------------------------

    def _tank_volume(self, tensors: Mapping[str, Array]) -> Any:
        return tensors["volumes"][0] / self._facts.n_tanks

    def advance(
        self, tensors: Mapping[str, Array], state: Array, inputs: Array, parameters: Array, size: float
    ) -> Advance:
        facts, bed = self._facts, read_bed(self._facts, state)
        volume, entered = facts.entering(inputs)
        passage = self._at_stages(tensors, bed, volume, entered)
        acidity, salt = passage.acidity, passage.salt
        corrected = [
            self._movement.correction(np, tensors, *(part[None] for part in pair))
            for pair in zip(acidity, salt, strict=True)
        ]
        arriving = entered[..., list(facts.protein_places)]
        flow = Flow(volume, arriving / (volume + _LEAST_VOLUME), acidity, salt)
        own = self._movement.coefficients(np, tensors, parameters)
        mean = [part.mean(0) for part in corrected]
        proteins, left = self._movement.step(np, tensors, own, bed.proteins, flow, mean)
        tanks, left_tanks, made = self._leached(tensors, passage)
        moved = Bed(proteins, tanks, acidity[-1], bed.riding, bed.stuck, bed.totals, bed.counts)
        riding, left_riding = self._ridden(bed, moved, entered)
        new = Bed(
            proteins, tanks, acidity[-1], riding, bed.stuck + entered[..., list(facts.stuck)],
            bed.totals + self._left(tensors, left, left_tanks, left_riding, volume),
            self._counted(bed, moved, inputs, acidity, made),
        )  # fmt: skip
        spread = np.stack([part.std(0).mean(-1).mean(-1) for part in corrected], -1).mean(-1)
        places = self._coordinates(tensors, bed, tanks, entered, inputs, parameters)
        return Advance(write_bed(facts, new), places, spread)

    def _at_stages(self, tensors: Mapping[str, Array], bed: Bed, volume: Any, entered: Any) -> _Passage:
        """Return what tanks are like at each stage, and at the end of the step."""
        facts = self._facts
        per_tank, n, ions = self._tank_volume(tensors), facts.n_tanks, [facts.passing.index(i) for i in facts.ions]
        arriving = entered[..., list(facts.passing)] * facts.passing_shares
        acidity, found, salt = bed.acidity, [], []
        for time in self._movement.stage_times:
            passed = volume * (time / per_tank)
            stay, enter = staying_shares(np, passed, n), entering_shares(np, passed, n)
            tanks = np.swapaxes(stay, -1, -2) @ bed.tanks + enter[..., None] * (time * arriving[..., None, :])
            now = tanks[..., ions] / per_tank
            acidity = solve_acidity(acidity, facts.ion_names, now, N_NEWTON)
            found.append(acidity)
            salt.append(now.sum(-1) / tensors["ion_scale"])
        gone = arriving * (1.0 - enter.sum(-1, keepdims=True)) + ((1.0 - stay.sum(-1))[..., None] * bed.tanks).sum(-2)
        return _Passage(found, salt, tanks, gone, enter)

    def _coordinates(
        self, tensors: Mapping[str, Array], bed: Bed, tanks: Any, entered: Any, inputs: Array, parameters: Array
    ) -> Any:
        facts = self._facts
        ions = [facts.passing.index(i) for i in facts.ions]
        first, arriving = tanks[..., 0, ions] / self._tank_volume(tensors), entered[..., list(facts.protein_places)]
        return np.concatenate([facts.told_flow(inputs), arriving, bed.protein(), first, parameters], -1)

    def _over_step(self, at_stages: list[Any]) -> Any:
        """Return the mean over a step of what is known at its stages."""
        n = self._facts.substeps
        return sum((1.0 - GAMMA) * at_stages[2 * k] + GAMMA * at_stages[2 * k + 1] for k in range(n)) / n

    def _leached(self, tensors: Mapping[str, Array], passage: _Passage) -> tuple[Any, Any, Any]:
        """Return tanks after a step, what left of each passing species, and what leached."""
        facts = self._facts
        tanks, gone = passage.tanks, passage.gone
        if not facts.made:
            return tanks, gone, 0.0 * gone[..., :1]
        rates = [np.exp(tensors["leaching"][0] + tensors["leaching"][1] * stage) for stage in passage.acidity]
        leached = facts.step_size * self._over_step(rates)
        stayed = (leached[..., None] * kept_shares(np, passage.enter)).sum(-2)
        is_made = np.array([float(facts.species[i] == facts.made) for i in facts.passing])
        made = leached.sum(-1, keepdims=True)
        gone = gone + (made - stayed.sum(-1, keepdims=True)) * is_made
        return tanks + stayed[..., None] * is_made, gone, made

    def _ridden(self, bed: Bed, moved: Bed, entered: Any) -> tuple[Any, Any]:
        """Return what rides on the product in each tank (…, n_tanks, n) after a step, and what left with it.

        Each tank passes on what it holds in proportion to the product, mixed with what came.
        """
        facts = self._facts
        after = moved.carrier(facts)
        product = facts.protein_places[0]
        flowing = entered[..., product : product + 1] + np.cumsum(bed.carrier(facts) - after, -1)
        leaving = np.maximum(flowing, 0.0 * flowing)
        there = after + leaving
        share = np.where(there > _TINY, leaving / (there + _TINY), 0.0 * there)
        arriving = entered[..., list(facts.riding)] * facts.riding_shares
        tanks = []
        for i in range(facts.n_tanks):
            whole = bed.riding[..., i, :] + arriving
            arriving = share[..., i : i + 1] * whole
            tanks.append(whole - arriving)
        return np.stack(tanks, -2), arriving

    def _left(self, tensors: Mapping[str, Array], left: Any, left_tanks: Any, left_riding: Any, volume: Any) -> Any:
        """Return what the totals of the outlet grow by: volume, heat, then each species."""
        species = by_species(self._facts, 0.0 * volume, left, left_tanks, left_riding)
        return np.concatenate([volume, tensors["enthalpy"] * volume, species], -1)

    def _counted(self, bed: Bed, moved: Bed, inputs: Array, acidity: list[Any], made: Any) -> Any:
        """Return what was loaded, what was before this cycle, cycles, what leached, and hydroxide over time."""
        facts, counts = self._facts, bed.counts
        flow = facts.inlets[facts.load][0]
        rate, loaded = inputs[..., flow : flow + 1], self._loaded(bed, inputs)
        held = moved.protein()[..., :1]
        is_over = np.logical_and(held < EMPTIED * (loaded - counts[..., 1:2]) - 1e-6, rate <= LOADING)
        hydroxide = HYDROXIDE * np.exp(_LN_10 * self._over_step(acidity)).mean(-1, keepdims=True)
        return np.concatenate(
            [loaded, np.where(is_over, loaded, counts[..., 1:2]), counts[..., 2:3] + is_over * 1.0,
             counts[..., 3:4] + made, counts[..., 4:5] + facts.step_size * hydroxide], -1,
        )  # fmt: skip

    def _loaded(self, bed: Bed, inputs: Array) -> Any:
        """Return what is loaded of the product after a step."""
        flow, contents = self._facts.inlets[self._facts.load]
        product = contents[self._facts.protein_places[0]]
        rate = np.maximum(inputs[..., flow : flow + 1], 0.0)
        return bed.counts[..., :1] + self.step_size * rate * inputs[..., product : product + 1]

    def outputs(self, tensors: Mapping[str, Array], state: Array, inputs: Array, parameters: Array) -> Array:
        facts, bed = self._facts, read_bed(self._facts, state)
        behind, acidity = self._behind(tensors, bed), bed.acidity[..., -1:]
        flow = facts.entering(inputs)[0] / facts.step_size
        linear = basis(facts, behind, acidity, flow) @ tensors["linear"]
        constants = np.array([list(facts.constants.values())]) + 0.0 * flow
        found = np.concatenate([*self._known(tensors, bed, behind, flow), linear, constants], -1)
        shown: Array = found[..., self._places]
        return shown

    def _behind(self, tensors: Mapping[str, Array], bed: Bed) -> Any:
        """Return the concentrations behind the column (…, n_species)."""
        facts = self._facts
        last = bed.proteins.liquid[..., -1, :]
        proteins = np.maximum(last, 0.0 * last) / tensors["volumes"][1]
        product = bed.carrier(facts)[..., -1:]
        riding = bed.riding[..., -1, :] / (np.maximum(product, 0.0 * product) + 1e-12) * proteins[..., :1]
        tanks = bed.tanks[..., -1, :] / self._tank_volume(tensors)
        return by_species(facts, 0.0 * product, proteins, tanks, riding)

    def _known(self, tensors: Mapping[str, Array], bed: Bed, behind: Any, flow: Any) -> list[Any]:
        """Return what balances tell, in the order of ``known_names``."""
        facts = self._facts
        held = bed.held(facts)
        product = held[..., [facts.species.index(facts.proteins[0])]]
        bed_volume = tensors["volumes"][4]
        found = {
            "bound": product / bed_volume,
            "load_density": (bed.counts[..., :1] - bed.counts[..., 1:2]) / bed_volume,
            "cycles": bed.counts[..., 2:3],
            f"{facts.outlet}.H_total": bed.totals[..., 1:2],
            f"{facts.outlet}.V_flow": flow,
            "pH": bed.acidity[..., -1:],
        }
        outputs = set(facts.output_names)
        parts = [self._slices(bed.proteins), held, behind, bed.totals[..., :1], bed.totals[..., 2:]]
        names = (f"{facts.outlet}.H_total", f"{facts.outlet}.V_flow", "bound", "load_density", "cycles", "pH")
        parts += [found[name] for name in names if name in outputs]
        return [*parts, bed.counts[..., 3:4]] if facts.made else parts

    def _slices(self, proteins: Proteins) -> Any:
        """Return what is between and in the particles of each slice, protein by protein (…, n)."""
        parts = [proteins.liquid, (proteins.pores + proteins.bound).sum(-3)]
        told = [self._in_slices(part) for part in parts]
        return np.concatenate([part[..., i] for i in range(len(self._facts.proteins)) for part in told], -1)

    def _in_slices(self, cells: Any) -> Any:
        """Return (…, n_slices, n_proteins) what cells hold together."""
        facts = self._facts
        lead = tuple(cells.shape[:-2])
        return cells.reshape(*lead, facts.n_slices, facts.cells_per_slice, len(facts.proteins)).sum(-2)

    def encode(self, outputs: Array, time: Array) -> Array:
        return encoded(self._facts, outputs, None)

    def follow(self, state: Array, inputs: Array, outputs: Array, time: Array) -> Array:
        facts, bed = self._facts, read_bed(self._facts, state)
        volume, entered = facts.entering(inputs)
        per_tank = outputs[:, [facts.output_names.index("held_volume")]] / facts.n_tanks
        arriving = entered[..., list(facts.passing)] * facts.passing_shares
        passed = volume / per_tank
        stay, enter = staying_shares(np, passed, facts.n_tanks), entering_shares(np, passed, facts.n_tanks)
        tanks = np.swapaxes(stay, -1, -2) @ bed.tanks + enter[..., None] * arriving[..., None, :]
        ions = tanks[..., [facts.passing.index(i) for i in facts.ions]] / per_tank[..., None]
        acidity = solve_acidity(bed.acidity, facts.ion_names, ions, 2 * N_NEWTON)
        counts = np.concatenate([self._loaded(bed, inputs), bed.counts[..., 1:]], -1)
        near = Bed(bed.proteins, tanks, acidity, bed.riding, bed.stuck, bed.totals, counts)
        return encoded(facts, outputs, near)

    def begin(self, tensors: Mapping[str, Array], parameters: Array) -> Array:
        begun: Array = 0.0 * parameters.sum(-1, keepdims=True) + tensors["start"]
        return begun

    def probing_run(self, runs: Runs) -> int:
        names = self._facts.output_names
        return int(np.argmax(runs.outputs[:, -1, names.index("cycles")])) if "cycles" in names else 0

    def probing_inputs(self, runs: Runs, random: np.random.Generator) -> Array:
        return np.asarray(runs.inputs[0, int(random.integers(runs.inputs.shape[1]))])

    # training ---------------------------------------------------------------------------------------------------------

    def fixed_tensors(self, runs: Runs) -> dict[str, Array]:
        return fixed_tensors(self._movement, runs)

    def examples(self, runs: Runs, tensors: Mapping[str, Array]) -> dict[str, Array]:
        return examples(self._movement, runs, {**tensors, **self.constants()})

    def loss(self, xp: Any, tensors: Tensors, window: Mapping[str, Any], n: int) -> Any:
        facts, movement = self._facts, self._movement
        first = window["amounts"][..., 0, :] * (1 + NOISE * window["noise"])
        proteins = read_proteins(facts, first)
        own = movement.coefficients(xp, tensors, window["parameters"][..., 0, :])
        scale = xp.swapaxes(tensors["change_scale"][..., 0], 0, 1)
        total: Any = 0.0
        for j in range(n):
            proteins = self._learned_step(xp, tensors, own, proteins, window, j)
            after = xp.stack(
                [self._in_slices(part) for part in (proteins.liquid, (proteins.pores + proteins.bound).sum(-3))], -2
            )
            meant = window["slices"][..., j + 1, :].reshape(after.shape)
            reached = (after - meant) / scale
            total = total + (reached * reached).mean()
            small = SMALL * tensors["largest"]
            last, told = (xp.arcsinh(part[..., -1, 0, :] / small) for part in (after, meant))
            total = total + ((last - told) * (last - told)).mean()
        return total / n

    def _learned_step(
        self, xp: Any, tensors: Tensors, own: Mapping[str, Any], proteins: Proteins, window: Mapping[str, Any], j: int
    ) -> Proteins:
        """Return the proteins after step ``j`` of a window, as the networks have them."""
        facts, movement = self._facts, self._movement
        shape = (movement.n_stages, facts.n_tanks)
        acidity, salt = (
            window[name][..., j, :].reshape(*window[name].shape[:-2], *shape) for name in ("acidity", "salt")
        )
        stages = [(acidity[..., k, :], salt[..., k, :]) for k in range(movement.n_stages)]
        volume = window["volume"][..., j, :]
        flow = Flow(volume, window["entering"][..., j, :] / (volume + _LEAST_VOLUME), *zip(*stages, strict=True))
        corrected = [movement.correction(xp, tensors, *pair) for pair in stages]
        return movement.step(xp, tensors, own, proteins, flow, corrected)[0]
