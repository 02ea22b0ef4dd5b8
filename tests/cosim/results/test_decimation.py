import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosim.results.decimation import keep_extremes


def test_few_samples_are_all_kept():
    assert keep_extremes(np.zeros(10), 10).tolist() == list(range(10))


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=1, max_size=400), st.integers(3, 60))
def test_extremes_and_ends_are_kept(values, n_points):
    array = np.array(values)
    kept = keep_extremes(array, n_points)
    assert np.all(np.diff(kept) > 0)
    assert kept[0] == 0
    assert kept[-1] == len(array) - 1
    finite = array[np.isfinite(array)]
    if len(finite):
        assert np.max(finite) in array[kept]
        assert np.min(finite) in array[kept]


@pytest.mark.parametrize("place", [1, 4321, 99_998])
def test_a_lone_spike_survives(place):
    values = np.zeros(100_000)
    values[place] = 1.0
    kept = keep_extremes(values, 300)
    assert place in kept
    assert len(kept) <= 310
