"""The component in which a difference begins."""

import numpy as np
from regression_records import curve, record

from cosim.regression.comparison import compare
from cosim.regression.tolerance import Rules, Tolerance

S = 1_000_000_000
FLOW = (("feed", "tank"), ("tank", "column"), ("column", "pool"))
RULES = Rules(Tolerance(relative=1e-2, reach=0))


def run(models=None, **late):
    """Signals that grow with time; those named differ by their value from then on."""
    curves = []
    for name in ("pool", "column", "tank", "feed"):
        values = np.linspace(0.0, 1.0, 21)
        begin, by = late.get(name, (0, 0.0))
        values[begin:] += by
        curves.append(curve(values, name=f"{name}.x", unit="1"))
    return record(*curves, flow=FLOW, models=models or {})


def test_the_component_that_differs_first():
    found = compare(run(), run(tank=(5, 0.1), column=(8, 0.5), pool=(9, 0.5)), RULES).culprit
    assert (found.component, found.signal, found.time) == ("tank", "tank.x", 5 * S)
    assert found.text.startswith("tank: tank.x differs first, at 5 s")


def test_of_those_that_begin_together_the_one_that_feeds_the_others():
    assert compare(run(), run(pool=(5, 0.9), column=(5, 0.5), tank=(5, 0.1)), RULES).culprit.component == "tank"


def test_one_that_multiplies_what_it_is_fed_is_not_blamed():
    found = compare(run(), run(tank=(5, 0.005), column=(6, 0.5)), RULES).culprit
    assert found.component == "tank"


def test_it_says_whether_its_model_has_changed():
    before, after = run({"tank": "a"}), run({"tank": "b"}, tank=(5, 0.1))
    assert "its model has changed" in compare(before, after, RULES).culprit.text
    assert "its model is the same" in compare(before, run({"tank": "a"}, tank=(5, 0.1)), RULES).culprit.text


def test_without_a_failure_there_is_none():
    assert compare(run(), run(tank=(5, 0.005)), RULES).culprit is None


def test_a_loop_is_no_obstacle():
    loop = (("tank", "column"), ("column", "tank"))
    before = record(*run().curves.values(), flow=loop)
    after = record(*run(column=(3, 0.5), tank=(9, 0.5)).curves.values(), flow=loop)
    assert compare(before, after, RULES).culprit.component == "column"
