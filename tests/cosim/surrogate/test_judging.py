"""Bands by split conformal prediction, domains, and what follows from what."""

import numpy as np
import pytest

from cosim.surrogate.domain import find_domain
from cosim.surrogate.judging import conformal_half_widths
from cosim.surrogate.readouts import Teller, find_readout


def test_half_widths_are_the_right_order_statistic():
    worst = np.arange(1.0, 20.0)[:, None]  # 19 runs: the ⌈20 · 0.9⌉ = 18th
    assert conformal_half_widths(worst, 0.9) == [18.0]
    assert conformal_half_widths(worst[:3], 0.9) == [3.0]


def test_bands_cover_new_runs_as_often_as_they_say():
    random = np.random.default_rng(1)
    inside = [
        random.exponential() <= conformal_half_widths(random.exponential(size=(39, 1)), 0.9)[0] for _ in range(2000)
    ]
    assert np.mean(inside) == pytest.approx(0.9, abs=0.02)


def domain():
    random = np.random.default_rng(2)
    x = random.uniform(0, 1, (500, 1))
    learned = np.concatenate([x, 10 * x + random.normal(0, 0.1, (500, 1)), np.full((500, 1), 4.0)], -1)
    return find_domain(("a", "b", "fixed"), learned, learned, np.array([0.1, 0.2]))


def test_inside_is_inside():
    assert domain().why_outside(np.array([0.5, 5.0, 4.0]), 0.1) == ""


@pytest.mark.parametrize(
    ("point", "spread", "why"),
    [
        ([1.2, 10.0, 4.0], 0.1, r"^a is 1\.2, and it was trained from 0\.003187 to 1"),
        ([0.5, 5.0, 4.1], 0.1, r"^fixed is 4\.1, and it was trained from 4 to 4"),
        ([0.1, 9.0, 4.0], 0.1, r"^its distance from the training data is"),
        ([0.5, 5.0, 4.0], 0.4, r"^its members disagree by 0\.4 deviations, and 0\.3 are allowed"),
        ([np.nan, 5.0, 4.0], 0.1, r"^a is nan"),
        ([0.5, 5.0, 4.0], np.nan, r"^its members disagree by nan"),
    ],
    ids=["range", "fixed", "correlation", "spread", "no number", "no spread"],
)
def test_outside_is_told_with_its_reason(point, spread, why):
    import re

    assert re.search(why, domain().why_outside(np.array(point), spread))


def test_coming_back_asks_for_more():
    place = np.array([domain().high[0] * 1.045, 10.4, 4.0])
    assert domain().why_outside(place, 0.1) == ""
    assert domain().why_outside(place, 0.1, tightness=0.8).startswith("a is ")


def test_readouts_are_found_by_their_numbers():
    random = np.random.default_rng(3)
    quantities = random.uniform(1, 2, (4, 50, 3))
    a, b, c = np.moveaxis(quantities, -1, 0)
    start = np.repeat(random.uniform(1, 2, (4, 1)), 50, axis=1)
    columns = {"seven": np.full((4, 50), 7.0), "start": start, "c": c, "ratio": a / b, "share": b / (b + c),
               "learned": np.sin(a)}  # fmt: skip
    found = [find_readout(name, values, quantities) for name, values in columns.items()]
    assert [item.kind for item in found] == ["constant", "slot", "quantity", "ratio", "share", "learned"]
    told = Teller(found).tell(quantities[:, 9], start[:, :1], np.sin(a[:, 9:10]))
    np.testing.assert_allclose(told, np.stack([values[:, 9] for values in columns.values()], -1), rtol=1e-12)


def test_a_ratio_over_nothing_is_what_it_was_there():
    quantities = np.random.default_rng(3).uniform(1, 2, (2, 30, 2))
    quantities[:, 0] = 0.0
    values = np.divide(quantities[..., 0], quantities[..., 1], where=quantities[..., 1] > 0, out=np.full((2, 30), 0.25))
    found = find_readout("y", values, quantities)
    assert (found.kind, found.value) == ("ratio", 0.25)
    assert Teller([found]).tell(np.zeros((1, 2)), np.empty((1, 0)), np.empty((1, 0)))[0, 0] == 0.25
