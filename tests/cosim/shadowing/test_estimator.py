"""Which filter estimates, and what it makes of the noise of sensors."""

import pytest

from cosim.live.estimation_section import EstimationSection
from cosim.live.tag import Tag, Use
from cosim.shadowing.estimating import Sensor
from cosim.shadowing.estimator import is_unscented, n_members
from cosim.units import conversion


@pytest.mark.parametrize(
    ("section", "n", "expected"),
    [
        (EstimationSection(), 1, 3),
        (EstimationSection(), 20, 41),
        (EstimationSection(), 21, 100),
        (EstimationSection(members=40), 3, 40),
        (EstimationSection(filter="ensemble"), 3, 100),
        (EstimationSection(filter="ensemble", members=25), 30, 25),
        (EstimationSection(filter="unscented"), 30, 61),
    ],
)
def test_few_are_estimated_by_members_placed_on_purpose(section, n, expected):
    assert n_members(section, n) == expected
    assert is_unscented(section, n) is (expected == 2 * n + 1)


def test_a_share_of_a_temperature_is_one_of_what_is_shown():
    """4 % of 25 degC is 1 K, not 4 % of 298 K; of a concentration it depends on what there is."""
    temperature = Sensor(Tag("T1", None, "degC", Use.MEASURES, "a.T", "", 1), "a.T", conversion("degC", "K"), 0.0, 0.04)
    assert temperature.read(25.0) == pytest.approx((298.15, 1.0, 0.0))
    titre = Sensor(Tag("L1", None, "g/L", Use.SAMPLES, "a.c", "", 1), "a.c", conversion("g/L", "g/m3"), 100.0, 0.04)
    assert titre.read(2.0) == pytest.approx((2000.0, 1e4, 0.0016))
