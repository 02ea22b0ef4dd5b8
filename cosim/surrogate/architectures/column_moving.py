"""How the proteins of a column move in a step: shares that a network says, over a prior of flow and of particles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from cosim.surrogate.architectures.column_facts import ColumnFacts
from cosim.surrogate.architectures.column_state import Bed
from cosim.surrogate.model import Array
from cosim.surrogate.network import Tensors, layer_shapes, perceptron

SIGHT: Final = 6
"""Slices downstream that the network sees."""
SMALL: Final = 0.01
"""Share of the largest amount below which the network sees it enlarged."""
WIDTH_OF_LIQUID: Final = 32
KEEPS: Final = 2.0
LETS_GO: Final = -4.0
"""Logits of the prior: of staying in the particles of a slice, and of leaving them."""
_N_LAYERS: Final = 3
_TINY: Final = 1e-300
_LEAST_VOLUME: Final = 1e-12
"""[m3] added to what enters in a step, so that nothing is divided by zero."""


class Movement:
    """What a network says of a column with these ``facts``, and what follows; ``xp`` is numpy or torch."""

    def __init__(self, facts: ColumnFacts) -> None:
        self.facts = facts
        n, reach = facts.n_slices, facts.reach
        slices, steps = np.arange(n)[:, None], np.arange(reach + 1)[None, :]
        self._window = np.minimum(slices + np.arange(-1, SIGHT + 1)[None, :], n - 1) + 1
        source = slices - steps
        self._from = np.where(source < 0, n * (reach + 1), source * (reach + 1) + steps)
        self._out = np.flatnonzero(slices + steps >= n)

    @property
    def n_features(self) -> int:
        """How many numbers the network sees of a slice."""
        n_proteins = len(self.facts.proteins)
        return self.place_of_flow + 1 + 2 * n_proteins + self.facts.n_parameters

    @property
    def place_of_flow(self) -> int:
        """Where the flow stands among them; the parameters are the last."""
        return (SIGHT + 2) * (4 * len(self.facts.proteins) + 2)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes of what is learned."""
        facts = self.facts
        width, n_out = facts.width, len(facts.proteins) * 2 * (facts.reach + 1)
        moving = layer_shapes("moving", facts.members, (self.n_features, width, width, 2 * n_out))
        entering = layer_shapes("entering", facts.members, (self.n_features, width, width, n_out))
        sizes = (2 * len(facts.ions), WIDTH_OF_LIQUID, WIDTH_OF_LIQUID, len(facts.told))
        return moving | entering | layer_shapes("liquid", facts.members, sizes)

    def constants(self) -> dict[str, Array]:
        """Return what the prior is made of, and which share of a slice is in which tank."""
        facts = self.facts
        halves = np.arange(2 * facts.n_slices)
        shares = np.zeros((facts.n_tanks, facts.n_slices))
        np.add.at(shares, (halves * facts.n_tanks // len(halves), halves // 2), 0.5)
        offsets = np.arange(facts.reach + 1, dtype=np.float64)
        return {"offsets": offsets, "staying": np.where(offsets > 0, LETS_GO, KEEPS), "tank_of_slice": shares}

    def liquid(self, xp: Any, tensors: Tensors, ions: Any) -> Any:
        """Return what the liquid is like (members, batch, n, n_told), over deviations; ``ions`` (1, batch, n, …)."""
        c = ions / tensors["ion_scale"]
        features = xp.concatenate([c, xp.arcsinh(c / SMALL) / 5.0], -1)
        flat = features.reshape(len(features), -1, features.shape[-1])
        return perceptron(xp, tensors, "liquid", flat, _N_LAYERS).reshape(
            -1, *features.shape[1:-1], len(self.facts.told)
        )

    def profile(self, xp: Any, tensors: Tensors, liquid: Any) -> Any:
        """Return the pH of each slice (members, batch, n_slices, 1), over its deviation, from that of the tanks."""
        acidity = liquid[..., :1]
        return xp.swapaxes(xp.matmul(xp.swapaxes(acidity, -1, -2), tensors["tank_of_slice"]), -1, -2)

    def _features(self, xp: Any, tensors: Tensors, parts: Mapping[str, Any]) -> Any:
        """Return what the network sees of each slice (…, n_slices, n_features).

        ``parts``: amounts (…, n_proteins, 2, n_slices), entering (…, n_proteins), volume (…, 1), before and after,
        which are pH (…, n_slices, 1), and parameters (…, n).
        """
        facts, amounts = self.facts, parts["amounts"]
        scaled = amounts / tensors["amount_scale"]
        arriving = (
            parts["entering"]
            / (parts["volume"] + _LEAST_VOLUME)
            * tensors["volumes"][1]
            / tensors["amount_scale"][:, 0, 0]
        )
        own = xp.swapaxes(scaled.reshape(*scaled.shape[:-3], -1, facts.n_slices), -1, -2)
        first = own[..., :1, :]
        upstream = xp.concatenate(
            [
                part
                for i in range(len(facts.proteins))
                for part in (arriving[..., None, i : i + 1], first[..., 2 * i + 1 : 2 * i + 2])
            ],
            -1,
        )
        linear = xp.concatenate([upstream, own], -2)
        acidity = xp.concatenate([parts["before"], parts["after"]], -1)
        acidity = xp.concatenate([acidity[..., :1, :], acidity], -2)
        channels = xp.concatenate([linear, xp.arcsinh(linear / SMALL) / 5.0, acidity], -1)
        seen = channels[..., self._window, :]
        seen = seen.reshape(*seen.shape[:-2], -1)
        around = xp.concatenate(
            [
                parts["volume"] / tensors["volumes"][1],
                arriving,
                xp.arcsinh(arriving / SMALL) / 5.0,
                parts["parameters"],
            ],
            -1,
        )
        around = around[..., None, :] + xp.zeros_like(seen[..., :1])
        features = xp.concatenate([seen, around], -1)
        return (features - tensors["feature_mean"]) / tensors["feature_deviation"]

    def _prior(self, xp: Any, tensors: Tensors, passed: Any) -> tuple[Any, Any]:
        """Return logits (…, 2, 2, reach + 1) of what is in a slice, and (…, 2, reach + 1) of what enters."""
        apart = tensors["offsets"] - passed
        beyond = apart - 0.3
        far = -2.0 * (beyond + xp.abs(beyond)) / (0.5 + 0.4 * xp.sqrt(passed + 1e-6))
        flowing = -apart * apart / (0.2 + 0.8 * passed)
        liquid = xp.stack([flowing, far], -2)
        particles = xp.stack([far + LETS_GO, far + tensors["staying"]], -2)
        return xp.stack([liquid, particles], -3), xp.stack([far, far], -2)

    def shares(self, xp: Any, tensors: Tensors, parts: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return shares of each slice (members, batch, n_slices, n_proteins, 2, 2, reach + 1) and of what enters."""
        facts = self.facts
        n_proteins, reach = len(facts.proteins), facts.reach
        features = self._features(xp, tensors, parts)
        lead = features.shape[:2]
        flat = features.reshape(lead[0], -1, features.shape[-1])
        moving = perceptron(xp, tensors, "moving", flat, _N_LAYERS)
        moving = moving.reshape(-1, lead[1], facts.n_slices, n_proteins, 2, 2, reach + 1)
        entering = perceptron(xp, tensors, "entering", features[..., 0, :], _N_LAYERS)
        entering = entering.reshape(-1, lead[1], n_proteins, 2, reach + 1)
        inside, coming = self._prior(xp, tensors, parts["volume"] / tensors["volumes"][1])
        moving = xp.exp(moving + inside[..., None, None, :, :, :])
        entering = xp.exp(entering + coming[..., None, :, :])
        return moving / moving.sum((-1, -2))[..., None, None], entering / entering.sum((-1, -2))[..., None, None]

    def move(self, xp: Any, amounts: Any, entering: Any, shares: tuple[Any, Any]) -> tuple[Any, Any]:
        """Return amounts (…, n_proteins, 2, n_slices) after a step and what left (…, n_proteins)."""
        facts = self.facts
        x = xp.swapaxes(xp.swapaxes(amounts, -1, -2), -2, -3)
        moved = (x[..., None, None] * shares[0]).sum(-3)
        moved = xp.swapaxes(xp.swapaxes(moved, -4, -3), -3, -2)
        flat = moved.reshape(*moved.shape[:-2], -1)
        padded = xp.concatenate([flat, xp.zeros_like(flat[..., :1])], -1)
        after = padded[..., self._from].sum(-1)
        come = entering[..., None, None] * shares[1]
        rest = xp.zeros_like(after[..., facts.reach + 1 :])
        return after + xp.concatenate([come, rest], -1), flat[..., self._out].sum(-1).sum(-1)

    def ride(self, bed: Bed, entered: Any, shares: tuple[Any, Any]) -> tuple[Any, Any]:
        """Return what rides on the product in each slice (…, n_slices, n) after a step, and what left with it."""
        facts = self.facts
        product = bed.proteins[..., 0, :, :]
        weights = np.swapaxes(product, -1, -2) / (product.sum(-2)[..., None] + _TINY)
        along = (weights[..., None] * shares[0][..., 0, :, :, :].sum(-2)).sum(-2)
        riding = list(facts.riding)
        arriving = entered[..., riding] * facts.riding_shares
        x = np.swapaxes(bed.riding, -1, -2)
        staying = np.concatenate([1.0 - along[..., 1:].sum(-1, keepdims=True), along[..., 1:]], -1)
        moved = x[..., None] * staying[..., None, :, :]
        flat = moved.reshape(*moved.shape[:-2], -1)
        padded = np.concatenate([flat, np.zeros_like(flat[..., :1])], -1)
        after = padded[..., self._from].sum(-1)
        come = arriving[..., None] * shares[1][..., 0, :, :].sum(-2)[..., None, :]
        after = after + np.concatenate([come, np.zeros_like(after[..., facts.reach + 1 :])], -1)
        return np.swapaxes(after, -1, -2), flat[..., self._out].sum(-1)


def per_member(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Give every part the members that the pH has."""
    members = parts["before"].shape[0]
    return {
        name: value if value.shape[0] == members else np.broadcast_to(value, (members, *value.shape[1:]))
        for name, value in parts.items()
    }
