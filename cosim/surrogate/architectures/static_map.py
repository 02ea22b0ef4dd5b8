"""A unit that forgets: its outputs follow from the inputs of the last few steps, and from nothing before them.

    y(t) = network(u₁, …, u_m, min(t, m h)/(m h))     with u_i the inputs held over the i-th step before t

Outputs that were never below zero stay at zero or above; families such as ``share[1]``, ``share[2]`` … whose sum was
one in all sampled runs are scaled to that. Validity: whatever a unit keeps is gone after ``memory`` steps, as from a
pool in which things stay a short time; what it did at the beginning, for which the time stands, is learned too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from cosim.errors import StructureError
from cosim.surrogate.architectures.contract import AbstractModel, Advance
from cosim.surrogate.model import Array, Plan, Runs
from cosim.surrogate.network import Tensors, layer_shapes, perceptron, random_layers
from cosim.surrogate.readouts import Readout, Teller, document, find_readout, read
from cosim.system.component import ComponentDescription

WHOLE: Final = 1e-9
"""How near to one the sum of a family has to be."""
START_SCALE: Final = 0.3
"""Scale of the share of the memory that is filled: nearly always one, so that its own deviation would be tiny."""
WEIGHT_DECAY: Final = 0.3
"""On 24 runs of the Golgi model 1.4 % NRMSE (memory 3, width 48); without it 5.7 % on 18 (memory 4, width 64)."""
_N_LAYERS: Final = 3


@dataclass(frozen=True, slots=True)
class MapFacts:
    """Names and places; ``varied`` are places among the inputs, ``families`` among what is learned."""

    step_size: float
    members: int
    width: int
    memory: int
    input_names: tuple[str, ...]
    varied: tuple[int, ...]
    parameter_names: tuple[str, ...]
    output_names: tuple[str, ...]
    readouts: tuple[Readout, ...]
    is_positive: tuple[bool, ...]
    """Of each learned output."""
    families: tuple[tuple[int, ...], ...]

    def document(self) -> dict[str, Any]:
        """Return the facts for JSON."""
        return {**asdict(self), "readouts": document(self.readouts)}


def read_facts(entry: Mapping[str, Any]) -> MapFacts:
    """Read what ``document`` wrote; KeyError, TypeError or ValueError where it is something else."""
    values = dict(entry)
    values["readouts"] = read(entry["readouts"])
    for name in ("input_names", "parameter_names", "output_names"):
        values[name] = tuple(map(str, entry[name]))
    values["varied"] = tuple(map(int, entry["varied"]))
    values["is_positive"] = tuple(map(bool, entry["is_positive"]))
    values["families"] = tuple(tuple(map(int, family)) for family in entry["families"])
    return MapFacts(**values)


def find_facts(description: ComponentDescription, plan: Plan, runs: Runs, options: Mapping[str, Any]) -> MapFacts:
    """Return the facts of the FMU that was sampled.

    Raises
    ------
    StructureError
        Where no input varies.
    """
    varied = tuple(plan.input_names.index(item.name) for item in plan.inputs if not item.is_constant)
    if not varied:
        raise StructureError("No input varies in the sampled runs, so that there is nothing to map.")
    held = np.concatenate([runs.inputs[:, :1], runs.inputs], axis=1)[..., list(varied)]
    readouts = tuple(find_readout(name, runs.outputs[..., i], held) for i, name in enumerate(plan.output_names))
    learned = [i for i, readout in enumerate(readouts) if readout.kind == "learned"]
    values = runs.outputs[..., learned]
    return MapFacts(
        step_size=plan.step / 1e9,
        members=int(options["members"]),
        width=int(options["width"]),
        memory=int(options["memory"]),
        input_names=plan.input_names,
        varied=varied,
        parameter_names=plan.varied,
        output_names=plan.output_names,
        readouts=readouts,
        is_positive=tuple((values.min((0, 1)) >= 0).tolist()),
        families=_families([plan.output_names[i] for i in learned], values),
    )


def _families(names: list[str], values: Array) -> tuple[tuple[int, ...], ...]:
    members: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        if name.endswith("]"):
            members.setdefault(name.partition("[")[0], []).append(i)
    return tuple(
        tuple(places) for places in members.values() if np.abs(values[..., places].sum(-1) - 1.0).max() <= WHOLE
    )


class StaticMap(AbstractModel):
    """A map with the interface that ``facts`` describe; its state is the time and the inputs of the last steps."""

    def __init__(self, facts: MapFacts) -> None:
        self._facts = facts
        self.step_size = facts.step_size
        self._teller = Teller(facts.readouts)
        self._learned = [i for i, readout in enumerate(facts.readouts) if readout.kind == "learned"]
        if len(self._learned) != len(facts.is_positive):
            raise ValueError("what is positive is not what is learned")

    @property
    def facts(self) -> Mapping[str, Any]:
        return self._facts.document()

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        n_features, n_learned = self._n_features, len(self._learned)
        return {
            "feature_mean": (n_features,),
            "feature_deviation": (n_features,),
            "output_mean": (n_learned,),
            "output_deviation": (n_learned,),
            "slots": (len(self._slots),),
            **self._learned_shapes,
        }

    @property
    def _n_features(self) -> int:
        facts = self._facts
        return facts.memory * len(facts.varied) + 1 + len(facts.parameter_names)

    @property
    def _slots(self) -> list[int]:
        return [i for i, readout in enumerate(self._facts.readouts) if readout.kind == "slot"]

    @property
    def _learned_shapes(self) -> dict[str, tuple[int, ...]]:
        facts = self._facts
        return layer_shapes("map", facts.members, (self._n_features, facts.width, facts.width, len(self._learned)))

    @property
    def state_names(self) -> tuple[str, ...]:
        facts = self._facts
        past = [
            f"{facts.input_names[place]} {i + 1} steps before" for i in range(facts.memory) for place in facts.varied
        ]
        return ("time since start", *past, *(facts.output_names[i] for i in self._slots))

    @property
    def n_kept(self) -> int:
        return len(self._slots)

    @property
    def output_names(self) -> tuple[str, ...]:
        return self._facts.output_names

    @property
    def judged_names(self) -> tuple[str, ...]:
        return tuple(self._facts.output_names[i] for i in self._learned)

    @property
    def coordinate_names(self) -> tuple[str, ...]:
        facts = self._facts
        return (*(facts.input_names[place] for place in facts.varied), *facts.parameter_names)

    @property
    def free_inputs(self) -> frozenset[int]:
        return frozenset()

    @property
    def direct_inputs(self) -> tuple[int, ...]:
        return ()

    @property
    def is_rolled_out(self) -> bool:
        return False

    @property
    def weight_decay(self) -> float:
        return WEIGHT_DECAY

    @property
    def n_remembered(self) -> int | None:
        return self._facts.memory

    def _features(self, state: Array, inputs: Array, parameters: Array) -> Array:
        """Return (n, n_features) before scaling; what was before the start was as at the start."""
        facts = self._facts
        n_past = facts.memory * len(facts.varied)
        time = state[:, :1] / self.step_size
        past = np.where(time > 0, state[:, 1 : 1 + n_past], np.tile(inputs[:, list(facts.varied)], facts.memory))
        return np.concatenate([past, np.minimum(time / facts.memory, 1.0), parameters], -1)

    def encode(self, outputs: Array, time: Array) -> Array:
        facts = self._facts
        past = np.zeros((len(outputs), facts.memory * len(facts.varied)))
        return np.concatenate([time[:, None], past, outputs[:, self._slots]], -1)

    def follow(self, state: Array, inputs: Array, outputs: Array, time: Array) -> Array:
        return self._shifted(state, inputs, time[:, None] - state[:, :1])

    def begin(self, tensors: Mapping[str, Array], parameters: Array) -> Array:
        outputs = np.zeros((len(parameters), len(self._facts.output_names)))
        outputs[:, self._slots] = tensors["slots"]
        return self.encode(outputs, np.zeros(len(parameters)))

    def _shifted(self, state: Array, inputs: Array, size: float | Array) -> Array:
        facts = self._facts
        n = len(facts.varied)
        latest = inputs[:, list(facts.varied)]
        new = state.copy()
        n_past = n * facts.memory
        new[:, 1 + n : 1 + n_past] = state[:, 1 : 1 + n_past - n]
        new[:, 1 : 1 + n] = latest
        new[:, 1 : 1 + n_past] = np.where(state[:, :1] > 0, new[:, 1 : 1 + n_past], np.tile(latest, facts.memory))
        new[:, :1] += size
        return new

    def advance(
        self, tensors: Mapping[str, Array], state: Array, inputs: Array, parameters: Array, size: float
    ) -> Advance:
        new = self._shifted(state, inputs, size)
        spread = self._said(tensors, new, inputs, parameters).std(0).mean(-1)
        coordinates = np.concatenate([inputs[:, list(self._facts.varied)], parameters], -1)
        return Advance(new, coordinates, spread)

    def _said(self, tensors: Mapping[str, Array], state: Array, inputs: Array, parameters: Array) -> Array:
        features = self._features(state, inputs, parameters)
        scaled = (features - tensors["feature_mean"]) / tensors["feature_deviation"]
        said: Array = perceptron(np, tensors, "map", scaled, _N_LAYERS)
        return said

    def outputs(self, tensors: Mapping[str, Array], state: Array, inputs: Array, parameters: Array) -> Array:
        facts = self._facts
        said = self._said(tensors, state, inputs, parameters).mean(0)
        learned = tensors["output_mean"] + tensors["output_deviation"] * said
        learned = np.where(facts.is_positive, np.maximum(learned, 0.0), learned)
        for family in facts.families:
            whole = learned[:, list(family)].sum(-1, keepdims=True)
            learned[:, list(family)] /= np.where(whole > 0, whole, 1.0)
        n = len(facts.varied)
        latest = np.where(state[:, :1] > 0, state[:, 1 : 1 + n], inputs[:, list(facts.varied)])
        return self._teller.tell(latest, state[:, state.shape[1] - self.n_kept :], learned)

    # training ---------------------------------------------------------------------------------------------------------

    def first_weights(self, random: np.random.Generator) -> dict[str, Array]:
        return random_layers(self._learned_shapes, random)

    def fixed_tensors(self, runs: Runs) -> dict[str, Array]:
        examples = self.examples(runs, {})
        features, values = examples["features"], examples["values"]
        deviation = features.std((0, 1))
        deviation[self._facts.memory * len(self._facts.varied)] = START_SCALE
        return {
            "feature_mean": features.mean((0, 1)),
            "feature_deviation": np.where(deviation > 0, deviation, 1.0),
            "output_mean": values.mean((0, 1)),
            "output_deviation": np.maximum(values.std((0, 1)), 1e-300),
            "slots": runs.outputs[:, 0, self._slots].mean(0),
        }

    def examples(self, runs: Runs, tensors: Mapping[str, Array]) -> dict[str, Array]:
        n_runs, n_steps = runs.inputs.shape[:2]
        state = self.encode(runs.outputs[:, 0], np.zeros(n_runs))
        features = [self._features(state, runs.inputs[:, 0], runs.parameters)]
        for k in range(n_steps):
            state = self._shifted(state, runs.inputs[:, k], self.step_size)
            features.append(self._features(state, runs.inputs[:, k], runs.parameters))
        return {"features": np.stack(features, 1), "values": runs.outputs[..., self._learned]}

    def loss(self, xp: Any, tensors: Tensors, window: Mapping[str, Any], n: int) -> Any:
        features, values = (window[name].reshape(len(window[name]), -1, window[name].shape[-1]) for name in window)
        scaled = (features - tensors["feature_mean"]) / tensors["feature_deviation"]
        meant = (values - tensors["output_mean"]) / tensors["output_deviation"]
        return ((perceptron(xp, tensors, "map", scaled, _N_LAYERS) - meant) ** 2).mean()

    def probing_inputs(self, runs: Runs, random: np.random.Generator) -> Array:
        return np.asarray(runs.inputs[0, int(random.integers(runs.inputs.shape[1]))])
