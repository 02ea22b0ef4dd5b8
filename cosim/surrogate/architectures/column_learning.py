"""What a column learns from: tensors that follow from sampled runs, and examples of steps."""

from __future__ import annotations

from typing import Final

import numpy as np

from cosim.surrogate.architectures.column_facts import ColumnFacts, fit_linear, held_volume, leaving, tank_amounts
from cosim.surrogate.architectures.column_moving import Movement
from cosim.surrogate.architectures.column_state import encoded
from cosim.surrogate.model import Array, Runs

STEADY: Final = 1e-5
"""Relative change of a rate, and change of the pH, in a step up to which the column counts as the same all along."""
_TINY: Final = 1e-300


def fixed_tensors(movement: Movement, runs: Runs) -> dict[str, Array]:
    """Return the tensors that are not learned but computed from ``runs``."""
    facts, parts = movement.facts, examples(movement.facts, runs)
    n_proteins, n = len(facts.proteins), facts.n_slices
    amounts = parts["amounts"].reshape(*parts["amounts"].shape[:2], n_proteins, 2, n)
    largest = np.maximum(amounts.max((0, 1, 4)), _TINY)[..., None]
    change = np.diff(amounts, axis=1).std((0, 1, 4))[..., None]
    told = parts["told"]
    behind = leaving(facts, facts.output_names, runs.outputs)
    tensors = {
        "volumes": np.array(
            [held_volume(facts, runs), _slice_volume(facts, amounts, behind), facts.constants.get("bed_volume", 1.0)]
        ),
        "amount_scale": largest,
        "change_scale": np.maximum(change, _TINY),
        "left_scale": np.maximum(parts["left"].std((0, 1)), _TINY),
        "ion_scale": np.maximum(behind[..., list(facts.ions)].max((0, 1)), _TINY),
        "told_mean": told.mean((0, 1)),
        "told_deviation": np.maximum(told.std((0, 1)), _TINY),
        "linear": np.stack([fit_linear(facts, runs, name)[0] for name in facts.linear], -1),
        "leaching": _leaching(facts, runs),
        "enthalpy": _enthalpy(facts, runs),
        "start": encoded(facts, runs.outputs[:, 0], None).mean(0),
        "feature_mean": np.zeros(movement.n_features),
        "feature_deviation": np.ones(movement.n_features),
    }
    low, high = runs.parameters.min(0), runs.parameters.max(0)
    n_parameters = facts.n_parameters
    mean, deviation = np.zeros(movement.n_features), np.ones(movement.n_features)
    if n_parameters:
        mean[-n_parameters:] = (low + high) / 2
        deviation[-n_parameters:] = np.maximum((high - low) / 2, _TINY)
    place = movement.place_of_flow
    passed = parts["volume"] / tensors["volumes"][1]
    mean[place], deviation[place] = passed.mean(), max(passed.std(), 1e-3)
    return tensors | {"feature_mean": mean, "feature_deviation": deviation}


def _slice_volume(facts: ColumnFacts, amounts: Array, behind: Array) -> float:
    """Return the volume of liquid between the particles of a slice."""
    last = amounts[..., 0, 0, -1] + 0.25 * (amounts[..., 0, 0, -1] - amounts[..., 0, 0, -2])
    c = behind[..., facts.species.index(facts.proteins[0])]
    return float((last * c).sum() / (c * c).sum())


def _enthalpy(facts: ColumnFacts, runs: Runs) -> Array:
    name = f"{facts.outlet}.H_total"
    if name not in facts.output_names:
        return np.zeros(1)
    volume = runs.outputs[:, -1, facts.output_names.index(f"{facts.outlet}.V_total")]
    return np.array([float((runs.outputs[:, -1, facts.output_names.index(name)] / volume).mean())])


def _leaching(facts: ColumnFacts, runs: Runs) -> Array:
    """Return a and b of the rate exp(a + b pH) per tank, from steps in which it hardly changes."""
    if not facts.made:
        return np.zeros(2)
    total = runs.outputs[..., facts.output_names.index(f"made_{facts.made}_total")]
    rate = np.diff(total, axis=1) / facts.step_size / facts.n_tanks
    acidity = runs.outputs[..., facts.output_names.index("pH")]
    steady = np.zeros_like(rate, dtype=bool)
    steady[:, 1:] = np.abs(np.diff(rate, axis=1)) < 1e-5 * rate[:, 1:]
    steady &= np.abs(np.diff(acidity, axis=1)) < 1e-5
    slope, value = np.polyfit(acidity[:, 1:][steady], np.log(rate[steady]), 1)
    return np.array([value, slope])


def examples(facts: ColumnFacts, runs: Runs) -> dict[str, Array]:
    """Return what the loss is computed from, by name: (n_runs, n_steps or one more, …) each."""
    place = {name: i for i, name in enumerate(facts.output_names)}
    volume, entered = facts.entering(runs.inputs)
    names = [name for protein in facts.proteins for part in facts.slices(protein) for name in part]
    ions = [facts.species[i] for i in facts.ions]
    held = runs.outputs[:, 0, [place[f"held_{name}"] for name in ions]]
    tanks = tank_amounts(facts, runs, held, entered[..., list(facts.ions)])
    tanks = tanks / (held_volume(facts, runs) / facts.n_tanks)
    totals = runs.outputs[..., [place[f"{facts.outlet}.m_{name}_total"] for name in facts.proteins]]
    n_runs, n_steps = runs.inputs.shape[:2]
    mixed = np.random.default_rng(0).permutation(n_steps + 1)  # neighbours in time would tell the same of the liquid
    return {
        "amounts": np.maximum(runs.outputs[..., [place[name] for name in names]], 0.0),
        "left": np.diff(totals, axis=1),
        "entering": entered[..., list(facts.protein_places)],
        "volume": volume,
        "ions": tanks.reshape(n_runs, n_steps + 1, -1),
        "behind": leaving(facts, facts.output_names, runs.outputs)[:, mixed][..., list(facts.ions)],
        "told": runs.outputs[:, mixed][..., [place[name] for name in facts.told]],
        "parameters": np.repeat(runs.parameters[:, None], n_steps, 1),
    }
