"""What is to be known of a column besides how its proteins move, found in its interface and in sampled runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from cosim.errors import StructureError
from cosim.surrogate.architectures.acidity import ACIDS, hydrogen, lost_protons, solve_acidity, weak_places
from cosim.surrogate.architectures.column_ports import find_column_ports, find_slices, require_outputs
from cosim.surrogate.architectures.tanks import entering_shares, staying_shares
from cosim.surrogate.model import Array, Plan, Runs
from cosim.system.component import ComponentDescription

SAME: Final = 1e-6
"""Error over the range up to which an output counts as explained."""
MOST_TANKS: Final = 64
MOST: Final = {"n_points": 6, "substeps": 60, "n_tanks": MOST_TANKS, "n_slices": 600, "cells_per_slice": 10}
N_LOOKED_AT: Final = 6
"""Runs by which species are told apart: what is exact shows in few."""
NEARLY: Final = 1e-3
"""The same for what rides on the product: the solver of an FMU has its tolerance."""
SAME_ACIDITY: Final = 0.05
"""Difference of pH up to which a balance of charges explains it; an FMU's may lag a little."""
TRACE: Final = 1e-12
"""Largest value of what is not there: what never enters in training leaves as round-off, and explains nothing."""
LOADING: Final = 1e-9
"""Flow of the load [m3/s] above which a column is loaded: BioProcess.Chromatography.PartialPackedColumn."""


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """Names and places of a column; all places are in the arrays of inputs and outputs of the plan."""

    step_size: float
    members: int
    width: int
    substeps: int
    """Parts of a step that are solved one after the other, two stages each."""
    n_points: int
    """Points along the radius of the particles."""
    cells_per_slice: int
    proteins: tuple[str, ...]
    """Those that are told slice by slice; the first is the product."""
    n_slices: int
    n_tanks: int
    species: tuple[str, ...]
    """All that the outlet carries, proteins among them."""
    carried: tuple[float, ...]
    """Share of each species that moves with the product."""
    filtered: tuple[bool, ...]
    """Of each species: held back before the column."""
    inlets: tuple[tuple[int, tuple[int, ...]], ...]
    """Of each inlet: the place of its flow, and of the concentrations of all species, -1 for none."""
    entered: tuple[bool, ...]
    """Of each species: came in with a sampled run; of the others nothing is known."""
    load: int
    """Place among the inlets of that which loads."""
    outlet: str
    ions: tuple[int, ...]
    """Species that pass and make the pH."""
    linear: tuple[str, ...]
    """Outputs that are linear in what leaves, in the flow and in the ions."""
    constants: Mapping[str, float]
    n_parameters: int
    input_names: tuple[str, ...]
    output_names: tuple[str, ...]
    made: str
    """The total of what leaches from the resin, a species' name; '' for none."""

    @property
    def n_cells(self) -> int:
        """Cells along the bed."""
        return self.n_slices * self.cells_per_slice

    @property
    def ion_names(self) -> tuple[str, ...]:
        """Names of the species that make the pH."""
        return tuple(self.species[i] for i in self.ions)

    @property
    def passing(self) -> tuple[int, ...]:
        """Species of which some is neither a protein, nor carried, nor held back."""
        return tuple(
            i
            for i, name in enumerate(self.species)
            if name not in self.proteins and not self.filtered[i] and self.carried[i] < 1
        )

    @property
    def riding(self) -> tuple[int, ...]:
        """Species of which some is carried."""
        return tuple(i for i in range(len(self.species)) if self.carried[i] > 0)

    @property
    def stuck(self) -> tuple[int, ...]:
        """Species that are held back."""
        return tuple(i for i in range(len(self.species)) if self.filtered[i])

    @property
    def protein_places(self) -> tuple[int, ...]:
        """Places of the proteins among the species."""
        return tuple(self.species.index(name) for name in self.proteins)

    @property
    def passing_shares(self) -> Array:
        """What is not carried of each species that passes."""
        return 1.0 - np.array([self.carried[i] for i in self.passing])

    @property
    def riding_shares(self) -> Array:
        """What is carried of each species of which some is."""
        return np.array([self.carried[i] for i in self.riding])

    def slices(self, protein: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the names of what is between and in the particles of each slice."""
        return (
            tuple(f"{protein}_liquid[{i + 1}]" for i in range(self.n_slices)),
            tuple(f"{protein}_particles[{i + 1}]" for i in range(self.n_slices)),
        )

    def entering(self, inputs: Array) -> tuple[Array, Array]:
        """Return the volume (…, 1) and the amounts (…, n_species) that enter in a step."""
        zero = inputs[..., :1] * 0.0
        volume, amounts = zero, [zero] * len(self.species)
        for flow, contents in self.inlets:
            entered = self.step_size * np.maximum(inputs[..., flow : flow + 1], 0.0)
            volume = volume + entered
            amounts = [
                amount if place < 0 else amount + entered * inputs[..., place : place + 1]
                for amount, place in zip(amounts, contents, strict=True)
            ]
        return volume, np.concatenate(amounts, -1)

    def told_flow(self, inputs: Array) -> Any:
        """Return the flow of all inlets (…, 1) [m³/s], or of one through which it goes backwards, below zero."""
        back = 0.0 * inputs[..., :1]
        for flow, _ in self.inlets:
            back = np.maximum(back, -inputs[..., flow : flow + 1])
        return np.where(back > LOADING, -back, self.entering(inputs)[0] / self.step_size)

    def document(self) -> dict[str, Any]:
        """Return the facts for JSON."""
        return asdict(self)


def read_facts(entry: Mapping[str, Any]) -> ColumnFacts:
    """Read what ``document`` wrote; KeyError, TypeError or ValueError where it is something else."""
    values = dict(entry)
    values["inlets"] = tuple((int(flow), tuple(map(int, contents))) for flow, contents in entry["inlets"])
    for name in ("proteins", "species", "linear", "input_names", "output_names"):
        values[name] = tuple(map(str, entry[name]))
    values["ions"] = tuple(map(int, entry["ions"]))
    values["carried"] = tuple(map(float, entry["carried"]))
    values["filtered"] = tuple(map(bool, entry["filtered"]))
    values["entered"] = tuple(map(bool, entry.get("entered", _shown_to_enter(entry))))
    values["constants"] = {str(name): float(value) for name, value in entry["constants"].items()}
    facts = ColumnFacts(**values)
    if not all(1 <= getattr(facts, name) <= n for name, n in MOST.items()) or facts.n_cells % facts.n_tanks:
        raise ValueError("it has no such number of cells, points, tanks or parts of a step")
    return facts


def _shown_to_enter(entry: Mapping[str, Any]) -> list[bool]:
    """Return of each species whether the other facts show that it came in: packages of before say nothing else."""
    return [
        i in entry["ions"] or name in entry["proteins"] or bool(entry["carried"][i] or entry["filtered"][i])
        for i, name in enumerate(entry["species"])
    ]


def find_facts(description: ComponentDescription, plan: Plan, runs: Runs, options: Mapping[str, Any]) -> ColumnFacts:
    """Return the facts of the FMU that was sampled.

    Raises
    ------
    StructureError
        Where it is no column that tells what is in its slices, saying what it lacks.
    """
    proteins, n_slices = find_slices(plan)
    outlet, species, inlets, load = find_column_ports(description, plan)
    require_outputs(plan, proteins, n_slices, outlet, species)
    if not (runs.parameters > 0).all():
        name = plan.varied[int(np.argmin(runs.parameters.min(0)))]
        raise StructureError(
            f"The parameter '{name}' goes down to {runs.parameters.min():g}, and what a column learns follows its "
            "logarithm. Let it begin above zero."
        )
    n = len(species)
    facts = ColumnFacts(
        step_size=plan.step / 1e9, members=int(options["members"]), width=int(options["width"]),
        substeps=int(options["substeps"]), n_points=int(options["points"]),
        cells_per_slice=int(options["cells_per_slice"]), proteins=proteins, n_slices=n_slices, n_tanks=1,
        species=species, carried=(0.0,) * n, filtered=(False,) * n, inlets=inlets, entered=(False,) * n,
        load=load, outlet=outlet, ions=(), linear=(), constants={}, n_parameters=len(plan.varied),
        input_names=plan.input_names, output_names=plan.output_names, made="",
    )  # fmt: skip
    came_in = tuple(bool(amount > 0) for amount in facts.entering(runs.inputs)[1].max((0, 1)))
    facts = replace(facts, entered=came_in, n_tanks=_find_tanks(facts, plan, runs))
    if facts.n_cells % facts.n_tanks:
        raise StructureError(
            f"The {facts.n_cells} cells of this FMU's bed, {facts.cells_per_slice} in each slice, are no multiple of "
            f"its {facts.n_tanks} mixed tanks. Give the option cells_per_slice the number that it has."
        )
    facts = _classified(facts, plan, runs)
    return _with_readouts(facts, plan, runs)


def _column(name: str, plan: Plan, runs: Runs) -> Array:
    return runs.outputs[..., plan.output_names.index(name)]


def tank_amounts(facts: ColumnFacts, runs: Runs, held: Array, entered: Array) -> Array:
    """Return amounts (n_runs, n_steps + 1, n_tanks, n) in tanks in series that begin with ``held`` (n_runs, n) evenly.

    ``entered`` (n_runs, n_steps, n) is what enters in each step.
    """
    tanks = np.repeat(held[:, None] / facts.n_tanks, facts.n_tanks, axis=1)
    volume, _ = facts.entering(runs.inputs)
    passed = volume / (held_volume(facts, runs) / facts.n_tanks)
    course = [tanks]
    for k in range(runs.inputs.shape[1]):
        stay, enter = staying_shares(np, passed[:, k], facts.n_tanks), entering_shares(np, passed[:, k], facts.n_tanks)
        tanks = np.swapaxes(stay, -1, -2) @ tanks + enter[..., None] * entered[:, k, None]
        course.append(tanks)
    return np.stack(course, 1)


def held_volume(facts: ColumnFacts, runs: Runs) -> float:
    """Return the volume of liquid."""
    return float(runs.outputs[0, 0, facts.output_names.index("held_volume")])


def _find_tanks(facts: ColumnFacts, plan: Plan, runs: Runs) -> int:
    """Return the number of tanks in series that tells best what leaves of a species that varies and binds nowhere."""
    some = runs.part(0, 1)
    _, amounts = facts.entering(some.inputs)
    candidates = [
        i
        for i, name in enumerate(facts.species)
        if name not in facts.proteins and np.ptp(_column(f"{facts.outlet}.c_{name}", plan, some)) > 0
    ]
    if not candidates:
        raise StructureError("In the sampled runs nothing passes the column without binding. Vary a buffer.")
    held = np.stack([_column(f"held_{facts.species[i]}", plan, some) for i in candidates], -1)
    span = np.maximum(np.ptp(held, axis=(0, 1)), 1e-300)
    errors = {}
    for n in range(2, MOST_TANKS + 1):
        tanks = tank_amounts(replace(facts, n_tanks=n), some, held[:, 0], amounts[..., candidates])
        errors[n] = float((np.abs(tanks.sum(2) - held).max((0, 1)) / span).min())
    best = min(errors, key=lambda n: errors[n])
    if errors[best] > SAME:
        raise StructureError(
            f"No species passes this FMU as through 2 to {MOST_TANKS} mixed tanks in series, the nearest, {best}, "
            f"being {errors[best]:.1e} of the range off. A column has a path for what does not bind."
        )
    return best


def _classified(facts: ColumnFacts, plan: Plan, runs: Runs) -> ColumnFacts:
    """Find what is held back, and which share of each species moves with the product."""
    some = runs.part(0, N_LOOKED_AT)
    _, amounts = facts.entering(some.inputs)
    held = np.stack([_column(f"held_{name}", plan, some) for name in facts.species], -1)
    passed = tank_amounts(facts, some, held[:, 0], amounts).sum(2)
    entered = np.concatenate([held[:, :1], held[:, :1] + np.cumsum(amounts, 1)], 1)
    made = [name for name in facts.species if f"made_{name}_total" in plan.output_names]
    made = [name for name in made if np.ptp(_column(f"made_{name}_total", plan, some)) > 0]
    loaded = amounts.sum(1)
    ratio = loaded / np.maximum(loaded[:, [facts.species.index(facts.proteins[0])]], 1e-300)
    along = ratio[:, None] * held[..., [facts.species.index(facts.proteins[0])]]
    scale = np.maximum(np.abs(held).max((0, 1)), 1e-300)
    carried, filtered = [], []
    for i, name in enumerate(facts.species):
        is_passing = np.abs(passed - held)[..., i].max() <= SAME * scale[i]
        is_proper = name in facts.proteins or name in made or not loaded[:, i].any()
        is_stuck = not is_passing and not is_proper and np.abs(entered - held)[..., i].max() <= SAME * scale[i]
        filtered.append(bool(is_stuck))
        carried.append(
            0.0
            if is_passing or is_proper or is_stuck
            else _carried_share(facts, name, passed[..., i], along[..., i], held[..., i])
        )
    return replace(facts, carried=tuple(carried), filtered=tuple(filtered), made=made[0] if made else "")


def _carried_share(facts: ColumnFacts, name: str, passed: Array, along: Array, held: Array) -> float:
    """Return the share of a species that moves with the product, which carries ``along`` in proportion."""
    share = float(((held - passed) * (along - passed)).sum() / ((along - passed) ** 2).sum())
    wrong = float(np.abs(passed + share * (along - passed) - held).max() / np.abs(held).max())
    if not 0 < share <= 1 + SAME or wrong > NEARLY:
        raise StructureError(
            f"'{name}' neither passes, nor is it held back, nor does a share of it move with '{facts.proteins[0]}' "
            f"(off by {wrong:.1%}). Let what is loaded have one composition in each run."
        )
    return min(share, 1.0) if share < 1 - SAME else 1.0


def basis(facts: ColumnFacts, leaving: Array, acidity: Array, flow: Array) -> Array:
    """Return what linear outputs are linear in, at a pH (…, 1): what leaves (…, n), ions, the flow (…, 1), its square.

    Of an ion that is the number of protons it has lost times its concentration.
    """
    h = hydrogen(acidity)
    weak = [facts.ions[i] for i in weak_places(facts.ion_names)]
    lost = lost_protons(h, [facts.species[i] for i in weak])[0] * leaving[..., weak]
    return np.concatenate([leaving, flow, flow * flow, h, 1.0 / h, lost], -1)


def leaving(facts: ColumnFacts, plan_or_names: tuple[str, ...], outputs: Array) -> Array:
    """Return the concentrations behind the column (…, n_species) among ``outputs``."""
    return outputs[..., [plan_or_names.index(f"{facts.outlet}.c_{name}") for name in facts.species]]


def fit_linear(facts: ColumnFacts, runs: Runs, name: str) -> tuple[Array, float]:
    """Return the coefficients of an output in ``basis``, and its largest error over its range."""
    inputs = np.concatenate([runs.inputs[:, :1], runs.inputs], 1)
    flow = facts.entering(inputs)[0] / facts.step_size
    acidity = runs.outputs[..., [facts.output_names.index("pH")]]
    flat = basis(facts, leaving(facts, facts.output_names, runs.outputs), acidity, flow)
    flat = flat.reshape(-1, flat.shape[-1])
    scale = np.abs(flat).max(0)
    is_there = scale > TRACE
    values = runs.outputs[..., facts.output_names.index(name)].ravel()
    found = np.zeros(len(scale))
    found[is_there] = np.linalg.lstsq(flat[:, is_there] / scale[is_there], values, rcond=1e-12)[0] / scale[is_there]
    return found, float(np.abs(flat @ found - values).max() / max(np.ptp(values), 1e-300))


def _with_readouts(facts: ColumnFacts, plan: Plan, runs: Runs) -> ColumnFacts:
    """Find out how outputs are told that no balance tells."""
    varied = np.flatnonzero(np.ptp(leaving(facts, plan.output_names, runs.outputs), axis=(0, 1)) > 0)
    facts = replace(facts, ions=tuple(int(i) for i in varied if facts.species[i] in ACIDS and i in facts.passing))
    _require_acidity(facts, plan, runs)
    own, constants, linear = {*known_names(facts)}, {}, []
    for i, name in enumerate(plan.output_names):
        values = runs.outputs[..., i]
        if name in own:
            continue
        if not np.ptp(values):
            constants[name] = float(values.flat[0])
            continue
        error = fit_linear(facts, runs, name)[1]
        if error > NEARLY:
            raise StructureError(
                f"'{name}' of this FMU is neither a balance nor linear in what leaves, the flow and the ions (off by "
                f"{error:.1%}). Use start values with which it does not vary."
            )
        linear.append(name)
    return replace(facts, constants=constants, linear=tuple(linear))


def _require_acidity(facts: ColumnFacts, plan: Plan, runs: Runs) -> None:
    """Raise StructureError unless the pH behind the column is where ions and water have no net charge."""
    told = _column("pH", plan, runs)[:, 1:]
    behind = leaving(facts, facts.output_names, runs.outputs)[:, 1:][..., list(facts.ions)]
    apart = np.abs(solve_acidity(told, facts.ion_names, behind, 1) - told)
    wrong = float(np.quantile(apart, 0.9))
    if wrong > SAME_ACIDITY:
        raise StructureError(
            f"The 'pH' behind this FMU is {wrong:.2g} or more off that of {', '.join(facts.ion_names)} in water in a "
            "tenth of the time. A column has a pH that follows from the balance of charges."
        )


def known_names(facts: ColumnFacts) -> tuple[str, ...]:
    """Return the outputs that balances tell, in the order of ``column.Column`` telling them."""
    slices = [name for protein in facts.proteins for part in facts.slices(protein) for name in part]
    totals = [f"{facts.outlet}.V_total", *(f"{facts.outlet}.m_{name}_total" for name in facts.species)]
    found = [
        *slices,
        *(f"held_{name}" for name in facts.species),
        *(f"{facts.outlet}.c_{name}" for name in facts.species),
        *totals,
        f"{facts.outlet}.H_total",
        f"{facts.outlet}.V_flow",
        "bound",
        "load_density",
        "cycles",
        "pH",
        *([f"made_{facts.made}_total"] if facts.made else []),
    ]
    outputs = set(facts.output_names)
    return tuple(name for name in found if name in outputs)
