"""A pool in which things stay longer, from two runs: begun with the pool that is known, and from scratch."""

import numpy as np
import pytest
from pooled import TRAINING

from cosim.errors import CosimError
from cosim.substitution.teaching import train
from cosim.surrogate.package import read_package

TRANSFER = "transfer: {from: surrogates/pool, layers: [map.0]}\nstep:"
CLONE = (
    ("surrogate: pool", "surrogate: clone"),
    ("{name: static_map, memory: 3, members: 2, width: 16, iterations: 1500}", "{name: static_map, iterations: 400}"),
    ("step:", TRANSFER),
    ("{train: 24, validate: 8, test: 8}", "{train: 2, validate: 4, test: 8}"),
    ("duration: 5 h", "duration: 100 min"),
    ("inputs:", "parameters: {tau: 200 s}\ninputs:"),
)


def taught(project, name, *changes):
    text = TRAINING
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = project / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return train(path, out=project / "surrogates" / name, workers=0)


@pytest.fixture(scope="module")
def clone(project):
    return taught(project, "clone", *CLONE)


def test_two_runs_of_a_clone_are_worth_more_than_alone(project, clone):
    scratch = taught(
        project, "scratch", *(item for item in CLONE if item[1] != TRANSFER and "iterations" not in item[1]),
        ("iterations: 1500", "iterations: 400"),
    )  # fmt: skip
    figure = "NRMSE, median"
    assert clone.metrics[figure] < 0.04
    assert clone.metrics[figure] < 0.5 * scratch.metrics[figure]


def test_only_the_named_layers_have_changed(project, clone):
    before, after = read_package(project / "surrogates" / "pool"), clone.package
    changed = {name for name in before.tensors if not np.array_equal(before.tensors[name], after.tensors[name])}
    assert changed == {"map.0.weight", "map.0.bias"}
    assert after.document["training"]["transfer"]["sha256"] == before.sha256
    assert after.document["calibration"]["level"] == pytest.approx(4 / 5)  # four runs can tell no more
    for name, (low, high) in before.document["domain"]["coordinates"].items():
        theirs = after.document["domain"]["coordinates"][name]
        assert theirs[0] <= low, name  # what was learned before holds there
        assert theirs[1] >= high, name
    assert "Begun with" in (after.folder / "card.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("layers: [map.0]", "layers: [map.3]", "'layers' names 'map.3', and 'pool' has map.0, map.1, map.2"),
        ("from: surrogates/pool", "from: surrogates/pol", "There is no surrogate"),
        ("step: 5 min", "step: 6 min", "takes steps of 300 s, and 'step' is 360 s"),
        ("tau: 200 s", "tau: {from: 90 s, to: 250 s}", "other parameters that vary: none there, tau in this file"),
        (", iterations: 400", ", width: 8", "'width' comes from the package of 'transfer'"),
        (", layers: [map.0]", "", "'transfer' has a package and layers"),
    ],
)
def test_what_does_not_fit_is_told(project, before, after, why):
    with pytest.raises(CosimError) as caught:
        taught(project, "wrong", *CLONE, (before, after))
    assert why in str(caught.value)
