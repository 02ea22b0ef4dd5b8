"""What a column learns from: tensors that follow from sampled runs, and examples of steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from cosim.errors import StructureError
from cosim.surrogate.architectures.acidity import solve_acidity
from cosim.surrogate.architectures.column_facts import (
    NEARLY,
    SAME_ACIDITY,
    ColumnFacts,
    fit_linear,
    held_volume,
    leaving,
    tank_amounts,
)
from cosim.surrogate.architectures.column_fitting import MOST_RUNS, Course, find_coefficients
from cosim.surrogate.architectures.column_moving import Movement
from cosim.surrogate.architectures.column_state import encoded, protein_size, read_proteins
from cosim.surrogate.architectures.tanks import entering_shares, staying_shares
from cosim.surrogate.model import Array, Runs

N_NEWTON: Final = 4
"""Iterations of Newton's method to the pH at a stage, from that at the stage before."""
LEAST: Final = 0.01
"""Share of the largest concentration from which on a bed says something of its volume."""
ALIKE: Final = 0.05
"""Share of such moments, those in which the last slices differ least."""
_TINY: Final = 1e-300


def fixed_tensors(movement: Movement, runs: Runs) -> dict[str, Array]:
    """Return the tensors that are not learned step by step but computed from ``runs``."""
    facts = movement.facts
    amounts = in_slices(facts, runs)
    volume, entered = facts.entering(runs.inputs)
    tensors = {
        "volumes": _volumes(facts, runs, amounts),
        "change_scale": np.maximum(np.diff(amounts, axis=1).std((0, 1, 4)), _TINY)[..., None],
        "largest": np.maximum(amounts[:, :, :, 0].max((0, 1, 3)), _TINY),
        "ion_scale": np.array([ion_strength(facts, runs).max()]),
        "linear": np.stack([fit_linear(facts, runs, name)[0] for name in facts.linear], -1),
        "leaching": find_leaching(facts, runs),
        "enthalpy": _enthalpy(facts, runs),
        "start": encoded(facts, runs.outputs[:, 0], None).mean(0),
    }
    known = tensors | movement.constants()
    some = runs.part(0, MOST_RUNS)
    course = Course(
        volume[: len(some)], entered[: len(some)][..., list(facts.protein_places)], stages(movement, some)[0]
    )
    return tensors | find_coefficients(movement, runs, course, known, amounts)


def in_slices(facts: ColumnFacts, runs: Runs) -> Array:
    """Return what is between and in the particles (n_runs, n_steps + 1, n_proteins, 2, n_slices)."""
    place = {name: i for i, name in enumerate(facts.output_names)}
    names = [name for protein in facts.proteins for part in facts.slices(protein) for name in part]
    found = runs.outputs[..., [place[name] for name in names]]
    return np.maximum(found, 0.0).reshape(*found.shape[:2], len(facts.proteins), 2, facts.n_slices)


def ion_strength(facts: ColumnFacts, runs: Runs) -> Array:
    """Return the sum of the ions behind the column."""
    return np.asarray(leaving(facts, facts.output_names, runs.outputs)[..., list(facts.ions)].sum(-1))


def _volumes(facts: ColumnFacts, runs: Runs, amounts: Array) -> Array:
    """Return the liquid for small solutes, then of a cell: liquid between, in pores, solid; and that of the bed."""
    between = _slice_volume(facts, runs, amounts) / facts.cells_per_slice
    bed = facts.constants.get("bed_volume", 2.0 * between * facts.n_cells)
    particles = max(bed / facts.n_cells - between, 0.1 * between)
    pores = facts.constants.get("porosity_particle", 0.5) * particles
    return np.array([held_volume(facts, runs), between, pores, particles - pores, bed])


def _slice_volume(facts: ColumnFacts, runs: Runs, amounts: Array) -> float:
    """Return the volume of liquid between the particles of a slice, from moments in which the last ones are alike.

    What leaves has the concentration of the last cell, on a line through the middles of the last two slices.
    """
    last, before = amounts[:, :, 0, 0, -1], amounts[:, :, 0, 0, -2]
    k = facts.cells_per_slice
    at_end = last + (0.5 - 0.5 / k) * (last - before)
    c = leaving(facts, facts.output_names, runs.outputs)[..., facts.protein_places[0]]
    apart = np.where(c > LEAST * c.max(), np.abs(last - before) / np.maximum(last, _TINY), np.inf)
    is_alike = apart <= np.quantile(apart[np.isfinite(apart)], ALIKE)
    return float((at_end * c)[is_alike].sum() / (c * c)[is_alike].sum())


def _enthalpy(facts: ColumnFacts, runs: Runs) -> Array:
    name = f"{facts.outlet}.H_total"
    if name not in facts.output_names:
        return np.zeros(1)
    volume = runs.outputs[:, -1, facts.output_names.index(f"{facts.outlet}.V_total")]
    return np.array([float((runs.outputs[:, -1, facts.output_names.index(name)] / volume).mean())])


