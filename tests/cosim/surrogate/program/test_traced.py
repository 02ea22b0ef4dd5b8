"""Whatever numpy is asked to do with traced arrays, C gives the same numbers."""

import numpy as np
import pytest

from cosim.surrogate.program.builder import Builder
from cosim.surrogate.program.machine import Machine, load_machine
from cosim.surrogate.program.traced import Traced

RANDOM = np.random.default_rng(0)
SHAPES = {"x": (3, 4), "y": (2, 3, 4), "z": (4,)}
WEIGHTS = RANDOM.standard_normal((2, 4, 5))
TABLE = RANDOM.standard_normal((4, 6))


def run(use, values):
    """Write the program of ``use``, and run it with ``values``."""
    library = load_machine()
    if library is None:
        pytest.skip("needs a C compiler")
    builder = Builder()
    traced = {}
    for name, value in values.items():
        traced[name] = Traced(builder, builder.input(name, value.size).reshape(value.shape))
    found = use(**traced)
    machine = Machine(library, builder.finish({"found": found.places}))
    for name, value in values.items():
        machine.inputs[name][:] = value.ravel()
    machine.run()
    return machine.outputs["found"].reshape(found.shape)


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


@pytest.mark.parametrize("case", CASES, ids=str)
def test_c_gives_what_numpy_gives(case):
    values = {name: RANDOM.standard_normal(shape) for name, shape in SHAPES.items()}
    expected = np.asarray(CASES[case](**values), dtype=float)
    found = run(CASES[case], values)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-14)


def test_nan_stays_nan():
    values = {"x": np.array([np.nan, 1.0]), "y": np.array([1.0, np.nan])}
    assert np.isnan(run(lambda x, y: np.maximum(x, y), values)).all()
    assert np.isnan(run(lambda x, y: np.minimum(x, y), values)).all()


def test_what_is_computed_twice_is_written_once():
    builder = Builder()
    x = Traced(builder, builder.input("x", 3))
    program = builder.finish({"y": (np.tanh(x) + np.tanh(x)).places})
    assert len(program.instructions) == 2


def test_what_nobody_reads_is_left_out():
    builder = Builder()
    x = Traced(builder, builder.input("x", 3))
    np.exp(x + np.arange(3.0))
    program = builder.finish({"y": (x + 1.0).places})
    assert len(program.instructions) == 1
    assert program.size == 3 + 1 + 3


def test_a_step_may_not_decide_by_a_number():
    builder = Builder()
    x = Traced(builder, builder.input("x", 1))
    with pytest.raises(TypeError, match="may not decide by a number"):
        bool(x > 0)


def test_a_step_may_not_leave_the_trace():
    builder = Builder()
    x = Traced(builder, builder.input("x", 1))
    with pytest.raises(TypeError, match=r"leave out np\.asarray"):
        np.asarray(x)


def test_a_function_that_is_not_known_is_refused():
    builder = Builder()
    x = Traced(builder, builder.input("x", 3))
    with pytest.raises(TypeError, match="fft"):
        np.fft.fft(x)
