import numpy as np
import pytest

from cosim.algorithm.outlet import Outlet
from cosim.clock import Ticks


def make(**changes) -> Outlet:
    options = {
        "name": "a.out",
        "component": "a",
        "flow": 0,
        "temperature": None,
        "contents": np.array([1, 2]),
        "totals": np.zeros(3),
        "totals_of_species": None,
        "is_integrated": False,
        "rate": np.zeros(3),
    }
    return Outlet(**{**options, **changes})


def record(*points: tuple[int, float]) -> Outlet:
    outlet = make()
    for i, (time, total) in enumerate(points):
        outlet.totals[:] = total
        outlet.forget(Ticks(time)) if i == 0 else outlet.remember(Ticks(time))
    return outlet


def test_trapezoidal_rule_where_there_are_no_totals():
    outlet = make(is_integrated=True)
    assert outlet.needs_update
    outlet.update(np.array([2.0, 10.0, 0.0]), 0.0)
    assert outlet.totals.tolist() == [0.0, 0.0, 0.0]
    outlet.update(np.array([4.0, 20.0, 1.0]), 5.0)
    assert outlet.totals.tolist() == pytest.approx([15.0, 5.0 * 0.5 * (20.0 + 80.0), 5.0 * 0.5 * 4.0])


def test_totals_of_species_are_copied_and_summed():
    outlet = make(totals_of_species=np.array([3, 4]), is_liquid=False)
    outlet.update(np.array([0.0, 0.0, 0.0, 7.0, 2.0]), 1.0)
    assert outlet.totals.tolist() == [9.0, 7.0, 2.0]


def test_totals_in_other_units_are_converted():
    outlet = make(totals_of_species=np.array([3, 4, 5]), total_factors=np.array([3600.0, 1.0, 0.5]))
    assert outlet.needs_update
    outlet.update(np.array([0.0, 0.0, 0.0, 7.0, 2.0, 8.0]), 1.0)
    assert outlet.totals.tolist() == [25200.0, 2.0, 4.0]


def test_totals_between_communication_points():
    outlet = record((0, 0.0), (10, 5.0), (20, 25.0))
    assert [outlet.totals_at(Ticks(t))[0] for t in (5, 10, 15, 20)] == [2.5, 5.0, 15.0, 25.0]


def test_one_step_late_is_spread_over_the_following_step():
    outlet = record((0, 0.0), (10, 5.0))
    late = [outlet.totals_one_step_late(Ticks(10), Ticks(end), Ticks(20))[0] for end in (12, 15, 20)]
    assert late == [1.0, 2.5, 5.0]
    outlet.totals[:] = 25.0
    outlet.remember(Ticks(14))
    assert outlet.totals_one_step_late(Ticks(10), Ticks(12), Ticks(20))[0] == 2.5


def test_before_the_first_step_nothing_has_left():
    outlet = record((0, 3.0))
    assert outlet.totals_one_step_late(Ticks(0), Ticks(2), Ticks(10))[0] == 3.0


def test_trim_keeps_what_is_needed():
    outlet = record((0, 0.0), (10, 5.0), (20, 25.0))
    outlet.trim()
    assert outlet.times == [10, 20]
