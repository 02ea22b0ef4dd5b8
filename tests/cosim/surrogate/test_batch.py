"""A step as an ONNX model: any number of units at once, the numbers of numpy."""

import json
import sys

import numpy as np
import pytest
from taught import packaged

from cosim.errors import StudyError
from cosim.surrogate.batch import BatchStepper, onnx_model
from cosim.surrogate.package import read_package

pytest.importorskip("onnxruntime", reason="needs onnxruntime")
import onnx


@pytest.fixture
def package(tmp_path):
    return read_package(packaged(tmp_path / "package"))


@pytest.mark.parametrize("n", [1, 7])
def test_a_batch_gives_what_numpy_gives(package, n):
    model, tensors, batch = package.model, package.tensors, BatchStepper(package)
    parameters = np.empty((n, 0))
    inputs = np.random.default_rng(0).random((n, 5, 1))
    state = model.begin(tensors, parameters)
    np.testing.assert_array_equal(batch.begin(parameters), state)
    expected = []
    for k in range(5):
        state = model.advance(tensors, state, inputs[:, k], parameters, 60.0).state
        expected.append(model.outputs(tensors, state, inputs[:, k], parameters))
    np.testing.assert_allclose(batch.roll_out(parameters, inputs), np.stack(expected, 1), rtol=1e-12)


def test_the_model_says_what_its_columns_are(package):
    model = onnx.load_from_string(onnx_model(package))
    facts = {item.key: item.value for item in model.metadata_props}
    assert json.loads(facts["inputs"]) == ["u"]
    assert json.loads(facts["state"]) == list(package.model.state_names)
    assert facts["package"] == package.sha256
    assert float(facts["step"]) == 60.0
    assert {item.name for item in model.graph.output} >= {"next_state", "outputs", "spread", "excess", "start_state"}


def test_what_is_missing_is_named(package, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(StudyError, match=r"pip install 'bioprocess-cosim\[onnx\]'"):
        BatchStepper(package)
