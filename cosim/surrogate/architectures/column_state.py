"""The physical state of a column: amounts in its slices and tanks, what rides, what is held back, totals, counts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from cosim.surrogate.architectures.column_facts import ColumnFacts
from cosim.surrogate.model import Array


@dataclass(frozen=True, slots=True)
class Bed:
    """Parts of a state; all begin with the number of states."""

    proteins: Any
    """(…, n_proteins, 2, n_slices): between the particles, and in them."""
    tanks: Any
    """(…, n_tanks, n_passing)"""
    riding: Any
    """(…, n_slices, n_riding)"""
    stuck: Any
    totals: Any
    """(…, 1 + n_species): volume and amounts that have left."""
    counts: Any
    """(…, 3): product loaded since the column was last emptied, how often it was, what has leached."""

    def held(self, facts: ColumnFacts) -> Any:
        """Return what is held of each species (…, n_species)."""
        nothing, proteins = 0.0 * self.counts[..., :1], self.proteins.sum(-1).sum(-1)
        return by_species(facts, nothing, proteins, self.tanks.sum(-2), self.riding.sum(-2), self.stuck)


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
    """Return the name of each number of a state."""
    slices = [name for protein in facts.proteins for part in facts.slices(protein) for name in part]
    tanks = [f"{facts.species[k]} in tank {i + 1}" for i in range(facts.n_tanks) for k in facts.passing]
    riding = [f"{facts.species[k]} in slice {i + 1}" for i in range(facts.n_slices) for k in facts.riding]
    stuck = [f"held_{facts.species[k]}" for k in facts.stuck]
    totals = [f"{facts.outlet}.V_total", *(f"{facts.outlet}.m_{name}_total" for name in facts.species)]
    return (*slices, *tanks, *riding, *stuck, *totals, "loaded", "cycles", "leached")


def _sizes(facts: ColumnFacts) -> list[int]:
    return [
        len(facts.proteins) * 2 * facts.n_slices,
        facts.n_tanks * len(facts.passing),
        facts.n_slices * len(facts.riding),
        len(facts.stuck),
        1 + len(facts.species),
        3,
    ]


def read_bed(facts: ColumnFacts, state: Array) -> Bed:
    """Return the parts of ``state`` (…, n_state)."""
    ends = np.cumsum([0, *_sizes(facts)]).tolist()
    parts = [state[..., a:b] for a, b in pairwise(ends)]
    lead = state.shape[:-1]
    return Bed(
        parts[0].reshape(*lead, len(facts.proteins), 2, facts.n_slices),
        parts[1].reshape(*lead, facts.n_tanks, len(facts.passing)),
        parts[2].reshape(*lead, facts.n_slices, len(facts.riding)),
        *parts[3:],
    )


def write_bed(bed: Bed) -> Any:
    """Return the state that ``bed`` is made of."""
    lead = bed.counts.shape[:-1]
    n = [bed.proteins.shape[-3:], bed.tanks.shape[-2:], bed.riding.shape[-2:]]
    flat = [
        part.reshape(*lead, int(np.prod(shape)))
        for part, shape in zip((bed.proteins, bed.tanks, bed.riding), n, strict=True)
    ]
    return np.concatenate([*flat, bed.stuck, bed.totals, bed.counts], -1)


def encoded(facts: ColumnFacts, outputs: Array, tanks: Array | None) -> Array:
    """Return the states of the FMU with ``outputs`` (n, n_outputs); ``tanks`` as far as they are known, else even."""
    place = {name: i for i, name in enumerate(facts.output_names)}

    def told(names: list[str]) -> Array:
        return outputs[:, [place[name] for name in names]]

    names = [name for protein in facts.proteins for part in facts.slices(protein) for name in part]
    proteins = np.maximum(told(names), 0.0).reshape(-1, len(facts.proteins), 2, facts.n_slices)
    held = told([f"held_{facts.species[i]}" for i in facts.passing])
    if tanks is None:
        tanks = np.repeat(held[:, None] / facts.n_tanks, facts.n_tanks, 1)
    else:
        made = np.array([float(facts.species[i] == facts.made) for i in facts.passing])
        tanks = tanks + ((held - tanks.sum(1)) * made / facts.n_tanks)[:, None]
    passing = tanks.sum(1)
    product = proteins[:, 0].sum(1)
    share = product / np.maximum(product.sum(1, keepdims=True), 1e-300)
    riding = told([f"held_{facts.species[i]}" for i in facts.riding])
    also = [facts.passing.index(i) if i in facts.passing else -1 for i in facts.riding]
    riding = riding - np.where(np.array(also) >= 0, passing[:, also], 0.0)
    bed_volume = facts.constants.get("bed_volume", 1.0)
    counts = [
        outputs[:, [place[name]]] * scale if name in place else np.zeros((len(outputs), 1))
        for name, scale in (("load_density", bed_volume), ("cycles", 1.0), (f"made_{facts.made}_total", 1.0))
    ]
    totals = told([f"{facts.outlet}.V_total", *(f"{facts.outlet}.m_{name}_total" for name in facts.species)])
    stuck = told([f"held_{facts.species[i]}" for i in facts.stuck])
    bed = Bed(proteins, tanks, share[..., None] * riding[:, None], stuck, totals, np.concatenate(counts, -1))
    return np.asarray(write_bed(bed))
