"""A packed bed: the network says which share of what is in a slice goes where in a step, everything else is exact.

    xₛ,ᵢ  the amounts of a protein in slice i, between the particles (s = 0) and in them (s = 1)
    x'_p,ⱼ = Σₛ,ᵢ wₛ,ᵢ(p, j − i) xₛ,ᵢ + w_in(p, j) m_in,     w = softmax(prior + network),     0 ≤ j − i ≤ reach

What leaves the last slice has left the column. Shares are positive and add up to one, so that nothing is negative and
nothing is lost, whatever the weights are; the same holds for the mean of an ensemble. The prior is flow that moves on
and particles that keep. What does not bind passes mixed tanks in series (``tanks.py``), what rides on the product moves
with its shares. The network sees the slices around, the pH in them before and after the step, the flow and what enters;
another network tells the pH, and what else is read behind the column, from what is in the liquid. Validity: steps of
one size; flow in one direction; at most ``reach`` slices of liquid between the particles pass in a step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from cosim.surrogate.architectures.column_facts import ColumnFacts, basis, known_names
from cosim.surrogate.architectures.column_learning import examples, fixed_tensors
from cosim.surrogate.architectures.column_moving import Movement, per_member
from cosim.surrogate.architectures.column_state import Bed, by_species, encoded, read_bed, state_names, write_bed
from cosim.surrogate.architectures.contract import AbstractModel, Advance
from cosim.surrogate.architectures.tanks import entering_shares, kept_shares, staying_shares
from cosim.surrogate.model import Array, Runs
from cosim.surrogate.network import Tensors, random_layers

NOISE: Final = 0.002
"""Relative disturbance of the state a window begins at, so that the network learns to come back."""
WEIGHT_OF_LIQUID: Final = 10.0
"""Of errors of what is read behind the column against those of what moves, which would bend the pH to its needs."""
EMPTIED: Final = 0.05
"""Share of what was loaded at which a column counts as emptied: BioProcess.Chromatography.PartialAffinityColumn."""
LOADING: Final = 1e-9
"""Flow of the load [m3/s] above which a column is loaded: BioProcess.Chromatography.PartialPackedColumn."""
_TINY: Final = 1e-300


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
        return (*known_names(facts), *facts.linear, *facts.told, *facts.constants)

    @property
    def free_inputs(self) -> frozenset[int]:
        facts = self._facts
        ports = {place for flow, contents in facts.inlets for place in (flow, *contents) if place >= 0}
        temperatures = {facts.input_names[flow].rpartition(".")[0] + ".T" for flow, _ in facts.inlets}
        return frozenset(ports | {i for i, name in enumerate(facts.input_names) if name in temperatures})

    @property
    def direct_inputs(self) -> tuple[int, ...]:
        return tuple(flow for flow, _ in self._facts.inlets)

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
        return (*leaves, *(f"held_{name}" for name in facts.proteins), *facts.told)

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
        n_species, n_proteins, n_told = len(facts.species), len(facts.proteins), len(facts.told)
        return {
            "volumes": (3,),
            "amount_scale": (n_proteins, 2, 1),
            "change_scale": (n_proteins, 2, 1),
            "left_scale": (n_proteins,),
            "feature_mean": (self._movement.n_features,),
            "feature_deviation": (self._movement.n_features,),
            "ion_scale": (len(facts.ions),),
            "told_mean": (n_told,),
            "told_deviation": (n_told,),
            "linear": (n_species + 2, len(facts.linear)),
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

    def _at_tanks(self, tensors: Mapping[str, Array], tanks: Any) -> Any:
        """Return what the liquid in the tanks is like (members, batch, n_tanks, n_told), over deviations."""
        ions = [self._facts.passing.index(i) for i in self._facts.ions]
        return self._movement.liquid(np, tensors, tanks[None][..., ions] / self._tank_volume(tensors))

    def _tank_volume(self, tensors: Mapping[str, Array]) -> Any:
        return tensors["volumes"][0] / self._facts.n_tanks

    def advance(
        self, tensors: Mapping[str, Array], state: Array, inputs: Array, parameters: Array, size: float
    ) -> Advance:
        facts, bed = self._facts, read_bed(self._facts, state)
        volume, entered = facts.entering(inputs)
        liquid = self._at_tanks(tensors, bed.tanks)
        tanks, left_tanks, made = self._passed(tensors, bed, liquid, volume, entered)
        parts = {
            "amounts": bed.proteins[None],
            "entering": entered[None][..., list(facts.protein_places)],
            "volume": volume[None],
            "before": self._movement.profile(np, tensors, liquid),
            "after": self._movement.profile(np, tensors, self._at_tanks(tensors, tanks)),
            "parameters": parameters[None],
        }
        shares = self._movement.shares(np, tensors, per_member(parts))
        members, _ = self._movement.move(np, parts["amounts"], parts["entering"], shares)
        mean = shares[0].mean(0), shares[1].mean(0)
        proteins, left = self._movement.move(np, bed.proteins, parts["entering"][0], mean)
        riding, left_riding = self._movement.ride(bed, entered, mean)
        totals = bed.totals + self._left(left, left_tanks, left_riding, volume)
        counts = np.concatenate([*self._counted(bed, inputs, proteins), bed.counts[..., 2:] + made], -1)
        new = write_bed(Bed(proteins, tanks, riding, bed.stuck + entered[..., list(facts.stuck)], totals, counts))
        apart = (members / tensors["change_scale"]).std(0)
        spread = apart.reshape(len(state), -1).mean(-1)
        return Advance(new, self._coordinates(tensors, bed, tanks, entered, inputs, parameters), spread)

    def _coordinates(
        self, tensors: Mapping[str, Array], bed: Bed, tanks: Any, entered: Any, inputs: Array, parameters: Array
    ) -> Any:
        facts = self._facts
        ions = [facts.passing.index(i) for i in facts.ions]
        flow = facts.entering(inputs)[0] / facts.step_size
        first = tanks[..., 0, ions] / self._tank_volume(tensors)
        held = bed.proteins.sum(-1).sum(-1)
        return np.concatenate([flow, entered[..., list(facts.protein_places)], held, first, parameters], -1)

    def _passed(
        self, tensors: Mapping[str, Array], bed: Bed, liquid: Any, volume: Any, entered: Any
    ) -> tuple[Any, Any, Any]:
        """Return tanks after a step, what left of each passing species, and what leached."""
        facts, passing = self._facts, list(self._facts.passing)
        arriving = entered[..., passing] * facts.passing_shares
        passed = volume / self._tank_volume(tensors)
        stay, enter = staying_shares(np, passed, facts.n_tanks), entering_shares(np, passed, facts.n_tanks)
        tanks = np.swapaxes(stay, -1, -2) @ bed.tanks + enter[..., None] * arriving[..., None, :]
        gone = arriving * (1.0 - enter.sum(-1, keepdims=True)) + ((1.0 - stay.sum(-1))[..., None] * bed.tanks).sum(-2)
        if not facts.made:
            return tanks, gone, 0.0 * volume
        acidity = tensors["told_mean"][0] + tensors["told_deviation"][0] * liquid.mean(0)[..., 0]
        leached = np.exp(tensors["leaching"][0] + tensors["leaching"][1] * acidity) * facts.step_size
        stayed = (leached[..., None] * kept_shares(np, enter)).sum(-2)
        is_made = np.array([float(facts.species[i] == facts.made) for i in passing])
        made = leached.sum(-1, keepdims=True)
        gone = gone + (made - stayed.sum(-1, keepdims=True)) * is_made
        return tanks + stayed[..., None] * is_made, gone, made

    def _left(self, left: Any, left_tanks: Any, left_riding: Any, volume: Any) -> Any:
        """Return what the totals of the outlet grow by: volume, then each species."""
        nothing = 0.0 * volume
        return np.concatenate([volume, by_species(self._facts, nothing, left, left_tanks, left_riding)], -1)

    def _counted(self, bed: Bed, inputs: Array, proteins: Any) -> tuple[Any, Any]:
        """Return what was loaded since the column was last emptied, and how often it was."""
        facts = self._facts
        flow, contents = facts.inlets[facts.load]
        product = contents[facts.species.index(facts.proteins[0])]
        rate = np.maximum(inputs[..., flow : flow + 1], 0.0)
        loaded = bed.counts[..., :1] + facts.step_size * rate * inputs[..., product : product + 1]
        held = proteins[..., 0, :, :].sum(-1).sum(-1)[..., None]
        is_over = np.logical_and(held < EMPTIED * loaded - 1e-6, rate <= LOADING)
        return np.where(is_over, 0.0 * loaded, loaded), bed.counts[..., 1:2] + is_over * 1.0

    def outputs(self, tensors: Mapping[str, Array], state: Array, inputs: Array, parameters: Array) -> Array:
        facts, bed = self._facts, read_bed(self._facts, state)
        behind = self._behind(tensors, bed)
        flow = facts.entering(inputs)[0] / facts.step_size
        told = self._movement.liquid(np, tensors, behind[..., list(facts.ions)][None, :, None]).mean(0)[:, 0]
        told = tensors["told_mean"] + tensors["told_deviation"] * told
        linear = basis(facts, behind, flow) @ tensors["linear"]
        constants = np.array([list(facts.constants.values())]) + 0.0 * flow
        found = np.concatenate([*self._known(tensors, bed, behind, flow), linear, told, constants], -1)
        shown: Array = found[..., self._places]
        return shown

    def _behind(self, tensors: Mapping[str, Array], bed: Bed) -> Any:
        """Return the concentrations behind the column (…, n_species)."""
        facts = self._facts
        last = bed.proteins[..., 0, -1] + 0.25 * (bed.proteins[..., 0, -1] - bed.proteins[..., 0, -2])
        proteins = np.maximum(last, 0.0) / tensors["volumes"][1]
        product = bed.proteins[..., 0, :, -1].sum(-1)[..., None]
        riding = bed.riding[..., -1, :] / (product + _TINY) * proteins[..., :1]
        tanks = bed.tanks[..., -1, :] / (tensors["volumes"][0] / facts.n_tanks)
        return by_species(facts, 0.0 * product, proteins, tanks, riding)

    def _known(self, tensors: Mapping[str, Array], bed: Bed, behind: Any, flow: Any) -> list[Any]:
        """Return what balances tell, in the order of ``known_names``."""
        facts = self._facts
        held = bed.held(facts)
        product = held[..., [facts.species.index(facts.proteins[0])]]
        n = len(facts.proteins) * 2 * facts.n_slices
        found = {
            "held": held,
            "bound": product / tensors["volumes"][2],
            "load_density": bed.counts[..., :1] / tensors["volumes"][2],
            "cycles": bed.counts[..., 1:2],
            f"{facts.outlet}.H_total": bed.totals[..., :1] * tensors["enthalpy"],
            f"{facts.outlet}.V_flow": flow,
            f"made_{facts.made}_total": bed.counts[..., 2:3],
        }
        outputs = set(facts.output_names)
        parts = [bed.proteins.reshape(*bed.proteins.shape[:-3], n), held, behind, bed.totals]
        names = (f"{facts.outlet}.H_total", f"{facts.outlet}.V_flow", "bound", "load_density", "cycles")
        parts += [found[name] for name in names if name in outputs]
        return [*parts, found[f"made_{facts.made}_total"]] if facts.made else parts

    def encode(self, outputs: Array, time: Array) -> Array:
        return encoded(self._facts, outputs, None)

    def follow(self, state: Array, inputs: Array, outputs: Array, time: Array) -> Array:
        facts = self._facts
        bed = read_bed(facts, state)
        volume, entered = facts.entering(inputs)
        per_tank = outputs[:, [facts.output_names.index("held_volume")]] / facts.n_tanks
        arriving = entered[..., list(facts.passing)] * facts.passing_shares
        passed = volume / per_tank
        stay, enter = staying_shares(np, passed, facts.n_tanks), entering_shares(np, passed, facts.n_tanks)
        tanks = np.swapaxes(stay, -1, -2) @ bed.tanks + enter[..., None] * arriving[..., None, :]
        return encoded(facts, outputs, tanks)

    def begin(self, tensors: Mapping[str, Array], parameters: Array) -> Array:
        begun: Array = 0.0 * parameters.sum(-1, keepdims=True) + tensors["start"]
        return begun

    def probing_inputs(self, runs: Runs, random: np.random.Generator) -> Array:
        return np.asarray(runs.inputs[0, int(random.integers(runs.inputs.shape[1]))])

    # training ---------------------------------------------------------------------------------------------------------

    def fixed_tensors(self, runs: Runs) -> dict[str, Array]:
        return fixed_tensors(self._movement, runs)

    def examples(self, runs: Runs) -> dict[str, Array]:
        return examples(self._facts, runs)

    def loss(self, xp: Any, tensors: Tensors, window: Mapping[str, Any], n: int) -> Any:
        facts = self._facts
        shape = (len(facts.proteins), 2, facts.n_slices)
        first = window["amounts"][..., 0, :] * (1 + NOISE * window["noise"])
        amounts = first.reshape(*first.shape[:-1], *shape)
        before = self._movement.profile(xp, tensors, self._movement.liquid(xp, tensors, self._tanks(window, 0)))
        total: Any = 0.0
        for j in range(n):
            after = self._movement.profile(xp, tensors, self._movement.liquid(xp, tensors, self._tanks(window, j + 1)))
            parts = {name: window[name][..., j, :] for name in ("entering", "volume", "parameters")}
            parts |= {"amounts": amounts, "before": before, "after": after}
            amounts, left = self._movement.move(
                xp, amounts, parts["entering"], self._movement.shares(xp, tensors, parts)
            )
            meant = window["amounts"][..., j + 1, :].reshape(amounts.shape)
            reached = (amounts - meant) / tensors["change_scale"]
            gone = (left - window["left"][..., j, :]) / tensors["left_scale"]
            total = total + (reached * reached).mean() + (gone * gone).mean()
            before = after
        told = self._movement.liquid(xp, tensors, window["behind"])
        apart = told - (window["told"] - tensors["told_mean"]) / tensors["told_deviation"]
        return total / n + WEIGHT_OF_LIQUID * (apart * apart).mean()

    def _tanks(self, window: Mapping[str, Any], j: int) -> Any:
        ions = window["ions"][..., j, :]
        return ions.reshape(*ions.shape[:-1], self._facts.n_tanks, -1)
