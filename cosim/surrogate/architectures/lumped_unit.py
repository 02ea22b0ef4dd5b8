"""A well-mixed unit: the network gives specific rates, everything else is an exact balance.

Over a step of size h, with V the volume, m the amounts, F the flows of the inlets and n the carrier of the reactions
(cells, or the volume):

    Δ = h n s ∘ softplus(network)                          made, supplied; consumed and vented as far as there is any:
    Δ = A (1 − exp(−Δ/A)),  A = m + h F c + made           so that nothing falls below zero
    m' = m + h F c + Σ ± Δ − out,  V' = V + h F − out      out with the mean composition, as far as there are contents

Totals are sums of these. What an ensemble gives on average still balances, because a balance is linear. Validity: one
liquid phase, inlets and at most one outlet, ``held_…``, ``made_…_total``, ``consumed_…_total`` among the outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from cosim.surrogate.architectures.contract import AbstractModel, Advance
from cosim.surrogate.architectures.lumped_facts import LumpedFacts
from cosim.surrogate.model import Array, Runs
from cosim.surrogate.network import Tensors, layer_shapes, perceptron, random_layers, softplus
from cosim.surrogate.readouts import Teller

SMALL: Final = 0.01
"""Share of a concentration's largest value below which the network sees it enlarged."""
NOISE: Final = 0.002
"""Relative disturbance of the state a window begins at, so that the network learns to come back."""
WEIGHT_OF_STATE: Final = 1.0
"""Of errors of the state after a step against those of what happened in it, both over their deviations."""
_SMALLEST: Final = 1e-9
"""Share of a species' largest amount that counts as none."""
_N_LAYERS: Final = 3
PROBING: Final = 0.02
"""Share of the volume that flows through in a step where the numbers of the state are told apart."""