def find_leaching(facts: ColumnFacts, runs: Runs) -> Array:
    """Return a and b of the rate exp(a + b pH) per tank, from steps in which it hardly changes.

    Raises
    ------
    StructureError
        Where there are no such steps at more than one pH, or the rate is another function or that of several resins.
    """
    if not facts.made:
        return np.zeros(2)
    total = runs.outputs[..., facts.output_names.index(f"made_{facts.made}_total")]
    rate = np.diff(total, axis=1) / facts.step_size / facts.n_tanks
    acidity = runs.outputs[..., facts.output_names.index("pH")]
    steady = np.zeros_like(rate, dtype=bool)
    steady[:, 1:] = np.abs(np.diff(rate, axis=1)) < 1e-5 * rate[:, 1:]
    steady &= np.abs(np.diff(acidity, axis=1)) < 1e-5
    at, logarithm = acidity[:, 1:][steady], np.log(rate[steady])
    if not len(at) or np.ptp(at) < SAME_ACIDITY:
        raise StructureError(
            f"In the sampled runs '{facts.made}' leaches at no two different pH for steps on end at a constant rate. "
            "Make phases of one buffer longer."
        )
    slope, value = np.polyfit(at, logarithm, 1)
    wrong = float(np.abs(np.expm1(value + slope * at - logarithm)).max())
    if wrong > NEARLY:
        raise StructureError(
            f"The rate at which '{facts.made}' leaches is not exp(a + b pH) with the same a and b in all runs (off by "
            f"{wrong:.1%}). Take what it depends on out of 'parameters'."
        )
    return np.array([value, slope])


def stages(movement: Movement, runs: Runs) -> tuple[Array, Array]:
    """Return the pH in the tanks at each stage of each step (n_runs, n_steps, n_stages, n_tanks), and all ions."""
    facts, n_tanks = movement.facts, movement.facts.n_tanks
    place = {name: i for i, name in enumerate(facts.output_names)}
    volume, entered = facts.entering(runs.inputs)
    entered = entered[..., list(facts.ions)]
    held = runs.outputs[:, 0, [place[f"held_{name}"] for name in facts.ion_names]]
    tanks = tank_amounts(facts, runs, held, entered)
    per_tank = held_volume(facts, runs) / n_tanks
    acidity = np.repeat(runs.outputs[:, 0, [place["pH"]]], n_tanks, 1)
    found, salt = [], []
    for k in range(runs.inputs.shape[1]):
        for time in movement.stage_times:
            passed = time * volume[:, k] / per_tank
            stay, enter = staying_shares(np, passed, n_tanks), entering_shares(np, passed, n_tanks)
            now = np.swapaxes(stay, -1, -2) @ tanks[:, k] + enter[..., None] * (time * entered[:, k, None])
            acidity = solve_acidity(acidity, facts.ion_names, now / per_tank, N_NEWTON)
            found.append(acidity)
            salt.append(now.sum(-1) / per_tank)
    shape = (runs.inputs.shape[1], movement.n_stages, len(runs), n_tanks)
    return tuple(np.moveaxis(np.array(part).reshape(shape), 2, 0) for part in (found, salt))  # type: ignore[return-value]


def examples(movement: Movement, runs: Runs, tensors: Mapping[str, Array]) -> dict[str, Array]:
    """Return what the loss is computed from, by name: (n_runs, n_steps or one more, …) each.

    Runs tell what is in slices, not in cells and particles: those are as a column with ``tensors`` and a network that
    corrects nothing has them.
    """
    facts = movement.facts
    volume, entered = facts.entering(runs.inputs)
    entering = entered[..., list(facts.protein_places)]
    acidity, salt = stages(movement, runs)
    n_runs, n_steps = runs.inputs.shape[:2]
    course = Course(volume, entering, acidity)
    own = movement.coefficients(np, tensors, runs.parameters)
    nothing = [np.zeros((n_runs, facts.n_tanks, len(facts.proteins)))] * movement.n_stages
    state = np.tile(tensors["start"][: protein_size(facts)], (n_runs, 1))
    states = [state]
    proteins = read_proteins(facts, state)
    for k in range(n_steps):
        proteins, _ = movement.step(np, tensors, own, proteins, course.flow(k, 1), nothing)
        parts = (proteins.liquid, proteins.pores, proteins.bound)
        states.append(np.concatenate([part.reshape(n_runs, -1) for part in parts], -1))
    return {
        "amounts": np.stack(states, 1),
        "slices": in_slices(facts, runs).swapaxes(-1, -3).reshape(n_runs, n_steps + 1, -1),
        "entering": entering,
        "volume": volume,
        "acidity": acidity.reshape(n_runs, n_steps, -1),
        "salt": (salt / tensors["ion_scale"]).reshape(n_runs, n_steps, -1),
        "parameters": np.repeat(runs.parameters[:, None], n_steps, 1),
    }
