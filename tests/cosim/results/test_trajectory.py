import numpy as np
import pytest

from cosim.clock import TICKS_PER_SECOND
from cosim.errors import ResultError, StructureError
from cosim.results import Trajectory


def _ramp(n=5, unit="m3"):
    ticks = np.arange(n, dtype=np.int64) * TICKS_PER_SECOND
    return Trajectory("tank.volume", ticks, np.arange(n, dtype=float), unit)


def test_helpers_on_a_ramp():
    ramp = _ramp()
    assert (ramp.final(), ramp.min(), ramp.max()) == (4.0, 0.0, 4.0)
    assert ramp.integral() == 8.0
    assert ramp.mean() == 2.0
    assert ramp.at(2.5) == 2.5
    assert ramp.at("3 s") == 3.0


def test_mean_is_weighted_by_time():
    uneven = Trajectory("x.y", np.array([0, 1, 10], dtype=np.int64) * TICKS_PER_SECOND, np.array([0.0, 0.0, 9.0]))
    assert uneven.mean() == pytest.approx(4.05)


def test_mean_of_a_single_sample_is_its_value():
    assert _ramp(1).mean() == 0.0


def test_conversion():
    litres = _ramp().to("L")
    assert litres.final() == 4000.0
    assert litres.unit == "L"
    with pytest.raises(StructureError, match="differ in dimension"):
        _ramp().to("kg")


def test_between_includes_both_ends():
    assert _ramp().between(1, 3).values.tolist() == [1.0, 2.0, 3.0]


def test_outside_the_record():
    with pytest.raises(ResultError, match=r"tank.volume has no value at 5 s: the record spans 0 s to 4 s"):
        _ramp().at(5)


@pytest.mark.parametrize("helper", ["final", "min", "max", "mean", "integral"])
def test_nothing_recorded(helper):
    with pytest.raises(ResultError, match=r"Nothing was recorded of tank\.volume"):
        getattr(_ramp(0), helper)()
