"""Values become JSON and arrays, and are the same again."""

import json
import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosim.errors import CheckpointError
from cosim.execution.encoding import Decoder, Encoder
from cosim.execution.outcome import Happening


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Pair:
    left: object
    right: object


@dataclass
class Open:
    left: object


ANCHOR = object()
REFERENCES = {"anchor": ANCHOR}


def there_and_back(value):
    encoder = Encoder(REFERENCES)
    document = json.loads(json.dumps(encoder.encode(value), allow_nan=False))
    return Decoder(REFERENCES, encoder.arrays).decode(document)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
VALUES = st.recursive(
    PLAIN | st.just(Colour.RED) | st.just(ANCHOR),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.builds(Pair, inner, inner)
        | st.frozensets(st.integers())
        | st.sets(st.text())
    ),
)


@given(VALUES)
def test_values_come_back_equal_and_of_their_type(value):
    found = there_and_back(value)
    assert found == value
    assert Encoder(REFERENCES).encode(found) == Encoder(REFERENCES).encode(value), "1, 1.0 and True are equal"


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "u1", "bool"])
def test_arrays_come_back_bit_for_bit(dtype):
    values = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
    found = there_and_back({"a": values[:, ::2]})["a"]
    assert found.dtype == values.dtype
    assert np.array_equal(found, values[:, ::2])


def test_numbers_that_are_not_finite_come_back():
    assert math.isnan(there_and_back(math.nan))
    assert there_and_back((math.inf, -math.inf)) == (math.inf, -math.inf)
    found = there_and_back(np.float64("inf"))
    assert (type(found), found) == (np.float64, np.inf)


def test_references_become_those_of_the_reader():
    encoder = Encoder({"it": ANCHOR})
    other = object()
    assert Decoder({"it": other}, encoder.arrays).decode(encoder.encode([ANCHOR])) == [other]


@pytest.mark.parametrize("value", [object(), Open(1), lambda: 1, np.array([object()]), np.array(["text"]), 1j, len])
def test_what_cannot_be_written_is_named(value):
    with pytest.raises(CheckpointError, match=r"A checkpoint cannot hold a [\w.]+\. What an algorithm keeps"):
        Encoder({}).encode({"state": value})


@pytest.mark.parametrize(
    "document",
    [
        {"reference": "nobody"},
        {"array": 3},
        {"array": "0"},
        {"dataclass": ["os", "system", {"command": "true"}]},
        {"dataclass": ["subprocess", "Popen", {"args": "true"}]},
        {"dataclass": ["not_imported_yet", "Thing", {}]},
        {"dataclass": [Pair.__module__, "Open", {"left": 1}]},
        {"dataclass": [Happening.__module__, "Happening", {"text": 1}]},
        {"item": ["os", "path", "join"]},
        {"item": [Colour.__module__, "Colour", "BLUE"]},
        {"bytes": 7},
        {"float": "many"},
        {"mapping": [[[1], 2]]},
        {"unknown": 1},
        {"tuple": 1, "set": 2},
        {},
    ],
)
def test_nothing_is_run_that_a_file_names(document):
    with pytest.raises(CheckpointError, match="holds something that is not understood"):
        Decoder({}, []).decode(document)