class LumpedUnit(AbstractModel):
    """A lumped unit with the interface that ``facts`` describe."""

    def __init__(self, facts: LumpedFacts) -> None:
        self._facts = facts
        self.step_size = facts.step_size
        self._teller = Teller(facts.readouts)
        signs = np.array([channel.sign for channel in facts.channels])
        self._adding, self._taking = np.flatnonzero(signs > 0).tolist(), np.flatnonzero(signs < 0).tolist()
        owners = np.zeros((len(signs), len(facts.species)))
        owners[np.arange(len(signs)), [channel.species for channel in facts.channels]] = 1.0
        self._signed = owners * signs[:, None]
        self._taken = owners[self._taking]
        self._active = list(facts.active)

    @property
    def facts(self) -> Mapping[str, Any]:
        return self._facts.document()

    @property
    def free_inputs(self) -> frozenset[int]:
        inlets = {place for flow, contents in self._facts.inlets for place in (flow, *contents)}
        return frozenset(inlets.union(self.direct_inputs))

    @property
    def direct_inputs(self) -> tuple[int, ...]:
        outflow = () if self._facts.outflow is None else (self._facts.outflow,)
        return (*self._facts.extra_inputs, *outflow)

    @property
    def can_divide_steps(self) -> bool:
        return True

    @property
    def state_names(self) -> tuple[str, ...]:
        facts = self._facts
        totals = facts.outlet_totals if facts.outlet else ()
        channels = [channel.name for channel in facts.channels]
        return (*facts.held_names, "time since start", *channels, *totals, *facts.slot_names)

    @property
    def output_names(self) -> tuple[str, ...]:
        return self._facts.output_names

    @property
    def judged_names(self) -> tuple[str, ...]:
        facts = self._facts
        learned = tuple(readout.name for readout in facts.readouts if readout.kind == "learned")
        return (facts.held_names[0], *(facts.held_names[i + 1] for i in facts.active), *learned)

    @property
    def n_kept(self) -> int:
        return len(self._facts.slot_names)

    @property
    def coordinate_names(self) -> tuple[str, ...]:
        facts = self._facts
        return (facts.held_names[0], *(f"concentration of {name}" for name in facts.species), "time since start",
                "inflow over volume", *facts.extras)  # fmt: skip

    @property
    def _n_features(self) -> int:
        return 2 * len(self._active) + 3 + len(self._facts.extras)

    @property
    def _n_learned(self) -> int:
        return sum(readout.kind == "learned" for readout in self._facts.readouts)

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        n_species, n_channels, n_features = len(self._facts.species), len(self._facts.channels), self._n_features
        n_terms = self._facts.n_terms
        return {
            "concentration_scale": (len(self._active),),
            "amount_scale": (n_species,),
            "feature_mean": (n_features,),
            "feature_deviation": (n_features,),
            "channel_scale": (n_channels,),
            "channel_deviation": (n_channels,),
            "state_deviation": (len(self._active),),
            "readout_mean": (self._n_learned,),
            "readout_deviation": (self._n_learned,),
            "parameter_low": (self._facts.n_parameters,),
            "parameter_span": (self._facts.n_parameters,),
            "start_coefficients": (n_terms, len(self.state_names)),
            **self._learned_shapes,
        }

    @property
    def _learned_shapes(self) -> dict[str, tuple[int, ...]]:
        facts, width = self._facts, self._facts.width
        rates = layer_shapes("rates", facts.members, (self._n_features, width, width, len(facts.channels)))
        if not self._n_learned:
            return rates
        return rates | layer_shapes(
            "readouts", facts.members, (self._n_features, width, width, self._n_learned)
        )  # fmt: skip

    def first_weights(self, random: np.random.Generator) -> dict[str, Array]:
        return random_layers(self._learned_shapes, random)

    # features ---------------------------------------------------------------------------------------------------------

    def _features(self, xp: Any, tensors: Tensors, parts: Mapping[str, Any]) -> Any:
        """Return what the network sees (…, n_features), each about between -2 and 2."""
        volume = parts["volume"]
        c = parts["amounts"][..., self._active] / volume / tensors["concentration_scale"]
        features = xp.concatenate(
            [
                xp.arcsinh(c / SMALL) / 5.0, c, xp.log(volume), parts["age"] / self._facts.duration,
                parts["inflow"] / volume, parts["extras"],
            ],
            -1,
        )  # fmt: skip
        return (features - tensors["feature_mean"]) / tensors["feature_deviation"]

    def _increments(self, xp: Any, tensors: Tensors, parts: Mapping[str, Any], share: float) -> Any:
        """Return what happens in a step (members, n, n_channels); ``share`` of the trained step's size."""
        rates = perceptron(xp, tensors, "rates", self._features(xp, tensors, parts), _N_LAYERS)
        facts = self._facts
        carrier = parts["volume"] if facts.carrier is None else parts["amounts"][..., facts.carrier : facts.carrier + 1]
        wanted = softplus(xp, rates) * tensors["channel_scale"] * carrier * share
        given = wanted[..., self._adding] @ tensors["signed"][self._adding]
        available = parts["amounts"] + parts["inflow_amounts"] + given
        available = xp.clip(available, 0.0, None) + _SMALLEST * tensors["amount_scale"]
        taken = tensors["taken"]
        demand = wanted[..., self._taking] @ taken + _SMALLEST * tensors["amount_scale"]
        met = available * -xp.expm1(-demand / available) / demand
        limits = xp.concatenate([xp.ones_like(wanted[..., self._adding]), met @ taken.T], -1)
        return wanted * limits[..., self._order]

    @property
    def _order(self) -> list[int]:
        """Places of the channels after those that add were put before those that take."""
        return [(self._adding + self._taking).index(i) for i in range(len(self._facts.channels))]

    def _balance(self, xp: Any, tensors: Tensors, parts: Mapping[str, Any], increments: Any) -> dict[str, Any]:
        """Return volume and amounts after a step, and what left in it."""
        change = parts["inflow_amounts"] + increments @ tensors["signed"]
        before = parts["volume"] + parts["inflow"]
        out = xp.minimum(parts["outflow"], before)
        mean = (parts["amounts"] + 0.5 * change) / (parts["volume"] + 0.5 * parts["inflow"])
        left = xp.minimum(out * xp.clip(mean, 0.0, None), xp.clip(parts["amounts"] + change, 0.0, None))
        return {"volume": before - out, "amounts": parts["amounts"] + change - left, "out": out, "left": left}

    # run time ---------------------------------------------------------------------------------------------------------

    def _parts(self, state: Array, inputs: Array, parameters: Array, size: float) -> dict[str, Array]:
        """Return the physical parts of ``state`` and what enters and is asked for in a step."""
        facts, n = self._facts, len(self._facts.species)
        inflow, amounts = facts.entering(inputs, size)
        return {
            "volume": state[:, :1],
            "amounts": state[:, 1 : n + 1],
            "age": state[:, n + 1 : n + 2],
            "inflow": inflow,
            "inflow_amounts": amounts,
            "outflow": facts.leaving(inputs, size),
            "extras": facts.extra_values(inputs, parameters),
        }

    def advance(
        self, tensors: Mapping[str, Array], state: Array, inputs: Array, parameters: Array, size: float
    ) -> Advance:
        parts = self._parts(state, inputs, parameters, size)
        share = size / self.step_size
        members = self._increments(np, tensors, parts, share)
        increments = members.mean(0)
        after = self._balance(np, tensors, parts, increments)
        spread = (members.std(0) / (tensors["channel_deviation"] * share)).mean(-1)
        n, n_channels = len(self._facts.species), len(self._facts.channels)
        new = state.copy()
        new[:, :1], new[:, 1 : n + 1] = after["volume"], after["amounts"]
        new[:, n + 1] += size
        new[:, n + 2 : n + 2 + n_channels] += increments
        self._add_totals(new[:, n + 2 + n_channels :], after, inputs)
        coordinates = [parts["volume"], parts["amounts"] / parts["volume"], parts["age"]]
        coordinates += [parts["inflow"] / parts["volume"] / share, parts["extras"]]
        return Advance(new, np.concatenate(coordinates, -1), spread)

    def _add_totals(self, totals: Array, after: Mapping[str, Array], inputs: Array) -> None:
        facts = self._facts
        if not facts.outlet:
            return
        n = len(facts.species)
        totals[:, :1] += after["out"]
        totals[:, 1 : n + 1] += after["left"]
        if facts.has_enthalpy:
            totals[:, n + 1 : n + 2] += facts.enthalpy_per_volume * after["out"]

    def outputs(self, tensors: Mapping[str, Array], state: Array, inputs: Array, parameters: Array) -> Array:
        facts = self._facts
        n_slots = len(facts.slot_names)
        parts = self._parts(state, inputs, parameters, self.step_size)
        learned = np.empty((len(state), 0))
        if self._n_learned:
            parts = parts | {"inflow": np.zeros_like(parts["volume"])}
            said = perceptron(np, tensors, "readouts", self._features(np, tensors, parts), _N_LAYERS).mean(0)
            learned = tensors["readout_mean"] + tensors["readout_deviation"] * said
        slots = state[:, state.shape[1] - n_slots :]
        return self._teller.tell(facts.quantities(state, inputs), slots, learned)

    def probing_inputs(self, runs: Runs, random: np.random.Generator) -> Array:
        facts, inputs = self._facts, runs.inputs[0, 0].copy()
        examples = self.examples(runs, {})
        largest = (examples["amounts"] / examples["volume"]).max((0, 1))
        flow = PROBING * float(examples["volume"].mean()) / self.step_size
        for place, contents in facts.inlets:
            inputs[place] = flow * (0.5 + random.random())
            inputs[list(contents)] = np.where(largest > 0, largest, 1.0) * (0.1 + random.random(len(contents)))
        if facts.outflow is not None:
            inputs[facts.outflow] = flow * (0.5 + random.random())
        return np.asarray(inputs)

    def encode(self, outputs: Array, time: Array) -> Array:
        return self._facts.encode(outputs, time)

    def begin(self, tensors: Mapping[str, Array], parameters: Array) -> Array:
        terms = self._facts.terms((parameters - tensors["parameter_low"]) / tensors["parameter_span"])
        begun: Array = terms @ tensors["start_coefficients"]
        return begun

    # training ---------------------------------------------------------------------------------------------------------

    def fixed_tensors(self, runs: Runs) -> dict[str, Array]:
        facts, examples = self._facts, self.examples(runs, {})
        amounts, volume = examples["amounts"], examples["volume"]
        concentration = (amounts[..., self._active] / volume).max((0, 1))
        increments = examples["increments"]
        carried = volume[:, :-1] if facts.carrier is None else amounts[:, :-1, facts.carrier : facts.carrier + 1]
        tensors = {
            "concentration_scale": np.maximum(concentration, 1e-300),
            "amount_scale": np.where(amounts.max((0, 1)) > 0, amounts.max((0, 1)), 1.0),
            "channel_scale": increments.sum((0, 1)) / carried.sum() / np.log(2.0),
            "channel_deviation": np.maximum(increments.std((0, 1)), 1e-300),
            "state_deviation": np.maximum(amounts[..., self._active].std((0, 1)), 1e-300),
            "readout_mean": examples["readouts"].mean((0, 1)),
            "readout_deviation": np.maximum(examples["readouts"].std((0, 1)), 1e-300),
            "feature_mean": np.zeros(self._n_features),
            "feature_deviation": np.ones(self._n_features),
        }
        parts = {name: examples[name][:, :-1] for name in ("volume", "amounts", "age")}
        parts |= {"inflow": examples["inflow"], "extras": examples["extras"]}
        features = self._features(np, tensors, parts).reshape(-1, self._n_features)
        deviation = features.std(0)
        low, span = runs.parameters.min(0), np.ptp(runs.parameters, axis=0)
        terms = facts.terms((runs.parameters - low) / span)
        begun = self.encode(runs.outputs[:, 0], np.zeros(len(runs)))
        return tensors | {
            "feature_mean": features.mean(0),
            "feature_deviation": np.where(deviation > 1e-9, deviation, 1.0),
            "parameter_low": low,
            "parameter_span": span,
            "start_coefficients": np.linalg.lstsq(terms, begun, rcond=None)[0],
        }

    def constants(self) -> dict[str, Array]:
        return {"signed": self._signed, "taken": self._taken}

    def examples(self, runs: Runs, tensors: Mapping[str, Array]) -> dict[str, Array]:
        facts, n = self._facts, len(self._facts.species)
        n_runs, n_steps = runs.inputs.shape[:2]
        times = np.tile(np.arange(n_steps + 1) * self.step_size, n_runs)
        states = facts.encode(runs.outputs.reshape(n_runs * (n_steps + 1), -1), times)
        states = states.reshape(n_runs, n_steps + 1, -1)
        flat = runs.inputs.reshape(n_runs * n_steps, -1)
        parameters = np.repeat(runs.parameters, n_steps, axis=0)
        inflow, amounts = facts.entering(flat, self.step_size)
        by_step = {
            "inflow": inflow,
            "inflow_amounts": amounts,
            "outflow": facts.leaving(flat, self.step_size),
            "extras": facts.extra_values(flat, parameters),
        }
        n_channels = len(facts.channels)
        learned = [i for i, readout in enumerate(facts.readouts) if readout.kind == "learned"]
        return {
            "volume": states[..., :1],
            "amounts": states[..., 1 : n + 1],
            "age": states[..., n + 1 : n + 2],
            "increments": np.diff(states[..., n + 2 : n + 2 + n_channels], axis=1),
            "readouts": runs.outputs[..., learned],
            **{name: values.reshape(n_runs, n_steps, -1) for name, values in by_step.items()},
        }

    def loss(self, xp: Any, tensors: Tensors, window: Mapping[str, Any], n: int) -> Any:
        volume, amounts = window["volume"][..., 0, :], window["amounts"][..., 0, :]
        amounts = amounts * (1 + NOISE * window["noise"])
        total: Any = 0.0
        for j in range(n):
            parts = {name: window[name][..., j, :] for name in ("age", "inflow", "inflow_amounts", "outflow", "extras")}
            parts |= {"volume": volume, "amounts": amounts}
            increments = self._increments(xp, tensors, parts, 1.0)
            after = self._balance(xp, tensors, parts, increments)
            volume, amounts = after["volume"], after["amounts"]
            happened = (increments - window["increments"][..., j, :]) / tensors["channel_deviation"]
            reached = (amounts - window["amounts"][..., j + 1, :])[..., self._active] / tensors["state_deviation"]
            total = total + (happened**2).mean() + WEIGHT_OF_STATE * (reached**2).mean() * n
        total = total / n
        if not self._n_learned:
            return total
        parts = {name: window[name][..., 0, :] for name in ("volume", "amounts", "age", "extras")}
        parts["inflow"] = xp.zeros_like(parts["volume"])
        said = perceptron(xp, tensors, "readouts", self._features(xp, tensors, parts), _N_LAYERS)
        meant = (window["readouts"][..., 0, :] - tensors["readout_mean"]) / tensors["readout_deviation"]
        return total + ((said - meant) ** 2).mean()
