"""An ensemble of small perceptrons, written once for numpy and torch: ``xp`` is either of the two modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cosim.surrogate.model import Array

Tensors = Mapping[str, Any]
"""Arrays by name: of numpy at run time, of torch in training."""


def layer_shapes(prefix: str, members: int, widths: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the weights and biases of a perceptron with ``widths`` from its inputs to its outputs."""
    shapes: dict[str, tuple[int, ...]] = {}
    for i in range(len(widths) - 1):
        shapes[f"{prefix}.{i}.weight"] = (members, widths[i], widths[i + 1])
        shapes[f"{prefix}.{i}.bias"] = (members, 1, widths[i + 1])
    return shapes


def random_layers(shapes: Mapping[str, tuple[int, ...]], random: np.random.Generator) -> dict[str, Array]:
    """Return weights to begin with; those of a last layer are small, so that a network begins near its mean."""
    last = {name.rsplit(".", 2)[0]: name for name in shapes if name.endswith(".weight")}
    made = {}
    for name, shape in shapes.items():
        if name.endswith(".bias"):
            made[name] = np.zeros(shape)
        else:
            scale = 0.1 if name in last.values() else 1.0
            made[name] = scale * random.standard_normal(shape) / np.sqrt(shape[1])
    return made


def perceptron(xp: Any, tensors: Tensors, prefix: str, features: Any, n_layers: int = 3) -> Any:
    """Return the outputs (members, n, n_outputs) for ``features`` (members or 1, n, n_inputs)."""
    for i in range(n_layers):
        features = xp.matmul(features, tensors[f"{prefix}.{i}.weight"]) + tensors[f"{prefix}.{i}.bias"]
        if i < n_layers - 1:
            features = xp.tanh(features)
    return features


def softplus(xp: Any, x: Any) -> Any:
    """Return log(1 + eˣ), without overflow."""
    return xp.log1p(xp.exp(-xp.abs(x))) + 0.5 * (x + xp.abs(x))
