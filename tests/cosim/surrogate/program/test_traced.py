"""Whatever numpy is asked to do with traced arrays, C gives the same numbers."""

import numpy as np
import pytest
from traced import CASES, RANDOM, SHAPES

from cosim.surrogate.program.builder import Builder
from cosim.surrogate.program.machine import Machine, load_machine
from cosim.surrogate.program.traced import Traced


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


def test_constants_without_numbers_take_no_place():
    def use(x):
        return np.tanh(np.concatenate([np.empty((1, 0)), x * np.array([2.0, 3.0])], -1))

    values = {"x": np.array([[1.0, -1.0]])}
    np.testing.assert_allclose(run(use, values), use(**values))


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
