"""Files of weights: numbers in, the same numbers out, and sentences for what is no such file."""

import json

import numpy as np
import pytest

from cosim.errors import FmuError
from cosim.surrogate.weights import decode_weights, read_weights, write_weights

safetensors = pytest.importorskip("safetensors.numpy", reason="needs safetensors")


def test_they_come_back_bit_for_bit(tmp_path):
    path, numbers = tmp_path / "w.safetensors", np.array([[1.0, -0.0], [1e-300, np.pi]])
    write_weights(path, {"w": numbers})
    assert read_weights(path)["w"].tobytes() == numbers.tobytes()


def test_numbers_that_are_not_finite_are_refused():
    with pytest.raises(FmuError, match=r"Tensor 'w' in 'here' holds numbers that are not finite\. Train it again\."):
        decode_weights(safetensors.save({"w": np.array([np.nan])}), "here")


def test_another_type_is_refused():
    with pytest.raises(FmuError, match=r"Tensor 'w' in 'here' holds float32 where float64 is meant\."):
        decode_weights(safetensors.save({"w": np.zeros(2, dtype=np.float32)}), "here")


def header(document: object) -> bytes:
    text = json.dumps(document).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 8,
        b"\x80\x04\x95pickle",
        header({"w": {"dtype": "F64", "shape": [1 << 40, 1 << 40], "data_offsets": [0, 8]}}) + bytes(8),
        header({"w": {"dtype": "F64", "shape": [2], "data_offsets": [0, 800]}}) + bytes(8),
    ],
    ids=["empty", "long header", "pickle", "overflow", "beyond the end"],
)
def test_what_is_no_such_file_is_refused(data):
    with pytest.raises(FmuError, match="'here' is no file of weights: "):
        decode_weights(data, "here")
