"""What an architecture is: facts found in sampled runs, tensors that are learned, and one step at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cosim.surrogate.model import Array, Runs
from cosim.surrogate.network import Tensors


@dataclass(frozen=True, slots=True)
class Advance:
    """A step of ``n`` surrogates: states (n, n_state), where it was taken, and how far the ensemble disagrees."""

    state: Array
    coordinates: Array
    """(n, n_coordinates): what the domain is measured in, in physical units."""
    spread: Array
    """(n,): the standard deviation of the members over that of what they predict."""


class AbstractModel(ABC):
    """A unit in one architecture: all but its weights is known from ``facts``, which JSON can hold.

    ``tensors`` of the methods are arrays by name as ``shapes`` says. States are physical: a name and a meaning for each
    number, so that an FMU can go on from them.

    ``begin``, ``advance`` and ``outputs`` are written down as programs by letting them take arrays that note what is
    done with them (``cosim.surrogate.program``): so they use numpy's functions that ``traced.py`` knows, leave out
    ``np.asarray`` and ``if`` of what they compute, and write into no array of numpy's. One that cannot be written is
    stepped by numpy, some ten times slower, and cannot be exported.
    """

    step_size: float
    """[s]"""

    @property
    @abstractmethod
    def facts(self) -> Mapping[str, Any]:
        """What the model was made from, for JSON."""

    @property
    @abstractmethod
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of every tensor, by name."""

    @property
    @abstractmethod
    def state_names(self) -> tuple[str, ...]:
        """What each place in a state is: an output of the FMU, 'time since start', or a state that it documents."""

    @property
    @abstractmethod
    def output_names(self) -> tuple[str, ...]:
        """The outputs, in the order of the arrays."""

    @property
    @abstractmethod
    def judged_names(self) -> tuple[str, ...]:
        """The outputs whose errors are averaged: each quantity once, and no sums over time."""

    @property
    def is_told(self) -> bool:
        """True where outputs tell the whole state, so that ``encode`` is exact at any time."""
        return True

    @property
    def n_kept(self) -> int:
        """How many numbers at the end of a state keep the value they start with."""
        return 0

    @property
    @abstractmethod
    def coordinate_names(self) -> tuple[str, ...]:
        """What each coordinate of the domain is."""

    @property
    @abstractmethod
    def free_inputs(self) -> frozenset[int]:
        """Places of the inputs that may take values other than those of the training: the domain says how far."""

    @property
    @abstractmethod
    def direct_inputs(self) -> tuple[int, ...]:
        """Places of the inputs that outputs follow without a step."""

    @property
    def is_rolled_out(self) -> bool:
        """True where what a step leaves is what the next begins with, so that errors may grow."""
        return True

    @property
    def weight_decay(self) -> float:
        """Rate at which weights shrink, over the learning rate: what keeps a network smooth between few runs."""
        return 0.0

    @property
    def n_looks(self) -> int:
        """How often a training looks at the validation runs."""
        return 25

    @property
    def n_remembered(self) -> int | None:
        """Steps after which the past does not matter any more; None where it always does."""
        return None

    @property
    def can_divide_steps(self) -> bool:
        """True where a shorter step than the trained one may be taken."""
        return False

    def constants(self) -> dict[str, Array]:
        """Return tensors that follow from the facts alone; they belong to every ``tensors`` and to no package."""
        return {}

    @abstractmethod
    def fixed_tensors(self, runs: Runs) -> dict[str, Array]:
        """Return the tensors that are not learned but computed from ``runs``."""

    @abstractmethod
    def first_weights(self, random: np.random.Generator) -> dict[str, Array]:
        """Return the tensors that are learned, as they begin."""

    @abstractmethod
    def examples(self, runs: Runs, tensors: Mapping[str, Array]) -> dict[str, Array]:
        """Return what a loss is computed from, by name: (n_runs, n_steps or one more, …) each.

        ``tensors`` are those that are not learned.
        """

    @abstractmethod
    def loss(self, xp: Any, tensors: Tensors, window: Mapping[str, Any], n: int) -> Any:
        """Return the loss of ``n`` steps from the beginning of each ``window`` of examples (members, batch, …)."""

    @abstractmethod
    def probing_inputs(self, runs: Runs, random: np.random.Generator) -> Array:
        """Return inputs (n_inputs,) under which every number of the state becomes another one."""

    def probing_run(self, runs: Runs) -> int:
        """Return the run in which most changes that happens once in a while."""
        return 0

    @abstractmethod
    def encode(self, outputs: Array, time: Array) -> Array:
        """Return the states (n, n_state) of the FMU with these ``outputs`` (n, n_outputs), ``time`` [s] from start."""

    def follow(self, state: Array, inputs: Array, outputs: Array, time: Array) -> Array:
        """Return the states after the FMU took a step from ``state`` with ``inputs`` to ``outputs`` at ``time``."""
        return self.encode(outputs, time)

    @abstractmethod
    def begin(self, tensors: Mapping[str, Array], parameters: Array) -> Array:
        """Return the states (n, n_state) at the start for the varied ``parameters`` (n, n_varied), without an FMU."""

    @abstractmethod
    def advance(
        self, tensors: Mapping[str, Array], state: Array, inputs: Array, parameters: Array, size: float
    ) -> Advance:
        """Take a step of ``size`` [s] with ``inputs`` (n, n_inputs) held."""

    @abstractmethod
    def outputs(self, tensors: Mapping[str, Array], state: Array, inputs: Array, parameters: Array) -> Array:
        """Return all outputs (n, n_outputs) at ``state``."""


def roll_out(model: AbstractModel, tensors: Mapping[str, Array], runs: Runs) -> tuple[Array, Array, Array]:
    """Take ``runs`` from their beginnings; return outputs as sampled, coordinates and spreads at every step."""
    state = model.encode(runs.outputs[:, 0], np.zeros(len(runs)))
    outputs, places, spreads = [runs.outputs[:, 0]], [], []
    for k in range(runs.inputs.shape[1]):
        inputs = runs.inputs[:, k]
        advance = model.advance(tensors, state, inputs, runs.parameters, model.step_size)
        state = advance.state
        outputs.append(model.outputs(tensors, state, inputs, runs.parameters))
        places.append(advance.coordinates)
        spreads.append(advance.spread)
    return np.stack(outputs, 1), np.stack(places, 1), np.stack(spreads, 1)
