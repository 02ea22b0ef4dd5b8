"""What a step of a surrogate may ask numpy for, as functions of three arrays."""

import numpy as np

RANDOM = np.random.default_rng(0)
SHAPES = {"x": (3, 4), "y": (2, 3, 4), "z": (4,)}
WEIGHTS = RANDOM.standard_normal((2, 4, 5))
TABLE = RANDOM.standard_normal((4, 6))


def written(x, z):
    new = x.copy()
    new[:, 1:3] = x[:, :2]
    new[:, 0] += z[:3]
    new[1:, -1:] *= 2.0
    part = new[2:]
    part[:, :1] += 1.0  # a view: what is written into it is written into the whole
    return new


CASES = {
    "elementwise": lambda x, y, z: np.tanh(x) + np.exp(-np.abs(y)) * z - np.arcsinh(x) / (1.0 + y * y),
    "logarithms": lambda x, y, z: np.log(np.abs(y) + 1.0) + np.log1p(z**2) - np.expm1(-np.abs(x)) + np.sqrt(x * x),
    "choices": lambda x, y, z: np.where(y > z, np.minimum(x, 0.1), np.maximum(z, -0.2)),
    "comparisons": lambda x, y, z: (x >= 0) + 2.0 * (x < z) + 3.0 * (y <= x) + (x == x) - (z != 0.5),
    "logic": lambda x, y, z: np.logical_and(x > 0, z > 0) + 2.0 * np.logical_or(x > 0, np.logical_not(z > 0)),
    "product of members": lambda x, y, z: np.matmul(y, WEIGHTS),
    "product with shared rows": lambda x, y, z: np.matmul(x[None], WEIGHTS) + TABLE[0, :1],
    "product with shared weights": lambda x, y, z: y @ TABLE,
    "product of constants with it": lambda x, y, z: TABLE.T @ x.T,
    "reductions": lambda x, y, z: y.sum(0) + y.mean((0, 1)) + x.max(-1, keepdims=True) - y.std(0) + x.min(),
    "numpy's reductions": lambda x, y, z: np.sum(y, axis=0) + np.mean(y, 0) + np.max(x, -1, keepdims=True),
    "moves": lambda x, y, z: np.concatenate([np.tile(x, 2), np.roll(x, 1, axis=1), x[:, [3, 0]], np.ones((3, 1))], -1),
    "joins": lambda x, y, z: np.stack([x[0], z, np.flip(z)]) + np.broadcast_to(z, (3, 4)),
    "sums on the way": lambda x, y, z: np.cumsum(x, axis=1) + np.cumsum(y, 0)[1],
    "differences": lambda x, y, z: np.diff(x, axis=0) - np.diff(y, axis=1)[0],
    "limits": lambda x, y, z: np.clip(x, -0.5, None) + np.clip(z, None, 0.5) + np.zeros_like(x) + 2.0 * np.ones_like(x),
    "softmax": lambda x, y, z: np.exp(y - y.max(-1, keepdims=True)) / np.exp(y - y.max(-1, keepdims=True)).sum(
        -1, keepdims=True
    ),
    "writing": lambda x, y, z: written(x, z),
    "shapes": lambda x, y, z: np.swapaxes(y, 0, 2).reshape(4, 6) + x.T.reshape(-1)[:6],
    "nothing": lambda x, y, z: np.concatenate([x[:, :0], np.empty((3, 0)), x], -1),
}  # fmt: skip
