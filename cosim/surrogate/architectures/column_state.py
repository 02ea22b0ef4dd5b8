"""The physical state of a column, in the numbers and the names of the library's FMUs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from cosim.surrogate.architectures.column_facts import ColumnFacts
from cosim.surrogate.architectures.column_moving import Proteins
from cosim.surrogate.model import Array


@dataclass(frozen=True, slots=True)
class Bed:
    """Parts of a state; all begin with the number of states."""

    proteins: Proteins
    tanks: Any
    """(…, n_tanks, n_passing)"""
    acidity: Any
    """(…, n_tanks): pH"""
    riding: Any
    """(…, n_tanks, n_riding)"""
    stuck: Any
    totals: Any
    """(…, 2 + n_species): volume, heat and amounts that have left."""
    counts: Any
    """(…, 5): product loaded, and that before this cycle, cycles, what has leached, hydroxide over time."""

    def carrier(self, facts: ColumnFacts) -> Any:
        """Return the product in each tank (…, n_tanks)."""
        of_cell = self.proteins.liquid[..., 0] + (self.proteins.pores + self.proteins.bound)[..., 0].sum(-2)
        return of_cell.reshape(*of_cell.shape[:-1], facts.n_tanks, -1).sum(-1)

    def protein(self) -> Any:
        """Return what there is of each protein (…, n_proteins)."""
        inside = (self.proteins.pores + self.proteins.bound).sum(-2).sum(-2)
        return self.proteins.liquid.sum(-2) + inside

    def held(self, facts: ColumnFacts) -> Any:
        """Return what is held of each species (…, n_species)."""
        nothing = 0.0 * self.counts[..., :1]
        return by_species(facts, nothing, self.protein(), self.tanks.sum(-2), self.riding.sum(-2), self.stuck)


def by_species(
    facts: ColumnFacts, nothing: Any, proteins: Any, passing: Any, riding: Any, stuck: Any | None = None
) -> Any:
    """Return (…, n_species) what there is of each species, as protein, passing, riding and held back together."""
    columns = [nothing] * len(facts.species)
    parts = [(facts.protein_places, proteins), (facts.passing, passing), (facts.riding, riding)]
    for places, values in [*parts, *([] if stuck is None else [(facts.stuck, stuck)])]:
        for j, i in enumerate(places):
            columns[i] = columns[i] + values[..., j : j + 1]
    return np.concatenate(columns, -1)


def state_names(facts: ColumnFacts) -> tuple[str, ...]:
    """Return the name of each number of a state, as the FMUs of BioProcess document theirs."""
    cells, tanks, points = range(facts.n_cells), range(facts.n_tanks), range(facts.n_points)
    inside = [
        f"{protein}.m_{where}[{i * facts.n_points + j + 1},1]"
        for where in ("pore", "bound") for j in points for i in cells for protein in facts.proteins
    ]  # fmt: skip
    return (
        *(f"{protein}.m[{i + 1},1]" for i in cells for protein in facts.proteins), *inside,
        *(_in_tank(facts, k, i) for i in tanks for k in facts.passing),
        *(f"pH_tank[{i + 1}]" for i in tanks),
        *(f"companions.m[{i + 1},{k + 1}]" for i in tanks for k in range(len(facts.riding))),
        *(f"companions.m_carrier[{i + 1}]" for i in tanks),
        *(f"m_filter[{k + 1}]" for k in facts.stuck),
        "outflow.V_total", "outflow.H_total", *(f"outflow.m_total[{k + 1}]" for k in range(len(facts.species))),
        "m_loaded", "m_before", "cycles_now", "m_leached", "exposure",
    )  # fmt: skip


def _in_tank(facts: ColumnFacts, species: int, tank: int) -> str:
    is_made = facts.species[species] == facts.made
    return f"m_ligand[{tank + 1}]" if is_made else f"solutes.m[{tank + 1},{species + 1}]"


def _shapes(facts: ColumnFacts) -> list[tuple[int, ...]]:
    n = len(facts.proteins)
    inside = (facts.n_points, facts.n_cells, n)
    return [
        (facts.n_cells, n), inside, inside, (facts.n_tanks, len(facts.passing)), (facts.n_tanks,),
        (facts.n_tanks, len(facts.riding)), (facts.n_tanks,), (len(facts.stuck),), (2 + len(facts.species),), (5,),
    ]  # fmt: skip


def protein_size(facts: ColumnFacts) -> int:
    """Return how many numbers at the beginning of a state are amounts of proteins."""
    return facts.n_cells * len(facts.proteins) * (1 + 2 * facts.n_points)


def read_proteins(facts: ColumnFacts, state: Any) -> Proteins:
    """Return the proteins at the beginning of ``state`` (…, n)."""
    return Proteins(*_parts(facts, state)[:3])


def _parts(facts: ColumnFacts, state: Any) -> list[Any]:
    shapes = _shapes(facts)
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)]).tolist()
    lead = tuple(state.shape[:-1])
    return [
        state[..., a:b].reshape(*lead, *shape)
        for (a, b), shape in zip(pairwise(ends), shapes, strict=True)
        if b <= state.shape[-1]
    ]


def read_bed(facts: ColumnFacts, state: Array) -> Bed:
    """Return the parts of ``state`` (…, n_state)."""
    parts = _parts(facts, state)
    return Bed(Proteins(*parts[:3]), *parts[3:6], *parts[7:])


def write_bed(facts: ColumnFacts, bed: Bed) -> Any:
    """Return the state that ``bed`` is made of."""
    proteins = bed.proteins
    parts = [proteins.liquid, proteins.pores, proteins.bound, bed.tanks, bed.acidity, bed.riding, bed.carrier(facts),
             bed.stuck, bed.totals, bed.counts]  # fmt: skip
    lead = bed.counts.shape[:-1]
    shapes = _shapes(facts)
    return np.concatenate(
        [part.reshape(*lead, int(np.prod(shape))) for part, shape in zip(parts, shapes, strict=True)], -1
    )


def encoded(facts: ColumnFacts, outputs: Array, near: Bed | None) -> Array:
    """Return the states of the FMU with ``outputs`` (n, n_outputs), as far as they tell; the rest is as in ``near``.

    Outputs tell what is in the slices. How that is spread over the cells and the particles of a slice, and the tanks,
    is taken from ``near``; without it, evenly and bound, which is right for an empty bed.
    """
    place = {name: i for i, name in enumerate(facts.output_names)}

    def told(names: list[str]) -> Array:
        return outputs[:, [place[name] for name in names]]

    amounts = [told(list(names)) for protein in facts.proteins for names in facts.slices(protein)]
    in_slices = np.stack(amounts, -1).reshape(-1, facts.n_slices, len(facts.proteins), 2)
    riding = told([f"held_{facts.species[i]}" for i in facts.riding])
    stuck = told([f"held_{facts.species[i]}" for i in facts.stuck])
    n = len(outputs)
    held = told([f"held_{facts.species[i]}" for i in facts.passing])
    if near is None:
        proteins = _spread_evenly(facts, in_slices)
        tanks = np.repeat(held[:, None] / facts.n_tanks, facts.n_tanks, 1)
        acidity = np.repeat(told(["pH"]), facts.n_tanks, 1)
        hydroxide = np.zeros((n, 1))
    else:
        proteins = _spread_alike(facts, in_slices, near.proteins)
        made = np.array([float(facts.species[i] == facts.made) for i in facts.passing])
        tanks = near.tanks + ((held - near.tanks.sum(1)) * made / facts.n_tanks)[:, None]
        acidity, hydroxide = near.acidity, near.counts[:, 4:5]
    passing = tanks.sum(1)
    also = [facts.passing.index(i) if i in facts.passing else -1 for i in facts.riding]
    riding = riding - np.where(np.array(also) >= 0, passing[:, also], 0.0)
    loaded, before = _loaded(facts, outputs, near)
    counts = [told([name]) if name in place else np.zeros((n, 1)) for name in ("cycles", f"made_{facts.made}_total")]
    heat = f"{facts.outlet}.H_total"
    totals = [told([f"{facts.outlet}.V_total"]), told([heat]) if heat in place else np.zeros((n, 1)),
              told([f"{facts.outlet}.m_{name}_total" for name in facts.species])]  # fmt: skip
    bed = Bed(proteins, tanks, acidity, np.zeros((n, facts.n_tanks, riding.shape[1])), stuck,
              np.concatenate(totals, -1),
              np.concatenate([loaded, before, *counts, hydroxide], -1))  # fmt: skip
    product = bed.carrier(facts)
    share = product / np.maximum(product.sum(1, keepdims=True), 1e-300)
    found = Bed(proteins, tanks, acidity, share[..., None] * riding[:, None], stuck, bed.totals, bed.counts)
    return np.asarray(write_bed(facts, found))


def _loaded(facts: ColumnFacts, outputs: Array, near: Bed | None) -> tuple[Array, Array]:
    """Return what was loaded of the product so far, and before this cycle: all of it where a cycle has just ended."""
    place = {name: i for i, name in enumerate(facts.output_names)}
    if near is None or "cycles" not in place:
        bed_volume = facts.constants.get("bed_volume", 1.0)
        loaded = bed_volume * outputs[:, [place["load_density"]]] if "load_density" in place else 0.0 * outputs[:, :1]
        return loaded, 0.0 * loaded
    loaded = near.counts[:, :1]
    return loaded, np.where(outputs[:, [place["cycles"]]] > near.counts[:, 2:3], loaded, near.counts[:, 1:2])


def _spread_evenly(facts: ColumnFacts, in_slices: Array) -> Proteins:
    """Return proteins that are even in each slice, and bound where they are in particles."""
    cells = np.repeat(in_slices / facts.cells_per_slice, facts.cells_per_slice, 1)
    bound = np.repeat(cells[:, None, :, :, 1] / facts.n_points, facts.n_points, 1)
    return Proteins(cells[..., 0], 0.0 * bound, bound)


def _spread_alike(facts: ColumnFacts, in_slices: Array, near: Proteins) -> Proteins:
    """Return proteins in proportion to ``near`` within each slice."""
    even, k = _spread_evenly(facts, in_slices), facts.cells_per_slice
    slices = in_slices.shape[1]
    inside = (near.pores + near.bound).sum(1)
    own = [part.reshape(len(part), slices, k, -1).sum(2) for part in (near.liquid, inside)]
    known = [np.repeat(part > 1e-12, k, 1) for part in own]
    ratio = [np.repeat(in_slices[..., i] / np.maximum(part, 1e-300), k, 1) for i, part in enumerate(own)]
    ratio = [np.where(is_known, part, 0.0) for is_known, part in zip(known, ratio, strict=True)]
    return Proteins(
        np.where(known[0], near.liquid * ratio[0], even.liquid),
        np.where(known[1][:, None], near.pores * ratio[1][:, None], even.pores),
        np.where(known[1][:, None], near.bound * ratio[1][:, None], even.bound),
    )
