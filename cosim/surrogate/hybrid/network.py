"""The network of a hybrid: one hidden layer, small, with its derivatives; zero weights leave the mechanism as it is.

    o = W₂ᵀ tanh(W₁ᵀ z + b₁) + b₂           z what it sees, over its deviation in the experiments
    p = low + (high − low) σ(o + c)          what it gives; c so that p is the mechanism's own value at o = 0
    y = y_FMU + s o                          what it corrects; s the scale of what was measured

The members of an ensemble differ in W and b; what is used is their mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from cosim.surrogate.hybrid.model import HybridFacts
from cosim.surrogate.model import Array
from cosim.surrogate.network import layer_shapes, perceptron

LAYERS: Final = "hybrid"
N_LEVELS: Final = 25
"""Values of what it sees for which it is told what it says."""
NEAREST: Final = 0.02
"""Share of its range that a given variable begins away from the ends, so that it can move at all."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a member says (n_said,), and how that changes with its weights and with what it sees."""

    values: Array
    by_weights: Array
    by_seen: Array


class HybridNetwork:
    """The network that ``facts`` describe; ``weights`` of one member are a vector, of all of them tensors."""

    def __init__(self, facts: HybridFacts) -> None:
        self.facts = facts
        low, high = (np.array([getattr(item, end) for item in facts.given]) for end in ("low", "high"))
        self._low, self._span = low, high - low
        share = (np.array([item.start for item in facts.given]) - low) / np.where(high > low, high - low, 1.0)
        share = np.clip(share, NEAREST, 1 - NEAREST)
        self._begin = np.log(share / (1 - share))

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor."""
        facts = self.facts
        n_seen, n_corrected = len(facts.seen), len(facts.corrected)
        return {
            "seen_mean": (n_seen,),
            "seen_deviation": (n_seen,),
            "correction_scale": (n_corrected,),
            **self.learned_shapes,
        }

    @property
    def learned_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor that is learned."""
        facts = self.facts
        return layer_shapes(LAYERS, facts.members, (len(facts.seen), facts.width, facts.n_said))

    @property
    def n_weights(self) -> int:
        """How many weights a member has."""
        return sum(int(np.prod(shape[1:])) for shape in self.learned_shapes.values())

    def tensors(self, members: Array) -> dict[str, Array]:
        """Return the tensors of ``members`` (n_members, n_weights)."""
        found, begin = {}, 0
        for name, shape in self.learned_shapes.items():
            size = int(np.prod(shape[1:]))
            found[name] = members[:, begin : begin + size].reshape(len(members), *shape[1:])
            begin += size
        return found

    def say(self, weights: Array, z: Array) -> Said:
        """Return what one member says at scaled ``z`` (n_seen,)."""
        one = {name: value[0] for name, value in self.tensors(weights[None]).items()}
        first, second = one[f"{LAYERS}.0.weight"], one[f"{LAYERS}.1.weight"]
        hidden = np.tanh(z @ first + one[f"{LAYERS}.0.bias"][0])
        values = hidden @ second + one[f"{LAYERS}.1.bias"][0]
        inner = second.T * (1 - hidden**2)  # (n_said, width)
        by_first = (z[None, :, None] * inner[:, None, :]).reshape(len(values), -1)
        by_second = (hidden[None, :, None] * np.eye(len(values))[:, None, :]).reshape(len(values), -1)
        return Said(
            values, np.concatenate([by_first, inner, by_second, np.eye(len(values))], axis=1), inner @ first.T
        )  # fmt: skip

    def given(self, said: Array) -> Array:
        """Return the variables that it gives (…, n_given)."""
        return np.asarray(self._low + self._span / (1 + np.exp(-self._opened(said))))

    def slopes(self, said: Array) -> Array:
        """Return how these change with what it says (n_given,)."""
        share = 1 / (1 + np.exp(-self._opened(said)))
        return np.asarray(self._span * share * (1 - share))

    def _opened(self, said: Array) -> Array:
        return np.asarray(np.clip(said[..., : len(self._begin)] + self._begin, -50.0, 50.0))

    def dependences(self, tensors: Mapping[str, Array], low: Array, high: Array, middle: Array) -> list[dict[str, Any]]:
        """Return what each thing it says does over the range of each thing it sees, the others at ``middle``."""
        names = [*(item.name for item in self.facts.given), *self.facts.corrected]
        found = []
        for i, seen in enumerate(self.facts.seen):
            values = np.linspace(low[i], high[i], N_LEVELS)
            places = np.tile(middle, (N_LEVELS, 1))
            places[:, i] = values
            z = (places - tensors["seen_mean"]) / tensors["seen_deviation"]
            said = perceptron(np, tensors, LAYERS, z[None], 2)
            corrections = said[..., len(self._begin) :] * tensors["correction_scale"]
            told = np.concatenate([self.given(said), corrections], axis=-1)
            for j, name in enumerate(names):
                ends = {"mean": told[..., j].mean(0), "low": told[..., j].min(0), "high": told[..., j].max(0)}
                numbers = {key: part.tolist() for key, part in ends.items()}
                found.append({"said": name, "seen": seen, "values": values.tolist(), **numbers})
        return found

    def together(self, tensors: Mapping[str, Array], seen: Array) -> tuple[Array, Array, float]:
        """Return what is given, the corrections and how far the members disagree, at ``seen`` (n_seen,)."""
        z = (seen - tensors["seen_mean"]) / tensors["seen_deviation"]
        said = perceptron(np, tensors, LAYERS, z[None, None], 2)[:, 0]
        corrections = said[:, len(self._begin) :] * tensors["correction_scale"]
        return self.given(said).mean(0), corrections.mean(0), float(said.std(0).mean())
