"""Every operation of a program as ONNX gives what numpy gives, for each unit of a batch."""

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="needs onnxruntime")
import onnxruntime
from traced import CASES, SHAPES

from cosim.surrogate.program.builder import Builder
from cosim.surrogate.program.onnx_model import write_onnx
from cosim.surrogate.program.traced import Traced


@pytest.mark.parametrize("case", CASES, ids=str)
def test_onnx_gives_what_numpy_gives(case):
    builder = Builder()
    traced = {
        name: Traced(builder, builder.input(name, int(np.prod(shape))).reshape(shape)) for name, shape in SHAPES.items()
    }
    program = builder.finish({"found": CASES[case](**traced).places})
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        write_onnx([program], name="it", properties={}), options, providers=["CPUExecutionProvider"]
    )
    random = np.random.default_rng(1)
    batch = {name: random.standard_normal((3, *shape)) for name, shape in SHAPES.items()}
    given = {item.name for item in session.get_inputs()}
    (found,) = session.run(None, {name: value.reshape(3, -1) for name, value in batch.items() if name in given})
    for i in range(3):
        expected = np.asarray(CASES[case](**{name: value[i] for name, value in batch.items()}), dtype=float)
        np.testing.assert_allclose(found[i], expected.ravel(), rtol=1e-11, atol=1e-13)
